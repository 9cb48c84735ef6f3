//! Buffers that are used again: fresh memory costs a page fault for every 4 KiB and zeroes that
//! nobody reads, together a third of a training step.
//!
//! Their sizes are powers of two. Batches have any number of tokens, and an allocator keeps memory
//! apart for each size; with a few sizes, what one batch has left serves the next.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Mutex,
};

/// Numbers of any value, to be written before they are read. Goes back to the pool when dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// At least `len` of them.
    values: Vec<f32>,
    len: usize,
}

/// Those that wait, by size; of each size as many as were ever in use at once.
static POOL: Mutex<BTreeMap<usize, Vec<Vec<f32>>>> = Mutex::new(BTreeMap::new());

impl Buffer {
    /// `len` numbers; what they are nobody knows.
    pub(crate) fn dirty(len: usize) -> Self {
        let size = len.next_power_of_two();
        let waiting = {
            let mut pool = POOL.lock().expect("nothing panics while holding it");
            pool.get_mut(&size).and_then(Vec::pop)
        };
        // Fresh memory beyond `len` stays untouched, and so takes none.
        let mut values = waiting.unwrap_or_else(|| vec![0.0; size]);
        if cfg!(test) {
            values.fill(f32::NAN);
        }
        Self { values, len }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        if let Ok(mut pool) = POOL.lock() {
            pool.entry(values.len()).or_default().push(values);
        }
    }
}

/// A vector for `len` numbers that leaves the kernels, with the room that a [`Buffer`] has.
pub(crate) fn empty_vec(len: usize) -> Vec<f32> {
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
