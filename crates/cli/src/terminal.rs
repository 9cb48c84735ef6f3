//! Wraps output to the width of a terminal; in a pipe nothing is wrapped.
//!
//! Only clap and the dashboard use colours, and both honour `NO_COLOR`.

use std::io::{self, Write};

use terminal_size::{Width, terminal_size_of};

/// The width of stdout in columns; `None` if it is no terminal.
pub fn width() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into())
}

/// The width of stderr in columns; `None` if it is no terminal.
pub fn stderr_width() -> Option<usize> {
    terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns.into())
}

/// Writes text to stdout, wrapped to the width of the terminal.
pub fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(fold(text, width()).as_bytes())
}

/// Wraps lines to `width` columns between words, with continuation lines indented by two more spaces.
/// Words and lines with a command are never broken, so that they can be copied.
pub fn fold(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut folded = String::new();
    for line in text.split_inclusive('\n') {
        if line.trim_end().chars().count() <= width || line.contains("cargo run") {
            folded.push_str(line);
        } else {
            fold_line(line, width, &mut folded);
        }
    }
    folded
}

fn fold_line(line: &str, width: usize, folded: &mut String) {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let mut column = indent;
    folded.push_str(&line[..indent]);
    for (index, word) in line[indent..].split(' ').enumerate() {
        let length = word.trim_end().chars().count();
        if index > 0 && column + 1 + length > width && length > 0 {
            folded.truncate(folded.trim_end_matches(' ').len());
            *folded += "\n";
            *folded += &" ".repeat(indent + 2);
            column = indent + 2;
        } else if index > 0 {
            folded.push(' ');
            column += 1;
        }
        folded.push_str(word);
        column += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words_and_short_ones_are_left() {
        let text = "short  line\n  by position alone: first 41 %, last  38 %\nend";
        let expected = "short  line\n  by position alone:\n    first 41 %, last\n    38 %\nend";
        assert_eq!(fold(text, Some(20)), expected);
        assert_eq!(fold(text, None), text);
    }

    #[test]
    fn words_and_commands_stay_whole() {
        let command = "hint: cargo run --bin train -- --resume runs/base-001 goes on\n";
        assert_eq!(fold(command, Some(20)), command);
        assert_eq!(
            fold("a /very/long/path/to/a/file b", Some(10)),
            "a\n  /very/long/path/to/a/file\n  b"
        );
    }
}
