//! The section on mistakes: their number by kind, and the most confident ones with their texts.

use std::fmt::Write;

use corpus::{example::Example, span::CharSpan};
use evaluation::{
    mistakes::{Mistake, MistakeKind},
    report::Report,
};

use crate::{
    report::{percent, row},
    table,
};

pub(super) fn section(report: &Report, split: &str) -> String {
    let mut section = "### Mistakes\n\n".to_owned();
    let worst: Vec<&Mistake> = report.worst.iter().filter(|m| m.split == split).collect();
    if worst.is_empty() {
        return section + "There are none.\n";
    }
    section += &kind_table(report, split);
    section += "\nWhether another candidate has the gender and number of the right one is what \
                the word lists of the grammar say; where they lack one of the two words, it is \
                only another candidate.\n";
    let n = worst.len();
    write!(
        section,
        "\nThe {n} that the model was surest of: **{{pronoun}}**, \\[candidate\\], \
         \\[right answer ✓\\], \\[given answer ✗\\].\n\n"
    )
    .expect("a string grows");
    for (index, mistake) in worst.iter().enumerate() {
        writeln!(section, "{}. {}", index + 1, describe(mistake)).expect("a string grows");
    }
    section
}

fn kind_table(report: &Report, split: &str) -> String {
    let mut header = row(["phenomenon"]);
    header.extend(MistakeKind::ALL.map(|kind| kind.name().to_owned()));
    let mut phenomena: Vec<&str> = (report.mistakes.iter())
        .filter(|count| count.split == split)
        .map(|count| count.phenomenon.as_str())
        .collect();
    phenomena.dedup();
    let mut rows = vec![header];
    for phenomenon in phenomena {
        let count = |kind| {
            let counts = report.mistakes.iter().filter(|count| {
                count.split == split && count.phenomenon == phenomenon && count.kind == kind
            });
            counts.map(|count| count.n).sum::<usize>().to_string()
        };
        let mut cells = row([phenomenon]);
        cells.extend(MistakeKind::ALL.map(count));
        rows.push(cells);
    }
    table::markdown(&rows)
}

/// One line with the answer, its probability, the right answer, and the text with its mentions marked.
fn describe(mistake: &Mistake) -> String {
    let Mistake { example, answer, probability, .. } = mistake;
    let name = |index: Option<usize>| {
        let span = index.map(|index| example.candidates[index]);
        let text = span.map_or("none", |span| span.slice(&example.text).unwrap_or_default());
        escape(text)
    };
    format!(
        "{} {}, right is {} (`{}`, {}): {}",
        name(*answer),
        percent(f64::from(*probability)),
        name(example.antecedent),
        example.id.replace('`', "'"),
        escape(&example.phenomenon),
        marked(example, *answer)
    )
}

/// The text of `example` in Markdown, in one line, with its pronoun and candidates marked.
fn marked(example: &Example, answer: Option<usize>) -> String {
    let mut spans: Vec<(CharSpan, String, String)> =
        vec![(example.pronoun, "**{".to_owned(), "}**".to_owned())];
    for (index, &span) in example.candidates.iter().enumerate() {
        let sign = match index {
            _ if Some(index) == example.antecedent => " ✓",
            _ if Some(index) == answer => " ✗",
            _ => "",
        };
        spans.push((span, "\\[".to_owned(), format!("{sign}\\]")));
    }
    spans.sort_by_key(|(span, ..)| span.start);
    let mut text = String::new();
    let mut end = 0;
    let slice = |start, end| CharSpan::new(start, end).slice(&example.text).unwrap_or_default();
    for (span, before, after) in spans {
        text += &escape(slice(end, span.start));
        text += &format!("{before}{}{after}", escape(slice(span.start, span.end)));
        end = span.end;
    }
    text + &escape(slice(end, example.text.chars().count()))
}

/// Escapes text for Markdown, so that text of a user is never markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '!' | '$' => {
                escaped.extend(['\\', c]);
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use corpus::example::Language;

    fn example() -> Example {
        Example {
            id: "x-1".to_owned(),
            lang: Language::Es,
            text: "Ana *llamó*\na Luis,\tporque él <b>estaba</b>".to_owned(),
            pronoun: CharSpan::new(27, 29),
            candidates: vec![CharSpan::new(0, 3), CharSpan::new(14, 18)],
            antecedent: Some(1),
            phenomenon: "gender".to_owned(),
            pair: None,
            form: None,
            agreeing: None,
        }
    }

    #[test]
    fn mentions_are_marked_and_a_text_is_no_markup() {
        assert_eq!(
            marked(&example(), Some(0)),
            "\\[Ana ✗\\] \\*llamó\\* a \\[Luis ✓\\], porque **{él}** \\<b\\>estaba\\</b\\>"
        );
        let text = marked(&example(), None);
        assert!(text.starts_with("\\[Ana\\] "), "{text}");
    }

    #[test]
    fn a_mistake_says_what_was_answered_and_what_is_right() {
        let mistake = Mistake {
            split: "test".to_owned(),
            kind: MistakeKind::NoneInsteadOfACandidate,
            answer: None,
            probability: 0.75,
            example: example(),
        };
        let text = describe(&mistake);
        assert!(
            text.starts_with("none 75.00 %, right is Luis (`x-1`, gender): \\[Ana\\]"),
            "{text}"
        );
    }
}
