//! Snapshots are written beside the training, which need not wait for the disk: on a busy one, to
//! be sure that a file is there can take as long as many steps.

use std::{
    panic,
    path::PathBuf,
    sync::mpsc::{Receiver, Sender, channel},
    thread::{self, JoinHandle},
};

use snapshot::{
    content::Snapshot,
    file::{self, SnapshotError},
};

type Job = (Snapshot, PathBuf);
type Running = (Sender<Job>, JoinHandle<Result<(), SnapshotError>>);

/// Writes snapshots in the order in which they come, on a thread of its own.
///
/// What was handed over is on the disk after [`wait`](Self::wait), or after the drop.
#[derive(Debug, Default)]
pub struct SnapshotWriter {
    running: Option<Running>,
}

impl SnapshotWriter {
    /// Has `snapshot` written to `path`, and does not wait for it.
    ///
    /// # Errors
    ///
    /// If one of the earlier ones could not be written.
    pub fn write(&mut self, snapshot: Snapshot, path: PathBuf) -> Result<(), SnapshotError> {
        let (queue, _) = self.running.get_or_insert_with(start);
        match queue.send((snapshot, path)) {
            Ok(()) => Ok(()),
            // Nobody listens any more: the thread has ended, and says why.
            Err(_) => self.wait(),
        }
    }

    /// Waits until all of them are on the disk.
    ///
    /// # Errors
    ///
    /// If one of them could not be written.
    pub fn wait(&mut self) -> Result<(), SnapshotError> {
        let Some((queue, thread)) = self.running.take() else { return Ok(()) };
        drop(queue);
        thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
    }
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        // Only a training that has failed ends here, and it has its own reason.
        if let Some((queue, thread)) = self.running.take() {
            drop(queue);
            let _ = thread.join();
        }
    }
}

fn start() -> Running {
    let (queue, jobs): (Sender<Job>, Receiver<Job>) = channel();
    let thread = thread::spawn(move || {
        jobs.into_iter().try_for_each(|(snapshot, path)| file::write(&snapshot, &path))
    });
    (queue, thread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(step: u64) -> Snapshot {
        Snapshot { step, loss: None, accuracy: None, model: "base".to_owned(), probes: Vec::new() }
    }

    #[test]
    fn all_of_them_are_there_after_waiting_and_after_a_drop() {
        let directory = tempfile::tempdir().unwrap();
        let path = |step: u64| directory.path().join(step.to_string());
        let mut writer = SnapshotWriter::default();
        for step in 0..3 {
            writer.write(snapshot(step), path(step)).unwrap();
        }
        writer.wait().unwrap();
        writer.wait().unwrap();
        for step in 3..5 {
            writer.write(snapshot(step), path(step)).unwrap();
        }
        drop(writer);
        for step in 0..5 {
            assert_eq!(file::read(&path(step)).unwrap().step, step);
        }
    }

    #[test]
    fn what_could_not_be_written_is_said_by_the_next_or_by_waiting() {
        let directory = tempfile::tempdir().unwrap();
        let nowhere = directory.path().join("missing").join("file");
        let mut writer = SnapshotWriter::default();
        writer.write(snapshot(0), nowhere.clone()).unwrap();
        let error = writer.wait().unwrap_err().to_string();
        assert!(error.contains("missing"), "{error}");

        writer.write(snapshot(0), nowhere).unwrap();
        let good = directory.path().join("file");
        // Depending on how fast the thread fails, one of the following notices.
        let noticed = (0..1_000).any(|step| {
            thread::sleep(std::time::Duration::from_millis(1));
            writer.write(snapshot(step), good.clone()).is_err()
        });
        assert!(noticed);
    }
}
