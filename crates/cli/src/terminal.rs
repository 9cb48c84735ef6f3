//! Wraps output to the width of a terminal; in a pipe nothing is wrapped.
//!
//! Only clap and the dashboard use colours, and both honour `NO_COLOR`.

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
};
#[cfg(unix)]
use std::{os::fd::AsFd, thread, time::Duration};

use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthStr;

/// The width of stdout in columns; `None` if it is no terminal.
pub fn width() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into())
}

/// The width of stderr in columns; `None` if it is no terminal.
pub fn stderr_width() -> Option<usize> {
    terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns.into())
}

/// Lets Ctrl-C interrupt a program whose dashboard reads single keys, for which a terminal passes on the
/// interrupt as a key like any other. Ctrl-Z and Ctrl-\ stay keys: they would leave the terminal as the
/// dashboard needs it.
///
/// Burn's dashboard sets the terminal up in a thread of its own and does not say when, so another one
/// waits for it.
#[cfg(unix)]
pub fn keep_ctrl_c() -> io::Result<()> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
    // As the dashboard does: the terminal of the process, if stdin is another file.
    let terminal = match io::stdin().is_terminal() {
        true => io::stdin().as_fd().try_clone_to_owned()?,
        false => std::fs::File::open("/dev/tty")?.into(),
    };
    let interrupt = move || -> rustix::io::Result<()> {
        for _ in 0..MAX_POLLS {
            let mut modes = tcgetattr(&terminal)?;
            if !modes.local_modes.contains(LocalModes::ISIG) {
                modes.local_modes.insert(LocalModes::ISIG);
                for key in [SpecialCodeIndex::VSUSP, SpecialCodeIndex::VQUIT] {
                    modes.special_codes[key] = 0;
                }
                return tcsetattr(&terminal, OptionalActions::Now, &modes);
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    };
    // Without it the key q still asks whether to stop.
    thread::spawn(move || interrupt().ok());
    Ok(())
}

#[cfg(unix)]
const POLL_INTERVAL: Duration = Duration::from_millis(20);
#[cfg(unix)]
const MAX_POLLS: usize = 500;

/// Writes text to stdout, wrapped to the width of the terminal, with nothing in it that would command the
/// terminal.
pub fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(fold(&visible(text), width()).as_bytes())
}

/// The text with its control characters, but for line ends and tabs, as escapes (`\u{1b}`): a text from
/// somewhere must not ring, move the cursor or reverse a line.
pub fn visible(text: &str) -> Cow<'_, str> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let commands = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || turns(c);
    if !text.contains(commands) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| match commands(c) {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(escaped).collect())
}

/// How many columns of a terminal a text takes.
pub fn n_columns(text: &str) -> usize {
    text.width()
}

/// Wraps lines to `width` columns between words, with continuation lines indented by two more spaces.
/// Words and lines with a command are never broken, so that they can be copied.
pub fn fold(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut folded = String::new();
    for line in text.split_inclusive('\n') {
        if n_columns(line.trim_end()) <= width || line.contains("cargo run") {
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
        let length = n_columns(word.trim_end());
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
    fn what_would_command_the_terminal_is_shown() {
        assert_eq!(
            visible("Ana\u{7} \u{1b}[31m\u{202e}él\n\t"),
            "Ana\\u{7} \\u{1b}[31m\\u{202e}él\n\t"
        );
        assert!(matches!(visible("Ana y Luis 😀"), Cow::Borrowed(_)));
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
