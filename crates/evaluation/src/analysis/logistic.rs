//! A logistic choice among candidates and *none*, of the plainest kind.
//!
//! ```text
//! score(c) = w · features(c)        score(none) = b
//! P        = softmax(score)         maximise mean ln P(right) - λ/2 ‖w‖²
//! ```
//!
//! By gradient ascent from 0, whose step is below the reciprocal of the curvature, so that every
//! step goes up; the optimum is the only one.

/// λ: weights stay finite where the classes can be told apart without a mistake.
const SHRINKAGE: f64 = 1e-3;
const N_STEPS: usize = 3_000;

/// A question: features of each candidate, and which is right, `None` for *none*.
pub(crate) struct Choice {
    pub(crate) features: Vec<Vec<f64>>,
    pub(crate) right: Option<usize>,
}

/// w and b.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Logistic {
    pub(crate) weights: Vec<f64>,
    pub(crate) none: f64,
}

impl Logistic {
    /// Fits `choices`, of which there is at least one; all have `n_features`.
    pub(crate) fn fit(choices: &[Choice], n_features: usize) -> Self {
        let mut model = Self { weights: vec![0.0; n_features], none: 0.0 };
        let longest = (choices.iter().flat_map(|choice| &choice.features))
            .map(|features| features.iter().map(|x| x * x).sum::<f64>())
            .fold(1.0, f64::max);
        let rate = 1.0 / (longest + SHRINKAGE);
        for _ in 0..N_STEPS {
            let (weights, none) = model.slope(choices);
            model.weights.iter_mut().zip(weights).for_each(|(w, slope)| *w += rate * slope);
            model.none += rate * none;
        }
        model
    }

    /// The likeliest candidate, or `None` for *none*.
    pub(crate) fn answer(&self, choice: &Choice) -> Option<usize> {
        let scores = self.scores(choice);
        super::greatest(scores).filter(|&index| index < choice.features.len())
    }

    /// Those of the candidates, then that of *none*.
    fn scores(&self, choice: &Choice) -> Vec<f64> {
        let score =
            |features: &Vec<f64>| features.iter().zip(&self.weights).map(|(x, w)| x * w).sum();
        choice.features.iter().map(score).chain([self.none]).collect()
    }

    /// The gradient of what is maximised.
    fn slope(&self, choices: &[Choice]) -> (Vec<f64>, f64) {
        let (mut weights, mut none) = (vec![0.0; self.weights.len()], 0.0);
        for choice in choices {
            let scores = self.scores(choice);
            let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let exps: Vec<f64> = scores.iter().map(|score| (score - greatest).exp()).collect();
            let sum: f64 = exps.iter().sum();
            let n = choice.features.len();
            let right = choice.right.unwrap_or(n);
            let miss = |index: usize| f64::from(u8::from(index == right)) - exps[index] / sum;
            for (index, features) in choice.features.iter().enumerate() {
                weights.iter_mut().zip(features).for_each(|(w, x)| *w += miss(index) * x);
            }
            none += miss(n);
        }
        let n = choices.len() as f64;
        let shrunk = weights.iter().zip(&self.weights).map(|(s, w)| s / n - SHRINKAGE * w);
        (shrunk.collect(), none / n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(features: &[&[f64]], right: Option<usize>) -> Choice {
        Choice { features: features.iter().map(|f| f.to_vec()).collect(), right }
    }

    /// One candidate without features, right in three of four cases: P(none) = 1/4, so
    /// b = ln(1/4) - ln(3/4).
    #[test]
    fn it_finds_the_odds_of_what_it_cannot_tell_apart() {
        let choices: Vec<Choice> =
            [Some(0), Some(0), Some(0), None].map(|right| choice(&[&[0.0]], right)).into();
        let model = Logistic::fit(&choices, 1);
        assert!((model.none + 3.0_f64.ln()).abs() < 1e-6, "{model:?}");
        assert_eq!(model.weights, [0.0]);
    }

    /// The slope of w is 0 where λ w is the mean of what is missed: with one feature that says it
    /// all, w solves λ w = 1 - σ(w) as far as *none*, which is never right, is out of reach.
    #[test]
    fn it_finds_the_feature_that_decides_and_stays_finite() {
        let choices = [
            choice(&[&[1.0, 0.5], &[0.0, 0.5]], Some(0)),
            choice(&[&[0.0, 0.5], &[1.0, 0.5]], Some(1)),
        ];
        let model = Logistic::fit(&choices, 2);
        assert!(choices.iter().all(|choice| model.answer(choice) == choice.right));
        let (slope, _) = model.slope(&choices);
        assert!(slope.iter().all(|slope| slope.abs() < 1e-3), "{slope:?}");
        assert!(model.weights[0] > 3.0 && model.weights[0] < 10.0, "{model:?}");
    }

    #[test]
    fn none_is_an_answer_where_no_candidate_gets_enough() {
        let choices = [
            choice(&[&[0.9], &[0.0]], Some(0)),
            choice(&[&[0.0], &[0.9]], Some(1)),
            choice(&[&[0.1], &[0.1]], None),
        ];
        let model = Logistic::fit(&choices, 1);
        assert!(choices.iter().all(|choice| model.answer(choice) == choice.right), "{model:?}");
    }
}
