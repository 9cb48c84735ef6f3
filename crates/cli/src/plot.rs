//! The plots of a report. Each is a complete SVG document with its own background, readable on light
//! and dark pages; languages differ in shape as well as in colour.

pub mod cause;
pub mod distance;
mod frame;
pub mod growth;
pub mod phenomena;
pub mod reliability;

use corpus::example::Language;
use frame::{Frame, Mark};

/// The mark of each language, and of all languages together.
fn mark(lang: Option<Language>) -> Mark {
    match lang {
        None => Mark { name: "all", class: "all", shape: frame::Shape::Diamond },
        Some(Language::Es) => Mark { name: "es", class: "es", shape: frame::Shape::Circle },
        Some(Language::En) => Mark { name: "en", class: "en", shape: frame::Shape::Square },
    }
}

/// The short name of a head, `L3H2`; layers and heads are counted from 1 in all output.
fn head_name([layer, head]: [usize; 2]) -> String {
    format!("L{}H{}", layer + 1, head + 1)
}

/// Lower end and tick distance of an accuracy axis that includes `lowest` and ends at 1. It has about
/// five ticks and is as short as possible, so that an interval of half a per cent is visible.
fn accuracy_axis(lowest: f64) -> (f64, f64) {
    const STEPS: [f64; 7] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
    let room = 1.0 - lowest;
    let step = STEPS.into_iter().find(|step| room <= 6.0 * step).unwrap_or(0.2);
    // Subtracting a millionth of a step keeps rounding errors from adding a step.
    let n_steps = (room / step - 1e-6).ceil().max(1.0);
    ((1.0 - n_steps * step).max(0.0), step)
}

/// The label of a tick in per cent, with as many digits as the distance of ticks needs.
fn tick_label(share: f64, step: f64) -> String {
    let digits = if step < 0.01 { 1 } else { 0 };
    format!("{:.digits$}", 100.0 * share)
}

/// The ticks of an axis that ends at 1.
fn ticks(from: f64, step: f64) -> impl Iterator<Item = f64> {
    let n_steps = ((1.0 - from) / step).round() as usize;
    (0..=n_steps).map(move |index| 1.0 - (n_steps - index) as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_includes_the_lowest_value_and_is_as_short_as_possible() {
        for (lowest, from, step) in
            [(0.999, 0.999, 0.001), (0.985, 0.985, 0.005), (0.93, 0.92, 0.02), (0.5, 0.5, 0.1)]
        {
            let (f, s) = accuracy_axis(lowest);
            assert!((f - from).abs() < 1e-9 && s == step, "{lowest}: {f} {s}");
        }
        assert_eq!(accuracy_axis(0.0), (0.0, 0.2));
        assert_eq!(accuracy_axis(1.0), (0.999, 0.001));
    }

    #[test]
    fn ticks_end_with_the_whole() {
        let labels: Vec<String> = ticks(0.985, 0.005).map(|t| tick_label(t, 0.005)).collect();
        assert_eq!(labels, ["98.5", "99.0", "99.5", "100.0"]);
        let labels: Vec<String> = ticks(0.0, 0.2).map(|t| tick_label(t, 0.2)).collect();
        assert_eq!(labels, ["0", "20", "40", "60", "80", "100"]);
    }
}
