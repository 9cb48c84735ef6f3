//! The values that burn-train's dashboard shows.

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

/// Metrics of training or validation, and the learning rate (`None` for validation).
pub(crate) type GaugeInput = (Metrics, Option<f64>);

/// One value on burn-train's dashboard.
#[derive(Clone)]
pub(crate) struct Gauge {
    name: MetricName,
    unit: &'static str,
    precision: usize,
    higher_is_better: bool,
    value_of: fn(&GaugeInput) -> Option<f64>,
    state: NumericMetricState,
}

impl Gauge {
    fn new(
        name: &str,
        unit: &'static str,
        precision: usize,
        higher_is_better: bool,
        value_of: fn(&GaugeInput) -> Option<f64>,
    ) -> Self {
        let state = NumericMetricState::new();
        let name = Arc::new(name.to_owned());
        Self { name, unit, precision, higher_is_better, value_of, state }
    }

    /// Mean loss of an example, in nats.
    pub(crate) fn loss() -> Self {
        Self::new("Loss", "", 4, false, |(metrics, _)| Some(metrics.loss))
    }

    /// Share of right answers, in percent.
    pub(crate) fn accuracy() -> Self {
        Self::new("Accuracy", "%", 2, true, |(metrics, _)| Some(100.0 * metrics.accuracy))
    }

    /// Global norm of the gradients before clipping.
    pub(crate) fn gradient_norm() -> Self {
        Self::new("Gradient norm", "", 3, false, |(metrics, _)| metrics.gradient_norm)
    }

    /// Training speed in tokens per second, padding not counted.
    pub(crate) fn speed() -> Self {
        Self::new("Tokens/s", "", 0, true, |(metrics, _)| metrics.tokens_per_second)
    }

    /// Learning rate of the last update.
    pub(crate) fn learning_rate() -> Self {
        Self::new("Learning rate", "", 6, false, |(_, rate)| *rate)
    }

    fn format(&self) -> FormatOptions {
        let options = FormatOptions::new(self.name.clone()).precision(self.precision);
        if self.unit.is_empty() { options } else { options.unit(self.unit) }
    }
}

impl Metric for Gauge {
    type Input = GaugeInput;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        let unit = (!self.unit.is_empty()).then(|| self.unit.to_owned());
        NumericAttributes { unit, higher_is_better: self.higher_is_better }.into()
    }

    fn update(
        &mut self,
        input: &GaugeInput,
        _metadata: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        if let Some(value) = (self.value_of)(input) {
            self.state.update(value, input.0.n_examples);
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
