//! What an exported page can be asked: answers that a model gave, by the text of path and body.
//!
//! What matters most comes first: the probes, their attention through the training, what happens
//! without a head or a word. Where the room ends, what is left out is counted.

use std::{
    thread,
    time::{Duration, Instant},
};

use corpus::example::Example;
use serde::Serialize;
use serde_json::Value;

use super::in_script;
use crate::{
    contract::{
        Answer,
        failure::{Code, Failure},
        reading::Reading,
        request::{
            By, ReadRequest, SearchRequest, SnapshotRequest, VariantsRequest, VectorsRequest,
        },
        run::Run,
    },
    model::Model,
};

/// How much is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Probes, the first ones.
    pub probes: usize,
    /// Snapshots, spread over the training.
    pub snapshots: usize,
    /// Of all answers together.
    pub bytes: usize,
}

const BEFORE: &str = "{\"answers\":{";
const BETWEEN: &str = ",\n";
const BEHIND: &str = "}}";

/// Answers, and what there is none of.
#[derive(Debug, Default)]
pub struct Recording {
    /// What each is found by, and its entry in [`Recording::json`].
    entries: Vec<(String, String)>,
    /// Of all entries, with what is between two.
    n_bytes: usize,
    /// A sentence for each thing that was left out.
    pub left_out: Vec<String>,
}

/// Asks `model` for all that there is room for.
pub fn record(model: &dyn Model, room: Room) -> Result<Recording, Failure> {
    let mut recording = Recording::default();
    let run = recording.shortened(model.run()?, room);
    recording.keep("/api/run".to_owned(), entry("/api/run", &Answer::json(run.clone())));
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
        room,
        "/api/read",
        "readings of a changed probe",
        changes(&run, read),
        |q| {
            let mut answer = model.read(q)?;
            answer.readings.iter_mut().for_each(|reading| reading.attention = None);
            Ok(answer)
        },
    )?;
    recording.optional(room, "/api/search", "searches", searches(&run, read), |q| {
        patiently(|| model.search(q))
    })?;
    recording.optional(room, "/api/vectors", "heads' vectors", vectors(&run, read), |q| {
        model.vectors(q)
    })?;
    Ok(recording)
}

impl Recording {
    /// The answers as the page reads them.
    pub fn json(&self) -> String {
        let entries: Vec<&str> = self.entries.iter().map(|(_, entry)| entry.as_str()).collect();
        format!("{BEFORE}{}{BEHIND}", entries.join(BETWEEN))
    }

    /// How many answers there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The run as far as it is recorded: the best checkpoint, the first probes, some snapshots.
    fn shortened(&mut self, mut run: Run, room: Room) -> Run {
        let (n_probes, n_snapshots) = (run.probes.len(), run.snapshots.len());
        run.live = false;
        run.probes.truncate(room.probes);
        run.snapshots = spread(&run.snapshots, room.snapshots);
        self.leave_out(n_probes - run.probes.len(), n_probes, "probes (--probes)");
        self.leave_out(n_snapshots - run.snapshots.len(), n_snapshots, "snapshots (--snapshots)");
        let n_checkpoints = run.checkpoints.len();
        run.checkpoints.retain(|checkpoint| checkpoint.is_best);
        self.leave_out(n_checkpoints - run.checkpoints.len(), n_checkpoints, "checkpoints");
        run
    }

    fn leave_out(&mut self, n: usize, of: usize, what: &str) {
        if n > 0 {
            self.left_out.push(format!("{n} of {of} {what}"));
        }
    }

    fn keep(&mut self, key: String, entry: String) {
        if self.entries.iter().any(|(known, _)| *known == key) {
            return;
        }
        self.n_bytes += entry.len() + BETWEEN.len();
        self.entries.push((key, entry));
    }

    fn keep_answer(&mut self, path: &str, request: &impl Serialize, answer: &impl Serialize) {
        let key = key(path, request);
        let entry = entry(&key, &Answer::json(answer));
        self.keep(key, entry);
    }

    /// The answers to `requests`, as far as there is room.
    fn optional<Q: Serialize, A: Serialize>(
        &mut self,
        room: Room,
        path: &str,
        what: &str,
        requests: Vec<Q>,
        ask: impl Fn(&Q) -> Result<A, Failure>,
    ) -> Result<(), Failure> {
        let mut n_left_out = 0;
        for request in &requests {
            let key = key(path, request);
            let entry = entry(&key, &Answer::json(ask(request)?));
            let n_bytes = BEFORE.len() + self.n_bytes + entry.len() + BEHIND.len();
            if n_bytes > room.bytes {
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

/// An answer as it stands in the file, so that its length is known.
fn entry(key: &str, answer: &str) -> String {
    in_script(&format!("{}:{answer}", Value::from(key)))
}

/// A request, and what was answered.
type Read = (ReadRequest, Vec<Reading>);

/// Each probe without each head, and without each of its words; their attention takes no room.
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

/// Tokens like each probe's pronoun, after the last block.
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

/// The vectors of every head, probe by probe.
fn vectors(run: &Run, read: &[Read]) -> Vec<VectorsRequest> {
    let of_probe = |(request, _): &Read| {
        let read = request.clone();
        heads(run).map(move |(layer, head)| VectorsRequest { read: read.clone(), layer, head })
    };
    read.iter().flat_map(of_probe).collect()
}

/// As the page finds an answer: path and body.
fn key(path: &str, request: &impl Serialize) -> String {
    let body = serde_json::to_string(request).expect("a request is plain data");
    format!("{path} {body}")
}

/// Waits for what is not ready, for some minutes.
fn patiently<T>(ask: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
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

/// Matches of a recorded search: as many as the page asks for.
const SEARCH_LIMIT: usize = 50;

fn heads(run: &Run) -> impl Iterator<Item = (usize, usize)> + use<> {
    let n_heads = run.run.n_heads;
    (0..run.run.n_layers).flat_map(move |layer| (0..n_heads).map(move |head| (layer, head)))
}

fn tokens_of(reading: &Reading, word: usize) -> Vec<usize> {
    (0..reading.tokens.len()).filter(|&token| reading.tokens[token].word == Some(word)).collect()
}

/// At most `most` of `all`, the first and the last among them.
fn spread<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    match (all.len(), most) {
        (n, most) if n <= most => all.to_vec(),
        (_, 0) => Vec::new(),
        (n, 1) => vec![all[n - 1].clone()],
        (n, most) => (0..most).map(|index| all[index * (n - 1) / (most - 1)].clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_both_ends_and_nothing_twice() {
        let all: Vec<usize> = (0..26).collect();
        for most in 2..30 {
            let some = spread(&all, most);
            assert_eq!((some[0], some[some.len() - 1]), (0, 25));
            assert_eq!(some.len(), most.min(26));
            assert!(some.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert_eq!(spread(&all, 1), [25]);
        assert!(spread(&all, 0).is_empty());
    }
}
