//! The messages of `train` at the end.

use std::path::Path;

use evaluation::report::Report;
use files::shell;
use run::metrics::Ending;

/// Three commands to try next.
pub fn next_commands(run: &Path, has_attention: bool) -> String {
    let run = shell::word(run);
    let [text, svg] =
        if has_attention { [" --attention", " --svg attention.svg"] } else { ["", ""] };
    format!(
        "\nNext:\n  \
         cargo run --bin evaluate -- {run}\n  \
         cargo run --bin resolve -- {run} \"El robot dejó caer la pelota porque él estaba dañado.\"{text}\n  \
         cargo run --bin resolve -- {run} \"Tom didn't come to work today because he was sick.\"{svg}\n"
    )
}

/// Why the training ended, unless it simply finished or an error says so.
pub fn ending(ending: &Ending, run: &Path) -> Option<String> {
    match ending {
        Ending::Finished => None,
        Ending::NoProgress => Some("stopped early: the accuracy has not risen for too long".into()),
        Ending::Failed => None, // the error is printed instead
        Ending::Interrupted => Some(format!(
            "interrupted: everything is saved\nhint: cargo run --bin train -- --resume {} goes on",
            shell::word(run)
        )),
    }
}

/// The accuracy of a report in one line.
pub fn accuracy(report: &Report, split: &str) -> Option<String> {
    let all = report.total(split, None)?;
    let languages: Vec<String> = (corpus::example::Language::ALL.into_iter())
        .filter_map(|lang| {
            let slice = report.total(split, Some(lang))?;
            Some(format!("{} {:.2} %", lang.code(), 100.0 * slice.share.accuracy))
        })
        .collect();
    Some(format!(
        "{:.2} % of {} {split} examples right ({})",
        100.0 * all.share.accuracy,
        all.share.n,
        languages.join(", ")
    ))
}
