//! Encodes a picture of at most 256 colours as a PNG file.
//!
//! Compression and checksums come from the crates that the crate `png` uses. `png` itself is not
//! used because it turns on features of crates that Burn depends on, so that Burn would be built
//! twice.
//!
//! Reference: <https://www.w3.org/TR/png-3/>, §5 (chunks), §9 (filters), §11 (header and palette).

use fdeflate::compress_to_vec;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The filter type of a row that is stored as the differences from the row above.
const FILTER_UP: u8 = 2;

/// The bytes of the file. `pixels` is row by row, each an index into `palette`, which has red,
/// green and blue of each colour.
pub(crate) fn encode(width: usize, palette: &[u8], pixels: &[u8]) -> Vec<u8> {
    let [columns, rows] = [width, pixels.len() / width].map(|side| (side as u32).to_be_bytes());
    // Eight bits a pixel, indexed colour, the standard compression and filters, no interlacing.
    let header = [&columns[..], &rows, &[8, 3, 0, 0, 0]].concat();
    let data = compress_to_vec(&filtered(width, pixels));
    let chunks = [
        chunk(b"IHDR", &header),
        chunk(b"PLTE", palette),
        chunk(b"IDAT", &data),
        chunk(b"IEND", &[]),
    ];
    [SIGNATURE, &chunks.concat()].concat()
}

/// Filters each row. Since a weight is several pixels high, most rows equal the one above and
/// become zeros, which compress well.
fn filtered(width: usize, pixels: &[u8]) -> Vec<u8> {
    let first = vec![0; width];
    let above = std::iter::once(&first[..]).chain(pixels.chunks_exact(width));
    (pixels.chunks_exact(width).zip(above))
        .flat_map(|(row, above)| {
            let differences =
                row.iter().zip(above).map(|(pixel, above)| pixel.wrapping_sub(*above));
            std::iter::once(FILTER_UP).chain(differences)
        })
        .collect()
}

/// A chunk: its length, name, data and checksum.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [&length, &named[..], &crc32fast::hash(&named).to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_chunks_in_order_and_its_pixels_in_rows() {
        let palette = [0, 0, 0, 255, 0, 0, 255, 255, 255];
        let pixels = [0, 1, 2, 2, 1, 0];
        let file = encode(3, &palette, &pixels);
        let mut rest = file.strip_prefix(SIGNATURE).unwrap();
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let (chunk, after) = rest.split_at(4 + 4 + length + 4);
            chunks.push((&chunk[4..8], &chunk[8..8 + length]));
            rest = after;
        }
        let names: Vec<&[u8]> = chunks.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [b"IHDR", b"PLTE", b"IDAT", b"IEND"]);
        assert_eq!(chunks[0].1, [0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0]);
        assert_eq!(chunks[1].1, palette);
        let rows = fdeflate::decompress_to_vec(chunks[2].1).unwrap();
        assert_eq!(rows, [2, 0, 1, 2, 2, 2, 0, 254]);
    }

    /// The last chunk is the same in every PNG file.
    #[test]
    fn a_chunk_ends_with_its_checksum() {
        assert_eq!(chunk(b"IEND", &[]), b"\0\0\0\0IEND\xae\x42\x60\x82");
    }
}
