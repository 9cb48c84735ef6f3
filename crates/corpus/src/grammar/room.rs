//! How much a grammar may unfold to.
//!
//! A list may use other lists, ten of its items two of the next ones, and so on: a file that fits a
//! screen could fill any memory. Whatever is made of a file, or compared for its sake, is taken from one
//! room.

use std::cell::Cell;

use super::document::{Fault, fault};

/// The largest file, five times the ones that come with the program.
pub(super) const MOST_FILE_BYTES: u64 = 1 << 20;
/// The most words of a language.
pub(super) const MOST_WORDS: usize = 10_000;
/// How deep lists may lie in each other: reading and rendering them recurses.
pub(super) const MOST_NESTED: usize = 32;
/// How often the turn of a phenomenon may come.
pub(super) const MOST_TURNS: usize = 100;
/// How many contrasts a phenomenon may have: each of eight forms with each.
pub(super) const MOST_CONTRASTS: usize = 64;

/// Bytes of texts, lists and entries of slots, about as the allocator counts them.
const MEMORY: usize = 200_000_000;
/// What a list takes where it is used, beside the texts in it.
pub(super) const CHOICE_BYTES: usize = 512;
/// What a text takes beside its letters.
pub(super) const TEXT_BYTES: usize = 64;
/// Comparisons of words with lists and contrasts: some seconds.
const WORK: usize = 1_000_000_000;

/// What is left for a file to unfold to.
pub(super) struct Room {
    memory: Cell<usize>,
    work: Cell<usize>,
}

impl Room {
    /// All of it.
    pub(super) fn new() -> Self {
        Self { memory: Cell::new(MEMORY), work: Cell::new(WORK) }
    }

    /// Takes the memory for what `entry` on `line` unfolds to.
    pub(super) fn take(&self, n_bytes: usize, line: usize, entry: &str) -> Result<(), Fault> {
        let found = || format!("lists and words that unfold to more than {MEMORY} bytes");
        take(&self.memory, n_bytes, line, entry, found)
    }

    /// Takes the time for so many comparisons.
    pub(super) fn compare(&self, n: usize, line: usize, entry: &str) -> Result<(), Fault> {
        let found = || format!("words and lists that take more than {WORK} comparisons");
        take(&self.work, n, line, entry, found)
    }
}

fn take(
    left: &Cell<usize>,
    n: usize,
    line: usize,
    entry: &str,
    found: impl FnOnce() -> String,
) -> Result<(), Fault> {
    match left.get().checked_sub(n) {
        Some(rest) => {
            left.set(rest);
            Ok(())
        }
        None => fault(line, entry, found(), "fewer lists in each other, or fewer words"),
    }
}
