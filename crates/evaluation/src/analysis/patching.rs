//! Whether an answer follows a head: the pronoun's row is replaced by that of the other member of
//! a minimal pair.
//!
//! The two texts are alike but for a word or two, so that a row of one fits the other: they have
//! equally many tokens, the pronoun and the candidates are the same tokens of both, and the answers
//! differ. If the answer becomes the other text's, the head was a cause of it, by the way from what
//! the pronoun reads. Reference: Vig et al. 2020, <https://arxiv.org/abs/2004.12265>, §3.

use std::collections::BTreeMap;

use burn::tensor::{Bool, Int, Tensor};
use encoder::intervention::{Intervention, Untouched};
use serde::{Deserialize, Serialize};

use super::{
    Subject, heads,
    places::Places,
    texts::{Texts, answers, observe},
};
use anafora::batch::{Batch, EncodedExample};

/// What becomes of the answers when the pronoun reads as in the other text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// Index of the block; `null`: of all.
    pub layer: Option<usize>,
    /// Index of the head in it; `null`: all heads.
    pub head: Option<usize>,
    /// How many texts, two of each pair.
    pub n: usize,
    /// How often the answer becomes the other text's.
    pub flipped: f64,
}

/// Puts other rows in the place of the pronoun's.
struct Rows<'a> {
    /// Which weights are replaced: of one head, or `None` for all.
    only: Option<[usize; 2]>,
    /// `true` in the pronoun's row: `[batch, 1, query, 1]`
    is_pronoun: &'a Tensor<4, Bool>,
    /// Of each layer, the weights of the other text: `[batch, heads, query, key]`
    others: &'a [Tensor<4>],
}

impl Intervention for Rows<'_> {
    fn weights(&self, layer: usize, weights: Tensor<4>) -> Tensor<4> {
        let dims = weights.dims();
        let [_, n_heads, _, _] = dims;
        let is_replaced = match self.only {
            Some([only, _]) if only != layer => return weights,
            Some([_, head]) => {
                let heads = Tensor::<1, Int>::arange(0..n_heads as i64, &weights.device());
                let is_head = heads.equal_elem(head as i64).reshape([1, n_heads, 1, 1]);
                self.is_pronoun.clone().expand(dims).bool_and(is_head.expand(dims))
            }
            None => self.is_pronoun.clone().expand(dims),
        };
        weights.mask_where(is_replaced, self.others[layer].clone())
    }
}

/// Counts for each head, and for all of them at once; nothing where no pair is of use.
pub(crate) fn patches(texts: &Texts, subject: &Subject<'_>) -> Vec<Patch> {
    let pairs = pairs(texts);
    let mut counts: BTreeMap<Option<[usize; 2]>, usize> = BTreeMap::new();
    let mut n = 0;
    // Both members of a pair in the same batch.
    for batch in pairs.chunks((subject.batch_size / 2).max(1)) {
        let examples: Vec<EncodedExample> = batch.iter().flatten().map(|&e| e.clone()).collect();
        n += flip(&Batch::new(examples, subject.device), subject, &mut counts);
    }
    let patch = |(head, flipped): (Option<[usize; 2]>, usize)| Patch {
        layer: head.map(|[layer, _]| layer),
        head: head.map(|[_, head]| head),
        n,
        flipped: flipped as f64 / n as f64,
    };
    if n == 0 { Vec::new() } else { counts.into_iter().map(patch).collect() }
}

/// Counts the flips of the texts in `batch`, each of which stands beside its other member, and how
/// many could flip.
fn flip(
    batch: &Batch,
    subject: &Subject<'_>,
    counts: &mut BTreeMap<Option<[usize; 2]>, usize>,
) -> usize {
    let whole = observe(subject, batch, &Untouched);
    let before = answers(batch, &whole);
    let other = |index: usize| index ^ 1;
    let can_flip: Vec<usize> =
        (0..before.len()).filter(|&index| before[index] != before[other(index)]).collect();
    let swapped: Vec<i32> = (0..before.len()).map(|index| other(index) as i32).collect();
    let swapped = Tensor::<1, Int>::from_ints(&swapped[..], subject.device);
    let others: Vec<Tensor<4>> =
        whole.attention.iter().map(|a| a.weights.clone().select(0, swapped.clone())).collect();
    let [n, n_heads, seq, _] = others[0].dims();
    let positions = Tensor::<1, Int>::arange(0..seq as i64, subject.device).reshape([1, 1, seq, 1]);
    let pronoun = batch.input.pronoun.clone().reshape([n, 1, 1, 1]).expand([n, 1, seq, 1]);
    let is_pronoun = positions.expand([n, 1, seq, 1]).equal(pronoun);
    for only in [None].into_iter().chain(heads(others.len(), n_heads).map(Some)) {
        let rows = Rows { only, is_pronoun: &is_pronoun, others: &others };
        let after = answers(batch, &observe(subject, batch, &rows));
        let flips = can_flip.iter().filter(|&&index| after[index] == before[other(index)]);
        *counts.entry(only).or_default() += flips.count();
    }
    can_flip.len()
}

/// The minimal pairs whose rows fit each other.
fn pairs(texts: &Texts) -> Vec<[&EncodedExample; 2]> {
    let mut members: BTreeMap<&str, Vec<&EncodedExample>> = BTreeMap::new();
    for encoded in texts.examples() {
        if let Some(pair) = &encoded.example.pair {
            members.entry(pair).or_default().push(encoded);
        }
    }
    let mut pairs: Vec<[&EncodedExample; 2]> = (members.into_values())
        .filter_map(|pair| <[&EncodedExample; 2]>::try_from(pair).ok())
        .filter(|[a, b]| {
            let [places_a, places_b] = [a, b].map(|encoded| Places::of(encoded));
            a.n_tokens() == b.n_tokens()
                && places_a.pronoun == places_b.pronoun
                && places_a.candidates == places_b.candidates
        })
        .collect();
    pairs.sort_by_key(|[a, _]| a.n_tokens());
    pairs
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use encoder::by_hand::COPIES;

    fn patches_of(examples: &[EncodedExample]) -> Vec<Patch> {
        sample::with(|subject| patches(&Texts::new(examples, subject), subject))
    }

    #[test]
    fn only_the_row_of_the_head_that_copies_turns_the_answer_and_always_does() {
        let patches = patches_of(&sample::examples());
        assert_eq!(patches.len(), 1 + 2 * 3);
        for patch in patches {
            let is_cause = match (patch.layer, patch.head) {
                (Some(layer), Some(head)) => [layer, head] == COPIES,
                _ => true,
            };
            let expected = if is_cause { 1.0 } else { 0.0 };
            assert_eq!((patch.n, patch.flipped), (sample::N, expected), "{patch:?}");
        }
    }

    #[test]
    fn texts_that_do_not_fit_each_other_are_left_out() {
        let mut examples = sample::pair("p", [0, 0], 0).to_vec();
        examples[1] = sample::pair("p", [0, 0], 1)[1].clone();
        assert_ne!(examples[0].n_tokens(), examples[1].n_tokens());
        assert_eq!(patches_of(&examples), []);
        let alone = [sample::pair("p", [0, 0], 0)[0].clone()];
        assert_eq!(patches_of(&alone), []);
    }

    #[test]
    fn where_both_answers_are_the_same_nothing_can_flip() {
        let [first, _] = sample::pair("p", [0, 0], 0);
        assert_eq!(patches_of(&[first.clone(), first]), []);
    }
}
