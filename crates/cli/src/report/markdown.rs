//! `report.md`: a page with the plots and tables of a report, and the texts of the most confident
//! mistakes.

mod heads;
mod mistakes;

use std::fmt::Write;

use corpus::example::Language;
use evaluation::{answers::Share, pairs::Pairs, report::Report, slices::BucketShare};

use super::{
    language, percent, row, splits,
    terminal::{gap_line, text_lines, text_rows},
};
use crate::{plot, table};

/// A plot to be written beside the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// Name of the file.
    pub name: String,
    /// Content of the file, an SVG document.
    pub svg: String,
}

const HEADS_GROWTH: &str = "report-heads-growth.svg";
const HEADS_CAUSE: &str = "report-heads-cause.svg";

/// The plots of every split, and of the heads if they were analysed.
pub fn plots(report: &Report) -> Vec<Plot> {
    let of = |split: &str| {
        [
            Plot { name: plot_name(split, "phenomena"), svg: plot::phenomena::draw(report, split) },
            Plot { name: plot_name(split, "distance"), svg: plot::distance::draw(report, split) },
            Plot {
                name: plot_name(split, "reliability"),
                svg: plot::reliability::draw(report, split),
            },
        ]
    };
    let of_heads = report.heads.iter().flat_map(|heads| {
        [
            Plot { name: HEADS_GROWTH.to_owned(), svg: plot::growth::draw(heads) },
            Plot { name: HEADS_CAUSE.to_owned(), svg: plot::cause::draw(heads) },
        ]
    });
    splits(report).into_iter().flat_map(of).chain(of_heads).collect()
}

/// The content of the page.
pub fn page(report: &Report) -> String {
    let Report { run, checkpoint, .. } = report;
    let mut page = format!("# {run}, {checkpoint}\n");
    for split in splits(report) {
        write!(page, "\n## {split}\n\n{}", section(report, split)).expect("a string grows");
    }
    if !report.texts.is_empty() {
        write!(page, "\n## Whole texts\n\n{}", whole_texts(report)).expect("a string grows");
    }
    if let Some(found) = &report.heads {
        write!(page, "\n## Heads\n\n{}", heads::section(found)).expect("a string grows");
    }
    page
}

/// What the model finds in whole texts by itself.
fn whole_texts(report: &Report) -> String {
    let rows = text_rows(report);
    let lines = text_lines(report).replace('\n', "\n\n");
    format!(
        "Nothing is marked in these texts: the model finds the anaphors and what they stand for.\n\n\
         {}\n{}\n",
        table::markdown(&rows),
        lines.trim_end()
    )
}

fn section(report: &Report, split: &str) -> String {
    let image =
        |what: &str, title: &str| format!("![{title}]({})\n", encode_link(&plot_name(split, what)));
    let pairs = (report.pairs.iter().chain(&report.pairs_by_phenomenon))
        .filter(|pairs| pairs.split == split)
        .collect::<Vec<_>>();
    let gap: String = report.gap.iter().filter(|gap| gap.split == split).map(gap_line).collect();
    let first = [language_table(report, split), gap];
    [
        first.join(if first[1].is_empty() { "" } else { "\n" }),
        image(
            "phenomena",
            "Accuracy by phenomenon, with intervals; the table below has the numbers",
        ),
        slice_table(report, split, &pairs),
        "### Distance\n".to_owned(),
        "The words between the pronoun and its antecedent; where none is right, the candidate \
         nearest to the pronoun.\n"
            .to_owned(),
        image("distance", "Accuracy against distance; the table below has the numbers"),
        step_table("words between", &report.distances, split),
        "### Candidates\n".to_owned(),
        step_table("candidates", &report.candidates, split),
        "### Probabilities\n".to_owned(),
        calibration(report, split),
        image("reliability", "How often answers of a probability are right"),
        mistakes::section(report, split),
    ]
    .join("\n")
}

/// Accuracy of the model and of the position heuristics, and consistency on minimal pairs.
fn language_table(report: &Report, split: &str) -> String {
    let heuristics = |lang| {
        report.heuristics.iter().filter(move |score| score.split == split && score.lang == lang)
    };
    let names = heuristics(None).map(|score| format!("{} candidate", score.name));
    let header = row(["language", "examples", "model"]).into_iter().chain(names);
    let mut rows = vec![header.chain(row(["both of a pair right"])).collect::<Vec<_>>()];
    for lang in [None].into_iter().chain(Language::ALL.map(Some)) {
        let Some(total) = report.total(split, lang) else { continue };
        let share = &total.share;
        let mut cells = row([language(lang), &share.n.to_string(), &percent(share.accuracy)]);
        cells.extend(heuristics(lang).map(|score| percent(score.accuracy)));
        let pairs = report.pairs.iter().find(|pairs| pairs.split == split && pairs.lang == lang);
        cells.push(pairs.map_or_else(|| "–".to_owned(), pairs_cell));
        rows.push(cells);
    }
    table::markdown(&rows)
}

fn slice_table(report: &Report, split: &str, pairs: &[&Pairs]) -> String {
    let header = ["language", "phenomenon", "examples", "accuracy", "95 % interval", "pairs right"];
    let mut rows = vec![row(header)];
    for slice in report.slices.iter().filter(|slice| slice.split == split) {
        let phenomenon = slice.phenomenon.as_deref().unwrap_or("all");
        let pairs = (pairs.iter())
            .find(|pairs| pairs.lang == slice.lang && pairs.phenomenon == slice.phenomenon);
        let pairs = pairs.map_or_else(|| "–".to_owned(), |pairs| pairs_cell(pairs));
        let mut cells = row([language(slice.lang), phenomenon]);
        cells.extend(share_cells(&slice.share));
        cells.push(pairs);
        rows.push(cells);
    }
    table::markdown(&rows)
}

fn step_table(measure: &str, steps: &[BucketShare], split: &str) -> String {
    let mut rows = vec![row(["language", measure, "examples", "accuracy", "95 % interval"])];
    for step in steps.iter().filter(|step| step.split == split) {
        let mut cells = row([language(step.lang), &step.bucket.label()]);
        cells.extend(share_cells(&step.share));
        rows.push(cells);
    }
    table::markdown(&rows)
}

fn calibration(report: &Report, split: &str) -> String {
    let Some(calibration) = report.calibration.iter().find(|c| c.split == split) else {
        return String::new();
    };
    let (confidence, accuracy) = (percent(calibration.confidence), percent(calibration.accuracy));
    format!(
        "The model gives its answers {confidence} on average, and {accuracy} of them are right.\n\
         The expected calibration error (15 bins) is {}.\n",
        percent(calibration.ece)
    )
}

fn share_cells(share: &Share) -> [String; 3] {
    let interval = format!("{} – {}", percent(share.low), percent(share.high));
    [share.n.to_string(), percent(share.accuracy), interval]
}

fn pairs_cell(pairs: &Pairs) -> String {
    format!("{} of {}", percent(pairs.consistency()), pairs.n)
}

fn plot_name(split: &str, what: &str) -> String {
    format!("report-{split}-{what}.svg")
}

/// A file name percent-encoded as part of a link.
fn encode_link(name: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    name.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_file_whatever_it_is_called() {
        assert_eq!(encode_link("report-test-distance.svg"), "report-test-distance.svg");
        assert_eq!(encode_link("mío (2).svg"), "m%C3%ADo%20%282%29.svg");
    }
}
