//! Test fixtures: texts for the model of [`encoder::by_hand`], whose answers and heads are known.

use burn::tensor::Device;
use corpus::{
    example::{Example, Language},
    span::CharSpan,
    tokenizer::{Encoding, Token, Word},
};
use encoder::{
    by_hand::{self, CLS, HE, MEN, OTHER, SEP, SHE, WOMEN},
    intervention::Untouched,
};
use snapshot::content::{self, Attention, Probe, Snapshot};

use super::{
    AnalysedModel, HeadReport,
    texts::{ObservedText, Texts},
};
use anafora::batch::EncodedExample;

/// Number of examples in [`examples`].
pub(crate) const N: usize = 16;

/// *man other woman other other he*, and the same with *she*; `more` fillers before the pronoun.
pub(crate) fn pair(id: &str, [man, woman]: [usize; 2], more: usize) -> [EncodedExample; 2] {
    [HE, SHE].map(|pronoun| {
        let mut ids = vec![MEN[man], OTHER, WOMEN[woman], OTHER, OTHER];
        ids.extend(vec![OTHER; more]);
        ids.push(pronoun);
        let antecedent = usize::from(pronoun == SHE);
        encoded(&format!("{id}-{antecedent}"), id, &ids, antecedent)
    })
}

/// Each token is a word of two characters.
fn encoded(id: &str, pair: &str, ids: &[u32], antecedent: usize) -> EncodedExample {
    let span = |word: usize| CharSpan::new(3 * word, 3 * word + 2);
    let special = Token { span: None, word: None };
    let of_word = |word| Token { span: Some(span(word)), word: Some(word) };
    let pronoun = ids.len() - 1;
    let text: Vec<String> = ids.iter().map(|id| format!("{id:02}")).collect();
    EncodedExample {
        example: Example {
            id: id.to_owned(),
            lang: Language::Es,
            text: text.join(" "),
            pronoun: span(pronoun),
            candidates: vec![span(0), span(2)],
            antecedent: Some(antecedent),
            phenomenon: "gender".to_owned(),
            pair: Some(pair.to_owned()),
            form: None,
            agreeing: None,
        },
        head: None,
        phrases: std::sync::Arc::default(),
        encoding: std::sync::Arc::new(Encoding {
            ids: [&[CLS], ids, &[SEP]].concat(),
            tokens: [special]
                .into_iter()
                .chain((0..ids.len()).map(of_word))
                .chain([special])
                .collect(),
            words: (0..ids.len())
                .map(|word| Word { span: span(word), tokens: word + 1..word + 2 })
                .collect(),
        }),
        pronoun,
        candidates: vec![0..1, 2..3],
    }
}

/// Every man with every woman, in both languages.
pub(crate) fn examples() -> Vec<EncodedExample> {
    let mut examples = Vec::new();
    for lang in Language::ALL {
        for persons in [[0, 0], [0, 1], [1, 0], [1, 1]] {
            let id = format!("{}{persons:?}", lang.code());
            examples.extend(pair(&id, persons, 0).map(|mut encoded| {
                encoded.example.lang = lang;
                encoded
            }));
        }
    }
    examples
}

/// Those of [`examples`] whose antecedent is the woman.
pub(crate) fn validation() -> Vec<EncodedExample> {
    examples().into_iter().filter(|encoded| encoded.example.antecedent == Some(1)).collect()
}

/// Calls `run` with the model. The batch size does not divide the number of examples, so that the
/// last batch is smaller.
pub(crate) fn with_model<T>(run: impl FnOnce(&AnalysedModel<'_>) -> T) -> T {
    let device = Device::flex();
    let resolver = by_hand::resolver(&device);
    run(&AnalysedModel { resolver: &resolver, device: &device, batch_size: 6 })
}

/// Calls `run` with the model's attention in [`examples`].
pub(crate) fn with_observed<T>(run: impl FnOnce(&[ObservedText<'_>]) -> T) -> T {
    with_model(|model| run(&Texts::new(&examples(), model).observed(model)))
}

/// The head report on the model.
pub(crate) fn report() -> HeadReport {
    with_model(|model| HeadReport::of(model, &examples(), &validation(), &snapshots()))
}

/// A snapshot of uniform attention and one of the model as it is, in the wrong order.
pub(crate) fn snapshots() -> Vec<Snapshot> {
    let snapshot = |step, is_trained| Snapshot {
        step,
        loss: None,
        accuracy: None,
        model: "by hand".to_owned(),
        probes: probes(is_trained),
    };
    vec![snapshot(8, true), snapshot(0, false)]
}

fn probes(is_trained: bool) -> Vec<Probe> {
    let examples = examples();
    with_model(|model| {
        let batch = anafora::batch::Batch::new(examples.clone(), model.device);
        let layers = super::texts::observe(model, &batch, &Untouched).attention;
        let all: Vec<Vec<f32>> =
            layers.into_iter().map(|l| l.weights.into_data().iter::<f32>().collect()).collect();
        (examples.iter().enumerate())
            .map(|(index, encoded)| {
                let (seq, n_weights) = (encoded.n_tokens(), 3 * encoded.n_tokens().pow(2));
                let weights = |layer: &Vec<f32>| match is_trained {
                    true => layer[index * n_weights..][..n_weights].to_vec(),
                    false => vec![1.0 / seq as f32; n_weights],
                };
                let attention = |layer| Attention { heads: 3, seq, weights: weights(layer) };
                probe(encoded, is_trained, all.iter().map(attention).collect())
            })
            .collect()
    })
}

fn probe(encoded: &EncodedExample, is_trained: bool, layers: Vec<Attention>) -> Probe {
    let token = |token: &Token| content::Token {
        text: "token".to_owned(),
        span: token.span,
        word: token.word,
    };
    let n_words = encoded.encoding.words.len();
    let right = encoded.candidates[encoded.example.antecedent.unwrap()].start;
    let answer = if is_trained { right } else { 0 };
    let mut probabilities = vec![0.0; n_words + 1];
    probabilities[answer] = 1.0;
    Probe {
        example: encoded.example.clone(),
        tokens: encoded.encoding.tokens.iter().map(token).collect(),
        words: encoded.encoding.words.iter().map(|word| word.span).collect(),
        pronoun_token: encoded.pronoun + 1,
        answer: Some(answer),
        phrases: Vec::new(),
        probabilities,
        layers,
    }
}
