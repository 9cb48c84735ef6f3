use super::*;
use crate::{
    naive,
    simd::{Kernel, Level},
};

/// Compiled for a level, with FMA or without, whatever that level has.
struct Exp<'a, const FMA: bool>(&'a [f32]);

impl<const FMA: bool> Kernel for Exp<'_, FMA> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<const OF_LEVEL: bool>(self) -> Vec<f32> {
        let mut values = vec![0.0; self.0.len()];
        for (value, x) in values.iter_mut().zip(self.0) {
            *value = exp::<FMA>(*x);
        }
        values
    }
}

/// `Φ` and `φ`, in the same way.
struct Normal<'a, const FMA: bool>(&'a [f32]);

impl<const FMA: bool> Kernel for Normal<'_, FMA> {
    type Output = [Vec<f32>; 2];

    #[inline(always)]
    fn run<const OF_LEVEL: bool>(self) -> [Vec<f32>; 2] {
        let mut values = [vec![0.0; self.0.len()], vec![0.0; self.0.len()]];
        let [cumulative, density] = &mut values;
        for ((cumulative, density), x) in cumulative.iter_mut().zip(density).zip(self.0) {
            [*cumulative, *density] = normal_cdf_pdf::<FMA>(*x);
        }
        values
    }
}

/// Everything that `exp` is compiled to.
fn exps(x: &[f32]) -> Vec<(String, Vec<f32>)> {
    let of = |level: Level| {
        [
            (format!("{level:?} with FMA"), level.run(Exp::<true>(x))),
            (format!("{level:?} without FMA"), level.run(Exp::<false>(x))),
        ]
    };
    Level::all().into_iter().flat_map(of).collect()
}

fn normals(x: &[f32]) -> Vec<(String, [Vec<f32>; 2])> {
    let of = |level: Level| {
        [
            (format!("{level:?} with FMA"), level.run(Normal::<true>(x))),
            (format!("{level:?} without FMA"), level.run(Normal::<false>(x))),
        ]
    };
    Level::all().into_iter().flat_map(of).collect()
}

/// Every `stride`-th number from `-max` to `max`, by its bits: as many in each octave.
fn octaves(max: f32, stride: usize) -> impl Iterator<Item = f32> {
    let magnitudes = (0..=max.to_bits()).step_by(stride).chain([max.to_bits()]);
    magnitudes.flat_map(|bits| [f32::from_bits(bits), -f32::from_bits(bits)])
}

/// `n` numbers at equal distances.
fn even(min: f64, max: f64, n: usize) -> impl Iterator<Item = f32> {
    (0..=n).map(move |i| (min + (max - min) * i as f64 / n as f64) as f32)
}

/// The distance between two `f32` at `x`.
fn ulp(x: f64) -> f64 {
    2.0_f64.powi(x.abs().log2().floor() as i32 - 23)
}

#[test]
fn exp_is_as_exact_as_its_table_says() {
    // Strides are odd, so that the low bits of a number take all values.
    let octaves = octaves(104.0, 1_021).filter(|&x| x <= 89.0);
    let x: Vec<f32> = octaves.chain(even(-104.0, 89.0, 1_000_003)).collect();
    assert!(x.len() > 2_000_000);
    let expected: Vec<f64> = x.iter().map(|&x| f64::from(x).exp()).collect();
    let at_88 = exps(&[88.0]);
    for ((which, values), (_, at_88)) in exps(&x).into_iter().zip(at_88) {
        let (mut relative, mut ulps) = ((0.0, 0.0), (0.0, 0.0));
        for ((&x, &value), &expected) in x.iter().zip(&values).zip(&expected) {
            if x < -87.0 {
                assert_eq!(value.to_bits(), 0, "{which} at {x}");
            } else if x > 88.0 {
                assert_eq!(value, at_88[0], "{which} at {x}");
            } else {
                let error = (f64::from(value) - expected).abs();
                relative = greater(relative, (error / expected, x));
                ulps = greater(ulps, (error / ulp(expected), x));
            }
        }
        assert!(relative.0 < 1.5e-7, "{which}: relative error and where: {relative:?}");
        assert!(ulps.0 < 1.5, "{which}: ulps and where: {ulps:?}");
    }
}

fn greater(a: (f64, f32), b: (f64, f32)) -> (f64, f32) {
    if b.0 > a.0 { b } else { a }
}

#[test]
fn the_normal_distribution_is_as_exact_as_its_table_says() {
    let x: Vec<f32> = octaves(f32::MAX, 2_039).chain(even(-15.0, 15.0, 500_009)).collect();
    let expected: Vec<[f64; 2]> = x.iter().map(|&x| naive::normal_cdf_pdf(f64::from(x))).collect();
    for (which, [cumulative, density]) in normals(&x) {
        let mut worst = [(0.0, 0.0); 2];
        for (i, (&x, expected)) in x.iter().zip(&expected).enumerate() {
            let error = |value: f32, expected: f64| ((f64::from(value) - expected).abs(), x);
            worst[0] = greater(worst[0], error(cumulative[i], expected[0]));
            worst[1] = greater(worst[1], error(density[i], expected[1]));
        }
        assert!(worst[0].0 < 3.5e-7, "{which}: error of Φ and where: {:?}", worst[0]);
        assert!(worst[1].0 < 1e-7, "{which}: error of φ and where: {:?}", worst[1]);
    }
}

#[test]
fn the_ends_of_the_range_have_their_limits() {
    let x = [f32::NEG_INFINITY, f32::MIN, -87.1, f32::INFINITY, f32::MAX];
    for (which, values) in exps(&x) {
        assert_eq!(values[..3], [0.0; 3], "{which}");
        assert_eq!(values[3..], [values[3]; 2], "{which}");
        assert!(values[3].is_finite(), "{which}");
    }
    for (which, [cumulative, density]) in normals(&x) {
        assert_eq!(cumulative, [0.0, 0.0, 0.0, 1.0, 1.0], "{which}");
        assert_eq!(density, [0.0; 5], "{which}");
    }
}

#[test]
fn numbers_around_zero_are_as_zero() {
    let tiny = [0.0, f32::from_bits(1), f32::MIN_POSITIVE / 2.0, f32::MIN_POSITIVE, 1e-20];
    let x: Vec<f32> = tiny.iter().flat_map(|&x| [x, -x]).collect();
    for (which, values) in exps(&x) {
        assert_eq!(values, [1.0; 10], "{which}");
    }
    for (which, [cumulative, density]) in normals(&x) {
        assert!(cumulative.iter().all(|c| (c - 0.5).abs() < 1e-7), "{which}: {cumulative:?}");
        assert_eq!(density, [0.398_942_3; 10], "{which}");
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    // Quiet and signalling, of both signs, with whatever in their low bits.
    let low_bits = 1..1_024;
    let x: Vec<f32> = low_bits
        .flat_map(|low| [0x7F80_0000, 0x7FC0_0000, 0xFF80_0000, 0xFFC0_0000].map(|high| high | low))
        .chain([0x7FC0_0000, 0xFFC0_0000, 0x7FFF_FFFF, 0xFFFF_FFFF])
        .map(f32::from_bits)
        .collect();
    for (which, values) in exps(&x) {
        assert!(values.iter().all(|value| value.is_nan()), "{which}");
    }
    for (which, values) in normals(&x) {
        assert!(values.concat().iter().all(|value| value.is_nan()), "{which}");
    }
}
