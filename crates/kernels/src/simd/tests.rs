use super::*;
use crate::sample::noise;

/// The sums of each beginning, up to all: of the squares, and of the products.
struct Sums<'a>(&'a [f32], &'a [f32]);

impl Kernel for Sums<'_> {
    type Output = [Vec<f32>; 2];

    #[inline(always)]
    fn run<const FMA: bool>(self) -> [Vec<f32>; 2] {
        let Self(a, b) = self;
        let lengths = || 0..=a.len();
        [
            lengths().map(|n| sum_by(&a[..n], |a| a * a)).collect(),
            lengths().map(|n| sum_by_2(&a[..n], &b[..n], |a, b| a * b)).collect(),
        ]
    }
}

#[test]
fn a_sum_takes_every_number_once_and_is_the_same_on_every_machine() {
    let (a, b) = (noise(1, 70), noise(2, 70));
    let portable = Level::Portable.run(Sums(&a, &b));
    for (sums, b) in portable.iter().zip([&a, &b]) {
        assert_eq!(sums.len(), 71);
        for (n, sum) in sums.iter().enumerate() {
            let expected: f64 = (0..n).map(|i| f64::from(a[i]) * f64::from(b[i])).sum();
            let error = (f64::from(*sum) - expected).abs();
            assert!(error < 1e-6 * expected.abs().max(1.0), "{n}: {sum}, expected {expected}");
        }
    }
    for level in Level::all() {
        assert_eq!(level.run(Sums(&a, &b)), portable, "{level:?}");
    }
}

#[test]
fn a_level_says_what_it_multiplies_and_adds_with() {
    struct HasFma;
    impl Kernel for HasFma {
        type Output = bool;
        #[inline(always)]
        fn run<const FMA: bool>(self) -> bool {
            FMA
        }
    }
    for level in Level::all() {
        let is_portable = matches!(level, Level::Portable);
        assert_eq!(level.run(HasFma), !is_portable, "{level:?}");
    }
}

#[test]
fn the_portable_level_is_always_there_and_the_last() {
    assert!(matches!(Level::all().last(), Some(Level::Portable)));
    let [best, first] = [Level::best(), Level::all()[0]].map(|level| format!("{level:?}"));
    assert_eq!(best, first);
}
