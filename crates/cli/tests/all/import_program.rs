//! The program `corpus import`: public sets become files that `corpus check` accepts, and every record
//! that is left out is reported.

use std::{fs, path::Path};

use crate::programs::{Ran, contents, run};
use corpus::{jsonl, tokenizer::Tokenizer};

const GAP: &str = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL\n\
                   dev-1\tIt rained a lot. Zoë met Ann. She smiled.\tShe\t30\tZoë\t17\tTRUE\tAnn\t25\tFALSE\tx\n\
                   dev-2\tBob and Tom left when they saw that he ran.\the\t36\tBob\t0\tFALSE\tTom\t8\tFALSE\tx\n";

fn import(directory: &Path, arguments: &[&str]) -> Ran {
    run(directory, "corpus", &[&["import"], arguments].concat())
}

fn gap(directory: &Path) {
    fs::write(directory.join("gap.tsv"), GAP).unwrap();
}

#[test]
fn examples_go_to_stdout_and_the_account_to_stderr() {
    let directory = tempfile::tempdir().unwrap();
    gap(directory.path());
    let ran = import(directory.path(), &["gap", "gap.tsv"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr, "records: 2\nwhole: 2\ncut: 0\nskipped: 0\n");
    let first = "{\"id\":\"gap-dev-1\",\"lang\":\"en\",\"text\":\"It rained a lot. Zoë met Ann. She \
                 smiled.\",\"pronoun\":[30,33],\"candidates\":[[17,20],[25,28]],\"antecedent\":0,\
                 \"phenomenon\":\"gap-feminine\"}\n";
    assert!(ran.stdout.starts_with(first), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 2);
}

#[test]
fn what_is_cut_or_skipped_is_named_with_its_place_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    gap(directory.path());
    let ran = import(directory.path(), &["gap", "gap.tsv", "--window", "8", "--out", "my.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    let beginnings = [
        "gap.tsv:2: gap-dev-1: cut: 2 of 3",
        "gap.tsv:3: gap-dev-2: skipped: too long: 11 words",
        "records: 2",
        "whole: 0",
        "cut: 1",
        "skipped: 1",
        "  too long: 1",
    ];
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), beginnings.len(), "{}", ran.stderr);
    for (line, beginning) in lines.iter().zip(beginnings) {
        assert!(line.starts_with(beginning), "{line}");
    }
    let examples = jsonl::read(&directory.path().join("my.jsonl")).unwrap();
    assert_eq!(examples[0].text, "Zoë met Ann. She smiled.");
    assert_eq!(examples.len(), 1);
}

#[test]
fn a_tokenizer_makes_the_window_count_its_tokens() {
    let directory = tempfile::tempdir().unwrap();
    gap(directory.path());
    let tokenizer = Tokenizer::train(["Zoë met Ann. She smiled."; 9], 300).unwrap();
    tokenizer.save(&directory.path().join("tokenizer.json")).unwrap();
    let window = tokenizer.encode("Zoë met Ann. She smiled.").ids.len().to_string();
    let arguments = ["gap", "gap.tsv", "--tokenizer", "tokenizer.json", "--window", &window];
    let ran = import(directory.path(), &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("gap-dev-1: cut: 2 of 3"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("at most {window}")), "{}", ran.stderr);
    import(directory.path(), &["gap", "gap.tsv", "--tokenizer", "gap.tsv"])
        .refuses(1, &["gap.tsv"]);
}

#[test]
fn a_wrong_file_is_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("gap.tsv"), GAP.replace("\t30\t", "\t31\t")).unwrap();
    let before = contents(directory.path());
    import(directory.path(), &["gap", "gap.tsv", "--output", "my.jsonl"])
        .refuses(1, &["gap.tsv:2: column 4", "Pronoun-offset", "31", "\"She\"", "characters"]);
    import(directory.path(), &["gap", "absent.tsv"]).refuses(1, &["absent.tsv"]);
    assert!(before == contents(directory.path()));
}

#[test]
fn an_old_file_is_never_written_over() {
    let directory = tempfile::tempdir().unwrap();
    gap(directory.path());
    let before = contents(directory.path());
    import(directory.path(), &["gap", "gap.tsv", "--out", "gap.tsv"])
        .refuses(2, &["gap.tsv exists already"]);
    assert!(before == contents(directory.path()));
}

#[test]
fn a_file_of_which_nothing_is_left_is_an_error_that_says_why() {
    let directory = tempfile::tempdir().unwrap();
    gap(directory.path());
    import(directory.path(), &["gap", "gap.tsv", "--window", "1"])
        .refuses(1, &["gap.tsv:2: gap-dev-1: skipped: too long", "no example is left"]);
}

#[test]
fn every_set_has_its_name_and_an_unknown_one_is_answered_with_them() {
    let directory = tempfile::tempdir().unwrap();
    let write =
        |name: &str, content: &str| fs::write(directory.path().join(name), content).unwrap();
    write("pro_stereotyped_type1.txt.dev", "1 [The guard] saw the chief as [she] left.\n");
    write(
        "all.tsv",
        "sentid\tsentence\npilot.guest.0.male.txt\tThe pilot saw the guest and his dog.\n",
    );
    write("a.txt", "Ann saw Eve . She ran .\n");
    write(
        "a.ann",
        "T1\tPROP_PER 0 3\tAnn\nT2\tAnn-0 0 3\tAnn\nT3\tPROP_PER 8 11\tEve\nT4\tEve-1 8 11\tEve\n\
         T5\tPRON_PER 14 17\tShe\nT6\tAnn-0 14 17\tShe\n",
    );
    write(
        "es.json",
        r#"[{"expected":"lo","ante distance":0,"ref ante head":"queso","ref ante head lemma":"queso",
        "ref ante phrase":"el queso","ref segment":"Con el queso vino pan y lo comí.",
        "ref ante segment":"Con el queso vino pan y lo comí.","segment id":1,"document id":"d",
        "rule":"ACC.MASC.SING"},{"expected":"lo","ante distance":3,"ref ante head":"pan",
        "ref ante head lemma":"pan","ref ante phrase":"pan","ref segment":"Lo vi.",
        "ref ante segment":"Hay pan.","segment id":2,"document id":"d","rule":"ACC.MASC.SING"}]"#,
    );
    let sets = [
        ("winobias", "pro_stereotyped_type1.txt.dev", "winobias-type1-pro"),
        ("winogender", "all.tsv", "winogender-male"),
        ("litbank", "a.ann", "litbank-she"),
        ("ctxpro", "es.json", "ctxpro-acc-intra"),
    ];
    for (set, file, phenomenon) in sets {
        let ran = import(directory.path(), &[set, file]);
        assert_eq!(ran.code, Some(0), "{set}: {}", ran.stderr);
        let examples = jsonl::read_from(ran.stdout.as_bytes(), Path::new(set)).unwrap();
        assert_eq!((examples.len(), examples[0].phenomenon.as_str()), (1, phenomenon));
    }
    let known = "gap, winobias, winogender, litbank, ctxpro";
    import(directory.path(), &["ontonotes", "x"]).refuses(2, &["'ontonotes'", known]);
}
