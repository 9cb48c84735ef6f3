//! The hits of each head through the training, on the probes of its snapshots.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use snapshot::{
    content::{Probe, Snapshot},
    file::{SnapshotError, read},
};

use super::places::Places;
use run::directory::Run;

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// Updates so far.
    pub step: u64,
    /// Share of right answers to the probes, *none* included.
    pub accuracy: f64,
    /// How often each head hits, of the probes with an antecedent: `[layer][head]`
    pub hits: Vec<Vec<f64>>,
}

/// The snapshots of `run`, by their steps.
pub(crate) fn snapshots(run: &Run) -> Result<Vec<Snapshot>, SnapshotError> {
    let entries = std::fs::read_dir(run.snapshots()).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "safetensors"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The hits in each of `snapshots` that has probes.
pub(crate) fn growth(snapshots: &[Snapshot]) -> Vec<Grown> {
    let mut grown: Vec<Grown> = snapshots.iter().filter_map(of).collect();
    grown.sort_by_key(|grown| grown.step);
    grown
}

fn of(snapshot: &Snapshot) -> Option<Grown> {
    let probes = &snapshot.probes;
    let places: Vec<(Places, &Probe)> = (probes.iter())
        .map(|probe| (Places::of_probe(probe), probe))
        .filter(|(places, _)| places.antecedent.is_some())
        .collect();
    let (_, first) = places.first()?;
    let hit = |layer: usize, head: usize| {
        let is_hit = |(places, probe): &&(Places, &Probe)| {
            places.is_hit(probe.layers[layer].row(head, probe.pronoun_token))
        };
        places.iter().filter(is_hit).count() as f64 / places.len() as f64
    };
    let layer =
        |layer: usize| (0..first.layers[layer].heads).map(|head| hit(layer, head)).collect();
    let right = probes.iter().filter(|probe| is_right(probe)).count();
    Some(Grown {
        step: snapshot.step,
        accuracy: right as f64 / probes.len() as f64,
        hits: (0..first.layers.len()).map(layer).collect(),
    })
}

/// Whether the likeliest word is one of the antecedent's.
fn is_right(probe: &Probe) -> bool {
    match (probe.answer, probe.example.antecedent) {
        (Some(word), Some(antecedent)) => {
            probe.words[word].overlaps(probe.example.candidates[antecedent])
        }
        (answer, antecedent) => answer.is_none() && antecedent.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn hits_and_answers_are_counted_on_the_probes_of_each_snapshot() {
        let grown = growth(&sample::snapshots());
        assert_eq!(grown.iter().map(|grown| grown.step).collect::<Vec<_>>(), [0, 8]);
        // At step 0 everything was read alike, so that the man is the first of equals; the answers
        // were all the man, too.
        assert_eq!(grown[0].hits, [[0.5; 3], [0.5; 3]]);
        assert_eq!(grown[0].accuracy, 0.5);
        assert_eq!(grown[1].hits, [[0.5, 0.5, 0.0], [1.0, 1.0, 0.5]]);
        assert_eq!(grown[1].accuracy, 1.0);
    }

    #[test]
    fn snapshots_of_a_run_are_read_in_the_order_of_their_steps() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("config.toml"), "").unwrap();
        let run = Run::open(directory.path()).unwrap();
        assert!(snapshots(&run).unwrap().is_empty());
        std::fs::create_dir(run.snapshots()).unwrap();
        for snapshot in sample::snapshots() {
            snapshot::file::write(&snapshot, &run.snapshot(snapshot.step as usize)).unwrap();
        }
        let steps: Vec<u64> = snapshots(&run).unwrap().iter().map(|s| s.step).collect();
        assert_eq!(steps, [0, 8]);
        std::fs::write(run.snapshot(9), "no snapshot").unwrap();
        assert!(snapshots(&run).unwrap_err().to_string().contains("step-00000009"));
    }
}
