//! Writes files on a background thread, since syncing a file to a busy disk can take as long as
//! many training steps.
//!
//! A single thread runs the jobs in the order in which they were submitted. If a checkpoint exists,
//! so do all snapshots that were submitted before it.

use std::{
    panic,
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use crate::error::TrainError;

/// Number of jobs that may wait. When a slow disk lets the queue fill up, the training waits, so
/// that memory use stays bounded.
const QUEUE_CAPACITY: usize = 4;

type Job = Box<dyn FnOnce() -> Result<(), TrainError> + Send>;
type Running = (SyncSender<Job>, JoinHandle<Result<(), TrainError>>);

/// Runs jobs in order on its own thread, until one fails.
///
/// All submitted jobs are done when [`wait`](Self::wait) or the drop returns.
#[derive(Debug, Default)]
pub struct Writer {
    running: Option<Running>,
}

impl Writer {
    /// Queues `job`; waits only if the queue is full.
    ///
    /// # Errors
    ///
    /// The error of an earlier job.
    pub fn submit(
        &mut self,
        job: impl FnOnce() -> Result<(), TrainError> + Send + 'static,
    ) -> Result<(), TrainError> {
        let (queue, _) = self.running.get_or_insert_with(start);
        match queue.send(Box::new(job)) {
            Ok(()) => Ok(()),
            // The thread has ended because a job failed, and returns its error.
            Err(_) => self.wait(),
        }
    }

    /// Waits until all jobs are done.
    ///
    /// # Errors
    ///
    /// The error of the job that failed.
    ///
    /// # Panics
    ///
    /// With the panic of a job.
    pub fn wait(&mut self) -> Result<(), TrainError> {
        let Some((queue, thread)) = self.running.take() else { return Ok(()) };
        drop(queue);
        thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Jobs are left only when the training has failed, and its error is the one to report.
        if let Some((queue, thread)) = self.running.take() {
            drop(queue);
            let _ = thread.join();
        }
    }
}

fn start() -> Running {
    let (queue, jobs) = sync_channel::<Job>(QUEUE_CAPACITY);
    (queue, thread::spawn(move || jobs.into_iter().try_for_each(|job| job())))
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use super::*;

    #[test]
    fn all_jobs_are_done_in_order_after_waiting_and_after_a_drop() {
        let done = Arc::new(Mutex::new(Vec::new()));
        let job = |number: usize| {
            let done = done.clone();
            move || {
                thread::sleep(Duration::from_millis(5));
                done.lock().unwrap().push(number);
                Ok(())
            }
        };
        let mut writer = Writer::default();
        for number in 0..2 * QUEUE_CAPACITY {
            writer.submit(job(number)).unwrap();
        }
        writer.wait().unwrap();
        writer.wait().unwrap();
        assert_eq!(*done.lock().unwrap(), Vec::from_iter(0..2 * QUEUE_CAPACITY));
        writer.submit(job(2 * QUEUE_CAPACITY)).unwrap();
        drop(writer);
        assert_eq!(done.lock().unwrap().len(), 2 * QUEUE_CAPACITY + 1);
    }

    #[test]
    fn the_error_of_a_job_is_returned_by_the_next_submit_or_by_waiting() {
        let fail = || Err(TrainError::NoAnswer { step: 7 });
        let mut writer = Writer::default();
        writer.submit(fail).unwrap();
        assert!(matches!(writer.wait(), Err(TrainError::NoAnswer { step: 7 })));

        writer.submit(fail).unwrap();
        // It depends on the speed of the thread which of the next submits returns the error.
        let noticed = (0..1_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            writer.submit(|| Ok(())).is_err()
        });
        assert!(noticed);
    }
}
