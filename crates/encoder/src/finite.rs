//! Finds the first part of a model whose output is infinite or NaN.
//!
//! The loss says only that something overflowed, after every part behind it has overflowed as well.

use burn::tensor::Tensor;

use crate::{
    intervention::Untouched,
    resolver::{Observation, Resolver, ResolverInput},
};

impl Resolver {
    /// The first part that computes a number that is not finite, as `block 2, attention` (blocks
    /// count from 1); `None` if all numbers are finite.
    ///
    /// Meant for the one batch that went wrong: it keeps all intermediate results of
    /// [`Resolver::observe`] and copies many of them from the device.
    pub fn first_non_finite(&self, input: &ResolverInput) -> Option<String> {
        let embedded = self.embed(input.tokens.clone());
        if !is_finite(&embedded) {
            return Some("the embedding".to_owned());
        }
        let Observation { output, attention, residual_stream, .. } =
            self.observe(input, embedded, &Untouched);
        let after_blocks = residual_stream.iter().skip(1);
        for (index, (attention, hidden)) in attention.iter().zip(after_blocks).enumerate() {
            if !is_finite(&attention.context) {
                return Some(format!("block {}, attention", index + 1));
            }
            if !is_finite(hidden) {
                return Some(format!("block {}, feed-forward network", index + 1));
            }
        }
        if !is_finite(&output.hidden) {
            return Some("the end of the body".to_owned());
        }
        (!is_finite(&output.logits)).then(|| "the pointer".to_owned())
    }
}

fn is_finite<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.clone().into_data().iter::<f32>().all(f32::is_finite)
}

#[cfg(test)]
mod tests {
    use burn::module::Param;

    use super::*;
    use crate::{encoder::Encoder, projection::Projection, recurrent::Recurrent, sample};
    use config::encoder::body::BodyConfig;

    fn spoil(projection: &mut Projection) {
        let weight = projection.weight.val();
        projection.weight = Param::from_tensor(weight.full_like(f32::INFINITY));
    }

    fn place(config: &BodyConfig, change: impl Fn(&mut Resolver)) -> Option<String> {
        let device = sample::device();
        let mut resolver = sample::resolver(config, &device);
        change(&mut resolver);
        resolver.first_non_finite(&sample::input(&device))
    }

    fn encoder(resolver: &mut Resolver) -> &mut Encoder {
        resolver.encoder.as_mut().expect("the body is a transformer")
    }

    fn recurrent(resolver: &mut Resolver) -> &mut Recurrent {
        resolver.recurrent.as_mut().expect("the body is recurrent")
    }

    #[test]
    fn a_sound_model_has_no_such_place() {
        for config in sample::bodies() {
            assert_eq!(place(&config, |_| {}), None, "{config:?}");
        }
    }

    #[test]
    fn the_first_part_that_overflows_is_named_and_not_those_behind_it() {
        let expect = |expected: &str, change: fn(&mut Resolver)| {
            for shape in sample::SHAPES {
                let config = BodyConfig::Transformer(sample::config(shape));
                assert_eq!(place(&config, change).as_deref(), Some(expected), "{shape:?}");
            }
        };
        expect("the embedding", |resolver| {
            let tokens = &mut encoder(resolver).embedding.tokens;
            tokens.weight = Param::from_tensor(tokens.weight.val().full_like(f32::NAN));
        });
        expect("block 1, attention", |resolver| {
            spoil(&mut encoder(resolver).blocks[0].attention.output);
        });
        expect("block 2, attention", |resolver| {
            spoil(&mut encoder(resolver).blocks[1].attention.output);
        });
        expect("block 2, feed-forward network", |resolver| {
            spoil(&mut encoder(resolver).blocks[1].feed_forward.output);
        });
        expect("the pointer", |resolver| spoil(&mut resolver.pointer.wanted));
    }

    #[test]
    fn the_parts_of_a_recurrent_network_are_named_too() {
        let config = BodyConfig::Recurrent(sample::recurrent());
        let expect = |expected: &str, change: fn(&mut Resolver)| {
            assert_eq!(place(&config, change).as_deref(), Some(expected));
        };
        expect("the embedding", |resolver| {
            let tokens = &mut recurrent(resolver).embedding.tokens;
            tokens.weight = Param::from_tensor(tokens.weight.val().full_like(f32::NAN));
        });
        expect("the end of the body", |resolver| spoil(&mut recurrent(resolver).output));
        expect("the pointer", |resolver| spoil(&mut resolver.pointer.wanted));
    }
}
