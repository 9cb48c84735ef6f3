//! A mistake in a grammar file is named with its file, its line, what was found and what expected.

use std::fs;
use std::path::Path;

use corpus::example::Language;
use corpus::generator::Generator;
use corpus::grammar::{Grammar, GrammarError};
use corpus::split::Split;

const ES: &str = include_str!("../../../data/grammar/es.toml");
const EN: &str = include_str!("../../../data/grammar/en.toml");

fn load(es: &str, en: &str) -> Result<Grammar, GrammarError> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in [("es.toml", es), ("en.toml", en)] {
        fs::write(dir.path().join(name), text).expect("the directory is writable");
    }
    Grammar::load(dir.path())
}

/// What is said of the English file after one change, without the directory, and with the number
/// of the line on which `marker` stands written as `LINE`.
fn complaint(good: &str, bad: &str, marker: &str) -> String {
    assert_eq!(EN.matches(good).count(), 1, "{good:?} is not there once");
    let changed = EN.replace(good, bad);
    let line = 1 + changed.lines().position(|line| line.contains(marker)).expect(marker);
    let error = load(ES, &changed).expect_err("the grammar is bad");
    let message = error.to_string();
    let from_file = message.find("en.toml:").expect(&message);
    message[from_file..].replacen(&format!("en.toml:{line}:"), "en.toml:LINE:", 1)
}

/// The first pattern of the English file, to be broken in various ways.
const CALL: &str =
    "text = \"{the A} {call} {the B} {when} {because} {he} {needing}.\"\nA = \"name, people\"";

fn about_call(bad: &str) -> String {
    complaint(CALL, bad, "name = \"call\"")
}

#[test]
fn the_embedded_grammar_is_that_of_the_files() {
    let embedded = Grammar::embedded().unwrap();
    let loaded = load(ES, EN).unwrap();
    let text = |grammar| {
        Generator::new(grammar, &Language::ALL, 1, Split::Train).unwrap().example(100).text
    };
    assert_eq!(text(embedded), text(loaded));
}

#[test]
fn a_missing_file_is_named() {
    let error = Grammar::load(Path::new("nowhere")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the grammar file nowhere/es.toml");
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let message = complaint("[phenomena.animacy]", "[phenomena.animacy", "[phenomena.animacy");
    assert_eq!(message, "en.toml:LINE: this is not TOML: unclosed table, expected `]`");
}

#[test]
fn an_unknown_section_is_named() {
    let message =
        complaint("[phenomena.animacy]", "[fenomena.x]\n[phenomena.animacy]", "[fenomena");
    assert_eq!(
        message,
        "en.toml:LINE: file: found the section \"fenomena\", expected one of forms, kept, \
         determiners, plural, onset, contractions, euphony, nouns, lists, phenomena, pattern"
    );
}

#[test]
fn a_hole_that_nothing_fills_is_named() {
    let message = complaint(
        "{the A} ran into {the B} {at} {when}. {he} {looks}.",
        "{the A} ran into {the B} {att} {when}. {he} {looks}.",
        "{att}",
    );
    let expected = "en.toml:LINE: pattern \"encounter\": found {att}, expected one of A, B, ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_unknown_determiner_or_candidate_is_named() {
    let swap = |new: &str| complaint("{the A} argued with", new, new);
    assert_eq!(
        swap("{thy A} argued with"),
        "en.toml:LINE: pattern \"argue\": found the determiner \"thy\", expected one of the, a, \
         my, this"
    );
    assert_eq!(
        swap("{the Q} argued with"),
        "en.toml:LINE: pattern \"argue\": found {the Q}, expected a determiner and a candidate's \
         letter, as in {el A}"
    );
}

#[test]
fn an_unknown_split_is_named() {
    let message =
        complaint(CALL, &format!("{CALL}\nsplit = \"new pattern\""), "split = \"new pattern\"");
    assert_eq!(
        message,
        "en.toml:LINE: pattern \"call\": found the split \"new pattern\", expected one of new \
         patterns, longer, more candidates"
    );
}

#[test]
fn a_list_that_is_repeated_too_often_is_named() {
    let message = complaint(CALL, &CALL.replace("{when}", "{when x200}"), "x200");
    assert_eq!(
        message,
        "en.toml:LINE: pattern \"call\": found {when x200}, expected {when x1} to {when x100}"
    );
}

#[test]
fn an_unknown_class_is_named() {
    let message = complaint("A = \"machine\"", "A = \"machin\"", "\"machin\"");
    let expected = "en.toml:LINE: pattern \"robot-drop\", A: found the class \"machin\", expected \
                    one of man_name, name, human";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_empty_class_is_named() {
    let words = "words = [\"robot\", \"drone\", \"machine\", \"crane\", \"android\"]";
    assert_eq!(
        complaint(words, "words = []", "words = []"),
        "en.toml:LINE: nouns.machine: found an empty list, expected at least one word"
    );
    assert_eq!(
        complaint(words, "", "[nouns.machine]"),
        "en.toml:LINE: nouns.machine: found no words, expected words = [\"…\", …]"
    );
}

#[test]
fn an_unknown_pronoun_is_named() {
    assert_eq!(
        complaint(
            "contrasts = [[\"he\", \"it\"], [\"she\", \"it\"]]",
            "contrasts = [[\"he\", \"ze\"]]",
            "\"ze\""
        ),
        "en.toml:LINE: phenomena.animacy: found \"ze\", expected one of he, she, it, they"
    );
}

#[test]
fn a_word_twice_in_a_list_is_named() {
    assert_eq!(
        complaint("\"robot\", \"drone\"", "\"robot\", \"robot\"", "\"robot\", \"robot\""),
        "en.toml:LINE: nouns.machine: found \"robot\" twice, expected every word once in a list"
    );
}

#[test]
fn a_spanish_noun_without_an_article_is_named() {
    let error = load(&ES.replace("\"la taza\"", "\"taza\""), EN).unwrap_err().to_string();
    let expected = ": nouns.recipiente: found \"taza\", expected an article before the word, or \
                    pronoun = \"…\" for its list";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn a_wrong_number_of_forms_is_named() {
    let message = complaint("was = [\"[was|were]\"]", "was = [\"[was|were|been]\"]", "|been]");
    let expected = "en.toml:LINE: list \"was\": found [was|were|been], expected singular|plural \
                    or a text for each of he|she|it|they";
    assert_eq!(message, expected);
}

#[test]
fn a_list_within_itself_is_named() {
    let message = complaint("was = [\"[was|were]\"]", "was = [\"{was}\"]", "was = [\"{was}\"]");
    assert_eq!(
        message,
        "en.toml:LINE: list \"was\": found {was} inside {was}, expected no list in itself"
    );
}

#[test]
fn a_pattern_needs_one_pronoun_and_each_candidate_once() {
    let text = |text: &str| about_call(&format!("text = \"{text}\"\nA = \"name, people\""));
    let entry = "pattern \"call\": found";
    assert!(
        text("{the A} {call} {the B}.")
            .contains(&format!("{entry} 0 pronouns in < >, expected exactly one in every text"))
    );
    assert!(
        text("{the A} {call} {the B} and {he} saw {him}.")
            .contains(&format!("{entry} 2 pronouns in < >, expected exactly one in every text"))
    );
    assert!(
        text("{the A} {call} when {he} saw {the A}.")
            .contains(&format!("{entry} candidate A 2 times, expected once in every text"))
    );
    assert!(text("{the A} {call} <he.").contains("found \"<\" without \">\""));
    assert!(text("{the A {call}").contains("pattern \"call\""));
}

#[test]
fn a_pattern_that_no_word_fits_is_named() {
    let message = about_call(&CALL.replace("\"name, people\"", "\"food\""));
    let expected = "pattern \"call\": found no words by which A can be told apart for gender, \
                    expected classes that differ in one of the phenomenon's contrasts";
    assert!(message.ends_with(expected), "{message}");
    let plural_names = CALL.replace("\"name, people\"", "{ is = \"name\", number = \"plural\" }");
    let expected =
        "pattern \"call\", A: found no word of these classes fits, expected at least one";
    assert!(about_call(&plural_names).ends_with(expected), "{}", about_call(&plural_names));
}

#[test]
fn a_class_that_a_list_says_nothing_of_is_named() {
    let message = complaint(
        "text = \"{the A} waited for {the B} {at} {although} {he} {tired}.\"\nA = \"name, people\"",
        "text = \"{the A} waited for {the B} {at} {although} {he} {falling}.\"\nA = \"pet\"",
        "name = \"wait\"",
    );
    let expected = "pattern \"wait\": found nothing to say of \"dog\" in a list by class, expected \
                    one of pet, animal";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn an_unknown_phenomenon_is_named() {
    let message = complaint(
        "shows = \"animacy, number\"\ntext = \"{the A} dropped",
        "shows = \"animation\"\ntext = \"{the A} dropped",
        "name = \"drop\"",
    );
    let expected = "pattern \"drop\": found the phenomenon \"animation\", expected one of gender, \
                    number, animacy, causality, relation, several, distance, cataphora, \
                    binding, possessive, none";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn a_grammar_without_a_text_in_a_split_is_refused_instead_of_searched_for_ever() {
    let small = |language: &str, pronoun: &str, other: &str| {
        format!(
            "forms = [[\"{pronoun}\", \"x\"], [\"{other}\", \"y\"]]\nplural = []\nkept = []\n\
             contractions = []\neuphony = []\n[determiners]\n[onset]\n\
             [nouns.a]\npronoun = \"{pronoun}\"\nplural = false\nwords = [\"one {language}\"]\n\
             [nouns.b]\npronoun = \"{other}\"\nplural = false\nwords = [\"two\"]\n[lists]\n\
             [phenomena.gender]\ncontrasts = [[\"{pronoun}\", \"{other}\"]]\n\
             [[pattern]]\nname = \"p\"\nshows = \"gender\"\n\
             text = \"{{A}} {{B}} <[{pronoun}|{other}|x|y]>.\"\nA = \"a\"\nB = \"b\"\n"
        )
    };
    let grammar = load(&small("es", "el", "ella"), &small("en", "he", "she")).unwrap();
    let refused = Split::ALL.map(|split| {
        Generator::new(grammar.clone(), &[Language::En], 1, split).err().map(|e| e.to_string())
    });
    assert!(refused.iter().filter(|error| error.is_some()).count() >= 2, "{refused:?}");
    let message = refused.into_iter().flatten().next().unwrap();
    let expected = "pairs of texts for gender (en) is in the";
    assert!(message.contains(expected), "{message}");
}

/// A list that holds a hundred of the next, `n` deep.
fn tower(n: usize, times: usize) -> String {
    let floor = |i: usize| format!("tower{i} = [\"{{tower{} x{times}}}\"]\n", i + 1);
    (0..n).map(floor).collect::<String>() + &format!("tower{n} = [\"very\"]\n")
}

/// What is said of the English file with a tower of lists that the first pattern begins with.
fn about_tower(n: usize, times: usize) -> String {
    let changed = EN.replacen("\n[lists]\n", &format!("\n[lists]\n{}", tower(n, times)), 1);
    let call = CALL.replacen("{the A}", "{tower0} {the A}", 1);
    let changed = changed.replacen(CALL, &call, 1);
    let error = load(ES, &changed).expect_err("the grammar is too large").to_string();
    error[error.find("en.toml:").expect(&error)..].to_owned()
}

#[test]
fn lists_that_unfold_without_end_or_lie_too_deep_are_refused() {
    let said = about_tower(10, 100);
    let expected = "found lists and words that unfold to more than 200000000 bytes, expected fewer lists \
                    in each other, or fewer words";
    assert!(said.contains("list \"tower") && said.ends_with(expected), "{said}");
    let said = about_tower(40, 1);
    let expected = "{tower32 x1} inside 32 others, expected at most 32 lists in each other";
    assert!(said.replace("{tower32}", "{tower32 x1}").ends_with(expected), "{said}");
}

#[test]
fn turns_contrasts_words_and_bytes_have_a_limit() {
    let said = complaint(
        "[phenomena.relation]\nturns = 5",
        "[phenomena.relation]\nturns = 101",
        "turns = 101",
    );
    assert!(
        said.ends_with("phenomena.relation: found 101 turns, expected 1 to 100 turns"),
        "{said}"
    );
    let many = "[\"he\", \"she\"], ".repeat(65);
    let one = "contrasts = [[\"he\", \"she\"], [\"he\", \"they\"], [\"she\"";
    let said = complaint(one, &one.replace("[[", &format!("[{many}[")), &many);
    assert!(said.ends_with("found 69 contrasts, expected at most 64"), "{said}");
    let words: String = (0..10_000).map(|n| format!("\"word{n}, -\", ")).collect();
    let said = complaint(
        "[nouns.man]",
        &format!("[nouns.many]\npronoun = \"it\"\nwords = [{words}]\n[nouns.man]"),
        "[nouns.man]",
    );
    assert!(said.ends_with("found word 10001, expected at most 10000 in a file"), "{said}");
    let error = load(ES, &(EN.to_owned() + &"#".repeat(1 << 20))).unwrap_err();
    assert!(matches!(error, GrammarError::Read { .. }), "{error}");
}
