//! Whole runs of the recurrent network, which behave as those of an encoder but have no attention.

#![expect(clippy::unwrap_used, reason = "in a test file, helpers are tests too")]

use std::path::Path;

use anafora::model::{ModelError, TrainedModel};
use anafora_training::{
    experiment::{Destination, Experiment},
    guard::OnNan,
    progress::Silent,
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Device, Tensor},
    train::Interrupter,
};
use config::overrides::{ResolvedConfig, resolve};
use encoder::resolver::Resolver;
use run::{directory::Run, metrics::Ending};

const BASE: &str = include_str!("../../../configs/base.toml");
const LSTM: &str = include_str!("../../../configs/lstm.toml");

fn short() -> ResolvedConfig {
    let overrides = [
        "encoder.d_model=24",
        "encoder.d_hidden=10",
        "encoder.dropout=0.2",
        "training.steps=7",
        "training.warmup_steps=3",
        "training.batch_size=8",
        "training.length_bucket_batches=4",
        "tokenizer.examples=500",
        "data.validation_examples=40",
        "record.checkpoint_every=2",
    ];
    resolve("configs/lstm.toml", LSTM, &overrides.map(str::to_owned)).unwrap()
}

fn begin(path: &Path) -> Experiment {
    let destination = Destination::Path { path: path.to_owned(), force: false };
    Experiment::begin(short(), &destination, &Device::flex()).unwrap()
}

fn train(experiment: Experiment, interrupter: Interrupter) -> Ending {
    experiment.train(&mut Silent, &interrupter, OnNan::Stop).unwrap().ending
}

fn load(path: &Path) -> Result<TrainedModel, ModelError> {
    TrainedModel::load(&Run::open(path).unwrap(), "last", &Device::flex())
}

/// The bytes of all weights.
fn weights(path: &Path) -> Vec<Vec<u8>> {
    struct Weights(Vec<Vec<u8>>);
    impl ModuleVisitor for Weights {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().into_data().bytes().to_vec());
        }
    }
    let mut all = Weights(Vec::new());
    load(path).unwrap().resolver.visit(&mut all);
    all.0
}

#[test]
fn a_run_can_be_stopped_and_resumed_and_has_no_snapshots() {
    let parent = tempfile::tempdir().unwrap();
    let [whole, stopped] = ["whole", "stopped"].map(|name| parent.path().join(name));
    assert_eq!(train(begin(&whole), Interrupter::new()), Ending::Finished);

    let interrupter = Interrupter::new();
    interrupter.stop(None); // the loop ends after its first step
    assert_eq!(train(begin(&stopped), interrupter), Ending::Interrupted);
    let resumed = Experiment::resume(&stopped, &[], &Device::flex()).unwrap();
    assert_eq!(resumed.step(), 1);
    assert_eq!(train(resumed, Interrupter::new()), Ending::Finished);
    assert_eq!(weights(&stopped), weights(&whole));

    let snapshots = Run::open(&whole).unwrap().snapshots();
    assert_eq!(std::fs::read_dir(snapshots).unwrap().count(), 0);

    // A checkpoint of one network does not load under the config of the other.
    std::fs::write(whole.join("config.toml"), BASE).unwrap();
    let refusal = load(&whole).err().unwrap().to_string();
    let (found, expected) = refusal.split_once(", its weights were trained with ").unwrap();
    assert!(found.contains("does not fit the run: config.toml says "), "{refusal}");
    assert!(found.contains("encoder.shape = \"base\""), "{refusal}");
    assert!(expected.contains("encoder.shape = \"lstm\""), "{refusal}");
}

#[test]
fn the_two_networks_have_about_the_same_number_of_parameters() {
    let body = |name: &str, text: &str| {
        let config = resolve(name, text, &[]).unwrap().config.encoder;
        let vocab_size = 1;
        let n_parameters = Resolver::new(&config, vocab_size, 1, &Device::flex()).n_parameters();
        (n_parameters - vocab_size * config.d_model()) as f64
    };
    let ratio = body("configs/lstm.toml", LSTM) / body("configs/base.toml", BASE);
    assert!((0.98..1.02).contains(&ratio), "{ratio}");
}

#[test]
fn muon_is_refused_for_a_network_without_blocks() {
    let overrides = ["training.muon_learning_rate=0.001".to_owned()];
    let error = resolve("configs/lstm.toml", LSTM, &overrides).unwrap_err().to_string();
    assert!(error.contains("training.muon_learning_rate is 0.001, expected 0"), "{error}");
}
