//! Messages on stderr, which never make a program fail.

use std::{
    fmt::Display,
    io::{self, Write},
};

use crate::terminal::{fold, stderr_width};

/// Writes a line to stderr, wrapped to the width of the terminal, and ignores errors. `eprintln!`
/// would panic where stderr is a closed pipe (`2>&1 | head`) and thereby end a training.
pub fn print_line(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", fold(&line.to_string(), stderr_width()));
}
