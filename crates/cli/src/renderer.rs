//! Shows the progress of a training: a bar on a terminal, a plain line every few seconds in a pipe.

use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use run::metrics::Metrics;
use training::progress::Progress;

use crate::{stderr::print_line, terminal::stderr_width};

/// Minimum time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Typical width of a line without its bar, in columns.
const TEXT_WIDTH: usize = 70;
/// Minimum width of a bar; shorter ones have too little resolution and are left out.
const MIN_BAR: usize = 8;
const MAX_BAR: usize = 24;

/// Shows the progress of a training on stderr.
pub struct ProgressRenderer {
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
    /// A renderer for a terminal (`true`) or a pipe; the training resumes after `step`.
    pub fn new(terminal: bool, step: usize) -> Self {
        // A terminal that cannot move its cursor gets plain lines, as a pipe does.
        let is_dumb = match std::env::var_os("TERM") {
            Some(name) => name == "dumb" || name.is_empty(),
            None => cfg!(unix),
        };
        let display = if terminal && !is_dumb {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            Display::Bar(bar.with_style(style()).with_position(step as u64).with_prefix("?"))
        } else {
            Display::Lines { last: None }
        };
        Self { steps: 0, first_step: step, begun: Instant::now(), display }
    }
}

impl Progress for ProgressRenderer {
    fn begin(&mut self, step: usize, steps: usize) {
        (self.first_step, self.steps, self.begun) = (step, steps, Instant::now());
    }

    fn trained(&mut self, step: usize, metrics: &Metrics, learning_rate: f64) {
        let Self { steps, first_step, begun, display } = self;
        let (loss, accuracy) = (metrics.loss, 100.0 * metrics.accuracy);
        let speed = metrics.tokens_per_second.unwrap_or(f64::NAN);
        let left = seconds_left(begun.elapsed(), step - *first_step, *steps - step);
        match display {
            Display::Bar(bar) => {
                bar.set_style(style()); // the terminal may have been made wider
                bar.set_length(*steps as u64);
                bar.set_position(step as u64);
                bar.set_prefix(HumanDuration(Duration::from_secs_f64(left)).to_string());
                bar.set_message(format!(
                    "accuracy {accuracy:.1} % · loss {loss:.3} · {speed:.0} tokens/s"
                ));
            }
            Display::Lines { last } => {
                let is_due = last.is_none_or(|last| last.elapsed() >= LINE_EVERY);
                if is_due || step == *steps {
                    *last = Some(Instant::now());
                    print_line(format_args!(
                        "step {step}/{steps}  loss {loss:.4}  accuracy {accuracy:.1} %  learning \
                         rate {learning_rate:.2e}  {speed:.0} tokens/s  {left:.0} s left",
                    ));
                }
            }
        }
    }

    fn validated(&mut self, step: usize, metrics: &Metrics) {
        let (loss, accuracy) = (metrics.loss, 100.0 * metrics.accuracy);
        let steps = self.steps;
        let line =
            format!("step {step}/{steps}  validation loss {loss:.4}  accuracy {accuracy:.2} %");
        match &self.display {
            Display::Bar(bar) => bar.suspend(|| print_line(line)),
            Display::Lines { .. } => print_line(line),
        }
    }

    fn end(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.abandon();
        }
    }
}

/// A template of one line for any width: the least important values come last and are cut off, and
/// the bar is left out where the other values need its room.
fn style() -> ProgressStyle {
    let template = match stderr_width().map_or(0, bar_width) {
        0 => "{pos}/{len} · {prefix} left · {wide_msg}".to_owned(),
        width => format!("{{bar:{width}}} {{pos}}/{{len}} · {{prefix}} left · {{wide_msg}}"),
    };
    ProgressStyle::with_template(&template).expect("the template is right")
}

/// The seconds that `n_left` steps take at the speed of those that were done since the program began: the
/// steps before a resume took none of its time.
fn seconds_left(elapsed: Duration, n_done: usize, n_left: usize) -> f64 {
    elapsed.as_secs_f64() * n_left as f64 / n_done.max(1) as f64
}

fn bar_width(columns: usize) -> usize {
    match columns.saturating_sub(TEXT_WIDTH) {
        ..MIN_BAR => 0,
        room => room.min(MAX_BAR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_training_takes_as_long_as_its_own_steps_did() {
        // 10 of its own steps in 5 s, after 980 earlier ones, and 10 to go.
        assert_eq!(seconds_left(Duration::from_secs(5), 10, 10), 5.0);
        assert_eq!(seconds_left(Duration::from_secs(5), 0, 10), 50.0);
    }
}
