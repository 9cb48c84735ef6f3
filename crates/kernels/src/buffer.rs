//! A pool of buffers that are used again.
//!
//! Fresh memory costs a page fault for every 4 KiB, and zeros that nobody reads: together a third of
//! a training step. Lengths are rounded up to powers of two, the size classes of the free list:
//! batches have any number of tokens, and with few classes, what one batch gave back serves the next.
//!
//! The pool belongs to the process and carries nothing from one user to the next: a kernel writes
//! each number of a buffer before it reads it. In tests every buffer is full of NaN at first, so that
//! one which is read too early spoils the result.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Mutex,
};

/// Frees every buffer that is not in use.
///
/// Without it the pool keeps, for as long as the process lives, as many buffers of each size class as
/// were ever in use at once: after a training, about what its largest batch needed. It is for a
/// process that goes on after that: a server after a very long text, a program after a training. It
/// may be called at any time and from any thread; whoever needs a buffer afterwards allocates it.
pub fn trim() {
    POOL.trim();
}

/// Numbers with unspecified values, to be written before they are read. They go back to the pool when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// As long as its size class, so at least `len`.
    values: Vec<f32>,
    len: usize,
}

static POOL: Pool = Pool::new();

/// Free lists of buffers, by size class.
struct Pool {
    free: Mutex<BTreeMap<usize, Vec<Vec<f32>>>>,
}

impl Pool {
    const fn new() -> Self {
        Self { free: Mutex::new(BTreeMap::new()) }
    }

    /// A buffer of `size` numbers, which are whatever its last user left.
    fn take(&self, size: usize) -> Vec<f32> {
        let free = {
            let mut pool = self.free.lock().expect("nothing panics while holding it");
            pool.get_mut(&size).and_then(Vec::pop)
        };
        // The system gives zeroed pages as they are touched: what lies beyond the length that is
        // asked for takes no memory.
        free.unwrap_or_else(|| vec![0.0; size])
    }

    fn put_back(&self, values: Vec<f32>) {
        if let Ok(mut pool) = self.free.lock() {
            pool.entry(values.len()).or_default().push(values);
        }
    }

    fn trim(&self) {
        // Freed after the lock is released.
        let _free = self.free.lock().map(|mut pool| std::mem::take(&mut *pool));
    }
}

impl Buffer {
    /// `len` numbers with unspecified values.
    pub(crate) fn uninit(len: usize) -> Self {
        let mut values = POOL.take(len.next_power_of_two());
        if cfg!(test) {
            values.fill(f32::NAN);
        }
        Self { values, len }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        POOL.put_back(std::mem::take(&mut self.values));
    }
}

/// An empty vector for `len` numbers that leave the kernels as a result. Its capacity is rounded up as
/// that of a [`Buffer`] is, so that the allocator, too, meets few sizes.
pub(crate) fn vec_with_rounded_capacity(len: usize) -> Vec<f32> {
    Vec::with_capacity(len.next_power_of_two())
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.len]
    }
}

#[cfg(test)]
mod tests;
