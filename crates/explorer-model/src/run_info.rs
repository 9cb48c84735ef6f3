//! What a run contains: configuration, checkpoints, snapshots, probes, and the report on its heads.
//!
//! All is read once, when the run is opened, except for the report, which `evaluate` may write later.

use std::{fs, io::ErrorKind};

use anafora::model::TrainedModel;
use config::encoder::{EncoderConfig, body::BodyConfig};
use corpus::{bundled, example::Example};
use explorer::contract::{
    failure::{Code, Failure},
    request::{MAX_CHARACTERS, MAX_TOKENS},
    run::{Checkpoint, Facts, Limits, Recurrent, Run as RunAnswer, Snapshot},
};
use files::shell;
use run::{
    checkpoint::{CheckpointError, Checkpoints, step_of},
    directory::Run,
    metrics::Line,
    overview::overviews,
};
use serde_json::Value;

use crate::OpenError;

/// The answer to a request for the run.
pub(super) fn gather(
    run: &Run,
    model: &TrainedModel,
    recurrent: Option<Recurrent>,
) -> Result<RunAnswer, OpenError> {
    let BodyConfig::Transformer(encoder) = &model.config.encoder else {
        return Err(OpenError::NoAttention { run: run.path().to_owned() });
    };
    let accuracies = accuracies(run);
    let accuracy = |step| accuracies.iter().find(|(of, _)| *of == step).map(|&(_, share)| share);
    let snapshots =
        snapshot_steps(run).into_iter().map(|step| Snapshot { step, accuracy: accuracy(step) });
    let checkpoints = checkpoint_steps(run)?.into_iter().map(|step| Checkpoint {
        step,
        accuracy: accuracy(step),
        is_best: step == model.step,
    });
    let snapshots: Vec<Snapshot> = snapshots.collect();
    Ok(RunAnswer {
        live: true,
        run: facts(run, model, encoder),
        checkpoints: checkpoints.collect(),
        probes: probes(run, &snapshots, model),
        snapshots,
        limits: Limits { characters: MAX_CHARACTERS, tokens: MAX_TOKENS.min(encoder.max_seq) },
        recurrent,
    })
}

fn facts(run: &Run, model: &TrainedModel, encoder: &EncoderConfig) -> Facts {
    let name = run.path().canonicalize().unwrap_or_else(|_| run.path().to_owned());
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let overview = overviews(run.path()).ok().and_then(|found| found.into_iter().next());
    Facts {
        config: overview.map_or_else(|| name.clone(), |overview| overview.config),
        name,
        path: shell::word(run.path()),
        shape: encoder.shape.name().to_owned(),
        languages: model.config.data.languages.clone(),
        n_layers: encoder.n_layers,
        n_heads: encoder.n_heads,
        d_model: encoder.d_model,
        d_head: encoder.d_head(),
        max_seq: encoder.max_seq,
        vocab_size: model.tokenizer.vocab_size(),
        n_parameters: model.resolver.n_parameters(),
        seed: model.config.seed,
    }
}

/// The field `heads` of the run's report, if `evaluate` has written one.
pub(super) fn heads(run: &Run) -> Result<Option<Value>, Failure> {
    let path = run.path().join("report.json");
    let broken = |error: String| {
        Failure::new(Code::Internal, format!("cannot read {}: {error}", path.display()))
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(broken(error.to_string())),
    };
    let report: Value = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    Ok(report.get("heads").filter(|heads| !heads.is_null()).cloned())
}

/// The validation accuracy at each step where it was measured. A training may be appending to the
/// file at this moment, so an incomplete line is skipped.
fn accuracies(run: &Run) -> Vec<(usize, f64)> {
    let text = fs::read_to_string(run.metrics()).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    let accuracy = |line| match line {
        Line::Validation { step, accuracy, .. } => Some((step, accuracy)),
        _ => None,
    };
    lines.filter_map(accuracy).collect()
}

fn checkpoint_steps(run: &Run) -> Result<Vec<usize>, CheckpointError> {
    let names = Checkpoints::new(run.checkpoints()).existing()?;
    Ok(names.iter().filter_map(|name| step_of(name)).collect())
}

fn snapshot_steps(run: &Run) -> Vec<usize> {
    let entries = fs::read_dir(run.snapshots()).into_iter().flatten().flatten();
    let mut steps: Vec<usize> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            step_of(name.strip_suffix(".safetensors")?)
        })
        .collect();
    steps.sort_unstable();
    steps
}

/// The probes of the last snapshot, or the bundled ones if there is no readable snapshot.
fn probes(run: &Run, snapshots: &[Snapshot], model: &TrainedModel) -> Vec<Example> {
    let last =
        snapshots.last().and_then(|last| snapshot::file::read(&run.snapshot(last.step)).ok());
    match last {
        Some(last) => last.probes.into_iter().map(|probe| probe.example).collect(),
        None => {
            let languages = &model.config.data.languages;
            bundled::probes().into_iter().filter(|p| languages.contains(&p.lang)).collect()
        }
    }
}
