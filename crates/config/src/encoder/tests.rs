use super::sample::{self, SHAPES};
use super::*;

/// The message for the config of `shape` after one change.
fn refusal(shape: Shape, change: impl Fn(&mut EncoderConfig)) -> String {
    let mut config = sample::config(shape);
    change(&mut config);
    config.validate().unwrap_err().to_string()
}

#[test]
fn the_samples_of_all_shapes_are_valid() {
    for shape in SHAPES {
        assert_eq!(sample::config(shape).validate(), Ok(()));
    }
}

#[test]
fn a_size_that_is_zero_or_absurd_is_refused() {
    type Change = fn(&mut EncoderConfig, usize);
    let fields: [(&str, &str, usize, Change); 4] = [
        ("encoder.d_model", "1 to 16384", 16_385, |config, size| config.d_model = size),
        ("encoder.n_layers", "1 to 1024", 1_025, |config, size| config.n_layers = size),
        ("encoder.d_ff", "1 to 65536", 65_537, |config, size| config.d_ff = size),
        ("encoder.max_seq", "1 to 131072", 131_073, |config, size| config.max_seq = size),
    ];
    for (field, expected, too_large, change) in fields {
        for size in [0, too_large, usize::MAX] {
            assert_eq!(
                refusal(Shape::Bert, |config| change(config, size)),
                format!("{field} is {size}, expected {expected}"),
            );
        }
    }
}

#[test]
fn heads_divide_the_model() {
    for n_heads in [0, 5, 48] {
        assert_eq!(
            refusal(Shape::Base, |config| config.n_heads = n_heads),
            format!("encoder.n_heads is {n_heads}, expected a divisor of encoder.d_model"),
        );
    }
}

#[test]
fn dropout_is_a_probability_that_keeps_something() {
    for dropout in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            refusal(Shape::Vaswani, |config| config.dropout = dropout),
            format!("encoder.dropout is {dropout}, expected at least 0 and less than 1"),
        );
    }
}

#[test]
fn the_base_shape_needs_a_theta() {
    assert_eq!(
        refusal(Shape::Base, |config| config.rotary_theta = None),
        "encoder.rotary_theta is missing, expected a number greater than 1",
    );
    for theta in [-3.0, 0.0, 1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            refusal(Shape::Base, |config| config.rotary_theta = Some(theta)),
            format!("encoder.rotary_theta is {theta}, expected a number greater than 1"),
        );
    }
}

#[test]
fn the_other_shapes_have_no_theta() {
    for shape in [Shape::Vaswani, Shape::Bert] {
        assert_eq!(
            refusal(shape, |config| config.rotary_theta = Some(160.0)),
            "encoder.rotary_theta is 160, expected no such key: only encoder.shape = \"base\" turns \
             by it",
        );
    }
}

#[test]
fn positions_in_pairs_need_an_even_width() {
    assert_eq!(
        refusal(Shape::Base, |config| config.d_model = 27),
        "encoder.d_model / encoder.n_heads is 9, expected an even number: rotary positions turn \
         pairs",
    );
    assert_eq!(
        refusal(Shape::Vaswani, |config| config.d_model = 27),
        "encoder.d_model is 27, expected an even number: sinusoidal positions are pairs of sine \
         and cosine",
    );
    let odd = EncoderConfig { d_model: 27, ..sample::config(Shape::Bert) };
    assert_eq!(odd.validate(), Ok(()));
}
