//! A mistake in a grammar file is reported with file and line, what was found and what was
//! expected.

use std::fs;
use std::path::Path;

use anafora_corpus::example::Language;
use anafora_corpus::generator::{Generator, TooFewTexts};
use anafora_corpus::grammar::{Grammar, GrammarError};
use anafora_corpus::split::Split;

const ES: &str = include_str!("../../../../data/grammar/es.toml");
const EN: &str = include_str!("../../../../data/grammar/en.toml");

fn load(es: &str, en: &str) -> Result<Grammar, GrammarError> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in [("es.toml", es), ("en.toml", en)] {
        fs::write(dir.path().join(name), text).expect("the directory is writable");
    }
    Grammar::load(dir.path())
}

/// The entry of a grammar file that is refused, what was found and what was expected.
type Mistake = [String; 3];

/// The English file after one change.
fn changed(good: &str, bad: &str) -> String {
    assert_eq!(EN.matches(good).count(), 1, "{good:?} is not there once");
    EN.replace(good, bad)
}

/// The mistake in the English file `en`, and its line.
fn mistake_in(en: &str) -> (usize, Mistake) {
    match load(ES, en).expect_err("the grammar is bad") {
        GrammarError::Entry { path, line, entry, found, expected } => {
            assert!(path.ends_with("en.toml"), "{}", path.display());
            (line, [entry, found, expected])
        }
        error => panic!("{error}"),
    }
}

/// Checks that the English file is refused after one change, at the line that contains `marker`,
/// and that entry, found and expected contain these words.
fn refused(good: &str, bad: &str, marker: &str, words: [&str; 3]) {
    let en = changed(good, bad);
    let (line, mistake) = mistake_in(&en);
    let expected_line = 1 + en.lines().position(|line| line.contains(marker)).expect(marker);
    assert_eq!(line, expected_line, "{mistake:?}");
    check(&mistake, words);
}

fn check(mistake: &Mistake, words: [&str; 3]) {
    for (text, word) in mistake.iter().zip(words) {
        assert!(text.contains(word), "{word:?} is not in {mistake:?}");
    }
}

/// The first pattern of the English file, to be broken in various ways.
const CALL: &str =
    "text = \"{the A} {call} {the B} {when} {because} {he} {needing}.\"\nA = \"name, people\"";

/// Checks that the English file is refused with another text of this pattern.
fn call_refused(bad: &str, words: [&str; 3]) {
    check(&mistake_in(&changed(CALL, bad)).1, words);
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
    let is_named = |path: &Path| path == Path::new("nowhere/es.toml");
    assert!(matches!(error, GrammarError::Read { ref path, .. } if is_named(path)), "{error}");
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let en = changed("[phenomena.animacy]", "[phenomena.animacy");
    let expected = 1 + en.lines().position(|line| line == "[phenomena.animacy").unwrap();
    let error = load(ES, &en).unwrap_err();
    assert!(matches!(error, GrammarError::Toml { line, .. } if line == expected), "{error}");
    assert!(error.to_string().contains(&format!("en.toml:{expected}:")), "{error}");
}

#[test]
fn an_unknown_section_is_named() {
    let bad = "[fenomena.x]\n[phenomena.animacy]";
    refused("[phenomena.animacy]", bad, "[fenomena", ["file", "fenomena", "phenomena"]);
}

#[test]
fn a_hole_that_nothing_fills_is_named() {
    let text = "{the A} ran into {the B} {at} {when}. {he} {looks}.";
    refused(text, &text.replace("{at}", "{att}"), "{att}", ["encounter", "{att}", "A, B, "]);
}

#[test]
fn an_unknown_determiner_or_candidate_is_named() {
    let swap = |new: &str, words| refused("{the A} argued with", new, new, words);
    swap("{thy A} argued with", ["argue", "\"thy\"", "the, a, my, this"]);
    swap("{the Q} argued with", ["argue", "{the Q}", "letter"]);
}

#[test]
fn an_unknown_split_is_named() {
    let bad = format!("{CALL}\nsplit = \"new pattern\"");
    refused(CALL, &bad, "split = \"new pattern\"", ["call", "new pattern", "more candidates"]);
}

#[test]
fn a_list_that_is_repeated_too_often_is_named() {
    let bad = CALL.replace("{when}", "{when x200}");
    refused(CALL, &bad, "x200", ["call", "{when x200}", "{when x100}"]);
}

#[test]
fn an_unknown_class_is_named() {
    let words = ["robot-drop\", A", "\"machin\"", "man_name, name, human"];
    refused("A = \"machine\"", "A = \"machin\"", "\"machin\"", words);
}

#[test]
fn an_empty_class_is_named() {
    let words = "words = [\"robot\", \"drone\", \"machine\", \"crane\", \"android\"]";
    refused(words, "words = []", "words = []", ["nouns.machine", "empty", "one word"]);
    refused(words, "", "[nouns.machine]", ["nouns.machine", "no words", "words ="]);
}

#[test]
fn an_unknown_pronoun_is_named() {
    let good = "contrasts = [[\"he\", \"it\"], [\"she\", \"it\"]]";
    let words = ["phenomena.animacy", "\"ze\"", "he, she, it, they"];
    refused(good, "contrasts = [[\"he\", \"ze\"]]", "\"ze\"", words);
}

#[test]
fn a_word_twice_in_a_list_is_named() {
    let bad = "\"robot\", \"robot\"";
    refused("\"robot\", \"drone\"", bad, bad, ["nouns.machine", "\"robot\" twice", "once"]);
}

#[test]
fn a_spanish_noun_without_an_article_is_named() {
    match load(&ES.replace("\"la taza\"", "\"taza\""), EN).unwrap_err() {
        GrammarError::Entry { entry, found, expected, .. } => {
            check(&[entry, found, expected], ["nouns.recipiente", "\"taza\"", "article"]);
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_wrong_number_of_forms_is_named() {
    let words = ["\"was\"", "[was|were|been]", "he|she|it|they"];
    refused("was = [\"[was|were]\"]", "was = [\"[was|were|been]\"]", "|been]", words);
}

#[test]
fn a_list_within_itself_is_named() {
    let bad = "was = [\"{was}\"]";
    refused("was = [\"[was|were]\"]", bad, bad, ["\"was\"", "{was} inside {was}", "no list"]);
}

#[test]
fn a_pattern_needs_one_pronoun_and_each_candidate_once() {
    let text = |text: &str, words| {
        call_refused(&format!("text = \"{text}\"\nA = \"name, people\""), words);
    };
    text("{the A} {call} {the B}.", ["call", "0 pronouns", "one"]);
    text("{the A} {call} {the B} and {he} saw {him}.", ["call", "2 pronouns", "one"]);
    text("{the A} {call} when {he} saw {the A}.", ["call", "candidate A 2 times", "once"]);
    text("{the A} {call} <he.", ["call", "\"<\" without", ""]);
    text("{the A {call}", ["call", "{the A {call}", ""]);
}

#[test]
fn a_pattern_that_no_word_fits_is_named() {
    let food = CALL.replace("\"name, people\"", "\"food\"");
    call_refused(&food, ["call", "A can be told apart for gender", "contrasts"]);
    let plural_names = CALL.replace("\"name, people\"", "{ is = \"name\", number = \"plural\" }");
    call_refused(&plural_names, ["call\", A", "no word", "one"]);
}

#[test]
fn a_class_that_a_list_says_nothing_of_is_named() {
    let good =
        "text = \"{the A} waited for {the B} {at} {although} {he} {tired}.\"\nA = \"name, people\"";
    let bad = good.replace("{tired}", "{falling}").replace("name, people", "pet");
    check(&mistake_in(&changed(good, &bad)).1, ["wait", "\"dog\"", "pet, animal"]);
}

#[test]
fn an_unknown_phenomenon_is_named() {
    let good = "shows = \"animacy, number\"\ntext = \"{the A} dropped";
    let bad = good.replace("animacy, number", "animation");
    check(
        &mistake_in(&changed(good, &bad)).1,
        ["drop", "\"animation\"", "gender, number, animacy"],
    );
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
    let errors = Split::ALL
        .map(|split| Generator::new(grammar.clone(), &[Language::En], 1, split).err())
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    assert!(errors.len() >= 2, "{errors:?}");
    let TooFewTexts::Pairs { language, phenomenon, .. } = &errors[0] else { panic!("{errors:?}") };
    assert_eq!((*language, phenomenon.as_str()), (Language::En, "gender"));
}

/// `n` lists, each of which repeats the next one.
fn tower(n: usize, times: usize) -> String {
    let floor = |i: usize| format!("tower{i} = [\"{{tower{} x{times}}}\"]\n", i + 1);
    (0..n).map(floor).collect::<String>() + &format!("tower{n} = [\"very\"]\n")
}

/// The mistake in the English file with such lists, which the first pattern uses.
fn mistake_of_tower(n: usize, times: usize) -> Mistake {
    let en = EN.replacen("\n[lists]\n", &format!("\n[lists]\n{}", tower(n, times)), 1);
    let call = CALL.replacen("{the A}", "{tower0} {the A}", 1);
    mistake_in(&en.replacen(CALL, &call, 1)).1
}

#[test]
fn lists_that_expand_without_end_or_are_nested_too_deeply_are_refused() {
    check(&mistake_of_tower(10, 100), ["list \"tower", "200000000 bytes", "fewer"]);
    check(&mistake_of_tower(40, 1), ["list \"tower", "{tower32} inside 32", "at most 32"]);
}

#[test]
fn turns_contrasts_words_and_bytes_have_a_limit() {
    let words = ["phenomena.relation", "101 turns", "100"];
    let good = "[phenomena.relation]\nturns = 5";
    refused(good, &good.replace('5', "101"), "turns = 101", words);
    let many = "[\"he\", \"she\"], ".repeat(65);
    let one = "contrasts = [[\"he\", \"she\"], [\"he\", \"they\"], [\"she\"";
    let bad = one.replace("[[", &format!("[{many}["));
    refused(one, &bad, &many, ["phenomena.", "69 contrasts", "64"]);
    let words: String = (0..10_000).map(|n| format!("\"word{n}, -\", ")).collect();
    let en = changed(
        "[nouns.man]",
        &format!("[nouns.many]\npronoun = \"it\"\nwords = [{words}]\n[nouns.man]"),
    );
    check(&mistake_in(&en).1, ["nouns.", "word 10001", "10000"]);
    let error = load(ES, &(EN.to_owned() + &"#".repeat(1 << 20))).unwrap_err();
    assert!(matches!(error, GrammarError::Read { .. }), "{error}");
}
