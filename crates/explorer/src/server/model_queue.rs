//! A bounded queue of requests to the model, and the threads that answer them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use crate::{
    api,
    contract::failure::{Code, Failure},
    model::Model,
};

/// Threads that ask the model: one can compute while the other encodes its answer.
const N_THREADS: usize = 2;
/// The most requests that wait.
const MAX_WAITING: usize = 128;

type ModelAnswer = Result<String, Failure>;

struct Question {
    path: String,
    body: Vec<u8>,
    reply: SyncSender<ModelAnswer>,
}

/// Answers requests in their order.
pub(super) struct ModelQueue {
    queue: SyncSender<Question>,
}

impl ModelQueue {
    /// Starts the threads. They live as long as the queue.
    pub(super) fn new(model: Arc<dyn Model>) -> Self {
        let (queue, waiting) = sync_channel(MAX_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..N_THREADS {
            let (model, waiting) = (model.clone(), waiting.clone());
            thread::spawn(move || work(&*model, &waiting));
        }
        Self { queue }
    }

    /// The answer to a request, after the requests before it are answered.
    ///
    /// # Errors
    /// The model's failure, or [`Code::NotReady`] if too many requests wait.
    pub(super) fn ask(&self, path: &str, body: &[u8]) -> ModelAnswer {
        let (reply, answered) = sync_channel(1);
        let question = Question { path: path.to_owned(), body: body.to_vec(), reply };
        match self.queue.try_send(question) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                let what = format!("{MAX_WAITING} questions are waiting, expected fewer");
                return Err(Failure::new(Code::NotReady, what));
            }
            Err(TrySendError::Disconnected(_)) => return worker_gone(),
        }
        answered.recv().unwrap_or_else(|_| worker_gone())
    }
}

fn worker_gone() -> ModelAnswer {
    Err(Failure::new(Code::Internal, "the threads that ask the model have ended"))
}

fn work(model: &dyn Model, waiting: &Mutex<Receiver<Question>>) {
    loop {
        let question = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Question { path, body, reply }) = question else { return };
        // The connection may be closed, and then the answer is dropped.
        let _ = reply.send(api::answer(model, &path, &body));
    }
}
