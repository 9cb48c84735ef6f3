//! What `data/` promises: the committed files are the generator's, whole, balanced and unseen.
//!
//! `UPDATE_EXPECT=1 cargo test -p corpus --test data` writes the test files anew after the grammar
//! has changed, and the table of data/README.md.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use corpus::bundled::{self, TEST_LENGTH, TEST_SEED};
use corpus::example::{Example, Language};
use corpus::generator::Generator;
use corpus::grammar::Grammar;
use corpus::heuristics::{Heuristic, accuracy, chance};
use corpus::jsonl;
use corpus::split::Split;
use corpus::tokenizer::Tokenizer;

/// How far an answer by position may lie from chance.
const MARGIN: f64 = 0.05;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

fn test_file(language: Language) -> PathBuf {
    data().join("test").join(format!("{}.jsonl", language.code()))
}

fn generator(language: Language, seed: u64, split: Split) -> Generator {
    let grammar = Grammar::embedded().expect("the grammar has no mistake");
    Generator::new(grammar, &[language], seed, split).expect("the grammar has texts in each split")
}

/// Whether the committed files are to be written anew instead of compared.
fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

fn examples(language: Language) -> Vec<Example> {
    generator(language, TEST_SEED, Split::Test)
        .distinct_pairs()
        .take(TEST_LENGTH / 2)
        .flatten()
        .collect()
}

fn committed(language: Language) -> Vec<Example> {
    jsonl::read(&test_file(language)).expect("the committed file is good")
}

/// The rows of a committed file; while it is being written anew, those that it will have.
fn rows(language: Language) -> Vec<Example> {
    if updating() { examples(language) } else { committed(language) }
}

fn phenomena(examples: &[Example]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for example in examples {
        if !names.contains(&example.phenomenon) {
            names.push(example.phenomenon.clone());
        }
    }
    names
}

#[test]
fn the_committed_test_files_are_what_the_generator_makes() {
    for language in Language::ALL {
        let path = test_file(language);
        let mut made = Vec::new();
        jsonl::write_to(&mut made, &examples(language)).unwrap();
        if updating() {
            std::fs::write(&path, &made).unwrap();
        }
        let hint = "UPDATE_EXPECT=1 cargo test -p corpus --test data writes it anew";
        assert!(std::fs::read(&path).unwrap() == made, "{} differs: {hint}", path.display());
    }
}

#[test]
fn every_row_parses_and_texts_are_distinct() {
    for language in Language::ALL {
        let rows = rows(language);
        assert_eq!(rows.len(), TEST_LENGTH);
        assert!(rows.iter().all(|row| row.lang == language));
        let texts: HashSet<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(texts.len(), TEST_LENGTH, "{}", language.code());
        if !updating() {
            assert_eq!(bundled::test_examples(language), rows);
        }
    }
}

#[test]
fn every_phenomenon_has_about_a_sixth_and_at_least_eight_patterns() {
    let grammar = Grammar::embedded().unwrap();
    for language in Language::ALL {
        let rows = rows(language);
        for (phenomenon, patterns) in grammar.patterns(language) {
            let n = rows.iter().filter(|row| row.phenomenon == phenomenon).count();
            assert!((320..=348).contains(&n), "{} {phenomenon}: {n}", language.code());
            assert!(patterns.len() >= 8, "{} {phenomenon}: {patterns:?}", language.code());
        }
        assert_eq!(grammar.phenomena(language), phenomena(&rows));
    }
}

#[test]
fn neighbours_are_minimal_pairs_with_another_answer() {
    for language in Language::ALL {
        for pair in examples(language).chunks(2) {
            let [first, second] = pair else { panic!("a pair without its second") };
            assert_eq!(first.pair, second.pair);
            assert_eq!(first.pair.as_ref(), Some(&first.id));
            assert_ne!(first.text, second.text);
            assert_ne!(first.antecedent, second.antecedent, "{} {}", first.text, second.text);
        }
    }
}

/// The datasheet with the table between its two marks replaced.
fn with_table(readme: &str, table: &str) -> String {
    let (before, rest) = readme.split_once("<!-- balance -->\n").expect("the mark before");
    let (_, after) = rest.split_once("<!-- end of balance -->").expect("the mark after");
    format!("{before}<!-- balance -->\n{table}\n<!-- end of balance -->{after}")
}

#[test]
fn no_position_gives_the_answer_away() {
    let mut table = String::from("| file | phenomenon | n | answerable | chance |");
    Heuristic::ALL.iter().for_each(|heuristic| table += &format!(" {} |", heuristic.name()));
    table += "\n|---|---|---|---|---|---|---|---|";
    for language in Language::ALL {
        let rows = rows(language);
        let slices = phenomena(&rows).into_iter().map(Some).chain([None]);
        for phenomenon in slices {
            let in_slice =
                |row: &&Example| phenomenon.as_ref().is_none_or(|name| *name == row.phenomenon);
            let slice: Vec<&Example> = rows.iter().filter(in_slice).collect();
            let by_chance = chance(slice.iter().copied());
            let name = phenomenon.unwrap_or_else(|| "all".to_owned());
            let n_answerable = slice.iter().filter(|row| row.antecedent.is_some()).count();
            let n = slice.len();
            table += &format!("\n| {} | {name} | {n} | {n_answerable} |", language.code());
            table += &format!(" {:.1} |", 100.0 * by_chance);
            for heuristic in Heuristic::ALL {
                let share = accuracy(heuristic, slice.iter().copied());
                table += &format!(" {:.1} |", 100.0 * share);
                // A slice of a few hundred has a standard error of three points.
                let margin = if name == "all" { MARGIN } else { 2.0 * MARGIN };
                let distance = (share - by_chance).abs();
                assert!(distance <= margin, "{}\n{table}", heuristic.name());
            }
        }
    }
    let readme = data().join("README.md");
    let text = std::fs::read_to_string(&readme).unwrap();
    if updating() {
        std::fs::write(&readme, with_table(&text, &table)).unwrap();
    }
    assert!(with_table(&text, &table) == text || updating(), "data/README.md has another table");
}

#[test]
fn no_position_gives_the_answer_away_in_a_long_stream_of_any_phenomenon() {
    for language in Language::ALL {
        let rows: Vec<Example> =
            generator(language, 4, Split::Train).examples(0).take(60_000).collect();
        for phenomenon in phenomena(&rows) {
            let slice = || rows.iter().filter(|row| row.phenomenon == phenomenon);
            let by_chance = chance(slice());
            for heuristic in Heuristic::ALL {
                let distance = (accuracy(heuristic, slice()) - by_chance).abs();
                assert!(distance <= 0.02, "{language:?} {phenomenon} {}", heuristic.name());
            }
        }
    }
}

#[test]
fn the_pronoun_and_the_commonest_noun_give_nothing_away() {
    for language in Language::ALL {
        let rows: Vec<Example> =
            generator(language, 3, Split::Train).examples(0).take(40_000).collect();
        let mut frequency: HashMap<&str, usize> = HashMap::new();
        for row in &rows {
            for word in row.candidates.iter().filter_map(|span| span.slice(&row.text)) {
                *frequency.entry(word).or_default() += 1;
            }
        }
        let commonest = |row: &Example| {
            let count = |idx: usize| row.candidates[idx].slice(&row.text).map(|w| frequency[w]);
            (0..row.candidates.len()).max_by_key(|&idx| count(idx))
        };
        let answerable: Vec<&Example> = rows.iter().filter(|r| r.antecedent.is_some()).collect();
        let n_right = answerable.iter().filter(|row| commonest(row) == row.antecedent).count();
        let share = n_right as f64 / answerable.len() as f64;
        let by_chance = chance(answerable.iter().copied());
        assert!((share - by_chance).abs() <= MARGIN, "{} {share} {by_chance}", language.code());
    }
}

#[test]
fn no_test_text_is_in_training() {
    for language in Language::ALL {
        let rows = rows(language);
        assert!(rows.iter().all(|row| Split::of(&row.text) == Split::Test));
        let texts: HashSet<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let training = generator(language, TEST_SEED, Split::Train);
        for example in training.examples(0).take(50_000) {
            assert_eq!(Split::of(&example.text), Split::Train);
            assert!(!texts.contains(example.text.as_str()), "{}", example.text);
        }
    }
}

#[test]
fn the_probes_begin_with_the_lectures_sentences() {
    let probes = bundled::probes();
    let lecture = [
        ("El robot dejó caer la pelota porque él estaba dañado.", "él", "robot"),
        ("Tom didn't come to work today because he was sick.", "he", "Tom"),
    ];
    for (probe, (text, pronoun, antecedent)) in probes.iter().zip(lecture) {
        assert_eq!(probe.text, text);
        assert_eq!(probe.pronoun.slice(text), Some(pronoun));
        let answer = probe.antecedent.and_then(|idx| probe.candidates[idx].slice(text));
        assert_eq!(answer, Some(antecedent));
    }
    let grammar = Grammar::embedded().unwrap();
    for language in Language::ALL {
        for phenomenon in grammar.phenomena(language) {
            let shown = |probe: &Example| probe.lang == language && probe.phenomenon == phenomenon;
            assert!(probes.iter().any(shown), "{} {phenomenon}", language.code());
        }
    }
}

/// A model is asked about the lecture's sentences: their words must be among those it has seen.
#[test]
fn the_words_of_the_probes_are_in_the_training_texts() {
    for language in Language::ALL {
        let training = generator(language, 1, Split::Train);
        let words = |text: &str| -> Vec<String> {
            let parts = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
            parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
        };
        let seen: HashSet<String> =
            training.examples(0).take(50_000).flat_map(|row| words(&row.text)).collect();
        for probe in bundled::probes().iter().filter(|probe| probe.lang == language) {
            for word in words(&probe.text) {
                assert!(seen.contains(&word), "{word:?} of {:?}", probe.text);
            }
        }
    }
}

/// As `configs/base.toml` has it: what the lecture is about is read whole, not in pieces.
#[test]
fn the_words_of_the_lecture_are_tokens_of_the_default_vocabulary() {
    let generator =
        Generator::new(Grammar::embedded().unwrap(), &Language::ALL, 1, Split::Train).unwrap();
    let texts = generator.examples(0).take(20_000).map(|example| example.text);
    let tokenizer = Tokenizer::train(texts, 4_000).unwrap();
    for probe in &bundled::probes()[..2] {
        let encoding = tokenizer.encode(&probe.text);
        let whole = encoding.words.iter().all(|word| word.tokens.len() == 1);
        assert!(whole, "{}", probe.text);
        assert!(!encoding.ids.contains(&tokenizer.id("[UNK]").unwrap()), "{}", probe.text);
    }
}
