use super::*;
use crate::{
    finite_difference, naive,
    sample::{self, BATCH, D_MODEL, SEQ, WORD, WORD_PADDING, WORDS, assert_close},
};

const DIMS: [usize; 3] = [BATCH, SEQ, D_MODEL];
/// The positions of two heads of each text.
const HEADS: [[usize; 2]; BATCH] = [[5, 2], [1, 0]];

fn detector(device: &burn::tensor::Device) -> Detector {
    sample::randomised(Detector::new(D_MODEL, &mut Initialiser::new(0, device)))
}

fn edges(detector: &Detector, hidden: Tensor<3>) -> [Tensor<3>; 2] {
    let input = sample::input(&hidden.device());
    let heads = Tensor::from_data(HEADS.map(|row| row.map(|at| at as i64)), &hidden.device());
    detector.edges(hidden, input.words, input.word_padding_mask, heads)
}

#[test]
fn each_word_is_scored_by_its_own_vector() {
    let device = sample::device();
    let detector = detector(&device);
    let hidden = sample::random(1, DIMS, &device);

    let scores = detector.words(hidden.clone(), sample::input(&device).words);

    let rows = naive::rows(&hidden);
    let words = WORD
        .iter()
        .enumerate()
        .flat_map(|(text, words)| words.iter().map(move |word| text * SEQ + word));
    let vectors: Vec<Vec<f64>> = words.map(|row| rows[row].clone()).collect();
    let expected = naive::linear(&detector.words, &vectors).concat();
    assert_eq!(scores.dims(), [BATCH, WORDS, ANAPHOR_CLASSES + 1]);
    assert_close(&scores, &expected, 1e-12);
}

#[test]
fn the_edges_of_a_phrase_are_scored_by_the_vector_of_its_head() {
    let device = sample::device();
    let detector = detector(&device);
    let hidden = sample::random(1, DIMS, &device);

    let found = edges(&detector, hidden.clone());

    for (projection, found) in [&detector.first, &detector.last].into_iter().zip(found) {
        let mut expected = Vec::new();
        for (text, hidden) in naive::rows(&hidden).chunks(SEQ).enumerate() {
            for head in HEADS[text] {
                let wanted = &naive::linear(projection, &hidden[head..=head])[0];
                for (&word, is_padding) in WORD[text].iter().zip(WORD_PADDING[text]) {
                    let product: f64 = hidden[word].iter().zip(wanted).map(|(a, b)| a * b).sum();
                    let score = product / (D_MODEL as f64).sqrt();
                    expected.push(if is_padding { -10_000.0 } else { score });
                }
            }
        }
        assert_eq!(found.dims(), [BATCH, 2, WORDS]);
        assert_close(&found, &expected, 1e-12);
    }
}

#[test]
fn the_gradients_match_finite_differences() {
    let device = sample::autodiff_device();
    let hidden = sample::random(1, DIMS, &device);
    let of_words = sample::random(2, [BATCH, WORDS, ANAPHOR_CLASSES + 1], &device);
    let of_edges = sample::random(3, [BATCH, 2, WORDS], &device);
    let of_second = sample::random(4, DIMS, &device);
    let is_second = Tensor::<2>::from_data([[0.0; SEQ], [1.0; SEQ]], &device).bool();
    finite_difference::check(&detector(&device), &hidden, |detector, hidden| {
        let words = detector.words(hidden.clone(), sample::input(&device).words);
        let second = detector.mark_second(hidden.clone(), is_second.clone());
        // Padded words are a constant of -10⁴: their product with the probe would drown the rest.
        let [first, last] = edges(detector, hidden).map(|scores| scores.clamp_min(-100.0));
        (words * of_words.clone()).sum()
            + ((first + last) * of_edges.clone()).sum()
            + (second * of_second.clone()).sum()
    });
}
