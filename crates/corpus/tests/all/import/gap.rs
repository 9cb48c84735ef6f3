//! GAP: rows, offsets, and the sentences that are kept of long snippets.

use anafora_corpus::jsonl::InvalidExample;

use super::*;

const HEADER: &str =
    "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL";
const ROW: &str = "dev-1\tZoë met Ann Lee in Rome. She smiled.\tShe\t25\tZoë\t0\tTRUE\tAnn Lee\t\
                   8\tFALSE\thttp://example.org";

fn file(row: &str) -> String {
    format!("{HEADER}\n{row}\n")
}

/// The error about the good row with one part replaced.
fn about(good: &str, bad: &str) -> ImportError {
    assert!(ROW.contains(good), "{good} is not in the row");
    error(Set::Gap, "gap.tsv", &file(&ROW.replacen(good, bad, 1)))
}

/// Checks that the row is refused after this change, at line 2, for this column.
fn refused(good: &str, bad: &str, [column, found]: [&str; 2]) {
    check_malformed(&about(good, bad), 2, [column, found]);
}

#[test]
fn a_row_becomes_an_example_with_a_and_b_in_this_order() {
    let records = records(Set::Gap, "gap.tsv", &file(ROW));
    let example = records[0].example().unwrap();
    assert_eq!(spans(example), ("She", vec!["Zoë", "Ann Lee"], Some("Zoë")));
    assert_eq!((example.id.as_str(), example.phenomenon.as_str()), ("gap-dev-1", "gap-feminine"));
    assert_eq!((records[0].line, example.lang.code(), &example.pair), (2, "en", &None));
}

#[test]
fn the_answer_is_a_b_or_neither_and_the_gender_is_the_pronouns() {
    let rows = [
        ROW.replace("TRUE", "FALSE"),
        ROW.replace("TRUE", "x").replace("FALSE", "true").replace("x", "false"),
        ROW.replace("She", "He ").replace("\tHe \t", "\tHe\t"),
    ];
    let row = |(n, row): (usize, &String)| row.replace("dev-1", &format!("dev-{n}"));
    let rows: Vec<String> = rows.iter().enumerate().map(row).collect();
    let records = records(Set::Gap, "gap.tsv", &file(&rows.join("\n")));
    let answers: Vec<_> = records.iter().map(|r| r.example().unwrap().antecedent).collect();
    assert_eq!(answers, [None, Some(1), Some(0)]);
    assert_eq!(records[2].example().unwrap().phenomenon, "gap-masculine");
}

#[test]
fn a_byte_order_mark_and_crlf_are_tolerated() {
    let content = format!("\u{feff}{}", file(ROW).replace('\n', "\r\n"));
    assert_eq!(records(Set::Gap, "gap.tsv", &content).len(), 1);
}

#[test]
fn a_table_with_other_columns_or_without_rows_is_refused() {
    let of = |content: &str| error(Set::Gap, "gap.tsv", content);
    assert!(matches!(of(""), ImportError::Empty { .. }));
    assert!(matches!(of(HEADER), ImportError::Empty { .. }));
    check_malformed(&of(&format!("{ROW}\n")), 1, ["column 1, ID", "dev-1"]);
    check_malformed(&of(&HEADER.replace('\t', ",")), 1, ["columns", "1"]);
    refused("\thttp://example.org", "", ["columns", "10"]);
}

#[test]
fn a_message_has_file_line_column_found_and_expected() {
    let message = about("TRUE", "yes").to_string();
    let expected = "gap.tsv:2: column 7, A-coref: found \"yes\", expected TRUE or FALSE";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn an_offset_that_does_not_lead_to_its_mention_is_refused() {
    refused("\t25\t", "\t26\t", ["column 4, Pronoun-offset", "\"he \" at 26"]);
    refused("\t8\t", "\t9\t", ["column 9, B-offset", "\"nn Lee \" at 9"]);
    let max = usize::MAX.to_string();
    refused("\t0\t", &format!("\t{max}\t"), ["column 6, A-offset", &max]);
    for bad in ["", "-1", "2.5", "x"] {
        let found = format!("{bad:?}");
        refused("\t25\t", &format!("\t{bad}\t"), ["column 4, Pronoun-offset", &found]);
    }
    assert!(about("\t25\t", "\t26\t").to_string().contains("hint: offsets count characters"));
}

#[test]
fn a_field_that_says_something_else_is_refused() {
    refused("\tShe\t25", "\tsmiled\t29", ["column 3, Pronoun", "smiled"]);
    refused("TRUE", "yes", ["column 7, A-coref", "yes"]);
    refused("FALSE", "TRUE", ["column 10, B-coref", "TRUE"]);
    refused("\tZoë\t0", "\t\t0", ["column 5, A", "\"\""]);
    refused("dev-1", "", ["column 1, ID", "\"\""]);
    let ImportError::Invalid { line, source, .. } = about("\tZoë\t0", "\tAnn\t8") else {
        panic!()
    };
    assert_eq!(line, 2);
    assert!(matches!(source, InvalidExample::Overlap { .. }), "{source}");
}

#[test]
fn an_id_that_occurs_twice_is_refused_with_both_places() {
    let error = error(Set::Gap, "gap.tsv", &file(&format!("{ROW}\n\n{ROW}")));
    let ImportError::DuplicateId { line, first, id, .. } = error else { panic!("{error}") };
    assert_eq!((line, first, id.as_str()), (4, 2, "gap-dev-1"));
}

#[test]
fn a_byte_that_is_not_utf8_is_refused_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gap.tsv");
    fs::write(&path, [HEADER.as_bytes(), b"\ndev-\xe9"].concat()).unwrap();
    let error = import(Set::Gap, std::slice::from_ref(&path), &LONG).unwrap_err();
    let is_found = matches!(error, ImportError::NotUtf8 { line: 2, column: 5, byte: 0xe9, .. });
    assert!(is_found, "{error}");
    let missing = directory.path().join("absent.tsv");
    let error = import(Set::Gap, std::slice::from_ref(&missing), &LONG).unwrap_err();
    assert!(matches!(error, ImportError::Io { path, .. } if path == missing));
}

const SENTENCES: &str = "dev-1\tIt was May. Mr. A. Fox met Eva. She ran. He did not. All left. End.\t\
                         He\t41\tFox\t19\tTRUE\tEva\t27\tFALSE\tx";

fn cut(length: usize) -> Record {
    let limit = Limit { length, tokenizer: None };
    import_files(Set::Gap, &[("gap.tsv", &file(SENTENCES))], &limit).unwrap().remove(0)
}

/// The sentences have 4, 8, 3, 4, 3 and 2 words.
#[test]
fn a_long_snippet_keeps_whole_sentences_around_what_is_asked() {
    let needed = "Mr. A. Fox met Eva. She ran. He did not.";
    let cases = [
        (24, "It was May. Mr. A. Fox met Eva. She ran. He did not. All left. End.", None),
        (23, "It was May. Mr. A. Fox met Eva. She ran. He did not. All left.", Some(5)),
        (21, "It was May. Mr. A. Fox met Eva. She ran. He did not.", Some(4)),
        (18, "Mr. A. Fox met Eva. She ran. He did not. All left.", Some(4)),
        (16, needed, Some(3)),
    ];
    for (length, text, kept) in cases {
        let record = cut(length);
        let example = record.example().unwrap();
        assert_eq!(example.text, text, "{length}");
        assert_eq!(spans(example), ("He", vec!["Fox", "Eva"], Some("Fox")), "{length}");
        let note = kept.map(|kept| format!("{kept} of 6 sentences kept"));
        match (&record.outcome, note) {
            (Outcome::Whole(_), None) => {}
            (Outcome::Cut(_, found), Some(note)) => assert_eq!(*found, note),
            (outcome, _) => panic!("{length}: {outcome:?}"),
        }
    }
}

#[test]
fn a_snippet_whose_question_alone_is_too_long_is_skipped() {
    let record = cut(14);
    assert_eq!(
        (skip(&record).reason, skip(&record).detail.as_str()),
        ("too long", "15 words, at most 14 fit")
    );
    assert_eq!((record.line, record.id.as_str()), (2, "gap-dev-1"));
}
