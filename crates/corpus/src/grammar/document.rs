//! A TOML file as a tree in which every value has its line, so that every error can give it.

use toml::de::{DeTable, DeValue};

/// A mistake in one entry of a grammar file, before the path is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) entry: String,
    pub(crate) found: String,
    pub(crate) expected: String,
}

/// Returns a [`Fault`]: shorthand, since there are many of them.
pub(crate) fn fault<T>(
    line: usize,
    entry: impl Into<String>,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> Result<T, Fault> {
    Err(Fault { line, entry: entry.into(), found: found.into(), expected: expected.into() })
}

/// A value and the line (from 1) on which it begins.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

/// The kinds of values that a grammar file may hold.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
    Count(usize),
    List(Vec<Node>),
    /// In the order of the file.
    Table(Vec<(String, Node)>),
    /// A value that no entry of a grammar may have (a negative number, a date, …), by its type.
    Other(&'static str),
}

/// Reads a document.
pub(crate) fn parse(text: &str) -> Result<Node, toml::de::Error> {
    let root = DeTable::parse(text)?;
    let lines = Lines::of(text);
    Ok(Node { line: 1, value: table(root.get_ref(), &lines) })
}

/// Finds the line of a byte offset.
pub(crate) struct Lines {
    /// The offsets at which all lines but the first begin.
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self { starts: text.match_indices('\n').map(|(at, _)| at + 1).collect() }
    }

    pub(crate) fn line_of(&self, byte: usize) -> usize {
        1 + self.starts.partition_point(|&start| start <= byte)
    }
}

fn table(table: &DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        (name.to_string(), node(value, lines.line_of(key.span().start), lines))
    };
    Value::Table(entries.into_iter().map(entry).collect())
}

/// `line` is that of the key. The span of the value itself would not do: a table may be defined in
/// several parts.
fn node(value: &toml::Spanned<DeValue<'_>>, line: usize, lines: &Lines) -> Node {
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Integer(number) => match number.as_str().parse() {
            Ok(count) => Value::Count(count),
            Err(_) => Value::Other(value.get_ref().type_str()),
        },
        DeValue::Array(list) => {
            let items = list.iter().map(|item| node(item, lines.line_of(item.span().start), lines));
            Value::List(items.collect())
        }
        DeValue::Table(inner) => table(inner, lines),
        other => Value::Other(other.type_str()),
    };
    Node { line, value }
}

impl Node {
    /// Describes the value, for an error.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the text {text:?}"),
            Value::Flag(flag) => format!("{flag}"),
            Value::Count(count) => format!("the number {count}"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            Value::Other(kind) => format!("a value of type {kind}"),
        }
    }

    pub(crate) fn text(&self, entry: &str) -> Result<&str, Fault> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => fault(self.line, entry, self.describe(), "a text in quotes"),
        }
    }

    pub(crate) fn flag(&self, entry: &str) -> Result<bool, Fault> {
        match self.value {
            Value::Flag(flag) => Ok(flag),
            _ => fault(self.line, entry, self.describe(), "true or false"),
        }
    }

    /// A whole number of at least 1.
    pub(crate) fn count(&self, entry: &str) -> Result<usize, Fault> {
        match self.value {
            Value::Count(count) if count > 0 => Ok(count),
            _ => fault(self.line, entry, self.describe(), "a whole number of at least 1"),
        }
    }

    pub(crate) fn list(&self, entry: &str) -> Result<&[Node], Fault> {
        match &self.value {
            Value::List(list) => Ok(list),
            _ => fault(self.line, entry, self.describe(), "a list in [ ]"),
        }
    }

    pub(crate) fn table(&self, entry: &str) -> Result<&[(String, Node)], Fault> {
        match &self.value {
            Value::Table(table) => Ok(table),
            _ => fault(self.line, entry, self.describe(), "a table of keys and values"),
        }
    }

    /// A list of texts, each with its line.
    pub(crate) fn texts(&self, entry: &str) -> Result<Vec<(usize, &str)>, Fault> {
        self.list(entry)?.iter().map(|item| Ok((item.line, item.text(entry)?))).collect()
    }

    /// A list of lists of exactly `N` texts.
    pub(crate) fn tuples<const N: usize>(
        &self,
        entry: &str,
    ) -> Result<Vec<(usize, [&str; N])>, Fault> {
        self.list(entry)?.iter().map(|item| Ok((item.line, item.array(entry)?))).collect()
    }

    fn array<const N: usize>(&self, entry: &str) -> Result<[&str; N], Fault> {
        let texts: Vec<&str> = self.texts(entry)?.into_iter().map(|(_, text)| text).collect();
        let n_texts = texts.len();
        texts.try_into().or_else(|_| {
            fault(self.line, entry, format!("{n_texts} texts"), format!("{N} texts in a list"))
        })
    }
}
