//! GAP: rows, offsets, windows.

use super::*;

const HEADER: &str =
    "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL";
const ROW: &str = "dev-1\tZoë met Ann Lee in Rome. She smiled.\tShe\t25\tZoë\t0\tTRUE\tAnn Lee\t\
                   8\tFALSE\thttp://example.org";

fn file(row: &str) -> String {
    format!("{HEADER}\n{row}\n")
}

/// The complaint about the good row with one part replaced.
fn about(good: &str, bad: &str) -> String {
    assert!(ROW.contains(good), "{good} is not in the row");
    complaint(Set::Gap, "gap.tsv", &file(&ROW.replacen(good, bad, 1)))
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
fn a_table_that_is_none_is_refused() {
    let of = |content: &str| complaint(Set::Gap, "gap.tsv", content);
    assert_eq!(of(""), "gap.tsv: found no records, expected at least one");
    assert_eq!(of(HEADER), "gap.tsv: found no records, expected at least one");
    assert_eq!(
        of(&format!("{ROW}\n")),
        "gap.tsv:1: column 1, ID: found \"dev-1\", expected \"ID\", in the header"
    );
    assert_eq!(
        of(&HEADER.replace('\t', ",")),
        "gap.tsv:1: columns: found 1, expected 11, separated by tabs"
    );
    assert_eq!(
        about("\thttp://example.org", ""),
        "gap.tsv:2: columns: found 10, expected 11, separated by tabs"
    );
}

#[test]
fn an_offset_that_does_not_lead_to_its_mention_is_refused() {
    let hint = "; hint: offsets count characters, not bytes";
    assert_eq!(
        about("\t25\t", "\t26\t"),
        format!(
            "gap.tsv:2: column 4, Pronoun-offset: found \"he \" at 26, expected \"She\" \
             there{hint}"
        )
    );
    assert_eq!(
        about("\t8\t", "\t9\t"),
        format!(
            "gap.tsv:2: column 9, B-offset: found \"nn Lee \" at 9, expected \"Ann Lee\" \
             there{hint}"
        )
    );
    assert_eq!(
        about("\t0\t", "\t18446744073709551615\t"),
        format!(
            "gap.tsv:2: column 6, A-offset: found the end of the text at \
             18446744073709551615, expected \"Zoë\" there{hint}"
        )
    );
    for bad in ["", "-1", "2.5", "x"] {
        assert_eq!(
            about("\t25\t", &format!("\t{bad}\t")),
            format!(
                "gap.tsv:2: column 4, Pronoun-offset: found {bad:?}, expected a number of \
                 characters"
            )
        );
    }
}

#[test]
fn a_field_that_says_something_else_is_refused() {
    assert_eq!(
        about("\tShe\t25", "\tsmiled\t29"),
        "gap.tsv:2: column 3, Pronoun: found \"smiled\", expected he, him, his, she, her or hers"
    );
    assert_eq!(
        about("TRUE", "yes"),
        "gap.tsv:2: column 7, A-coref: found \"yes\", expected TRUE or FALSE"
    );
    assert_eq!(
        about("FALSE", "TRUE"),
        "gap.tsv:2: column 10, B-coref: found \"TRUE\", expected FALSE where A-coref is TRUE"
    );
    assert_eq!(
        about("\tZoë\t0", "\t\t0"),
        "gap.tsv:2: column 5, A: found \"\", expected a stretch of the text"
    );
    assert_eq!(
        about("dev-1", ""),
        "gap.tsv:2: column 1, ID: found \"\", expected a name for the row"
    );
    assert!(
        about("\tZoë\t0", "\tAnn\t8")
            .starts_with("gap.tsv:2: candidates[1]: found [8, 15], which overlaps"),
    );
}

#[test]
fn a_name_that_occurs_twice_is_refused_with_both_places() {
    assert_eq!(
        complaint(Set::Gap, "gap.tsv", &file(&format!("{ROW}\n\n{ROW}"))),
        "gap.tsv:4: found \"gap-dev-1\" again, expected a name of its own: gap.tsv:2 has it too"
    );
}

#[test]
fn a_byte_that_is_not_utf8_is_refused_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gap.tsv");
    fs::write(&path, [HEADER.as_bytes(), b"\ndev-\xe9"].concat()).unwrap();
    let error = import(Set::Gap, std::slice::from_ref(&path), &LONG).unwrap_err().to_string();
    let expected = "found byte 0xe9 at byte 5 of the line, expected UTF-8";
    assert!(error.starts_with(&format!("{}:2: {expected}", path.display())), "{error}");
    let missing = directory.path().join("absent.tsv");
    let error = import(Set::Gap, std::slice::from_ref(&missing), &LONG).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot read {}", missing.display()));
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
