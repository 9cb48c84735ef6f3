//! Serves the page and its model over HTTP.
//!
//! Each connection has a thread that reads and writes. Two further threads ask the model, so that
//! its memory does not grow with the number of clients. Connections, waiting requests, bytes and
//! seconds are all limited.

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    contract::{
        failure::{Code, Failure},
        request::MAX_BODY_BYTES,
    },
    http::{RequestError, Requests},
    model::Model,
    page::{Files, Page, PageError},
};

mod deadline_stream;
mod model_queue;
mod respond;

use deadline_stream::DeadlineStream;
use model_queue::ModelQueue;
use respond::{refusal, respond};

/// The most open connections.
const MAX_CONNECTIONS: usize = 256;
/// The headers of every response. They forbid the browser to load or run anything from elsewhere.
const HEADERS: &str = "content-security-policy: default-src 'none'; script-src 'self'; \
    style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'none'\r\n\
    x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n\
    cross-origin-resource-policy: same-origin\r\ncross-origin-opener-policy: same-origin\r\n";

/// A server that listens on a port.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    queue: ModelQueue,
    files: Files,
    page: Option<Page>,
    host: String,
    is_stopped: AtomicBool,
    n_connections: AtomicUsize,
}

/// Stops a server from another thread.
#[derive(Clone)]
pub struct Stopper {
    shared: Arc<Shared>,
    address: SocketAddr,
}

/// The server could not be started.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum ServerError {
    /// Another program uses the port. `free` is a higher port that is free, if one was found.
    #[error("port {port} of {host} is taken\nhint: {}", hint(*.free))]
    Taken { host: String, port: u16, free: Option<u16> },
    /// The address does not exist, or listening on it is not allowed.
    #[error("cannot listen on port {port} of {host}")]
    Bind { host: String, port: u16, source: io::Error },
    /// The page cannot be read.
    #[error(transparent)]
    Page(#[from] PageError),
}

fn hint(free: Option<u16>) -> String {
    free.map_or_else(
        || "--port 0 takes any free one".to_owned(),
        |free| format!("--port {free} is free"),
    )
}

impl Server {
    /// Listens on `port` of `host`. Requests are answered only by [`Server::run`].
    ///
    /// # Errors
    /// If the port is in use or cannot be opened, or the embedded page cannot be read.
    pub fn open(
        host: &str,
        port: u16,
        model: Arc<dyn Model>,
        files: Files,
    ) -> Result<Self, ServerError> {
        let page = match files {
            Files::Embedded => Some(Page::read(&files)?),
            Files::Directory(_) => None,
        };
        let listener = TcpListener::bind((host, port)).map_err(|source| {
            let host = host.to_owned();
            if source.kind() != ErrorKind::AddrInUse {
                return ServerError::Bind { host, port, source };
            }
            let mut next = port.saturating_add(1)..=port.saturating_add(100);
            let free = next.find(|&port| TcpListener::bind((host.as_str(), port)).is_ok());
            ServerError::Taken { host, port, free }
        })?;
        let shared = Shared {
            queue: ModelQueue::new(model),
            files,
            page,
            host: host.to_owned(),
            is_stopped: AtomicBool::new(false),
            n_connections: AtomicUsize::new(0),
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// The address on which it listens, with the port that the system chose if 0 was asked for.
    ///
    /// # Errors
    /// If the system does not tell it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// A handle that stops the server.
    ///
    /// # Errors
    /// As [`Server::address`].
    pub fn stopper(&self) -> io::Result<Stopper> {
        Ok(Stopper { shared: self.shared.clone(), address: self.address()? })
    }

    /// Answers requests until the server is stopped.
    ///
    /// # Errors
    /// None at present: errors of single connections are ignored.
    pub fn run(self) -> io::Result<()> {
        for stream in self.listener.incoming() {
            if self.shared.is_stopped.load(Ordering::SeqCst) {
                return Ok(());
            }
            match stream {
                Ok(stream) => self.serve(stream),
                // The client is gone already, or too many files are open: other connections go on.
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
        Ok(())
    }

    fn serve(&self, stream: TcpStream) {
        let shared = self.shared.clone();
        if shared.n_connections.fetch_add(1, Ordering::SeqCst) >= MAX_CONNECTIONS {
            shared.n_connections.fetch_sub(1, Ordering::SeqCst);
            let what = format!("{MAX_CONNECTIONS} connections are open, expected fewer");
            let mut stream = DeadlineStream::new(stream);
            let _ = refusal(&Failure::new(Code::NotReady, what)).write(&mut stream, HEADERS, false);
            return;
        }
        let counted = shared.clone();
        let started = thread::Builder::new().name("connection".to_owned()).spawn(move || {
            // An error means that the client is gone, so that there is nobody to tell.
            let _ = serve_connection(&shared, stream);
            shared.n_connections.fetch_sub(1, Ordering::SeqCst);
        });
        if started.is_err() {
            counted.n_connections.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Stopper {
    /// Stops the server: [`Server::run`] returns.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        // The server waits for a connection, so that one is made. If it listens on all addresses,
        // it is reached by loopback.
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
    }
}

/// Answers the requests of a connection, one after another.
fn serve_connection(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut requests = Requests::new(DeadlineStream::new(stream), MAX_BODY_BYTES);
    loop {
        requests.connection().reset_deadline();
        let request = match requests.next_request() {
            Ok(request) => request,
            Err(RequestError::Closed) => return Ok(()),
            Err(RequestError::Io(error)) => return Err(error),
            Err(RequestError::Refused(failure)) => {
                let stream = requests.connection();
                stream.reset_deadline();
                refusal(&failure).write(stream, HEADERS, false)?;
                return stream.linger();
            }
        };
        let response = respond(shared, &request, || requests.connection().is_closed());
        let keep_alive = request.keep_alive && !shared.is_stopped.load(Ordering::SeqCst);
        let stream = requests.connection();
        stream.reset_deadline();
        match request.method.as_str() {
            "HEAD" => response.write_head(stream, HEADERS, keep_alive)?,
            _ => response.write(stream, HEADERS, keep_alive)?,
        }
        if !keep_alive {
            return stream.linger();
        }
    }
}
