//! Encodes many numbers as text: little-endian values in base64 (RFC 4648, with padding).

use base64::{Engine, engine::general_purpose::STANDARD};

/// Attention weights from 0 to 1, 16 bits each: the weight times 65,535, rounded.
pub fn weights(weights: &[f32]) -> String {
    let quantise = |&weight: &f32| (weight.clamp(0.0, 1.0) * 65_535.0).round() as u16;
    let bytes: Vec<u8> = weights.iter().map(quantise).flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(bytes)
}

/// Numbers as `f32`.
pub fn floats(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_rounded_and_little_endian() {
        assert_eq!(weights(&[1.0, 0.0, 0.5]), STANDARD.encode([0xff, 0xff, 0, 0, 0x00, 0x80]));
        assert_eq!(weights(&[1.0000001, -0.0]), STANDARD.encode([0xff, 0xff, 0, 0]));
    }

    /// The page decodes with `atob`, which knows only the standard alphabet.
    #[test]
    fn the_alphabet_is_the_standard_one_with_padding() {
        assert_eq!(weights(&[1.0]), "//8=");
        assert_eq!(floats(&[1.0]), "AACAPw==");
    }
}
