//! Human-readable reports: a Markdown page with plots, and short tables for the terminal.

pub mod comparison;
pub mod heads;
pub mod markdown;
pub mod seeds;
pub mod terminal;

use corpus::example::Language;
use evaluation::report::Report;

/// The names of the splits of a report, in its order.
pub fn splits(report: &Report) -> Vec<&str> {
    let mut splits: Vec<&str> = report.slices.iter().map(|slice| slice.split.as_str()).collect();
    splits.dedup();
    splits
}

fn language(lang: Option<Language>) -> &'static str {
    lang.map_or("all", Language::code)
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A row of a table.
fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
