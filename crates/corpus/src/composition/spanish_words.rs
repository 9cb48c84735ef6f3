//! Plurals of Spanish nouns, and the four forms of adjectives.

/// Adjectives whose feminine is as the masculine although their ending has another one.
const FIXED: [&str; 16] = [
    "mayor",
    "menor",
    "superior",
    "inferior",
    "exterior",
    "interior",
    "anterior",
    "posterior",
    "mejor",
    "peor",
    "multicolor",
    "marrón",
    "cortés",
    "descortés",
    "afín",
    "ruin",
];

/// The plural of a noun or an adjective by the rules.
pub(super) fn plural(singular: &str) -> String {
    const ENDINGS: [(&str, &str); 9] = [
        ("z", "ces"),
        ("ión", "iones"),
        ("ón", "ones"),
        ("án", "anes"),
        ("ín", "ines"),
        ("én", "enes"),
        ("és", "eses"),
        ("ús", "uses"),
        ("ás", "ases"),
    ];
    match singular {
        "joven" => return "jóvenes".to_owned(),
        "virgen" => return "vírgenes".to_owned(),
        _ => {}
    }
    for (ending, plural) in ENDINGS {
        if let Some(stem) = singular.strip_suffix(ending) {
            return format!("{stem}{plural}");
        }
    }
    let open = singular.ends_with(['a', 'e', 'i', 'o', 'u', 'á', 'é', 'í', 'ó']);
    format!("{singular}{}", if open { "s" } else { "es" })
}

fn feminine(masculine: &str) -> String {
    if FIXED.contains(&masculine) {
        return masculine.to_owned();
    }
    if let Some(stem) = masculine.strip_suffix('o') {
        return format!("{stem}a");
    }
    const ENDINGS: [(&str, &str); 7] = [
        ("or", "ora"),
        ("ón", "ona"),
        ("án", "ana"),
        ("ín", "ina"),
        ("és", "esa"),
        ("ete", "eta"),
        ("ote", "ota"),
    ];
    for (ending, other) in ENDINGS {
        if let Some(stem) = masculine.strip_suffix(ending) {
            return format!("{stem}{other}");
        }
    }
    if masculine == "español" { "española".to_owned() } else { masculine.to_owned() }
}

/// The forms of an adjective (masculine, feminine, and their plurals). Of several words, the last
/// agrees; of *de sí mismo*, too.
pub(super) fn adjective_forms(masculine: &str) -> [String; 4] {
    let (before, word) = match masculine.rsplit_once(' ') {
        Some((before, word)) => (format!("{before} "), word),
        None => (String::new(), masculine),
    };
    let feminine = feminine(word);
    [word.to_owned(), feminine.clone(), plural(word), plural(&feminine)]
        .map(|form| format!("{before}{form}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjectives_have_four_forms() {
        let check = |masculine: &str, expected: [&str; 4]| {
            assert_eq!(adjective_forms(masculine), expected, "{masculine}");
        };
        check("cansado", ["cansado", "cansada", "cansados", "cansadas"]);
        check("trabajador", ["trabajador", "trabajadora", "trabajadores", "trabajadoras"]);
        check("feliz", ["feliz", "feliz", "felices", "felices"]);
        check("mayor", ["mayor", "mayor", "mayores", "mayores"]);
        check("francés", ["francés", "francesa", "franceses", "francesas"]);
        check("egoísta", ["egoísta", "egoísta", "egoístas", "egoístas"]);
        check("joven", ["joven", "joven", "jóvenes", "jóvenes"]);
        check("marrón", ["marrón", "marrón", "marrones", "marrones"]);
    }
}
