use super::*;
use crate::sample::{Case, NORM_PLACEMENTS, paddings, sub_layers};

const STEP: f64 = 1e-5;

fn length(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// The slope of `f` along each of the numbers, by central differences.
fn slopes(x: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let shifted = |i: usize, by: f64| {
        let mut x = x.to_vec();
        x[i] += by;
        f(&x)
    };
    (0..x.len()).map(|i| (shifted(i, STEP) - shifted(i, -STEP)) / (2.0 * STEP)).collect()
}

#[track_caller]
fn assert_agree(what: &str, analytic: &[f64], numeric: &[f64]) {
    assert_eq!(analytic.len(), numeric.len(), "{what}");
    let error: Vec<f64> = analytic.iter().zip(numeric).map(|(a, n)| a - n).collect();
    let error = length(&error) / length(numeric).max(1.0);
    assert!(error < 1e-8, "{what}: {error:e}");
}

#[test]
fn the_gradients_match_finite_differences() {
    let (seq, [n_heads, d_head]) = (4, [2, 2]);
    for norm in NORM_PLACEMENTS {
        for sub_layer in sub_layers(n_heads, d_head, seq) {
            let [_, _, holes, ..] = paddings(seq);
            let case = Case::new(sub_layer, norm, true, [4, 3], (seq, holes)).dropping(0.3);
            let Case { half_block, d_model, seq, padding, x, dy, .. } = &case;
            let batch = Batch { half_block, d_model: *d_model, seq: *seq, padding };
            let (parameters, x, dy) =
                (case.parameters.map(|values| wide(values)), wide(x), wide(dy));
            let loss = |parameters: &Parameters<Vec<f64>>, x: &[f64]| {
                dot(&batch.forward(parameters, x).y.concat(), &dy)
            };

            let (dx, gradients) = batch.backward(&parameters, &x, &dy);

            assert_agree("x", &dx, &slopes(&x, |x| loss(&parameters, x)));
            type Field = fn(&mut Parameters<Vec<f64>>) -> &mut Vec<f64>;
            let fields: [(&str, Field); 6] = [
                ("gamma", |p| &mut p.gamma),
                ("beta", |p| &mut p.beta),
                ("w_in", |p| &mut p.w_in),
                ("b_in", |p| &mut p.b_in),
                ("w_out", |p| &mut p.w_out),
                ("b_out", |p| &mut p.b_out),
            ];
            for (name, field) in fields {
                let values = field(&mut parameters.clone()).clone();
                let numeric = slopes(&values, |values| {
                    let mut parameters = parameters.clone();
                    *field(&mut parameters) = values.to_vec();
                    loss(&parameters, &x)
                });
                assert_agree(name, field(&mut gradients.clone()), &numeric);
            }
        }
    }
}

#[test]
fn the_normal_distribution_has_its_known_values() {
    // From tables: Φ(1), Φ(−2), Φ(3), φ(0), φ(1).
    let close = |actual: f64, expected: f64| assert!((actual - expected).abs() < 1e-14, "{actual}");
    close(normal_cdf_pdf(1.0)[0], 0.841_344_746_068_542_9);
    close(normal_cdf_pdf(-2.0)[0], 0.022_750_131_948_179_21);
    close(normal_cdf_pdf(3.0)[0], 0.998_650_101_968_369_9);
    close(normal_cdf_pdf(0.0)[1], 0.398_942_280_401_432_7);
    close(normal_cdf_pdf(1.0)[1], 0.241_970_724_519_143_37);
}
