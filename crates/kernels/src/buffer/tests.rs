use super::*;
use crate::sample::noise;

// The pool is shared with every other test of the process. The lengths here are greater than those
// that any other test asks for, and the two tests stay out of each other's way.

/// How many of at least `least` numbers wait, by the power of two of their length.
fn waiting(least: usize) -> BTreeMap<u32, usize> {
    let mut octaves = BTreeMap::new();
    for (&length, waiting) in POOL.lock().unwrap().range(least..) {
        *octaves.entry(length.ilog2()).or_default() += waiting.len();
    }
    octaves
}

#[test]
fn a_buffer_that_was_dropped_is_used_again() {
    let len = 1 << 23;
    let place = |buffer: &Buffer| buffer.as_ptr();
    let first = Buffer::dirty(len);
    let second = Buffer::dirty(len);
    let at = place(&first);
    assert_ne!(place(&second), at, "two live buffers are one");
    assert_eq!(first.len(), len);
    std::mem::drop(first);

    let shorter = Buffer::dirty(len / 2 + 1);
    assert_eq!((place(&shorter), shorter.len()), (at, len / 2 + 1));
    std::mem::drop(shorter);
    assert!(Buffer::dirty(len + 1).values.len() > len, "it is too short");
}

#[test]
fn the_pool_holds_no_more_than_was_in_use_at_once() {
    const LEAST: usize = 1 << 18;
    const IN_USE: usize = 3;
    for size in noise(1, 1_000) {
        // Between LEAST and 4 · LEAST, a different length each time.
        let len = ((size + 1.0).exp2() * LEAST as f32) as usize;
        let buffers = [len, len * 2 / 3, len].map(|len| Buffer::dirty(len.max(LEAST)));
        assert_eq!(buffers.len(), IN_USE);
        std::mem::drop(buffers);
        let waiting = waiting(LEAST);
        for octave in 18..21 {
            let n = waiting.get(&octave).copied().unwrap_or(0);
            assert!(n <= IN_USE, "{n} buffers of about 2^{octave}");
        }
    }
}

#[test]
fn lengths_between_two_powers_of_two_share_a_size() {
    for len in [513, 700, 1024] {
        assert_eq!(Buffer::dirty(len).values.len(), 1024);
        assert_eq!((empty_vec(len).len(), empty_vec(len).capacity()), (0, 1024));
    }
}

#[test]
fn a_buffer_of_nothing_is_empty() {
    assert!(Buffer::dirty(0).is_empty());
}
