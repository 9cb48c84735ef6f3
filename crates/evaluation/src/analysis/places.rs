//! Where in a text's tokens the pronoun, the candidates and the antecedent are.

use corpus::{example::Example, span::CharSpan};
use snapshot::content::Probe;

use anafora::batch::EncodedExample;

/// The tokens of one text, by what they are to its pronoun.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Places {
    /// The token that asks: the pronoun's first.
    pub(crate) pronoun: usize,
    /// `true` for `[CLS]` and `[SEP]`: `[token]`
    pub(crate) is_special: Vec<bool>,
    /// `true` for the tokens of the pronoun's word: `[token]`
    pub(crate) is_pronoun: Vec<bool>,
    /// The tokens of each candidate.
    pub(crate) candidates: Vec<Vec<usize>>,
    /// Which of them is right.
    pub(crate) antecedent: Option<usize>,
}

impl Places {
    pub(crate) fn of(encoded: &EncodedExample) -> Self {
        let pronoun = encoded.encoding.words[encoded.pronoun].tokens.start;
        let tokens = encoded.encoding.tokens.iter().map(|token| (token.span, token.word));
        Self::new(&encoded.example, pronoun, &tokens.collect::<Vec<_>>())
    }

    pub(crate) fn of_probe(probe: &Probe) -> Self {
        let tokens = probe.tokens.iter().map(|token| (token.span, token.word));
        Self::new(&probe.example, probe.pronoun_token, &tokens.collect::<Vec<_>>())
    }

    /// `tokens` have a span and a word, unless they are special.
    fn new(
        example: &Example,
        pronoun: usize,
        tokens: &[(Option<CharSpan>, Option<usize>)],
    ) -> Self {
        let is_in = |index: usize, span: CharSpan| {
            tokens[index].0.is_some_and(|token| token.overlaps(span))
        };
        let word = tokens[pronoun].1;
        let candidate =
            |&span: &CharSpan| (0..tokens.len()).filter(|&index| is_in(index, span)).collect();
        Self {
            pronoun,
            is_special: tokens.iter().map(|(span, _)| span.is_none()).collect(),
            is_pronoun: (0..tokens.len())
                .map(|index| {
                    let is_of_word = tokens[index].1.is_some() && tokens[index].1 == word;
                    is_of_word || is_in(index, example.pronoun)
                })
                .collect(),
            candidates: example.candidates.iter().map(candidate).collect(),
            antecedent: example.antecedent,
        }
    }

    /// Whether a token says something about another word: neither special nor the pronoun.
    pub(crate) fn is_word(&self, token: usize) -> bool {
        !self.is_special[token] && !self.is_pronoun[token]
    }

    /// How much of the pronoun's `row` each candidate gets.
    pub(crate) fn masses(&self, row: &[f32]) -> Vec<f64> {
        let mass = |tokens: &Vec<usize>| tokens.iter().map(|&token| f64::from(row[token])).sum();
        self.candidates.iter().map(mass).collect()
    }

    /// Whether the pronoun's strongest attention, special tokens and itself aside, falls on the
    /// antecedent, the first of equals deciding. `false` where there is none.
    pub(crate) fn is_hit(&self, row: &[f32]) -> bool {
        let words = (0..row.len()).filter(|&token| self.is_word(token));
        let strongest =
            words.reduce(|best, token| if row[token] > row[best] { token } else { best });
        match (strongest, self.antecedent) {
            (Some(token), Some(antecedent)) => self.candidates[antecedent].contains(&token),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use corpus::{example::Language, tokenizer::Tokenizer};

    /// What the page computes too: `shared.py` beside it says how.
    const SHARED: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../explorer/tests/fixtures/shared.json"
    ));

    /// A vocabulary without merges: every character is a piece.
    fn places(antecedent: Option<usize>) -> (Places, Vec<String>) {
        let text = "Ana Belén vio a Luis. Ella";
        let tokenizer = Tokenizer::train(["Ana vio"], 193).unwrap();
        let span = |start, end| CharSpan::new(start, end);
        let example = Example {
            id: "x".to_owned(),
            lang: Language::Es,
            text: text.to_owned(),
            pronoun: span(22, 26),
            candidates: vec![span(16, 20), span(0, 9)],
            antecedent,
            phenomenon: "gender".to_owned(),
            pair: None,
        };
        let encoded = EncodedExample::new(example, &tokenizer, 99).unwrap();
        let tokens = encoded.encoding.tokens.iter();
        let slices = tokens
            .map(|token| token.span.map_or("[]", |span| span.slice(text).unwrap()).to_owned())
            .collect();
        (Places::of(&encoded), slices)
    }

    #[test]
    fn names_of_two_words_and_words_of_two_pieces_are_whole() {
        let (places, tokens) = places(Some(1));
        let text =
            |indices: &[usize]| indices.iter().map(|&i| tokens[i].clone()).collect::<String>();
        assert_eq!(text(&places.candidates[0]), "Luis");
        assert_eq!(text(&places.candidates[1]), "AnaBelén");
        let pronoun: Vec<usize> = (0..tokens.len()).filter(|&i| places.is_pronoun[i]).collect();
        assert_eq!(text(&pronoun), "Ella");
        assert!(pronoun.len() > 1, "{tokens:?}");
        assert_eq!(places.pronoun, pronoun[0]);
        let special: Vec<usize> = (0..tokens.len()).filter(|&i| places.is_special[i]).collect();
        assert_eq!(special, [0, tokens.len() - 1]);
    }

    #[test]
    fn a_hit_is_any_token_of_the_antecedent_whatever_rests_on_special_tokens() {
        let (places, tokens) = places(Some(1));
        let last = *places.candidates[1].last().unwrap();
        let mut row = vec![0.0; tokens.len()];
        (row[0], row[places.pronoun], row[last]) = (0.5, 0.3, 0.2);
        assert!(places.is_hit(&row));
        assert_eq!(places.masses(&row)[0], 0.0);
        assert!((places.masses(&row)[1] - 0.2).abs() < 1e-6);
        row[places.candidates[0][0]] = 0.25;
        assert!(!places.is_hit(&row));
        let (places, _) = self::places(None);
        assert!(!places.is_hit(&row));
    }

    #[test]
    fn hits_are_what_the_page_expects() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let probe: Probe = serde_json::from_value(shared["probe"].clone()).unwrap();
        let layers: Vec<Vec<Vec<f32>>> = serde_json::from_value(shared["layers"].clone()).unwrap();
        let places = Places::of_probe(&probe);
        let seq = probe.tokens.len();
        let is_hit = |head: &Vec<f32>| places.is_hit(&head[places.pronoun * seq..][..seq]);
        let hits: Vec<Vec<bool>> =
            layers.iter().map(|heads| heads.iter().map(is_hit).collect()).collect();
        assert_eq!(serde_json::json!(hits), shared["hits"]);
    }
}
