//! Small configurations for the tests.

use super::{
    EncoderConfig, Shape,
    body::{BodyConfig, RecurrentConfig},
};

pub(crate) const SHAPES: [Shape; 3] = [Shape::Base, Shape::Vaswani, Shape::Bert];

pub(crate) fn config(shape: Shape) -> EncoderConfig {
    EncoderConfig {
        shape,
        d_model: 24,
        n_heads: 3,
        n_layers: 2,
        d_ff: 10,
        max_seq: 11,
        dropout: 0.0,
        rotary_theta: (shape == Shape::Base).then_some(50.0),
    }
}

pub(crate) fn recurrent() -> RecurrentConfig {
    RecurrentConfig { d_model: 24, d_hidden: 9, n_layers: 2, max_seq: 11, dropout: 0.0 }
}

/// One of each kind.
pub(crate) fn bodies() -> [BodyConfig; 4] {
    let [base, vaswani, bert] = SHAPES.map(|shape| BodyConfig::Transformer(config(shape)));
    [base, vaswani, bert, BodyConfig::Recurrent(recurrent())]
}
