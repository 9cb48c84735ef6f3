//! The lines and columns of a file, with the positions that error messages need.

use std::fmt::Display;
use std::path::Path;

use super::error::ImportError;
use files::bounded;

/// The largest file. All of ctxpro's Spanish annotations are smaller.
pub(super) const MAX_FILE_BYTES: u64 = 1 << 30;
/// The longest line: twenty times the longest row of GAP.
pub(super) const MAX_LINE_BYTES: usize = 1 << 16;

/// A line of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'f> {
    /// The path of the file.
    pub(super) path: &'f Path,
    /// The number of the line, from 1.
    pub(super) number: usize,
    /// The line without its line end.
    pub(super) text: &'f str,
}

/// The text of a file of at most `most` bytes, without its byte order mark.
pub(super) fn read(path: &Path, most: u64) -> Result<String, ImportError> {
    let bytes = bounded::read(path, most)
        .map_err(|source| ImportError::Io { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let (before, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        ImportError::NotUtf8 {
            path: path.to_owned(),
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: before.len() - line_start + 1,
            byte: rest[0],
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The lines that are not blank, without LF or CRLF. A line above [`MAX_LINE_BYTES`] is an error.
pub(super) fn lines<'f>(
    path: &'f Path,
    text: &'f str,
) -> impl Iterator<Item = Result<Line<'f>, ImportError>> {
    let numbered = (1..).zip(text.lines());
    let filled = numbered.filter(|(_, text)| !text.trim().is_empty());
    filled.map(move |(number, text)| {
        let line = Line { path, number, text };
        if text.len() > MAX_LINE_BYTES {
            let found = format_args!("a line of {} bytes", text.len());
            return Err(line.malformed("line", found, format_args!("at most {MAX_LINE_BYTES}")));
        }
        Ok(line)
    })
}

/// The rows of a table, whose header must have these names.
pub(super) fn rows<'f, const N: usize>(
    path: &'f Path,
    text: &'f str,
    names: [&'static str; N],
) -> Result<impl Iterator<Item = Result<Row<'f, N>, ImportError>>, ImportError> {
    let mut lines = lines(path, text);
    let header = lines.next().ok_or_else(|| ImportError::Empty { path: path.to_owned() })??;
    let header = Row::new(header, names)?;
    for (column, name) in names.into_iter().enumerate() {
        if header.cells[column] != name {
            return Err(header.malformed(column, format_args!("{name:?}, in the header")));
        }
    }
    Ok(lines.map(move |line| Row::new(line?, names)))
}

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row<'f, const N: usize> {
    pub(super) line: Line<'f>,
    /// The parts of the line between the tabs.
    pub(super) cells: [&'f str; N],
    names: [&'static str; N],
}

impl<'f, const N: usize> Row<'f, N> {
    fn new(line: Line<'f>, names: [&'static str; N]) -> Result<Self, ImportError> {
        let cells: Vec<&str> = line.text.split('\t').collect();
        let n_cells = cells.len();
        let cells = cells.try_into().map_err(|_| {
            line.malformed("columns", n_cells, format_args!("{N}, separated by tabs"))
        })?;
        Ok(Self { line, cells, names })
    }

    /// The error about a cell, which quotes it.
    pub(super) fn malformed(&self, column: usize, expected: impl Display) -> ImportError {
        self.malformed_as(column, format_args!("{:?}", self.cells[column]), expected)
    }

    /// The error about a cell, with another description of what was found.
    pub(super) fn malformed_as(
        &self,
        column: usize,
        found: impl Display,
        expected: impl Display,
    ) -> ImportError {
        let field = format!("column {}, {}", column + 1, self.names[column]);
        self.line.malformed(field, found, expected)
    }
}

impl Line<'_> {
    /// The error about a field of the line.
    pub(super) fn malformed(
        self,
        field: impl Display,
        found: impl Display,
        expected: impl Display,
    ) -> ImportError {
        ImportError::Malformed {
            path: self.path.to_owned(),
            line: self.number,
            field: field.to_string(),
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}
