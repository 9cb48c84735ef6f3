use super::*;
use crate::encoder::sample;

type Change = fn(&mut RecurrentConfig);

fn refusal(change: impl Fn(&mut RecurrentConfig)) -> ConfigError {
    let mut config = sample::recurrent();
    change(&mut config);
    BodyConfig::Recurrent(config).validate().unwrap_err()
}

#[test]
fn the_samples_of_all_bodies_are_valid() {
    for config in sample::bodies() {
        assert_eq!(config.validate(), Ok(()));
    }
}

#[test]
fn what_no_network_can_have_is_refused() {
    let cases: [(&str, &str, Change); 5] = [
        ("encoder.d_model", "0", |config| config.d_model = 0),
        ("encoder.d_hidden", "16385", |config| config.d_hidden = 16_385),
        ("encoder.n_layers", "0", |config| config.n_layers = 0),
        ("encoder.max_seq", "131073", |config| config.max_seq = 131_073),
        ("encoder.dropout", "1", |config| config.dropout = 1.0),
    ];
    for (field, value, change) in cases {
        let error = refusal(change);
        assert_eq!((error.field, error.value.as_str()), (field, value));
    }
}

#[test]
fn each_body_says_its_name_and_whether_it_has_attention() {
    let facts = sample::bodies().map(|config| (config.name(), config.has_attention()));
    let expected = [("base", true), ("vaswani", true), ("bert", true), ("lstm", false)];
    assert_eq!(facts, expected);
}
