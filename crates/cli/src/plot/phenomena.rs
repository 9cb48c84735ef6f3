//! Accuracy by phenomenon: a dot with its interval for each language.

use corpus::example::Language;
use evaluation::{report::Report, slices::Slice};

use super::{Frame, accuracy_axis, frame::Anchor, mark, tick_label, ticks};

const LEFT: f64 = 150.0;
const RIGHT: f64 = 640.0;
/// Right ends of the two columns of numbers.
const COUNTS: f64 = 710.0;
const BASELINES: f64 = 820.0;
const WIDTH: f64 = 840.0;
const TOP: f64 = 74.0;
const ROW: f64 = 38.0;
/// Vertical offset of a dot: up for the first language, down for the second.
const OFFSET: f64 = 8.0;

/// The plot of one split: all phenomena, then each.
pub fn draw(report: &Report, split: &str) -> String {
    let slices: Vec<&Slice> = report.slices.iter().filter(|slice| slice.split == split).collect();
    let mut rows: Vec<Option<&str>> = vec![None];
    rows.extend(slices.iter().filter_map(|slice| match slice.lang {
        None => slice.phenomenon.as_deref().map(Some),
        Some(_) => None,
    }));
    let langs: Vec<Language> = (Language::ALL.into_iter())
        .filter(|&lang| slices.iter().any(|slice| slice.lang == Some(lang)))
        .collect();
    let lowest = (slices.iter().filter(|slice| slice.lang.is_some()))
        .map(|slice| slice.share.low)
        .fold(1.0, f64::min);
    let bottom = TOP + ROW * rows.len() as f64;
    let mut frame = Frame::new(WIDTH, bottom + 84.0, &format!("Accuracy by phenomenon, {split}"));
    draw_axis(&mut frame, accuracy_axis(lowest), bottom);
    frame.legend(&langs.iter().map(|&lang| mark(Some(lang))).collect::<Vec<_>>(), (RIGHT, 54.0));
    frame.text("note", (COUNTS, 54.0), Anchor::End, "n");
    frame.text("note", (BASELINES, 54.0), Anchor::End, "by position");
    let x = |share: f64| {
        let (from, _) = accuracy_axis(lowest);
        LEFT + (RIGHT - LEFT) * (share - from) / (1.0 - from)
    };
    for (index, &phenomenon) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        draw_texts(&mut frame, report, (split, phenomenon), y);
        for (index, &lang) in langs.iter().enumerate() {
            let Some(slice) = report.slice(split, Some(lang), phenomenon) else { continue };
            let offset = if langs.len() == 1 { 0.0 } else { OFFSET * (2.0 * index as f64 - 1.0) };
            draw_dot(&mut frame, slice, x, y + offset);
        }
    }
    frame.finish()
}

fn draw_axis(frame: &mut Frame, (from, step): (f64, f64), bottom: f64) {
    for tick in ticks(from, step) {
        let x = LEFT + (RIGHT - LEFT) * (tick - from) / (1.0 - from);
        frame.line("grid", (x, TOP), (x, bottom));
        frame.text("tick", (x, bottom + 18.0), Anchor::Middle, &tick_label(tick, step));
    }
    frame.line("axis", (LEFT, bottom), (RIGHT, bottom));
    let middle = (LEFT + RIGHT) / 2.0;
    let title = "accuracy in %, with 95 % intervals";
    frame.text("", (middle, bottom + 42.0), Anchor::Middle, title);
    let note =
        "by position: the best of always answering the first, the last or the nearest candidate";
    frame.text("note", (20.0, bottom + 70.0), Anchor::Start, note);
}

/// Draws the name of a row on the left; on the right, the number of its examples and the accuracy of
/// the best position heuristic.
fn draw_texts(
    frame: &mut Frame,
    report: &Report,
    (split, phenomenon): (&str, Option<&str>),
    y: f64,
) {
    let class = if phenomenon.is_none() { "strong" } else { "" };
    let name = shorten(phenomenon.unwrap_or("all"));
    frame.text(class, (LEFT - 14.0, y + 4.0), Anchor::End, &name);
    if let Some(slice) = report.slice(split, None, phenomenon) {
        frame.text("tick", (COUNTS, y + 4.0), Anchor::End, &slice.share.n.to_string());
    }
    let best = (report.heuristics.iter().chain(&report.heuristics_by_phenomenon))
        .filter(|score| score.split == split && score.lang.is_none())
        .filter(|score| score.phenomenon.as_deref() == phenomenon)
        .map(|score| score.accuracy)
        .reduce(f64::max);
    if let Some(best) = best {
        let best = format!("{:.1} %", 100.0 * best);
        frame.text("tick", (BASELINES, y + 4.0), Anchor::End, &best);
    }
}

fn draw_dot(frame: &mut Frame, slice: &Slice, x: impl Fn(f64) -> f64, y: f64) {
    let (mark, share) = (mark(slice.lang), &slice.share);
    frame.line(&format!("whisker {}", mark.class), (x(share.low), y), (x(share.high), y));
    let details = format!(
        "{}: {} of {} right, {:.2} %, interval {:.2} to {:.2} %",
        mark.name,
        share.correct,
        share.n,
        100.0 * share.accuracy,
        100.0 * share.low,
        100.0 * share.high
    );
    frame.point(mark, (x(share.accuracy), y), &details);
}

/// Shortens the name of a phenomenon, which in users' files may be longer than its column.
fn shorten(name: &str) -> String {
    const N_CHARS: usize = 18;
    match name.char_indices().nth(N_CHARS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
