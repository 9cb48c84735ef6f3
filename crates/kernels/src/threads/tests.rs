use super::*;
use crate::sample::pools;

#[test]
fn every_part_is_worked_on_once_and_its_result_stands_in_its_place() {
    for n in [0, 1, 2, 7] {
        for pool in pools() {
            let results = pool.install(|| map_parts((0..n).collect(), |part: usize| part * part));
            assert_eq!(results, (0..n).map(|part| part * part).collect::<Vec<_>>());
        }
    }
}

#[test]
fn parts_are_worked_on_from_outside_of_any_pool_too() {
    let mut values = [0; 5];
    for_each_part(values.iter_mut().zip(1..), |(value, n): (&mut usize, usize)| *value += n);
    assert_eq!(values, [1, 2, 3, 4, 5]);
}

#[test]
fn much_is_divided_among_all_threads_and_little_is_not() {
    for len in [0, 1, MIN_SHARED_IN_POOL - 1] {
        assert_eq!(len_per_thread(len), len.max(1));
    }
    for pool in pools() {
        let n_threads = pool.current_num_threads();
        for len in [MIN_SHARED_IN_POOL, MIN_SHARED_IN_POOL + 5, 100_003] {
            let each = pool.install(|| len_per_thread(len));
            assert_eq!(len.div_ceil(each), n_threads, "{len}");
            assert_eq!(each % CACHE_LINE, 0, "{len}");
        }
    }
}
