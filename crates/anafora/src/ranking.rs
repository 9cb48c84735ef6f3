//! The answers that an anaphor may have, the likeliest first.

use corpus::span::CharSpan;
use snapshot::content::Probe;

/// Below this probability an answer is called not sure.
pub const SURE: f32 = 0.6;

/// An answer that an anaphor may have.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedAnswer {
    /// The phrase, or the word if the model finds no phrases; `None` for *none*.
    pub span: Option<CharSpan>,
    /// Index of the word that says what it is.
    pub head: Option<usize>,
    /// Its probability among all answers.
    pub probability: f32,
}

impl RankedAnswer {
    /// Whether it is likely enough to be called the answer.
    pub fn is_sure(&self) -> bool {
        self.probability >= SURE
    }
}

/// Every answer, the likeliest first.
pub fn ranked(probe: &Probe) -> Vec<RankedAnswer> {
    let answer = |span, head, probability| RankedAnswer { span, head, probability };
    let (mut all, none): (Vec<RankedAnswer>, f32) = match probe.phrases.as_slice() {
        [] => {
            let words = probe.words.iter().enumerate().zip(&probe.probabilities);
            let all = words.map(|((head, &span), &p)| answer(Some(span), Some(head), p)).collect();
            (all, probe.probabilities.last().copied().unwrap_or_default())
        }
        phrases => {
            let all = phrases.iter().map(|p| answer(Some(p.span), Some(p.head), p.probability));
            let sum: f32 = phrases.iter().map(|phrase| phrase.probability).sum();
            (all.collect(), (1.0 - sum).max(0.0))
        }
    };
    all.push(answer(None, None, none));
    all.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    all
}
