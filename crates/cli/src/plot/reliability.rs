//! Reliability diagram: accuracy against probability, above a histogram of the probabilities.
//!
//! Points on the diagonal are calibrated; below it the model is overconfident.
//! Reference: Guo et al. 2017, <https://arxiv.org/abs/1706.04599>, figure 4.

use evaluation::{calibration::Calibration, report::Report};

use super::{Frame, frame::Anchor, mark};

const LEFT: f64 = 90.0;
const RIGHT: f64 = 470.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 396.0;
/// Upper and lower end of the histogram.
const BARS_TOP: f64 = 430.0;
const BARS_BOTTOM: f64 = 500.0;

/// The plot of one split.
pub fn draw(report: &Report, split: &str) -> String {
    let mut frame = Frame::new(500.0, 568.0, &format!("Reliability of the answers, {split}"));
    draw_axes(&mut frame);
    if let Some(calibration) = report.calibration.iter().find(|c| c.split == split) {
        draw_points(&mut frame, calibration);
        draw_bars(&mut frame, calibration);
        let note = format!(
            "calibration error {:.2} %, mean probability {:.2} %, accuracy {:.2} %",
            100.0 * calibration.ece,
            100.0 * calibration.confidence,
            100.0 * calibration.accuracy
        );
        frame.text("note", (20.0, 52.0), Anchor::Start, &note);
    }
    frame.finish()
}

fn x(share: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * share
}

fn y(share: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * share
}

fn draw_axes(frame: &mut Frame) {
    for index in 0..=5 {
        let share = f64::from(index) / 5.0;
        let label = format!("{:.0}", 100.0 * share);
        frame.line("grid", (LEFT, y(share)), (RIGHT, y(share)));
        frame.line("grid", (x(share), TOP), (x(share), BOTTOM));
        frame.text("tick", (LEFT - 10.0, y(share) + 4.0), Anchor::End, &label);
        frame.text("tick", (x(share), BARS_BOTTOM + 18.0), Anchor::Middle, &label);
    }
    frame.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    frame.line("guide", (x(0.0), y(0.0)), (x(1.0), y(1.0)));
    frame.line("axis", (LEFT, BARS_BOTTOM), (RIGHT, BARS_BOTTOM));
    frame.upright((30.0, (TOP + BOTTOM) / 2.0), "right answers in %, with 95 % intervals");
    frame.upright((30.0, (BARS_TOP + BARS_BOTTOM) / 2.0), "answers");
    let middle = (LEFT + RIGHT) / 2.0;
    let title = "probability of the answer in %";
    frame.text("", (middle, BARS_BOTTOM + 42.0), Anchor::Middle, title);
}

fn draw_points(frame: &mut Frame, calibration: &Calibration) {
    let mark = mark(None);
    for bin in &calibration.bins {
        let x = x(bin.confidence);
        let class = format!("whisker {}", mark.class);
        frame.line(&class, (x, y(bin.low)), (x, y(bin.high)));
        let details = format!(
            "{} answers of {:.1} % on average: {:.1} % right",
            bin.n,
            100.0 * bin.confidence,
            100.0 * bin.accuracy
        );
        frame.point(mark, (x, y(bin.accuracy)), &details);
    }
}

/// Draws the histogram, with the number of answers above each bar.
fn draw_bars(frame: &mut Frame, calibration: &Calibration) {
    let max = calibration.bins.iter().map(|bin| bin.n).max().unwrap_or(1) as f64;
    for bin in &calibration.bins {
        let height = (BARS_BOTTOM - BARS_TOP) * bin.n as f64 / max;
        // Bins with few answers stay visible.
        let height = height.max(1.0);
        let (left, right) = (x(bin.above) + 1.0, x(bin.up_to) - 1.0);
        frame.bar((left, BARS_BOTTOM - height), right - left, height);
        let top = BARS_BOTTOM - height - 5.0;
        frame.text("count", ((left + right) / 2.0, top), Anchor::Middle, &bin.n.to_string());
    }
}
