//! Numbers in bulk, as text: little-endian values in base64 (RFC 4648, with padding).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` as text.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// Weights of at most 1, each as 16 bits: the weight times 65,535, rounded.
pub fn weights(weights: &[f32]) -> String {
    let quantise = |&weight: &f32| (weight.clamp(0.0, 1.0) * 65_535.0).round() as u16;
    let bytes: Vec<u8> = weights.iter().map(quantise).flat_map(u16::to_le_bytes).collect();
    encode(&bytes)
}

/// Numbers as they are.
pub fn floats(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in pairs {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
        assert_eq!(encode(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn a_weight_is_rounded_and_little_endian() {
        assert_eq!(weights(&[1.0, 0.0, 0.5]), encode(&[0xff, 0xff, 0, 0, 0x00, 0x80]));
        assert_eq!(weights(&[1.0000001, -0.0]), encode(&[0xff, 0xff, 0, 0]));
        assert_eq!(floats(&[1.0]), encode(&[0, 0, 0x80, 0x3f]));
    }
}
