//! The sum of a file in itself: SHA-256 over all of its bytes, its own digits taken as zeros.
//!
//! The digits stand at a fixed place, right behind format and version, so that they are found without
//! believing anything that the header says.

use std::ops::Range;

use files::checksum::{N_DIGITS, ZEROS, sha256_of_parts};

/// What stands between the length of the header and the digits.
const BEGINNING: &[u8] =
    br#"{"__metadata__":{"format":"anafora-snapshot","version":"2","sha256":""#;

const LENGTH_BYTES: usize = size_of::<u64>();
const DIGITS: Range<usize> =
    LENGTH_BYTES + BEGINNING.len()..LENGTH_BYTES + BEGINNING.len() + N_DIGITS;

/// Puts the sum of a whole file in the place of its zeros.
pub(crate) fn seal(file: &mut [u8]) {
    assert!(stated(file).is_some(), "a header that we have made begins as BEGINNING says");
    let sum = computed(file);
    file[DIGITS].copy_from_slice(sum.as_bytes());
}

/// The digits in the file, or `None` if it does not begin like one that has any.
pub(crate) fn stated(file: &[u8]) -> Option<&[u8]> {
    file.get(LENGTH_BYTES..)?.starts_with(BEGINNING).then(|| file.get(DIGITS)).flatten()
}

/// The sum of a file that has digits.
pub(crate) fn computed(file: &[u8]) -> String {
    sha256_of_parts([&file[..DIGITS.start], ZEROS.as_bytes(), &file[DIGITS.end..]])
}
