//! A range of a text, counted in characters.

use serde::{Deserialize, Serialize};

/// A half-open range of characters (Unicode scalar values) of a text.
///
/// In JSON it is `[start, end]`. The type itself does not say that the range is within some text;
/// [`CharSpan::slice`] checks that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(usize, usize)", into = "(usize, usize)")]
pub struct CharSpan {
    /// Index of the first character.
    pub start: usize,
    /// Index behind the last character.
    pub end: usize,
}

impl CharSpan {
    /// The span `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The characters of `text` that the span covers, or `None` if the span is empty, backwards or
    /// ends behind the text.
    pub fn slice(self, text: &str) -> Option<&str> {
        if self.start >= self.end {
            return None;
        }
        let mut bounds = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
        let start = bounds.nth(self.start)?;
        let end = bounds.nth(self.end - self.start - 1)?;
        Some(&text[start..end])
    }

    /// Whether the two share a character.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl From<(usize, usize)> for CharSpan {
    fn from((start, end): (usize, usize)) -> Self {
        Self { start, end }
    }
}

impl From<CharSpan> for (usize, usize) {
    fn from(span: CharSpan) -> Self {
        (span.start, span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_counts_characters_not_bytes() {
        let text = "porque él estaba dañado";
        assert_eq!(CharSpan::new(7, 9).slice(text), Some("él"));
        assert_eq!(CharSpan::new(17, 23).slice(text), Some("dañado"));
    }

    #[test]
    fn a_span_that_does_not_fit_slices_nothing() {
        for (start, end) in [(0, 0), (2, 1), (0, 3), (3, 4)] {
            assert_eq!(CharSpan::new(start, end).slice("él"), None, "{start}..{end}");
        }
    }
}
