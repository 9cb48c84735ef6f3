//! A connection with a deadline for everything that is read or written.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

/// How long reading a request, and writing a response, may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long a closing connection is still read, see [`DeadlineStream::linger`].
const LINGER: Duration = Duration::from_secs(1);
/// How long [`DeadlineStream::is_closed`] waits.
const PEEK_TIMEOUT: Duration = Duration::from_millis(1);
const MAX_LINGER_BYTES: usize = 1 << 20;

/// Reads and writes until its deadline. A timeout of the socket alone would not do: it begins anew
/// with every byte.
pub(super) struct DeadlineStream {
    stream: TcpStream,
    deadline: Instant,
}

impl DeadlineStream {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, deadline: Instant::now() + TIMEOUT }
    }

    /// Sets the deadline to [`TIMEOUT`] from now.
    pub(super) fn reset_deadline(&mut self) {
        self.deadline = Instant::now() + TIMEOUT;
    }

    /// The time until the deadline, or an error after it.
    fn remaining(&self) -> io::Result<Option<Duration>> {
        let remaining = self.deadline.saturating_duration_since(Instant::now());
        if remaining.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(Some(remaining)) }
    }

    /// Whether the client has closed its side. Nothing is taken out of what it has sent.
    pub(super) fn is_closed(&self) -> bool {
        let peek = || {
            self.stream.set_read_timeout(Some(PEEK_TIMEOUT))?;
            self.stream.peek(&mut [0])
        };
        match peek() {
            Ok(n_bytes) => n_bytes == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// Closes the connection for writing, and reads on for a moment: if a socket is closed with
    /// unread bytes, the system resets the connection, and the client may lose the response.
    pub(super) fn linger(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)?;
        self.deadline = Instant::now() + LINGER;
        let (mut unread, mut n_bytes) = ([0; 8192], 0);
        while n_bytes < MAX_LINGER_BYTES {
            match self.read(&mut unread)? {
                0 => break,
                n => n_bytes += n,
            }
        }
        Ok(())
    }
}

impl Read for DeadlineStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.remaining()?)?;
        self.stream.read(buffer)
    }
}

impl Write for DeadlineStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.remaining()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
