//! Reading and writing examples, one JSON object a line, and finding all that is wrong with them.
//!
//! A file from outside is checked completely before any of it is used: the first mistake is named
//! with file, line and field, what was found and what was expected. Lines are read one at a time.
//! A byte order mark and CRLF are tolerated; lines of nothing but white space are skipped, for
//! people who separate blocks. Nothing else is: a misspelled field is an error, and so is a line above
//! [`MOST_LINE_BYTES`] or an example above [`MOST_EXAMPLES`].

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::example::Example;

mod validate;

pub use validate::{InvalidExample, validate};

/// The longest line: some hundred thousand words.
pub const MOST_LINE_BYTES: usize = 1 << 20;

/// The most examples of a file: in memory, a million of the usual length take half a gigabyte.
pub const MOST_EXAMPLES: usize = 1_000_000;

/// Why a file of examples cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is missing, a directory, or not ours to read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no line with an example.
    #[error("{}: found no examples, expected at least one line of JSON", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line that does not end where a text would.
    #[error(
        "{}:{line}: found a line above {MOST_LINE_BYTES} bytes, expected one example of at most that \
         length in each line", path.display()
    )]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// More than there is room for.
    #[error(
        "{}:{line}: found an example after {MOST_EXAMPLES} others, expected at most so many in a file; \
         hint: split it into several", path.display()
    )]
    ManyExamples {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A line is not UTF-8.
    #[error(
        "{}:{line}: found byte {byte:#04x} at byte {column} of the line, expected UTF-8; \
         hint: save the file as UTF-8", path.display()
    )]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The place in the line, in bytes from 1.
        column: usize,
        /// What stands there.
        byte: u8,
    },
    /// A line is not a JSON object with the fields of an example.
    #[error("{}:{line}: column {column}: {}", path.display(), without_place(source))]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The place in the line, in bytes from 1.
        column: usize,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// The object is an example, but not one that makes sense.
    #[error("{}:{line}: {source}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: InvalidExample,
    },
    /// Two lines have the same name.
    #[error(
        "{}:{line}: id: found {id:?}, which line {first} has too, expected a name of its own",
        path.display()
    )]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// The second line with the name, from 1.
        line: usize,
        /// The first line with the name.
        first: usize,
        /// The name.
        id: String,
    },
}

/// Why a file of examples could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system refused.
    #[error("cannot write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An example that nobody could read again.
    #[error("cannot write {}: example {id:?}: {source}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The example's name.
        id: String,
        /// What is wrong with it.
        source: InvalidExample,
    },
    /// An example whose line nobody would read again.
    #[error(
        "cannot write {}: example {id:?}: found a line of {n_bytes} bytes, expected at most \
         {MOST_LINE_BYTES}", path.display()
    )]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The example's name.
        id: String,
        /// The length of its line.
        n_bytes: usize,
    },
}

/// Reads and checks a file.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(path: &Path) -> Result<Vec<Example>, ReadError> {
    let file =
        File::open(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    read_from(BufReader::new(file), path)
}

/// Reads and checks what is called `name` in complaints.
///
/// # Errors
/// The first mistake, with its line.
pub fn read_from(reader: impl BufRead, name: &Path) -> Result<Vec<Example>, ReadError> {
    read_up_to(MOST_EXAMPLES, reader, name)
}

fn read_up_to(
    most_examples: usize,
    mut reader: impl BufRead,
    name: &Path,
) -> Result<Vec<Example>, ReadError> {
    let mut examples = Vec::new();
    let mut lines_of_ids: HashMap<String, usize> = HashMap::new();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let n_bytes = (reader.by_ref().take(MOST_LINE_BYTES as u64 + 1))
            .read_until(b'\n', &mut bytes)
            .map_err(|source| ReadError::Io { path: name.to_owned(), source })?;
        if n_bytes == 0 {
            break;
        }
        if bytes.strip_suffix(b"\n").unwrap_or(&bytes).len() > MOST_LINE_BYTES {
            return Err(ReadError::LongLine { path: name.to_owned(), line });
        }
        let Some(example) = read_line(&bytes, line, name)? else { continue };
        if let Some(&first) = lines_of_ids.get(&example.id) {
            let (path, id) = (name.to_owned(), example.id);
            return Err(ReadError::DuplicateId { path, line, first, id });
        }
        if examples.len() == most_examples {
            return Err(ReadError::ManyExamples { path: name.to_owned(), line });
        }
        lines_of_ids.insert(example.id.clone(), line);
        examples.push(example);
    }
    if examples.is_empty() {
        return Err(ReadError::Empty { path: name.to_owned() });
    }
    Ok(examples)
}

/// Writes a file, replacing what was there; what could not be read again is refused first.
///
/// # Errors
/// If an example is invalid, or the system refuses.
pub fn write(path: &Path, examples: &[Example]) -> Result<(), WriteError> {
    for example in examples {
        validate(example).map_err(|source| {
            let (path, id) = (path.to_owned(), example.id.clone());
            WriteError::Invalid { path, id, source }
        })?;
    }
    let mut bytes = Vec::new();
    let io = |source| WriteError::Io { path: path.to_owned(), source };
    write_to(&mut bytes, examples).map_err(io)?;
    for (line, example) in bytes.split(|&byte| byte == b'\n').zip(examples) {
        if line.len() > MOST_LINE_BYTES {
            let (path, id, n_bytes) = (path.to_owned(), example.id.clone(), line.len());
            return Err(WriteError::LongLine { path, id, n_bytes });
        }
    }
    fs::write(path, &bytes).map_err(io)
}

/// Writes one line for each example.
///
/// # Errors
/// If the writer refuses.
pub fn write_to(mut writer: impl Write, examples: &[Example]) -> io::Result<()> {
    for example in examples {
        serde_json::to_writer(&mut writer, example)?;
        writer.write_all(b"\n")?;
    }
    Ok(())
}

/// The example of a line, or `None` where it is blank.
fn read_line(bytes: &[u8], line: usize, name: &Path) -> Result<Option<Example>, ReadError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let path = name.to_owned();
            return Err(ReadError::NotUtf8 { path, line, column: at + 1, byte: bytes[at] });
        }
    };
    let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let example: Example = serde_json::from_str(text.trim_end()).map_err(|source| {
        let (path, column) = (name.to_owned(), source.column());
        ReadError::Json { path, line, column, source }
    })?;
    validate(&example).map_err(|source| {
        let path = name.to_owned();
        ReadError::Invalid { path, line, source }
    })?;
    Ok(Some(example))
}

/// The JSON reader's message without its "at line 1 column 7": it sees one line at a time.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_examples_than_there_is_room_for_are_refused_with_the_line_of_the_first() {
        let line = |id: usize| {
            format!(
                r#"{{"id":"{id}","lang":"en","text":"Tom saw her.","pronoun":[8,11],"candidates":[[0,3]],"antecedent":null,"phenomenon":"mine"}}"#
            ) + "\n"
        };
        let text = format!("{}\n{}{}", line(1), line(2), line(3));
        let read = |most| read_up_to(most, text.as_bytes(), Path::new("my.jsonl"));
        assert_eq!(read(3).unwrap().len(), 3);
        let expected =
            "my.jsonl:4: found an example after 1000000 others, expected at most so many";
        assert!(read(2).unwrap_err().to_string().starts_with(expected));
    }
}
