//! The comparison of the encoder with a recurrent network, from `experiments/recurrent/results.json`.

use std::collections::BTreeMap;

use explorer::contract::run::{Distance, Recurrent, Speed};
use serde::Deserialize;

#[derive(Deserialize)]
struct Results {
    speed: Speeds,
    accuracy: Accuracy,
}

#[derive(Deserialize)]
struct Speeds {
    points: Points,
}

#[derive(Deserialize)]
struct Points {
    training: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    length: usize,
    /// For each model, one measurement per repetition.
    tokens_per_second: BTreeMap<String, Vec<f64>>,
}

#[derive(Deserialize)]
struct Accuracy {
    /// For each model, one training per seed.
    models: BTreeMap<String, Vec<Seed>>,
}

#[derive(Deserialize)]
struct Seed {
    by_distance: Vec<Bin>,
}

#[derive(Deserialize)]
struct Bin {
    up_to: usize,
    n: usize,
    right: usize,
}

/// Accuracy by distance and speed by length, of `encoder` and `lstm`, from what
/// `experiments/recurrent/run.py` wrote.
///
/// # Errors
///
/// If `json` is not such a file.
pub fn parse(json: &str) -> Result<Recurrent, serde_json::Error> {
    let results: Results = serde_json::from_str(json)?;
    let distances = results.accuracy.models.iter();
    let distances = distances.flat_map(|(model, seeds)| distances_of(model, seeds)).collect();
    let speeds = results.speed.points.training.into_iter().flat_map(speeds_of).collect();
    Ok(Recurrent { distances, speeds })
}

/// Accuracy by distance, pooled over all seeds.
fn distances_of(model: &str, seeds: &[Seed]) -> Vec<Distance> {
    let n_bins = seeds.first().map_or(0, |seed| seed.by_distance.len());
    let mut low = 0;
    (0..n_bins)
        .map(|index| {
            let bins = || seeds.iter().map(|seed| &seed.by_distance[index]);
            let (n, right) =
                (bins().map(|bin| bin.n).sum(), bins().map(|bin| bin.right).sum::<usize>());
            let high = seeds[0].by_distance[index].up_to;
            let accuracy = right as f64 / n as f64;
            let distance = Distance { model: model.to_owned(), low, high, n, accuracy };
            low = high + 1;
            distance
        })
        .collect()
}

/// The median speed of each model at one length. The encoder without fused operations is left out; it
/// is slower, with the same trend.
fn speeds_of(point: Point) -> impl Iterator<Item = Speed> {
    let Point { length, tokens_per_second } = point;
    let wanted = tokens_per_second.into_iter().filter(|(model, _)| model != "encoder-plain");
    wanted.map(move |(model, mut rounds)| {
        rounds.sort_by(f64::total_cmp);
        Speed { model, length, tokens_per_second: rounds[rounds.len() / 2] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_comparison_says_what_its_readme_says() {
        let json = include_str!("../../../experiments/recurrent/results.json");
        let Recurrent { distances, speeds } = parse(json).unwrap();
        let find = |model: &str, low| {
            distances.iter().find(|found| found.model == model && found.low == low).unwrap()
        };
        let far = find("encoder", 256);
        assert_eq!((far.high, far.n), (511, 832));
        assert!((far.accuracy - 0.8918).abs() < 5e-5, "{far:?}");
        assert!(find("lstm", 256).accuracy > 0.9999);
        let speed =
            speeds.iter().find(|speed| speed.model == "lstm" && speed.length == 1024).unwrap();
        assert_eq!(speed.tokens_per_second.round(), 5436.0);
        assert_eq!(speeds.len(), 14);
    }
}
