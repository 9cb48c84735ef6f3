//! Lines of text from stdin, as other programs and people write them.

use std::io::{self, BufRead, Read};

use corpus::jsonl::MAX_LINE_BYTES;

use files::text::{self, NotText};

/// A line with its number, from 1; an error if it is no text.
pub type NumberedLine = (usize, Result<String, BadLine>);

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// It is not UTF-8.
    #[error(transparent)]
    NotText(#[from] NotText),
    /// It is longer than any text that a model reads, and is not kept in memory.
    #[error("found a line above {MAX_LINE_BYTES} bytes, expected one text in each line")]
    Long,
}

/// The lines of `reader`, without line ends and byte order marks. A line that cannot be read is an item
/// of its own, and the others go on.
///
/// # Errors
///
/// If the input cannot be read; [`io::ErrorKind::InvalidData`] if it is compressed or in another
/// encoding as a whole.
pub fn lines(
    mut reader: impl BufRead,
) -> io::Result<impl Iterator<Item = io::Result<NumberedLine>>> {
    if let Some(found) = text::recognise(reader.fill_buf()?) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, found));
    }
    let mut number = 0;
    Ok(std::iter::from_fn(move || {
        let mut bytes = Vec::new();
        let most = MAX_LINE_BYTES as u64 + 1;
        match reader.by_ref().take(most).read_until(b'\n', &mut bytes) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
        number += 1;
        if bytes.len() > MAX_LINE_BYTES && !bytes.ends_with(b"\n") {
            return Some(reader.skip_until(b'\n').map(|_| (number, Err(BadLine::Long))));
        }
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some(Ok((number, text::line(line).map(str::to_owned).map_err(BadLine::from))))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_text_does_not_end_the_others() {
        let input = b"\xef\xbb\xbfAna\r\n\n\xe9l\nLuis";
        let found: Vec<NumberedLine> = lines(&input[..]).unwrap().map(Result::unwrap).collect();
        let wrong = BadLine::NotText(NotText::Byte { byte: 0xe9, column: 1 });
        let text = |text: &str| Ok(text.to_owned());
        let expected = [(1, text("Ana")), (2, text("")), (3, Err(wrong)), (4, text("Luis"))];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_that_is_too_long_for_any_text_does_not_end_the_others() {
        let input = "a".repeat(MAX_LINE_BYTES) + "\n" + &"b".repeat(2 * MAX_LINE_BYTES) + "\nLuis";
        let found = lines(input.as_bytes()).unwrap().map(Result::unwrap);
        let found: Vec<_> = found.map(|(n, line)| (n, line.map(|line| line.len()))).collect();
        assert_eq!(found, [(1, Ok(MAX_LINE_BYTES)), (2, Err(BadLine::Long)), (3, Ok(4))]);
    }

    #[test]
    fn another_encoding_is_refused_as_a_whole() {
        let error = lines(&b"\xff\xfeA\0"[..]).err().unwrap();
        assert!(error.to_string().contains("iconv -f UTF-16"), "{error}");
    }
}
