//! Rows of a matrix by their numbers, and scores of such rows.
//!
//! ```text
//! selected[i]  = x[rows[i]]
//! scores[q, w] = x[rows[t, w]] · wanted[q]        t: the text of the query q
//! ```
//!
//! Both have gradients that touch few rows of `x`, or the same ones again and again. So the gradient of `x`
//! is added to where it lies, and never made anew for one of them.

use crate::{
    buffer::vec_with_rounded_capacity,
    simd::{Kernel, Level, sum_by_2},
    threads::{for_each_part, n_threads},
};

/// The rows of `x`, each `n_columns` wide.
///
/// # Panics
///
/// If there is no row with one of the numbers.
pub(crate) fn select(x: &[f32], n_columns: usize, rows: &[usize]) -> Vec<f32> {
    let mut selected = vec_with_rounded_capacity(rows.len() * n_columns);
    for row in rows {
        selected.extend_from_slice(&x[row * n_columns..][..n_columns]);
    }
    selected
}

/// `dx[rows[i]] += d_selected[i]`, in the order of `i`.
pub(crate) fn select_backward(
    level: Level,
    rows: &[usize],
    n_columns: usize,
    d_selected: &[f32],
    dx: &mut [f32],
) {
    struct Add<'a>(&'a [usize], usize, &'a [f32], &'a mut [f32]);
    impl Kernel for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            let Self(rows, n_columns, d_selected, dx) = self;
            for (row, d_selected) in rows.iter().zip(d_selected.chunks_exact(n_columns)) {
                let dx = &mut dx[row * n_columns..][..n_columns];
                for (dx, d) in dx.iter_mut().zip(d_selected) {
                    *dx += d;
                }
            }
        }
    }
    level.run(Add(rows, n_columns, d_selected, dx));
}

/// The words of a batch of texts: where the vector of each lies in the rows of its text.
#[derive(Debug, Clone)]
pub struct TextWords {
    /// Rows of a text, padding included.
    seq: usize,
    /// The row of each word in its text, any where it is padding: `[texts, words]`
    rows: Vec<usize>,
    is_padding: Vec<bool>,
    n_words: usize,
}

/// The scores of the words of each text.
pub(crate) struct Scores<'a> {
    pub(crate) words: &'a TextWords,
    /// Of each text.
    pub(crate) n_queries: usize,
    pub(crate) n_columns: usize,
}

impl TextWords {
    /// Texts of `seq` rows and `n_words` words each.
    ///
    /// # Panics
    ///
    /// If the two lists do not have whole texts, or a row is none of a text.
    pub fn new(seq: usize, n_words: usize, rows: Vec<usize>, is_padding: Vec<bool>) -> Self {
        assert_eq!(rows.len(), is_padding.len(), "rows and padding of the words");
        assert!(n_words > 0 && rows.len().is_multiple_of(n_words), "{n_words} words of a text");
        assert!(rows.iter().all(|&row| row < seq), "a row of a text of {seq}");
        Self { seq, rows, is_padding, n_words }
    }

    /// The number of texts.
    pub(crate) fn n_texts(&self) -> usize {
        self.rows.len() / self.n_words
    }

    /// The number of words of each text, padding included.
    pub(crate) fn n_words(&self) -> usize {
        self.n_words
    }

    /// The row of each word of a text, and whether it is padding.
    #[inline(always)]
    fn of_text(&self, text: usize) -> impl Iterator<Item = (usize, bool)> {
        let words = text * self.n_words..(text + 1) * self.n_words;
        self.rows[words.clone()].iter().copied().zip(self.is_padding[words].iter().copied())
    }
}

impl Scores<'_> {
    /// Texts that one thread takes.
    fn texts_per_part(&self) -> usize {
        self.words.n_texts().div_ceil(n_threads()).max(1)
    }

    /// The scores, `masked` where a word is padding.
    ///
    /// # Shapes
    ///
    /// - `x`: `[texts, seq, columns]`
    /// - `wanted`: `[texts, queries, columns]`
    /// - result: `[texts, queries, words]`
    pub(crate) fn forward(&self, level: Level, x: &[f32], wanted: &[f32], masked: f32) -> Vec<f32> {
        let Self { words, n_queries, n_columns } = *self;
        let n = self.texts_per_part();
        let (of_text, of_words) = (n_queries * n_columns, n_queries * words.n_words);
        let mut scores = vec![masked; words.n_texts() * of_words];
        let parts = (0..words.n_texts())
            .step_by(n)
            .zip(scores.chunks_mut((n * of_words).max(1)))
            .zip(wanted.chunks((n * of_text).max(1)));
        for_each_part(parts, |((first, scores), wanted)| {
            level.run(Forward { sizes: self, first, x, wanted, scores });
        });
        scores
    }

    /// Adds to the gradients of `x` and `wanted`.
    ///
    /// # Shapes
    ///
    /// - `x`, `dx`: `[texts, seq, columns]`
    /// - `wanted`, `d_wanted`: `[texts, queries, columns]`
    /// - `d_scores`: `[texts, queries, words]`
    pub(crate) fn backward(
        &self,
        level: Level,
        [x, wanted, d_scores]: [&[f32]; 3],
        [dx, d_wanted]: [&mut [f32]; 2],
    ) {
        let Self { words, n_queries, n_columns } = *self;
        let n = self.texts_per_part();
        let (of_text, of_words) = (n_queries * n_columns, n_queries * words.n_words);
        let parts = (0..words.n_texts())
            .step_by(n)
            .zip(d_scores.chunks((n * of_words).max(1)))
            .zip(wanted.chunks((n * of_text).max(1)))
            .zip(d_wanted.chunks_mut((n * of_text).max(1)))
            .zip(dx.chunks_mut(n * words.seq * n_columns));
        for_each_part(parts, |((((first, d_scores), wanted), d_wanted), dx)| {
            let sizes = self;
            level.run(Backward { sizes, first, x, wanted, d_scores, dx, d_wanted });
        });
    }
}

/// The scores of some texts.
struct Forward<'a> {
    sizes: &'a Scores<'a>,
    /// The first of the texts.
    first: usize,
    /// Of all texts.
    x: &'a [f32],
    /// Of these texts.
    wanted: &'a [f32],
    /// Of these texts.
    scores: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { sizes: &Scores { words, n_queries, n_columns }, first, x, wanted, scores } =
            self;
        let queries = wanted.chunks_exact(n_columns).zip(scores.chunks_exact_mut(words.n_words));
        for (query, (wanted, scores)) in queries.enumerate() {
            let text = first + query / n_queries;
            let x = &x[text * words.seq * n_columns..][..words.seq * n_columns];
            for (score, (row, is_padding)) in scores.iter_mut().zip(words.of_text(text)) {
                if !is_padding {
                    let x = &x[row * n_columns..][..n_columns];
                    *score = sum_by_2(x, wanted, |x, wanted| x * wanted);
                }
            }
        }
    }
}

/// The gradients of some texts.
struct Backward<'a> {
    sizes: &'a Scores<'a>,
    /// The first of the texts.
    first: usize,
    /// Of all texts.
    x: &'a [f32],
    /// Of these texts, as all that follow.
    wanted: &'a [f32],
    d_scores: &'a [f32],
    dx: &'a mut [f32],
    d_wanted: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { sizes: &Scores { words, n_queries, n_columns }, first, x, .. } = self;
        let queries = (self.wanted.chunks_exact(n_columns))
            .zip(self.d_wanted.chunks_exact_mut(n_columns))
            .zip(self.d_scores.chunks_exact(words.n_words));
        for (query, ((wanted, d_wanted), d_scores)) in queries.enumerate() {
            let text = query / n_queries;
            let dx = &mut self.dx[text * words.seq * n_columns..][..words.seq * n_columns];
            let x = &x[(first + text) * words.seq * n_columns..][..words.seq * n_columns];
            let of_words = d_scores.iter().zip(words.of_text(first + text));
            for (&d_score, (row, _)) in of_words.filter(|(_, (_, is_padding))| !is_padding) {
                let place = row * n_columns..(row + 1) * n_columns;
                let (x, dx) = (&x[place.clone()], &mut dx[place]);
                for (dx, wanted) in dx.iter_mut().zip(wanted) {
                    *dx += d_score * wanted;
                }
                for (d_wanted, x) in d_wanted.iter_mut().zip(x) {
                    *d_wanted += d_score * x;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
