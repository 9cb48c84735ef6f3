//! Messages on stderr, which never make a program fail.

use std::{
    fmt::Display,
    io::{self, Write},
};

use crate::terminal::{fold, stderr_width, visible};

/// Writes a line to stderr, wrapped to the width of the terminal and with nothing in it that would command
/// the terminal, and ignores errors. `eprintln!`
/// would panic where stderr is a closed pipe (`2>&1 | head`) and thereby end a training.
pub fn print_line(line: impl Display) {
    let line = line.to_string();
    let _ = writeln!(io::stderr(), "{}", fold(&visible(&line), stderr_width()));
}
