//! The short form of a report for the terminal: accuracy by phenomenon, languages side by side.

use corpus::example::Language;
use evaluation::{
    free_text::TextScore, gap_report::GapReport, mistakes::MistakeKind, report::Report,
};

use super::{heads, percent, splits};
use crate::table::align;

/// A table for each split, with lines for baselines, calibration and mistakes below it.
pub fn text(report: &Report) -> String {
    let Report { run, checkpoint, .. } = report;
    let mut text = format!("{run}, {checkpoint}\n");
    for split in splits(report) {
        text += "\n";
        text += &align(&rows(report, split), 1);
        text += "\n";
        text += &lines(report, split);
    }
    if !report.texts.is_empty() {
        text += "\n";
        text += &align(&text_rows(report), 2);
        text += &text_lines(report);
    }
    if let Some(found) = &report.heads {
        text += "\n";
        text += &align(&heads::table(found), 1);
        text += &heads::lines(found);
    }
    text
}

/// What the model finds in whole texts by itself, by language and form.
pub(super) fn text_rows(report: &Report) -> Vec<Vec<String>> {
    let share = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        whole => percent(part as f64 / whole as f64),
    };
    let header = super::row(["whole texts", "lang", "n", "found", "right of found"]);
    let rows = report.texts.iter().flat_map(|score| &score.shares).map(|row| {
        vec![
            row.form.clone(),
            row.language.code().to_owned(),
            row.n.to_string(),
            share(row.found, row.n),
            share(row.right, row.found),
        ]
    });
    std::iter::once(header).chain(rows).collect()
}

/// How much of what the model finds is no anaphor.
pub(super) fn text_lines(report: &Report) -> String {
    let line = |score: &TextScore| {
        let (code, n) = (score.language.code(), score.n_predicted);
        let precision = (n - score.n_invented) as f64 / n.max(1) as f64;
        format!("{code}: {n} anaphors found, {} of them are anaphors\n", percent(precision))
    };
    report.texts.iter().map(line).collect()
}

fn rows(report: &Report, split: &str) -> Vec<Vec<String>> {
    let langs: Vec<Language> = (Language::ALL.into_iter())
        .filter(|&lang| report.total(split, Some(lang)).is_some())
        .collect();
    let mut header = super::row([split, "n", "right", "95 % interval"]);
    header.extend(langs.iter().map(|lang| lang.code().to_owned()));
    header.push("both of a pair".to_owned());
    let phenomena = (report.slices.iter())
        .filter(|slice| slice.split == split && slice.lang.is_none())
        .map(|slice| slice.phenomenon.as_deref());
    let mut rows = vec![header];
    for phenomenon in phenomena {
        let Some(slice) = report.slice(split, None, phenomenon) else { continue };
        let share = &slice.share;
        let interval = format!("{:.2} – {:.2} %", 100.0 * share.low, 100.0 * share.high);
        let name = phenomenon.unwrap_or("all").to_owned();
        let mut row = vec![name, share.n.to_string(), percent(share.accuracy), interval];
        row.extend(langs.iter().map(|&lang| {
            let slice = report.slice(split, Some(lang), phenomenon);
            slice.map_or_else(|| "–".to_owned(), |slice| percent(slice.share.accuracy))
        }));
        let pairs = (report.pairs.iter().chain(&report.pairs_by_phenomenon)).find(|pairs| {
            pairs.split == split
                && pairs.lang.is_none()
                && pairs.phenomenon.as_deref() == phenomenon
        });
        row.push(pairs.map_or_else(|| "–".to_owned(), |pairs| percent(pairs.consistency())));
        rows.push(row);
    }
    rows
}

/// The lines on baselines, calibration and kinds of mistakes.
fn lines(report: &Report, split: &str) -> String {
    let heuristics: Vec<String> = (report.heuristics.iter())
        .filter(|score| score.split == split && score.lang.is_none())
        .map(|score| format!("{} candidate {}", score.name, percent(score.accuracy)))
        .collect();
    let mut text = format!("by position alone: {}\n", heuristics.join(", "));
    if let Some(calibration) = report.calibration.iter().find(|c| c.split == split) {
        let (ece, confidence) = (percent(calibration.ece), percent(calibration.confidence));
        text += &format!("probabilities: {confidence} on average, calibration error {ece}\n");
    }
    let kinds: Vec<String> = mistake_kinds(report, split)
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| format!("{n} {name}"))
        .collect();
    let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
    text += &format!("mistakes: {kinds}\n");
    (report.gap.iter().filter(|gap| gap.split == split))
        .fold(text, |text, gap| text + &gap_line(gap))
}

/// GAP's score in the units of the paper: F1 in per cent, bias as a ratio.
pub(super) fn gap_line(gap: &GapReport) -> String {
    let bias = gap.bias.map_or_else(|| "–".to_owned(), |bias| format!("{bias:.2}"));
    format!(
        "GAP: F1 {:.1} overall, {:.1} masculine, {:.1} feminine, bias {bias}; accuracy {}\n",
        100.0 * gap.overall_f1,
        100.0 * gap.masculine_f1,
        100.0 * gap.feminine_f1,
        percent(gap.accuracy)
    )
}

/// The number of mistakes of each kind in a split.
fn mistake_kinds(report: &Report, split: &str) -> [(&'static str, usize); MistakeKind::ALL.len()] {
    MistakeKind::ALL.map(|kind| {
        let counts = report.mistakes.iter().filter(|m| m.split == split && m.kind == kind);
        (kind.name(), counts.map(|count| count.n).sum())
    })
}
