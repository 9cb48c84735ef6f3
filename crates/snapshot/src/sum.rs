//! The sum of a file in itself: SHA-256 over all of its bytes, its own digits taken as zeros.
//!
//! The digits stand at a fixed place, right behind format and version, so that they are found without
//! believing anything that the header says.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// Hexadecimal digits of a sum.
pub(crate) const N_DIGITS: usize = 64;

/// What stands between the length of the header and the digits.
const BEGINNING: &[u8] =
    br#"{"__metadata__":{"format":"anafora-snapshot","version":"2","sha256":""#;

const LENGTH_BYTES: usize = size_of::<u64>();
const DIGITS: Range<usize> =
    LENGTH_BYTES + BEGINNING.len()..LENGTH_BYTES + BEGINNING.len() + N_DIGITS;

/// What the header is written with before there is a sum.
pub(crate) fn zeros() -> String {
    "0".repeat(N_DIGITS)
}

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
    let mut hasher = Sha256::new();
    hasher.update(&file[..DIGITS.start]);
    hasher.update([b'0'; N_DIGITS]);
    hasher.update(&file[DIGITS.end..]);
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
