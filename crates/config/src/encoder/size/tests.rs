use super::*;
use crate::encoder::{Shape, sample};

/// Whether the base sample has a size that is allowed, after a change.
fn check(change: impl Fn(&mut EncoderConfig)) -> Result<(), ConfigError> {
    let mut config = sample::config(Shape::Base);
    change(&mut config);
    config.validate().unwrap();
    BodyConfig::Transformer(config).check_size(100_000)
}

#[test]
fn a_model_of_terabytes_is_refused_and_each_of_the_largest_sizes_alone_is_not() {
    let error =
        check(|config| (config.d_model, config.d_ff, config.n_layers) = (12_288, 49_152, 96))
            .unwrap_err();
    let n_numbers = 96 * (4 * 12_288_usize.pow(2) + 3 * 12_288 * 49_152 + 9 * 12_288 + 49_152)
        + (11 + 4 + 100_000 + 12_288) * 12_288;
    assert!(error.value.contains(&n_numbers.to_string()), "{error}");
    assert!(error.expected.contains(&MAX_NUMBERS.to_string()), "{error}");
    assert_eq!(check(|config| config.n_layers = 1_024), Ok(()));
    assert_eq!(check(|config| config.d_ff = 65_536), Ok(()));
    assert_eq!(check(|config| config.max_seq = 131_072), Ok(()));
    assert_eq!(check(|config| config.d_model = 3 * 2_048), Ok(()));
    assert!(check(|config| (config.d_model, config.max_seq) = (3 * 4_096, 131_072)).is_err());
}

#[test]
fn the_larger_the_model_the_fewer_texts_fit_a_pass() {
    let batch_size = |n_layers, d_model| {
        let config = EncoderConfig { n_layers, d_model, ..sample::config(Shape::Base) };
        BodyConfig::Transformer(config).max_batch_size()
    };
    assert!(batch_size(3, 128) > 65_536);
    assert_eq!(batch_size(96, 12_288), 56);
    assert_eq!(batch_size(1_024, 16_384 * 1_024), 1);
}
