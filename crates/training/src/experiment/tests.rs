//! Steps that are not finite, panics in a training, and updates that must not copy tensors.

use std::{ops::Range, sync::Mutex};

use burn::{
    optim::{AdamWState, LearningRate, Optimizer, OptimizerRecord},
    tensor::Tensor,
};

use kernels::burn_ops::FlatTensor;

use super::*;
use crate::progress::Silent;
use config::{encoder::body::BodyConfig, overrides::resolve};
use run::metrics::Ending;

/// The addresses in memory of a parameter and its two moments.
type Addresses = [usize; 3];

/// AdamW that records the addresses before and after each update.
#[derive(Clone)]
struct RecordingAdamW {
    adamw: FusedAdamW,
    seen: Arc<Mutex<Vec<[Addresses; 2]>>>,
}

fn addresses<const D: usize>(weights: &Tensor<D>, state: &AdamWState<D>) -> Addresses {
    [weights, &state.momentum.moment_1, &state.momentum.moment_2].map(|tensor| {
        let flat = FlatTensor::new(tensor.clone()).expect("the device is flex");
        flat.values().as_ptr().addr()
    })
}

impl Optimizer for RecordingAdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamWState<D>>,
    ) -> (Tensor<D>, Option<AdamWState<D>>) {
        let before = state.as_ref().map(|state| addresses(&weights, state));
        let (weights, state) = self.adamw.step(rate, weights, gradient, state);
        let after = addresses(&weights, state.as_ref().expect("every update makes one"));
        self.seen.lock().expect("nobody panicked").extend(before.map(|before| [before, after]));
        (weights, state)
    }

    fn to_device<const D: usize>(state: AdamWState<D>, device: &Device) -> AdamWState<D> {
        FusedAdamW::to_device(state, device)
    }
}

/// The config of a run that takes seconds.
fn config(overrides: &[&str]) -> ResolvedConfig {
    let short = [
        "training.steps=9",
        "training.warmup_steps=3",
        "training.batch_size=4",
        "training.length_bucket_batches=4",
        "tokenizer.examples=500",
        "data.validation_examples=8",
        "record.metrics_every=4",
        "record.validation_every=3",
        "record.checkpoint_every=2",
    ];
    let overrides: Vec<String> = short.iter().chain(overrides).map(|&o| o.to_owned()).collect();
    let tiny = include_str!("../../../../configs/tiny.toml");
    resolve("configs/tiny.toml", tiny, &overrides).unwrap()
}

fn begin(path: &Path, overrides: &[&str]) -> Experiment {
    let destination = Destination::Path { path: path.to_owned(), force: false };
    Experiment::begin(config(overrides), &destination, &Device::flex()).unwrap()
}

/// Trains with `spoil` applied to the batches `which`, counted from 0.
fn train_spoiled(
    experiment: Experiment,
    which: Range<usize>,
    spoil: fn(Batch) -> Batch,
    on_nan: OnNan,
) -> Result<Outcome, TrainError> {
    let mut index = 0;
    let change = |batch| {
        index += 1;
        if which.contains(&(index - 1)) { spoil(batch) } else { batch }
    };
    experiment.train_on(change, &mut Silent, &Interrupter::new(), on_nan)
}

fn last_weights(path: &Path) -> Vec<u8> {
    std::fs::read(path.join("checkpoints/step-00000009/model.bpk")).unwrap()
}

/// A batch whose antecedent-token loss is NaN.
fn with_nan_loss(batch: Batch) -> Batch {
    let has_antecedent = batch.has_antecedent.full_like(f32::NAN);
    Batch { has_antecedent, ..batch }
}

#[test]
fn a_spoiled_step_is_skipped_alone_and_a_resumed_run_skips_it_too() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("whole");
    let keep = ["record.keep_checkpoints=9"];
    let outcome = train_spoiled(begin(&path, &keep), 4..5, with_nan_loss, OnNan::Skip).unwrap();
    assert_eq!((outcome.ending, outcome.state.step), (Ending::Finished, 9));
    let metrics = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap();
    let skipped = metrics.lines().filter(|line| line.contains("\"kind\":\"not_finite\""));
    let [line] = skipped.collect::<Vec<_>>()[..] else { panic!("{metrics}") };
    assert!(line.contains("\"step\":5,"), "{line}");
    assert!(line.contains("\"place\":\"the gradient of "), "{line}");
    assert!(line.contains("\"skipped\":true"), "{line}");

    let whole = last_weights(&path);
    for name in ["step-00000006", "step-00000008", "step-00000009"] {
        std::fs::remove_dir_all(path.join("checkpoints").join(name)).unwrap();
    }
    let resumed = Experiment::resume(&path, &[], &Device::flex()).unwrap();
    assert_eq!(resumed.step(), 4);
    train_spoiled(resumed, 0..1, with_nan_loss, OnNan::Skip).unwrap();
    assert!(last_weights(&path) == whole);
}

#[test]
fn a_spoiled_step_ends_the_run_with_everything_saved_as_it_was_before() {
    let parent = tempfile::tempdir().unwrap();
    let [whole, path] = ["whole", "spoiled"].map(|name| parent.path().join(name));
    let keep = ["record.keep_checkpoints=9", "record.checkpoint_every=1"];
    begin(&whole, &keep).train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();
    let rare = ["record.checkpoint_every=50", "record.validation_every=50"];
    let result = train_spoiled(begin(&path, &rare), 4..5, with_nan_loss, OnNan::Stop);
    let TrainError::NotFinite { step, what, place, examples } = result.unwrap_err() else {
        panic!("expected an error about a value that is not finite");
    };
    assert_eq!((step, what), (5, "gradient norm"));
    assert!(place.contains("gradient"), "{place}");
    assert!(!examples.is_empty());
    let weights =
        |run: &Path| std::fs::read(run.join("checkpoints/step-00000004/model.bpk")).unwrap();
    assert!(weights(&path) == weights(&whole));
    let metrics = std::fs::read_to_string(path.join("metrics.jsonl")).unwrap();
    assert!(metrics.trim_end().ends_with("\"ending\":\"failed\"}"), "{metrics}");
}

#[test]
fn when_every_step_has_to_be_skipped_the_run_ends() {
    let parent = tempfile::tempdir().unwrap();
    let experiment = begin(&parent.path().join("run"), &["training.steps=400"]);
    let result = train_spoiled(experiment, 2..400, with_nan_loss, OnNan::Skip);
    assert!(matches!(result, Err(TrainError::OnlySkipped { n: 100, .. })));
}

#[test]
fn a_panic_loses_no_step() {
    let parent = tempfile::tempdir().unwrap();
    let [whole, path] = ["whole", "broken"].map(|name| parent.path().join(name));
    let rare = ["record.checkpoint_every=50", "record.validation_every=50"];
    begin(&whole, &rare).train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();
    let experiment = begin(&path, &rare);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        train_spoiled(experiment, 7..8, |_| panic!("raised by the test"), OnNan::Stop)
    }));
    assert!(broken.is_err(), "the panic is passed on");
    // The batch of step 8 is made after step 7 is computed and before its update.
    let resumed = Experiment::resume(&path, &[], &Device::flex()).unwrap();
    assert_eq!(resumed.step(), 6);
    resumed.train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();
    assert!(last_weights(&path) == last_weights(&whole));
}

/// Checkpoints, validations and snapshots between the steps must not keep a second owner of a
/// tensor.
#[test]
fn updates_of_a_whole_run_copy_no_tensor() {
    let parent = tempfile::tempdir().unwrap();
    for accumulation in [1, 2] {
        let path = parent.path().join(accumulation.to_string());
        let mut experiment =
            begin(&path, &[&format!("training.gradient_accumulation_steps={accumulation}")]);
        let constants = Constants { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8, weight_decay: 0.1 };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let recording = RecordingAdamW { adamw: FusedAdamW::new(constants), seen: seen.clone() };
        experiment.state.set_optimizer(recording.into());
        experiment.train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();

        let seen = seen.lock().unwrap();
        assert!(seen.len() > 8 * 10, "{} updates", seen.len()); // none at the first step
        let copied = seen.iter().filter(|[before, after]| before != after).count();
        assert_eq!(copied, 0, "of {} updates", seen.len());
    }
}

const MUON: [&str; 2] = ["training.muon_learning_rate=0.003", "training.muon_momentum=0.95"];

/// AdamW keeps two moments of a parameter, Muon one velocity.
#[test]
fn muon_trains_the_matrices_of_the_blocks_and_nothing_else() {
    let parent = tempfile::tempdir().unwrap();
    let n_tensors = |name: &str, overrides: &[&str]| {
        let path = parent.path().join(name);
        begin(&path, overrides).train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();
        let bytes = std::fs::read(path.join("checkpoints/step-00000009/optimizer.bpk")).unwrap();
        OptimizerRecord::from_bytes(Bytes::from_bytes_vec(bytes)).unwrap().len()
    };
    // q, k and v; output; and the two of the feed-forward network.
    let BodyConfig::Transformer(encoder) = config(&[]).config.encoder else {
        panic!("the tiny model has blocks")
    };
    let n_matrices = 4 * encoder.n_layers;
    assert_eq!(n_tensors("muon", &MUON) + n_matrices, n_tensors("adamw", &[]));
}

#[test]
fn a_run_with_muon_goes_on_to_the_same_weights() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let overrides = [&MUON[..], &["record.keep_checkpoints=9"]].concat();
    begin(&path, &overrides).train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();
    let whole = last_weights(&path);
    for name in ["step-00000006", "step-00000008", "step-00000009"] {
        std::fs::remove_dir_all(path.join("checkpoints").join(name)).unwrap();
    }
    let resumed = Experiment::resume(&path, &[], &Device::flex()).unwrap();
    assert_eq!(resumed.step(), 4);
    resumed.train(&mut Silent, &Interrupter::new(), OnNan::Stop).unwrap();
    assert!(last_weights(&path) == whole);
}
