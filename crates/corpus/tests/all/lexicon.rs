//! Checks every word of the grammar files against the rules of its language and the lists of
//! exceptions below. A new word that is neither regular nor a known exception is probably a
//! mistake.

use std::collections::BTreeMap;

use anafora_corpus::example::Language;
use anafora_corpus::grammar::{Grammar, WordEntry};

const MIN_NOUNS: usize = 600;
const MIN_NAMES: usize = 150;

/// Masculine nouns in *-a*, and feminine nouns in *-o* and *-or*.
const MASCULINE: [&str; 10] = [
    "mapa", "día", "problema", "tema", "programa", "sistema", "idioma", "poema", "pijama",
    "tranvía",
];
const FEMININE: [&str; 5] = ["mano", "foto", "moto", "radio", "flor"];

/// Irregular Spanish plurals.
const SPANISH_PLURALS: [(&str, &str); 4] =
    [("jersey", "jerséis"), ("álbum", "álbumes"), ("sándwich", "sándwiches"), ("país", "países")];

/// Irregular English plurals, which compounds have too (*postmen*).
const ENGLISH_PLURALS: [(&str, &str); 39] = [
    ("man", "men"),
    ("woman", "women"),
    ("child", "children"),
    ("person", "people"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("goose", "geese"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("sheep", "sheep"),
    ("deer", "deer"),
    ("fish", "fish"),
    ("bison", "bison"),
    ("trout", "trout"),
    ("salmon", "salmon"),
    ("squid", "squid"),
    ("aircraft", "aircraft"),
    ("series", "series"),
    ("knife", "knives"),
    ("wife", "wives"),
    ("life", "lives"),
    ("wolf", "wolves"),
    ("calf", "calves"),
    ("half", "halves"),
    ("leaf", "leaves"),
    ("loaf", "loaves"),
    ("shelf", "shelves"),
    ("thief", "thieves"),
    ("scarf", "scarves"),
    ("hoof", "hooves"),
    ("potato", "potatoes"),
    ("tomato", "tomatoes"),
    ("hero", "heroes"),
    ("mango", "mangoes"),
    ("mosquito", "mosquitoes"),
    ("volcano", "volcanoes"),
    ("buffalo", "buffaloes"),
    ("quiz", "quizzes"),
    ("passer-by", "passers-by"),
];

/// Beginnings with a vowel letter and a consonant's sound, and the other way round.
const CONSONANT_SOUND: [&str; 5] = ["uni", "use", "eu", "one", "ukulele"];
const VOWEL_SOUND: [&str; 4] = ["hour", "honest", "heir", "honour"];

fn grammar() -> Grammar {
    Grammar::embedded().expect("a test of the grammar loads it")
}

fn is_in(word: &WordEntry<'_>, class: &str) -> bool {
    word.classes.iter().any(|known| known == class)
}

fn is_name(word: &WordEntry<'_>) -> bool {
    is_in(word, "nombre") || is_in(word, "name")
}

fn nouns(grammar: &Grammar, language: Language) -> Vec<WordEntry<'_>> {
    grammar.words(language).filter(|word| !is_name(word)).collect()
}

/// Fails with all faults at once: after adding fifty words one wants to see every mistake.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn there_are_enough_nouns_and_names() {
    let grammar = grammar();
    for language in Language::ALL {
        let n_nouns = nouns(&grammar, language).len();
        assert!(n_nouns >= MIN_NOUNS, "{}: {n_nouns} nouns", language.code());
        for pronoun in ["él", "ella", "he", "she"] {
            let names = grammar.words(language).filter(is_name);
            let n_names = names.filter(|name| name.pronouns == [pronoun]).count();
            assert!(n_names == 0 || n_names >= MIN_NAMES, "{n_names} names of {pronoun}");
        }
    }
}

#[test]
fn names_are_capitalised_and_uncounted_and_nouns_are_lower_case() {
    let grammar = grammar();
    let fault = |word: &WordEntry<'_>| {
        let is_lower_case = word.singular.chars().all(|c| !c.is_uppercase());
        let is_capitalised = word.singular.chars().next().is_some_and(char::is_uppercase);
        match is_name(word) {
            true => !is_capitalised || word.plural.is_some() || word.pronouns.len() != 1,
            false => !is_lower_case,
        }
    };
    let words = Language::ALL.into_iter().flat_map(|language| grammar.words(language));
    none(words.filter(fault).map(|word| format!("{word:?}")).collect());
}

#[test]
fn no_word_is_there_twice() {
    let grammar = grammar();
    let mut faults = Vec::new();
    for language in Language::ALL {
        let mut seen: BTreeMap<(String, Vec<&str>), usize> = BTreeMap::new();
        for word in grammar.words(language) {
            // *El artista* and *la artista* are two words, but a name has one gender only.
            let pronouns = if is_name(&word) { Vec::new() } else { word.pronouns };
            *seen.entry((word.singular.to_lowercase(), pronouns)).or_default() += 1;
        }
        let twice = seen.into_iter().filter(|(_, n)| *n > 1);
        faults.extend(twice.map(|(word, n)| format!("{}: {word:?} {n} times", language.code())));
    }
    none(faults);
}

#[test]
fn spanish_articles_fit_the_endings() {
    let grammar = grammar();
    let nouns = nouns(&grammar, Language::Es);
    let mut faults = Vec::new();
    for noun in &nouns {
        let same = nouns.iter().filter(|other| other.singular == noun.singular);
        if same.count() > 1 {
            continue; // el artista, la artista
        }
        if let Some(gender) = spanish_gender(noun.singular)
            && noun.pronouns != [gender]
        {
            faults.push(format!("{:?} as {:?}, expected {gender}", noun.singular, noun.pronouns));
        }
        let special = noun.pronouns == ["ella"] && begins_with_stressed_a(noun.singular);
        if noun.special_onset != special {
            faults.push(format!("{:?}: (f) {}", noun.singular, noun.special_onset));
        }
    }
    none(faults);
}

/// The pronoun of the gender that a noun's ending implies, or `None` if it implies none.
fn spanish_gender(noun: &str) -> Option<&'static str> {
    let ends_in = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    match noun {
        _ if MASCULINE.contains(&noun) => Some("él"),
        _ if FEMININE.contains(&noun) => Some("ella"),
        "camión" | "avión" => Some("él"),
        _ if ends_in(&["a", "ión", "dad", "tad", "tud", "umbre"]) => Some("ella"),
        _ if ends_in(&["o", "or", "aje", "ón", "án", "ín", "és"]) => Some("él"),
        _ => None,
    }
}

/// *Agua*, *águila*, *hacha*, but not *abeja*: stressed on the first syllable, which is *a* or
/// *ha*.
fn begins_with_stressed_a(noun: &str) -> bool {
    let rest = noun.strip_prefix('h').unwrap_or(noun);
    let is_vowel = |c: char| "aeiouáéíóú".contains(c);
    let groups = rest.split(|c| !is_vowel(c)).filter(|vowels| !vowels.is_empty());
    // Two strong vowels are two syllables (al-de-a), a weak and a strong one are one (a-gua).
    let n_syllables: usize =
        groups.map(|vowels| vowels.chars().filter(|c| !"iu".contains(*c)).count().max(1)).sum();
    let stressed_before_last = noun.ends_with(|c| is_vowel(c) || c == 'n' || c == 's');
    let unaccented = !noun.contains(['á', 'é', 'í', 'ó', 'ú']);
    rest.starts_with('á')
        || rest.starts_with('a')
            && !rest.starts_with("ae")
            && unaccented
            && (n_syllables == 1 || n_syllables == 2 && stressed_before_last)
}

#[test]
fn spanish_plurals_are_regular_or_known() {
    let grammar = grammar();
    let fault = |noun: &WordEntry<'_>| {
        let plural = noun.plural?;
        let expected = spanish_plural(noun.singular);
        (plural != expected).then(|| format!("{} as {plural}, expected {expected}", noun.singular))
    };
    none(nouns(&grammar, Language::Es).iter().filter_map(fault).collect());
}

/// The regular plural by the rules of grammar books. It does not use the list `plural` of the
/// grammar file, so that each checks the other.
fn spanish_plural(noun: &str) -> String {
    if let Some((_, plural)) = SPANISH_PLURALS.iter().find(|(singular, _)| *singular == noun) {
        return (*plural).to_owned();
    }
    let mut chars = noun.chars();
    let (last, before) = (chars.next_back(), chars.next_back());
    let stem = noun.strip_suffix(|_: char| true).unwrap_or_default();
    let accented = before.is_some_and(|c| "áéíóú".contains(c));
    match last {
        Some('a' | 'e' | 'i' | 'o' | 'u' | 'á' | 'é' | 'ó') => format!("{noun}s"),
        Some('z') => format!("{stem}ces"),
        Some('n' | 's') if accented => format!("{}es", without_last_accent(noun)),
        Some('s') if n_vowels(noun) > 1 => noun.to_owned(),
        Some('n') if noun.ends_with("en") && n_vowels(noun) > 1 => with_accent_before_last(noun),
        Some('í' | 'ú' | 'd' | 'j' | 'l' | 'n' | 'r' | 's' | 'y') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

fn n_vowels(noun: &str) -> usize {
    noun.chars().filter(|c| "aeiouáéíóú".contains(*c)).count()
}

/// *Camión*, *camion(es)*.
fn without_last_accent(noun: &str) -> String {
    let mut chars: Vec<char> = noun.chars().collect();
    if let Some(accented) = chars.iter_mut().rev().find(|c| "áéíóú".contains(**c)) {
        *accented = plain(*accented);
    }
    chars.into_iter().collect()
}

/// *Joven*, *jóvenes*: the stress stays where it was.
fn with_accent_before_last(noun: &str) -> String {
    let mut chars: Vec<char> = noun.chars().collect();
    if let Some(stressed) = chars.iter_mut().rev().filter(|c| "aeiou".contains(**c)).nth(1) {
        let accented = "áéíóú".chars().find(|accented| plain(*accented) == *stressed);
        *stressed = accented.expect("every vowel has an accented form");
    }
    chars.into_iter().chain("es".chars()).collect()
}

fn plain(accented: char) -> char {
    let vowels = "áéíóú".chars().zip("aeiou".chars());
    vowels.into_iter().find(|(known, _)| *known == accented).map_or(accented, |(_, plain)| plain)
}

#[test]
fn english_plurals_are_regular_or_known() {
    let grammar = grammar();
    let fault = |noun: &WordEntry<'_>| {
        let plural = noun.plural?;
        let expected = english_plural(noun.singular);
        (plural != expected).then(|| format!("{} as {plural}, expected {expected}", noun.singular))
    };
    none(nouns(&grammar, Language::En).iter().filter_map(fault).collect());
}

fn english_plural(noun: &str) -> String {
    if let Some((head, rest)) = noun.split_once(" of ") {
        return format!("{} of {rest}", english_plural(head));
    }
    let irregular = ENGLISH_PLURALS.iter().filter(|(singular, _)| noun.ends_with(singular));
    // The longest, for "women"; and "human" and "ox" are not compounds of "man" and "box" of "ox".
    if let Some((singular, plural)) = irregular.max_by_key(|(singular, _)| singular.len())
        && !["human", "box", "fox"].iter().any(|regular| noun.ends_with(regular))
    {
        return noun.strip_suffix(singular).unwrap_or_default().to_owned() + plural;
    }
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|ending| noun.ends_with(ending));
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if sibilant => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[test]
fn english_pronouns_and_articles_fit_the_words() {
    let grammar = grammar();
    let mut faults = Vec::new();
    for noun in nouns(&grammar, Language::En) {
        let is_human = noun.pronouns.iter().any(|pronoun| ["he", "she"].contains(pronoun));
        if is_human != is_in(&noun, "human") {
            faults.push(format!("{:?} as {:?}", noun.singular, noun.pronouns));
        }
        let begins = |list: &[&str]| list.iter().any(|sound| noun.singular.starts_with(sound));
        let vowel = noun.singular.starts_with(['a', 'e', 'i', 'o', 'u']);
        let special = begins(&VOWEL_SOUND) || vowel && !begins(&CONSONANT_SOUND);
        if noun.special_onset != special {
            faults.push(format!("{:?} after an: {}", noun.singular, noun.special_onset));
        }
    }
    none(faults);
}
