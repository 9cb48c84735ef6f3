use super::*;
use crate::sample::noise;

// The pool is shared with every other test of the process. The lengths here are greater than those
// that any other test asks for, the two tests of `POOL` use different ones, and none trims it.

impl Pool {
    /// How many buffers of at least `min_size` numbers are free, by the power of two of their length.
    fn n_free(&self, min_size: usize) -> BTreeMap<u32, usize> {
        let mut classes = BTreeMap::new();
        for (&size, free) in self.free.lock().unwrap().range(min_size..) {
            *classes.entry(size.ilog2()).or_default() += free.len();
        }
        classes
    }
}

#[test]
fn a_buffer_that_was_dropped_is_used_again() {
    let len = 1 << 23;
    let address = |buffer: &Buffer| buffer.as_ptr();
    let first = Buffer::uninit(len);
    let second = Buffer::uninit(len);
    let of_first = address(&first);
    assert_ne!(address(&second), of_first, "two live buffers are one");
    assert_eq!(first.len(), len);
    drop(first);

    let shorter = Buffer::uninit(len / 2 + 1);
    assert_eq!((address(&shorter), shorter.len()), (of_first, len / 2 + 1));
    drop(shorter);
    assert!(Buffer::uninit(len + 1).values.len() > len, "it is too short");
}

#[test]
fn the_pool_holds_no_more_than_was_in_use_at_once() {
    const MIN_LEN: usize = 1 << 18;
    const IN_USE: usize = 3;
    for size in noise(1, 1_000) {
        // Between MIN_LEN and 4 · MIN_LEN, a different length each time.
        let len = ((size + 1.0).exp2() * MIN_LEN as f32) as usize;
        let buffers = [len, len * 2 / 3, len].map(|len| Buffer::uninit(len.max(MIN_LEN)));
        assert_eq!(buffers.len(), IN_USE);
        drop(buffers);
        let n_free = POOL.n_free(MIN_LEN);
        for class in 18..21 {
            let n = n_free.get(&class).copied().unwrap_or(0);
            assert!(n <= IN_USE, "{n} buffers of 2^{class}");
        }
    }
}

#[test]
fn a_trimmed_pool_has_freed_what_is_not_in_use_and_works_as_before() {
    let pool = Pool::new();
    let [first, second, third] = [8, 8, 16].map(|size| pool.take(size));
    pool.put_back(first);
    pool.put_back(third);
    assert_eq!(pool.n_free(0), BTreeMap::from([(3, 1), (4, 1)]));
    pool.trim();
    assert!(pool.n_free(0).is_empty());
    pool.put_back(second);
    assert_eq!(pool.n_free(0), BTreeMap::from([(3, 1)]));
    assert_eq!(pool.take(8).len(), 8);
    assert_eq!(pool.n_free(1), BTreeMap::from([(3, 0)]));
}

#[test]
fn lengths_between_two_powers_of_two_share_a_size_class() {
    for len in [513, 700, 1024] {
        assert_eq!(Buffer::uninit(len).values.len(), 1024);
        let vec = vec_with_rounded_capacity(len);
        assert_eq!((vec.len(), vec.capacity()), (0, 1024));
    }
}

#[test]
fn a_buffer_of_nothing_is_empty() {
    assert!(Buffer::uninit(0).is_empty());
}
