//! A bounded queue of requests to the model, and the threads that answer them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
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
/// Interval at which a waiting request looks whether its client is still there.
const CLIENT_INTERVAL: Duration = Duration::from_millis(50);

type ModelAnswer = Result<String, Failure>;

struct Question {
    path: String,
    body: Vec<u8>,
    /// Set by whoever comes first: a thread that begins to answer, or the connection that gives up.
    is_taken: Arc<AtomicBool>,
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

    /// The answer to a request, after the requests before it are answered. A request whose client
    /// `is_gone` before its turn is not computed.
    ///
    /// # Errors
    /// The model's failure, or [`Code::NotReady`] if too many requests wait.
    pub(super) fn ask(
        &self,
        path: &str,
        body: &[u8],
        mut is_gone: impl FnMut() -> bool,
    ) -> ModelAnswer {
        let (reply, answered) = sync_channel(1);
        let is_taken = Arc::new(AtomicBool::new(false));
        let question = Question {
            path: path.to_owned(),
            body: body.to_vec(),
            is_taken: is_taken.clone(),
            reply,
        };
        match self.queue.try_send(question) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                let what = format!("{MAX_WAITING} questions are waiting, expected fewer");
                return Err(Failure::new(Code::NotReady, what));
            }
            Err(TrySendError::Disconnected(_)) => return worker_gone(),
        }
        loop {
            match answered.recv_timeout(CLIENT_INTERVAL) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return worker_gone(),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if !is_taken.load(Ordering::SeqCst)
                && is_gone()
                && !is_taken.swap(true, Ordering::SeqCst)
            {
                let what = "the client has closed the connection before its turn";
                return Err(Failure::new(Code::NotReady, what));
            }
        }
    }
}

fn worker_gone() -> ModelAnswer {
    Err(Failure::new(Code::Internal, "the threads that ask the model have ended"))
}

fn work(model: &dyn Model, waiting: &Mutex<Receiver<Question>>) {
    loop {
        let question = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Question { path, body, is_taken, reply }) = question else { return };
        if is_taken.swap(true, Ordering::SeqCst) {
            continue;
        }
        // The connection may be closed, and then the answer is dropped.
        let _ = reply.send(api::answer(model, &path, &body));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, atomic::AtomicUsize};

    use super::*;
    use crate::contract::{
        reading::{Activations, Readings, Vectors},
        request::{
            ActivationsRequest, ReadRequest, SearchRequest, VariantsRequest, VectorsRequest,
        },
        run::{Heads, Run},
        search::{SearchResult, Variants},
    };

    /// A model that counts its questions, and answers each when `may_go_on` has been waited for.
    struct Slow {
        n_asked: AtomicUsize,
        may_go_on: Barrier,
    }

    impl Model for Slow {
        fn run(&self) -> Result<Run, Failure> {
            self.n_asked.fetch_add(1, Ordering::SeqCst);
            self.may_go_on.wait();
            Err(Failure::new(Code::NotFound, "no run"))
        }
        fn heads(&self) -> Result<Heads, Failure> {
            unreachable!()
        }
        fn read(&self, _: &ReadRequest) -> Result<Readings, Failure> {
            unreachable!()
        }
        fn vectors(&self, _: &VectorsRequest) -> Result<Vectors, Failure> {
            unreachable!()
        }
        fn activations(&self, _: &ActivationsRequest) -> Result<Activations, Failure> {
            unreachable!()
        }
        fn snapshot(&self, _: usize) -> Result<Readings, Failure> {
            unreachable!()
        }
        fn variants(&self, _: &VariantsRequest) -> Result<Variants, Failure> {
            unreachable!()
        }
        fn search(&self, _: &SearchRequest) -> Result<SearchResult, Failure> {
            unreachable!()
        }
    }

    #[test]
    fn a_question_whose_client_is_gone_before_its_turn_is_not_computed() {
        let may_go_on = Barrier::new(N_THREADS + 1);
        let model = Arc::new(Slow { n_asked: AtomicUsize::new(0), may_go_on });
        let queue = &ModelQueue::new(model.clone());
        let ask = |is_gone: bool| queue.ask("/api/run", b"", || is_gone).unwrap_err().code;
        thread::scope(|scope| {
            // The clients of questions that are being answered may be gone: it is too late for them.
            let begun: Vec<_> = (0..N_THREADS).map(|_| scope.spawn(|| ask(true))).collect();
            while model.n_asked.load(Ordering::SeqCst) < N_THREADS {
                thread::yield_now();
            }
            assert_eq!(ask(true), Code::NotReady);
            model.may_go_on.wait();
            assert!(begun.into_iter().all(|answer| answer.join().unwrap() == Code::NotFound));
            // Those that come later are answered, and the one that was given up is passed over.
            let later: Vec<_> = (0..N_THREADS).map(|_| scope.spawn(|| ask(false))).collect();
            model.may_go_on.wait();
            assert!(later.into_iter().all(|answer| answer.join().unwrap() == Code::NotFound));
        });
        assert_eq!(model.n_asked.load(Ordering::SeqCst), 2 * N_THREADS);
    }
}
