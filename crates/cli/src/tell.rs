//! What is said beside the results: on stderr, and no reason to fail.

use std::{
    fmt::Display,
    io::{self, Write},
};

use crate::terminal::{fold, stderr_width};

/// Writes a line on stderr. Nobody needs to listen: `eprintln!` would panic where stderr is a closed
/// pipe (`2>&1 | head`), in the midst of a training.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", fold(&line.to_string(), stderr_width()));
}
