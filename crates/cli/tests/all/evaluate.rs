//! The files and comparisons of `evaluate`: answers, plots, page, differences of runs.

use std::{fs, path::Path, sync::OnceLock};

use crate::programs::{contents, copy_directory, copy_of_trained, run, trained};
use corpus::{bundled, example::Language, jsonl, split::Split};
use serde_json::Value;
use tempfile::TempDir;

/// A run `a`, evaluated at step 10, and the same run `b`, evaluated at step 20: a copy of those that
/// were evaluated once for all tests.
fn two_runs() -> TempDir {
    static EVALUATED: OnceLock<TempDir> = OnceLock::new();
    let evaluated = EVALUATED.get_or_init(|| {
        let parent = tempfile::tempdir().unwrap();
        for (name, step) in [("a", "step-10"), ("b", "step-20")] {
            copy_directory(trained(), &parent.path().join(name));
            let arguments = [name, "--checkpoint", step, "--split", "in-distribution"];
            let ran = run(parent.path(), "evaluate", &arguments);
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        }
        parent
    });
    let copy = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        copy_directory(&evaluated.path().join(name), &copy.path().join(name));
    }
    copy
}

fn json(directory: &Path, arguments: &[&str]) -> Value {
    let ran = run(directory, "evaluate", &[arguments, &["--json"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sum(rows: &Value, key: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row[key].as_u64().unwrap()).sum()
}

/// All counts of a report are sums over the answers in the file beside it.
#[test]
fn the_numbers_of_a_report_are_those_of_its_answers() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let report = json(parent.path(), &["copy", "--split", "in-distribution"]);
    let answers = lines(&copy.join("answers.jsonl"));
    assert_eq!(answers[0]["format"], "anafora-answers");
    assert_eq!(answers[0]["sets"], report["sets"]);
    let rows = &answers[1..];
    let right = rows.iter().filter(|row| row["right"] == true).count() as u64;
    assert!(rows.iter().all(|row| (row["answer"] == row["antecedent"]) == row["right"]));
    assert_eq!((rows.len(), &report["slices"][0]["correct"]), (4000, &right.into()));
    assert_eq!((sum(&report["cells"], "n"), sum(&report["cells"], "correct")), (4000, right));
    for measure in ["distances", "candidates"] {
        // All languages, then each.
        assert_eq!(sum(&report[measure], "n"), 2 * 4000, "{measure}");
        assert_eq!(sum(&report[measure], "correct"), 2 * right, "{measure}");
    }
    assert_eq!(sum(&report["mistakes"], "n"), 4000 - right);
    assert_eq!(sum(&report["calibration"][0]["bins"], "n"), 4000);
    let both_right = report["pairs"][0]["both_right"].as_u64().unwrap();
    assert_eq!(sum(&report["pairs_by_phenomenon"], "both_right"), 2 * both_right);

    let worst = report["worst"].as_array().unwrap();
    let probabilities: Vec<f64> =
        worst.iter().map(|mistake| mistake["probability"].as_f64().unwrap()).collect();
    let greatest = (rows.iter().filter(|row| row["right"] == false))
        .map(|row| row["probability"].as_f64().unwrap())
        .fold(0.0, f64::max);
    assert_eq!((worst.len(), probabilities[0]), (20, greatest));
    assert!(probabilities.is_sorted_by(|a, b| a >= b));
}

/// The numbers in an attribute of all elements of a name, in the order of the document.
fn numbers(document: &roxmltree::Document, element: &str, attribute: &str) -> Vec<f64> {
    let nodes = document.descendants().filter(|node| node.has_tag_name(element));
    nodes.filter_map(|node| node.attribute(attribute)?.parse().ok()).collect()
}

#[test]
fn plots_show_every_number_in_its_place_on_paper_of_their_own() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let report = json(parent.path(), &["copy", "--split", "in-distribution"]);
    let page = fs::read_to_string(copy.join("report.md")).unwrap();
    let accuracies = |rows: &str| -> Vec<f64> {
        let spanish = report[rows].as_array().unwrap().iter().filter(|row| row["lang"] == "es");
        spanish.map(|row| row["accuracy"].as_f64().unwrap()).collect()
    };
    // The first circle is the mark of Spanish in the legend.
    for (name, rows, axis, sign) in
        [("phenomena", "slices", "cx", 1.0), ("distance", "distances", "cy", -1.0)]
    {
        let file = format!("report-in-distribution-{name}.svg");
        assert!(page.contains(&format!("]({file})")), "{page}");
        let svg = fs::read_to_string(copy.join(&file)).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        assert!(document.descendants().any(|node| node.attribute("class") == Some("paper")));
        let places = numbers(&document, "circle", axis);
        let accuracies = accuracies(rows);
        assert_eq!(places.len(), 1 + accuracies.len(), "{name}");
        for (place, accuracy) in places[1..].iter().zip(&accuracies) {
            let (first, base) = (places[1], accuracies[0]);
            // Pixels are rounded to a tenth.
            let is_in_order = sign * (place - first) * (accuracy - base) >= -0.1;
            assert!(is_in_order, "{name}: {places:?} {accuracies:?}");
        }
    }
    let svg = fs::read_to_string(copy.join("report-in-distribution-reliability.svg")).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let bins = report["calibration"][0]["bins"].as_array().unwrap().len();
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("path")).count(), bins);
    assert_eq!(page.matches("✗\\]").count() + page.matches(". none ").count(), 1 + 20);
}

#[test]
fn a_file_of_a_strange_name_has_plots_that_its_page_finds() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let examples = &bundled::test_examples(Split::InDistribution, Language::Es)[..6];
    jsonl::write(&parent.path().join("mío <2> & #.jsonl"), examples).unwrap();
    let ran = run(parent.path(), "evaluate", &["copy", "--data", "mío <2> & #.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let svg = fs::read_to_string(copy.join("report-mío <2> & #-phenomena.svg")).unwrap();
    roxmltree::Document::parse(&svg).unwrap();
    let page = fs::read_to_string(copy.join("report.md")).unwrap();
    assert!(page.contains("](report-m%C3%ADo%20%3C2%3E%20%26%20%23-phenomena.svg)"), "{page}");
}

#[test]
fn examples_of_gap_get_their_official_score() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let mut examples = bundled::test_examples(Split::InDistribution, Language::En)[..40].to_vec();
    for (index, example) in examples.iter_mut().enumerate() {
        let gender = ["gap-masculine", "gap-feminine"][index % 2];
        example.phenomenon = gender.to_owned();
    }
    jsonl::write(&parent.path().join("gap.jsonl"), &examples).unwrap();
    let ran = run(parent.path(), "evaluate", &["copy", "--data", "gap.jsonl"]);
    let line = ran.stdout.lines().find(|line| line.starts_with("GAP: F1 ")).unwrap();
    assert!(line.contains(" masculine, ") && line.contains(" feminine, bias "), "{line}");
    assert!(fs::read_to_string(copy.join("report.md")).unwrap().contains(line));
    let report = json(parent.path(), &["copy/report.json"]);
    assert_eq!(report["gap"][0]["accuracy"], report["slices"][0]["accuracy"]);
    assert!(
        json(parent.path(), &["copy", "--split", "in-distribution"])["gap"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn two_runs_and_their_files_have_the_same_difference() {
    let parent = two_runs();
    let answers = ["a", "b"].map(|run| lines(&parent.path().join(run).join("answers.jsonl")));
    let only = |first: usize, second: usize| {
        let rows = answers[first].iter().zip(&answers[second]).skip(1);
        rows.filter(|(one, other)| one["right"] == true && other["right"] == false).count() as u64
    };
    let files = json(parent.path(), &["a/report.json", "b/report.json"]);
    let total = &files["rows"][0];
    assert_eq!(files["format"], "anafora-comparison");
    assert_eq!((&files["a"]["step"], &files["b"]["step"]), (&10.into(), &20.into()));
    assert_eq!((&total["only_a"], &total["only_b"]), (&only(0, 1).into(), &only(1, 0).into()));
    let difference = (only(1, 0) as f64 - only(0, 1) as f64) / 4000.0;
    let number = |key: &str| total[key].as_f64().unwrap();
    assert!((number("difference") - difference).abs() < 1e-12);
    assert!(number("low") <= difference && difference <= number("high"));
    assert_eq!(
        json(parent.path(), &["a/report.json", "b", "--split", "in-distribution"])["rows"],
        files["rows"]
    );

    let ran = run(parent.path(), "evaluate", &["a/report.json", "b/report.json"]);
    assert!(ran.stdout.starts_with("A: a, step-00000010\nB: b, step-00000020\n"), "{}", ran.stdout);
    let itself = json(parent.path(), &["a/report.json", "a/report.json"]);
    assert_eq!((&itself["rows"][0]["p"], &itself["rows"][0]["high"]), (&1.0.into(), &0.0.into()));
}

#[test]
fn seeds_are_put_together_from_runs_and_reports() {
    let parent = two_runs();
    let seeds = json(parent.path(), &["--seeds", "a/report.json", "b/report.json"]);
    let accuracy = |run: &str| {
        let text = fs::read_to_string(parent.path().join(run).join("report.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["slices"][0]["accuracy"].as_f64().unwrap()
    };
    let (a, b) = (accuracy("a"), accuracy("b"));
    let number = |key: &str| seeds["slices"][0][key].as_f64().unwrap();
    assert!((number("mean") - (a + b) / 2.0).abs() < 1e-12);
    assert!((number("sd") - (a - b).abs() / 2.0_f64.sqrt()).abs() < 1e-12);
    assert_eq!(number("worst"), a.min(b));
    let ran = run(
        parent.path(),
        "evaluate",
        &["--seeds", "a/report.json", "b", "--split", "in-distribution"],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.starts_with("2 runs:\n  a, step-00000010\n  b, step-000000"));
}

#[test]
fn a_report_from_before_is_printed_and_left_alone() {
    let parent = two_runs();
    let before = contents(parent.path());
    let ran = run(parent.path(), "evaluate", &["a/report.json"]);
    assert!(ran.stdout.starts_with("a, step-00000010\n\nin-distribution "), "{}", ran.stdout);
    assert!(before == contents(parent.path()));
}

#[test]
fn runs_that_do_not_belong_together_are_refused() {
    let parent = two_runs();
    let directory = parent.path();
    jsonl::write(
        &directory.join("mine.jsonl"),
        &bundled::test_examples(Split::InDistribution, Language::Es)[..4],
    )
    .unwrap();
    assert_eq!(run(directory, "evaluate", &["b", "--data", "mine.jsonl"]).code, Some(0));
    let files = ["a/report.json", "b/report.json"];
    let parts = ["a answered in-distribution", "b mine", "hint: "];
    run(directory, "evaluate", &files).refuses(2, &parts);
    let seeds = ["--seeds", files[0], files[1]];
    run(directory, "evaluate", &seeds).refuses(2, &parts);

    let refused = |arguments: &[&str], parts: &[&str]| {
        run(directory, "evaluate", arguments).refuses(2, parts);
    };
    refused(&["a", "b", "a"], &["found 3 runs", "--seeds"]);
    refused(&["--seeds", "a"], &["--seeds: ", "1 run"]);
    refused(&["--seeds", "a", "a"], &["--seeds: ", "twice"]);
    refused(&["a/report.json", "--data", "mine.jsonl"], &["--data: ", "report"]);
    refused(&["a/report.json", "nowhere"], &["nowhere is not a run"]);
    fs::remove_file(directory.join("a/answers.jsonl")).unwrap();
    let parts = ["a/answers.jsonl", "hint: "];
    run(directory, "evaluate", &files).refuses(1, &parts);
    fs::write(directory.join("a/report.json"), "{}").unwrap();
    run(directory, "evaluate", &files[..1]).refuses(1, &["a/report.json", "format"]);
}

/// The whole analysis of heads on a few examples: the report, the page, and the plots.
#[test]
fn heads_are_asked_on_the_first_part_and_shown_in_page_plots_and_table() {
    let parent = tempfile::tempdir().unwrap();
    let copy = copy_of_trained(parent.path());
    let split = ["copy", "--split", "in-distribution"];
    assert!(json(parent.path(), &split)["heads"].is_null());
    let arguments = [&split[..], &["--heads", "--heads-examples", "96"]].concat();
    let ran = run(parent.path(), "evaluate", &arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("rank correlation"), "{}", ran.stdout);

    let report: Value =
        serde_json::from_str(&fs::read_to_string(copy.join("report.json")).unwrap()).unwrap();
    let heads = &report["heads"];
    assert_eq!((&heads["split"], &heads["step"]), (&"in-distribution".into(), &report["step"]));
    let n = heads["n"].as_u64().unwrap();
    assert!((90..140).contains(&n), "{n}");
    let rows = |key: &str| heads[key].as_array().unwrap().clone();
    let total = |row: &&Value| {
        ["lang", "phenomenon", "distance"].iter().all(|key| row.get(key).is_none_or(Value::is_null))
    };
    let n_heads = rows("scores").iter().filter(total).count();
    assert_eq!(rows("ablations").iter().filter(total).count(), 2 * n_heads);
    assert_eq!(rows("patches").len(), 1 + n_heads);
    for row in rows("ablations").iter().filter(total) {
        let sum = row["accuracy"].as_f64().unwrap() + row["drop"].as_f64().unwrap();
        assert!((sum - heads["accuracy"].as_f64().unwrap()).abs() < 1e-9 && row["n"] == n, "{row}");
    }
    let snapshots = fs::read_dir(copy.join("snapshots")).unwrap().count();
    assert_eq!(rows("growth").len(), snapshots);

    let page = fs::read_to_string(copy.join("report.md")).unwrap();
    assert!(page.contains("### Is the pretty head the cause?"), "{page}");
    for name in ["report-heads-growth.svg", "report-heads-cause.svg"] {
        assert!(page.contains(&format!("]({name})")), "{page}");
        let svg = fs::read_to_string(copy.join(name)).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        assert!(document.descendants().any(|node| node.attribute("class") == Some("paper")));
    }
}

#[test]
fn heads_are_asked_of_one_run() {
    let parent = two_runs();
    for arguments in [&["a", "b", "--heads"][..], &["a/report.json", "--heads"]] {
        run(parent.path(), "evaluate", arguments).refuses(2, &["--heads: ", "one run"]);
    }
    for arguments in [&["--seeds", "a", "b", "--heads"][..], &["a", "--heads-examples", "0"]] {
        assert_eq!(run(parent.path(), "evaluate", arguments).code, Some(2));
    }
}

#[test]
fn a_report_goes_elsewhere_and_numbers_are_printed_whatever_becomes_of_it() {
    let parent = tempfile::tempdir().unwrap();
    let copy = crate::programs::copy_of_trained(parent.path());
    let before = crate::programs::contents(&copy);
    let arguments = ["copy", "--split", "rough-text", "--out", "my reports/today"];
    let ran = run(parent.path(), "evaluate", &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("my reports/today/report.md"), "{}", ran.stdout);
    for name in ["report.md", "report.json", "answers.jsonl", "report-rough-text-phenomena.svg"] {
        assert!(parent.path().join("my reports/today").join(name).is_file(), "{name}");
    }
    assert!(before == crate::programs::contents(&copy));

    // A run that one may not write; a directory in the place of a file stands for it.
    fs::create_dir(copy.join("report.md")).unwrap();
    fs::write(copy.join("report.md/precious"), "").unwrap();
    let ran = run(parent.path(), "evaluate", &["copy", "--split", "rough-text"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("rough-text"), "{}", ran.stdout);
    assert!(ran.stderr.contains("error: cannot write copy/report.md"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--out DIR"), "{}", ran.stderr);
    run(parent.path(), "evaluate", &["copy", "copy", "--out", "x"]).refuses(2, &["--out"]);
}
