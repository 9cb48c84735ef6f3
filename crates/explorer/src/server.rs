//! The page and its model over HTTP.
//!
//! A thread for each connection reads and writes; two threads ask the model, whatever many connect, so
//! that memory does not grow with the number of clients. Everything has a limit: connections, waiting
//! questions, bytes, seconds.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    api,
    contract::{
        failure::{Code, Failure},
        request::MOST_BYTES,
    },
    http::{Broken, Request, Requests, Response},
    model::Model,
    origin,
    page::{Files, Page, PageError},
};

pub mod desk;

use desk::Desk;

/// Connections at a time.
const MOST_CONNECTIONS: usize = 256;
/// A request has to be there after so long, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a refused client still sends is read for so long, so that it gets to read why.
const LINGER: Duration = Duration::from_secs(1);
const MOST_LINGER_BYTES: usize = 1 << 20;
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

fn respond(shared: &Shared, request: &Request) -> Response {
    let answer = || -> Result<Response, Failure> {
        origin::check(request, &shared.host)?;
        let known = |path| api::PATHS.iter().find(|(_, known)| *known == path);
        let path = request.path.as_str();
        let method = match path {
            "/" | "/page.css" | "/page.js" => "GET",
            path => known(path).map_or("", |(method, _)| method),
        };
        if method.is_empty() {
            let what = format!("there is nothing at {path:?}, expected / or a path below /api");
            return Err(Failure::new(Code::NotFound, what));
        }
        if method != request.method {
            let what = format!("the method is {}, expected {method}", request.method);
            return Err(Failure::new(Code::Method, what));
        }
        match path.starts_with("/api/") {
            true => Ok(Response::json(200, shared.desk.ask(path, &request.body)?)),
            false => file(shared, path),
        }
    };
    answer().unwrap_or_else(|failure| refusal(&failure))
}

fn file(shared: &Shared, path: &str) -> Result<Response, Failure> {
    let read;
    let page = match &shared.page {
        Some(page) => page,
        None => {
            let broken = |error: PageError| Failure::new(Code::Internal, error.to_string());
            read = Page::read(&shared.files).map_err(broken)?;
            &read
        }
    };
    let (content_type, text) = match path {
        "/page.css" => ("text/css", page.css.clone()),
        "/page.js" => ("text/javascript", page.script.clone()),
        _ => {
            let style = "<link rel=\"stylesheet\" href=\"/page.css\">";
            let icon = "<link rel=\"icon\" href=\"data:,\">";
            let script = "<script src=\"/page.js\"></script>";
            ("text/html", page.html(&format!("{icon}\n{style}"), script))
        }
    };
    Ok(Response { status: 200, content_type, body: text.into_bytes() })
}

fn refusal(failure: &Failure) -> Response {
    Response::json(failure.code.status(), api::failed(failure))
}

/// A connection whose other end may not take its time.
struct Patient {
    stream: TcpStream,
    until: Instant,
}

impl Patient {
    fn new(stream: TcpStream) -> Self {
        Self { stream, until: Instant::now() + PATIENCE }
    }

    /// Time begins anew.
    fn begin(&mut self) {
        self.until = Instant::now() + PATIENCE;
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }

    /// Reads on for a moment: closing with something unread would take away what was just written.
    fn linger(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)?;
        self.until = Instant::now() + LINGER;
        let (mut unread, mut n_bytes) = ([0; 8192], 0);
        while n_bytes < MOST_LINGER_BYTES {
            match self.read(&mut unread)? {
                0 => break,
                n => n_bytes += n,
            }
        }
        Ok(())
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
