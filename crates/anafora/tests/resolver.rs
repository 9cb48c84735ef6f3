//! Opens a model as users do: from a run, from a checkpoint and from bytes.

#![expect(clippy::unwrap_used, reason = "in a test file, helpers are tests too")]

use std::{fs, path::Path};

use anafora::{
    free_text::FreeTextError,
    intervene::{self, InterventionSettings},
    resolver::{Answer, OpenError, Resolver},
    sample,
};
use tempfile::TempDir;

const TEXT: &str = "El robot dejó caer la pelota porque él estaba dañado.";
const TWO: &str = "Ana llamó a Luis porque ella estaba enferma y él no.";

fn run() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    sample::write_run(directory.path()).unwrap();
    directory
}

fn answers(resolver: &Resolver) -> Vec<Answer> {
    resolver.resolve(TEXT).unwrap()
}

#[test]
fn run_checkpoint_and_bytes_are_the_same_model() {
    let run = run();
    let checkpoint = run.path().join("checkpoints/step-00000000");
    let expected = answers(&Resolver::open(run.path()).unwrap());
    assert_eq!(answers(&Resolver::open(&checkpoint).unwrap()), expected);
    let read = |path: &Path| fs::read(path).unwrap();
    let weights = read(&checkpoint.join("model.bpk"));
    let tokenizer = read(&run.path().join("tokenizer.json"));
    let from_bytes = Resolver::from_bytes(sample::CONFIG, &tokenizer, weights).unwrap();
    assert_eq!(answers(&from_bytes), expected);
}

#[test]
fn the_spans_of_an_answer_are_those_of_its_words() {
    let run = run();
    let resolver = Resolver::open(run.path()).unwrap();
    let found = resolver.resolve(TWO).unwrap();
    let pronouns: Vec<&str> = found.iter().map(|answer| answer.pronoun.as_str()).collect();
    assert_eq!(pronouns, ["ella", "él"]);
    for answer in found {
        assert_eq!(answer.pronoun_span.slice(TWO), Some(answer.pronoun.as_str()));
        if let Some(antecedent) = answer.antecedent {
            assert_eq!(antecedent.span.slice(TWO), Some(antecedent.text.as_str()));
        }
        assert!(answer.probability > 0.0 && answer.probability <= 1.0);
    }
}

#[test]
fn texts_get_the_same_answers_together_as_alone_even_if_one_is_invalid() {
    let run = run();
    let resolver = Resolver::open(run.path()).unwrap();
    let texts = [TEXT, "Nada.", TWO, ""];
    let all = resolver.resolve_all(&texts);
    assert_eq!(all.len(), texts.len());
    for (text, together) in texts.iter().zip(&all) {
        match (together, resolver.resolve(text)) {
            (Ok(together), Ok(alone)) => {
                assert_eq!(together.len(), alone.len());
                for (a, b) in together.iter().zip(&alone) {
                    assert_eq!((&a.pronoun, &a.antecedent), (&b.pronoun, &b.antecedent));
                    assert!((a.probability - b.probability).abs() < 1e-5);
                }
            }
            (Err(_), Err(_)) => {}
            (together, alone) => panic!("{together:?}, alone {alone:?}"),
        }
    }
    assert!(matches!(all[1], Err(FreeTextError::NoPronoun { .. })));
    assert!(matches!(all[3], Err(FreeTextError::Empty)));
}

/// The fast path computes what the definition computes.
#[test]
fn answers_are_the_same_with_and_without_attention() {
    let run = run();
    let resolver = Resolver::open(run.path()).unwrap();
    let probes = resolver.attention(TWO).unwrap();
    for (answer, probe) in resolver.resolve(TWO).unwrap().iter().zip(&probes) {
        let index = probe.answer.unwrap_or(probe.words.len());
        assert!((probe.probabilities[index] - answer.probability).abs() < 1e-5);
        assert_eq!(probe.layers.len(), 2);
    }
}

#[test]
fn a_patch_from_the_same_text_changes_nothing_and_one_from_another_does() {
    let run = run();
    let resolver = Resolver::open(run.path()).unwrap();
    let model = resolver.model();
    let encode = |text| anafora::free_text::encode(model, text, None).unwrap().remove(0);
    let (one, other) = (encode("Ana sabe que ella gana."), encode("Ana sabe que él gana."));
    assert_eq!(one.n_tokens(), other.n_tokens());
    let heads = [(0, 0), (1, 1)];
    let settings = InterventionSettings::default();
    let plain = intervene::resolve(model, std::slice::from_ref(&one), &settings).remove(0);
    let same = intervene::patch(model, &one, &one, &heads);
    assert_eq!(same.probabilities, plain.probabilities);
    let patched = intervene::patch(model, &one, &other, &heads);
    assert_ne!(patched.probabilities, plain.probabilities);
}

#[test]
fn a_missing_run_and_a_missing_tokenizer_are_different_errors() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Resolver::open(empty.path()), Err(OpenError::Run(_))));
    let run = run();
    fs::remove_file(run.path().join("tokenizer.json")).unwrap();
    assert!(matches!(Resolver::open(run.path()), Err(OpenError::Model(_))));
}
