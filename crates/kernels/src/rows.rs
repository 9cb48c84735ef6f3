//! A batch without its padding, and its division among threads.
//!
//! ```text
//! padded     a b c . . | d e . . . | f g h i j        [batch · seq] rows, as Burn stores them
//! packed     a b c d e f g h i j                      the same without the padding
//! parts      a b c d e | f g h i j                    whole texts, one part for each thread
//! ```
//!
//! Everything costly is computed on packed rows. Parts are contiguous and a function of the lengths of
//! the texts and the number of threads alone, so that sums are always taken in the same order.

use std::ops::Range;

/// Rows that one thread takes through a whole half block at a time: few enough for the cache of its
/// core, enough for the matrix product to reach its speed.
const CHUNK_ROWS: usize = 128;

/// Which rows of a padded batch are not padding.
#[derive(Debug, Clone)]
pub struct PackedRows {
    seq: usize,
    /// For each packed row, its position in its text.
    positions: Vec<u32>,
    /// The first packed row of each text, and at the end the number of all (`cu_seqlens` elsewhere).
    starts: Vec<usize>,
}

impl PackedRows {
    /// From the padding mask of `[batch, seq]`, row by row: `true` is padding.
    ///
    /// # Panics
    ///
    /// If the length of `padding` is not a multiple of `seq`.
    pub fn new(padding: &[bool], seq: usize) -> Self {
        assert!(padding.len().is_multiple_of(seq.max(1)), "{} in rows of {seq}", padding.len());
        let mut rows = Self { seq, positions: Vec::with_capacity(padding.len()), starts: vec![0] };
        for text in padding.chunks(seq.max(1)) {
            let present = (0_u32..).zip(text).filter(|(_, is_padding)| !**is_padding);
            rows.positions.extend(present.map(|(position, _)| position));
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

    /// The packed rows of these texts.
    pub(crate) fn packed(&self, texts: &Range<usize>) -> Range<usize> {
        self.starts[texts.start]..self.starts[texts.end]
    }

    /// The padded rows of these texts.
    pub(crate) fn padded(&self, texts: &Range<usize>) -> Range<usize> {
        texts.start * self.seq..texts.end * self.seq
    }

    /// The positions of one text that are not padding.
    pub(crate) fn positions(&self, text: usize) -> &[u32] {
        &self.positions[self.starts[text]..self.starts[text + 1]]
    }

    /// The index in the padded batch of each packed row of these texts.
    pub(crate) fn padded_indices<'a>(
        &'a self,
        texts: &Range<usize>,
    ) -> impl Iterator<Item = usize> + 'a {
        texts.clone().flat_map(move |text| {
            self.positions(text).iter().map(move |&position| text * self.seq + position as usize)
        })
    }

    /// The packed rows of these texts in runs that are contiguous in the padded batch too.
    pub(crate) fn runs(&self, texts: &Range<usize>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (packed, padded) in self.padded_indices(texts).enumerate() {
            match runs.last_mut() {
                Some(run) if run.padded + run.n == padded => run.n += 1,
                _ => runs.push(Run { packed, padded, n: 1 }),
            }
        }
        runs
    }

    /// At most `n` parts of about the same cost.
    pub(crate) fn parts(&self, n: usize) -> Vec<Range<usize>> {
        // A row costs the same in every product, and in attention it costs in proportion to the
        // length of its text. The weights of the two are those of usual widths; for others the parts
        // are less equal.
        let cost = |text: usize| {
            let length = self.starts[text + 1] - self.starts[text];
            length * (1_024 + length)
        };
        let total: usize = (0..self.n_texts()).map(cost).sum();
        let mut parts = Vec::with_capacity(n);
        let (mut start, mut done) = (0, 0);
        for text in 0..self.n_texts() {
            // A text belongs to the part that its midpoint lies in.
            let midpoint = done + cost(text) / 2;
            let due = (parts.len() + 1) * total / n;
            if midpoint >= due && text > start && parts.len() + 1 < n {
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

    /// Whole texts with at most `CHUNK_ROWS` rows together, or one longer text. Chunks of nothing but
    /// padding are left out.
    ///
    /// A wider model has longer chunks, because each chunk reads all weights once.
    pub(crate) fn chunks(&self, part: &Range<usize>, d_model: usize) -> Vec<Range<usize>> {
        let n_rows = CHUNK_ROWS.max(d_model / 2);
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

/// Rows that are contiguous both in the packed and in the padded batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first, among the packed rows of the texts that [`PackedRows::runs`] was asked for.
    packed: usize,
    /// The first, among all padded rows.
    padded: usize,
    n: usize,
}

impl Run {
    /// Indices of its numbers in packed rows that are `width` wide.
    pub(crate) fn packed(self, width: usize) -> Range<usize> {
        self.packed * width..(self.packed + self.n) * width
    }

    /// Indices of its numbers in padded rows that are `width` wide and begin with row `first`.
    pub(crate) fn padded(self, first: usize, width: usize) -> Range<usize> {
        let start = self.padded - first;
        start * width..(start + self.n) * width
    }
}

/// Takes the first `n` numbers off a slice.
pub(crate) fn split_off<'a>(rest: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    let (first, others) = std::mem::take(rest).split_at_mut(n);
    *rest = others;
    first
}

#[cfg(test)]
mod tests;
