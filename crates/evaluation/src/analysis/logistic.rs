//! A conditional logit: multinomial logistic regression over the candidates of a pronoun and
//! *none*, with the same weights for every candidate.
//!
//! ```text
//! score(c) = w · features(c)        score(none) = b
//! P        = softmax(score)         maximise mean ln P(right) - λ/2 ‖w‖²
//! ```
//!
//! Fitted by gradient ascent from 0. The objective is concave and the learning rate is below the
//! reciprocal of its curvature, so every step improves it and the optimum is unique.
//!
//! Reference: McFadden 1974, "Conditional logit analysis of qualitative choice behavior".

/// λ, the L2 penalty: it keeps weights finite where the classes are separable.
const L2_PENALTY: f64 = 1e-3;
const N_STEPS: usize = 3_000;

/// One observation: the features of each candidate, and the right one, `None` for *none*.
pub(crate) struct Choice {
    pub(crate) features: Vec<Vec<f64>>,
    pub(crate) right: Option<usize>,
}

/// The fitted parameters: w, and b as `none`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ConditionalLogit {
    pub(crate) weights: Vec<f64>,
    pub(crate) none: f64,
}

impl ConditionalLogit {
    /// Fits at least one of `choices`, each candidate of which has `n_features` features.
    pub(crate) fn fit(choices: &[Choice], n_features: usize) -> Self {
        let mut model = Self { weights: vec![0.0; n_features], none: 0.0 };
        let max_squared_norm = (choices.iter().flat_map(|choice| &choice.features))
            .map(|features| features.iter().map(|x| x * x).sum::<f64>())
            .fold(1.0, f64::max);
        let rate = 1.0 / (max_squared_norm + L2_PENALTY);
        for _ in 0..N_STEPS {
            let (weights, none) = model.gradient(choices);
            model.weights.iter_mut().zip(weights).for_each(|(w, gradient)| *w += rate * gradient);
            model.none += rate * none;
        }
        model
    }

    /// The most probable candidate, or `None` for *none*.
    pub(crate) fn answer(&self, choice: &Choice) -> Option<usize> {
        let scores = self.scores(choice);
        super::argmax(scores).filter(|&index| index < choice.features.len())
    }

    /// The scores of the candidates, then that of *none*.
    fn scores(&self, choice: &Choice) -> Vec<f64> {
        let score =
            |features: &Vec<f64>| features.iter().zip(&self.weights).map(|(x, w)| x * w).sum();
        choice.features.iter().map(score).chain([self.none]).collect()
    }

    /// The gradient of the penalised mean log likelihood, with respect to w and b.
    fn gradient(&self, choices: &[Choice]) -> (Vec<f64>, f64) {
        let (mut weights, mut none) = (vec![0.0; self.weights.len()], 0.0);
        for choice in choices {
            let scores = self.scores(choice);
            let probabilities = softmax(&scores);
            let n = choice.features.len();
            let right = choice.right.unwrap_or(n);
            let miss = |index: usize| f64::from(u8::from(index == right)) - probabilities[index];
            for (index, features) in choice.features.iter().enumerate() {
                weights.iter_mut().zip(features).for_each(|(w, x)| *w += miss(index) * x);
            }
            none += miss(n);
        }
        let n = choices.len() as f64;
        let shrunk = weights.iter().zip(&self.weights).map(|(s, w)| s / n - L2_PENALTY * w);
        (shrunk.collect(), none / n)
    }
}

/// The softmax of `scores`, shifted by their maximum so that no exponential overflows.
fn softmax(scores: &[f64]) -> Vec<f64> {
    let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exps: Vec<f64> = scores.iter().map(|score| (score - max).exp()).collect();
    let sum: f64 = exps.iter().sum();
    exps.into_iter().map(|exp| exp / sum).collect()
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
    fn without_features_it_finds_the_odds_of_none() {
        let choices: Vec<Choice> =
            [Some(0), Some(0), Some(0), None].map(|right| choice(&[&[0.0]], right)).into();
        let model = ConditionalLogit::fit(&choices, 1);
        assert!((model.none + 3.0_f64.ln()).abs() < 1e-6, "{model:?}");
        assert_eq!(model.weights, [0.0]);
    }

    /// At the optimum λ w is the mean residual: with one decisive feature, w solves λ w = 1 - σ(w),
    /// apart from the small probability of *none*, which is never right here.
    #[test]
    fn it_finds_the_feature_that_decides_and_stays_finite() {
        let choices = [
            choice(&[&[1.0, 0.5], &[0.0, 0.5]], Some(0)),
            choice(&[&[0.0, 0.5], &[1.0, 0.5]], Some(1)),
        ];
        let model = ConditionalLogit::fit(&choices, 2);
        assert!(choices.iter().all(|choice| model.answer(choice) == choice.right));
        let (gradient, _) = model.gradient(&choices);
        assert!(gradient.iter().all(|slope| slope.abs() < 1e-3), "{gradient:?}");
        assert!(model.weights[0] > 3.0 && model.weights[0] < 10.0, "{model:?}");
    }

    #[test]
    fn none_is_an_answer_where_no_candidate_gets_enough() {
        let choices = [
            choice(&[&[0.9], &[0.0]], Some(0)),
            choice(&[&[0.0], &[0.9]], Some(1)),
            choice(&[&[0.1], &[0.1]], None),
        ];
        let model = ConditionalLogit::fit(&choices, 1);
        assert!(choices.iter().all(|choice| model.answer(choice) == choice.right), "{model:?}");
    }
}
