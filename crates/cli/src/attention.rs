//! The pronoun's attention summed over the tokens of each word, as text and as JSON.

use snapshot::content::{Attention, Probe};

/// The attention weights of the pronoun's first token in one head, by word.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadRow {
    /// Index of the block, from 0.
    pub layer: usize,
    /// Index of the head in it, from 0.
    pub head: usize,
    /// Sum of the weights on each word's tokens.
    pub words: Vec<f32>,
    /// Sum of the weights on the special tokens `[CLS]` and `[SEP]`.
    pub special: f32,
}

/// One row for each head, in the order of the layers.
pub fn pronoun_rows(probe: &Probe) -> Vec<HeadRow> {
    let row = |layer_idx, layer: &Attention, head| {
        let mut words = vec![0.0; probe.words.len()];
        let mut special = 0.0;
        for (token, &weight) in probe.tokens.iter().zip(layer.row(head, probe.pronoun_token)) {
            match token.word {
                Some(word) => words[word] += weight,
                None => special += weight,
            }
        }
        HeadRow { layer: layer_idx, head, words, special }
    };
    (probe.layers.iter().enumerate())
        .flat_map(|(index, layer)| (0..layer.heads).map(move |head| row(index, layer, head)))
        .collect()
}

/// The head with the greatest weight on `word`; of equal ones the first, as on the explorer's page.
pub fn strongest_head(rows: &[HeadRow], word: usize) -> Option<&HeadRow> {
    // `max_by` returns the last of equal values, hence the reversed order.
    rows.iter().rev().max_by(|a, b| a.words[word].total_cmp(&b.words[word]))
}

/// The words of a probe as they stand in its text.
pub fn word_texts(probe: &Probe) -> Vec<&str> {
    let text = &probe.example.text;
    probe.words.iter().map(|span| span.slice(text).unwrap_or_default()).collect()
}

/// One line for each head, with the words of the greatest weights.
pub fn to_text(probe: &Probe) -> String {
    const N_WORDS: usize = 4;
    const WIDTH: f32 = 10.0;
    let texts = word_texts(probe);
    let mut lines = String::new();
    for HeadRow { layer, head, words, special } in pronoun_rows(probe) {
        let mut shares: Vec<(&str, f32)> = texts.iter().copied().zip(words).collect();
        shares.push(("[CLS] and [SEP]", special));
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        let cells: Vec<String> = (shares.iter().take(N_WORDS))
            .map(|(text, share)| format!("{text} {share:.2}"))
            .collect();
        let filled = (shares[0].1 * WIDTH).round() as usize;
        let bar = "█".repeat(filled) + &"·".repeat(WIDTH as usize - filled.min(WIDTH as usize));
        let (layer, head) = (layer + 1, head + 1);
        lines += &format!("  layer {layer} head {head}  {bar}  {}\n", cells.join("  "));
    }
    lines
}

/// One line with the pronoun, the most probable answer and the next ones.
pub fn answer_line(probe: &Probe) -> String {
    const N_OTHERS: usize = 2;
    let texts = word_texts(probe);
    let pronoun = probe.example.pronoun.slice(&probe.example.text).unwrap_or_default();
    let mut ranked: Vec<(&str, f32)> =
        texts.into_iter().chain(["none"]).zip(probe.probabilities.iter().copied()).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let percent =
        |&(text, probability): &(&str, f32)| format!("{text} {:.1} %", 100.0 * probability);
    let others: Vec<String> = ranked[1..].iter().take(N_OTHERS).map(percent).collect();
    format!("{pronoun} = {} ({})", percent(&ranked[0]), others.join(", "))
}

/// A JSON object with the answer and the probability of each word.
pub fn to_json(probe: &Probe) -> serde_json::Value {
    let texts = word_texts(probe);
    let words: Vec<serde_json::Value> = (texts.iter().zip(&probe.words).zip(&probe.probabilities))
        .map(|((text, span), probability)| {
            serde_json::json!({"text": text, "span": span, "probability": probability})
        })
        .collect();
    serde_json::json!({
        "text": probe.example.text,
        "pronoun": probe.example.pronoun,
        "answer": probe.answer.map(|index| words[index].clone()),
        "none": probe.probabilities.last(),
        "words": words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values that the explorer's page is tested against too; `shared.py` generates them.
    const SHARED: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../explorer/tests/fixtures/shared.json"
    ));

    #[test]
    fn the_strongest_heads_are_what_the_page_expects() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let mut probe: Probe = serde_json::from_value(shared["probe"].clone()).unwrap();
        let layers: Vec<Vec<Vec<f32>>> = serde_json::from_value(shared["layers"].clone()).unwrap();
        let layer = |heads: Vec<Vec<f32>>| Attention {
            heads: heads.len(),
            seq: probe.tokens.len(),
            weights: heads.concat(),
        };
        probe.layers = layers.into_iter().map(layer).collect();
        let rows = pronoun_rows(&probe);
        let found: Vec<[usize; 2]> = (0..probe.words.len())
            .map(|word| strongest_head(&rows, word).map(|row| [row.layer, row.head]).unwrap())
            .collect();
        assert_eq!(serde_json::json!(found), shared["strongest_heads"]);
    }
}
