//! Where numbers end: the first part of a model whose output is infinite or no number.
//!
//! The loss says only that something went wrong, after everything behind it went wrong too.

use burn::tensor::Tensor;

use crate::{
    encoder::Encoder,
    positions::rotary::Rotation,
    resolver::{Body, Resolver, ResolverInput},
};

impl Resolver {
    /// The first part that gives a number that is not finite, as `block 2, attention` (blocks count
    /// from 1); `None` if all do.
    ///
    /// Computes step by step, as [`Resolver::forward_with_attention`], and waits for the device after
    /// each: for the one batch that went wrong.
    pub fn first_non_finite(&self, input: &ResolverInput) -> Option<String> {
        let ResolverInput { tokens, key_padding_mask, .. } = input.clone();
        let hidden = match self.body() {
            Body::Transformer(encoder) => match encoder.hidden_if_finite(input) {
                Ok(hidden) => hidden,
                Err(place) => return Some(place),
            },
            Body::Recurrent(recurrent) => {
                let embedded = recurrent.embedding.forward(tokens.clone());
                if !is_finite(&embedded) {
                    return Some("the embedding".to_owned());
                }
                recurrent.forward(tokens, key_padding_mask)
            }
        };
        if !is_finite(&hidden) {
            return Some("the end of the body".to_owned());
        }
        let logits = self.point(input, hidden).logits;
        (!is_finite(&logits)).then(|| "the pointer".to_owned())
    }
}

impl Encoder {
    /// `[batch, seq, d_model]` at the end, or where numbers end before it.
    fn hidden_if_finite(&self, input: &ResolverInput) -> Result<Tensor<3>, String> {
        let mut hidden = self.embedding.forward(input.tokens.clone());
        if !is_finite(&hidden) {
            return Err("the embedding".to_owned());
        }
        let [_, seq, _] = hidden.dims();
        let options = (&hidden.device(), hidden.dtype());
        let d_head = self.config.d_head();
        let rotation =
            self.config.rotary_theta.map(|theta| Rotation::new(seq, d_head, theta, options));
        for (index, block) in self.blocks.iter().enumerate() {
            let output = block.forward(hidden, input.key_padding_mask.clone(), rotation.as_ref());
            if !is_finite(&output.attention.context) {
                return Err(format!("block {}, attention", index + 1));
            }
            if !is_finite(&output.hidden) {
                return Err(format!("block {}, feed-forward network", index + 1));
            }
            hidden = output.hidden;
        }
        Ok(self.norm(hidden))
    }
}

fn is_finite<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.clone().into_data().iter::<f32>().all(f32::is_finite)
}

#[cfg(test)]
mod tests {
    use burn::{module::Param, nn::Linear};

    use super::*;
    use crate::sample;
    use config::encoder::body::BodyConfig;

    fn spoil(linear: &mut Linear) {
        let weight = linear.weight.val();
        linear.weight = Param::from_tensor(weight.full_like(f32::INFINITY));
    }

    /// Where numbers end after `change`, in each shape.
    fn places(change: impl Fn(&mut Resolver)) -> Vec<Option<String>> {
        let device = sample::device();
        let place = |shape| {
            let config = BodyConfig::Transformer(sample::config(shape));
            let mut resolver = sample::resolver(&config, &device);
            change(&mut resolver);
            resolver.first_non_finite(&sample::input(&device))
        };
        sample::SHAPES.map(place).to_vec()
    }

    fn encoder(resolver: &mut Resolver) -> &mut Encoder {
        resolver.encoder.as_mut().expect("the body is a transformer")
    }

    #[test]
    fn a_sound_model_has_no_such_place() {
        assert_eq!(places(|_| {}), [None, None, None]);
        let device = sample::device();
        let recurrent = BodyConfig::Recurrent(sample::recurrent());
        let resolver = sample::resolver(&recurrent, &device);
        assert_eq!(resolver.first_non_finite(&sample::input(&device)), None);
    }

    #[test]
    fn the_first_part_that_overflows_is_named_and_not_those_behind_it() {
        let expect = |place: &str, change: fn(&mut Resolver)| {
            assert_eq!(
                places(change),
                vec![Some(place.to_owned()); sample::SHAPES.len()],
                "{place}"
            );
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
    }
}
