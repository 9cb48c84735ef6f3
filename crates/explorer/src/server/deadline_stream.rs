//! A connection whose other end may not take its time.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

/// A request has to be there after so long, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a refused client still sends is read for so long, so that it gets to read why.
const LINGER: Duration = Duration::from_secs(1);
const MOST_LINGER_BYTES: usize = 1 << 20;

/// Reads and writes until its time is over.
pub(super) struct Patient {
    stream: TcpStream,
    until: Instant,
}

impl Patient {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, until: Instant::now() + PATIENCE }
    }

    /// Time begins anew.
    pub(super) fn begin(&mut self) {
        self.until = Instant::now() + PATIENCE;
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }

    /// Reads on for a moment: closing with something unread would take away what was just written.
    pub(super) fn linger(&mut self) -> io::Result<()> {
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
