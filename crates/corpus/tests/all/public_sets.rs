//! The public data sets themselves: how many examples each gives, and how accurate position alone
//! is.
//!
//! The sets are not in the repository, so that the tests are ignored by default. data/README.md
//! says how to run them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anafora_corpus::example::{Example, Language};
use anafora_corpus::generator::Generator;
use anafora_corpus::grammar::Grammar;
use anafora_corpus::heuristics::{Heuristic, accuracy};
use anafora_corpus::import::window::Limit;
use anafora_corpus::import::{Outcome, Record, Set, import};
use anafora_corpus::jsonl;
use anafora_corpus::split::Split;
use anafora_corpus::tokenizer::Tokenizer;

const LIMIT: Limit<'static> = Limit { length: 256, tokenizer: None };

/// The paths of files below the directory `$ANAFORA_PUBLIC_SETS`.
fn paths(names: &[&str]) -> Vec<PathBuf> {
    let root = std::env::var_os("ANAFORA_PUBLIC_SETS");
    let root = PathBuf::from(root.expect("ANAFORA_PUBLIC_SETS is the directory of the sets"));
    names.iter().map(|name| root.join(name)).collect()
}

fn records(set: Set, paths: &[PathBuf], limit: &Limit<'_>) -> Vec<Record> {
    let files = import(set, paths, limit).unwrap();
    files.into_iter().flat_map(|file| file.records).collect()
}

/// The examples of these records. They must be the same after being written and read again.
fn examples(records: &[Record]) -> Vec<Example> {
    let examples: Vec<Example> = records.iter().filter_map(|r| r.example().cloned()).collect();
    let mut bytes = Vec::new();
    jsonl::write_to(&mut bytes, &examples).unwrap();
    assert_eq!(jsonl::read_from(bytes.as_slice(), Path::new("import.jsonl")).unwrap(), examples);
    examples
}

/// How many examples each phenomenon has.
fn phenomena(examples: &[Example]) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for example in examples {
        *counts.entry(&example.phenomenon).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// How many records were skipped, by reason.
fn skipped(records: &[Record]) -> Vec<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        if let Outcome::Skipped(skip) = &record.outcome {
            *counts.entry(skip.reason).or_default() += 1;
        }
    }
    counts.into_iter().collect()
}

fn percent(heuristic: Heuristic, examples: &[Example]) -> f64 {
    (1000.0 * accuracy(heuristic, examples)).round() / 10.0
}

/// The tokenizer of the default config.
fn tokenizer() -> Tokenizer {
    let grammar = Grammar::embedded().unwrap();
    let generator = Generator::new(grammar, &Language::ALL, 1, Split::Train).unwrap();
    let texts = generator.distinct_pairs().flatten().take(20_000).map(|example| example.text);
    Tokenizer::train(texts, 4000).unwrap()
}

#[test]
#[ignore = "needs GAP below ANAFORA_PUBLIC_SETS"]
fn gap_has_two_thousand_and_454_rows_half_of_each_gender() {
    let paths = paths(&["gap/gap-development.tsv", "gap/gap-validation.tsv"]);
    for (path, n) in paths.iter().zip([2000, 454]) {
        let records = records(Set::Gap, std::slice::from_ref(path), &LIMIT);
        let examples = examples(&records);
        assert_eq!(phenomena(&examples), [("gap-feminine", n / 2), ("gap-masculine", n / 2)]);
        let antecedents = examples.iter().map(|example| example.antecedent);
        let n_neither = antecedents.filter(Option::is_none).count();
        assert_eq!(n_neither, if n == 2000 { 201 } else { 62 });
    }
}

#[test]
#[ignore = "needs GAP below ANAFORA_PUBLIC_SETS"]
fn gap_fits_the_tokens_of_a_model_whole_cut_or_not_at_all() {
    let paths = paths(&["gap/gap-development.tsv"]);
    let tokenizer = tokenizer();
    let limit = Limit { length: 256, tokenizer: Some(&tokenizer) };
    let records = records(Set::Gap, &paths, &limit);
    let examples = examples(&records);
    assert!(examples.iter().all(|example| limit.length_of(&example.text) <= 256));
    let n_cut = records.iter().filter(|r| matches!(r.outcome, Outcome::Cut(..))).count();
    assert!(n_cut > 0, "the window is exercised");
    assert_eq!(examples.len() + skipped(&records).iter().map(|(_, n)| n).sum::<usize>(), 2000);
    assert!(examples.len() > 1900, "{}", examples.len());
}

#[test]
#[ignore = "needs WinoBias below ANAFORA_PUBLIC_SETS"]
fn winobias_has_four_times_396_sentences_and_position_answers_type_2() {
    let names = [
        "pro_stereotyped_type1",
        "anti_stereotyped_type1",
        "pro_stereotyped_type2",
        "anti_stereotyped_type2",
    ];
    let names = names.map(|name| format!("winobias/{name}.txt.dev"));
    let paths = paths(&names.each_ref().map(String::as_str));
    let records = records(Set::WinoBias, &paths, &LIMIT);
    let examples = examples(&records);
    let parts = ["type1-anti", "type1-pro", "type2-anti", "type2-pro"];
    let names = parts.map(|part| format!("winobias-{part}"));
    assert_eq!(phenomena(&examples), names.each_ref().map(|name| (name.as_str(), 396)));
    let (type_1, type_2) = examples.split_at(2 * 396);
    assert_eq!(percent(Heuristic::First, type_1), 50.0);
    assert_eq!(percent(Heuristic::First, type_2), 0.0);
    for couple in examples.chunks(2) {
        assert_eq!(couple[0].pair, couple[1].pair);
        let answers = [&couple[0], &couple[1]]
            .map(|e| e.candidates[e.antecedent.unwrap()].slice(&e.text).unwrap().to_lowercase());
        assert_ne!(answers[0], answers[1], "{}", couple[0].id);
    }
}

#[test]
#[ignore = "needs Winogender below ANAFORA_PUBLIC_SETS"]
fn winogender_has_720_sentences_in_pairs_and_position_answers_none() {
    let paths = paths(&["winogender/all_sentences.tsv"]);
    let records = records(Set::Winogender, &paths, &LIMIT);
    let examples = examples(&records);
    let genders = ["female", "male", "neutral"].map(|gender| format!("winogender-{gender}"));
    assert_eq!(phenomena(&examples), genders.each_ref().map(|name| (name.as_str(), 240)));
    assert_eq!(percent(Heuristic::First, &examples), 50.0);
    let mut pairs: BTreeMap<&str, Vec<&Example>> = BTreeMap::new();
    for example in &examples {
        pairs.entry(example.pair.as_ref().unwrap()).or_default().push(example);
    }
    assert_eq!(pairs.len(), 360);
    assert!(pairs.values().all(|pair| pair.len() == 2));
}

#[test]
#[ignore = "needs LitBank below ANAFORA_PUBLIC_SETS"]
fn litbank_gives_every_third_person_pronoun_or_says_why_not() {
    let folder = paths(&["litbank/coref_brat"]);
    let entries = fs::read_dir(&folder[0]).unwrap().map(|entry| entry.unwrap().path());
    let is_annotation = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "ann");
    let mut paths: Vec<PathBuf> = entries.filter(is_annotation).collect();
    paths.sort();
    assert_eq!(paths.len(), 100);
    let records = records(Set::LitBank, &paths, &LIMIT);
    let examples = examples(&records);
    assert_eq!((records.len(), examples.len()), (9357, 5421));
    let expected =
        [("litbank-he", 2773), ("litbank-it", 264), ("litbank-she", 1736), ("litbank-they", 648)];
    assert_eq!(phenomena(&examples), expected);
    let expected = [
        ("no name or noun of the chain nearby", 3244),
        ("no other chain nearby", 665),
        ("pronoun without a chain", 1),
        ("too long", 26),
    ];
    assert_eq!(skipped(&records), expected);
}

#[test]
#[ignore = "needs ctxpro below ANAFORA_PUBLIC_SETS"]
fn ctxpro_gives_1113_examples_of_3501_records() {
    let paths = paths(&["ctxpro-es/gender.opensubtitles.en-es.dev.json"]);
    let records = records(Set::CtxPro, &paths, &LIMIT);
    let examples = examples(&records);
    assert_eq!((records.len(), examples.len()), (3501, 1113));
    let expected = [
        ("ctxpro-acc-inter", 360),
        ("ctxpro-acc-intra", 257),
        ("ctxpro-nom-inter", 360),
        ("ctxpro-nom-intra", 136),
    ];
    assert_eq!(phenomena(&examples), expected);
    let expected = [
        ("antecedent too far away", 1327),
        ("antecedent's head not exactly once", 4),
        ("antecedent's phrase not exactly once", 14),
        ("fewer than two nouns of the file", 867),
        ("pronoun not exactly once", 176),
    ];
    assert_eq!(skipped(&records), expected);
    assert!(percent(Heuristic::Nearest, &examples) < 40.0, "position does not answer it");
}
