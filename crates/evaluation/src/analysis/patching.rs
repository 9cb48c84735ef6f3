//! Attention patching (interchange intervention): the pronoun's row of attention weights is
//! replaced by that of the other text of a minimal pair.
//!
//! A row of one text fits the other only if both have equally many tokens and their pronoun and
//! candidates are at the same positions; other pairs are skipped, and so are pairs with the same
//! answer. If the answer becomes that of the other text, it depends causally on what the pronoun
//! attends to in the patched head.
//!
//! Reference: Vig et al. 2020, <https://arxiv.org/abs/2004.12265>, §3.

use std::collections::BTreeMap;

use burn::tensor::{Bool, Int, Tensor};
use encoder::intervention::{Intervention, Untouched};
use serde::{Deserialize, Serialize};

use super::{
    AnalysedModel, heads,
    positions::TokenPositions,
    texts::{Texts, answers, observe},
};
use anafora::batch::{Batch, EncodedExample};

/// How often patching the pronoun's attention changes the answer to that of the other text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// Index of the block; `null`: all blocks.
    pub layer: Option<usize>,
    /// Index of the head in it; `null`: all heads.
    pub head: Option<usize>,
    /// Number of texts, two of each pair.
    pub n: usize,
    /// Share of texts whose answer becomes that of the other text.
    pub flipped: f64,
}

/// Replaces the pronoun's rows of attention weights.
struct PatchedRows<'a> {
    /// The `[layer, head]` that is patched, or `None` for all heads.
    only: Option<[usize; 2]>,
    /// `true` in the pronoun's row: `[batch, 1, query, 1]`
    is_pronoun: &'a Tensor<4, Bool>,
    /// For each layer, the weights of the other text: `[batch, heads, query, key]`
    others: &'a [Tensor<4>],
}

impl Intervention for PatchedRows<'_> {
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

/// One patch for each head and one for all heads at once; empty where no pair can be patched.
pub(crate) fn patches(texts: &Texts, model: &AnalysedModel<'_>) -> Vec<Patch> {
    let pairs = pairs(texts);
    let mut counts: BTreeMap<Option<[usize; 2]>, usize> = BTreeMap::new();
    let mut n = 0;
    // Chunks of pairs keep both members of a pair in the same batch.
    for batch in pairs.chunks((model.batch_size / 2).max(1)) {
        let examples: Vec<EncodedExample> = batch.iter().flatten().map(|&e| e.clone()).collect();
        n += count_flips(&Batch::new(examples, model.device), model, &mut counts);
    }
    let patch = |(head, flipped): (Option<[usize; 2]>, usize)| Patch {
        layer: head.map(|[layer, _]| layer),
        head: head.map(|[_, head]| head),
        n,
        flipped: flipped as f64 / n as f64,
    };
    if n == 0 { Vec::new() } else { counts.into_iter().map(patch).collect() }
}

/// Adds to `counts` how many texts of `batch` flip under each patch, and returns how many could
/// flip. The members of a pair are neighbours in the batch.
fn count_flips(
    batch: &Batch,
    model: &AnalysedModel<'_>,
    counts: &mut BTreeMap<Option<[usize; 2]>, usize>,
) -> usize {
    let whole = observe(model, batch, &Untouched);
    let before = answers(batch, &whole);
    let other = |index: usize| index ^ 1;
    let can_flip: Vec<usize> =
        (0..before.len()).filter(|&index| before[index] != before[other(index)]).collect();
    let swapped: Vec<i32> = (0..before.len()).map(|index| other(index) as i32).collect();
    let swapped = Tensor::<1, Int>::from_ints(&swapped[..], model.device);
    let others: Vec<Tensor<4>> =
        whole.attention.iter().map(|a| a.weights.clone().select(0, swapped.clone())).collect();
    let [n, n_heads, seq, _] = others[0].dims();
    let positions = Tensor::<1, Int>::arange(0..seq as i64, model.device).reshape([1, 1, seq, 1]);
    let pronoun = batch.input.pronouns.clone().reshape([n, 1, 1, 1]).expand([n, 1, seq, 1]);
    let is_pronoun = positions.expand([n, 1, seq, 1]).equal(pronoun);
    for only in [None].into_iter().chain(heads(others.len(), n_heads).map(Some)) {
        let rows = PatchedRows { only, is_pronoun: &is_pronoun, others: &others };
        let after = answers(batch, &observe(model, batch, &rows));
        let flips = can_flip.iter().filter(|&&index| after[index] == before[other(index)]);
        *counts.entry(only).or_default() += flips.count();
    }
    can_flip.len()
}

/// The minimal pairs whose rows of attention weights can be exchanged, ordered by length.
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
            let [places_a, places_b] = [a, b].map(|encoded| TokenPositions::of(encoded));
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
        sample::with_model(|model| patches(&Texts::new(examples, model), model))
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
