//! SHA-256 checksums in hexadecimal digits, as `sha256sum` prints them.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest, Sha256};

/// Number of hexadecimal digits of a checksum.
pub const N_DIGITS: usize = 64;
/// Placeholder for a checksum that is part of the text it is computed over: the sum is taken with
/// these zeros in its place.
pub const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Bytes that are read at a time, so that memory use does not grow with the size of the file.
const CHUNK: usize = 1 << 16;

/// The SHA-256 checksum of `content`.
pub fn sha256(content: &[u8]) -> String {
    sha256_of_parts([content])
}

/// The SHA-256 checksum of the concatenation of `parts`.
pub fn sha256_of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update(part);
    }
    hexadecimal(&sum.finalize())
}

/// The size in bytes and the SHA-256 checksum of the file at `path`.
///
/// # Errors
///
/// If the file cannot be read.
pub fn size_and_sha256(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut bytes, mut sum) = (0, Sha256::new());
    let mut chunk = Vec::with_capacity(CHUNK);
    while file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)? > 0 {
        bytes += chunk.len() as u64;
        sum.update(&chunk);
        chunk.clear();
    }
    Ok((bytes, hexadecimal(&sum.finalize())))
}

fn hexadecimal(sum: &[u8]) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_checksum_of_abc_is_the_published_one_however_it_is_divided() {
        assert_eq!(sha256(b"abc"), ABC);
        assert_eq!(sha256_of_parts([&b"a"[..], b"", b"bc"]), ABC);
        assert_eq!(ZEROS.len(), N_DIGITS);
    }

    #[test]
    fn a_file_of_any_number_of_chunks_has_the_checksum_of_its_content() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let content: Vec<u8> = (0..len).map(|index| (index % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            assert_eq!(size_and_sha256(&path).unwrap(), (len as u64, sha256(&content)));
        }
    }
}
