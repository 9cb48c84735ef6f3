//! The objects of a JSON array, each with the line that it begins in.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::error::ImportError;

/// Reads an array of objects.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    text: &str,
) -> Result<Vec<(usize, T)>, ImportError> {
    let mut rest = Rest { path, text, at: 0, placed: 0, line: 1, line_start: 0 };
    rest.expect(&['['])?;
    let mut objects = Vec::new();
    if rest.peek() == Some(']') {
        rest.expect(&[']'])?;
        return rest.end().map(|()| objects);
    }
    loop {
        objects.push(rest.object()?);
        if rest.expect(&[',', ']'])? == ']' {
            return rest.end().map(|()| objects);
        }
    }
}

/// What is not read yet.
struct Rest<'t> {
    path: &'t Path,
    text: &'t str,
    /// In bytes.
    at: usize,
    /// Up to where lines are counted, so that no byte is looked at twice.
    placed: usize,
    /// The line that holds `placed`, from 1.
    line: usize,
    /// Where it begins.
    line_start: usize,
}

impl Rest<'_> {
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
        let mut objects = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter();
        let object = objects.next().expect("there is something that opens an object");
        self.at += objects.byte_offset();
        let object = object.map_err(|error: serde_json::Error| {
            // The reader counts from the opening brace.
            let before = if error.line() == 1 { column - 1 } else { 0 };
            let place = format!(" at line {} column {}", error.line(), error.column());
            ImportError::Json {
                path: self.path.to_owned(),
                line: line + error.line() - 1,
                column: before + error.column(),
                message: error.to_string().replace(&place, ""),
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

    /// Line, and column in bytes, from 1.
    fn place(&mut self) -> (usize, usize) {
        let new = &self.text[self.placed..self.at];
        self.line += new.matches('\n').count();
        if let Some(last) = new.rfind('\n') {
            self.line_start = self.placed + last + 1;
        }
        self.placed = self.at;
        (self.line, 1 + self.at - self.line_start)
    }
}
