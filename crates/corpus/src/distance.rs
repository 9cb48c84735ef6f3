//! How far a pronoun is from its antecedent.
//!
//! The distance of an example is the number of words between its pronoun and its antecedent or, if
//! it has none, the candidate nearest to the pronoun. Words with a letter or a digit count,
//! punctuation does not: in *Ana vio a Luis cuando él llegó* the distance is 1 for *Luis* and 4 for
//! *Ana*.

use crate::example::Example;
use crate::heuristics::nearest;
use crate::word::{TextWord, words};

/// The distance of `example` in words, or `None` if it has no candidates.
pub fn distance(example: &Example) -> Option<usize> {
    let mention = example.candidates[example.antecedent.or_else(|| nearest(example))?];
    let pronoun = example.pronoun;
    let (start, end) = if mention.end <= pronoun.start {
        (mention.end, pronoun.start)
    } else {
        (pronoun.end, mention.start)
    };
    let is_between = |word: &TextWord| {
        word.span.start >= start
            && word.span.end <= end
            && word.text.chars().any(char::is_alphanumeric)
    };
    Some(words(&example.text).filter(is_between).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;
    use crate::span::CharSpan;

    fn example(candidates: &[(usize, usize)], antecedent: Option<usize>) -> Example {
        Example {
            id: "x".to_owned(),
            lang: Language::Es,
            text: "Ana vio a Luis, Luis no: cuando él llegó, ¡el sol!".to_owned(),
            pronoun: CharSpan::new(32, 34),
            candidates: candidates.iter().map(|&(start, end)| CharSpan::new(start, end)).collect(),
            antecedent,
            phenomenon: "gender".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }

    #[test]
    fn only_words_between_the_two_mentions_count() {
        let candidates = [(0, 3), (10, 14), (46, 49)];
        let text = example(&candidates, None).text;
        let texts = candidates.map(|(start, end)| CharSpan::new(start, end).slice(&text));
        assert_eq!(texts, [Some("Ana"), Some("Luis"), Some("sol")]);
        let distances = [0, 1, 2].map(|index| distance(&example(&candidates, Some(index))));
        assert_eq!(distances, [Some(6), Some(3), Some(2)]);
    }

    #[test]
    fn without_an_antecedent_the_nearest_candidate_counts() {
        assert_eq!(distance(&example(&[(0, 3), (16, 20)], None)), Some(2));
        assert_eq!(distance(&example(&[], None)), None);
    }
}
