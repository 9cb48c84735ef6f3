//! The program `corpus`: its subcommands generate, check and stats.

use std::{fs, path::Path};

use crate::programs::{Ran, contents, run};
use corpus::{
    bundled::{TEST_LENGTH, TEST_SEED},
    jsonl,
    split::Split,
};

fn corpus_in(directory: &Path, arguments: &[&str]) -> Ran {
    run(directory, "corpus", arguments)
}

#[test]
fn generate_makes_the_committed_test_files() {
    let directory = tempfile::tempdir().unwrap();
    let (seed, count) = (TEST_SEED.to_string(), TEST_LENGTH.to_string());
    for (split, lang) in [("in-distribution", "es"), ("new-words", "en")] {
        let arguments = ["generate", "--split", split, "--lang", lang, "--seed", &seed];
        let ran = corpus_in(directory.path(), &[&arguments[..], &["--count", &count]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../../data/test/{split}/{lang}.jsonl"));
        assert!(ran.stdout == fs::read_to_string(path).unwrap(), "{split} {lang}");
    }
}

#[test]
fn generate_writes_a_new_file_and_never_an_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["generate", "--count", "7", "--out", "my.jsonl"];
    let ran = corpus_in(directory.path(), &arguments);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    let examples = jsonl::read(&directory.path().join("my.jsonl")).unwrap();
    assert_eq!(examples.len(), 7);
    let languages: Vec<&str> = examples.iter().map(|example| example.lang.code()).collect();
    assert_eq!(languages, ["es", "es", "en", "en", "es", "es", "en"]);
    let before = contents(directory.path());
    corpus_in(directory.path(), &arguments).refuses(2, &["my.jsonl exists already"]);
    assert!(before == contents(directory.path()));
}

#[test]
fn check_counts_the_examples_of_every_good_file_and_names_every_wrong_one() {
    let directory = tempfile::tempdir().unwrap();
    corpus_in(directory.path(), &["generate", "--count", "48", "--out", "good.jsonl"]);
    fs::write(directory.path().join("wrong.jsonl"), "{}\n").unwrap();
    let ran = corpus_in(directory.path(), &["check", "wrong.jsonl", "good.jsonl"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("wrong.jsonl:1: column 2"), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[..3],
        ["good.jsonl", "language  phenomenon  examples", "es        all               24"]
    );
    let ran = corpus_in(directory.path(), &["check", "good.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn stats_show_that_no_cheap_answer_to_the_test_files_is_better_than_chance() {
    let ran = corpus_in(Path::new("."), &["stats"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let titles: Vec<&str> = Split::TESTS.map(Split::name).to_vec();
    let found: Vec<&str> = lines.iter().filter(|line| titles.contains(line)).copied().collect();
    assert_eq!(found, titles);
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    let expected = [
        "language",
        "phenomenon",
        "examples",
        "none",
        "chance",
        "first",
        "last",
        "nearest",
        "longest",
        "frequent",
        "words",
    ];
    assert_eq!(words, expected);
    let rows: Vec<&&str> =
        lines.iter().filter(|line| line.split_whitespace().nth(1) == Some("all")).collect();
    assert_eq!(rows.len(), 2 * titles.len());
    for row in rows {
        let numbers: Vec<f64> =
            row.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        // The last two columns may be above chance: the most frequent candidate in some splits, and the
        // words alone where a reason applies to one kind of referent only; see data/README.md.
        let [n, none, chance, heuristics @ .., _frequent, _words] = numbers.as_slice() else {
            panic!("{row}")
        };
        assert_eq!(*n, 2000.0);
        assert!(*none < 20.0, "{none}");
        for share in heuristics {
            assert!((share - chance).abs() < 5.0, "{row}");
        }
    }
}

#[test]
fn an_unknown_split_is_answered_with_the_known_ones() {
    let ran = corpus_in(Path::new("."), &["generate", "--split", "test"]);
    ran.refuses(2, &["'test'", "train, validation, in-distribution"]);
}

#[test]
fn an_unknown_language_is_answered_with_the_known_ones() {
    let ran = corpus_in(Path::new("."), &["generate", "--lang", "fr"]);
    ran.refuses(2, &["'fr'", "es or en"]);
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let arguments = ["generate", "--count", "4000"];
    let mut child = crate::programs::command(Path::new("."), "corpus", &arguments).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn convert_turns_marked_texts_into_jsonl_that_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let marked = "[1:*Ana] vio al [2:*gato] y {2:lo} {1!:llamó}.\n# a comment\n{0!:Llueve}.\n";
    fs::write(directory.path().join("mine.txt"), marked).unwrap();
    let arguments = ["convert", "--lang", "es", "mine.txt", "--out", "mine.jsonl"];
    let ran = corpus_in(directory.path(), &arguments);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    let examples = jsonl::read(&directory.path().join("mine.jsonl")).unwrap();
    let asked: Vec<&str> =
        examples.iter().map(|example| example.pronoun.slice(&example.text).unwrap()).collect();
    assert_eq!(asked, ["lo", "llamó"]);
    let before = contents(directory.path());
    corpus_in(directory.path(), &arguments).refuses(2, &["mine.jsonl exists already"]);
    assert!(before == contents(directory.path()));
}

#[test]
fn convert_names_file_line_and_column_of_a_wrong_mark() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("wrong.txt"), "\n[1:*Ana vio algo.\n").unwrap();
    fs::write(directory.path().join("empty.txt"), "# nothing\n").unwrap();
    let arguments = |file| ["convert", "--lang", "es", file];
    corpus_in(directory.path(), &arguments("wrong.txt"))
        .refuses(1, &["wrong.txt:2:1: found a mention"]);
    corpus_in(directory.path(), &arguments("empty.txt")).refuses(1, &["empty.txt: found no text"]);
    corpus_in(directory.path(), &arguments("none.txt")).refuses(1, &["cannot read none.txt"]);
}

#[test]
fn check_says_when_spans_look_as_if_they_counted_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let line = |pronoun: &str, candidate: &str| {
        format!(
            r#"{{"id":"mine-1","lang":"es","text":"Ana llamó a Luis porque él vino.","pronoun":{pronoun},"candidates":[[0,3],{candidate}],"antecedent":1,"phenomenon":"mine"}}"#
        )
    };
    fs::write(directory.path().join("bytes.jsonl"), line("[25,28]", "[13,17]")).unwrap();
    fs::write(directory.path().join("characters.jsonl"), line("[24,26]", "[12,16]")).unwrap();
    let ran = corpus_in(directory.path(), &["check", "bytes.jsonl", "characters.jsonl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("bytes.jsonl: 2 of 3 spans begin or end inside a word"));
    assert!(ran.stderr.contains("spans count characters"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("characters.jsonl"), "{}", ran.stderr);
}
