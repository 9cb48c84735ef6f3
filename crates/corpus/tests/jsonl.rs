//! Every kind of bad file is refused with one message that says where, what and what instead.

use std::error::Error;
use std::io::Cursor;
use std::path::Path;

use corpus::example::{Example, Language};
use corpus::jsonl::{self, MAX_LINE_BYTES, ReadError, validate};
use corpus::span::CharSpan;
use proptest::prelude::*;

const GOOD: &str = r#"{"id":"es-1","lang":"es","text":"Ana vio a Luis cuando él salía.","pronoun":[22,24],"candidates":[[0,3],[10,14]],"antecedent":1,"phenomenon":"gender"}"#;

/// Reads text as if it stood in `my.jsonl`.
fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<Example>, ReadError> {
    jsonl::read_from(Cursor::new(bytes.as_ref()), Path::new("my.jsonl"))
}

/// The whole message of the error and of what caused it.
fn complaint(bytes: impl AsRef<[u8]>) -> String {
    read(bytes).expect_err("the file is bad").to_string()
}

/// The complaint about the good line with one part replaced.
fn about(good: &str, bad: &str) -> String {
    assert!(GOOD.contains(good), "{good} is not in the line");
    complaint(GOOD.replace(good, bad))
}

#[test]
fn a_good_line_is_read_and_written_back_unchanged() {
    let examples = read(GOOD).unwrap();
    assert_eq!(examples[0].candidates[1].slice(&examples[0].text), Some("Luis"));
    assert_eq!(examples[0].pair, None);
    let mut written = Vec::new();
    jsonl::write_to(&mut written, &examples).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), format!("{GOOD}\n"));
}

#[test]
fn a_byte_order_mark_crlf_and_blank_lines_are_tolerated() {
    let second = GOOD.replace("es-1", "es-2");
    let examples = read(format!("\u{feff}{GOOD}\r\n\r\n  \n{second}\r\n")).unwrap();
    assert_eq!(examples.len(), 2);
}

#[test]
fn a_written_file_is_read_back_and_an_invalid_example_is_refused_before_writing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.jsonl");
    let mut examples = read(GOOD).unwrap();
    jsonl::write(&path, &examples).unwrap();
    assert_eq!(jsonl::read(&path).unwrap(), examples);

    examples[0].antecedent = Some(7);
    let error = jsonl::write(&path, &examples).unwrap_err().to_string();
    let expected = "example \"es-1\": antecedent: found 7, expected null or an index below 2, the \
                    number of candidates";
    assert_eq!(error, format!("cannot write {}: {expected}", path.display()));
    assert_eq!(jsonl::read(&path).unwrap().len(), 1, "the old file is still there");
}

#[test]
fn a_missing_file_is_named() {
    let error = jsonl::read(Path::new("nowhere/my.jsonl")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read nowhere/my.jsonl");
    assert!(error.source().unwrap().to_string().contains("No such file"));
}

#[test]
fn a_directory_is_not_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let error = jsonl::read(dir.path()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot read {}", dir.path().display()));
}

#[test]
fn an_empty_file_has_no_examples() {
    let expected = "my.jsonl: found no examples, expected at least one line of JSON";
    assert_eq!(complaint(""), expected);
    assert_eq!(complaint("\n \n"), expected);
    assert_eq!(complaint("\u{feff}"), expected);
}

#[test]
fn bytes_that_are_not_utf8_are_named_with_line_and_place() {
    let mut bytes = format!("{GOOD}\n").into_bytes();
    bytes.extend(b"{\"id\":\"caf\xe9\"}");
    assert_eq!(
        complaint(bytes),
        "my.jsonl:2: found byte 0xe9 at byte 11 of the line, expected UTF-8; hint: save the file \
         as UTF-8"
    );
}

#[test]
fn a_truncated_line_is_named_with_its_column() {
    let half = &GOOD[..40];
    assert_eq!(
        complaint(format!("{GOOD}\n{half}")),
        "my.jsonl:2: column 40: EOF while parsing a string"
    );
}

#[test]
fn what_is_not_json_is_named_with_its_column() {
    assert_eq!(complaint("text,pronoun\n"), "my.jsonl:1: column 2: expected ident");
    assert_eq!(
        complaint("[]\n"),
        "my.jsonl:1: column 2: invalid length 0, expected struct Example with 8 elements"
    );
    assert_eq!(
        complaint(format!("{GOOD} {GOOD}")),
        format!("my.jsonl:1: column {}: trailing characters", GOOD.len() + 2)
    );
}

#[test]
fn fields_that_are_unknown_missing_or_of_another_type_are_named() {
    assert_eq!(
        about("\"phenomenon\"", "\"phenomena\""),
        "my.jsonl:1: column 141: unknown field `phenomena`, expected one of `id`, `lang`, `text`, \
         `pronoun`, `candidates`, `antecedent`, `phenomenon`, `pair`"
    );
    assert_eq!(
        about(",\"phenomenon\":\"gender\"", ""),
        "my.jsonl:1: column 130: missing field `phenomenon`"
    );
    assert_eq!(
        about("[22,24]", "22"),
        "my.jsonl:1: column 80: invalid type: integer `22`, expected a tuple of size 2"
    );
    assert_eq!(
        about("[22,24]", "[-1,24]"),
        "my.jsonl:1: column 81: invalid value: integer `-1`, expected usize"
    );
    assert_eq!(
        about("\"lang\":\"es\"", "\"lang\":\"fr\""),
        "my.jsonl:1: column 24: unknown variant `fr`, expected `es` or `en`"
    );
}

#[test]
fn an_empty_or_backward_span_is_named() {
    let expected = "found [24, 24], expected a start below the end";
    assert_eq!(about("[22,24]", "[24,24]"), format!("my.jsonl:1: pronoun: {expected}"));
    let expected = "found [14, 10], expected a start below the end";
    assert_eq!(about("[10,14]", "[14,10]"), format!("my.jsonl:1: candidates[1]: {expected}"));
}

#[test]
fn a_span_outside_the_text_is_named_with_the_texts_length() {
    let expected = "expected an end of at most 31, the text's length in characters; hint: spans \
                    count characters (Unicode scalar values), not bytes";
    assert_eq!(
        about("[22,24]", "[22,32]"),
        format!("my.jsonl:1: pronoun: found [22, 32], {expected}")
    );
    assert_eq!(
        about("[10,14]", "[40,44]"),
        format!("my.jsonl:1: candidates[1]: found [40, 44], {expected}")
    );
}

#[test]
fn a_span_that_separates_a_letter_from_its_accent_is_named() {
    let decomposed = GOOD.replace("él salía", "e\u{301}l salía");
    let expected = "which splits a letter from the combining character U+0301 at 23, expected a \
                    span that keeps them together";
    let ends_before = decomposed.replace("[22,24]", "[22,23]");
    assert_eq!(complaint(ends_before), format!("my.jsonl:1: pronoun: found [22, 23], {expected}"));
    let starts_at = decomposed.replace("[22,24]", "[23,25]");
    assert_eq!(complaint(starts_at), format!("my.jsonl:1: pronoun: found [23, 25], {expected}"));
    assert!(read(decomposed.replace("[22,24]", "[22,25]")).is_ok());
}

#[test]
fn overlapping_spans_are_both_named() {
    assert_eq!(
        about("[10,14]", "[2,5]"),
        "my.jsonl:1: candidates[1]: found [2, 5], which overlaps candidates[0] [0, 3], expected \
         spans apart"
    );
    assert_eq!(
        about("[10,14]", "[20,23]"),
        "my.jsonl:1: candidates[1]: found [20, 23], which overlaps pronoun [22, 24], expected \
         spans apart"
    );
    assert_eq!(
        about("[[0,3],[10,14]]", "[[10,14],[10,14]]"),
        "my.jsonl:1: candidates[1]: found [10, 14], which overlaps candidates[0] [10, 14], \
         expected spans apart"
    );
}

#[test]
fn an_answer_that_is_no_candidate_is_named() {
    assert_eq!(
        about("\"antecedent\":1", "\"antecedent\":2"),
        "my.jsonl:1: antecedent: found 2, expected null or an index below 2, the number of \
         candidates"
    );
    assert!(read(GOOD.replace("\"antecedent\":1", "\"antecedent\":null")).is_ok());
}

#[test]
fn an_example_without_candidates_is_refused() {
    assert_eq!(
        about("[[0,3],[10,14]]", "[]"),
        "my.jsonl:1: candidates: found an empty list, expected at least one span"
    );
}

#[test]
fn fields_with_nothing_in_them_are_named() {
    let blank = |field: &str, expected: &str| {
        format!("my.jsonl:1: {field}: found nothing but white space, expected {expected}")
    };
    assert_eq!(about("Ana vio a Luis cuando él salía.", " "), blank("text", "a text"));
    assert_eq!(about("\"es-1\"", "\"\""), blank("id", "a name for the example"));
    let expected = blank("phenomenon", "a name such as \"gender\"");
    assert_eq!(about("\"gender\"", "\"\""), expected);
    let expected = blank("pair", "a name for the pair, or no such field");
    assert_eq!(about("\"gender\"}", "\"gender\",\"pair\":\"\"}"), expected);
}

#[test]
fn a_name_used_twice_is_refused_with_both_lines() {
    assert_eq!(
        complaint(format!("{GOOD}\n\n{GOOD}\n")),
        "my.jsonl:3: id: found \"es-1\", which line 1 has too, expected a name of its own"
    );
}

#[test]
fn a_line_is_read_up_to_its_limit_and_refused_above_it() {
    let padded = |n: usize| format!("{GOOD}{}\r\n", " ".repeat(n - GOOD.len() - 1));
    assert_eq!(read(padded(MAX_LINE_BYTES)).unwrap().len(), 1);
    let expected = "found a line above 1048576 bytes, expected one example of at most that length in \
                    each line";
    assert_eq!(
        complaint(format!("{GOOD}\n{}", padded(MAX_LINE_BYTES + 1))),
        format!("my.jsonl:2: {expected}")
    );
    // A file without a line end is not read to its own.
    let endless = std::io::BufReader::new(std::io::repeat(b'x'));
    let error = jsonl::read_from(endless, Path::new("my.jsonl")).unwrap_err();
    assert_eq!(error.to_string(), format!("my.jsonl:1: {expected}"));
}

#[test]
fn an_example_that_no_line_holds_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.jsonl");
    let mut examples = read(GOOD).unwrap();
    // Each NUL is six bytes in JSON.
    examples[0].text.push_str(&"\0".repeat(MAX_LINE_BYTES / 6));
    let error = jsonl::write(&path, &examples).unwrap_err().to_string();
    assert!(error.contains("example \"es-1\": found a line of 10487"), "{error}");
    assert!(!path.exists());
}

#[test]
fn an_escape_of_half_a_character_is_refused_and_one_of_a_whole_character_is_read() {
    let lone = "my.jsonl:1: column 40: unexpected end of hex escape";
    assert_eq!(about("Ana vio", "\\ud83dAna"), lone);
    let escaped = GOOD.replace("Ana vio", "\\ud83e\\udd16na vio");
    assert_eq!(read(escaped).unwrap()[0].text, "🤖na vio a Luis cuando él salía.");
}

/// An example of any text at all; its spans are whatever stretches of it are allowed.
fn any_example() -> impl Strategy<Value = Example> {
    let text = "(robot|él|e\u{301}|\u{feff}|\u{200b}|\u{202e}|ש|👩🏽‍🚀|\0|\r|\n|\u{2028}|\"|\\\\|\\PC| ){1,20}";
    let cuts = proptest::collection::vec(any::<prop::sample::Index>(), 6);
    let name = || any::<String>().prop_map(|name| format!("n{name}"));
    let pair = proptest::option::of(name());
    let valid = |(id, text, phenomenon, pair, cuts, has_answer): (
        String,
        String,
        String,
        Option<String>,
        Vec<prop::sample::Index>,
        bool,
    )| {
        let n_chars = text.chars().count();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(n_chars + 1)).collect();
        cuts.sort_unstable();
        let spans: Vec<CharSpan> =
            cuts.chunks(2).map(|cut| CharSpan::new(cut[0], cut[1])).collect();
        let (pronoun, candidates) = (spans[1], vec![spans[0], spans[2]]);
        let (lang, antecedent) = (Language::Es, has_answer.then_some(1));
        let example = Example { id, lang, text, pronoun, candidates, antecedent, phenomenon, pair };
        validate(&example).is_ok().then_some(example)
    };
    (name(), text, name(), pair, cuts, any::<bool>()).prop_filter_map("spans that fit", valid)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_to_the_last_character(example in any_example()) {
        let examples = [example];
        let mut written = Vec::new();
        jsonl::write_to(&mut written, &examples).unwrap();
        prop_assert_eq!(&read(&written).unwrap()[..], &examples[..]);
        for span in examples[0].candidates.iter().chain([&examples[0].pronoun]) {
            prop_assert!(span.slice(&examples[0].text).is_some());
        }
        // In a file from another program: with a byte order mark and CRLF.
        let (mark, end) = ("\u{feff}".as_bytes(), b"\r\n");
        let foreign = [mark, written.trim_ascii_end(), end].concat();
        prop_assert_eq!(&read(foreign).unwrap()[..], &examples[..]);
    }

    #[test]
    fn a_good_line_with_any_byte_changed_is_refused_or_makes_sense(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        match read(&bytes) {
            Ok(examples) => examples.iter().try_for_each(validate).unwrap(),
            Err(error) => prop_assert!(error.to_string().starts_with("my.jsonl"), "{}", error),
        }
    }
}
