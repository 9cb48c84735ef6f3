//! The header of every JSON file that this program writes: the keys `"format"` and `"version"`.
//!
//! It is checked before the rest is parsed, so that the refusal of a file of another program, or of
//! another version of this one, names format and version and not the first field that differs.

use serde::Deserialize;

/// A file format and the versions of it that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The value of the key `format`, such as `anafora-state`.
    pub name: &'static str,
    /// The oldest version that can be read.
    pub oldest: u32,
    /// The version that is written.
    pub version: u32,
}

/// A file of another format, or of a version that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is {found}, expected {expected}")]
pub struct WrongFormat {
    /// Format and version of the file.
    pub found: String,
    /// Format and versions that can be read.
    pub expected: String,
}

#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

impl Format {
    /// A format of which only `version` is read.
    pub const fn new(name: &'static str, version: u32) -> Self {
        Self { name, oldest: version, version }
    }

    /// A format of which the versions from `oldest` to `version` are read.
    pub const fn since(name: &'static str, oldest: u32, version: u32) -> Self {
        Self { name, oldest, version }
    }

    /// The version of `json`, the content of a file or its first line.
    ///
    /// # Errors
    ///
    /// If format or version is missing, or is not one that can be read.
    pub fn check(&self, json: &[u8]) -> Result<u32, WrongFormat> {
        match serde_json::from_slice::<Header>(json) {
            Ok(Header { format, version }) => self.check_header(&format, version).map(|()| version),
            Err(_) => Err(self.wrong("of no known format".to_owned())),
        }
    }

    /// Checks a header that was parsed with the rest of its file.
    ///
    /// # Errors
    ///
    /// If format or version is not one that can be read.
    pub fn check_header(&self, format: &str, version: u32) -> Result<(), WrongFormat> {
        if format == self.name && (self.oldest..=self.version).contains(&version) {
            return Ok(());
        }
        Err(self.wrong(format!("{format} version {version}")))
    }

    fn wrong(&self, found: String) -> WrongFormat {
        let Self { name, oldest, version } = self;
        let expected = match version - oldest {
            0 => format!("{name} version {version}"),
            1 => format!("{name} version {oldest} or {version}"),
            _ => format!("{name} version {oldest} to {version}"),
        };
        WrongFormat { found, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: Format = Format::since("note", 2, 3);

    #[test]
    fn versions_in_the_range_are_read_and_others_are_refused_by_name() {
        assert_eq!(NOTE.check(br#"{"format":"note","version":2,"more":7}"#), Ok(2));
        assert_eq!(NOTE.check(br#"{"format":"note","version":3}"#), Ok(3));
        for (json, found) in [
            (&br#"{"format":"note","version":1}"#[..], "note version 1"),
            (br#"{"format":"note","version":4}"#, "note version 4"),
            (br#"{"format":"song","version":3}"#, "song version 3"),
            (br#"{"version":3}"#, "of no known format"),
            (b"", "of no known format"),
        ] {
            let wrong = NOTE.check(json).unwrap_err();
            assert_eq!(
                (wrong.found.as_str(), wrong.expected.as_str()),
                (found, "note version 2 or 3")
            );
        }
    }
}
