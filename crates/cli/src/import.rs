//! The messages of `corpus import`: every record that was cut or skipped, and counts.

use std::collections::BTreeMap;

use corpus::{
    example::Example,
    import::{Imported, Outcome},
};

use crate::stderr::print_line;

/// Prints each record that was cut or skipped on stderr, then the number of records by outcome.
pub fn report(files: &[Imported]) {
    let mut counts = Counts::default();
    for Imported { path, records } in files {
        for record in records {
            let place = format!("{}:{}: {}", path.display(), record.line, record.id);
            match &record.outcome {
                Outcome::Whole(_) => counts.n_whole += 1,
                Outcome::Cut(_, note) => {
                    print_line(format_args!("{place}: cut: {note}"));
                    counts.n_cut += 1;
                }
                Outcome::Skipped(skip) => {
                    print_line(format_args!("{place}: skipped: {}: {}", skip.reason, skip.detail));
                    *counts.skipped.entry(skip.reason).or_default() += 1;
                }
            }
        }
    }
    counts.print();
}

/// The examples of all files, in order.
pub fn examples(files: Vec<Imported>) -> Vec<Example> {
    let records = files.into_iter().flat_map(|file| file.records);
    records
        .filter_map(|record| match record.outcome {
            Outcome::Whole(example) | Outcome::Cut(example, _) => Some(example),
            Outcome::Skipped(_) => None,
        })
        .collect()
}

#[derive(Default)]
struct Counts {
    n_whole: usize,
    n_cut: usize,
    skipped: BTreeMap<&'static str, usize>,
}

impl Counts {
    fn print(&self) {
        let n_skipped: usize = self.skipped.values().sum();
        let n_records = self.n_whole + self.n_cut + n_skipped;
        print_line(format_args!("records: {n_records}"));
        print_line(format_args!("whole: {}", self.n_whole));
        print_line(format_args!("cut: {}", self.n_cut));
        print_line(format_args!("skipped: {n_skipped}"));
        for (reason, n) in &self.skipped {
            print_line(format_args!("  {reason}: {n}"));
        }
    }
}
