//! Reads files up to a size limit that the caller gives.
//!
//! A file of the wrong kind can have any size, and a device such as `/dev/zero` has no end: neither
//! may fill the memory. At most one byte more than the limit is ever read.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Reads the bytes of a file that has at most `max_bytes` of them.
///
/// # Errors
///
/// [`ErrorKind::FileTooLarge`] if the file is larger, or the error of the operating system.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    check(bytes.len() as u64, max_bytes).map(|()| bytes)
}

/// Reads the text of a file that has at most `max_bytes` bytes.
///
/// # Errors
///
/// As [`read`], and [`ErrorKind::InvalidData`] with the first wrong byte if the file is not UTF-8.
pub fn read_to_string(path: &Path, max_bytes: u64) -> io::Result<String> {
    String::from_utf8(read(path, max_bytes)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes()[at];
        let message = format!("found byte {byte:#04x} at byte {}, expected UTF-8", at + 1);
        io::Error::new(ErrorKind::InvalidData, message)
    })
}

/// Checks that a content of `n_bytes` is not larger than `max_bytes`; a writer calls it before it
/// makes a file that [`read`] would refuse.
///
/// # Errors
///
/// [`ErrorKind::FileTooLarge`] if it is larger.
pub fn check(n_bytes: u64, max_bytes: u64) -> io::Result<()> {
    if n_bytes <= max_bytes {
        return Ok(());
    }
    let message = format!("found {n_bytes} bytes or more, expected at most {max_bytes}");
    Err(io::Error::new(ErrorKind::FileTooLarge, message))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_refused_above_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("eight");
        fs::write(&path, "él duerm").unwrap();
        assert_eq!(read_to_string(&path, 9).unwrap(), "él duerm");
        let error = read(&path, 8).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert!(error.to_string().contains("at most 8"), "{error}");
    }

    #[test]
    fn the_first_byte_that_is_not_utf_8_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("latin1");
        fs::write(&path, b"caf\xe9").unwrap();
        let error = read_to_string(&path, 9).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("0xe9 at byte 4"), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn a_device_without_an_end_is_refused() {
        assert!(read(Path::new("/dev/zero"), 1 << 16).is_err());
    }
}
