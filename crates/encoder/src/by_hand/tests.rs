use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::{intervention::Untouched, naive::numbers, resolver::ResolverInput};

const TEXT: [u32; 7] = [CLS, MEN[1], OTHER, WOMEN[0], OTHER, HE, SEP];

fn input(pronoun: u32, device: &Device) -> ResolverInput {
    let mut tokens = TEXT.map(i64::from);
    tokens[5] = i64::from(pronoun);
    ResolverInput {
        tokens: Tensor::from_data([tokens], device),
        key_padding_mask: Tensor::from_data([[false; 7]], device),
        pronouns: Tensor::from_data([[5_i64]], device),
        is_second: Tensor::from_data([[false]], device),
        asked: Tensor::from_data([0_i64], device),
        words: Tensor::from_data([[1_i64, 2, 3, 4, 5]], device),
        word_padding_mask: Tensor::from_data([[false; 5]], device),
    }
}

/// The pronoun's row of a head.
fn row(pronoun: u32, [layer, head]: [usize; 2]) -> Vec<f64> {
    let device = Device::flex();
    let (resolver, input) = (resolver(&device), input(pronoun, &device));
    let seen = resolver.observe(&input, resolver.embed(input.tokens.clone()), &Untouched);
    numbers(&seen.attention[layer].weights)[(head * 7 + 5) * 7..][..7].to_vec()
}

#[test]
fn each_head_reads_what_the_table_says() {
    for (pronoun, own, other) in [(HE, 1, 3), (SHE, 3, 1)] {
        for (head, key) in [(COPIES, own), (DECOY, own), (READS_WRONG, other), (READS_CLS, 0)] {
            let weight = row(pronoun, head)[key];
            assert!((weight - 1.0).abs() < 1e-6, "{head:?} reads {key} with {weight}");
        }
        for head in [[0, 0], [1, 2]] {
            assert!(row(pronoun, head).iter().all(|weight| (weight - 1.0 / 7.0).abs() < 1e-6));
        }
    }
}

#[test]
fn the_pronoun_points_at_the_person_of_its_gender_and_is_never_quite_sure() {
    let device = Device::flex();
    for (pronoun, right) in [(HE, 0), (SHE, 2)] {
        let logits = numbers(&resolver(&device).forward(&input(pronoun, &device)).logits);
        let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
        let probability = logits[right].exp() / sum;
        assert!((0.7..0.99).contains(&probability), "{logits:?}");
    }
}

#[test]
fn a_matrix_reads_what_another_wrote() {
    let mut table = Matrix::new(1, 4);
    table.write(0, 1, 3.0);
    assert_eq!(table.values, [0.0, 0.0, 3.0, -3.0]);
    let mut reader = Matrix::new(4, 1);
    reader.read(1, 0, 2.0);
    let device = Device::flex();
    let read = table.on(&device).val().matmul(reader.on(&device).val());
    read.into_data().assert_eq(&TensorData::from([[6.0_f32]]), true);
}
