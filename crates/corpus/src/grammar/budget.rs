//! Limits on what a grammar file may expand to.
//!
//! Lists may use other lists, and the number of texts multiplies at each level, so that a file of
//! one screen could exhaust the memory. Therefore the memory and the comparisons that a file causes
//! are spent from one budget, and a file that exceeds it is refused.

use std::cell::Cell;

use super::document::{Fault, fault};

/// The largest grammar file, about five times the committed ones.
pub(super) const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most words of a language.
pub(super) const MAX_WORDS: usize = 10_000;
/// How deep lists may be nested: reading and rendering them recurses.
pub(super) const MAX_LIST_DEPTH: usize = 32;
/// The most turns of a phenomenon.
pub(super) const MAX_TURNS: usize = 100;
/// The most contrasts of a phenomenon: each of eight pronouns with each.
pub(super) const MAX_CONTRASTS: usize = 64;

/// Bytes for texts, lists and slots of one file, estimated as the allocator would count them.
const MAX_MEMORY: usize = 200_000_000;
/// Estimated bytes for each use of a list, beside its texts.
pub(super) const CHOICE_BYTES: usize = 512;
/// Estimated bytes for a text, beside its characters.
pub(super) const TEXT_BYTES: usize = 64;
/// Comparisons of words with lists and contrasts: they take some seconds.
const MAX_COMPARISONS: usize = 1_000_000_000;

/// What a file may still spend.
pub(super) struct Budget {
    memory: Cell<usize>,
    comparisons: Cell<usize>,
}

impl Budget {
    /// The budget of one file.
    pub(super) fn new() -> Self {
        Self { memory: Cell::new(MAX_MEMORY), comparisons: Cell::new(MAX_COMPARISONS) }
    }

    /// Spends memory on what `entry` on `line` expands to, or fails if too little is left.
    pub(super) fn spend_memory(
        &self,
        n_bytes: usize,
        line: usize,
        entry: &str,
    ) -> Result<(), Fault> {
        let found = || format!("lists and words that unfold to more than {MAX_MEMORY} bytes");
        spend(&self.memory, n_bytes, line, entry, found)
    }

    /// Spends `n` comparisons, or fails if too few are left.
    pub(super) fn spend_comparisons(
        &self,
        n: usize,
        line: usize,
        entry: &str,
    ) -> Result<(), Fault> {
        let found = || format!("words and lists that take more than {MAX_COMPARISONS} comparisons");
        spend(&self.comparisons, n, line, entry, found)
    }
}

fn spend(
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
