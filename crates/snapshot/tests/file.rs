//! A snapshot is read as it was written, and any other file is refused.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anafora_snapshot::content::{Attention, ContentError, Probe, Snapshot, Token};
use anafora_snapshot::file::{SnapshotError, parse, read, write};
use corpus::example::{Example, Language};
use corpus::span::CharSpan;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn span(start: usize, end: usize) -> CharSpan {
    CharSpan::new(start, end)
}

fn token(text: &str, place: Option<(CharSpan, usize)>) -> Token {
    let (span, word) = place.unzip();
    Token { text: text.to_owned(), span, word }
}

/// Weights whose rows sum to 1 and all differ.
fn attention(heads: usize, seq: usize, seed: f32) -> Attention {
    let scores = (1..).map(|n| (n as f32 * seed).sin().exp());
    let mut weights: Vec<f32> = scores.take(heads * seq * seq).collect();
    for row in weights.chunks_mut(seq) {
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|weight| *weight /= sum);
    }
    Attention { heads, seq, weights }
}

/// `Robot él.`, with a special token at each end and a word of two tokens.
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
        form: None,
        agreeing: None,
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
        phrases: Vec::new(),
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

/// The bytes with the right sum, if they have one.
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

/// The error about these bytes.
fn refusal(bytes: &[u8]) -> SnapshotError {
    parse(bytes, Path::new("FILE")).unwrap_err()
}

/// The error about a good file after `change` to its header. Its length and sum are corrected.
fn refusal_of_header(change: impl FnOnce(&str) -> String) -> SnapshotError {
    let bytes = bytes_of(&snapshot());
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = std::str::from_utf8(header).unwrap();
    let changed = change(header);
    assert_ne!(changed, header, "the change changes something");
    let length = (changed.len() as u64).to_le_bytes();
    refusal(&sealed([&length, changed.as_bytes(), data].concat()))
}

/// The error about writing a snapshot after `change` to its second probe. No file may be left.
fn refusal_of_probe(change: impl FnOnce(&mut Probe)) -> ContentError {
    let mut snapshot = snapshot();
    change(&mut snapshot.probes[1]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("refused.safetensors");
    let error = write(&snapshot, &path).unwrap_err();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "no file is left");
    of_second_probe(error)
}

/// What is wrong with the second probe.
fn of_second_probe(error: SnapshotError) -> ContentError {
    match error {
        SnapshotError::Content { probe_idx: 1, source, .. } => source,
        error => panic!("{error}"),
    }
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
    // The step is a prime, so that all low bits occur.
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
    for error in [read(path).unwrap_err(), write(&snapshot(), path).unwrap_err()] {
        let (SnapshotError::Read { source, .. } | SnapshotError::Write { source, .. }) = &error
        else {
            panic!("{error}");
        };
        assert_eq!(source.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
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
    let format = |change: [&str; 2]| match refusal_of_header(|header| {
        header.replace(change[0], change[1])
    }) {
        SnapshotError::Format { found, .. } => found,
        error => panic!("{error}"),
    };
    assert_eq!(format(["anafora-snapshot", "pt"]), "pt");
    assert_eq!(format(["\"format\"", "\"forma\""]), "");
}

#[test]
fn another_version_is_refused_by_name() {
    let refused = |version: &str| {
        let version = format!("\"version\":\"{version}\"");
        refusal_of_header(|header| header.replace("\"version\":\"2\"", &version))
    };
    let newer = refused("3");
    assert!(newer.to_string().contains("newer version"), "{newer}");
    assert!(matches!(newer, SnapshotError::Version { found, .. } if found == "3"));
    let other = refused("02");
    assert!(!other.to_string().contains("newer version"), "{other}");
    assert!(matches!(other, SnapshotError::Version { found, .. } if found == "02"));
}

/// Written by the program as it was before there were sums.
#[test]
fn a_file_of_version_1_is_read() {
    let old = include_bytes!("version-1.safetensors");
    assert!(!old.windows(6).any(|window| window == b"sha256"));
    assert_eq!(parse(old, Path::new("FILE")).unwrap(), snapshot());
}

#[test]
fn a_sum_has_its_place_in_version_2_and_is_refused_in_version_1() {
    let is_about_sum = |error: &SnapshotError, is_missing: bool| matches!(error, SnapshotError::Metadata { key: "sha256", found, .. } if found.is_empty() == is_missing);
    let old = refusal_of_header(|header| header.replace("\"version\":\"2\"", "\"version\":\"1\""));
    assert!(is_about_sum(&old, false), "{old}");
    let missing = refusal_of_header(|header| header.replace("\"sha256\"", "\"sha255\""));
    assert!(is_about_sum(&missing, true), "{missing}");
    let elsewhere = refusal_of_header(|header| {
        let (key, model) = (header.find("\"sha256\"").unwrap(), header.find("\"model\"").unwrap());
        let (before, sum, between) =
            (&header[..key], &header[key..key + 76], &header[key + 76..model]);
        [before, between, sum, &header[model..]].concat()
    });
    assert!(is_about_sum(&elsewhere, false), "{elsewhere}");
}

/// The name of the tensor that is refused after a change of the header, and what was found.
fn refused_tensor(change: impl FnOnce(&str) -> String) -> (String, String) {
    match refusal_of_header(change) {
        SnapshotError::Tensor { name, found, .. } => (name, found),
        error => panic!("{error}"),
    }
}

#[test]
fn a_tensor_that_is_missing_or_too_many_is_refused_by_its_name() {
    let (name, found) = refused_tensor(|h| h.replace("probe-01.layer-1", "probe-01.layer-2"));
    assert_eq!((name.as_str(), found.as_str()), ("probe-01.layer-1", "missing"));
    let layers = |n: &str| format!("\"n_layers\":\"{n}\"");
    let (name, found) = refused_tensor(|header| header.replace(&layers("2"), &layers("1")));
    assert_eq!((name.as_str(), found.as_str()), ("probe-00.layer-1", "there"));
    let key = refused_key(|header| header.replace(&layers("2"), &layers("two")));
    assert_eq!(key, ("n_layers", "two".to_owned()));
}

#[test]
fn a_tensor_of_another_type_or_shape_is_refused_with_what_it_is() {
    let (name, found) = refused_tensor(|header| header.replacen("\"F32\"", "\"I32\"", 1));
    assert_eq!((name.as_str(), found.as_str()), ("probe-00.layer-0", "I32 [2, 6, 6]"));
    let (name, found) = refused_tensor(|header| header.replacen("[2,6,6]", "[6,2,6]", 1));
    assert_eq!((name.as_str(), found.as_str()), ("probe-00.layer-0", "F32 [6, 2, 6]"));
}

/// The key that is refused after a change of the header, and its value.
fn refused_key(change: impl FnOnce(&str) -> String) -> (&'static str, String) {
    match refusal_of_header(change) {
        SnapshotError::Metadata { key, found, .. } => (key, found),
        error => panic!("{error}"),
    }
}

#[test]
fn a_wrong_number_in_the_header_is_refused_by_its_key() {
    let (key, found) = refused_key(|h| h.replace("\"step\":\"500\"", "\"step\":\"-5\""));
    assert_eq!((key, found.as_str()), ("step", "-5"));
    let (key, found) = refused_key(|header| header.replace("\"loss\":\"0", "\"loss\":\"x0"));
    assert!(key == "loss" && found.starts_with("x0"), "{key} {found}");
    let probes = refusal_of_header(|h| h.replace("\\\"answer\\\":0", "\\\"answer\\\":x"));
    assert!(matches!(probes, SnapshotError::Probes { .. }), "{probes}");
}

#[test]
fn a_snapshot_that_contradicts_itself_is_never_written() {
    let outside = |what, index, start, end| ContentError::Span {
        what,
        index,
        span: span(start, end),
        n_chars: 9,
    };
    let error = refusal_of_probe(|probe| probe.words[2] = span(8, 10));
    assert_eq!(error, outside("word", 2, 8, 10));
    let error = refusal_of_probe(|probe| probe.tokens[1].span = Some(span(2, 2)));
    assert_eq!(error, outside("token", 1, 2, 2));
    let index = |what, at| ContentError::Index { what, found: at, expected: at };
    let error = refusal_of_probe(|probe| probe.answer = Some(3));
    assert_eq!(error, index("answer", 3));
    let error = refusal_of_probe(|probe| probe.pronoun_token = 6);
    assert_eq!(error, index("pronoun_token", 6));
    let error = refusal_of_probe(|probe| probe.tokens[0].word = Some(0));
    assert_eq!(error, ContentError::HalfPlaced { index: 0 });
    let length = |what: &str, found, expected| ContentError::Length {
        what: what.to_owned(),
        found,
        expected,
    };
    let error = refusal_of_probe(|probe| probe.probabilities.truncate(3));
    assert_eq!(error, length("probabilities", 3, 4));
    let error = refusal_of_probe(|probe| probe.layers.truncate(1));
    assert_eq!(error, length("layers", 1, 2));
    let error = refusal_of_probe(|probe| probe.layers[1].weights.truncate(71));
    assert_eq!(error, length("layer 1", 71, 72));
}

/// The row that is not a distribution, and its sum.
fn distribution(error: ContentError) -> (String, f64) {
    match error {
        ContentError::Distribution { what, found } => (what, found),
        error => panic!("{error}"),
    }
}

#[test]
fn rows_that_are_no_distributions_are_never_written() {
    let refused = |change: fn(&mut Probe)| distribution(refusal_of_probe(change));
    let (row, sum) = refused(|probe| probe.layers[1].weights[40] = f32::NAN);
    assert!(row == "layer 1, head 1, query 0" && sum.is_nan(), "{row}: {sum}");
    let (row, sum) = refused(|probe| probe.layers[0].weights[0] += 0.002);
    assert!(row == "layer 0, head 0, query 0" && sum > 1.001, "{row}: {sum}");
    let (row, sum) = refused(|probe| probe.probabilities = vec![1.5, -0.5, 0.0, 0.0]);
    assert!(row == "probabilities" && sum == 1.0, "{row}: {sum}");
}

#[test]
fn a_row_that_is_no_distribution_is_refused_even_if_the_sum_of_the_file_is_right() {
    let mut bytes = bytes_of(&snapshot());
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let damaged = refusal(&bytes);
    assert!(matches!(damaged, SnapshotError::Damaged { .. }), "{damaged}");
    let (row, _) = distribution(of_second_probe(refusal(&sealed(bytes))));
    assert_eq!(row, "layer 1, head 1, query 5");
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
        let longer = refusal(&[&bytes[..], &[byte]].concat());
        assert!(matches!(longer, SnapshotError::NotSafetensors { .. }), "{longer}");
    }
}

#[test]
fn no_byte_can_be_changed_unnoticed() {
    let bytes = bytes_of(&snapshot());
    for position in 0..bytes.len() {
        // 0x03 turns version 2 into version 1, and 0x20 the hexadecimal digits of the sum into
        // capitals.
        for mask in [0x01, 0x03, 0x20, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[position] ^= mask;
            let refused = parse(&changed, Path::new("FILE"));
            let error = refused.expect_err(&format!("byte {position} ^ {mask:#04x}"));
            assert!(error.to_string().starts_with("FILE"), "{error}");
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

/// Snapshots of any shape, step and text, with the weights of [`attention`].
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

/// Leaves a file on which `read_snapshot.py` can be tried.
#[test]
fn a_file_for_python_is_left_in_the_target_directory() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("snapshot.safetensors");
    write(&snapshot(), &path).unwrap();
    assert!(path.exists());
}
