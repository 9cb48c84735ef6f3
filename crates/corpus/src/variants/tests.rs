use super::*;
use crate::bundled::probes;

/// The kinds and texts of the variants, the first `pronoun` of `text` being meant.
fn check(text: &str, pronoun: &str, expected: &[(Kind, &str)]) {
    let byte = text.find(pronoun).unwrap();
    let start = text[..byte].chars().count();
    let span = CharSpan::new(start, start + pronoun.chars().count());
    let found = variants(text, span);
    let told: Vec<(Kind, &str)> =
        found.iter().map(|variant| (variant.kind, variant.text.as_str())).collect();
    assert_eq!(told, expected, "{text}");
}

use Kind::{Adjective, Gender, Number};

#[test]
fn the_lectures_sentences() {
    check(
        "El robot dejó caer la pelota porque él estaba dañado.",
        "él",
        &[
            (Gender, "El robot dejó caer la pelota porque ella estaba dañada."),
            (Number, "El robot dejó caer la pelota porque ellos estaban dañados."),
            (Adjective, "El robot dejó caer la pelota porque él estaba mojado."),
        ],
    );
    check(
        "Tom didn't come to work today because he was sick.",
        "he",
        &[
            (Gender, "Tom didn't come to work today because she was sick."),
            (Adjective, "Tom didn't come to work today because he was happy."),
        ],
    );
}

#[test]
fn a_verb_changes_along_where_it_is_known() {
    check("A because it was loud.", "it", &[(Number, "A because they were loud.")]);
    check("They had it.", "They", &[(Number, "It had it.")]);
    check("A car because it sings.", "it", &[]);
    let number = (Number, "Ella fue a casa.");
    check("Ellas fueron a casa.", "Ellas", &[(Gender, "Ellos fueron a casa."), number]);
    check("Ellas xeraron.", "Ellas", &[(Gender, "Ellos xeraron.")]);
}

#[test]
fn a_null_subject_is_seen_by_its_adjective() {
    check(
        "Ana llamó a Pablo porque estaba enferma.",
        "estaba",
        &[
            (Gender, "Ana llamó a Pablo porque estaba enfermo."),
            (Number, "Ana llamó a Pablo porque estaban enfermas."),
            (Adjective, "Ana llamó a Pablo porque estaba contenta."),
        ],
    );
    check("Marta felicitó a Ana porque había ganado un premio.", "había", &[]);
}

#[test]
fn her_is_two_pronouns() {
    check("Tom saw her.", "her", &[(Gender, "Tom saw him.")]);
    check("Tom saw her future.", "her", &[(Gender, "Tom saw his future.")]);
}

#[test]
fn her_before_what_is_no_noun_is_an_object() {
    for (text, other) in [
        ("Tom called her yesterday.", "Tom called him yesterday."),
        ("Tom saw her again.", "Tom saw him again."),
        ("I met her there.", "I met him there."),
        ("We know her well.", "We know him well."),
        ("We liked her immediately.", "We liked him immediately."),
    ] {
        check(text, "her", &[(Gender, other)]);
    }
    // It may be *him flowers* or *his flowers*.
    check("Tom gave her flowers.", "her", &[]);
    check("Tom gave her a flower.", "her", &[(Gender, "Tom gave him a flower.")]);
}

#[test]
fn capitals_stay_capitals() {
    check(
        "ANA LLAMÓ PORQUE ELLA ESTABA ENFERMA.",
        "ELLA",
        &[
            (Gender, "ANA LLAMÓ PORQUE ÉL ESTABA ENFERMO."),
            (Number, "ANA LLAMÓ PORQUE ELLAS ESTABAN ENFERMAS."),
            (Adjective, "ANA LLAMÓ PORQUE ELLA ESTABA CONTENTA."),
        ],
    );
    check("She LEFT.", "She", &[(Gender, "He LEFT.")]);
}

#[test]
fn another_property_can_be_said_of_the_same_persons_and_things() {
    check(
        "Eva stayed because she was tired.",
        "she",
        &[
            (Gender, "Eva stayed because he was tired."),
            (Adjective, "Eva stayed because she was happy."),
        ],
    );
    check(
        "Eva left the shop because it was closed.",
        "it",
        &[
            (Number, "Eva left the shop because they were closed."),
            (Adjective, "Eva left the shop because it was open."),
        ],
    );
}

#[test]
fn a_property_that_begins_with_an_article_is_left_alone() {
    check("Ana dijo que ella era una gran mentirosa.", "ella", &[]);
}

#[test]
fn every_probe_keeps_its_pronoun_and_all_else() {
    let mut n_variants = 0;
    for probe in probes() {
        for variant in variants(&probe.text, probe.pronoun) {
            n_variants += 1;
            assert!(variant.pronoun.slice(&variant.text).is_some(), "{variant:?}");
            assert!(!variant.changed.is_empty());
            for span in &variant.changed {
                assert!(span.slice(&variant.text).is_some(), "{variant:?}");
            }
            let (old, new) = (words(&probe.text).count(), words(&variant.text).count());
            assert_eq!(old, new, "{variant:?}");
        }
    }
    assert!(n_variants > 20, "{n_variants}");
}
