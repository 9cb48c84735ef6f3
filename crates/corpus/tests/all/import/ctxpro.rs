//! ctxpro: an array of objects, the nouns that the file knows, and the position of the pronoun.

use super::*;

/// An object with this pronoun, the head and the phrase of its antecedent, the antecedent's segment
/// and the pronoun's, and the distance between them.
fn object(
    expected: &str,
    head: &str,
    phrase: &str,
    segments: [&str; 2],
    distance: usize,
) -> String {
    let [before, own] = segments;
    format!(
        "  {{\n    \"src pronoun\": \"it\",\n    \"expected\": \"{expected}\",\n    \"ante distance\": \
         {distance},\n    \"ref ante head\": \"{head}\",\n    \"ref ante head lemma\": \"{head}\",\n    \
         \"ref ante phrase\": \"{phrase}\",\n    \"ref segment\": \"{own}\",\n    \"ref ante \
         segment\": \"{before}\",\n    \"segment id\": 7,\n    \"document id\": \"en-es/1999/doc\",\n    \
         \"rule\": \"ACC.FEM.SING\"\n  }}"
    )
}

/// An object by which the file knows another noun.
fn knows(noun: &str) -> String {
    object("la", noun, noun, [noun, noun], 9)
}

fn array(objects: &[String]) -> String {
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn first(objects: &[String]) -> Record {
    records(Set::CtxPro, "es.json", &array(objects)).remove(0)
}

fn reason(objects: &[String]) -> (&'static str, String) {
    let record = first(objects);
    (skip(&record).reason, skip(&record).detail.clone())
}

const DOOR: &str = "Vio la mesa y la puerta, y la abrió.";

#[test]
fn the_candidates_are_the_nouns_that_the_file_knows() {
    let objects = [object("la", "puerta", "la puerta", [DOOR, DOOR], 0), knows("mesa")];
    let record = first(&objects);
    let example = record.example().unwrap();
    assert_eq!(spans(example), ("la", vec!["mesa", "puerta"], Some("puerta")));
    assert_eq!(example.pronoun.start, 27, "not the articles");
    assert_eq!((example.lang.code(), &*example.phenomenon), ("es", "ctxpro-acc-intra"));
    assert_eq!((&*example.id, record.line), ("ctxpro-doc-7-1", 2));
}

#[test]
fn the_previous_segment_stands_before_the_pronouns() {
    let segments = ["- La puerta y la MESA.", "Ella la cerró."];
    let objects = [object("ella", "-Puerta", "La puerta", segments, 1), knows("mesa")];
    let objects = objects.map(|object| object.replace("ACC", "NOM"));
    let record = first(&objects);
    let example = record.example().unwrap();
    assert_eq!(example.text, "- La puerta y la MESA. Ella la cerró.");
    assert_eq!(spans(example), ("Ella", vec!["puerta", "MESA"], Some("puerta")));
    assert_eq!(example.phenomenon, "ctxpro-nom-inter");
}

#[test]
fn what_is_no_question_is_skipped_with_its_reason() {
    let own = |head, phrase, text| [object("la", head, phrase, [text, text], 0), knows("mesa")];
    assert_eq!(
        reason(&[knows("mesa")]),
        ("antecedent too far away", "9 segments before the pronoun".to_owned())
    );
    assert_eq!(
        reason(&own("puerta", "esa puerta", DOOR)),
        ("antecedent's phrase not exactly once", "\"esa puerta\" 0 times".to_owned())
    );
    assert_eq!(
        reason(&own("casa", "la puerta", DOOR)),
        ("antecedent's head not exactly once", "\"casa\" 0 times".to_owned())
    );
    assert_eq!(
        reason(&own("puerta", "la puerta", "La vio, la mesa y la puerta, y la abrió.")),
        ("pronoun not exactly once", "\"la\" 2 times".to_owned())
    );
    assert_eq!(
        reason(&own("puerta", "la puerta", "Vio la mesa y la puerta.")),
        ("pronoun not exactly once", "\"la\" 0 times".to_owned())
    );
    assert_eq!(
        reason(&own("puerta", "la puerta", "Vio la puerta y la abrió.")),
        ("fewer than two nouns of the file", "only \"puerta\"".to_owned())
    );
}

#[test]
fn a_file_that_is_no_such_array_is_refused_with_line_and_column() {
    let good = array(&[object("la", "puerta", "la puerta", [DOOR, DOOR], 0)]);
    let cases = [
        (String::new(), (1, 1), "end of the file"),
        ("{}".to_owned(), (1, 1), "'{'"),
        ("[3]".to_owned(), (1, 2), "'3'"),
        ("[".to_owned(), (1, 2), "end of the file"),
        (good.replace("}\n]", "}\n  x"), (15, 3), "'x'"),
        (good.replace("}\n]", "},\n]"), (15, 1), "']'"),
        (format!("{good}x"), (16, 1), "'x'"),
        (good.replace("7,", "seven,"), (11, 19), "expected a value"),
        (good.replace("    \"rule\": \"ACC.FEM.SING\"", ""), (14, 3), "trailing comma"),
        (good.replace("\"rule\"", "\"ruler\""), (14, 3), "`rule`"),
        (good.replace("distance\": 0", "distance\": \"0\""), (5, 24), "string \"0\""),
    ];
    for (content, place, word) in cases {
        match error(Set::CtxPro, "es.json", &content) {
            ImportError::Json { line, column, message, .. } => {
                assert_eq!((line, column), place, "{message}: {content}");
                assert!(message.contains(word), "{word:?} is not in {message:?}");
            }
            error => panic!("{error}"),
        }
    }
    let truncated = error(Set::CtxPro, "es.json", &good[..good.len() - 8]);
    assert!(matches!(truncated, ImportError::Json { line: 13, .. }), "{truncated}");
    let rule = error(Set::CtxPro, "es.json", &good.replace("ACC.FEM.SING", "GEN"));
    check_malformed(&rule, 2, ["rule", "GEN"]);
    assert!(matches!(error(Set::CtxPro, "es.json", "[ ]\n"), ImportError::Empty { .. }));
}
