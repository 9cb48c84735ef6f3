//! How somebody is told of a training while it goes on.

use burn::{
    data::dataloader::Progress as Items,
    train::{
        metric::{Metric, MetricDefinition, MetricId, MetricMetadata, Numeric, NumericEntry},
        renderer::{MetricState, MetricsRenderer},
    },
};
use run::metrics::Metrics;

use crate::gauge::Gauge;

/// Is told of a training while it goes on; on the thread that trains, so it must be quick.
pub trait Progress: Send {
    /// The training begins after `step` of `steps` updates.
    fn begin(&mut self, step: usize, steps: usize);

    /// The metrics of the batches up to `step`, and the learning rate of the last update.
    fn trained(&mut self, step: usize, metrics: &Metrics, learning_rate: f64);

    /// The metrics of a pass over the validation set after `step`.
    fn validated(&mut self, step: usize, metrics: &Metrics);

    /// The training has ended, however it did.
    fn end(&mut self);
}

/// Nobody is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _step: usize, _steps: usize) {}

    fn trained(&mut self, _step: usize, _metrics: &Metrics, _learning_rate: f64) {}

    fn validated(&mut self, _step: usize, _metrics: &Metrics) {}

    fn end(&mut self) {}
}

/// One of burn-train's renderers, such as its dashboard in the terminal.
///
/// What burn-train calls an epoch is a stretch of training between two validations.
pub struct Dashboard {
    renderer: Box<dyn MetricsRenderer>,
    training: Vec<Gauge>,
    validation: Vec<Gauge>,
    steps: usize,
    n_epochs: usize,
    validation_every: usize,
}

impl Dashboard {
    /// Shows a training that is validated every so many steps.
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
        let reading = (*metrics, Some(learning_rate));
        for state in states(training, reading, step, *steps) {
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
        // The renderer puts the terminal back as it was; there is no summary to show.
        let _ = self.renderer.on_train_end(None);
    }
}

fn id(gauge: &Gauge) -> MetricId {
    MetricId::new(gauge.name())
}

/// What each gauge shows of `reading`.
fn states(
    gauges: &mut [Gauge],
    reading: (Metrics, Option<f64>),
    step: usize,
    steps: usize,
) -> Vec<MetricState> {
    let progress = Items::new(step, steps, Some("steps".to_owned()));
    let metadata = MetricMetadata { progress, iteration: Some(step), lr: None };
    let of_gauge = |gauge: &mut Gauge| {
        let entry = gauge.update(&reading, &metadata).expect("a gauge reads no tensor");
        let value: Option<NumericEntry> = gauge.value();
        MetricState::Numeric(burn::train::metric::MetricEntry::new(id(gauge), entry), value)
    };
    gauges.iter_mut().map(of_gauge).collect()
}
