//! A record of a TFRecord file, which wraps each event.
//!
//! ```text
//! length: u64   masked CRC-32C of the length: u32   data   masked CRC-32C of the data: u32
//! masked(crc) = rotate_right(crc, 15) + 0xa282ead8
//! ```
//!
//! Numbers are little-endian.
//! Reference: <https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details>.

use crc32c::crc32c;

/// TFRecord masks its checksums because the CRC of data that contains its own CRC is degenerate.
const MASK_DELTA: u32 = 0xa282_ead8;

/// The record with this data.
pub(crate) fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked_crc(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_crc(data).to_le_bytes());
    record
}

fn masked_crc(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(MASK_DELTA)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, B.4: the CRC-32C of 32 zeros is 8a9136aa; masked by hand.
    #[test]
    fn the_checksum_is_the_masked_castagnoli_crc() {
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(masked_crc(&[0; 32]), 0x0fd7_fffa);
    }
}
