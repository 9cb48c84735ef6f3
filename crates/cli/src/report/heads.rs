//! The analysis of heads in one table: hit rates beside the effects of ablation and patching.

use evaluation::analysis::{
    HeadReport, ablation_costs::Replacement, ranks::competition_ranks, scores::HeadScore,
};

use super::{percent, row};

/// The scores of each head over all languages, phenomena and distances.
pub(crate) fn totals(heads: &HeadReport) -> impl Iterator<Item = &HeadScore> {
    heads.scores.iter().filter(|score| score.is_total())
}

/// The drop of accuracy when a head is ablated.
pub(crate) fn drop_of(
    heads: &HeadReport,
    [layer, head]: [usize; 2],
    by: Replacement,
) -> Option<f64> {
    let mut of = heads.ablations.iter().filter(|a| [a.layer, a.head] == [layer, head]);
    of.find(|a| a.cost.by == by && a.cost.is_total()).map(|a| a.cost.drop)
}

fn flipped(heads: &HeadReport, head: Option<[usize; 2]>) -> Option<f64> {
    let of = heads
        .patches
        .iter()
        .find(|patch| patch.layer.zip(patch.head) == head.map(|[layer, head]| (layer, head)));
    of.map(|patch| patch.flipped)
}

/// The name of a head, with layers and heads counted from 1 as in all output.
pub(crate) fn name([layer, head]: [usize; 2]) -> String {
    format!("layer {}, head {}", layer + 1, head + 1)
}

/// A row for each head: hit rate, margin, both drops, flips, and its rank by each measure.
pub(crate) fn table(heads: &HeadReport) -> Vec<Vec<String>> {
    let header = row(["head", "hit", "margin", "drop, zero", "drop, mean", "flipped", "places"]);
    let scores: Vec<&HeadScore> = totals(heads).collect();
    let of = |score: &HeadScore| [score.layer, score.head];
    let measures: [Vec<Option<f64>>; 4] = [
        scores.iter().map(|score| Some(score.hit)).collect(),
        scores.iter().map(|score| drop_of(heads, of(score), Replacement::Zero)).collect(),
        scores.iter().map(|score| drop_of(heads, of(score), Replacement::Mean)).collect(),
        scores.iter().map(|score| flipped(heads, Some(of(score)))).collect(),
    ];
    let ranks = measures.each_ref().map(|values| {
        values
            .iter()
            .copied()
            .collect::<Option<Vec<f64>>>()
            .map(|values| competition_ranks(&values))
    });
    let mut rows = vec![header];
    for (index, score) in scores.iter().enumerate() {
        let cell = |measure: usize, text: &dyn Fn(f64) -> String| {
            measures[measure][index].map_or_else(|| "–".to_owned(), text)
        };
        let ranks: Vec<String> =
            ranks.iter().flatten().map(|ranks| ranks[index].to_string()).collect();
        rows.push(vec![
            name(of(score)),
            cell(0, &percent),
            format!("{:+.3}", score.margin),
            cell(1, &points),
            cell(2, &points),
            cell(3, &percent),
            ranks.join(" · "),
        ]);
    }
    rows
}

/// A difference of shares in percentage points; zero has no sign.
pub(crate) fn points(share: f64) -> String {
    let points = 100.0 * share;
    if points.abs() < 0.005 { "0.00".to_owned() } else { format!("{points:.2}") }
}

/// The lines below the table: reference values and rank correlations.
pub(crate) fn lines(heads: &HeadReport) -> String {
    let HeadReport { n, n_validation, split, accuracy, baselines, resolvers, .. } = heads;
    let mut text = format!(
        "{n} examples of {split}, as many of each language and phenomenon; chosen and fitted on \
         {n_validation} validation examples\n\
         hits of none of the heads: random candidate {}, nearest {}, token {:+} from the pronoun {}\n\
         right: model {}, by the attention of {} alone {}, of all heads {}\n",
        percent(baselines.random),
        percent(baselines.nearest),
        baselines.offset,
        percent(baselines.at_offset),
        percent(*accuracy),
        name([resolvers.single.layer, resolvers.single.head]),
        percent(resolvers.single.accuracy),
        percent(resolvers.all.accuracy),
    );
    if let (Some(all), Some(patch)) = (flipped(heads, None), heads.patches.first()) {
        let (n, all) = (patch.n, percent(all));
        text += &format!("rows of all heads from the other text of a pair: {all} of {n} flipped\n");
    }
    for agreement in &heads.cause {
        let rho = agreement.rank_correlation;
        let rho = rho.map_or_else(|| "none".to_owned(), |rho| format!("{rho:+.2}"));
        let with = match agreement.with.as_str() {
            "flipped" => "flips".to_owned(),
            by => format!("drop by {by}"),
        };
        text += &format!("rank correlation of hit and {with}, {} heads: {rho}\n", agreement.n);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_count_from_one_and_zero_has_no_sign() {
        assert_eq!(name([2, 1]), "layer 3, head 2");
        assert_eq!([0.5, -0.00001, -0.012].map(points), ["50.00", "0.00", "-1.20"]);
    }
}
