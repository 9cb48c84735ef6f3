//! Examples are pure functions of grammar, seed and index, and they are valid and well written.

use std::sync::LazyLock;

use anafora_corpus::example::{Example, Language};
use anafora_corpus::generator::Generator;
use anafora_corpus::grammar::Grammar;
use anafora_corpus::jsonl::validate;
use anafora_corpus::split::Split;
use proptest::{collection, prelude::*};

fn generator(languages: &[Language], seed: u64, split: Split) -> Generator {
    static GRAMMAR: LazyLock<Grammar> =
        LazyLock::new(|| Grammar::embedded().expect("the grammar has no mistake"));
    let generator = Generator::new(GRAMMAR.clone(), languages, seed, split);
    generator.expect("the grammar has texts in each split")
}

fn take(generator: &Generator, n: usize) -> Vec<Example> {
    generator.examples(0).take(n).collect()
}

#[test]
fn an_example_does_not_depend_on_those_before() {
    let generator = generator(&Language::ALL, 7, Split::Train);
    let stream = take(&generator, 200);
    for (index, example) in stream.iter().enumerate().rev() {
        assert_eq!(generator.example(index as u64), *example);
    }
    let later: Vec<Example> = generator.examples(51).take(10).collect();
    assert_eq!(later, stream[51..61]);
}

#[test]
fn the_seed_changes_the_texts_and_nothing_else_does() {
    let text = |seed| generator(&Language::ALL, seed, Split::Train).example(40).text;
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn languages_and_phenomena_take_turns() {
    let grammar = Grammar::embedded().unwrap();
    let examples = take(&generator(&Language::ALL, 1, Split::Validation), 48);
    for (number, pair) in examples.chunks(2).enumerate() {
        let language = Language::ALL[number % 2];
        let phenomena = grammar.phenomena(language);
        assert_eq!(pair[0].lang, language);
        assert_eq!(pair[1].phenomenon, phenomena[number / 2 % phenomena.len()]);
    }
}

#[test]
fn a_phenomenon_with_several_turns_is_more_frequent_in_training() {
    let examples = take(&generator(&Language::ALL, 1, Split::Train), 6_000);
    for language in Language::ALL {
        let count = |phenomenon: &str| {
            let is_one = |e: &&Example| e.lang == language && e.phenomenon == phenomenon;
            examples.iter().filter(is_one).count()
        };
        let grammar = Grammar::embedded().unwrap();
        assert!(grammar.phenomena(language).into_iter().all(|name| count(name) > 90));
        // In the grammar these two have five turns and two.
        let (relation, binding) = (count("relation"), count("binding"));
        assert!((2 * relation).abs_diff(5 * binding) <= 20, "{language:?} {relation} {binding}");
    }
}

#[test]
fn every_example_is_valid_and_in_its_split() {
    for split in Split::ALL {
        for example in take(&generator(&Language::ALL, 5, split), 2_000) {
            validate(&example).unwrap_or_else(|error| panic!("{}: {error}", example.text));
            assert!(split == Split::Noisy || split.contains(&example.text), "{}", example.text);
        }
    }
}

#[test]
fn texts_are_written_as_people_write() {
    for example in take(&generator(&Language::ALL, 9, Split::Train), 40_000) {
        let text = &example.text;
        let first = text.chars().next().unwrap();
        assert!(first.is_uppercase() && text.ends_with(['.', '?']), "{text}");
        for bad in ["  ", " ,", " .", "..", ",,", ",.", " a el ", " de el ", "{", "[", "<", "|"] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
        for sentence in text.split(". ") {
            let opened = sentence.strip_prefix('¿').unwrap_or(sentence);
            assert!(opened.chars().next().unwrap().is_uppercase(), "{text}");
        }
        let n_words = text.split(' ').count();
        assert!((5..=60).contains(&n_words), "{n_words} words in {text}");
        assert!((2..=6).contains(&example.candidates.len()), "{text}");
    }
}

#[test]
fn an_english_article_fits_the_sound_of_its_noun() {
    for example in take(&generator(&[Language::En], 9, Split::Train), 20_000) {
        let words: Vec<String> = example.text.split(' ').map(str::to_lowercase).collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "a" || pair[0] == "an") {
            let vowel = pair[1].starts_with(['a', 'e', 'i', 'o', 'u']);
            let vowel = (vowel && !pair[1].starts_with("uniform")) || pair[1].starts_with("hour");
            assert_eq!(pair[0] == "an", vowel, "{}", example.text);
        }
    }
}

#[test]
fn a_spanish_pronoun_agrees_with_its_antecedent() {
    let ends = [("él", "o"), ("ella", "a"), ("ellos", "os"), ("ellas", "as")];
    for example in take(&generator(&[Language::Es], 9, Split::Train), 20_000) {
        let pronoun = example.pronoun.slice(&example.text).unwrap().to_lowercase();
        let Some(answer) = example.antecedent else { continue };
        let noun = example.candidates[answer].slice(&example.text).unwrap();
        let regular = ["niñ", "alumn", "vecin", "herman", "abuel"];
        for (form, ending) in ends {
            if regular.iter().any(|stem| noun == format!("{stem}{ending}"))
                && ends.iter().any(|(known, _)| *known == pronoun)
            {
                assert_eq!(pronoun, form, "{}", example.text);
            }
        }
    }
}

proptest! {
    // Few seeds with many pairs each: to make a generator takes as long as thousands of pairs.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(8)
    })]

    #[test]
    fn no_seed_or_index_makes_a_bad_pair(
        seed: u64,
        numbers in collection::vec(0..u64::MAX / 2, 256),
    ) {
        let generator = generator(&Language::ALL, seed, Split::Train);
        for number in numbers {
            let [first, second] = generator.pair(number);
            prop_assert!(validate(&first).is_ok() && validate(&second).is_ok());
            prop_assert_ne!(first.antecedent, second.antecedent);
            prop_assert_eq!(first.pair, second.pair);
        }
    }
}
