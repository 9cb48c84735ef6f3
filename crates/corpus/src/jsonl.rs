//! Reads and writes files of examples, one JSON object a line, and checks them.
//!
//! A file is checked completely before any of it is used. The first mistake is reported with file,
//! line and field, what was found and what was expected. Byte order marks, CRLF and blank lines
//! are accepted. Unknown fields are passed over and named in a notice. Lines above [`MAX_LINE_BYTES`] and
//! files above [`MAX_EXAMPLES`] are refused.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use files::{
    atomic::write_output,
    text::{self, NotText},
};

use crate::annotated::{AnnotatedText, InvalidMention};
use crate::example::Example;
use crate::json_error::describe;
use crate::suspicion::suspicion;
use crate::text::Text;

mod unknown;
mod validate;

use unknown::UnknownFields;
pub use validate::{Field, InvalidExample, validate};

/// The longest line: about a hundred thousand words.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// The most examples in a file. A million of the usual length take half a gigabyte of memory.
pub const MAX_EXAMPLES: usize = 1_000_000;

/// A file of examples cannot be read or has a mistake. Lines count from 1, columns and bytes within
/// their line from 1.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The file has no examples.
    #[error("{}: found no examples, expected at least one line of JSON", path.display())]
    Empty { path: PathBuf },
    /// A line is longer than [`MAX_LINE_BYTES`].
    #[error(
        "{}:{line}: found a line above {MAX_LINE_BYTES} bytes, expected one example of at most that \
         length in each line", path.display()
    )]
    LongLine { path: PathBuf, line: usize },
    /// The file has more than [`MAX_EXAMPLES`] examples. `line` is that of the first one too many.
    #[error(
        "{}:{line}: found an example after {MAX_EXAMPLES} others, expected at most so many in a file; \
         hint: split it into several", path.display()
    )]
    ManyExamples { path: PathBuf, line: usize },
    /// The file is compressed or in another encoding, or a line of it is not UTF-8.
    #[error("{}:{line}: {source}", path.display())]
    NotText { path: PathBuf, line: usize, source: NotText },
    /// A line holds JSON that is no object.
    #[error("{}:{line}: found {found}, expected an object with the fields of an example{hint}", path.display())]
    NoObject { path: PathBuf, line: usize, found: &'static str, hint: &'static str },
    /// A line is not JSON, or lacks a field, or has one of the wrong type.
    #[error("{}:{line}: column {column}: {what}{hint}", path.display())]
    Json {
        path: PathBuf,
        line: usize,
        column: usize,
        what: String,
        hint: String,
        source: serde_json::Error,
    },
    /// The fields of an example contradict each other.
    #[error("{}:{line}: {source}", path.display())]
    Invalid { path: PathBuf, line: usize, source: InvalidExample },
    /// The mentions of a text contradict it.
    #[error("{}:{line}: {source}", path.display())]
    InvalidMention { path: PathBuf, line: usize, source: InvalidMention },
    /// Two examples have the same id.
    #[error(
        "{}:{line}: id: found {id:?}, which line {first} has too, expected a name of its own",
        path.display()
    )]
    DuplicateId {
        path: PathBuf,
        /// The line of the second example with the id.
        line: usize,
        /// The line of the first example with the id.
        first: usize,
        id: String,
    },
}

/// A file of examples cannot be written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields hold")]
pub enum WriteError {
    /// The file cannot be created or written.
    #[error("cannot write {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The example with this id is invalid, so that [`read`] would refuse it.
    #[error("cannot write {}: example {id:?}: {source}", path.display())]
    Invalid { path: PathBuf, id: String, source: InvalidExample },
    /// The line of the example with this id would be longer than [`MAX_LINE_BYTES`].
    #[error(
        "cannot write {}: example {id:?}: found a line of {n_bytes} bytes, expected at most \
         {MAX_LINE_BYTES}", path.display()
    )]
    LongLine { path: PathBuf, id: String, n_bytes: usize },
}

/// What a file of examples holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Each text with its line, which counts from 1.
    pub texts: Vec<(usize, Text)>,
    /// What is odd about the file although it can be read: unknown fields, spans within words. Each
    /// begins with the path.
    pub notices: Vec<String>,
}

impl Contents {
    /// All examples of the texts.
    pub fn into_examples(self) -> Vec<Example> {
        self.texts.into_iter().flat_map(|(_, text)| text.examples).collect()
    }
}

/// Reads and checks a file.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(path: &Path) -> Result<Vec<Example>, ReadError> {
    Ok(read_contents(path)?.into_examples())
}

/// Reads and checks a file of which a line is an example or a text with mentions.
///
/// # Errors
/// The first mistake, with its line.
pub fn read_contents(path: &Path) -> Result<Contents, ReadError> {
    let file =
        File::open(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    read_up_to(MAX_EXAMPLES, BufReader::new(file), path)
}

/// Reads and checks examples from any reader. Errors give `name` as the path.
///
/// # Errors
/// The first mistake, with its line.
pub fn read_from(reader: impl BufRead, name: &Path) -> Result<Vec<Example>, ReadError> {
    Ok(read_up_to(MAX_EXAMPLES, reader, name)?.into_examples())
}

fn read_up_to(
    max_examples: usize,
    mut reader: impl BufRead,
    name: &Path,
) -> Result<Contents, ReadError> {
    let mut texts: Vec<(usize, Text)> = Vec::new();
    let mut unknown = UnknownFields::default();
    let mut n_examples = 0;
    let mut lines_of_ids: HashMap<String, usize> = HashMap::new();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let n_bytes = (reader.by_ref().take(MAX_LINE_BYTES as u64 + 1))
            .read_until(b'\n', &mut bytes)
            .map_err(|source| ReadError::Io { path: name.to_owned(), source })?;
        if n_bytes == 0 {
            break;
        }
        if bytes.strip_suffix(b"\n").unwrap_or(&bytes).len() > MAX_LINE_BYTES {
            return Err(ReadError::LongLine { path: name.to_owned(), line });
        }
        let Some((id, text)) = read_line(&bytes, line, name, &mut unknown)? else { continue };
        // An anaphor of a text has an id of its own, which no other line may have, either.
        let of_examples = text.iter().flat_map(|text| &text.examples).map(|e| e.id.clone());
        let mut ids: Vec<String> = of_examples.chain([id]).collect();
        ids.sort();
        ids.dedup();
        if let Some(id) = ids.iter().find(|id| lines_of_ids.contains_key(*id)) {
            let (path, id, first) = (name.to_owned(), id.clone(), lines_of_ids[id]);
            return Err(ReadError::DuplicateId { path, line, first, id });
        }
        n_examples += text.as_ref().map_or(0, |text| text.examples.len());
        if n_examples > max_examples {
            return Err(ReadError::ManyExamples { path: name.to_owned(), line });
        }
        lines_of_ids.extend(ids.into_iter().map(|id| (id, line)));
        texts.extend(text.map(|text| (line, text)));
    }
    if texts.is_empty() {
        return Err(ReadError::Empty { path: name.to_owned() });
    }
    let suspicion = suspicion(texts.iter().flat_map(|(_, text)| &text.examples));
    let unknown = Some(unknown).filter(|fields| !fields.is_empty());
    let found =
        [unknown.map(|fields| fields.to_string()), suspicion.map(|found| found.to_string())];
    let notices = found.into_iter().flatten().map(|found| format!("{}: {found}", name.display()));
    Ok(Contents { notices: notices.collect(), texts })
}

/// Writes a file, replacing an existing one. Nothing is written if one of the examples could not be
/// read again.
///
/// # Errors
/// If an example is invalid or too long for a line, or the file cannot be written.
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
        if line.len() > MAX_LINE_BYTES {
            let (path, id, n_bytes) = (path.to_owned(), example.id.clone(), line.len());
            return Err(WriteError::LongLine { path, id, n_bytes });
        }
    }
    write_output(path, &bytes).map_err(io)
}

/// Writes one line for each example, without checking it.
///
/// # Errors
/// If the writer fails.
pub fn write_to(mut writer: impl Write, examples: &[Example]) -> io::Result<()> {
    for example in examples {
        serde_json::to_writer(&mut writer, example)?;
        writer.write_all(b"\n")?;
    }
    Ok(())
}

/// The id and the text of a line, or `None` if the line is blank. A text with mentions of which no
/// anaphor has one answer has an id and no text.
fn read_line(
    bytes: &[u8],
    line: usize,
    name: &Path,
    unknown: &mut UnknownFields,
) -> Result<Option<(String, Option<Text>)>, ReadError> {
    let not_text = |source| ReadError::NotText { path: name.to_owned(), line, source };
    if line == 1
        && let Some(source) = text::recognise(bytes)
    {
        return Err(not_text(source));
    }
    let text = text::line(bytes).map_err(not_text)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let json = |error: serde_path_to_error::Error<serde_json::Error>| {
        let what = describe(&error.path().to_string(), error.inner(), text);
        let source = error.into_inner();
        let (path, column) = (name.to_owned(), source.column());
        let hint = unknown::hint(&source.to_string(), text).unwrap_or_default();
        ReadError::Json { path, line, column, what, hint, source }
    };
    if let Some((found, hint)) = no_object(text) {
        return Err(ReadError::NoObject { path: name.to_owned(), line, found, hint });
    }
    if text.contains("\"mentions\"") && has_mentions(text) {
        let text: AnnotatedText = parse(text, line, unknown).map_err(json)?;
        text.validate().map_err(|source| {
            let path = name.to_owned();
            ReadError::InvalidMention { path, line, source }
        })?;
        let (id, text) = (text.id.clone(), text.into_text());
        for example in text.iter().flat_map(|text| &text.examples) {
            validate(example).map_err(|source| {
                let path = name.to_owned();
                ReadError::Invalid { path, line, source }
            })?;
        }
        return Ok(Some((id, text)));
    }
    let example: Example = parse(text, line, unknown).map_err(json)?;
    validate(&example).map_err(|source| {
        let path = name.to_owned();
        ReadError::Invalid { path, line, source }
    })?;
    Ok(Some((example.id.clone(), Some(example.into()))))
}

/// Parses a line, of which nothing but white space may follow the object. Fields that `T` does not have
/// are added to `unknown`. An error has the path of the field.
fn parse<T: serde::de::DeserializeOwned>(
    text: &str,
    line: usize,
    unknown: &mut UnknownFields,
) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    let mut parser = serde_json::Deserializer::from_str(text.trim_end());
    let mut track = serde_path_to_error::Track::new();
    let mut insert = |path: serde_ignored::Path<'_>| unknown.insert(&path, line);
    let fields = serde_ignored::Deserializer::new(&mut parser, &mut insert);
    let parsed = T::deserialize(serde_path_to_error::Deserializer::new(fields, &mut track))
        .and_then(|parsed| parser.end().map(|()| parsed));
    parsed.map_err(|error| serde_path_to_error::Error::new(track.path(), error))
}

/// What a line of JSON is that does not begin an object, and what can be done about it; the parser would
/// take the values of an array for those of the fields, in their order.
fn no_object(line: &str) -> Option<(&'static str, &'static str)> {
    const ONE_A_LINE: &str =
        "; hint: jq -c '.[]' FILE writes the elements of one array, one a line";
    match line.trim_start().chars().next()? {
        '[' if line.trim_end().len() <= 1 => Some(("the beginning of an array", ONE_A_LINE)),
        '[' => Some(("an array", ONE_A_LINE)),
        '"' => Some(("a string", "")),
        '0'..='9' | '-' => Some(("a number", "")),
        _ => None,
    }
}

/// Whether the object of a line has the field `mentions`, and not only a text that has the word.
fn has_mentions(line: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Mentions {
        mentions: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Mentions>(line.trim_end()).is_ok_and(|line| line.mentions.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_most_examples_are_refused_with_the_line_of_the_first_one_too_many() {
        let line = |id: usize| {
            format!(
                r#"{{"id":"{id}","lang":"en","text":"Tom saw her.","pronoun":[8,11],"candidates":[[0,3]],"antecedent":null,"phenomenon":"mine"}}"#
            ) + "\n"
        };
        let text = format!("{}\n{}{}", line(1), line(2), line(3));
        let read = |most| read_up_to(most, text.as_bytes(), Path::new("my.jsonl"));
        let lines: Vec<usize> = read(3).unwrap().texts.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4]);
        assert!(matches!(read(2), Err(ReadError::ManyExamples { line: 4, .. })));
    }
}
