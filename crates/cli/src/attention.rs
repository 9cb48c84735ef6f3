//! The pronoun's attention summed over the tokens of each word, as text and as JSON.

use anafora::ranking::{RankedAnswer, ranked};
use corpus::span::CharSpan;
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

/// How an answer is called that stands for nothing in the text.
const NONE: &str = "none";

/// One line with the pronoun, the most probable answer and the next ones; where no answer is likely
/// enough, the two best.
pub fn answer_line(probe: &Probe) -> String {
    const N_OTHERS: usize = 2;
    let slice = |span: CharSpan| span.slice(&probe.example.text).unwrap_or_default();
    let percent = |answer: &RankedAnswer| {
        let text = match answer.span.map(slice) {
            None => NONE.to_owned(),
            // The word, and not that there is no antecedent.
            Some(word) if word.eq_ignore_ascii_case(NONE) => format!("\"{word}\""),
            Some(words) => words.to_owned(),
        };
        format!("{text} {:.1} %", 100.0 * answer.probability)
    };
    let pronoun = slice(probe.example.pronoun);
    let ranked = ranked(probe);
    let (best, others) = ranked.split_first().expect("none is always there");
    let others: Vec<String> = others.iter().take(N_OTHERS).map(percent).collect();
    match (!best.is_sure(), others.split_first()) {
        (true, Some((second, _))) => format!("{pronoun} = not sure: {} or {second}", percent(best)),
        _ => format!("{pronoun} = {} ({})", percent(best), others.join(", ")),
    }
}

/// The number of what each of `probes`, all of one text, stands for: the same for those with the same
/// antecedent or the same name, and none for *none*.
pub fn chains(probes: &[Probe]) -> Vec<Option<usize>> {
    let mut known: Vec<(&str, CharSpan)> = Vec::new();
    let mut number = |probe: &Probe| {
        let span = ranked(probe)[0].span?;
        let text = span.slice(&probes[0].example.text).unwrap_or_default();
        let is_name = text.starts_with(char::is_uppercase);
        let is_same = |known: &(&str, CharSpan)| known.1 == span || is_name && known.0 == text;
        let index = known.iter().position(is_same).unwrap_or_else(|| {
            known.push((text, span));
            known.len() - 1
        });
        Some(index + 1)
    };
    probes.iter().map(&mut number).collect()
}

/// A JSON object with the answer, the next likely one, the probability of each word, and the number of
/// its chain in the text.
pub fn to_json(probe: &Probe, chain: Option<usize>) -> serde_json::Value {
    let texts = word_texts(probe);
    let words: Vec<serde_json::Value> = (texts.iter().zip(&probe.words).zip(&probe.probabilities))
        .map(|((text, span), probability)| {
            serde_json::json!({"text": text, "span": span, "probability": probability})
        })
        .collect();
    let antecedent = |answer: &RankedAnswer| {
        let span = answer.span?;
        Some(serde_json::json!({
            "text": span.slice(&probe.example.text).unwrap_or_default(),
            "span": span,
            "head": answer.head.map(|head| probe.words[head]),
        }))
    };
    let ranked = ranked(probe);
    let second = ranked.get(1).map(|answer| {
        serde_json::json!({"antecedent": antecedent(answer), "probability": answer.probability})
    });
    serde_json::json!({
        "text": probe.example.text,
        "pronoun": probe.example.pronoun,
        "answer": probe.answer.map(|index| words[index].clone()),
        "antecedent": antecedent(&ranked[0]),
        "probability": ranked[0].probability,
        "sure": ranked[0].is_sure(),
        "second": second,
        "chain": chain,
        "none": probe.probabilities.last(),
        "words": words,
    })
}

/// The text of `probes`, all of them of one text, with the answer in brackets behind each anaphor: the
/// whole phrase, `?` where no answer is likely enough, and nothing where it stands for nothing.
pub fn rewritten(probes: &[Probe]) -> String {
    let Some(first) = probes.first() else { return String::new() };
    let text = &first.example.text;
    let slice = |span: CharSpan| span.slice(text).unwrap_or_default();
    let mut by_end: Vec<&Probe> = probes.iter().collect();
    by_end.sort_by_key(|probe| probe.example.pronoun.end);
    let mut rewritten = String::new();
    let mut done = 0;
    for probe in by_end {
        let end = probe.example.pronoun.end;
        rewritten += slice(CharSpan::new(done, end));
        done = end;
        let best = &ranked(probe)[0];
        match best.span {
            _ if !best.is_sure() => rewritten += " [?]",
            Some(phrase) => rewritten += &format!(" [{}]", slice(phrase)),
            None => {}
        }
    }
    rewritten + slice(CharSpan::new(done, text.chars().count()))
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

    #[test]
    fn the_word_none_is_not_the_answer_none() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let mut probe: Probe = serde_json::from_value(shared["probe"].clone()).unwrap();
        probe.example.text = "There was none, so she cried.".to_owned();
        probe.example.pronoun = CharSpan::new(19, 22);
        probe.words = vec![CharSpan::new(10, 14)];
        probe.phrases = Vec::new();
        probe.probabilities = vec![0.25, 0.75];
        assert_eq!(answer_line(&probe), "she = none 75.0 % (\"none\" 25.0 %)");
    }

    #[test]
    fn answers_with_one_antecedent_or_one_name_are_a_chain() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let probe: Probe = serde_json::from_value(shared["probe"].clone()).unwrap();
        let text = "Ana saw Ana and a cat; she fed it; so it liked her.";
        let words = [[0, 3], [8, 11], [16, 21]].map(|[start, end]| CharSpan::new(start, end));
        let answered = |answer: usize| {
            let mut probe = probe.clone();
            probe.example.text = text.to_owned();
            probe.words = words.to_vec();
            probe.phrases = Vec::new();
            probe.probabilities = vec![0.0; 4];
            probe.probabilities[answer] = 1.0;
            probe
        };
        let probes = [0, 2, 3, 2, 1].map(answered);
        assert_eq!(chains(&probes), [Some(1), Some(2), None, Some(2), Some(1)]);
    }

    #[test]
    fn a_rewritten_text_has_each_answer_behind_its_pronoun_and_loses_no_character() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let probe: Probe = serde_json::from_value(shared["probe"].clone()).unwrap();
        let text = format!("{}\0", probe.example.text);
        let with = |share: f32| {
            let mut probe = probe.clone();
            probe.example.text = text.clone();
            probe.probabilities = vec![0.0; probe.words.len() + 1];
            probe.probabilities[1] = share;
            probe.probabilities[probe.words.len()] = 1.0 - share;
            rewritten(&[probe])
        };
        let slice = |span: CharSpan| span.slice(&text).unwrap();
        let before = slice(CharSpan::new(0, probe.example.pronoun.end));
        let after = &text[before.len()..];
        assert_eq!(with(0.9), format!("{before} [{}]{after}", slice(probe.words[1])));
        assert_eq!(with(0.5), format!("{before} [?]{after}"));
        assert_eq!(with(0.1), text);
    }
}
