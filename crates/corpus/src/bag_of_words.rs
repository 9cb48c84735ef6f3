//! A logistic regression over the words of a text without their order: what a reader knows who sees
//! which words there are and not where they stand.
//!
//! ```text
//! P(place | text) = softmax over the text's places of Σ weight[word, place]
//! ```
//!
//! The sum is over the different words of the text in lower case, punctuation too; a place is the
//! rank of a candidate in the text. In *Ana llamó a Luis porque él…* and *Luis llamó a Ana porque
//! él…* the words are the same and the answers are not, so where agreement decides, this must be
//! as good as chance: if it is better, some word of a pattern gives a place away. Where what is said
//! decides, it may know what a reason says of whom. It never answers that there is none.
//!
//! Learned by AdaGrad, example after example, in the order in which they come: the same examples,
//! the same weights. Reference: Duchi, Hazan and Singer 2011,
//! <https://jmlr.org/papers/v12/duchi11a.html>.

use std::collections::{BTreeSet, HashMap};

use crate::example::Example;
use crate::word;

/// How often the examples are gone through: the loss hardly falls any more.
const PASSES: usize = 8;
/// Length of a word's first step.
const LEARNING_RATE: f64 = 0.2;
/// In the denominator of a step, for the weight that has had no gradient.
const EPSILON: f64 = 1e-8;

/// Words and what each of them says of the place of the answer.
#[derive(Debug, Clone)]
pub struct BagOfWords {
    ids: HashMap<String, usize>,
    /// For each word one number for each place; 0 is for not knowing.
    weights: Vec<Vec<f64>>,
    n_places: usize,
}

impl BagOfWords {
    /// Learns from the examples that have an antecedent.
    pub fn learn<'a>(examples: impl IntoIterator<Item = &'a Example>) -> Self {
        let mut ids = HashMap::new();
        let mut lessons = Vec::new();
        let mut n_places = 0;
        for example in examples {
            let Some(antecedent) = example.antecedent else { continue };
            let order = order(example);
            let answer = order.iter().position(|&idx| idx == antecedent);
            let answer = answer.expect("an antecedent is one of the candidates");
            let id = |word| {
                let next = ids.len();
                *ids.entry(word).or_insert(next)
            };
            let words = bag(example).into_iter().map(id).collect();
            n_places = n_places.max(order.len());
            lessons.push(Lesson { words, n_places: order.len(), answer });
        }
        let zeros = vec![vec![0.0; n_places]; ids.len()];
        let mut model = Self { ids, weights: zeros.clone(), n_places };
        let mut squares = zeros;
        for _ in 0..PASSES {
            lessons.iter().for_each(|lesson| model.step(lesson, &mut squares));
        }
        model
    }

    /// The index of the candidate in the likeliest place, the first of several; `None` without
    /// candidates. Nothing is known of places that no training example had: they are no answer.
    pub fn answer(&self, example: &Example) -> Option<usize> {
        let order = order(example);
        let words = bag(example);
        let known: Vec<usize> =
            words.iter().filter_map(|word| self.ids.get(word)).copied().collect();
        let scores = self.scores(&known, order.len().min(self.n_places));
        let best = (0..scores.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        best.map(|place| order[place])
    }

    /// What the words say of each place.
    fn scores(&self, words: &[usize], n_places: usize) -> Vec<f64> {
        let mut scores = vec![0.0; n_places];
        for &word in words {
            scores.iter_mut().zip(&self.weights[word]).for_each(|(score, weight)| *score += weight);
        }
        scores
    }

    /// One step down the gradient of −ln P(answer), which is P(place) − 1[place = answer].
    fn step(&mut self, lesson: &Lesson, squares: &mut [Vec<f64>]) {
        let scores = self.scores(&lesson.words, lesson.n_places);
        let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let odds: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
        let sum: f64 = odds.iter().sum();
        for (place, odds) in odds.iter().enumerate() {
            let gradient = odds / sum - f64::from(u8::from(place == lesson.answer));
            for &word in &lesson.words {
                let square = &mut squares[word][place];
                *square += gradient * gradient;
                let step = LEARNING_RATE * gradient / (square.sqrt() + EPSILON);
                self.weights[word][place] -= step;
            }
        }
    }
}

/// An example as the regression sees it.
struct Lesson {
    words: Vec<usize>,
    n_places: usize,
    answer: usize,
}

/// The different words of a text, in an order that says nothing of where they stand.
fn bag(example: &Example) -> BTreeSet<String> {
    word::words(&example.text).map(|word| word::normalise(word.text)).collect()
}

/// The candidates in the order of the text.
fn order(example: &Example) -> Vec<usize> {
    let mut order: Vec<usize> = (0..example.candidates.len()).collect();
    order.sort_by_key(|&idx| example.candidates[idx].start);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Language;
    use crate::span::CharSpan;

    /// A text of single letters, in which the candidates are capitals and the pronoun is `p`.
    fn example(text: &str, antecedent: Option<usize>) -> Example {
        let letters = |is_one: fn(char) -> bool| {
            let found = text.chars().enumerate().filter(move |&(_, letter)| is_one(letter));
            found.map(|(place, _)| CharSpan::new(place, place + 1))
        };
        Example {
            id: text.to_owned(),
            lang: Language::En,
            text: text.to_owned(),
            pronoun: letters(|letter| letter == 'p').next().unwrap(),
            candidates: letters(char::is_uppercase).collect(),
            antecedent,
            phenomenon: "made up".to_owned(),
            pair: None,
        }
    }

    #[test]
    fn a_word_that_tells_the_place_is_learned_among_words_that_do_not() {
        let names = ["A", "B", "C", "D", "E", "F"];
        let mut lessons = Vec::new();
        for (first, second) in names.iter().flat_map(|a| names.map(|b| (a, b))) {
            for (place, word) in ["x", "y"].into_iter().enumerate() {
                lessons.push(example(&format!("{first} v {second} p {word} ."), Some(place)));
            }
        }
        let model = BagOfWords::learn(&lessons);
        assert!(lessons.iter().all(|lesson| model.answer(lesson) == lesson.antecedent));
        assert_eq!(model.answer(&example("x G w H p .", None)), Some(0), "new names");
        assert_eq!(model.answer(&example("Y G w H p .", None)), Some(1), "in upper case");
    }

    #[test]
    fn of_words_that_only_their_order_tells_apart_exactly_half_is_known() {
        let lessons = [
            ("A v B p x", 0),
            ("B v A p x", 1),
            ("A v B p y", 1),
            ("B v A p y", 0),
            ("A v C p x", 0),
            ("C v A p x", 1),
        ];
        let lessons = lessons.map(|(text, answer)| example(text, Some(answer)));
        let model = BagOfWords::learn(&lessons);
        for pair in lessons.chunks(2) {
            let n_right = pair.iter().filter(|row| model.answer(row) == row.antecedent).count();
            assert_eq!(n_right, 1, "{}", pair[0].text);
        }
    }

    #[test]
    fn a_place_is_a_rank_in_the_text_in_whatever_order_the_file_lists_the_candidates() {
        let lessons = [example("A B C p x", Some(1)), example("A B C p y", Some(2))];
        let listed = |mut row: Example| {
            row.candidates.rotate_left(1);
            Example { antecedent: row.antecedent.map(|idx| (idx + 2) % 3), ..row }
        };
        let [model, other] = [lessons.clone(), lessons.clone().map(listed)]
            .map(|lessons| BagOfWords::learn(&lessons));
        for lesson in lessons {
            assert_eq!(model.answer(&lesson), lesson.antecedent);
            assert_eq!(other.answer(&listed(lesson.clone())), listed(lesson).antecedent);
        }
    }

    #[test]
    fn only_places_that_the_text_and_the_training_have_are_answered() {
        let model = BagOfWords::learn(&[example("A B C p x", Some(2)), example("A p z", None)]);
        assert_eq!(model.answer(&example("A B C D p x", None)), Some(2));
        assert!(model.answer(&example("A B p x", None)).is_some_and(|idx| idx < 2));
        assert_eq!(model.answer(&Example { candidates: vec![], ..example("p x", None) }), None);
        assert_eq!(BagOfWords::learn(&[]).answer(&example("A B p", None)), None);
    }

    #[test]
    fn the_same_examples_give_the_same_weights() {
        let lessons = [example("A B p x", Some(1)), example("C B p y", Some(0))];
        let [first, second] = [(); 2].map(|()| BagOfWords::learn(&lessons).weights);
        assert_eq!(first, second);
    }
}
