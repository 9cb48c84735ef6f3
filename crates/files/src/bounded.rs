//! Reading a file from outside, but never more of it than its format has any use for.
//!
//! Whoever reads says how large a file may be; what is larger is refused before there is room made
//! for it, be it a file of the wrong kind or something without end (`/dev/zero`).

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The bytes of a file that has at most `most` of them.
///
/// # Errors
/// If the file cannot be read or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    check(bytes.len() as u64, most).map(|()| bytes)
}

/// The text of a file that has at most `most` bytes.
///
/// # Errors
/// If the file cannot be read, is larger or not UTF-8.
pub fn read_to_string(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes()[at];
        let message = format!("found byte {byte:#04x} at byte {}, expected UTF-8", at + 1);
        io::Error::new(ErrorKind::InvalidData, message)
    })
}

/// Whether so many bytes are no more than `most`.
///
/// # Errors
/// If they are more, in the words of [`read`].
pub fn check(n_bytes: u64, most: u64) -> io::Result<()> {
    if n_bytes <= most {
        return Ok(());
    }
    let message = format!("found {n_bytes} bytes or more, expected at most {most}");
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
        assert_eq!(error.to_string(), "found 9 bytes or more, expected at most 8");
    }

    #[test]
    fn a_byte_that_is_no_text_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("latin1");
        fs::write(&path, b"caf\xe9").unwrap();
        let error = read_to_string(&path, 9).unwrap_err().to_string();
        assert_eq!(error, "found byte 0xe9 at byte 4, expected UTF-8");
    }

    #[test]
    #[cfg(unix)]
    fn what_has_no_end_is_refused() {
        assert!(read(Path::new("/dev/zero"), 1 << 16).is_err());
    }
}
