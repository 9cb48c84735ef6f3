use super::sample::{self, SHAPES};
use super::*;

/// The error for the config of `shape` after one change.
fn refusal(shape: Shape, change: impl Fn(&mut EncoderConfig)) -> ConfigError {
    let mut config = sample::config(shape);
    change(&mut config);
    config.validate().unwrap_err()
}

#[test]
fn the_samples_of_all_shapes_are_valid() {
    for shape in SHAPES {
        assert_eq!(sample::config(shape).validate(), Ok(()));
    }
}

#[test]
fn an_error_names_the_key_what_was_found_and_what_is_valid() {
    let error = refusal(Shape::Bert, |config| config.d_model = 16_385);
    assert_eq!((error.field, error.value.as_str()), ("encoder.d_model", "16385"));
    assert!(error.expected.contains("16384"), "{error}");
}

#[test]
fn a_size_that_is_zero_or_absurd_is_refused() {
    type Change = fn(&mut EncoderConfig, usize);
    let fields: [(&str, usize, Change); 4] = [
        ("encoder.d_model", 16_385, |config, size| config.d_model = size),
        ("encoder.n_layers", 1_025, |config, size| config.n_layers = size),
        ("encoder.d_ff", 65_537, |config, size| config.d_ff = size),
        ("encoder.max_seq", 131_073, |config, size| config.max_seq = size),
    ];
    for (field, too_large, change) in fields {
        for size in [0, too_large, usize::MAX] {
            let error = refusal(Shape::Bert, |config| change(config, size));
            assert_eq!((error.field, error.value), (field, size.to_string()));
        }
    }
}

#[test]
fn heads_divide_the_model() {
    for n_heads in [0, 5, 48] {
        let error = refusal(Shape::Base, |config| config.n_heads = n_heads);
        assert_eq!((error.field, error.value), ("encoder.n_heads", n_heads.to_string()));
        assert!(error.expected.contains("divisor"), "{}", error.expected);
    }
}

#[test]
fn dropout_is_a_probability_that_keeps_something() {
    for dropout in [-0.1, 1.0, f64::NAN, f64::INFINITY] {
        let error = refusal(Shape::Vaswani, |config| config.dropout = dropout);
        assert_eq!((error.field, error.value), ("encoder.dropout", dropout.to_string()));
    }
}

#[test]
fn the_base_shape_needs_a_theta() {
    let error = refusal(Shape::Base, |config| config.rotary_theta = None);
    assert_eq!((error.field, error.value.as_str()), ("encoder.rotary_theta", "missing"));
    for theta in [-3.0, 0.0, 1.0, f64::NAN, f64::INFINITY] {
        let error = refusal(Shape::Base, |config| config.rotary_theta = Some(theta));
        assert_eq!((error.field, error.value), ("encoder.rotary_theta", theta.to_string()));
    }
}

#[test]
fn the_other_shapes_have_no_theta() {
    for shape in [Shape::Vaswani, Shape::Bert] {
        let error = refusal(shape, |config| config.rotary_theta = Some(160.0));
        assert_eq!((error.field, error.value.as_str()), ("encoder.rotary_theta", "160"));
        assert!(error.expected.contains("no such key"), "{}", error.expected);
    }
}

#[test]
fn positions_in_pairs_need_an_even_width() {
    let error = refusal(Shape::Base, |config| config.d_model = 27);
    let d_head = ("encoder.d_model / encoder.n_heads", "9");
    assert_eq!((error.field, error.value.as_str()), d_head);
    assert!(error.expected.contains("even"), "{}", error.expected);
    let error = refusal(Shape::Vaswani, |config| config.d_model = 27);
    assert_eq!((error.field, error.value.as_str()), ("encoder.d_model", "27"));
    assert!(error.expected.contains("even"), "{}", error.expected);
    let odd = EncoderConfig { d_model: 27, ..sample::config(Shape::Bert) };
    assert_eq!(odd.validate(), Ok(()));
}
