//! Records the answers of a model for an exported page. The page finds an answer by the text of the
//! request's path and body.
//!
//! The most important answers come first: the probes, their snapshots, then the probes without each
//! head and without each word. What does not fit into the limits is left out, and reported.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use corpus::example::Example;
use files::shell;
use serde::Serialize;
use serde_json::Value;

use super::in_script;
use crate::{
    contract::{
        Answer,
        failure::{Code, Failure},
        reading::Reading,
        request::{
            ActivationsRequest, By, ReadRequest, SearchRequest, SnapshotRequest, VariantsRequest,
            VectorsRequest,
        },
        run::Run,
    },
    model::Model,
};

/// How much is recorded at most.
#[derive(Debug, Clone, Copy)]
pub struct RecordLimits {
    /// The number of probes; the first ones are taken.
    pub probes: usize,
    /// The number of snapshots; they are spread evenly over the training.
    pub snapshots: usize,
    /// The size of all answers together. The probes and snapshots are recorded in any case.
    pub bytes: usize,
}

const PREFIX: &str = "{\"answers\":{";
const SEPARATOR: &str = ",\n";
const SUFFIX: &str = "}}";

/// Recorded answers, and a list of what was left out.
#[derive(Debug, Default)]
pub struct Recording {
    /// The key of each answer, and its entry in [`Recording::json`].
    entries: Vec<(String, String)>,
    /// The size of all entries and the separators between them.
    n_bytes: usize,
    /// For each kind of answers that was left out, how many and which option would include more.
    pub left_out: Vec<String>,
}

/// Asks `model` for as many answers as the limits allow.
///
/// # Errors
/// The first failure of the model. One that is not ready yet is asked again for five minutes.
pub fn record(model: &dyn Model, limits: RecordLimits) -> Result<Recording, Failure> {
    let mut recording = Recording::default();
    let run = recording.shortened(model.run()?, limits);
    recording.keep("/api/run".to_owned(), entry("/api/run", &Answer::json(run.clone())));
    recording.keep("/api/heads".to_owned(), entry("/api/heads", &Answer::json(model.heads()?)));
    let mut read = Vec::new();
    for probe in &run.probes {
        let request = ReadRequest::new(probe.text.clone(), Some(probe.pronoun));
        let answer = model.read(&request)?;
        recording.keep_answer("/api/read", &request, &answer);
        read.push((request, answer.readings));
    }
    for snapshot in &run.snapshots {
        let mut answer = model.snapshot(snapshot.step)?;
        answer.readings.truncate(run.probes.len());
        recording.keep_answer("/api/snapshot", &SnapshotRequest { step: snapshot.step }, &answer);
    }
    recording.variants(model, &run.probes)?;
    let read = &read[..];
    recording.optional(
        limits,
        "/api/read",
        "readings of a changed probe",
        changes(&run, read),
        |q| {
            let mut answer = model.read(q)?;
            answer.readings.iter_mut().for_each(|reading| reading.attention = None);
            Ok(answer)
        },
    )?;
    recording.optional(limits, "/api/activations", "activations", activations(read), |q| {
        model.activations(q)
    })?;
    recording.optional(limits, "/api/search", "searches", searches(&run, read), |q| {
        retry_until_ready(|| model.search(q))
    })?;
    recording.optional(limits, "/api/vectors", "heads' vectors", vectors(&run, read), |q| {
        model.vectors(q)
    })?;
    Ok(recording)
}

impl Recording {
    /// The JSON that the exported page contains.
    pub fn json(&self) -> String {
        let entries: Vec<&str> = self.entries.iter().map(|(_, entry)| entry.as_str()).collect();
        format!("{PREFIX}{}{SUFFIX}", entries.join(SEPARATOR))
    }

    /// The number of answers.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no answers.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The run without what is not recorded: it keeps the best checkpoint, the first probes and
    /// some snapshots.
    fn shortened(&mut self, mut run: Run, limits: RecordLimits) -> Run {
        let (n_probes, n_snapshots) = (run.probes.len(), run.snapshots.len());
        run.live = false;
        // Where the run lies on this machine is nobody's business who gets the file.
        if run.run.path.trim_start_matches('\'').starts_with(['/', '\\', '~']) {
            run.run.path = shell::word(Path::new(&run.run.name));
        }
        run.probes.truncate(limits.probes);
        run.snapshots = evenly_spaced(&run.snapshots, limits.snapshots);
        self.note_left_out(n_probes - run.probes.len(), n_probes, "probes (--probes)");
        self.note_left_out(
            n_snapshots - run.snapshots.len(),
            n_snapshots,
            "snapshots (--snapshots)",
        );
        let n_checkpoints = run.checkpoints.len();
        run.checkpoints.retain(|checkpoint| checkpoint.is_best);
        self.note_left_out(n_checkpoints - run.checkpoints.len(), n_checkpoints, "checkpoints");
        run
    }

    fn note_left_out(&mut self, n: usize, of: usize, what: &str) {
        if n > 0 {
            self.left_out.push(format!("{n} of {of} {what}"));
        }
    }

    fn keep(&mut self, key: String, entry: String) {
        if self.entries.iter().any(|(known, _)| *known == key) {
            return;
        }
        self.n_bytes += entry.len() + SEPARATOR.len();
        self.entries.push((key, entry));
    }

    fn keep_answer(&mut self, path: &str, request: &impl Serialize, answer: &impl Serialize) {
        let key = key(path, request);
        let entry = entry(&key, &Answer::json(answer));
        self.keep(key, entry);
    }

    /// Records the answers to `requests` that fit into the limit of bytes. `what` names them in
    /// [`Recording::left_out`].
    fn optional<Q: Serialize, A: Serialize>(
        &mut self,
        limits: RecordLimits,
        path: &str,
        what: &str,
        requests: Vec<Q>,
        ask: impl Fn(&Q) -> Result<A, Failure>,
    ) -> Result<(), Failure> {
        let mut n_left_out = 0;
        for request in &requests {
            let key = key(path, request);
            let entry = entry(&key, &Answer::json(ask(request)?));
            let n_bytes = PREFIX.len() + self.n_bytes + entry.len() + SUFFIX.len();
            if n_bytes > limits.bytes {
                n_left_out += 1;
            } else {
                self.keep(key, entry);
            }
        }
        if n_left_out > 0 {
            self.left_out.push(format!("{n_left_out} {what} (--megabytes)"));
        }
        Ok(())
    }

    fn variants(&mut self, model: &dyn Model, probes: &[Example]) -> Result<(), Failure> {
        for probe in probes {
            let request = VariantsRequest { text: probe.text.clone(), pronoun: probe.pronoun };
            let answer = model.variants(&request)?;
            self.keep_answer("/api/variants", &request, &answer);
            for variant in answer.variants {
                let request = ReadRequest::new(variant.text, Some(variant.pronoun));
                let answer = model.read(&request)?;
                self.keep_answer("/api/read", &request, &answer);
            }
        }
        Ok(())
    }
}

/// An answer as it is written to the file, so that its size is known.
fn entry(key: &str, answer: &str) -> String {
    in_script(&format!("{}:{answer}", Value::from(key)))
}

/// A request, and the readings that answer it.
type Read = (ReadRequest, Vec<Reading>);

/// Requests for each probe without each head, and without each of its words.
fn changes(run: &Run, read: &[Read]) -> Vec<ReadRequest> {
    let of_probe = |(request, readings): &Read| {
        let without = heads(run).map(|head| ReadRequest { ablated: vec![head], ..request.clone() });
        let mut changed: Vec<ReadRequest> = without.collect();
        for reading in readings {
            for word in 0..reading.words.len() {
                let masked = tokens_of(reading, word);
                changed.push(ReadRequest { masked, ..request.clone() });
            }
        }
        changed
    };
    read.iter().flat_map(of_probe).collect()
}

/// Requests for the activations at each probe's pronoun.
fn activations(read: &[Read]) -> Vec<ActivationsRequest> {
    let of_probe = |(request, readings): &Read| {
        let token = readings.first()?.pronoun_token;
        Some(ActivationsRequest { read: request.clone(), token })
    };
    read.iter().filter_map(of_probe).collect()
}

/// Requests for tokens that are similar to each probe's pronoun after the last layer.
fn searches(run: &Run, read: &[Read]) -> Vec<SearchRequest> {
    let of_probe = |(request, readings): &Read| {
        Some(SearchRequest {
            read: request.clone(),
            token: readings.first()?.pronoun_token,
            by: By::Hidden,
            layer: run.run.n_layers,
            head: None,
            limit: SEARCH_LIMIT,
        })
    };
    read.iter().filter_map(of_probe).collect()
}

/// Requests for the vectors of every head, probe by probe.
fn vectors(run: &Run, read: &[Read]) -> Vec<VectorsRequest> {
    let of_probe = |(request, _): &Read| {
        let read = request.clone();
        heads(run).map(move |(layer, head)| VectorsRequest { read: read.clone(), layer, head })
    };
    read.iter().flat_map(of_probe).collect()
}

/// The key by which the page finds an answer: path and body.
fn key(path: &str, request: &impl Serialize) -> String {
    let body = serde_json::to_string(request).expect("a request is plain data");
    format!("{path} {body}")
}

/// Asks again while the model is not ready, for up to five minutes.
fn retry_until_ready<T>(ask: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
    let until = Instant::now() + Duration::from_secs(300);
    loop {
        match ask() {
            Err(failure) if failure.code == Code::NotReady && Instant::now() < until => {
                thread::sleep(Duration::from_millis(50));
            }
            answer => return answer,
        }
    }
}

/// The most matches of a recorded search: as many as the page asks for.
const SEARCH_LIMIT: usize = 50;

fn heads(run: &Run) -> impl Iterator<Item = (usize, usize)> + use<> {
    let n_heads = run.run.n_heads;
    (0..run.run.n_layers).flat_map(move |layer| (0..n_heads).map(move |head| (layer, head)))
}

fn tokens_of(reading: &Reading, word: usize) -> Vec<usize> {
    (0..reading.tokens.len()).filter(|&token| reading.tokens[token].word == Some(word)).collect()
}

/// At most `max` items at even distances, the first and the last among them. Of a single one, the
/// last.
fn evenly_spaced<T: Clone>(all: &[T], max: usize) -> Vec<T> {
    match (all.len(), max) {
        (n, max) if n <= max => all.to_vec(),
        (_, 0) => Vec::new(),
        (n, 1) => vec![all[n - 1].clone()],
        (n, max) => (0..max).map(|index| all[index * (n - 1) / (max - 1)].clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spaced_items_have_both_ends_and_nothing_twice() {
        let all: Vec<usize> = (0..26).collect();
        for max in 2..30 {
            let some = evenly_spaced(&all, max);
            assert_eq!((some[0], some[some.len() - 1]), (0, 25));
            assert_eq!(some.len(), max.min(26));
            assert!(some.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert_eq!(evenly_spaced(&all, 1), [25]);
        assert!(evenly_spaced(&all, 0).is_empty());
    }
}
