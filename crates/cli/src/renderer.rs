//! Progress of a training for people: a bar on a terminal, a plain line every few seconds in a
//! pipe. burn-train calls it with the metrics that its dashboard would show.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use burn::train::{
    logger::{EvaluationProgressLogger, TrainingProgressLogger},
    metric::{MetricDefinition, MetricId, NumericEntry},
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining,
    },
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{tell::tell, terminal::stderr_width};

/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The columns of a usual line without its bar.
const TEXT_WIDTH: usize = 70;
/// A shorter bar shows nothing.
const MIN_BAR: usize = 8;
const MAX_BAR: usize = 24;

/// Shows how a training goes, on stderr.
pub struct ProgressRenderer {
    names: HashMap<MetricId, String>,
    train: HashMap<String, f64>,
    validation: HashMap<String, f64>,
    is_validating: bool,
    step: usize,
    steps: usize,
    first_step: usize,
    begun: Instant,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    Lines { last: Option<Instant> },
}

impl ProgressRenderer {
    /// For a terminal (`true`) or a pipe; `step` updates are done already.
    pub fn new(terminal: bool, step: usize) -> Self {
        // A terminal that cannot move its cursor is written to like a pipe.
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let display = if terminal && !is_dumb {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            Display::Bar(bar.with_style(style()).with_position(step as u64))
        } else {
            Display::Lines { last: None }
        };
        Self {
            names: HashMap::new(),
            train: HashMap::new(),
            validation: HashMap::new(),
            is_validating: false,
            step,
            steps: 0,
            first_step: step,
            begun: Instant::now(),
            display,
        }
    }

    fn note(
        names: &HashMap<MetricId, String>,
        values: &mut HashMap<String, f64>,
        state: &MetricState,
    ) {
        if let MetricState::Numeric(entry, Some(value)) = state
            && let Some(name) = names.get(&entry.metric_id)
        {
            let value = match value {
                NumericEntry::Value(value) | NumericEntry::Final(value) => *value,
                NumericEntry::Aggregated { aggregated_value, .. } => *aggregated_value,
            };
            values.insert(name.clone(), value);
        }
    }

    fn show_step(&mut self) {
        let value = |name: &str| self.train.get(name).copied().unwrap_or(f64::NAN);
        let (loss, accuracy, speed) = (value("Loss"), value("Accuracy"), value("Tokens/s"));
        match &mut self.display {
            Display::Bar(bar) => {
                bar.set_style(style()); // the terminal may have been made wider
                bar.set_length(self.steps as u64);
                bar.set_position(self.step as u64);
                bar.set_message(format!(
                    "accuracy {accuracy:.1} % · loss {loss:.3} · {speed:.0} tokens/s"
                ));
            }
            Display::Lines { last } => {
                let is_due = last.is_none_or(|last| last.elapsed() >= LINE_EVERY);
                if is_due || self.step == self.steps {
                    *last = Some(Instant::now());
                    let done = (self.step - self.first_step) as f64;
                    let left = self.begun.elapsed().as_secs_f64() * (self.steps - self.step) as f64
                        / done.max(1.0);
                    tell(format_args!(
                        "step {}/{}  loss {loss:.4}  accuracy {accuracy:.1} %  learning rate \
                         {:.2e}  {speed:.0} tokens/s  {left:.0} s left",
                        self.step,
                        self.steps,
                        value("Learning Rate"),
                    ));
                }
            }
        }
    }

    fn show_validation(&self) {
        let value = |name: &str| self.validation.get(name).copied().unwrap_or(f64::NAN);
        let line = format!(
            "step {}/{}  validation loss {:.4}  accuracy {:.2} %",
            self.step,
            self.steps,
            value("Loss"),
            value("Accuracy"),
        );
        match &self.display {
            Display::Bar(bar) => bar.suspend(|| tell(line)),
            Display::Lines { .. } => tell(line),
        }
    }
}

/// One line, whatever the terminal's width: what matters least comes last and is cut, and a bar is
/// drawn where there is room for it beside all the rest.
fn style() -> ProgressStyle {
    let template = match stderr_width().map_or(0, bar_width) {
        0 => "{pos}/{len} · {eta} left · {wide_msg}".to_owned(),
        width => format!("{{bar:{width}}} {{pos}}/{{len}} · {{eta}} left · {{wide_msg}}"),
    };
    ProgressStyle::with_template(&template).expect("the template is right")
}

fn bar_width(columns: usize) -> usize {
    match columns.saturating_sub(TEXT_WIDTH) {
        ..MIN_BAR => 0,
        room => room.min(MAX_BAR),
    }
}

impl MetricsRendererTraining for ProgressRenderer {
    fn update_train(&mut self, state: MetricState) {
        Self::note(&self.names, &mut self.train, &state);
    }

    fn update_valid(&mut self, state: MetricState) {
        Self::note(&self.names, &mut self.validation, &state);
    }
}

impl TrainingProgressLogger for ProgressRenderer {
    fn start(
        &mut self,
        _rounds: usize,
        _first: usize,
        _items: Option<usize>,
        _label: Option<&str>,
    ) {
        self.begun = Instant::now();
    }

    fn update_epoch(&mut self, _epoch: usize) {}

    fn start_split(&mut self, split: &str, total_items: usize) {
        self.is_validating = split != "train";
        if !self.is_validating {
            self.steps = total_items;
        }
    }

    fn update_split(&mut self, items_processed: usize) {
        if !self.is_validating {
            self.step = items_processed;
            self.show_step();
        }
    }

    fn end_split(&mut self) {
        if self.is_validating {
            self.show_validation();
        }
    }

    fn end(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.abandon();
        }
    }

    fn log_event_training(&mut self, _event: String) {}
}

impl MetricsRenderer for ProgressRenderer {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name.to_string());
    }
}

// burn-train asks for one renderer of training and evaluation; we evaluate without it.

impl MetricsRendererEvaluation for ProgressRenderer {
    fn update_test(&mut self, _name: EvaluationName, _state: MetricState) {}
}

impl EvaluationProgressLogger for ProgressRenderer {
    fn start_global_progress(&mut self, _total_tests: usize) {}

    fn start_test(&mut self, _name: &str, _total_items: usize) {}

    fn update_test_progress(&mut self, _items_processed: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _event: String) {}
}
