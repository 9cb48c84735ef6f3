//! A logistic regression over the words of a text without their order.
//!
//! ```text
//! P(place | text) = softmax over the text's places of Σ weight[word, place]
//! ```
//!
//! The sum is over the distinct words of the text in lower case, punctuation included. A *place* is
//! the rank of a candidate in the text: 0 for the first, 1 for the second.
//!
//! It serves to find leaks in the data. *Ana llamó a Luis porque él…* and *Luis llamó a Ana porque
//! él…* have the same words and different answers, so where agreement decides it cannot be better
//! than chance, unless some word of a pattern gives the place away. Where the meaning decides, the
//! words may tell something. It always answers a candidate, never *none*.
//!
//! It is trained by AdaGrad, one example at a time in the given order, and is deterministic.
//! Reference: Duchi, Hazan and Singer 2011, <https://jmlr.org/papers/v12/duchi11a.html>.

use std::collections::{BTreeSet, HashMap};

use crate::example::Example;
use crate::word;

/// Epochs; after these the loss hardly falls any more.
const N_EPOCHS: usize = 8;
/// AdaGrad's learning rate.
const LEARNING_RATE: f64 = 0.2;
/// AdaGrad's ε: keeps the denominator of a step above 0.
const EPSILON: f64 = 1e-8;

/// The trained regression.
#[derive(Debug, Clone)]
pub struct BagOfWords {
    ids: HashMap<String, usize>,
    /// `[word, place]`
    weights: Vec<Vec<f64>>,
    n_places: usize,
}

impl BagOfWords {
    /// Trains on the examples that have an antecedent.
    pub fn train<'a>(examples: impl IntoIterator<Item = &'a Example>) -> Self {
        let mut ids = HashMap::new();
        let mut instances = Vec::new();
        let mut n_places = 0;
        for example in examples {
            let Some(antecedent) = example.antecedent else { continue };
            let order = text_order(example);
            let answer = order.iter().position(|&idx| idx == antecedent);
            let answer = answer.expect("an antecedent is one of the candidates");
            let id = |word| {
                let next = ids.len();
                *ids.entry(word).or_insert(next)
            };
            let words = bag(example).into_iter().map(id).collect();
            n_places = n_places.max(order.len());
            instances.push(Instance { words, n_places: order.len(), answer });
        }
        let zeros = vec![vec![0.0; n_places]; ids.len()];
        let mut model = Self { ids, weights: zeros.clone(), n_places };
        let mut squares = zeros;
        for _ in 0..N_EPOCHS {
            instances.iter().for_each(|instance| model.step(instance, &mut squares));
        }
        model
    }

    /// The index of the candidate in the most probable place, the first of several, or `None` if
    /// the text has no candidates. Places that no training example had are never answered.
    pub fn answer(&self, example: &Example) -> Option<usize> {
        let order = text_order(example);
        let words = bag(example);
        let known: Vec<usize> =
            words.iter().filter_map(|word| self.ids.get(word)).copied().collect();
        let scores = self.scores(&known, order.len().min(self.n_places));
        let best = (0..scores.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        best.map(|place| order[place])
    }

    /// The score of each place: the sum of the words' weights.
    fn scores(&self, words: &[usize], n_places: usize) -> Vec<f64> {
        let mut scores = vec![0.0; n_places];
        for &word in words {
            scores.iter_mut().zip(&self.weights[word]).for_each(|(score, weight)| *score += weight);
        }
        scores
    }

    /// One step down the gradient of −ln P(answer), which is P(place) − 1[place = answer].
    fn step(&mut self, instance: &Instance, squares: &mut [Vec<f64>]) {
        let scores = self.scores(&instance.words, instance.n_places);
        let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exponentials: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        for (place, exponential) in exponentials.iter().enumerate() {
            let gradient = exponential / sum - f64::from(u8::from(place == instance.answer));
            for &word in &instance.words {
                let square = &mut squares[word][place];
                *square += gradient * gradient;
                let step = LEARNING_RATE * gradient / (square.sqrt() + EPSILON);
                self.weights[word][place] -= step;
            }
        }
    }
}

/// A training example: its word ids, its number of places, and the place of its answer.
struct Instance {
    words: Vec<usize>,
    n_places: usize,
    answer: usize,
}

/// The distinct words of a text, sorted, so that nothing of their order is left.
fn bag(example: &Example) -> BTreeSet<String> {
    word::words(&example.text).map(|word| word::normalise(word.text)).collect()
}

/// The indices of the candidates in the order of the text.
fn text_order(example: &Example) -> Vec<usize> {
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
            form: None,
            agreeing: None,
        }
    }

    #[test]
    fn a_word_that_tells_the_place_is_learned_among_words_that_do_not() {
        let names = ["A", "B", "C", "D", "E", "F"];
        let mut instances = Vec::new();
        for (first, second) in names.iter().flat_map(|a| names.map(|b| (a, b))) {
            for (place, word) in ["x", "y"].into_iter().enumerate() {
                instances.push(example(&format!("{first} v {second} p {word} ."), Some(place)));
            }
        }
        let model = BagOfWords::train(&instances);
        assert!(instances.iter().all(|instance| model.answer(instance) == instance.antecedent));
        assert_eq!(model.answer(&example("x G w H p .", None)), Some(0), "new names");
        assert_eq!(model.answer(&example("Y G w H p .", None)), Some(1), "in upper case");
    }

    #[test]
    fn of_words_that_only_their_order_tells_apart_exactly_half_is_known() {
        let instances = [
            ("A v B p x", 0),
            ("B v A p x", 1),
            ("A v B p y", 1),
            ("B v A p y", 0),
            ("A v C p x", 0),
            ("C v A p x", 1),
        ];
        let instances = instances.map(|(text, answer)| example(text, Some(answer)));
        let model = BagOfWords::train(&instances);
        for pair in instances.chunks(2) {
            let n_right = pair.iter().filter(|row| model.answer(row) == row.antecedent).count();
            assert_eq!(n_right, 1, "{}", pair[0].text);
        }
    }

    #[test]
    fn a_place_is_a_rank_in_the_text_in_whatever_order_the_file_lists_the_candidates() {
        let instances = [example("A B C p x", Some(1)), example("A B C p y", Some(2))];
        let listed = |mut row: Example| {
            row.candidates.rotate_left(1);
            Example { antecedent: row.antecedent.map(|idx| (idx + 2) % 3), ..row }
        };
        let [model, other] = [instances.clone(), instances.clone().map(listed)]
            .map(|instances| BagOfWords::train(&instances));
        for instance in instances {
            assert_eq!(model.answer(&instance), instance.antecedent);
            assert_eq!(other.answer(&listed(instance.clone())), listed(instance).antecedent);
        }
    }

    #[test]
    fn only_places_that_the_text_and_the_training_have_are_answered() {
        let model = BagOfWords::train(&[example("A B C p x", Some(2)), example("A p z", None)]);
        assert_eq!(model.answer(&example("A B C D p x", None)), Some(2));
        assert!(model.answer(&example("A B p x", None)).is_some_and(|idx| idx < 2));
        assert_eq!(model.answer(&Example { candidates: vec![], ..example("p x", None) }), None);
        assert_eq!(BagOfWords::train(&[]).answer(&example("A B p", None)), None);
    }

    #[test]
    fn the_same_examples_give_the_same_weights() {
        let instances = [example("A B p x", Some(1)), example("C B p y", Some(0))];
        let [first, second] = [(); 2].map(|()| BagOfWords::train(&instances).weights);
        assert_eq!(first, second);
    }
}
