//! A snapshot comes back as it was written, and nothing else comes back at all.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use corpus::example::{Example, Language};
use corpus::span::CharSpan;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use snapshot::content::{Attention, Probe, Snapshot, Token};
use snapshot::file::{SnapshotError, parse, read, write};

fn span(start: usize, end: usize) -> CharSpan {
    CharSpan::new(start, end)
}

fn token(text: &str, place: Option<(CharSpan, usize)>) -> Token {
    let (span, word) = place.unzip();
    Token { text: text.to_owned(), span, word }
}

/// Rows that sum to 1 and differ from one another in every bit that matters.
fn attention(heads: usize, seq: usize, seed: f32) -> Attention {
    let scores = (1..).map(|n| (n as f32 * seed).sin().exp());
    let mut weights: Vec<f32> = scores.take(heads * seq * seq).collect();
    for row in weights.chunks_mut(seq) {
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|weight| *weight /= sum);
    }
    Attention { heads, seq, weights }
}

/// `Robot él.` with a special token at each end and a word in two pieces.
fn probe(id: &str, answer: Option<usize>) -> Probe {
    let words = [span(0, 5), span(6, 8), span(8, 9)];
    let example = Example {
        id: id.to_owned(),
        lang: Language::Es,
        text: "Robot él.".to_owned(),
        pronoun: words[1],
        candidates: vec![words[0]],
        antecedent: answer.map(|_| 0),
        phenomenon: "gender".to_owned(),
        pair: None,
    };
    let tokens = vec![
        token("[CLS]", None),
        token("ro", Some((span(0, 2), 0))),
        token("##bot", Some((span(2, 5), 0))),
        token("él", Some((words[1], 1))),
        token(".", Some((words[2], 2))),
        token("[SEP]", None),
    ];
    let layers = vec![attention(2, 6, 0.7), attention(2, 6, 1.3)];
    let probabilities = vec![0.7, 0.1 + f32::EPSILON, 1.0e-30, 0.2];
    Probe {
        example,
        tokens,
        words: words.to_vec(),
        pronoun_token: 3,
        answer,
        probabilities,
        layers,
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        step: 500,
        loss: Some(0.1 + 0.2),
        accuracy: Some(2.0 / 3.0),
        model: "base".to_owned(),
        probes: vec![probe("probe-es", Some(0)), probe("probe \"ñ\"\n", None)],
    }
}

fn written(snapshot: &Snapshot) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("step-00000500.safetensors");
    write(snapshot, &path).unwrap();
    (directory, path)
}

/// The bytes of a file with this snapshot.
fn bytes_of(snapshot: &Snapshot) -> Vec<u8> {
    fs::read(written(snapshot).1).unwrap()
}

/// The bytes with a sum that fits them, if they have a place for one: as if they had been written so.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let key = b"\"sha256\":\"";
    if let Some(at) = bytes.windows(key.len()).position(|window| window == key) {
        let digits = at + key.len()..at + key.len() + 64;
        bytes[digits.clone()].fill(b'0');
        let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        bytes[digits].copy_from_slice(sum.as_bytes());
    }
    bytes
}

/// What reading says to these bytes.
fn refusal(bytes: &[u8]) -> String {
    let path = Path::new("FILE");
    message(&parse(bytes, path).unwrap_err(), path)
}

/// The message of an error and of its causes, without the directory.
fn message(error: &SnapshotError, path: &Path) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        message = format!("{message}: {source}");
        cause = source.source();
    }
    message.replace(path.to_str().unwrap(), "FILE")
}

/// What reading says after `change` to the header of a good file (its length and sum are set right
/// again).
fn refusal_of_header(change: impl FnOnce(&str) -> String) -> String {
    let bytes = bytes_of(&snapshot());
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = std::str::from_utf8(header).unwrap();
    let changed = change(header);
    assert_ne!(changed, header, "the change changes something");
    let length = (changed.len() as u64).to_le_bytes();
    refusal(&sealed([&length, changed.as_bytes(), data].concat()))
}

/// What writing says to a snapshot after `change`; nothing may be left behind.
fn refusal_of_probe(change: impl FnOnce(&mut Probe)) -> String {
    let mut snapshot = snapshot();
    change(&mut snapshot.probes[1]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("refused.safetensors");
    let error = write(&snapshot, &path).unwrap_err();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "no file is left");
    message(&error, &path)
}

#[test]
fn a_snapshot_comes_back_bit_for_bit() {
    let expected = snapshot();
    let (directory, path) = written(&expected);
    let found = read(&path).unwrap();
    assert_eq!(found, expected);
    for (found, expected) in found.probes.iter().zip(&expected.probes) {
        let bits = |numbers: &[f32]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&found.probabilities), bits(&expected.probabilities));
        for (found, expected) in found.layers.iter().zip(&expected.layers) {
            assert_eq!(bits(&found.weights), bits(&expected.weights));
        }
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn every_probability_comes_back_bit_for_bit() {
    // Steps through the floats below 1 by a number that has no pattern in common with them.
    for bits in (0..1.0_f32.to_bits()).step_by(1_299_709) {
        let mut expected = snapshot();
        let p = f32::from_bits(bits);
        expected.probes[0].probabilities = vec![p, 0.0, 0.0, 1.0 - p];
        let (_directory, path) = written(&expected);
        assert_eq!(read(&path).unwrap().probes[0].probabilities[0].to_bits(), bits);
    }
}

#[test]
fn an_untrained_model_without_loss_or_probes_is_a_snapshot() {
    let expected =
        Snapshot { step: 0, loss: None, accuracy: None, model: String::new(), probes: vec![] };
    assert_eq!(read(&written(&expected).1).unwrap(), expected);
}

#[test]
fn equal_snapshots_are_equal_files_that_begin_with_their_format() {
    let (_directory, path) = written(&snapshot());
    let bytes = fs::read(&path).unwrap();
    assert!(
        bytes[8..].starts_with(
            br#"{"__metadata__":{"format":"anafora-snapshot","version":"2","sha256":""#
        )
    );
    assert_eq!(u64::from_le_bytes(*bytes.first_chunk().unwrap()) % 8, 0);
    assert_eq!(fs::read(written(&snapshot()).1).unwrap(), bytes);
}

#[test]
fn a_row_is_what_one_token_reads_from_each() {
    let layer = attention(2, 6, 0.7);
    assert_eq!(layer.row(1, 3), &layer.weights[54..60]);
}

#[test]
fn a_second_snapshot_replaces_the_first() {
    let (_directory, path) = written(&snapshot());
    let later = Snapshot { step: 1000, ..snapshot() };
    write(&later, &path).unwrap();
    assert_eq!(read(&path).unwrap(), later);
}

#[test]
fn a_missing_file_and_an_unwritable_directory_are_named() {
    let path = Path::new("/nowhere/step-00000000.safetensors");
    let error = read(path).unwrap_err();
    assert!(message(&error, path).starts_with("cannot read the snapshot FILE: No such file"));
    let error = write(&snapshot(), path).unwrap_err();
    assert!(message(&error, path).starts_with("cannot write the snapshot FILE: No such file"));
}

#[test]
fn a_name_that_is_taken_by_a_directory_leaves_nothing_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("taken");
    fs::create_dir_all(path.join("inside")).unwrap();
    assert!(matches!(write(&snapshot(), &path), Err(SnapshotError::Write { .. })));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn another_format_is_refused_by_name() {
    let said = refusal_of_header(|header| header.replace("anafora-snapshot", "pt"));
    assert_eq!(said, "FILE has the format \"pt\", expected \"anafora-snapshot\"");
    let said = refusal_of_header(|header| header.replace("\"format\"", "\"forma\""));
    assert_eq!(said, "FILE has the format \"\", expected \"anafora-snapshot\"");
}

#[test]
fn another_version_is_refused_with_both_numbers() {
    let version = |n: &str| format!("\"version\":\"{n}\"");
    let said = refusal_of_header(|header| header.replace(&version("2"), &version("3")));
    let newer = "it was written by a newer version of this program";
    assert_eq!(
        said,
        format!("FILE is a snapshot of version \"3\", expected \"2\" or \"1\": {newer}")
    );
    let said = refusal_of_header(|header| header.replace(&version("2"), &version("02")));
    assert_eq!(said, "FILE is a snapshot of version \"02\", expected \"2\" or \"1\"");
}

/// Written by the program as it was before there were sums.
#[test]
fn a_file_of_version_1_is_read() {
    let old = include_bytes!("version-1.safetensors");
    assert!(!old.windows(6).any(|window| window == b"sha256"));
    assert_eq!(parse(old, Path::new("FILE")).unwrap(), snapshot());
}

#[test]
fn a_sum_is_found_in_its_place_in_version_2_and_nowhere_in_version_1() {
    let old = refusal_of_header(|header| header.replace("\"version\":\"2\"", "\"version\":\"1\""));
    assert!(old.starts_with("FILE: metadata sha256 is \""), "{old}");
    assert!(old.ends_with("\", expected no such key in version 1"), "{old}");
    let expected = "expected 64 hexadecimal digits, right behind the version";
    let missing = refusal_of_header(|header| header.replace("\"sha256\"", "\"sha255\""));
    assert_eq!(missing, format!("FILE: metadata sha256 is \"\", {expected}"));
    let elsewhere = refusal_of_header(|header| {
        let (key, model) = (header.find("\"sha256\"").unwrap(), header.find("\"model\"").unwrap());
        let (before, sum, between) =
            (&header[..key], &header[key..key + 76], &header[key + 76..model]);
        [before, between, sum, &header[model..]].concat()
    });
    assert!(elsewhere.ends_with(expected), "{elsewhere}");
}

#[test]
fn a_header_without_its_tensors_is_refused_by_the_name_of_the_tensor() {
    let said = refusal_of_header(|header| header.replace("probe-01.layer-1", "probe-01.layer-2"));
    assert_eq!(said, "FILE: tensor probe-01.layer-1 is missing, expected F32 [heads, 6, 6]");
    let layers = |n: &str| format!("\"n_layers\":\"{n}\"");
    let said = refusal_of_header(|header| header.replace(&layers("2"), &layers("1")));
    assert_eq!(
        said,
        "FILE: tensor probe-00.layer-1 is there, expected 1 layers for each of 2 probes"
    );
    let said = refusal_of_header(|header| header.replace(&layers("2"), &layers("two")));
    assert_eq!(said, "FILE: metadata n_layers is \"two\", expected a number of layers");
}

#[test]
fn a_tensor_of_another_kind_is_refused_with_what_it_is() {
    let said = refusal_of_header(|header| header.replacen("\"F32\"", "\"I32\"", 1));
    assert_eq!(said, "FILE: tensor probe-00.layer-0 is I32 [2, 6, 6], expected F32 [heads, 6, 6]");
    let said = refusal_of_header(|header| header.replacen("[2,6,6]", "[6,2,6]", 1));
    assert_eq!(said, "FILE: tensor probe-00.layer-0 is F32 [6, 2, 6], expected F32 [heads, 6, 6]");
}

#[test]
fn a_wrong_number_in_the_header_is_refused_by_its_key() {
    let said = refusal_of_header(|header| header.replace("\"step\":\"500\"", "\"step\":\"-5\""));
    assert_eq!(said, "FILE: metadata step is \"-5\", expected a number of updates");
    let said = refusal_of_header(|header| header.replace("\"loss\":\"0", "\"loss\":\"x0"));
    assert!(said.starts_with("FILE: metadata loss is \"x0"), "{said}");
    let said = refusal_of_header(|header| header.replace("\\\"answer\\\":0", "\\\"answer\\\":x"));
    assert!(said.starts_with("FILE: metadata probes cannot be read: expected value"), "{said}");
}

#[test]
fn what_makes_no_sense_is_never_written() {
    let said = refusal_of_probe(|probe| probe.words[2] = span(8, 10));
    assert_eq!(said, "FILE: probe 1: word 2 is at 8..10, expected a span within 9 characters");
    let said = refusal_of_probe(|probe| probe.tokens[1].span = Some(span(2, 2)));
    assert_eq!(said, "FILE: probe 1: token 1 is at 2..2, expected a span within 9 characters");
    let said = refusal_of_probe(|probe| probe.answer = Some(3));
    assert_eq!(said, "FILE: probe 1: answer is 3, expected less than 3");
    let said = refusal_of_probe(|probe| probe.pronoun_token = 6);
    assert_eq!(said, "FILE: probe 1: pronoun_token is 6, expected less than 6");
    let said = refusal_of_probe(|probe| probe.tokens[0].word = Some(0));
    assert_eq!(said, "FILE: probe 1: token 0 has a span or a word, expected both or neither");
    let said = refusal_of_probe(|probe| probe.probabilities.truncate(3));
    assert_eq!(said, "FILE: probe 1: probabilities has 3 entries, expected 4");
    let said = refusal_of_probe(|probe| probe.layers.truncate(1));
    assert_eq!(said, "FILE: probe 1: layers has 1 entries, expected 2");
    let said = refusal_of_probe(|probe| probe.layers[1].weights.truncate(71));
    assert_eq!(said, "FILE: probe 1: layer 1 has 71 entries, expected 72");
}

#[test]
fn rows_that_are_no_distributions_are_never_written() {
    let expected = "expected 1 from numbers of at least 0";
    let said = refusal_of_probe(|probe| probe.layers[1].weights[40] = f32::NAN);
    let row = "layer 1, head 1, query 0";
    assert_eq!(
        said,
        format!("FILE: probe 1: {row} is no distribution: its sum is NaN, {expected}")
    );
    let said = refusal_of_probe(|probe| probe.layers[0].weights[0] += 0.002);
    assert!(said.starts_with("FILE: probe 1: layer 0, head 0, query 0 is no"), "{said}");
    let said = refusal_of_probe(|probe| probe.probabilities = vec![1.5, -0.5, 0.0, 0.0]);
    assert_eq!(
        said,
        format!("FILE: probe 1: probabilities is no distribution: its sum is 1, {expected}")
    );
}

#[test]
fn a_row_that_makes_no_sense_is_refused_whatever_its_sum() {
    let mut bytes = bytes_of(&snapshot());
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let said = refusal(&bytes);
    assert!(said.starts_with("FILE is damaged: its SHA-256 sum is "), "{said}");
    let said = refusal(&sealed(bytes));
    assert!(said.starts_with("FILE: probe 1: layer 1, head 1, query 5 is no"), "{said}");
}

#[test]
fn a_file_that_is_cut_anywhere_or_goes_on_is_refused() {
    let bytes = bytes_of(&snapshot());
    for length in 0..bytes.len() {
        let refused = parse(&bytes[..length], Path::new("FILE"));
        let refused = matches!(refused, Err(SnapshotError::NotSafetensors { .. }));
        assert!(refused, "{length} of {} bytes", bytes.len());
    }
    for byte in [0, b' ', 0xff] {
        let said = refusal(&[&bytes[..], &[byte]].concat());
        assert!(said.starts_with("FILE is not a whole safetensors file"), "{said}");
    }
}

#[test]
fn no_byte_can_be_changed_unnoticed() {
    let bytes = bytes_of(&snapshot());
    for position in 0..bytes.len() {
        // 0x03 makes the version 1 of the version 2; 0x20 makes capitals of the digits of the sum.
        for mask in [0x01, 0x03, 0x20, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[position] ^= mask;
            let said = refusal(&changed);
            assert!(said.starts_with("FILE"), "byte {position} ^ {mask:#04x}: {said}");
        }
    }
}

#[test]
fn a_header_that_was_written_wrong_is_refused_or_read_without_panic() {
    let expected = snapshot();
    let bytes = bytes_of(&expected);
    let end_of_header = 8 + u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let n_weights = |snapshot: &Snapshot| {
        let layers = snapshot.probes.iter().flat_map(|probe| &probe.layers);
        layers.map(|layer| layer.weights.len()).collect::<Vec<_>>()
    };
    for position in 0..end_of_header {
        for flip in [0x01, 0x02, 0x10, 0x80, 0xff] {
            let mut spoiled = bytes.clone();
            spoiled[position] ^= flip;
            if let Ok(found) = parse(&sealed(spoiled), Path::new("FILE")) {
                assert_eq!(n_weights(&found), n_weights(&expected), "{position} ^ {flip:#x}");
            }
        }
    }
}

/// A snapshot of any shape, step and text, its weights from the rows of [`attention`].
fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let name = "\\PC{0,12}";
    let shape = (0..3_usize, 1..4_usize, 0..4_usize, 0.1..3.0_f32);
    let numbers =
        (any::<u64>(), proptest::option::of(any::<f64>().prop_filter("a number", |n| !n.is_nan())));
    (shape, numbers, name, name).prop_map(
        |((n_probes, heads, n_layers, seed), (step, loss), model, id)| {
            let mut snapshot = Snapshot { step, loss, accuracy: loss, model, probes: Vec::new() };
            for probe_idx in 0..n_probes {
                let mut probe = probe(&format!("{id}{probe_idx}"), (heads > 1).then_some(0));
                let layer = |idx| attention(heads, 6, seed + idx as f32);
                probe.layers = (0..n_layers).map(layer).collect();
                snapshot.probes.push(probe);
            }
            snapshot
        },
    )
}

proptest! {
    #[test]
    fn any_snapshot_comes_back_and_none_of_its_bytes_can_change(
        expected in any_snapshot(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = bytes_of(&expected);
        let name = Path::new("FILE");
        prop_assert_eq!(&parse(&bytes, name).unwrap(), &expected);
        let at = at.index(bytes.len());
        let is_same = bytes[at] == byte;
        bytes[at] = byte;
        prop_assert_eq!(parse(&bytes, name).is_ok(), is_same);
        prop_assert!(parse(&bytes[..at], name).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in any::<Vec<u8>>(), n_bytes in 0_u64..300) {
        prop_assert!(parse(&bytes, Path::new("FILE")).is_err());
        prop_assert!(parse(&[&n_bytes.to_le_bytes(), &bytes[..]].concat(), Path::new("FILE")).is_err());
    }
}

/// Leaves a file where `read_snapshot.py` can be tried on it.
#[test]
fn a_file_for_python_is_left_in_the_target_directory() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("snapshot.safetensors");
    write(&snapshot(), &path).unwrap();
    assert!(path.exists());
}
