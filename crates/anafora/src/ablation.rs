//! Ablation of attention heads: the output of a head is replaced, at every token, by zeros or by
//! its mean.
//!
//! Zeros may be far from any output that the layers above were trained with. The mean over all
//! tokens of some texts is a typical output that carries no information about the text at hand.
//! References: zeros, Michel et al. 2019, <https://arxiv.org/abs/1905.10650>; mean, Wang et al.
//! 2022, <https://arxiv.org/abs/2211.00593>, §2.1.

use burn::tensor::{Tensor, s};
use encoder::{
    intervention::{Intervention, Untouched},
    resolver::Resolver,
};

use crate::batch::Batch;

/// The mean output of each head, a tensor `[1, heads, 1, d_head]` for each layer.
#[derive(Debug, Clone)]
pub struct HeadMeans(Vec<Tensor<4>>);

impl HeadMeans {
    /// The means over all tokens of `batches`, padding excluded.
    ///
    /// # Panics
    ///
    /// If the model is recurrent.
    pub fn new<'b>(resolver: &Resolver, batches: impl IntoIterator<Item = &'b Batch>) -> Self {
        let mut sums: Vec<Tensor<4>> = Vec::new();
        let mut n_tokens = 0;
        for batch in batches {
            let [n, seq] = batch.input.key_padding_mask.dims();
            let is_padding = batch.input.key_padding_mask.clone().reshape([n, 1, seq, 1]);
            let embedded = resolver.embed(batch.input.tokens.clone());
            let seen = resolver.observe(&batch.input, embedded, &Untouched);
            let layers = seen.attention.into_iter().map(|attention| {
                let is_padding = is_padding.clone().expand(attention.heads.dims());
                attention.heads.mask_fill(is_padding, 0.0).sum_dim(0).sum_dim(2)
            });
            sums = match sums.is_empty() {
                true => layers.collect(),
                false => sums.into_iter().zip(layers).map(|(sum, layer)| sum + layer).collect(),
            };
            n_tokens += batch.n_tokens();
        }
        Self(sums.into_iter().map(|sum| sum / n_tokens as f64).collect())
    }

    /// The number of layers and the number of heads in each: `[layers, heads]`.
    pub fn dims(&self) -> [usize; 2] {
        let [_, n_heads, ..] = self.0[0].dims();
        [self.0.len(), n_heads]
    }

    /// The mean output of one head: `[1, 1, 1, d_head]`
    pub fn of(&self, layer: usize, head: usize) -> Tensor<4> {
        self.0[layer].clone().slice(s![.., head..head + 1, .., ..])
    }
}

/// An intervention that replaces the outputs of some heads at every token.
pub struct Ablation<'a> {
    /// Layer and head of each.
    ablated: Vec<(usize, usize)>,
    /// The replacements; `None` for zeros.
    means: Option<&'a HeadMeans>,
}

impl<'a> Ablation<'a> {
    /// Ablates the heads `ablated` (layer and head, from 0) with their `means`, or with zeros.
    pub fn new(
        ablated: impl IntoIterator<Item = impl Into<(usize, usize)>>,
        means: Option<&'a HeadMeans>,
    ) -> Self {
        Self { ablated: ablated.into_iter().map(Into::into).collect(), means }
    }
}

impl Intervention for Ablation<'_> {
    fn heads(&self, layer: usize, mut heads: Tensor<4>) -> Tensor<4> {
        let [batch, n_heads, seq, d_head] = heads.dims();
        for &(_, head) in self.ablated.iter().filter(|(of, _)| *of == layer) {
            assert!(head < n_heads, "head {head} is ablated, expected one of {n_heads}");
            let replacement = match self.means {
                Some(means) => means.of(layer, head),
                None => Tensor::zeros([1, 1, 1, d_head], (&heads.device(), heads.dtype())),
            };
            // The same vector at every token.
            let replacement = replacement.expand([batch, 1, seq, d_head]);
            heads = heads.slice_assign(s![.., head..head + 1, .., ..], replacement);
        }
        heads
    }
}
