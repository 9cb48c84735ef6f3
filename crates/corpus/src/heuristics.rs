//! Trivial baselines, which look only at where the candidates are and how long they are. A model
//! has to beat them to have learned anything.

use std::collections::HashMap;

use crate::example::Example;
use crate::span::CharSpan;

/// A rule that picks a candidate by its position or length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heuristic {
    /// The first candidate of the text: often the subject.
    First,
    /// The last candidate of the text.
    Last,
    /// The candidate with the fewest characters between it and the pronoun.
    Nearest,
    /// The candidate with the most characters.
    Longest,
}

impl Heuristic {
    /// Every heuristic, in the order of the tables.
    pub const ALL: [Self; 4] = [Self::First, Self::Last, Self::Nearest, Self::Longest];

    /// The heuristic's name, as in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Nearest => "nearest",
            Self::Longest => "longest",
        }
    }

    /// The index of the candidate that it picks, or `None` if there are no candidates.
    pub fn answer(self, example: &Example) -> Option<usize> {
        match self {
            Self::First => first(example),
            Self::Last => last(example),
            Self::Nearest => nearest(example),
            Self::Longest => longest(example),
        }
    }
}

/// The candidate that begins first in the text, in whatever order the file lists them.
pub fn first(example: &Example) -> Option<usize> {
    (0..example.candidates.len()).min_by_key(|&idx| example.candidates[idx].start)
}

/// The candidate that begins last in the text.
pub fn last(example: &Example) -> Option<usize> {
    (0..example.candidates.len()).max_by_key(|&idx| example.candidates[idx].start)
}

/// The nearest of the candidates that agree with the pronoun, or `None` if none does; `None` of the
/// whole if the example does not say which agree.
pub fn nearest_agreeing(example: &Example) -> Option<Option<usize>> {
    let agreeing = example.agreeing.as_ref()?;
    let candidates = agreeing.iter().map(|&idx| example.candidates[idx]).collect();
    let among = Example { candidates, ..example.clone() };
    Some(nearest(&among).map(|idx| agreeing[idx]))
}

/// The candidate with the fewest characters between it and the pronoun; of two equally close ones
/// the one before the pronoun, where most antecedents are.
pub fn nearest(example: &Example) -> Option<usize> {
    let pronoun = example.pronoun;
    (0..example.candidates.len()).min_by_key(|&idx| {
        let candidate = example.candidates[idx];
        let follows = candidate.start >= pronoun.end;
        let between = match follows {
            true => candidate.start - pronoun.end,
            false => pronoun.start.saturating_sub(candidate.end),
        };
        (between, follows)
    })
}

/// The candidate with the most characters, the first of several.
pub fn longest(example: &Example) -> Option<usize> {
    let length = |idx: &usize| {
        let CharSpan { start, end } = example.candidates[*idx];
        end - start
    };
    (0..example.candidates.len()).rev().max_by_key(length)
}

/// How often each word occurs as a candidate, for [`most_frequent`].
pub fn frequencies<'a>(examples: impl IntoIterator<Item = &'a Example>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for example in examples {
        for word in example.candidates.iter().filter_map(|span| span.slice(&example.text)) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The candidate whose word has the highest count, the first of several.
pub fn most_frequent(example: &Example, frequencies: &HashMap<String, usize>) -> Option<usize> {
    let count = |idx: &usize| {
        let word = example.candidates[*idx].slice(&example.text);
        word.and_then(|word| frequencies.get(word)).copied().unwrap_or(0)
    };
    (0..example.candidates.len()).rev().max_by_key(count)
}

/// The expected accuracy of picking a candidate at random: the mean of 1 / (number of candidates)
/// over the examples that have an antecedent. It is 0 if none has.
pub fn chance<'a>(examples: impl IntoIterator<Item = &'a Example>) -> f64 {
    mean(examples, |example, _| 1.0 / example.candidates.len() as f64)
}

/// The accuracy of a heuristic on the examples that have an antecedent, since a heuristic never
/// answers *none*. It is 0 if none has.
pub fn accuracy<'a>(heuristic: Heuristic, examples: impl IntoIterator<Item = &'a Example>) -> f64 {
    accuracy_of(|example| heuristic.answer(example), examples)
}

/// The accuracy of any function from an example to the index of a candidate, on the examples that
/// have an antecedent. It is 0 if none has.
pub fn accuracy_of<'a>(
    answer: impl Fn(&Example) -> Option<usize>,
    examples: impl IntoIterator<Item = &'a Example>,
) -> f64 {
    mean(examples, |example, antecedent| f64::from(u8::from(answer(example) == Some(antecedent))))
}

fn mean<'a>(
    examples: impl IntoIterator<Item = &'a Example>,
    value: impl Fn(&Example, usize) -> f64,
) -> f64 {
    let (mut sum, mut n_answerable) = (0.0, 0);
    for example in examples {
        if let Some(antecedent) = example.antecedent {
            sum += value(example, antecedent);
            n_answerable += 1;
        }
    }
    if n_answerable == 0 { 0.0 } else { sum / f64::from(n_answerable) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;

    /// Candidates at the given places around a pronoun at 20..22.
    fn example(candidates: &[(usize, usize)], antecedent: Option<usize>) -> Example {
        Example {
            id: "es-1".to_owned(),
            lang: Language::Es,
            text: "x".repeat(60),
            pronoun: CharSpan::new(20, 22),
            candidates: candidates.iter().map(|&(start, end)| CharSpan::new(start, end)).collect(),
            antecedent,
            phenomenon: "gender".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }

    #[test]
    fn first_and_last_go_by_the_text_not_by_the_list() {
        let example = example(&[(10, 14), (0, 4), (30, 34)], Some(0));
        assert_eq!(first(&example), Some(1));
        assert_eq!(last(&example), Some(2));
    }

    #[test]
    fn nearest_measures_to_the_closer_end_of_a_candidate_on_either_side() {
        assert_eq!(nearest(&example(&[(0, 4), (10, 15)], None)), Some(1));
        assert_eq!(nearest(&example(&[(0, 4), (24, 40)], None)), Some(1));
        assert_eq!(nearest(&example(&[(24, 40), (14, 18)], None)), Some(1), "a tie");
    }

    #[test]
    fn the_nearest_that_agrees_is_asked_only_where_the_example_says_which_do() {
        let mut example = example(&[(0, 4), (8, 12), (14, 18)], Some(0));
        assert_eq!(nearest_agreeing(&example), None);
        example.agreeing = Some(vec![0, 1]);
        assert_eq!(nearest_agreeing(&example), Some(Some(1)));
        example.agreeing = Some(vec![]);
        assert_eq!(nearest_agreeing(&example), Some(None));
    }

    #[test]
    fn the_longest_and_the_most_frequent_are_the_first_of_equals() {
        assert_eq!(longest(&example(&[(0, 4), (5, 10), (30, 35)], None)), Some(1));
        let text = |text: &str, candidates: &[(usize, usize)]| Example {
            text: text.to_owned(),
            ..example(candidates, None)
        };
        let examples = [
            text("ab cd ef", &[(0, 2), (3, 5), (6, 8)]),
            text("ef ab gh", &[(0, 2), (3, 5), (6, 8)]),
        ];
        let counts = frequencies(&examples);
        assert_eq!((counts["ab"], counts["gh"]), (2, 1));
        let answers = examples.each_ref().map(|example| most_frequent(example, &counts));
        assert_eq!(answers, [Some(0), Some(0)]);
    }

    #[test]
    fn without_candidates_there_is_no_answer() {
        for heuristic in Heuristic::ALL {
            assert_eq!(heuristic.answer(&example(&[], None)), None, "{}", heuristic.name());
        }
    }

    #[test]
    fn chance_is_the_mean_over_the_answerable_examples() {
        let examples = [
            example(&[(0, 4), (5, 9)], Some(0)),
            example(&[(0, 4), (5, 9), (10, 14), (15, 18)], Some(3)),
            example(&[(0, 4)], None),
        ];
        assert_eq!(chance(&examples), (0.5 + 0.25) / 2.0);
        assert_eq!(accuracy(Heuristic::First, &examples), 0.5);
        assert_eq!(accuracy(Heuristic::Nearest, &examples), 0.5);
        assert_eq!(chance(&examples[2..]), 0.0);
    }
}
