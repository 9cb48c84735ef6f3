use super::*;
use crate::{
    naive,
    sample::{assert_close, bits, noise, pools, wide},
};

const EPSILON: f32 = 1e-5;
const TOLERANCE: f64 = 1e-6;

struct Case {
    gamma: Vec<f32>,
    beta: Vec<f32>,
    x: Vec<f32>,
    dy: Vec<f32>,
}

impl Case {
    fn new(n_rows: usize, d: usize, has_beta: bool) -> Self {
        let gamma = noise(1, d);
        let beta = noise(2, if has_beta { d } else { 0 });
        // The mean of a row is not 0, nor its variance 1.
        let x = noise(3, n_rows * d).iter().map(|x| 3.0 * x + 2.0).collect();
        Self { gamma, beta, x, dy: noise(4, n_rows * d) }
    }

    fn norm(&self) -> Norm<'_> {
        Norm { gamma: &self.gamma, beta: &self.beta, epsilon: EPSILON }
    }

    fn expected_y(&self) -> Vec<f64> {
        let (gamma, beta) = (wide(&self.gamma), wide(&self.beta));
        let rows = self.x.chunks(gamma.len());
        rows.flat_map(|x| naive::norm(&wide(x), &gamma, &beta, f64::from(EPSILON))).collect()
    }

    /// The gradients of `x`, γ and β.
    fn expected_gradients(&self) -> [Vec<f64>; 3] {
        let gamma = wide(&self.gamma);
        let d = gamma.len();
        let (mut d_gamma, mut d_beta) = (vec![0.0; d], vec![0.0; self.beta.len()]);
        let rows = self.x.chunks(d).zip(self.dy.chunks(d));
        let dx = rows.flat_map(|(x, dy)| {
            let (x, dy, epsilon) = (wide(x), wide(dy), f64::from(EPSILON));
            naive::norm_backward(&x, &gamma, epsilon, &dy, &mut d_gamma, &mut d_beta)
        });
        [dx.collect(), d_gamma, d_beta]
    }
}

#[test]
fn rows_of_every_width_match_the_naive_loops() {
    for d in [3, 6, 15, 16, 17, 31, 32, 33, 64, 128] {
        for has_beta in [true, false] {
            let case = Case::new(5, d, has_beta);
            let [dx, d_gamma, d_beta] = case.expected_gradients();
            for level in Level::all() {
                let mut y = vec![f32::NAN; case.x.len()];
                case.norm().forward(level, &case.x, &mut y);
                assert_close(format_args!("y, {d}"), &y, &case.expected_y(), TOLERANCE);

                let mut sums = [vec![0.0; d], vec![0.0; case.beta.len()]];
                let [gamma, beta] = &mut sums;
                let gradients = NormGradients { gamma, beta };
                let mut actual = vec![0.0; case.x.len()];
                case.norm().backward(level, &case.x, &case.dy, &mut actual, gradients);
                assert_close(format_args!("dx, {d}"), &actual, &dx, TOLERANCE);
                assert_close(format_args!("dγ, {d}"), &sums[0], &d_gamma, TOLERANCE);
                assert_close(format_args!("dβ, {d}"), &sums[1], &d_beta, TOLERANCE);
            }
        }
    }
}

/// A norm makes ±γ of two numbers, and β of one, whatever they are: the gradient is next to nothing.
#[test]
fn narrow_rows_have_the_gradient_that_rounding_leaves() {
    for d in [1, 2] {
        let case = Case::new(5, d, true);
        let [expected, ..] = case.expected_gradients();
        for level in Level::all() {
            let mut y = vec![f32::NAN; 5 * d];
            case.norm().forward(level, &case.x, &mut y);
            assert_close(format_args!("y, {d}"), &y, &case.expected_y(), TOLERANCE);

            let (mut gamma, mut beta, mut dx) = ([0.0; 2], [0.0; 2], vec![0.0; 5 * d]);
            let gradients = NormGradients { gamma: &mut gamma[..d], beta: &mut beta[..d] };
            case.norm().backward(level, &case.x, &case.dy, &mut dx, gradients);
            // What cancels is at most γ dy / √ε.
            let bound = TOLERANCE / f64::from(EPSILON).sqrt();
            let errors = dx.iter().zip(&expected).map(|(dx, e)| (f64::from(*dx) - e).abs());
            assert!(errors.max_by(f64::total_cmp).unwrap() <= bound, "{dx:?}, {expected:?}");
        }
    }
}

#[test]
fn gradients_are_added_to_what_is_there() {
    let case = Case::new(3, 6, true);
    let [dx, d_gamma, d_beta] = case.expected_gradients();
    let plus = |values: Vec<f64>, more: f64| values.iter().map(|x| x + more).collect::<Vec<_>>();
    for level in Level::all() {
        let (mut actual, mut gamma, mut beta) =
            (vec![1.0; case.x.len()], vec![2.0; 6], vec![3.0; 6]);
        let gradients = NormGradients { gamma: &mut gamma, beta: &mut beta };
        case.norm().backward(level, &case.x, &case.dy, &mut actual, gradients);
        assert_close("dx", &actual, &plus(dx.clone(), 1.0), TOLERANCE);
        assert_close("dγ", &gamma, &plus(d_gamma.clone(), 2.0), TOLERANCE);
        assert_close("dβ", &beta, &plus(d_beta.clone(), 3.0), TOLERANCE);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_norm() {
    for n_rows in [0, 1, 63, 64, 65, 200] {
        for has_beta in [true, false] {
            let case = Case::new(n_rows, 24, has_beta);
            let expected = case.expected_gradients();
            for pool in pools() {
                for level in Level::all() {
                    let y = || pool.install(|| forward(level, case.norm(), &case.x));
                    let gradients =
                        || pool.install(|| backward(level, case.norm(), &case.x, &case.dy));
                    assert_close("y", &y(), &case.expected_y(), TOLERANCE);
                    assert_eq!(bits(&y()), bits(&y()));
                    for (actual, expected) in gradients().iter().zip(&expected) {
                        assert_close(format_args!("{n_rows} rows"), actual, expected, TOLERANCE);
                    }
                    assert_eq!(gradients().map(|x| bits(&x)), gradients().map(|x| bits(&x)));
                }
            }
        }
    }
}

#[test]
fn a_large_mean_does_not_hide_the_variance() {
    let mut case = Case::new(4, 33, true);
    for x in &mut case.x {
        *x = 4_096.0 + (*x * 64.0).round() / 64.0; // such that the sum is exact
    }
    for level in Level::all() {
        let mut y = vec![0.0; case.x.len()];
        case.norm().forward(level, &case.x, &mut y);
        assert_close("y", &y, &case.expected_y(), 1e-4); // the mean is rounded: 4096 · 2⁻²⁴
    }
}

#[test]
fn a_constant_row_becomes_beta() {
    let mut case = Case::new(2, 20, true);
    case.x.fill(0.5);
    for level in Level::all() {
        let mut y = vec![0.0; case.x.len()];
        case.norm().forward(level, &case.x, &mut y);
        assert_eq!(y, case.beta.repeat(2));
    }
}

#[test]
fn what_is_not_a_number_spoils_its_row_and_no_other() {
    let mut case = Case::new(3, 20, true);
    case.x[25] = f32::NAN;
    for level in Level::all() {
        let mut y = vec![0.0; case.x.len()];
        case.norm().forward(level, &case.x, &mut y);
        let is_nan: Vec<bool> = y.iter().map(|y| y.is_nan()).collect();
        assert_eq!(is_nan, (0..60).map(|i| (20..40).contains(&i)).collect::<Vec<_>>());
    }
}
