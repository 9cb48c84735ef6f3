//! The random numbers of one text: a stream of ChaCha8.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Random numbers. They are part of the data format.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// Stream `stream` under `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(b"composed");
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number in `0..n`, by the high bits of a product.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.0.next_u32()) * n as u64) >> 32) as usize
    }

    /// Whether an event of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * 2.0_f64.powi(32)
    }

    /// A number that can be the seed of further choices.
    pub(crate) fn seed(&mut self) -> u64 {
        u64::from(self.0.next_u32()) << 32 | u64::from(self.0.next_u32())
    }

    /// An item of a list, or `None` if it is empty.
    pub(crate) fn item<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }

    /// The numbers `0..n` in a random order.
    pub(crate) fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for end in (1..n).rev() {
            order.swap(end, self.below(end + 1));
        }
        order
    }

    /// The index of a weight, with a probability proportional to it.
    pub(crate) fn weighted(&mut self, weights: &[usize]) -> usize {
        let total: usize = weights.iter().sum();
        let mut at = self.below(total.max(1));
        for (idx, &weight) in weights.iter().enumerate() {
            if at < weight {
                return idx;
            }
            at -= weight;
        }
        weights.len().saturating_sub(1)
    }
}
