//! Files are written beside the training, which need not wait for the disk: on a busy one, to be
//! sure that a file is there can take as long as many steps.
//!
//! One thread does all of it in the order in which it was asked for. So whoever finds a checkpoint
//! finds every snapshot from before it.

use std::{
    panic,
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use crate::error::TrainError;

/// Jobs that may wait: behind a disk that is too slow the training waits, and memory does not grow.
const WAITING: usize = 4;

type Job = Box<dyn FnOnce() -> Result<(), TrainError> + Send>;
type Running = (SyncSender<Job>, JoinHandle<Result<(), TrainError>>);

/// Does jobs in the order in which they come, on a thread of its own, until one fails.
///
/// What was handed over is done after [`wait`](Self::wait), or after the drop.
#[derive(Debug, Default)]
pub struct Writer {
    running: Option<Running>,
}

impl Writer {
    /// Has `job` done, and does not wait for it.
    ///
    /// # Errors
    ///
    /// If one of the earlier ones failed.
    pub fn submit(
        &mut self,
        job: impl FnOnce() -> Result<(), TrainError> + Send + 'static,
    ) -> Result<(), TrainError> {
        let (queue, _) = self.running.get_or_insert_with(start);
        match queue.send(Box::new(job)) {
            Ok(()) => Ok(()),
            // Nobody listens any more: the thread has ended, and says why.
            Err(_) => self.wait(),
        }
    }

    /// Waits until all of them are done.
    ///
    /// # Errors
    ///
    /// If one of them failed.
    pub fn wait(&mut self) -> Result<(), TrainError> {
        let Some((queue, thread)) = self.running.take() else { return Ok(()) };
        drop(queue);
        thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Only a training that has failed ends here, and it has its own reason.
        if let Some((queue, thread)) = self.running.take() {
            drop(queue);
            let _ = thread.join();
        }
    }
}

fn start() -> Running {
    let (queue, jobs) = sync_channel::<Job>(WAITING);
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
    fn all_of_them_are_done_in_order_after_waiting_and_after_a_drop() {
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
        for number in 0..2 * WAITING {
            writer.submit(job(number)).unwrap();
        }
        writer.wait().unwrap();
        writer.wait().unwrap();
        assert_eq!(*done.lock().unwrap(), Vec::from_iter(0..2 * WAITING));
        writer.submit(job(2 * WAITING)).unwrap();
        drop(writer);
        assert_eq!(done.lock().unwrap().len(), 2 * WAITING + 1);
    }

    #[test]
    fn a_failure_is_said_by_the_next_one_or_by_waiting() {
        let fail = || Err(TrainError::NoAnswer { step: 7 });
        let mut writer = Writer::default();
        writer.submit(fail).unwrap();
        assert!(writer.wait().unwrap_err().to_string().contains("step 7"));

        writer.submit(fail).unwrap();
        // Depending on how fast the thread ends, one of the following notices.
        let noticed = (0..1_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            writer.submit(|| Ok(())).is_err()
        });
        assert!(noticed);
    }
}
