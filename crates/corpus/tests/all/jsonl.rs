//! Every kind of bad file is refused with an error that says where the mistake is and what it is.

use std::error::Error;
use std::io::Cursor;
use std::path::Path;

use anafora_corpus::example::{Example, Language};
use anafora_corpus::jsonl::{
    self, Field, InvalidExample, MAX_LINE_BYTES, ReadError, WriteError, validate,
};
use anafora_corpus::span::CharSpan;
use files::text::NotText;
use proptest::prelude::*;

const GOOD: &str = r#"{"id":"es-1","lang":"es","text":"Ana vio a Luis cuando él salía.","pronoun":[22,24],"candidates":[[0,3],[10,14]],"antecedent":1,"phenomenon":"gender"}"#;

/// Reads a text as the content of `my.jsonl`.
fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<Example>, ReadError> {
    jsonl::read_from(Cursor::new(bytes.as_ref()), Path::new("my.jsonl"))
}

/// The error about a bad file.
fn error(bytes: impl AsRef<[u8]>) -> ReadError {
    read(bytes).expect_err("the file is bad")
}

/// The good line with one part replaced.
fn with(good: &str, bad: &str) -> String {
    assert!(GOOD.contains(good), "{good} is not in the line");
    GOOD.replace(good, bad)
}

/// What is wrong with the example of `line`, which is the first line of its file.
fn invalid(line: &str) -> InvalidExample {
    match error(line) {
        ReadError::Invalid { line: 1, source, .. } => source,
        error => panic!("{error}"),
    }
}

/// The column of the JSON parser's error about a line, whose message contains `word`.
fn json_column(line: &str, word: &str) -> usize {
    match error(line) {
        ReadError::Json { line: 1, column, source, .. } => {
            assert!(source.to_string().contains(word), "{word:?} is not in {source}");
            column
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_message_begins_with_the_file_the_line_and_the_field() {
    let message = error(format!("\n{}", with("[22,24]", "[24,24]"))).to_string();
    assert!(message.starts_with("my.jsonl:2: pronoun: found [24, 24]"), "{message}");
    let message = error(with("\"es\"", "\"fr\"")).to_string();
    assert!(message.starts_with("my.jsonl:1: column 24: "), "{message}");
    assert!(!message.contains("at line"), "{message}");
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
    let error = jsonl::write(&path, &examples).unwrap_err();
    let WriteError::Invalid { id, source, .. } = error else { panic!("{error}") };
    assert_eq!(id, "es-1");
    assert_eq!(source, InvalidExample::NoSuchCandidate { found: 7, n_candidates: 2 });
    assert_eq!(jsonl::read(&path).unwrap().len(), 1, "the old file is still there");
}

#[test]
fn a_missing_file_is_named() {
    let error = jsonl::read(Path::new("nowhere/my.jsonl")).unwrap_err();
    assert!(matches!(error, ReadError::Io { .. }), "{error}");
    assert!(error.to_string().contains("nowhere/my.jsonl"), "{error}");
    assert!(error.source().unwrap().to_string().contains("No such file"));
}

#[test]
fn a_directory_is_not_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let error = jsonl::read(dir.path()).unwrap_err();
    assert!(matches!(error, ReadError::Io { ref path, .. } if path == dir.path()), "{error}");
}

#[test]
fn an_empty_file_has_no_examples() {
    for text in ["", "\n \n", "\u{feff}"] {
        assert!(matches!(error(text), ReadError::Empty { .. }), "{text:?}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_named_with_line_and_place() {
    let mut bytes = format!("{GOOD}\n").into_bytes();
    bytes.extend(b"{\"id\":\"caf\xe9\"}");
    let error = error(bytes);
    let byte = NotText::Byte { byte: 0xe9, column: 11 };
    let is_found = matches!(&error, ReadError::NotText { line: 2, source, .. } if *source == byte);
    assert!(is_found, "{error}");
}

#[test]
fn other_encodings_and_compressed_files_are_named_with_their_remedy() {
    let utf_16: Vec<u8> = GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, remedy) in [
        (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "gunzip -c"),
        ([&b"\xff\xfe"[..], &utf_16].concat(), "iconv -f UTF-16 -t UTF-8"),
        (utf_16, "iconv -f UTF-16LE -t UTF-8"),
    ] {
        let error = error(bytes).to_string();
        assert!(error.starts_with("my.jsonl:1: ") && error.contains(remedy), "{error}");
    }
}

#[test]
fn a_byte_order_mark_in_the_middle_as_cat_leaves_it_is_no_mistake() {
    let second = with("\"id\":\"", "\"id\":\"second-");
    let read = read(format!("\u{feff}{GOOD}\n\u{feff}{second}\n")).unwrap();
    assert_eq!(read.len(), 2);
}

#[test]
fn arrays_and_other_values_are_no_examples() {
    for (text, found) in [
        (format!("[{GOOD}]"), "found an array"),
        (format!("[\n{GOOD}\n]"), "found the beginning of an array"),
        (r#"["mine-1","es","Ana lo vio.",[4,6],[[0,3]],null,"mine"]"#.to_owned(), "found an array"),
        ("17".to_owned(), "found a number"),
        ("\"text\"".to_owned(), "found a string"),
    ] {
        let error = error(text).to_string();
        assert!(error.starts_with("my.jsonl:1: ") && error.contains(found), "{error}");
        assert!(error.contains("expected an object"), "{error}");
    }
}

#[test]
fn a_truncated_line_is_named_with_its_column() {
    let error = error(format!("{GOOD}\n{}", &GOOD[..40]));
    assert!(matches!(error, ReadError::Json { line: 2, column: 40, .. }), "{error}");
}

#[test]
fn what_is_not_json_is_named_with_its_column() {
    assert_eq!(json_column("text,pronoun\n", "expected"), 2);
    assert_eq!(json_column(&format!("{GOOD} {GOOD}"), "trailing"), GOOD.len() + 2);
}

#[test]
fn what_other_programs_write_is_named_with_its_field_and_without_types_of_rust() {
    let mention = r#"{"id":"1","lang":"en","text":"Tom ran.","mentions":[{"span":[0,"3"]}]}"#;
    for (line, expected) in [
        (
            with("\"antecedent\":1", "\"antecedent\":NaN"),
            "antecedent: found NaN, expected null or a number",
        ),
        (
            with("\"antecedent\":1", "\"antecedent\":-Infinity"),
            "antecedent: found -Infinity, expected null",
        ),
        (
            with("\"antecedent\":1", "\"antecedent\":None"),
            "antecedent: found None, expected a value",
        ),
        (
            with("\"antecedent\":1", "\"antecedent\":-42"),
            "antecedent: found -42, expected the index of a candidate or null",
        ),
        (
            with("\"antecedent\":1", "\"antecedent\":true"),
            "antecedent: found boolean `true`, expected a number",
        ),
        (
            with("[22,24]", "[22,\"24\"]"),
            "pronoun[1]: found string \"24\", expected a whole number from 0",
        ),
        (with("[22,24]", "[22,24,26]"), "pronoun: "),
        (with("Ana vio", "\\udc00Ana"), "text: found one half of a surrogate pair, expected both"),
        (
            mention.to_owned(),
            "mentions[0].span[1]: found string \"3\", expected a whole number from 0",
        ),
        ("\0\0\0".to_owned(), "found \\0, expected a value"),
        (
            format!("{GOOD}\r{GOOD}\r"),
            "found a carriage return without a line feed, expected one object in each line; hint: tr",
        ),
    ] {
        let message = error(line).to_string();
        let (_, what) =
            message.split_once(": ").and_then(|(_, rest)| rest.split_once(": ")).unwrap();
        assert!(what.starts_with(expected), "{message}");
        assert!(
            !["usize", "f64", "struct", "tuple"].iter().any(|rust| what.contains(rust)),
            "{message}"
        );
    }
}

#[test]
fn fields_that_are_missing_or_of_another_type_are_named() {
    let column = |good: &str, bad: &str, word: &str| json_column(&with(good, bad), word);
    assert_eq!(column("\"phenomenon\"", "\"phenomena\"", "missing field `phenomenon`"), 151);
    let message = error(with("\"phenomenon\"", "\"phenomena\"")).to_string();
    assert!(
        message.ends_with("missing field `phenomenon`; hint: is phenomena meant?"),
        "{message}"
    );
    assert_eq!(column(",\"phenomenon\":\"gender\"", "", "missing field `phenomenon`"), 130);
    assert_eq!(column(",\"antecedent\":1", "", "missing field `antecedent`"), 137);
    let found = "found 1.5, expected the index of a candidate or null";
    assert_eq!(column("\"antecedent\":1", "\"antecedent\":1.5", found), 131);
    assert_eq!(column("[22,24]", "22", "integer `22`"), 80);
    assert_eq!(column("[22,24]", "[-1,24]", "integer `-1`"), 81);
    assert_eq!(column("\"lang\":\"es\"", "\"lang\":\"fr\"", "`fr`"), 24);
}

#[test]
fn fields_that_are_unknown_are_passed_over_and_named_once_with_their_likely_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("my.jsonl");
    let odd = |id: &str| {
        with("es-1", id).replace("\"lang\"", "\"source\":{\"page\":3},\"agreing\":[1],\"lang\"")
    };
    let mentions = r#"{"id":"t","lang":"es","text":"Ana vio a Luis y lo saludó.","mentions":[
        {"span":[0,3],"head":0,"chain":1,"score":0.5},{"span":[10,14],"head":10,"chain":2},
        {"span":[17,19],"anaphor":true,"chain":2,"score":0.5}]}"#;
    let mentions = mentions.replace('\n', " ");
    std::fs::write(&path, format!("{GOOD}\n{}\n{}\n{mentions}\n", odd("b"), odd("c"))).unwrap();
    let contents = jsonl::read_contents(&path).unwrap();
    assert_eq!(contents.texts.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let expected = format!(
        "{}: fields that are not read: agreing (line 2; is agreeing meant?), mentions.score (line 4), \
         source (line 2)",
        path.display()
    );
    assert_eq!(contents.notices, [expected]);
    let many: String = (0..30).map(|n| format!("\"extra{n:02}\":1,")).collect();
    std::fs::write(&path, with("\"lang\"", &format!("{many}\"lang\""))).unwrap();
    let [notice] = &jsonl::read_contents(&path).unwrap().notices[..] else { panic!() };
    assert!(notice.ends_with("extra07 (line 1) and 22 more"), "{notice}");
}

#[test]
fn an_empty_or_backward_span_is_named() {
    let span = CharSpan::new(24, 24);
    let expected = InvalidExample::EmptySpan { field: Field::Pronoun, span };
    assert_eq!(invalid(&with("[22,24]", "[24,24]")), expected);
    let span = CharSpan::new(14, 10);
    let expected = InvalidExample::EmptySpan { field: Field::Candidate(1), span };
    assert_eq!(invalid(&with("[10,14]", "[14,10]")), expected);
}

#[test]
fn a_span_outside_the_text_is_named_with_the_texts_length() {
    let outside = |field, start, end| InvalidExample::OutsideText {
        field,
        span: CharSpan::new(start, end),
        n_chars: 31,
    };
    assert_eq!(invalid(&with("[22,24]", "[22,32]")), outside(Field::Pronoun, 22, 32));
    assert_eq!(invalid(&with("[10,14]", "[40,44]")), outside(Field::Candidate(1), 40, 44));
}

#[test]
fn a_span_that_separates_a_letter_from_its_accent_is_named() {
    let decomposed = GOOD.replace("él salía", "e\u{301}l salía");
    let splits = |start, end| {
        let (field, span) = (Field::Pronoun, CharSpan::new(start, end));
        InvalidExample::SplitsCharacter { field, span, mark: '\u{301}', at: 23 }
    };
    assert_eq!(invalid(&decomposed.replace("[22,24]", "[22,23]")), splits(22, 23));
    assert_eq!(invalid(&decomposed.replace("[22,24]", "[23,25]")), splits(23, 25));
    assert!(read(decomposed.replace("[22,24]", "[22,25]")).is_ok());
}

#[test]
fn overlapping_spans_are_both_named() {
    let overlap = |span: (usize, usize), other: Field, other_span: (usize, usize)| {
        let (span, other_span) = (CharSpan::from(span), CharSpan::from(other_span));
        InvalidExample::Overlap { field: Field::Candidate(1), span, other, other_span }
    };
    let expected = overlap((2, 5), Field::Candidate(0), (0, 3));
    assert_eq!(invalid(&with("[10,14]", "[2,5]")), expected);
    let expected = overlap((20, 23), Field::Pronoun, (22, 24));
    assert_eq!(invalid(&with("[10,14]", "[20,23]")), expected);
    let expected = overlap((10, 14), Field::Candidate(0), (10, 14));
    assert_eq!(invalid(&with("[[0,3],[10,14]]", "[[10,14],[10,14]]")), expected);
}

#[test]
fn a_span_without_a_word_and_candidates_within_one_word_are_named() {
    let span = CharSpan::new(14, 15);
    let expected = InvalidExample::NoWord { field: Field::Candidate(1), span };
    assert_eq!(invalid(&with("[10,14]", "[14,15]")), expected);
    let (field, other) = (Field::Candidate(1), Field::Candidate(0));
    let expected = InvalidExample::SharedWord { field, other, word: "Luis".to_owned() };
    assert_eq!(invalid(&with("[[0,3],[10,14]]", "[[10,12],[12,14]]")), expected);
}

#[test]
fn an_answer_that_is_no_candidate_is_named() {
    let expected = InvalidExample::NoSuchCandidate { found: 2, n_candidates: 2 };
    assert_eq!(invalid(&with("\"antecedent\":1", "\"antecedent\":2")), expected);
    assert!(read(with("\"antecedent\":1", "\"antecedent\":null")).is_ok());
    let expected = InvalidExample::NoSuchAgreeing { found: 2, n_candidates: 2 };
    assert_eq!(invalid(&with("\"antecedent\":1", "\"antecedent\":1,\"agreeing\":[1,2]")), expected);
    assert!(read(with("\"antecedent\":1", "\"antecedent\":1,\"agreeing\":[1]")).is_ok());
}

#[test]
fn an_example_without_candidates_is_refused() {
    assert_eq!(invalid(&with("[[0,3],[10,14]]", "[]")), InvalidExample::NoCandidates);
}

#[test]
fn blank_fields_are_named() {
    let blank = |good: &str, bad: &str| match invalid(&with(good, bad)) {
        InvalidExample::Blank { field, .. } => field,
        other => panic!("{other}"),
    };
    assert_eq!(blank("Ana vio a Luis cuando él salía.", " "), "text");
    assert_eq!(blank("\"es-1\"", "\"\""), "id");
    assert_eq!(blank("\"gender\"", "\"\""), "phenomenon");
    assert_eq!(blank("\"gender\"}", "\"gender\",\"pair\":\"\"}"), "pair");
}

#[test]
fn an_id_used_twice_is_refused_with_both_lines() {
    let error = error(format!("{GOOD}\n\n{GOOD}\n"));
    let ReadError::DuplicateId { line, first, id, .. } = error else { panic!("{error}") };
    assert_eq!((line, first, id.as_str()), (3, 1, "es-1"));
}

#[test]
fn a_line_is_read_up_to_its_limit_and_refused_above_it() {
    let padded = |n: usize| format!("{GOOD}{}\r\n", " ".repeat(n - GOOD.len() - 1));
    assert_eq!(read(padded(MAX_LINE_BYTES)).unwrap().len(), 1);
    let error = error(format!("{GOOD}\n{}", padded(MAX_LINE_BYTES + 1)));
    assert!(matches!(error, ReadError::LongLine { line: 2, .. }), "{error}");
    // A line without end is not read to its end.
    let endless = std::io::BufReader::new(std::io::repeat(b'x'));
    let error = jsonl::read_from(endless, Path::new("my.jsonl")).unwrap_err();
    assert!(matches!(error, ReadError::LongLine { line: 1, .. }), "{error}");
}

#[test]
fn an_example_that_is_too_long_for_a_line_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mine.jsonl");
    let mut examples = read(GOOD).unwrap();
    // Each NUL is six bytes in JSON.
    examples[0].text.push_str(&"\0".repeat(MAX_LINE_BYTES / 6));
    let error = jsonl::write(&path, &examples).unwrap_err();
    let WriteError::LongLine { id, n_bytes, .. } = error else { panic!("{error}") };
    assert_eq!(id, "es-1");
    assert!(n_bytes > MAX_LINE_BYTES, "{n_bytes}");
    assert!(!path.exists());
}

#[test]
fn an_escape_of_half_a_character_is_refused_and_one_of_a_whole_character_is_read() {
    assert_eq!(json_column(&with("Ana vio", "\\ud83dAna"), "hex escape"), 40);
    let escaped = with("Ana vio", "\\ud83e\\udd16na vio");
    assert_eq!(read(escaped).unwrap()[0].text, "🤖na vio a Luis cuando él salía.");
}

#[test]
fn a_whole_number_with_a_point_is_an_index_as_pandas_writes_it() {
    let written = read(with("\"antecedent\":1", "\"antecedent\":1.0")).unwrap();
    assert_eq!(written, read(GOOD).unwrap());
}

/// Valid examples with any text and spans.
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
        let (form, agreeing) = (None, None);
        let example = Example {
            id,
            lang,
            text,
            pronoun,
            candidates,
            antecedent,
            phenomenon,
            pair,
            form,
            agreeing,
        };
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
