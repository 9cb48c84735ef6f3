//! Attention rollout: how much each token contributes to another through all layers, under the
//! assumption that attention and the residual connection contribute equally in each layer.
//!
//! ```text
//! A' = (A + I) / 2        A: mean over the heads of a layer
//! rollout = A'_n … A'_1
//! ```
//!
//! Reference: Abnar & Zuidema 2020, <https://arxiv.org/abs/2005.00928>, §3.

/// The row of `token` in the rollout: how much each token contributes to it, summing to 1.
///
/// # Shapes
///
/// - `layers`: for each layer the weights averaged over its heads, `[query, key]`, row-major
pub fn rollout(layers: &[Vec<f32>], seq: usize, token: usize) -> Vec<f64> {
    let mut row = vec![0.0; seq];
    row[token] = 1.0;
    for layer in layers.iter().rev() {
        let mut next: Vec<f64> = row.iter().map(|share| share / 2.0).collect();
        for (share, weights) in row.iter().zip(layer.chunks(seq)) {
            for (key, &weight) in weights.iter().enumerate() {
                next[key] += share * f64::from(weight) / 2.0;
            }
        }
        row = next;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values that the explorer's page is tested against too; `shared.py` generates them.
    const SHARED: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../explorer/tests/fixtures/shared.json"
    ));

    /// Token 1 attends to token 0 in the second layer, token 0 to token 2 in the first: half of
    /// token 1 is its own, a quarter is token 0's, and a quarter is token 2's, through token 0.
    #[test]
    fn indirect_attention_through_another_token_counts() {
        let first = vec![0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        let second = vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(rollout(&[first.clone(), second], 3, 1), [0.25, 0.5, 0.25]);
        assert_eq!(rollout(&[first], 3, 2), [0.0, 0.0, 1.0]);
        assert_eq!(rollout(&[], 2, 1), [0.0, 1.0]);
    }

    #[test]
    fn it_is_what_the_page_expects() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let layers: Vec<Vec<Vec<f32>>> = serde_json::from_value(shared["layers"].clone()).unwrap();
        let expected: Vec<Vec<f64>> = serde_json::from_value(shared["rollout"].clone()).unwrap();
        let mean = |heads: &Vec<Vec<f32>>| -> Vec<f32> {
            let mean_at = |i: usize| heads.iter().map(|head| head[i] / 65535.0).sum::<f32>();
            (0..heads[0].len()).map(|i| mean_at(i) / heads.len() as f32).collect()
        };
        let layers: Vec<Vec<f32>> = layers.iter().map(mean).collect();
        for (token, expected) in expected.iter().enumerate() {
            for (found, expected) in rollout(&layers, expected.len(), token).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{token}: {found}, not {expected}");
            }
        }
    }
}
