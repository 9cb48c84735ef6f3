//! The section on heads: hit rates beside causal effects, then ablations, attribution methods and
//! attention statistics.

use corpus::example::Language;
use evaluation::analysis::{
    HeadReport,
    ablation_costs::{Cost, Replacement},
};

use super::{HEADS_CAUSE, HEADS_GROWTH};
use crate::{
    report::{
        heads::{lines, name, points, table, totals},
        language, percent, row,
    },
    table::markdown,
};

/// The content of the section, without its heading.
pub(super) fn section(heads: &HeadReport) -> String {
    let list: String = lines(heads).lines().map(|line| format!("- {line}\n")).collect();
    let image = |title: &str, name: &str| format!("![{title}]({name})\n");
    [
        list,
        "### Is the pretty head the cause?\n".to_owned(),
        "Hit: the pronoun's strongest attention, special tokens and itself aside, is on the \
         antecedent.\nDrop: points of accuracy lost when the head's output is replaced by zero, or \
         by its mean.\nFlipped: answers that become those of the other text of a minimal pair when \
         the pronoun's row of the head is that text's.\nPlaces: by hit, both drops and flips; equals \
         share the better place.\n"
            .to_owned(),
        markdown(&table(heads)),
        image("Hits of each head and what is lost without it", HEADS_CAUSE),
        "### Growth\n".to_owned(),
        image("Hits of each head through the training", HEADS_GROWTH),
        "### Several heads at once\n".to_owned(),
        "Each two of the costliest and of those that hit most, then all of these.\nHeads that do the \
         same may stand in for one another.\n"
            .to_owned(),
        markdown(&pairs(heads)),
        "### What is lost where\n".to_owned(),
        "Points lost without the head (zero), of the heads that cost anything.\n".to_owned(),
        markdown(&slices(heads)),
        "### Ways to explain an answer\n".to_owned(),
        "Against the fall of the answer's log probability when no token may read a word: the rank \
         correlation over the words of a text, mean over the texts, and how often the first word is \
         the right one.\nAttention and weighted values are means over the heads of all layers.\n"
            .to_owned(),
        markdown(&methods(heads)),
        "### Looks\n".to_owned(),
        markdown(&looks(heads)),
    ]
    .join("\n")
}

fn pairs(heads: &HeadReport) -> Vec<Vec<String>> {
    let mut rows = vec![row(["heads", "by", "accuracy", "drop"])];
    let totals = heads.pairs.iter().chain(&heads.groups).filter(|pair| pair.cost.is_total());
    rows.extend(totals.map(|pair| {
        let names: Vec<String> = pair.heads.iter().map(|&head| name(head)).collect();
        let drop = points(pair.cost.drop);
        row([&names.join("; "), by(pair.cost.by), &percent(pair.cost.accuracy), &drop])
    }));
    rows
}

fn by(by: Replacement) -> &'static str {
    match by {
        Replacement::Zero => "zero",
        Replacement::Mean => "mean",
    }
}

/// Drops under zero ablation: a row for each language and phenomenon, a column for each head with a
/// drop.
fn slices(heads: &HeadReport) -> Vec<Vec<String>> {
    let zeros: Vec<([usize; 2], &Cost)> = (heads.ablations.iter())
        .filter(|a| a.cost.by == Replacement::Zero)
        .map(|a| ([a.layer, a.head], &a.cost))
        .collect();
    let costs: Vec<[usize; 2]> = (totals(heads).map(|score| [score.layer, score.head]))
        .filter(|&head| zeros.iter().any(|&(of, cost)| of == head && cost.drop.abs() >= 0.005))
        .collect();
    let mut header = row(["language", "phenomenon", "examples"]);
    header.extend(costs.iter().map(|&head| name(head)));
    let mut rows = vec![header];
    let first = zeros.first().map(|&(head, _)| head);
    for &(_, slice) in zeros.iter().filter(|&&(head, _)| Some(head) == first) {
        let phenomenon = slice.phenomenon.as_deref().unwrap_or("all");
        let lang: Option<Language> = slice.lang;
        let mut cells = row([language(lang), phenomenon, &slice.n.to_string()]);
        cells.extend(costs.iter().map(|&head| {
            let of = zeros.iter().find(|&&(of, cost)| {
                of == head && cost.lang == lang && cost.phenomenon == slice.phenomenon
            });
            of.map_or_else(|| "–".to_owned(), |(_, cost)| points(cost.drop))
        }));
        rows.push(cells);
    }
    rows
}

fn methods(heads: &HeadReport) -> Vec<Vec<String>> {
    let mut rows = vec![row(["method", "texts", "rank correlation", "first word right"])];
    rows.extend(heads.methods.iter().map(|method| {
        let (n, rho) = (method.n.to_string(), format!("{:+.3}", method.rank_correlation));
        row([&method.name.replace('_', " "), &n, &rho, &percent(method.top)])
    }));
    rows
}

fn looks(heads: &HeadReport) -> Vec<Vec<String>> {
    let header = ["head", "language", "hit", "entropy, nats", "tokens away", "on special tokens"];
    let mut rows = vec![row(header)];
    let scores = heads.scores.iter().filter(|s| s.phenomenon.is_none() && s.distance.is_none());
    rows.extend(scores.map(|score| {
        row([
            &name([score.layer, score.head]),
            language(score.lang),
            &percent(score.hit),
            &format!("{:.2}", score.entropy),
            &format!("{:.1}", score.mean_distance),
            &percent(score.special),
        ])
    }));
    rows
}
