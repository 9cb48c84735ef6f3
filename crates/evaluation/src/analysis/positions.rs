//! The token positions of a text's pronoun, candidates and antecedent.

use corpus::{example::Example, span::CharSpan};
use snapshot::content::Probe;

use super::argmax;
use anafora::batch::EncodedExample;

/// The tokens of one text, by their role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TokenPositions {
    /// The first token of the pronoun, whose row of attention weights is analysed.
    pub(crate) pronoun: usize,
    /// `true` for `[CLS]` and `[SEP]`: `[token]`
    pub(crate) is_special: Vec<bool>,
    /// `true` for the tokens of the pronoun's word: `[token]`
    pub(crate) is_pronoun: Vec<bool>,
    /// Indices of the tokens of each candidate.
    pub(crate) candidates: Vec<Vec<usize>>,
    /// Index of the right candidate, or `None` for *none*.
    pub(crate) antecedent: Option<usize>,
}

impl TokenPositions {
    pub(crate) fn of(encoded: &EncodedExample) -> Self {
        let pronoun = encoded.encoding.words[encoded.pronoun].tokens.start;
        let tokens = encoded.encoding.tokens.iter().map(|token| (token.span, token.word));
        Self::new(&encoded.example, pronoun, &tokens.collect::<Vec<_>>())
    }

    pub(crate) fn of_probe(probe: &Probe) -> Self {
        let tokens = probe.tokens.iter().map(|token| (token.span, token.word));
        Self::new(&probe.example, probe.pronoun_token, &tokens.collect::<Vec<_>>())
    }

    /// Each of `tokens` has a span and a word, except special tokens, which have neither.
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

    /// Whether a token belongs to a word other than the pronoun.
    pub(crate) fn is_word(&self, token: usize) -> bool {
        !self.is_special[token] && !self.is_pronoun[token]
    }

    /// The sum of the weights in `row`, the pronoun's, over the tokens of each candidate.
    pub(crate) fn masses(&self, row: &[f32]) -> Vec<f64> {
        let mass = |tokens: &Vec<usize>| tokens.iter().map(|&token| f64::from(row[token])).sum();
        self.candidates.iter().map(mass).collect()
    }

    /// Whether the strongest weight in `row`, apart from special tokens and the pronoun itself, is on
    /// the antecedent; of equal weights, the first counts. `false` where there is no antecedent.
    pub(crate) fn is_hit(&self, row: &[f32]) -> bool {
        let words: Vec<usize> = (0..row.len()).filter(|&token| self.is_word(token)).collect();
        let strongest = argmax(words.iter().map(|&token| f64::from(row[token])));
        match (strongest.map(|index| words[index]), self.antecedent) {
            (Some(token), Some(antecedent)) => self.candidates[antecedent].contains(&token),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use corpus::{example::Language, tokenizer::Tokenizer};

    /// Expected values that the explorer's page is tested against too; `shared.py` generates them.
    const SHARED: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../explorer/tests/fixtures/shared.json"
    ));

    /// A vocabulary without merges, so that every character is a token.
    fn positions(antecedent: Option<usize>) -> (TokenPositions, Vec<String>) {
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
            form: None,
            agreeing: None,
        };
        let encoded = EncodedExample::new(example, &tokenizer, 99).unwrap();
        let tokens = encoded.encoding.tokens.iter();
        let slices = tokens
            .map(|token| token.span.map_or("[]", |span| span.slice(text).unwrap()).to_owned())
            .collect();
        (TokenPositions::of(&encoded), slices)
    }

    #[test]
    fn names_of_two_words_and_words_of_two_tokens_are_whole() {
        let (positions, tokens) = positions(Some(1));
        let text =
            |indices: &[usize]| indices.iter().map(|&i| tokens[i].clone()).collect::<String>();
        assert_eq!(text(&positions.candidates[0]), "Luis");
        assert_eq!(text(&positions.candidates[1]), "AnaBelén");
        let pronoun: Vec<usize> = (0..tokens.len()).filter(|&i| positions.is_pronoun[i]).collect();
        assert_eq!(text(&pronoun), "Ella");
        assert!(pronoun.len() > 1, "{tokens:?}");
        assert_eq!(positions.pronoun, pronoun[0]);
        let special: Vec<usize> = (0..tokens.len()).filter(|&i| positions.is_special[i]).collect();
        assert_eq!(special, [0, tokens.len() - 1]);
    }

    #[test]
    fn a_hit_is_any_token_of_the_antecedent_and_special_tokens_do_not_count() {
        let (positions, tokens) = positions(Some(1));
        let last = *positions.candidates[1].last().unwrap();
        let mut row = vec![0.0; tokens.len()];
        (row[0], row[positions.pronoun], row[last]) = (0.5, 0.3, 0.2);
        assert!(positions.is_hit(&row));
        assert_eq!(positions.masses(&row)[0], 0.0);
        assert!((positions.masses(&row)[1] - 0.2).abs() < 1e-6);
        row[positions.candidates[0][0]] = 0.25;
        assert!(!positions.is_hit(&row));
        let (positions, _) = self::positions(None);
        assert!(!positions.is_hit(&row));
    }

    #[test]
    fn hits_are_what_the_page_expects() {
        let shared: serde_json::Value = serde_json::from_str(SHARED).unwrap();
        let probe: Probe = serde_json::from_value(shared["probe"].clone()).unwrap();
        let layers: Vec<Vec<Vec<f32>>> = serde_json::from_value(shared["layers"].clone()).unwrap();
        let positions = TokenPositions::of_probe(&probe);
        let seq = probe.tokens.len();
        let is_hit = |head: &Vec<f32>| positions.is_hit(&head[positions.pronoun * seq..][..seq]);
        let hits: Vec<Vec<bool>> =
            layers.iter().map(|heads| heads.iter().map(is_hit).collect()).collect();
        assert_eq!(serde_json::json!(hits), shared["hits"]);
    }
}
