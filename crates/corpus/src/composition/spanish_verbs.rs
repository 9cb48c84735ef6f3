//! The forms of Spanish verbs: the rules, and what `verbs.toml` says of those that break them.

use std::collections::HashMap;

/// A tense and mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Present,
    Preterite,
    Imperfect,
    Future,
    Conditional,
    Subjunctive,
    PastSubjunctive,
}

/// How many tenses have forms of one word.
const N_TENSES: usize = 7;

/// First, second and third person singular, first and third person plural.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    I,
    You,
    He,
    We,
    They,
}

/// All forms of a verb.
#[derive(Debug, Clone)]
pub(super) struct SpanishVerb {
    pub(super) infinitive: String,
    pub(super) gerund: String,
    pub(super) participle: String,
    pub(super) imperative: String,
    finite: [[String; 5]; N_TENSES],
}

impl SpanishVerb {
    pub(super) fn form(&self, tense: Tense, person: Person) -> &str {
        &self.finite[tense as usize][person as usize]
    }
}

/// What the rules do not give, by infinitive.
#[derive(Debug, Default)]
pub(super) struct Irregular {
    /// The stem of the stressed forms of the present: *quier-*.
    pub(super) stressed: HashMap<String, String>,
    /// The stem of the third persons of the preterite, the gerund and the subjunctive: *pid-*.
    pub(super) weak: HashMap<String, String>,
    /// The stem of a strong preterite: *tuv-*. An entry that begins with `*` is for all verbs that
    /// end so.
    pub(super) strong: HashMap<String, String>,
    /// The first person of the present: *tengo*.
    pub(super) first: HashMap<String, String>,
    /// The stem of the future: *tendr-*.
    pub(super) future: HashMap<String, String>,
    pub(super) participle: HashMap<String, String>,
    pub(super) imperative: HashMap<String, String>,
    /// Whole paradigms: `"ser present"` = the five forms.
    pub(super) whole: HashMap<String, Vec<String>>,
}

/// The entry for a verb, or for the ending of a verb: `*tener` with `*tuv` gives *detuv-*.
fn of_family(entries: &HashMap<String, String>, infinitive: &str) -> Option<String> {
    if let Some(exact) = entries.get(infinitive) {
        return Some(exact.trim_start_matches('*').to_owned());
    }
    let starts = infinitive.char_indices().map(|(at, _)| at);
    starts.into_iter().find_map(|at| {
        let (prefix, ending) = infinitive.split_at(at);
        let stem = entries.get(&format!("*{ending}"))?;
        Some(format!("{prefix}{stem}"))
    })
}

/// Writes the end of a stem so that it sounds the same before *e, i* (`front`) or *a, o*.
fn spell(stem: &str, class: Conjugation, front: bool) -> String {
    let swap = |from: &str, to: &str| stem.strip_suffix(from).map(|rest| format!("{rest}{to}"));
    let changed = match (class, front) {
        (Conjugation::Ar, true) => {
            let pairs = [("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")];
            pairs.iter().find_map(|(from, to)| swap(from, to))
        }
        (Conjugation::Ar, false) => None,
        (_, false) => swap("gu", "g").or_else(|| swap("qu", "c")).or_else(|| swap("g", "j")),
        (_, true) => None,
    };
    changed.unwrap_or_else(|| stem.to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conjugation {
    Ar,
    Er,
    Ir,
}

/// All forms of the verb with this infinitive, or `None` if it does not end like one.
pub(super) fn conjugate(infinitive: &str, irregular: &Irregular) -> Option<SpanishVerb> {
    let (stem, class) = [
        ("ar", Conjugation::Ar),
        ("er", Conjugation::Er),
        ("ir", Conjugation::Ir),
        ("ír", Conjugation::Ir),
    ]
    .into_iter()
    .find_map(|(ending, class)| Some((infinitive.strip_suffix(ending)?, class)))?;
    let verb = Rules { infinitive, stem, class, irregular };
    let present = verb.present();
    let preterite = verb.preterite();
    let imperfect = verb.imperfect();
    let future_stem =
        of_family(&irregular.future, infinitive).unwrap_or_else(|| infinitive.replace('í', "i"));
    let future = ["é", "ás", "á", "emos", "án"].map(|ending| format!("{future_stem}{ending}"));
    let conditional =
        ["ía", "ías", "ía", "íamos", "ían"].map(|ending| format!("{future_stem}{ending}"));
    let subjunctive = verb.subjunctive(&present);
    let past_subjunctive = past_subjunctive(&preterite);
    Some(SpanishVerb {
        infinitive: infinitive.to_owned(),
        gerund: verb.gerund(),
        participle: verb.participle(),
        imperative: of_family(&irregular.imperative, infinitive)
            .unwrap_or_else(|| present[2].clone()),
        finite: [present, preterite, imperfect, future, conditional, subjunctive, past_subjunctive],
    })
}

struct Rules<'a> {
    infinitive: &'a str,
    stem: &'a str,
    class: Conjugation,
    irregular: &'a Irregular,
}

impl Rules<'_> {
    fn whole(&self, tense: &str) -> Option<[String; 5]> {
        let forms = self.irregular.whole.get(&format!("{} {tense}", self.infinitive))?;
        forms.clone().try_into().ok()
    }

    /// Whether the verb has *y* between its stem and an ending: *construyo*.
    fn takes_y(&self) -> bool {
        self.infinitive.ends_with("uir")
            && !self.infinitive.ends_with("guir")
            && !self.infinitive.ends_with("quir")
    }

    /// Whether the stem ends in a vowel, so that *ió* becomes *yó*: *leyó*.
    fn ends_in_vowel(&self) -> bool {
        self.class != Conjugation::Ar
            && self.stem.ends_with(['a', 'e', 'o'])
            && !self.infinitive.ends_with("eír")
            || self.takes_y()
    }

    fn stressed(&self) -> String {
        let stem = of_family(&self.irregular.stressed, self.infinitive);
        let stem = stem.unwrap_or_else(|| self.stem.to_owned());
        if self.takes_y() { stem + "y" } else { stem }
    }

    fn weak(&self) -> String {
        let weak = of_family(&self.irregular.weak, self.infinitive);
        weak.unwrap_or_else(|| self.stem.to_owned())
    }

    fn first(&self) -> String {
        if let Some(first) = of_family(&self.irregular.first, self.infinitive) {
            return first;
        }
        let vowel_before_c = self.class != Conjugation::Ar
            && self.stem.strip_suffix('c').is_some_and(|rest| rest.ends_with(['a', 'e', 'o', 'u']));
        let has_own_stem = of_family(&self.irregular.stressed, self.infinitive).is_some();
        if vowel_before_c && !has_own_stem {
            return format!("{}zco", self.stem.strip_suffix('c').unwrap_or_default());
        }
        let stem = self.stressed();
        let stem = match self.class {
            Conjugation::Ar => stem,
            _ if stem.ends_with('c') => format!("{}z", stem.strip_suffix('c').unwrap_or_default()),
            class => spell(&stem, class, false),
        };
        stem + "o"
    }

    fn present(&self) -> [String; 5] {
        if let Some(forms) = self.whole("present") {
            return forms;
        }
        let stressed = self.stressed();
        let unaccented = match self.class {
            Conjugation::Ar => "amos",
            Conjugation::Er => "emos",
            Conjugation::Ir if self.infinitive.ends_with("ír") => "ímos",
            Conjugation::Ir => "imos",
        };
        let endings =
            if self.class == Conjugation::Ar { ["as", "a", "an"] } else { ["es", "e", "en"] };
        [
            self.first(),
            format!("{stressed}{}", endings[0]),
            format!("{stressed}{}", endings[1]),
            format!("{}{unaccented}", self.stem),
            format!("{stressed}{}", endings[2]),
        ]
    }

    fn preterite(&self) -> [String; 5] {
        if let Some(forms) = self.whole("preterite") {
            return forms;
        }
        if let Some(strong) = of_family(&self.irregular.strong, self.infinitive) {
            let third = match self.infinitive.ends_with("hacer") {
                true => format!("{}zo", strong.trim_end_matches('c')),
                false => format!("{strong}o"),
            };
            let plural = if strong.ends_with('j') { "eron" } else { "ieron" };
            return [
                format!("{strong}e"),
                format!("{strong}iste"),
                third,
                format!("{strong}imos"),
                format!("{strong}{plural}"),
            ];
        }
        let stem = self.stem;
        if self.class == Conjugation::Ar {
            let first = spell(stem, self.class, true);
            return [
                format!("{first}é"),
                format!("{stem}aste"),
                format!("{stem}ó"),
                format!("{stem}amos"),
                format!("{stem}aron"),
            ];
        }
        let weak = self.weak();
        let (third, plural) = if self.ends_in_vowel() {
            ("yó", "yeron")
        } else if weak.ends_with('ñ') || weak.ends_with("ll") {
            ("ó", "eron")
        } else {
            ("ió", "ieron")
        };
        let (you, we) =
            match self.ends_in_vowel() && !self.takes_y() || self.infinitive.ends_with("eír") {
                true => ("íste", "ímos"),
                false => ("iste", "imos"),
            };
        [
            format!("{stem}í"),
            format!("{stem}{you}"),
            format!("{weak}{third}"),
            format!("{stem}{we}"),
            format!("{weak}{plural}"),
        ]
    }

    fn imperfect(&self) -> [String; 5] {
        if let Some(forms) = self.whole("imperfect") {
            return forms;
        }
        let endings = match self.class {
            Conjugation::Ar => ["aba", "abas", "aba", "ábamos", "aban"],
            _ => ["ía", "ías", "ía", "íamos", "ían"],
        };
        endings.map(|ending| format!("{}{ending}", self.stem))
    }

    fn subjunctive(&self, present: &[String; 5]) -> [String; 5] {
        if let Some(forms) = self.whole("subjunctive") {
            return forms;
        }
        let (stressed, plain, vowel) = match self.class {
            Conjugation::Ar => {
                let stressed = spell(&self.stressed(), self.class, true);
                (stressed, spell(self.stem, self.class, true), "e")
            }
            _ => {
                let first = present[0].strip_suffix('o').unwrap_or(&present[0]).to_owned();
                // *pidamos, durmamos, tengamos*, but *perdamos*.
                let weak = of_family(&self.irregular.weak, self.infinitive);
                let is_stressed_only = of_family(&self.irregular.stressed, self.infinitive)
                    .is_some()
                    && of_family(&self.irregular.first, self.infinitive).is_none();
                let plain = match weak {
                    Some(weak) if is_stressed_only => spell(&weak, self.class, false),
                    _ if is_stressed_only => spell(self.stem, self.class, false),
                    _ => first.clone(),
                };
                (first, plain, "a")
            }
        };
        [
            format!("{stressed}{vowel}"),
            format!("{stressed}{vowel}s"),
            format!("{stressed}{vowel}"),
            format!("{plain}{vowel}mos"),
            format!("{stressed}{vowel}n"),
        ]
    }

    fn gerund(&self) -> String {
        if let Some(forms) = self.irregular.whole.get(&format!("{} gerund", self.infinitive)) {
            return forms.first().cloned().unwrap_or_default();
        }
        let weak = self.weak();
        match self.class {
            Conjugation::Ar => format!("{}ando", self.stem),
            _ if self.ends_in_vowel() => format!("{}yendo", self.stem),
            _ if weak.ends_with('ñ') || weak.ends_with("ll") => format!("{weak}endo"),
            _ => format!("{weak}iendo"),
        }
    }

    fn participle(&self) -> String {
        if let Some(participle) = of_family(&self.irregular.participle, self.infinitive) {
            return participle;
        }
        match self.class {
            Conjugation::Ar => format!("{}ado", self.stem),
            _ if self.stem.ends_with(['a', 'e', 'o']) => format!("{}ído", self.stem),
            _ => format!("{}ido", self.stem),
        }
    }
}

fn past_subjunctive(preterite: &[String; 5]) -> [String; 5] {
    let stem = preterite[4].strip_suffix("ron").unwrap_or(&preterite[4]).to_owned();
    let accented = match stem.char_indices().next_back() {
        Some((at, 'e')) => format!("{}é", &stem[..at]),
        Some((at, 'a')) => format!("{}á", &stem[..at]),
        _ => stem.clone(),
    };
    [
        format!("{stem}ra"),
        format!("{stem}ras"),
        format!("{stem}ra"),
        format!("{accented}ramos"),
        format!("{stem}ran"),
    ]
}

/// A verb form with pronouns attached, with the accent that keeps its stress: *dárselo*,
/// *mirándola*, *llámalo*.
pub(super) fn attach(form: &str, clitics: &[&str]) -> String {
    let accented = match clitics.len() {
        0 => return form.to_owned(),
        n => with_accent(form, n),
    };
    accented + &clitics.concat()
}

/// The form with a written accent if `n_clitics` syllables behind it make it necessary.
fn with_accent(form: &str, n_clitics: usize) -> String {
    const ACCENTS: [(char, char); 5] = [('a', 'á'), ('e', 'é'), ('i', 'í'), ('o', 'ó'), ('u', 'ú')];
    // *detén*, but *detenla*.
    if n_clitics == 1 && form.ends_with("én") {
        return form.replace("én", "en");
    }
    if form.contains(['á', 'é', 'í', 'ó', 'ú']) {
        return form.to_owned();
    }
    let chars: Vec<char> = form.chars().collect();
    let is_vowel = |c: char| "aeiouü".contains(c);
    // The nucleus of each syllable: the strongest vowel of a run of them.
    let mut nuclei: Vec<usize> = Vec::new();
    for (at, &c) in chars.iter().enumerate() {
        let silent = c == 'u'
            && at > 0
            && "gq".contains(chars[at - 1])
            && chars.get(at + 1).is_some_and(|&n| "ei".contains(n));
        if !is_vowel(c) || silent {
            continue;
        }
        let joins = nuclei.last().is_some_and(|&last| {
            last + 1 == at && !("aeo".contains(chars[last]) && "aeo".contains(c))
        });
        match nuclei.last_mut() {
            Some(last) if joins => {
                if "aeo".contains(c) || !"aeo".contains(chars[*last]) {
                    *last = at;
                }
            }
            _ => nuclei.push(at),
        }
    }
    let ends_open = chars.last().is_some_and(|&c| is_vowel(c) || c == 'n' || c == 's');
    let behind = usize::from(ends_open && nuclei.len() > 1);
    // Stressed on the third syllable from the end or earlier: an accent.
    if behind + n_clitics < 2 {
        return form.to_owned();
    }
    let Some(&stressed) = nuclei.len().checked_sub(1 + behind).and_then(|idx| nuclei.get(idx))
    else {
        return form.to_owned();
    };
    let accent = |c: char| ACCENTS.iter().find(|(plain, _)| *plain == c).map_or(c, |&(_, a)| a);
    chars.iter().enumerate().map(|(at, &c)| if at == stressed { accent(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composition::lexicon::irregular_spanish;
    use crate::grammar::document;

    fn verb(infinitive: &str) -> SpanishVerb {
        let text = include_str!("../../data/composition/es/verbs.toml");
        let irregular = irregular_spanish(&document::parse(text).unwrap()).unwrap();
        conjugate(infinitive, &irregular).unwrap()
    }

    #[test]
    fn forms_are_those_of_the_dictionary() {
        use Person as P;
        use Tense as T;
        let check = |infinitive: &str, tense, person, expected: &str| {
            assert_eq!(
                verb(infinitive).form(tense, person),
                expected,
                "{infinitive} {tense:?} {person:?}"
            );
        };
        check("hablar", T::Present, P::He, "habla");
        check("buscar", T::Preterite, P::I, "busqué");
        check("llegar", T::Subjunctive, P::They, "lleguen");
        check("empezar", T::Present, P::They, "empiezan");
        check("conocer", T::Present, P::I, "conozco");
        check("conocer", T::Subjunctive, P::He, "conozca");
        check("tener", T::Preterite, P::They, "tuvieron");
        check("detener", T::Future, P::He, "detendrá");
        check("mantener", T::PastSubjunctive, P::He, "mantuviera");
        check("hacer", T::Preterite, P::He, "hizo");
        check("traer", T::Preterite, P::They, "trajeron");
        check("conducir", T::Preterite, P::He, "condujo");
        check("pedir", T::Preterite, P::He, "pidió");
        check("dormir", T::Subjunctive, P::We, "durmamos");
        check("perder", T::Subjunctive, P::We, "perdamos");
        check("construir", T::Present, P::He, "construye");
        check("construir", T::Preterite, P::They, "construyeron");
        check("leer", T::Preterite, P::He, "leyó");
        check("caer", T::Preterite, P::They, "cayeron");
        check("oír", T::Present, P::They, "oyen");
        check("seguir", T::Present, P::I, "sigo");
        check("coger", T::Present, P::I, "cojo");
        check("coger", T::Subjunctive, P::He, "coja");
        check("ir", T::Imperfect, P::He, "iba");
        check("ser", T::PastSubjunctive, P::They, "fueran");
        check("estar", T::Subjunctive, P::He, "esté");
        check("decir", T::Conditional, P::They, "dirían");
        check("jugar", T::Present, P::He, "juega");
        check("enviar", T::Present, P::They, "envían");
        check("reñir", T::Preterite, P::He, "riñó");
        check("volver", T::Present, P::He, "vuelve");
        check("reír", T::Preterite, P::He, "rió");
        check("sonreír", T::Present, P::He, "sonríe");
        check("elegir", T::Subjunctive, P::He, "elija");
        check("vencer", T::Present, P::I, "venzo");
        check("ver", T::Preterite, P::He, "vio");
        check("dar", T::PastSubjunctive, P::They, "dieran");
    }

    #[test]
    fn gerunds_participles_and_commands_are_those_of_the_dictionary() {
        let check = |infinitive: &str, expected: [&str; 3]| {
            let verb = verb(infinitive);
            assert_eq!(
                [&verb.gerund, &verb.participle, &verb.imperative],
                expected,
                "{infinitive}"
            );
        };
        check("hablar", ["hablando", "hablado", "habla"]);
        check("leer", ["leyendo", "leído", "lee"]);
        check("pedir", ["pidiendo", "pedido", "pide"]);
        check("volver", ["volviendo", "vuelto", "vuelve"]);
        check("hacer", ["haciendo", "hecho", "haz"]);
        check("poner", ["poniendo", "puesto", "pon"]);
        check("ir", ["yendo", "ido", "ve"]);
        check("describir", ["describiendo", "descrito", "describe"]);
        check("dormir", ["durmiendo", "dormido", "duerme"]);
    }

    #[test]
    fn attached_pronouns_move_no_stress() {
        let check = |form: &str, clitics: &[&str], expected: &str| {
            assert_eq!(attach(form, clitics), expected, "{form}");
        };
        check("dar", &["se", "lo"], "dárselo");
        check("ver", &["la"], "verla");
        check("mirando", &["la"], "mirándola");
        check("diciendo", &["me", "lo"], "diciéndomelo");
        check("llama", &["lo"], "llámalo");
        check("di", &["le"], "dile");
        check("di", &["me", "lo"], "dímelo");
        check("cuida", &["los"], "cuídalos");
        check("despierta", &["la"], "despiértala");
        check("compra", &["se", "la"], "cómprasela");
        check("oír", &["los"], "oírlos");
        check("busca", &["le"], "búscale");
    }
}
