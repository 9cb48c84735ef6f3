//! Buffers that are used again: fresh memory costs a page fault for every 4 KiB and zeroes that
//! nobody reads, together a third of a training step.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Mutex,
};

/// Numbers of any value, to be written before they are read. Goes back to the pool when dropped.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// At least `len` long.
    values: Vec<f32>,
    len: usize,
}

/// Those that wait, by length.
static POOL: Mutex<BTreeMap<usize, Vec<Vec<f32>>>> = Mutex::new(BTreeMap::new());

impl Buffer {
    /// `len` numbers; what they are nobody knows.
    pub(crate) fn dirty(len: usize) -> Self {
        let pooled = {
            let mut pool = POOL.lock().expect("nothing panics while holding it");
            // One that is up to twice as long will do; one that is too short, but near, makes
            // room, so that the pool follows the size of the batches instead of collecting them.
            take(&mut pool, len..=2 * len, true)
                .or_else(|| take(&mut pool, len / 2..=len, false).and(None))
        };
        let mut values = pooled.unwrap_or_else(|| vec![0.0; len]);
        if cfg!(test) {
            values.fill(f32::NAN);
        }
        Self { values, len }
    }
}

fn take(
    pool: &mut BTreeMap<usize, Vec<Vec<f32>>>,
    lengths: std::ops::RangeInclusive<usize>,
    shortest: bool,
) -> Option<Vec<f32>> {
    let mut found = pool.range_mut(lengths);
    let (&length, waiting) = if shortest { found.next() } else { found.next_back() }?;
    let values = waiting.pop();
    if waiting.is_empty() {
        pool.remove(&length);
    }
    values
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        if let Ok(mut pool) = POOL.lock() {
            pool.entry(values.len()).or_default().push(values);
        }
    }
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
