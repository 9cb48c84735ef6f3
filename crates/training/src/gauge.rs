//! The numbers that burn-train's dashboard shows.

use std::sync::Arc;

use burn::{
    tensor::TensorReadError,
    train::metric::{
        Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
        NumericEntry, SerializedEntry,
        state::{FormatOptions, NumericMetricState},
    },
};
use run::metrics::Metrics;

/// What the gauges show of: the metrics of some examples, and the learning rate while training.
pub(crate) type Reading = (Metrics, Option<f64>);

/// One number on burn-train's dashboard.
#[derive(Clone)]
pub(crate) struct Gauge {
    name: MetricName,
    unit: &'static str,
    precision: usize,
    higher_is_better: bool,
    read: fn(&Reading) -> Option<f64>,
    state: NumericMetricState,
}

impl Gauge {
    fn new(
        name: &str,
        unit: &'static str,
        precision: usize,
        higher_is_better: bool,
        read: fn(&Reading) -> Option<f64>,
    ) -> Self {
        let state = NumericMetricState::new();
        Self { name: Arc::new(name.to_owned()), unit, precision, higher_is_better, read, state }
    }

    /// Mean loss.
    pub(crate) fn loss() -> Self {
        Self::new("Loss", "", 4, false, |(metrics, _)| Some(metrics.loss))
    }

    /// Right answers in percent.
    pub(crate) fn accuracy() -> Self {
        Self::new("Accuracy", "%", 2, true, |(metrics, _)| Some(100.0 * metrics.accuracy))
    }

    /// Global norm of the gradients.
    pub(crate) fn gradient_norm() -> Self {
        Self::new("Gradient norm", "", 3, false, |(metrics, _)| metrics.gradient_norm)
    }

    /// Tokens per second.
    pub(crate) fn speed() -> Self {
        Self::new("Tokens/s", "", 0, true, |(metrics, _)| metrics.tokens_per_second)
    }

    /// Of the last update.
    pub(crate) fn learning_rate() -> Self {
        Self::new("Learning rate", "", 6, false, |(_, rate)| *rate)
    }

    fn format(&self) -> FormatOptions {
        let options = FormatOptions::new(self.name.clone()).precision(self.precision);
        if self.unit.is_empty() { options } else { options.unit(self.unit) }
    }
}

impl Metric for Gauge {
    type Input = Reading;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        let unit = (!self.unit.is_empty()).then(|| self.unit.to_owned());
        NumericAttributes { unit, higher_is_better: self.higher_is_better }.into()
    }

    fn update(
        &mut self,
        reading: &Reading,
        _metadata: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        if let Some(value) = (self.read)(reading) {
            self.state.update(value, reading.0.n_examples);
        }
        Ok(self.state.compute_update(self.format()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.state.compute_final(self.format()))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for Gauge {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}
