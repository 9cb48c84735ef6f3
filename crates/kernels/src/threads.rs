//! Dividing work among the threads of Rayon's pool.

use std::{error::Error, io, time::Instant};

use crate::simd::{Level, multiply_and_add};

/// Numbers below which a second thread would take longer to begin than to work, for calls from a thread
/// of the pool: 2 µs, because the other threads look for work for a while before they go to sleep.
const MIN_SHARED_IN_POOL: usize = 1 << 13;
/// The same for calls from other threads, which have to wake up one of the pool: some 35 µs.
const MIN_SHARED_OUTSIDE: usize = 1 << 17;
/// Numbers of a cache line: no two threads write to the same one.
const CACHE_LINE: usize = 16;

/// The number of threads that the kernels divide their work among.
pub fn n_threads() -> usize {
    rayon::current_num_threads()
}

/// Multiplications and additions a second of all threads together, if none of them reads memory: no product
/// of matrices is faster. Takes some milliseconds.
pub fn multiplications_per_second() -> f64 {
    const ROUNDS: usize = 500_000;
    const TRIES: usize = 5;
    let level = Level::best();
    let rate = |_| {
        let begun = Instant::now();
        let operations = map_parts((0..n_threads()).collect(), |_| multiply_and_add(level, ROUNDS));
        operations.into_iter().sum::<usize>() as f64 / begun.elapsed().as_secs_f64()
    };
    (0..TRIES).map(rate).fold(0.0, f64::max)
}

/// Starts the pool's threads, which would otherwise start with the first work, where a failure panics.
///
/// # Errors
///
/// If the system refuses a thread, as it does above a limit on processes.
pub fn start() -> io::Result<()> {
    let Err(error) = rayon::ThreadPoolBuilder::new().build_global() else { return Ok(()) };
    // Without a source, the error says that the pool runs already.
    match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
        Some(refused) => Err(io::Error::new(refused.kind(), refused.to_string())),
        None => Ok(()),
    }
}

/// How many of `len` numbers one thread should take in a pass that does little with each; at least 1.
pub(crate) fn len_per_thread(len: usize) -> usize {
    let is_in_pool = rayon::current_thread_index().is_some();
    if len < if is_in_pool { MIN_SHARED_IN_POOL } else { MIN_SHARED_OUTSIDE } {
        return len.max(1);
    }
    len.div_ceil(rayon::current_num_threads()).next_multiple_of(CACHE_LINE)
}

/// Does `work` for all `parts` at the same time, each on a thread. The calling thread takes the first
/// part, so that a single part, such as a short text, wakes no other thread.
pub(crate) fn for_each_part<T: Send>(mut parts: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let (Some(first), second) = (parts.next(), parts.next()) else { return };
    let Some(second) = second else { return work(first) };
    rayon::in_place_scope(|scope| {
        for part in std::iter::once(second).chain(parts) {
            let work = &work;
            scope.spawn(move |_| work(part));
        }
        work(first);
    });
}

/// The same, with what `work` returned, in the order of the parts.
pub(crate) fn map_parts<T: Send, R: Send>(parts: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let mut results: Vec<Option<R>> = parts.iter().map(|_| None).collect();
    for_each_part(parts.into_iter().zip(&mut results), |(part, result)| *result = Some(work(part)));
    results.into_iter().map(|result| result.expect("every part was worked on")).collect()
}

#[cfg(test)]
mod tests;
