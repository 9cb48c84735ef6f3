//! LitBank: excerpts of two files, coreference chains, and the sentences that are kept.

use super::*;

const TEXT: &str = "Anna owned a red house of stone .\nThe old man , her father , sold it .\n\
                    It rained .\nHe told Anna 's brother that she wept .\n";

/// The two annotations, with a kind and a chain, of occurrence `nth` of `quote`.
fn mention(id: usize, labels: [&str; 2], quote: &str, nth: usize) -> String {
    let (start, _) = TEXT.match_indices(quote).nth(nth).unwrap();
    let end = start + quote.len();
    let of = |id: usize, label: &str| format!("T{id}\t{label} {start} {end}\t{quote}\n");
    of(id, labels[0]) + &of(id + 100, labels[1])
}

fn annotations() -> String {
    [
        mention(1, ["PROP_PER", "Anna-0"], "Anna", 0),
        mention(2, ["NOM_FAC", "house-1"], "a red house of stone", 0),
        mention(3, ["NOM_PER", "father-2"], "The old man", 0),
        mention(4, ["PRON_PER", "Anna-0"], "her", 0),
        mention(5, ["NOM_PER", "father-2"], "her father", 0),
        mention(6, ["PRON_FAC", "house-1"], "it", 0),
        mention(7, ["PRON_PER", "father-2"], "He", 0),
        mention(8, ["PROP_PER", "Anna-0"], "Anna", 1),
        mention(9, ["NOM_PER", "brother-3"], "Anna 's brother", 0),
        mention(10, ["PRON_PER", "Anna-0"], "she", 0),
        "R1\tcop Arg1:T1 Arg2:T2\n".to_owned(),
    ]
    .concat()
}

fn import_excerpt(
    annotations: &str,
    text: &str,
    limit: &Limit<'_>,
) -> Result<Vec<Record>, ImportError> {
    import_files(
        Set::LitBank,
        &[("1_book_brat.ann", annotations), ("1_book_brat.txt", text)],
        limit,
    )
}

fn about(annotations: &str) -> ImportError {
    import_excerpt(annotations, TEXT, &LONG).unwrap_err()
}

/// The spans of the example, or the reason for none.
fn outcome(record: &Record) -> Result<(&str, Vec<&str>, Option<&str>), &str> {
    match &record.outcome {
        Outcome::Skipped(skip) => Err(skip.reason),
        Outcome::Whole(example) | Outcome::Cut(example, _) => Ok(spans(example)),
    }
}

#[test]
fn every_third_person_pronoun_asks_for_the_last_name_or_noun_of_its_chain() {
    let records = import_excerpt(&annotations(), TEXT, &LONG).unwrap();
    let found: Vec<_> = records.iter().map(outcome).collect();
    let expected = [
        Ok(("her", vec!["Anna", "house", "man"], Some("Anna"))),
        Ok(("it", vec!["Anna", "house", "father"], Some("house"))),
        Err("no other chain nearby"),
        Ok(("she", vec!["father", "Anna", "brother"], Some("Anna"))),
    ];
    assert_eq!(found, expected);
    let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
    let expected = ["T4", "T6", "T7", "T10"].map(|id| format!("litbank-1_book-{id}"));
    assert_eq!(ids, expected);
    let lines: Vec<usize> = records.iter().map(|record| record.line).collect();
    assert_eq!(lines, [7, 11, 13, 19]);
    let phenomena: Vec<_> =
        [0, 1, 3].map(|idx| &*records[idx].example().unwrap().phenomenon).to_vec();
    assert_eq!(phenomena, ["litbank-she", "litbank-it", "litbank-she"]);
}

#[test]
fn the_text_is_the_pronouns_sentence_and_two_before_it_in_one_line() {
    let records = import_excerpt(&annotations(), TEXT, &LONG).unwrap();
    let text = |idx: usize| records[idx].example().unwrap().text.as_str();
    assert_eq!(text(0), "Anna owned a red house of stone . The old man , her father , sold it .");
    assert_eq!(
        text(3),
        "The old man , her father , sold it . It rained . He told Anna 's brother that she wept ."
    );
}

#[test]
fn a_limit_takes_sentences_from_the_front() {
    let limit = Limit { length: 14, tokenizer: None };
    let records = import_excerpt(&annotations(), TEXT, &limit).unwrap();
    let example = records[3].example().unwrap();
    assert_eq!(example.text, "It rained . He told Anna 's brother that she wept .");
    assert_eq!(spans(example), ("she", vec!["Anna", "brother"], Some("Anna")));
    assert_eq!(outcome(&records[0]), Err("no name or noun of the chain nearby"));
    let limit = Limit { length: 9, tokenizer: None };
    let records = import_excerpt(&annotations(), TEXT, &limit).unwrap();
    assert_eq!(outcome(&records[3]), Err("too long"));
    assert_eq!(skip(&records[3]).detail, "10 words, at most 9 fit");
}

#[test]
fn a_pronoun_without_a_chain_is_skipped_and_an_attribute_is_no_candidate() {
    let annotations = annotations().replace("T104\tAnna-0", "R104\tcop");
    let annotations = annotations.replace("T105\tfather-2", "R105\tcop");
    let records = import_excerpt(&annotations, TEXT, &LONG).unwrap();
    assert_eq!(outcome(&records[0]), Err("pronoun without a chain"));
    assert_eq!(outcome(&records[1]), Ok(("it", vec!["Anna", "house", "man"], Some("house"))));
}

#[test]
fn an_annotation_that_is_wrong_is_refused() {
    let cases = [
        ("E1\tx\n", ["column 1", "\"E\""]),
        ("T1\tPROP_PER 0 4\n", ["columns", "2"]),
        ("T1\tPROP_PER 0 2;3 4\tAnna\n", ["column 2", "PROP_PER 0 2;3 4"]),
        ("T1\tPROP_PER 0 x\tAnna\n", ["column 2", "PROP_PER 0 x"]),
        ("T1\tPROP_DOG 0 4\tAnna\n", ["label", "PROP_DOG"]),
        ("T1\tPROP_PER 0 5\tAnna\n", ["column 3", "\"Anna \" at 0..5"]),
        ("T1\tPROP_PER 0 999\tAnna\n", ["column 3", "nothing at 0..999"]),
        ("T1\tPROP_PER 4 0\tAnna\n", ["column 3", "nothing at 4..0"]),
        ("T1\tAnna-0 0 4\tAnna\n", ["label", "\"Anna-0\" alone"]),
    ];
    for (annotation, words) in cases {
        check_malformed(&about(annotation), 1, words);
    }
    let two = "T1\tPROP_PER 0 4\tAnna\nT2\tA-0 0 4\tAnna\nT3\tB-1 0 4\tAnna\n";
    check_malformed(&about(two), 3, ["label", "\"B-1\" and \"A-0\""]);
    assert!(matches!(about(""), ImportError::Empty { .. }));
}

#[test]
fn an_excerpt_is_two_files() {
    let alone = error(Set::LitBank, "1_book_brat.ann", &annotations());
    let ImportError::Io { path, .. } = alone else { panic!("{alone}") };
    assert!(path.ends_with("1_book_brat.txt"), "{}", path.display());
    let text = error(Set::LitBank, "1_book_brat.txt", TEXT);
    assert!(matches!(text, ImportError::Name { .. }), "{text}");
}
