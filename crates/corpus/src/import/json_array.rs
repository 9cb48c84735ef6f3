//! Reads the objects of a JSON array, each with the line on which it begins.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::error::ImportError;
use crate::json_error::describe;

/// Reads an array of objects, each with its line, from 1.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    text: &str,
) -> Result<Vec<(usize, T)>, ImportError> {
    let mut reader = ArrayReader { path, text, at: 0, counted_to: 0, line: 1, line_start: 0 };
    reader.expect(&['['])?;
    let mut objects = Vec::new();
    if reader.peek() == Some(']') {
        reader.expect(&[']'])?;
        return reader.end().map(|()| objects);
    }
    loop {
        objects.push(reader.object()?);
        if reader.expect(&[',', ']'])? == ']' {
            return reader.end().map(|()| objects);
        }
    }
}

/// Reads an array from a text, from offset `at` on.
struct ArrayReader<'t> {
    path: &'t Path,
    text: &'t str,
    /// The offset in bytes of what is read next.
    at: usize,
    /// The offset up to which lines have been counted, so that no byte is counted twice.
    counted_to: usize,
    /// The line of `counted_to`, from 1.
    line: usize,
    /// The offset at which that line begins.
    line_start: usize,
}

impl ArrayReader<'_> {
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn expect(&mut self, expected: &[char]) -> Result<char, ImportError> {
        match self.peek() {
            Some(found) if expected.contains(&found) => {
                self.at += found.len_utf8();
                Ok(found)
            }
            found => {
                let expected: Vec<String> = expected.iter().map(|c| format!("'{c}'")).collect();
                Err(self.unexpected(found, &expected.join(" or ")))
            }
        }
    }

    fn end(&mut self) -> Result<(), ImportError> {
        match self.peek() {
            None => Ok(()),
            found => Err(self.unexpected(found, "the end of the file")),
        }
    }

    fn object<T: DeserializeOwned>(&mut self) -> Result<(usize, T), ImportError> {
        match self.peek() {
            Some('{') => {}
            found => return Err(self.unexpected(found, "an object")),
        }
        let (line, column) = self.place();
        let rest = &self.text[self.at..];
        let mut objects = serde_json::Deserializer::from_str(rest).into_iter();
        let object = objects.next().expect("there is something that opens an object");
        self.at += objects.byte_offset();
        let object = object.map_err(|error: serde_json::Error| {
            // The JSON parser counts from the opening brace of this object.
            let before = if error.line() == 1 { column - 1 } else { 0 };
            ImportError::Json {
                path: self.path.to_owned(),
                line: line + error.line() - 1,
                column: before + error.column(),
                message: describe("", &error, rest),
            }
        })?;
        Ok((line, object))
    }

    fn unexpected(&mut self, found: Option<char>, expected: &str) -> ImportError {
        let (line, column) = self.place();
        let found = found.map_or_else(|| "the end of the file".to_owned(), |c| format!("'{c}'"));
        let message = format!("found {found}, expected {expected}");
        ImportError::Json { path: self.path.to_owned(), line, column, message }
    }

    /// The line and the column, in bytes, of what is read next; both from 1.
    fn place(&mut self) -> (usize, usize) {
        let new = &self.text[self.counted_to..self.at];
        self.line += new.matches('\n').count();
        if let Some(last) = new.rfind('\n') {
            self.line_start = self.counted_to + last + 1;
        }
        self.counted_to = self.at;
        (self.line, 1 + self.at - self.line_start)
    }
}
