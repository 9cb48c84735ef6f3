//! Which positions of a padded batch are there, and who works on them.
//!
//! ```text
//! padded     a b c . . | d e . . . | f g h i j        [batch · seq] rows, as Burn knows them
//! packed     a b c d e f g h i j                      the same without the padding
//! parts      a b c d e | f g h i j                    whole texts, one part for each thread
//! ```
//!
//! Everything costly happens on packed rows. Parts are contiguous and depend on nothing but the
//! lengths of the texts and the number of threads: the same sums in the same order, every time.

use std::ops::Range;

/// Rows that one thread takes through a whole half block at a time: few enough for its own cache,
/// enough for the matrix product to be at its best.
const CHUNK: usize = 128;

/// The texts of one batch.
#[derive(Debug, Clone)]
pub struct Rows {
    seq: usize,
    /// For each packed row, its position in its text.
    positions: Vec<u32>,
    /// For each text its first packed row, and in the end the number of all.
    starts: Vec<usize>,
}

impl Rows {
    /// From the padding of `[batch, seq]`, row by row: `true` where there is nothing.
    ///
    /// # Panics
    ///
    /// If `padding` is not a whole number of rows.
    pub fn new(padding: &[bool], seq: usize) -> Self {
        assert!(padding.len().is_multiple_of(seq.max(1)), "{} in rows of {seq}", padding.len());
        let mut rows = Self { seq, positions: Vec::with_capacity(padding.len()), starts: vec![0] };
        for text in padding.chunks(seq.max(1)) {
            let there = (0_u32..).zip(text).filter(|(_, is_padding)| !**is_padding);
            rows.positions.extend(there.map(|(position, _)| position));
            rows.starts.push(rows.positions.len());
        }
        rows
    }

    /// Texts of the batch.
    pub fn n_texts(&self) -> usize {
        self.starts.len() - 1
    }

    /// Rows of the batch, padding included.
    pub fn n_padded(&self) -> usize {
        self.n_texts() * self.seq
    }

    /// The width that the texts are padded to.
    pub(crate) fn seq(&self) -> usize {
        self.seq
    }

    /// Rows of these texts, without padding.
    pub(crate) fn packed(&self, texts: &Range<usize>) -> Range<usize> {
        self.starts[texts.start]..self.starts[texts.end]
    }

    /// Rows of these texts with their padding.
    pub(crate) fn padded(&self, texts: &Range<usize>) -> Range<usize> {
        texts.start * self.seq..texts.end * self.seq
    }

    /// The positions of one text that are there.
    pub(crate) fn positions(&self, text: usize) -> &[u32] {
        &self.positions[self.starts[text]..self.starts[text + 1]]
    }

    /// For each packed row of these texts, its row among all padded ones.
    pub(crate) fn places<'a>(&'a self, texts: &Range<usize>) -> impl Iterator<Item = usize> + 'a {
        texts.clone().flat_map(move |text| {
            self.positions(text).iter().map(move |&position| text * self.seq + position as usize)
        })
    }

    /// The packed rows of these texts in stretches that are contiguous in the padded batch too.
    pub(crate) fn runs(&self, texts: &Range<usize>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (packed, padded) in self.places(texts).enumerate() {
            match runs.last_mut() {
                Some(run) if run.padded + run.n == padded => run.n += 1,
                _ => runs.push(Run { packed, padded, n: 1 }),
            }
        }
        runs
    }

    /// At most `n` parts of about the same cost.
    pub(crate) fn parts(&self, n: usize) -> Vec<Range<usize>> {
        // Products cost the same for each row, attention as much as the text is long; the weight
        // of the two is that of our usual widths, and need not be right to be fair.
        let cost = |text: usize| {
            let length = self.starts[text + 1] - self.starts[text];
            length * (1_024 + length)
        };
        let total: usize = (0..self.n_texts()).map(cost).sum();
        let mut parts = Vec::with_capacity(n);
        let (mut start, mut done) = (0, 0);
        for text in 0..self.n_texts() {
            // A text belongs to the part that its middle lies in.
            let middle = done + cost(text) / 2;
            let due = (parts.len() + 1) * total / n;
            if middle >= due && text > start && parts.len() + 1 < n {
                parts.push(start..text);
                start = text;
            }
            done += cost(text);
        }
        if start < self.n_texts() {
            parts.push(start..self.n_texts());
        }
        parts
    }

    /// Whole texts, of about `CHUNK` rows together.
    ///
    /// A wider model gets more of them: each chunk reads all weights once.
    pub(crate) fn chunks(&self, part: &Range<usize>, d_model: usize) -> Vec<Range<usize>> {
        let n_rows = CHUNK.max(d_model / 2);
        let mut chunks = Vec::new();
        let mut start = part.start;
        for text in part.clone() {
            if self.packed(&(start..text + 1)).len() > n_rows && text > start {
                chunks.push(start..text);
                start = text;
            }
        }
        if start < part.end {
            chunks.push(start..part.end);
        }
        chunks.retain(|texts| !self.packed(texts).is_empty());
        chunks
    }
}

/// Rows that are neighbours with and without the padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first among the packed rows of some texts.
    packed: usize,
    /// The first among all padded rows.
    padded: usize,
    n: usize,
}

impl Run {
    /// Where its numbers are among packed rows that are `width` wide.
    pub(crate) fn packed(self, width: usize) -> Range<usize> {
        self.packed * width..(self.packed + self.n) * width
    }

    /// Where its numbers are among the padded rows from `first` on.
    pub(crate) fn padded(self, first: usize, width: usize) -> Range<usize> {
        let start = self.padded - first;
        start * width..(start + self.n) * width
    }
}

/// The first `n` of what is left of a slice.
pub(crate) fn split_off<'a>(rest: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    let (first, others) = std::mem::take(rest).split_at_mut(n);
    *rest = others;
    first
}

#[cfg(test)]
mod tests;
