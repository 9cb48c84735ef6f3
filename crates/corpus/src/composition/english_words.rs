//! The forms of English nouns and verbs: the rules, and what `verbs.toml` says of those that break
//! them.

use std::collections::HashMap;

/// The plural of a noun by the rules.
pub(super) fn plural(singular: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|ending| singular.ends_with(ending));
    match ends_in_consonant_y(singular) {
        Some(stem) => format!("{stem}ies"),
        None if sibilant => format!("{singular}es"),
        None => format!("{singular}s"),
    }
}

/// The word without its *y*, if a consonant is before it.
fn ends_in_consonant_y(word: &str) -> Option<&str> {
    word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']))
}

/// Whether *an* stands before the word.
pub(super) fn takes_an(word: &str) -> bool {
    const CONSONANTS: [&str; 9] =
        ["uni", "eu", "use", "one", "ut", "ukulele", "ufo", "ubiq", "usual"];
    const VOWELS: [&str; 4] = ["hour", "honest", "heir", "honour"];
    let word = word.to_lowercase();
    if word.starts_with("x-") {
        return true;
    }
    if VOWELS.iter().any(|beginning| word.starts_with(beginning)) {
        return true;
    }
    let is_unusual =
        word.starts_with("unu") || word.starts_with("unin") || word.starts_with("unim");
    word.starts_with(['a', 'e', 'i', 'o', 'u'])
        && (is_unusual || !CONSONANTS.iter().any(|beginning| word.starts_with(beginning)))
}

/// The forms of a verb.
#[derive(Debug, Clone)]
pub(super) struct EnglishVerb {
    pub(super) base: String,
    /// Third person singular of the present.
    pub(super) third: String,
    pub(super) past: String,
    pub(super) participle: String,
    pub(super) ing: String,
}

/// Past and participle of irregular verbs, by base.
pub(super) type Irregular = HashMap<String, (String, String)>;

/// The forms of the verb with this base.
pub(super) fn conjugate(base: &str, irregular: &Irregular) -> EnglishVerb {
    let third = match base {
        "be" => "is".to_owned(),
        "have" => "has".to_owned(),
        _ if base.ends_with('o') => format!("{base}es"),
        _ => plural(base),
    };
    let (past, participle) = irregular.get(base).cloned().unwrap_or_else(|| {
        let past = regular_past(base);
        (past.clone(), past)
    });
    EnglishVerb { base: base.to_owned(), third, past, participle, ing: ing(base) }
}

fn regular_past(base: &str) -> String {
    if base.ends_with('e') {
        return format!("{base}d");
    }
    if let Some(stem) = ends_in_consonant_y(base) {
        return format!("{stem}ied");
    }
    format!("{}ed", doubled(base))
}

fn ing(base: &str) -> String {
    if base == "be" {
        return "being".to_owned();
    }
    if let Some(stem) = base.strip_suffix("ie") {
        return format!("{stem}ying");
    }
    let keeps_e = ["ee", "oe", "ye"].iter().any(|ending| base.ends_with(ending));
    match base.strip_suffix('e') {
        Some(stem) if !keeps_e => format!("{stem}ing"),
        _ => format!("{}ing", doubled(base)),
    }
}

/// The base with its last consonant doubled where *-ed* and *-ing* double it: *stop*, *regret*,
/// *travel*.
fn doubled(base: &str) -> String {
    const LONGER: [&str; 39] = [
        "expel",
        "enrol",
        "fulfil",
        "program",
        "babysit",
        "outrun",
        "upset",
        "zigzag",
        "eavesdrop",
        "admit",
        "commit",
        "submit",
        "permit",
        "omit",
        "regret",
        "forget",
        "begin",
        "prefer",
        "refer",
        "occur",
        "control",
        "travel",
        "cancel",
        "quarrel",
        "label",
        "model",
        "signal",
        "equip",
        "kidnap",
        "worship",
        "unwrap",
        "unzip",
        "unplug",
        "handicap",
        "transfer",
        "deter",
        "rebel",
        "patrol",
        "shovel",
    ];
    if base.ends_with("ic") {
        return format!("{base}k");
    }
    let chars: Vec<char> = base.chars().collect();
    let is_vowel = |c: char| "aeiou".contains(c);
    let n_vowels = chars.iter().filter(|&&c| is_vowel(c)).count();
    let doubles = match chars[..] {
        [.., a, b, c] => {
            let one_vowel = is_vowel(b) && !is_vowel(c) && !"wxy".contains(c);
            let short = one_vowel
                && (!is_vowel(a) || a == 'u' && chars.len() > 3 && chars[chars.len() - 4] == 'q');
            short && (n_vowels == 1 || a == 'u' && n_vowels == 2 || LONGER.contains(&base))
        }
        _ => false,
    };
    match (doubles, chars.last()) {
        (true, Some(last)) => format!("{base}{last}"),
        _ => base.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_verbs_follow_the_rules() {
        let check = |base: &str, expected: [&str; 3]| {
            let verb = conjugate(base, &Irregular::new());
            assert_eq!([verb.third, verb.past, verb.ing], expected, "{base}");
        };
        check("stop", ["stops", "stopped", "stopping"]);
        check("carry", ["carries", "carried", "carrying"]);
        check("play", ["plays", "played", "playing"]);
        check("lie", ["lies", "lied", "lying"]);
        check("watch", ["watches", "watched", "watching"]);
        check("open", ["opens", "opened", "opening"]);
        check("regret", ["regrets", "regretted", "regretting"]);
        check("clean", ["cleans", "cleaned", "cleaning"]);
        check("agree", ["agrees", "agreed", "agreeing"]);
        check("quit", ["quits", "quitted", "quitting"]);
    }

    #[test]
    fn the_article_follows_the_sound() {
        assert!(takes_an("apple") && takes_an("hour") && takes_an("uncle") && takes_an("unusual"));
        assert!(!takes_an("uniform") && !takes_an("pear") && !takes_an("European"));
    }
}
