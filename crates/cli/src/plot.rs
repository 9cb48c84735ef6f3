//! The plots of a report, each a whole SVG document with a background of its own, so that it can be
//! read on a light and on a dark page, and with shapes beside colours.

pub mod cause;
pub mod distance;
mod frame;
pub mod growth;
pub mod phenomena;
pub mod reliability;

use corpus::example::Language;
use frame::{Frame, Mark};

/// How each language is drawn, and how all of them together.
fn mark(lang: Option<Language>) -> Mark {
    match lang {
        None => Mark { name: "all", class: "all", shape: frame::Shape::Diamond },
        Some(Language::Es) => Mark { name: "es", class: "es", shape: frame::Shape::Circle },
        Some(Language::En) => Mark { name: "en", class: "en", shape: frame::Shape::Square },
    }
}

/// As short as a plot needs it, counted from 1 as in every text for people: `L3H2`.
fn head_name([layer, head]: [usize; 2]) -> String {
    format!("L{}H{}", layer + 1, head + 1)
}

/// The bounds of an axis of shares that holds `lowest` and 1: as narrow as whole steps of about a
/// fifth of it allow, so that an interval of half a per cent can be seen.
fn accuracy_axis(lowest: f64) -> (f64, f64) {
    const STEPS: [f64; 7] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
    let room = 1.0 - lowest;
    let step = STEPS.into_iter().find(|step| room <= 6.0 * step).unwrap_or(0.2);
    // Less than a millionth of a step is rounding.
    let n_steps = (room / step - 1e-6).ceil().max(1.0);
    ((1.0 - n_steps * step).max(0.0), step)
}

/// A share as the axis has it: as many digits as its step needs.
fn tick_label(share: f64, step: f64) -> String {
    let digits = if step < 0.01 { 1 } else { 0 };
    format!("{:.digits$}", 100.0 * share)
}

/// The values of an axis that ends with 1.
fn ticks(from: f64, step: f64) -> impl Iterator<Item = f64> {
    let n_steps = ((1.0 - from) / step).round() as usize;
    (0..=n_steps).map(move |index| 1.0 - (n_steps - index) as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_holds_what_is_drawn_and_is_no_longer_than_it_must_be() {
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
