use super::*;
use crate::encoder::sample;

/// What is said of the base sample after a change.
fn check(change: impl Fn(&mut EncoderConfig)) -> Result<(), String> {
    let mut config = sample::config(Shape::Base);
    change(&mut config);
    config.validate().unwrap();
    BodyConfig::Transformer(config).check_size(100_000).map_err(|error| error.to_string())
}

#[test]
fn a_model_of_terabytes_is_refused_and_each_of_the_largest_sizes_alone_is_not() {
    let expected =
        "expected at most 1073741824: a smaller d_model, d_ff, d_hidden, n_layers or max_seq";
    let said =
        check(|config| (config.d_model, config.d_ff, config.n_layers) = (12_288, 49_152, 96));
    let n_numbers = 96 * (4 * 12_288_usize.pow(2) + 3 * 12_288 * 49_152 + 9 * 12_288 + 49_152)
        + (11 + 4 + 100_000 + 12_288) * 12_288;
    assert_eq!(said, Err(format!("encoder is a model of {n_numbers} numbers, {expected}")));
    assert_eq!(check(|config| config.n_layers = 1_024), Ok(()));
    assert_eq!(check(|config| config.d_ff = 65_536), Ok(()));
    assert_eq!(check(|config| config.max_seq = 131_072), Ok(()));
    assert_eq!(check(|config| config.d_model = 3 * 2_048), Ok(()));
    assert!(check(|config| (config.d_model, config.max_seq) = (3 * 4_096, 131_072)).is_err());
}

#[test]
fn the_larger_the_model_the_fewer_texts_fit_a_pass() {
    let most = |n_layers, d_model| {
        let config = EncoderConfig { n_layers, d_model, ..sample::config(Shape::Base) };
        BodyConfig::Transformer(config).max_texts()
    };
    assert!(most(3, 128) > 65_536);
    assert_eq!(most(96, 12_288), 56);
    assert_eq!(most(1_024, 16_384 * 1_024), 1);
}
