//! What a file or stream is that is not UTF-8 text, and what can be done about it.

/// Bytes that are not the UTF-8 text that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Compressed by gzip.
    #[error("found gzip data, expected text; hint: gunzip -c FILE > TEXT unpacks it")]
    Gzip,
    /// Compressed by another program.
    #[error("found {0} data, expected text; hint: unpack it first")]
    Compressed(&'static str),
    /// UTF-16 or UTF-32, as some editors and PowerShell save.
    #[error("found {0} text, expected UTF-8; hint: iconv -f {0} -t UTF-8 FILE > TEXT converts it")]
    OtherUnicode(&'static str),
    /// A byte that is in no UTF-8 text; the place counts bytes from 1.
    #[error(
        "found byte {byte:#04x} at byte {column} of the line, expected UTF-8; \
         hint: iconv -f WINDOWS-1252 -t UTF-8 FILE > TEXT converts it if it is of Windows or Latin-1"
    )]
    Byte {
        /// The byte.
        byte: u8,
        /// Its place in the line.
        column: usize,
    },
}

/// What a file is, by its first bytes; `None` if it may be UTF-8 text.
pub fn recognise(beginning: &[u8]) -> Option<NotText> {
    // UTF-32 before UTF-16, of whose mark its own is a continuation.
    const MARKS: [(&[u8], NotText); 9] = [
        (&[0x1f, 0x8b], NotText::Gzip),
        (b"PK\x03\x04", NotText::Compressed("zip")),
        (b"BZh", NotText::Compressed("bzip2")),
        (&[0xfd, b'7', b'z', b'X', b'Z', 0], NotText::Compressed("xz")),
        (&[0x28, 0xb5, 0x2f, 0xfd], NotText::Compressed("zstd")),
        (&[0xff, 0xfe, 0, 0], NotText::OtherUnicode("UTF-32")),
        (&[0, 0, 0xfe, 0xff], NotText::OtherUnicode("UTF-32")),
        (&[0xff, 0xfe], NotText::OtherUnicode("UTF-16")),
        (&[0xfe, 0xff], NotText::OtherUnicode("UTF-16")),
    ];
    let marked = MARKS.into_iter().find(|(mark, _)| beginning.starts_with(mark));
    // Without a mark: every other byte of Western text in UTF-16 is 0.
    let zero_at = |index: usize| beginning.get(index) == Some(&0);
    marked.map(|(_, found)| found).or_else(|| match beginning.len() >= 4 {
        true if !zero_at(0) && zero_at(1) && !zero_at(2) && zero_at(3) => {
            Some(NotText::OtherUnicode("UTF-16LE"))
        }
        true if zero_at(0) && !zero_at(1) && zero_at(2) && !zero_at(3) => {
            Some(NotText::OtherUnicode("UTF-16BE"))
        }
        _ => None,
    })
}

/// A line of a file as text, without any byte order mark: `cat a b` leaves one in the middle of what two
/// editors wrote at the beginning.
///
/// # Errors
///
/// If it is not UTF-8.
pub fn line(bytes: &[u8]) -> Result<&str, NotText> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        NotText::Byte { byte: bytes[at], column: at + 1 }
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_take_for_text_is_named_with_its_remedy() {
        for (beginning, expected) in [
            (&b"\x1f\x8b\x08\0"[..], "gunzip"),
            (b"PK\x03\x04more", "zip"),
            (b"\xff\xfeA\0n\0", "iconv -f UTF-16 -t UTF-8"),
            (b"\xfe\xff\0A\0n", "iconv -f UTF-16 -t UTF-8"),
            (b"\xff\xfe\0\0A\0\0\0", "iconv -f UTF-32"),
            (b"A\0n\0a\0", "iconv -f UTF-16LE"),
            (b"\0A\0n\0a", "iconv -f UTF-16BE"),
        ] {
            let message = recognise(beginning).unwrap().to_string();
            assert!(message.contains(expected), "{message}");
        }
        for text in [&b"{\"id\":1}"[..], "él".as_bytes(), b"", b"A", "\u{feff}Ana".as_bytes()] {
            assert_eq!(recognise(text), None);
        }
    }

    #[test]
    fn a_line_is_utf_8_or_its_first_wrong_byte_is_named() {
        assert_eq!(line("\u{feff}Ana".as_bytes()), Ok("Ana"));
        assert_eq!(line(b"\xe9l"), Err(NotText::Byte { byte: 0xe9, column: 1 }));
    }
}
