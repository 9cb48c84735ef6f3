//! Whole runs of a tiny model: the files that they write, determinism and resume.

#![expect(clippy::unwrap_used, reason = "in a test file, helpers are tests too")]

use std::path::Path;

use anafora::model::TrainedModel;
use anafora_training::{guard::OnNan, progress::Silent};
use burn::{tensor::Device, train::Interrupter};
use corpus::example::Example;
use run::{directory::Run, metrics::Ending};
use short::{begin, checkpoints, finish, forget_after, losses, numbers, resume, run, weights};
use snapshot::file;

mod short;

fn jsonl(path: &Path, examples: &[Example]) {
    corpus::jsonl::write(path, examples).unwrap();
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_does_not() {
    let (_first_guard, first) = run(&[]);
    let (_second_guard, second) = run(&[]);
    let (_other_guard, other) = run(&["seed=2"]);
    assert_eq!(numbers(&first), numbers(&second));
    assert_eq!(weights(&first), weights(&second));
    assert_ne!(losses(&first), losses(&other));
}

/// With dropout, and at the same time: trainings must not share a random number generator.
#[test]
fn two_trainings_in_one_process_give_the_bits_that_each_gives_alone() {
    const SEEDS: [&str; 2] = ["seed=1", "seed=2"];
    let alone = SEEDS.map(|seed| run(&[seed]));
    let together = std::thread::scope(|scope| {
        let trainings = SEEDS.map(|seed| scope.spawn(move || run(&[seed])));
        trainings.map(|training| training.join().unwrap())
    });
    for ((_, alone), (_, together)) in alone.iter().zip(&together) {
        assert_eq!(numbers(together), numbers(alone));
        assert_eq!(weights(together), weights(alone));
    }
    assert_ne!(losses(&alone[0].1), losses(&alone[1].1));
}

#[test]
fn a_run_that_was_stopped_and_resumed_is_the_run_that_was_not() {
    for accumulation in
        ["training.gradient_accumulation_steps=1", "training.gradient_accumulation_steps=3"]
    {
        let (_whole_guard, whole) = run(&[accumulation]);
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("stopped");
        let interrupter = Interrupter::new();
        interrupter.stop(None); // the loop ends after its first step
        let experiment = begin(&path, &[accumulation]).unwrap();
        let outcome = experiment.train(&mut Silent, &interrupter, OnNan::Stop).unwrap();
        assert_eq!((outcome.ending, outcome.state.step), (Ending::Interrupted, 1));

        let resumed = resume(&path, &[]).unwrap();
        assert_eq!(resumed.step(), 1);
        assert_eq!(finish(resumed).ending, Ending::Finished);
        assert_eq!(numbers(&path), numbers(&whole));
        assert_eq!(weights(&path), weights(&whole));
    }
}

#[test]
fn lines_after_the_checkpoint_are_written_again_and_not_twice() {
    let (_guard, path) = run(&["record.checkpoint_every=5", "record.validation_every=100"]);
    let whole = numbers(&path);
    forget_after(&path, 11);

    let resumed = resume(&path, &[]).unwrap();
    assert_eq!(resumed.step(), 10);
    finish(resumed);
    assert_eq!(numbers(&path), whole);
}

/// The loss in a snapshot is that of the last line, which may have been written before the
/// checkpoint.
#[test]
fn snapshots_of_a_resumed_run_have_the_same_loss_as_those_of_a_whole_run() {
    let (_guard, path) = run(&[
        "record.metrics_every=5",
        "record.checkpoint_every=7",
        "record.validation_every=100",
        "record.snapshots_per_doubling=2",
    ]);
    let headers = || -> Vec<_> {
        let snapshot =
            |step| file::read(&path.join(format!("snapshots/step-{step:08}.safetensors"))).unwrap();
        [8, 11, 12].map(|step| (snapshot(step).step, snapshot(step).loss)).to_vec()
    };
    let whole = headers();
    assert!(whole.iter().all(|(_, loss)| loss.is_some()));
    for step in [8, 11, 12] {
        std::fs::remove_file(path.join(format!("snapshots/step-{step:08}.safetensors"))).unwrap();
    }
    forget_after(&path, 11);

    let resumed = resume(&path, &[]).unwrap();
    assert_eq!(resumed.step(), 7);
    finish(resumed);
    assert_eq!(headers(), whole);
}

/// A uniform guess over the words and *none* has the loss ln(words + 1).
#[test]
fn an_untrained_model_guesses_uniformly() {
    let (_guard, path) = run(&["training.peak_learning_rate=1e-12", "training.steps=4"]);
    let first = losses(&path)[0];
    assert!((2.0..4.0).contains(&first), "{first} is not about ln of 10 to 50 words");
}

#[test]
fn the_model_can_overfit_a_few_examples() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("few.jsonl");
    jsonl(
        &data,
        &corpus::bundled::test_examples(
            corpus::split::Split::InDistribution,
            corpus::example::Language::Es,
        )[..8],
    );
    let train = format!("data.train=[{:?}]", data.display().to_string());
    let (_guard, path) = run(&[
        &train,
        "data.subword_regularisation=0.0",
        "training.steps=150",
        "encoder.dropout=0.0",
        "record.checkpoint_every=150",
    ]);
    let last = *losses(&path).last().unwrap();
    assert!(last < 0.01, "{last}");
}

/// A regression test as in llm.c: a change of the losses is either intended or a bug.
#[test]
fn the_first_losses_of_the_tiny_config_are_the_committed_ones() {
    const STEPS: [&str; 4] = [
        "training.steps=10",
        "encoder.dropout=0.0",
        "training.batch_size=32",
        "training.length_bucket_batches=16",
    ];
    let (_guard, path) = run(&STEPS);
    let losses = losses(&path);
    let file = "tests/first_losses.json";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, serde_json::to_string_pretty(&losses).unwrap() + "\n").unwrap();
    }
    let expected: Vec<f64> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(losses.len(), expected.len());
    for (step, (loss, expected)) in losses.iter().zip(expected).enumerate() {
        assert!((loss - expected).abs() < 1e-3, "step {step}: {loss}, expected {expected}");
    }
}

/// A length bucket of two batches of four has the same examples as one of a single batch of eight.
#[test]
fn gradients_of_two_half_batches_are_those_of_the_whole_one() {
    let common = ["encoder.dropout=0.0", "objective.antecedent_token=0.0", "training.steps=6"];
    let whole =
        [&common[..], &["training.batch_size=8", "training.length_bucket_batches=1"]].concat();
    let halves = [
        &common[..],
        &[
            "training.batch_size=4",
            "training.length_bucket_batches=2",
            "training.gradient_accumulation_steps=2",
        ],
    ]
    .concat();
    let (_whole_guard, whole) = run(&whole);
    let (_halves_guard, halves) = run(&halves);
    let (whole, halves) = (losses(&whole), losses(&halves));
    assert_eq!(whole.len(), 6);
    for (whole, halves) in whole.iter().zip(&halves) {
        assert!((whole - halves).abs() < 1e-4, "{whole} {halves}");
    }
}

#[test]
fn early_stopping_ends_a_run_that_gets_no_better() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let overrides = [
        "training.peak_learning_rate=1e-12",
        "training.steps=100",
        "training.patience=2",
        "record.validation_every=2",
    ];
    let outcome = finish(begin(&path, &overrides).unwrap());
    assert_eq!(outcome.ending, Ending::NoProgress);
    assert_eq!(outcome.state.step, 6); // the first validation, at step 2, is the best
    TrainedModel::load(&Run::open(&path).unwrap(), "best", &Device::flex()).unwrap();
}

#[test]
fn snapshots_of_the_probes_are_written_from_step_0_on() {
    let (_guard, path) = run(&[]);
    let steps: Vec<u64> = {
        let mut names: Vec<_> = std::fs::read_dir(path.join("snapshots"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        names.iter().map(|path| file::read(path).unwrap().step).collect()
    };
    assert_eq!(steps, [0, 1, 2, 4, 8, 12]);
    let snapshot = file::read(&path.join("snapshots/step-00000012.safetensors")).unwrap();
    let texts: Vec<&str> = snapshot.probes.iter().map(|p| p.example.text.as_str()).collect();
    assert_eq!(texts[0], "El robot dejó caer la pelota porque él estaba dañado.");
    assert_eq!(texts[1], "Tom didn't come to work today because he was sick.");
    assert!(snapshot.probes.iter().all(|probe| probe.layers.len() == 2));
}

/// Dropout is only for training and must not affect answers.
#[test]
fn answers_of_a_loaded_model_are_the_same_twice() {
    let (_guard, path) = run(&["encoder.dropout=0.5"]);
    let model = TrainedModel::load(&Run::open(&path).unwrap(), "last", &Device::flex()).unwrap();
    let examples: Vec<_> =
        corpus::bundled::probes().into_iter().map(|probe| model.encode(probe).unwrap()).collect();
    assert_eq!(model.predict(&examples), model.predict(&examples));
}

#[test]
fn only_the_best_and_the_newest_checkpoints_are_kept() {
    let (_guard, path) = run(&["record.keep_checkpoints=2", "record.validation_every=100"]);
    assert_eq!(checkpoints(&path), ["step-00000010", "step-00000012"]);
}
