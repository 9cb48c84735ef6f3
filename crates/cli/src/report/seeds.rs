//! Statistics over several runs of one experiment, as text for the terminal.

use evaluation::seeds::{Seeds, SeedsSlice};

use super::{language, percent, row};
use crate::table::align;

/// The runs, and tables with mean, standard deviation and worst run of each measure.
pub fn text(seeds: &Seeds) -> String {
    let mut text = format!("{} runs:\n", seeds.runs.len());
    for run in &seeds.runs {
        text += &format!("  {}, {}\n", run.run, run.checkpoint);
    }
    // Rows of one language and phenomenon are in the JSON only.
    let sums = seeds.slices.iter().filter(|s| s.lang.is_none() || s.phenomenon.is_none());
    text += &table("right", "n", sums);
    text += &table("both of a pair right", "pairs", &seeds.pairs);
    text += &table("calibration error", "n", &seeds.calibration);
    text
}

fn table<'s>(what: &str, n: &str, slices: impl IntoIterator<Item = &'s SeedsSlice>) -> String {
    let mut rows = vec![row(["split", "lang", "phenomenon", n, "mean", "± sd", "worst", "of"])];
    rows.extend(slices.into_iter().map(|slice| {
        vec![
            slice.split.clone(),
            language(slice.lang).to_owned(),
            slice.phenomenon.clone().unwrap_or_else(|| "all".to_owned()),
            slice.n.to_string(),
            percent(slice.mean),
            format!("{:.2}", 100.0 * slice.sd),
            percent(slice.worst),
            slice.worst_run.clone(),
        ]
    }));
    if rows.len() == 1 { String::new() } else { format!("\n{what}\n{}", align(&rows, 3)) }
}
