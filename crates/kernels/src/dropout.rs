//! Dropout without a stored mask: whether a number is kept is a function of the seed and of its index,
//! so the backward pass computes the mask again.
//!
//! ```text
//! y = x · keep(seed, site, index) / (1 − p)
//! ```
//!
//! The function is the finaliser of MurmurHash3, each bit of whose result depends on every bit of the
//! index. It is the same however the work is divided among threads.

/// Dropout of one forward pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// Probability of dropping, in `0.0..1.0`.
    pub probability: f32,
    /// Of all masks; each forward pass needs a new one.
    pub seed: u64,
}

/// One of the dropouts of a model: its mask is independent of that of every other site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    key: [u32; 2],
    threshold: u32,
    scale: f32,
}

impl Dropout {
    /// Dropout at the site with this number.
    pub(crate) fn site(self, site: u64) -> Site {
        let mixed = mix64(self.seed ^ mix64(site.wrapping_add(1)));
        let probability = f64::from(self.probability);
        Site {
            key: [mixed as u32, (mixed >> 32) as u32],
            threshold: (probability * 2.0_f64.powi(32)) as u32,
            scale: (1.0 / (1.0 - probability)) as f32,
        }
    }

    /// What each of `n` numbers is multiplied by at `site`: 0 or `1 / (1 − p)`.
    ///
    /// For whoever composes the same dropout from other operations; the kernels store no mask.
    pub fn mask(self, site: u64, n: usize) -> Vec<f32> {
        let site = self.site(site);
        (0..n as u32).map(|index| site.factor(index)).collect()
    }
}

impl Site {
    /// 0 or `1 / (1 − p)`.
    #[inline(always)]
    pub(crate) fn factor(self, index: u32) -> f32 {
        let mut hash = index.wrapping_mul(0x9E37_79B9) ^ self.key[0];
        hash ^= hash >> 16;
        hash = hash.wrapping_mul(0x85EB_CA6B).wrapping_add(self.key[1]);
        hash ^= hash >> 13;
        hash = hash.wrapping_mul(0xC2B2_AE35);
        hash ^= hash >> 16;
        if hash >= self.threshold { self.scale } else { 0.0 }
    }
}

/// The finaliser of SplitMix64.
fn mix64(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests;
