//! A minimal HTTP/1.1 server side, for a page on the same machine: requests with a body of a known
//! length, one after another on a connection.
//!
//! Any program can connect, so that the sizes of head and body are limited. The caller's stream has
//! to limit the time.

use std::{
    fmt::Write as _,
    io::{self, ErrorKind, Read, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::contract::failure::{Code, Failure};

/// The longest head of a request.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;
/// How many bytes are read at once.
const CHUNK_BYTES: usize = 8 * 1024;

/// A request, with the headers that are needed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The header `Host`: the name by which the client reached the server.
    pub host: Option<String>,
    /// The header `Origin`: the server of the page that sends the request.
    pub origin: Option<String>,
    /// Whether the client reads a body in the format gzip.
    pub accepts_gzip: bool,
    /// The header `If-None-Match`: the versions of the answer that the client has.
    pub known_tags: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the connection stays open for another request.
    pub keep_alive: bool,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 200, 304 or, for a failure, [`Code::status`].
    pub status: u16,
    /// The media type of the body, without charset.
    pub content_type: &'static str,
    /// The methods of the path, where the request had another one.
    pub allow: Option<&'static str>,
    /// The format in which the body is compressed.
    pub encoding: Option<&'static str>,
    /// The version of the body, by which a client that keeps it can ask for another one only. A
    /// response without it is not kept.
    pub tag: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// No request could be read.
#[derive(Debug)]
pub enum RequestError {
    /// The connection ended between two requests.
    Closed,
    /// The connection ended within a request, or reading failed or timed out.
    Io(io::Error),
    /// The request is malformed, too large, or needs a feature that is not supported.
    Refused(Failure),
}

/// Reads requests from a connection. Bytes beyond a request are kept for the next one.
#[derive(Debug)]
pub struct Requests<S> {
    source: S,
    buffer: Vec<u8>,
    max_body_bytes: usize,
}

/// The head of a request.
struct Head {
    /// The request, whose body is still empty.
    request: Request,
    /// The size of the head.
    n_bytes: usize,
    /// The size of the body.
    n_body_bytes: usize,
    /// Whether the client waits for `100 Continue` before it sends the body.
    expects_continue: bool,
}

impl<S: Read + Write> Requests<S> {
    /// Reads requests from `source`. A body above `max_body_bytes` is refused.
    pub fn new(source: S, max_body_bytes: usize) -> Self {
        Self { source, buffer: Vec::new(), max_body_bytes }
    }

    /// The connection.
    pub fn connection(&mut self) -> &mut S {
        &mut self.source
    }

    /// Waits for the next request.
    ///
    /// # Errors
    /// If the connection ends or fails, or the request is refused. The connection is not usable
    /// then.
    pub fn next_request(&mut self) -> Result<Request, RequestError> {
        let head = loop {
            if let Some(head) = parse_head(&self.buffer, self.max_body_bytes)? {
                break head;
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return refused(
                    Code::TooLarge,
                    format!("a head of more than {MAX_HEAD_BYTES} bytes"),
                );
            }
            if self.fill()? == 0 {
                return Err(match self.buffer.is_empty() {
                    true => RequestError::Closed,
                    false => RequestError::Io(ErrorKind::UnexpectedEof.into()),
                });
            }
        };
        let Head { mut request, n_bytes, n_body_bytes, expects_continue } = head;
        if expects_continue && self.buffer.len() < n_bytes + n_body_bytes {
            self.source.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(RequestError::Io)?;
        }
        while self.buffer.len() < n_bytes + n_body_bytes {
            if self.fill()? == 0 {
                return Err(RequestError::Io(ErrorKind::UnexpectedEof.into()));
            }
        }
        request.body = self.buffer[n_bytes..n_bytes + n_body_bytes].to_vec();
        self.buffer.drain(..n_bytes + n_body_bytes);
        Ok(request)
    }

    /// Reads more bytes into the buffer, and returns how many: 0 at the end of the connection.
    fn fill(&mut self) -> Result<usize, RequestError> {
        let start = self.buffer.len();
        self.buffer.resize(start + CHUNK_BYTES, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[start..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(start + *read.as_ref().unwrap_or(&0));
        read.map_err(RequestError::Io)
    }
}

/// The head at the beginning of `bytes`, or `None` if it is incomplete.
fn parse_head(bytes: &[u8], max_body_bytes: usize) -> Result<Option<Head>, RequestError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let n_bytes = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(n_bytes)) => n_bytes,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return refused(Code::BadRequest, format!("no HTTP request: {error}")),
    };
    let path = parsed.path.unwrap_or_default();
    let mut request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.split('?').next().unwrap_or_default().to_owned(),
        keep_alive: parsed.version == Some(1),
        ..Request::default()
    };
    let (mut n_body_bytes, mut expects_continue) = (None, false);
    for header in parsed.headers.iter() {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        match header.name.to_ascii_lowercase().as_str() {
            "host" => set_once(&mut request.host, "host", value)?,
            "origin" => set_once(&mut request.origin, "origin", value)?,
            "accept-encoding" => request.accepts_gzip |= names_gzip(&value),
            "if-none-match" => request.known_tags = Some(value),
            "connection" => request.keep_alive &= !names_close(&value),
            "content-length" => set_once(&mut n_body_bytes, "content-length", value)?,
            "expect" => expects_continue = value.eq_ignore_ascii_case("100-continue"),
            "transfer-encoding" => {
                let what = "transfer-encoding is not read, expected content-length";
                return refused(Code::BadRequest, what.to_owned());
            }
            _ => {}
        }
    }
    let n_body_bytes =
        n_body_bytes.map_or(Ok(0), |length| parse_length(&length, max_body_bytes))?;
    Ok(Some(Head { request, n_bytes, n_body_bytes, expects_continue }))
}

/// Whether the options of a header `Connection`, which commas separate, are to close it.
fn names_close(options: &str) -> bool {
    options.split(',').any(|option| option.trim().eq_ignore_ascii_case("close"))
}

/// Whether a header `Accept-Encoding` names gzip, and does not refuse it by the weight 0.
fn names_gzip(codings: &str) -> bool {
    codings.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
        let is_refused = weight == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

/// Sets the value of a header. A second one is refused: a proxy and this server could choose
/// different ones.
fn set_once(place: &mut Option<String>, name: &str, value: String) -> Result<(), RequestError> {
    match place.replace(value) {
        Some(_) => refused(Code::BadRequest, format!("the header {name} twice, expected once")),
        None => Ok(()),
    }
}

fn parse_length(length: &str, max_body_bytes: usize) -> Result<usize, RequestError> {
    let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse() {
        Ok(n_bytes) if is_number && n_bytes <= max_body_bytes => Ok(n_bytes),
        _ if is_number => {
            let what = format!("a body of {length} bytes, expected at most {max_body_bytes}");
            refused(Code::TooLarge, what)
        }
        _ => refused(Code::BadRequest, format!("content-length is {length:?}, expected a number")),
    }
}

fn refused<T>(code: Code, message: String) -> Result<T, RequestError> {
    Err(RequestError::Refused(Failure::new(code, message)))
}

impl Response {
    /// A response with JSON.
    pub fn json(status: u16, text: String) -> Self {
        Self::new(status, "application/json", text)
    }

    /// A response with a text.
    pub fn new(status: u16, content_type: &'static str, text: String) -> Self {
        let body = text.into_bytes();
        Self { status, content_type, allow: None, encoding: None, tag: None, body }
    }

    /// The response with a tag, or without its body if the client has it already.
    pub fn unless_known(self, request: &Request) -> Self {
        let digest = STANDARD.encode(Sha256::digest(&self.body));
        let tag = format!("\"{}\"", &digest[..22]);
        // A proxy may mark a tag as weak: W/"…".
        let is_known = request.known_tags.as_ref().is_some_and(|known| known.contains(&tag));
        match is_known {
            true => Self { status: 304, tag: Some(tag), body: Vec::new(), ..self },
            false => Self { tag: Some(tag), ..self },
        }
    }

    /// Writes the response with additional `headers`, each a line that ends in CRLF.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&self, to: &mut impl Write, headers: &str, keep_alive: bool) -> io::Result<()> {
        let mut bytes = self.head(headers, keep_alive).into_bytes();
        bytes.extend_from_slice(&self.body);
        to.write_all(&bytes)?;
        to.flush()
    }

    /// Writes the response without its body, for a request with the method HEAD.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write_head(
        &self,
        to: &mut impl Write,
        headers: &str,
        keep_alive: bool,
    ) -> io::Result<()> {
        to.write_all(self.head(headers, keep_alive).as_bytes())?;
        to.flush()
    }

    fn head(&self, headers: &str, keep_alive: bool) -> String {
        let Self { status, content_type, allow, encoding, tag, body } = self;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(*status));
        let mut add = |name: &str, value: &str| {
            write!(head, "{name}: {value}\r\n").expect("a text takes every text");
        };
        add("connection", if keep_alive { "keep-alive" } else { "close" });
        // A response with the status 304 ends with its head.
        if *status != 304 {
            add("content-type", &format!("{content_type}; charset=utf-8"));
            add("content-length", &body.len().to_string());
        }
        for (name, value) in [("allow", *allow), ("content-encoding", *encoding)] {
            value.inspect(|value| add(name, value));
        }
        match tag {
            Some(tag) => {
                add("etag", tag);
                // Kept, and asked for at each use: the program may be another one by then.
                add("cache-control", "no-cache");
                add("vary", "accept-encoding");
            }
            None => add("cache-control", "no-store"),
        }
        head + headers + "\r\n"
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection from which only a few bytes can be read at a time.
    struct Slow {
        bytes: Vec<u8>,
        step: usize,
        written: Vec<u8>,
    }

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.step.min(self.bytes.len()).min(buffer.len());
            buffer[..n].copy_from_slice(&self.bytes[..n]);
            self.bytes.drain(..n);
            Ok(n)
        }
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.written.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn requests(text: &str, step: usize) -> Requests<Slow> {
        Requests::new(Slow { bytes: text.as_bytes().to_vec(), step, written: Vec::new() }, 10)
    }

    fn code(text: &str) -> Code {
        match requests(text, 1000).next_request() {
            Err(RequestError::Refused(failure)) => failure.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn requests_follow_one_another_however_they_arrive() {
        let text = "POST /a?b HTTP/1.1\r\nHost: x:1\r\nContent-Length: 3\r\n\r\n{1}GET / HTTP/1.1\r\n\
                    Connection: close\r\n\r\n";
        for step in [1, 7, 1000] {
            let mut requests = requests(text, step);
            let first = requests.next_request().unwrap();
            assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/a"));
            assert_eq!((first.body.as_slice(), first.host.as_deref()), (&b"{1}"[..], Some("x:1")));
            assert!(first.keep_alive);
            assert!(!requests.next_request().unwrap().keep_alive);
            assert!(matches!(requests.next_request(), Err(RequestError::Closed)));
        }
    }

    #[test]
    fn a_request_that_is_too_large_or_ambiguous_is_refused() {
        assert_eq!(code("GET / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), Code::TooLarge);
        assert_eq!(
            code("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
            Code::TooLarge
        );
        assert_eq!(code("GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n"), Code::BadRequest);
        assert_eq!(
            code("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            Code::BadRequest
        );
        assert_eq!(code("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), Code::BadRequest);
        assert_eq!(code("\0\u{1}"), Code::BadRequest);
        assert_eq!(code(&format!("GET / HTTP/1.1\r\na: {}", "b".repeat(20_000))), Code::TooLarge);
        let cut = requests("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{", 5).next_request();
        assert!(matches!(cut, Err(RequestError::Io(_))));
    }

    #[test]
    fn gzip_is_sent_to_who_names_it() {
        for (codings, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br,GZIP;q=0.5", true),
            ("gzip;q=0, identity", false),
            ("gzip; q=0.0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(names_gzip(codings), expected, "{codings}");
        }
    }

    #[test]
    fn what_a_client_has_is_not_sent_again() {
        let response = || Response::json(200, "{}".to_owned());
        let first = response().unless_known(&Request::default());
        assert_eq!((first.status, first.body.as_slice()), (200, &b"{}"[..]));
        let known_tags = first.tag.clone().map(|tag| format!("\"other\", W/{tag}"));
        let second = response().unless_known(&Request { known_tags, ..Request::default() });
        assert_eq!((second.status, &second.tag), (304, &first.tag));
        let head = second.head("", true);
        assert!(!head.contains("content-length") && head.contains("etag"), "{head}");
        let other = Response::json(200, "[]".to_owned());
        let other = other.unless_known(&Request { known_tags: first.tag, ..Request::default() });
        assert_eq!(other.status, 200);
    }

    #[test]
    fn a_client_that_waits_is_told_to_go_on() {
        let text = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1";
        let mut requests = requests(text, text.len() - 1);
        assert_eq!(requests.next_request().unwrap().body, b"1");
        assert!(requests.connection().written.starts_with(b"HTTP/1.1 100"));
    }
}
