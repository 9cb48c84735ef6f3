//! The page and its model over HTTP.
//!
//! A thread for each connection reads and writes; two threads ask the model, whatever many connect, so
//! that memory does not grow with the number of clients. Everything has a limit: connections, waiting
//! questions, bytes, seconds.

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
        request::MOST_BYTES,
    },
    http::{Broken, Requests},
    model::Model,
    page::{Files, Page, PageError},
};

mod desk;
mod patient;
mod respond;

use desk::Desk;
use patient::Patient;
use respond::{refusal, respond};

/// Connections at a time.
const MOST_CONNECTIONS: usize = 256;
/// What is sent with every response: a browser is to run and load nothing else.
const HEADERS: &str = "content-security-policy: default-src 'none'; script-src 'self'; \
    style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'none'\r\n\
    x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n\
    cross-origin-resource-policy: same-origin\r\ncross-origin-opener-policy: same-origin\r\n\
    cache-control: no-store\r\n";

/// A port that is open, and what is answered there.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    desk: Desk,
    files: Files,
    page: Option<Page>,
    host: String,
    is_stopped: AtomicBool,
    n_connections: AtomicUsize,
}

/// Ends a server from another thread.
#[derive(Clone)]
pub struct Stopper {
    shared: Arc<Shared>,
    address: SocketAddr,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Somebody else has the port.
    #[error("port {port} of {host} is taken\nhint: {}", hint(*.free))]
    Taken {
        /// The address.
        host: String,
        /// The port.
        port: u16,
        /// A port that is free.
        free: Option<u16>,
    },
    /// There is no such place.
    #[error("cannot listen on port {port} of {host}")]
    Bind {
        /// The address.
        host: String,
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// There is no page.
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
    /// Opens `port` of `host`; nothing is answered before [`Server::run`].
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
            desk: Desk::new(model),
            files,
            page,
            host: host.to_owned(),
            is_stopped: AtomicBool::new(false),
            n_connections: AtomicUsize::new(0),
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What ends it.
    pub fn stopper(&self) -> io::Result<Stopper> {
        Ok(Stopper { shared: self.shared.clone(), address: self.address()? })
    }

    /// Answers until it is stopped.
    pub fn run(self) -> io::Result<()> {
        for stream in self.listener.incoming() {
            if self.shared.is_stopped.load(Ordering::SeqCst) {
                return Ok(());
            }
            match stream {
                Ok(stream) => self.serve(stream),
                // One that is gone already, or too many open files: the others go on.
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
        Ok(())
    }

    fn serve(&self, stream: TcpStream) {
        let shared = self.shared.clone();
        if shared.n_connections.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS {
            shared.n_connections.fetch_sub(1, Ordering::SeqCst);
            let what = format!("{MOST_CONNECTIONS} connections are open, expected fewer");
            let mut patient = Patient::new(stream);
            let _ =
                refusal(&Failure::new(Code::NotReady, what)).write(&mut patient, HEADERS, false);
            return;
        }
        let counted = shared.clone();
        let started = thread::Builder::new().name("connection".to_owned()).spawn(move || {
            // Whoever hangs up is not told anything.
            let _ = converse(&shared, stream);
            shared.n_connections.fetch_sub(1, Ordering::SeqCst);
        });
        if started.is_err() {
            counted.n_connections.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Stopper {
    /// The server answers nothing more.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        // It waits for a connection, so it gets one; an address of all is reached by that of this machine.
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

/// Request after request.
fn converse(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut requests = Requests::new(Patient::new(stream), MOST_BYTES);
    loop {
        requests.connection().begin();
        let request = match requests.next_request() {
            Ok(request) => request,
            Err(Broken::Closed) => return Ok(()),
            Err(Broken::Io(error)) => return Err(error),
            Err(Broken::Refused(failure)) => {
                let patient = requests.connection();
                patient.begin();
                refusal(&failure).write(patient, HEADERS, false)?;
                return patient.linger();
            }
        };
        let response = respond(shared, &request);
        let keep_alive = request.keep_alive && !shared.is_stopped.load(Ordering::SeqCst);
        let patient = requests.connection();
        patient.begin();
        response.write(patient, HEADERS, keep_alive)?;
        if !keep_alive {
            return patient.linger();
        }
    }
}
