//! Reports the progress of a training to its caller.

use burn::{
    data::dataloader::Progress as Items,
    train::{
        metric::{Metric, MetricDefinition, MetricId, MetricMetadata, Numeric, NumericEntry},
        renderer::{MetricState, MetricsRenderer},
    },
};
use run::metrics::Metrics;

use crate::gauge::{Gauge, GaugeInput};

/// Receives the progress of a training. Its methods run on the thread that trains, so they must
/// return quickly.
pub trait Progress: Send {
    /// The training begins, with `step` of `steps` updates already done.
    fn begin(&mut self, step: usize, steps: usize);

    /// Mean metrics of the batches since the previous call, and the learning rate of the update
    /// `step`.
    fn trained(&mut self, step: usize, metrics: &Metrics, learning_rate: f64);

    /// Metrics of a pass over the validation set after the update `step`.
    fn validated(&mut self, step: usize, metrics: &Metrics);

    /// The training has ended, normally or with an error.
    fn end(&mut self);
}

/// Ignores all progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _step: usize, _steps: usize) {}

    fn trained(&mut self, _step: usize, _metrics: &Metrics, _learning_rate: f64) {}

    fn validated(&mut self, _step: usize, _metrics: &Metrics) {}

    fn end(&mut self) {}
}

/// Shows progress with one of burn-train's renderers, such as its dashboard in the terminal.
///
/// An epoch, for burn-train, is here the interval between two validations.
pub struct Dashboard {
    renderer: Box<dyn MetricsRenderer>,
    training: Vec<Gauge>,
    validation: Vec<Gauge>,
    steps: usize,
    n_epochs: usize,
    validation_every: usize,
}

impl Dashboard {
    /// A dashboard for a training that is validated every `validation_every` steps.
    pub fn new(renderer: Box<dyn MetricsRenderer>, validation_every: usize) -> Self {
        let training = vec![
            Gauge::accuracy(),
            Gauge::loss(),
            Gauge::gradient_norm(),
            Gauge::speed(),
            Gauge::learning_rate(),
        ];
        let validation = vec![Gauge::accuracy(), Gauge::loss()];
        Self { renderer, training, validation, steps: 0, n_epochs: 0, validation_every }
    }
}

impl Progress for Dashboard {
    fn begin(&mut self, step: usize, steps: usize) {
        (self.steps, self.n_epochs) = (steps, steps.div_ceil(self.validation_every));
        for gauge in &self.training {
            self.renderer.register_metric(MetricDefinition::new(id(gauge), gauge));
        }
        let epoch = step / self.validation_every + 1;
        self.renderer.start(self.n_epochs, epoch, Some(steps), None);
        self.renderer.start_split("train", steps);
    }

    fn trained(&mut self, step: usize, metrics: &Metrics, learning_rate: f64) {
        let Self { renderer, training, steps, .. } = self;
        let input = (*metrics, Some(learning_rate));
        for state in states(training, input, step, *steps) {
            renderer.update_train(state);
        }
        renderer.update_split(step);
    }

    fn validated(&mut self, step: usize, metrics: &Metrics) {
        let Self { renderer, training, validation, steps, validation_every, .. } = self;
        renderer.end_split();
        renderer.start_split("valid", 1);
        for state in states(validation, (*metrics, None), step, *steps) {
            renderer.update_valid(state);
        }
        renderer.update_split(1);
        renderer.end_split();
        renderer.update_epoch(step / *validation_every);
        training.iter_mut().chain(validation).for_each(Gauge::clear);
        renderer.start_split("train", *steps);
    }

    fn end(&mut self) {
        self.renderer.end();
        // This restores the terminal; there is no summary to show.
        let _ = self.renderer.on_train_end(None);
    }
}

fn id(gauge: &Gauge) -> MetricId {
    MetricId::new(gauge.name())
}

/// Updates each gauge with `input` and returns what the renderer shows.
fn states(gauges: &mut [Gauge], input: GaugeInput, step: usize, steps: usize) -> Vec<MetricState> {
    let progress = Items::new(step, steps, Some("steps".to_owned()));
    let metadata = MetricMetadata { progress, iteration: Some(step), lr: None };
    let of_gauge = |gauge: &mut Gauge| {
        let entry = gauge.update(&input, &metadata).expect("a gauge reads no tensor");
        let value: Option<NumericEntry> = gauge.value();
        MetricState::Numeric(burn::train::metric::MetricEntry::new(id(gauge), entry), value)
    };
    gauges.iter_mut().map(of_gauge).collect()
}
