//! The hit rate of each head during the training, on the probes that each snapshot records.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use snapshot::{
    content::{Probe, Snapshot},
    file::{SnapshotError, read},
};

use super::positions::TokenPositions;
use run::directory::Run;

/// Hit rates and accuracy at one snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotHits {
    /// Training step of the snapshot.
    pub step: u64,
    /// Accuracy on all probes, including those whose answer is *none*.
    pub accuracy: f64,
    /// Hit rate of each head on the probes with an antecedent: `[layer][head]`
    pub hits: Vec<Vec<f64>>,
}

/// The snapshots of `run`, ordered by step.
pub(crate) fn snapshots(run: &Run) -> Result<Vec<Snapshot>, SnapshotError> {
    let entries = std::fs::read_dir(run.snapshots()).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "safetensors"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The hit rates at each of `snapshots` that has a probe with an antecedent, ordered by step.
pub(crate) fn growth(snapshots: &[Snapshot]) -> Vec<SnapshotHits> {
    let mut found: Vec<SnapshotHits> = snapshots.iter().filter_map(of).collect();
    found.sort_by_key(|found| found.step);
    found
}

fn of(snapshot: &Snapshot) -> Option<SnapshotHits> {
    let probes = &snapshot.probes;
    let positions: Vec<(TokenPositions, &Probe)> = (probes.iter())
        .map(|probe| (TokenPositions::of_probe(probe), probe))
        .filter(|(positions, _)| positions.antecedent.is_some())
        .collect();
    let (_, first) = positions.first()?;
    let hit = |layer: usize, head: usize| {
        let is_hit = |(positions, probe): &&(TokenPositions, &Probe)| {
            positions.is_hit(probe.layers[layer].row(head, probe.pronoun_token))
        };
        positions.iter().filter(is_hit).count() as f64 / positions.len() as f64
    };
    let layer =
        |layer: usize| (0..first.layers[layer].heads).map(|head| hit(layer, head)).collect();
    let right = probes.iter().filter(|probe| is_right(probe)).count();
    Some(SnapshotHits {
        step: snapshot.step,
        accuracy: right as f64 / probes.len() as f64,
        hits: (0..first.layers.len()).map(layer).collect(),
    })
}

/// Whether the most probable word belongs to the antecedent.
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
        let found = growth(&sample::snapshots());
        assert_eq!(found.iter().map(|found| found.step).collect::<Vec<_>>(), [0, 8]);
        // At step 0 all weights are equal, so the first word, the man, has the strongest attention;
        // all answers are the man, too.
        assert_eq!(found[0].hits, [[0.5; 3], [0.5; 3]]);
        assert_eq!(found[0].accuracy, 0.5);
        assert_eq!(found[1].hits, [[0.5, 0.5, 0.0], [1.0, 1.0, 0.5]]);
        assert_eq!(found[1].accuracy, 1.0);
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
