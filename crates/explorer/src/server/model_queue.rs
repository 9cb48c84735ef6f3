//! Where questions wait for the model.

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

/// Threads that ask the model: one is reading while another draws up its answer.
const N_THREADS: usize = 2;
/// So many questions wait at most.
const MOST_WAITING: usize = 128;

type Answered = Result<String, Failure>;

struct Question {
    path: String,
    body: Vec<u8>,
    reply: SyncSender<Answered>,
}

/// Takes questions and has them answered, in their order.
pub(super) struct Desk {
    queue: SyncSender<Question>,
}

impl Desk {
    /// A desk with threads that live as long as the program.
    pub(super) fn new(model: Arc<dyn Model>) -> Self {
        let (queue, waiting) = sync_channel(MOST_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..N_THREADS {
            let (model, waiting) = (model.clone(), waiting.clone());
            thread::spawn(move || work(&*model, &waiting));
        }
        Self { queue }
    }

    /// The answer, after those that were asked for before.
    pub(super) fn ask(&self, path: &str, body: &[u8]) -> Answered {
        let (reply, answered) = sync_channel(1);
        let question = Question { path: path.to_owned(), body: body.to_vec(), reply };
        match self.queue.try_send(question) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                let what = format!("{MOST_WAITING} questions are waiting, expected fewer");
                return Err(Failure::new(Code::NotReady, what));
            }
            Err(TrySendError::Disconnected(_)) => return gone(),
        }
        answered.recv().unwrap_or_else(|_| gone())
    }
}

fn gone() -> Answered {
    Err(Failure::new(Code::Internal, "nobody is there to ask the model"))
}

fn work(model: &dyn Model, waiting: &Mutex<Receiver<Question>>) {
    loop {
        let question = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Question { path, body, reply }) = question else { return };
        // Whoever asked may be gone.
        let _ = reply.send(api::answer(model, &path, &body));
    }
}
