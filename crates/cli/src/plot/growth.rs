//! The hit rate of each head during the training, and the accuracy on the same probes.
//!
//! The axis of steps is logarithmic, because most changes happen early. The heads with the highest
//! hit rate at the end, and the one with the greatest drop under ablation, have colours and names; the
//! others are grey.

use evaluation::analysis::{HeadReport, ablation_costs::Replacement, growth::SnapshotHits};

use super::{Frame, frame::Anchor, head_name};

const LEFT: f64 = 80.0;
const RIGHT: f64 = 600.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 330.0;
/// Number of heads with a colour and a name, including the one with the greatest drop.
const N_NAMED: usize = 4;
/// Minimum distance between two names.
const LINE_HEIGHT: f64 = 16.0;

/// The plot of all snapshots.
pub fn draw(heads: &HeadReport) -> String {
    let mut frame = Frame::new(740.0, 412.0, "Hits of each head through the training");
    let last = heads.growth.last().map_or(0, |snapshot| snapshot.step);
    draw_axes(&mut frame, last);
    let points = |share: &dyn Fn(&SnapshotHits) -> f64| -> Vec<(f64, f64)> {
        heads.growth.iter().map(|snapshot| (x(snapshot.step, last), y(share(snapshot)))).collect()
    };
    let all: Vec<[usize; 2]> = heads.growth.last().map_or_else(Vec::new, ranked);
    let all = with_top_by_drop(all, top_by_drop(heads));
    let mut names = Vec::new();
    for (rank, &[layer, head]) in all.iter().enumerate().rev() {
        let line = points(&|snapshot| snapshot.hits[layer][head]);
        let is_named = rank < N_NAMED;
        let class = if is_named { format!("head-{rank}") } else { "rest".to_owned() };
        frame.line_through(&class, &line);
        if let (true, Some(&(_, y))) = (is_named, line.last()) {
            names.push((y, class, head_name([layer, head])));
        }
    }
    let answers = points(&|snapshot| snapshot.accuracy);
    frame.line_through("answers", &answers);
    if let Some(&(_, y)) = answers.last() {
        names.push((y, "answers".to_owned(), "right answers".to_owned()));
    }
    draw_names(&mut frame, names);
    frame.finish()
}

/// The heads in descending order of their hit rate.
fn ranked(snapshot: &SnapshotHits) -> Vec<[usize; 2]> {
    let hits = &snapshot.hits;
    let of_layer = |layer: usize| (0..hits[layer].len()).map(move |head| [layer, head]);
    let mut heads: Vec<[usize; 2]> = (0..hits.len()).flat_map(of_layer).collect();
    heads.sort_by(|&[a, b], &[c, d]| hits[c][d].total_cmp(&hits[a][b]));
    heads
}

/// The head with the greatest drop of accuracy under zero ablation.
fn top_by_drop(heads: &HeadReport) -> Option<[usize; 2]> {
    let totals =
        heads.ablations.iter().filter(|a| a.cost.by == Replacement::Zero && a.cost.is_total());
    totals.max_by(|a, b| a.cost.drop.total_cmp(&b.cost.drop)).map(|a| [a.layer, a.head])
}

/// Moves the head with the greatest drop to the last named position, unless it is named already.
fn with_top_by_drop(mut ranked: Vec<[usize; 2]>, top: Option<[usize; 2]>) -> Vec<[usize; 2]> {
    let place = top.and_then(|head| ranked.iter().position(|&other| other == head));
    if let Some(place) = place.filter(|&place| place >= N_NAMED) {
        ranked.swap(place, N_NAMED - 1);
    }
    ranked
}

/// Draws the names beside the ends of their lines, moved down where two ends are close.
fn draw_names(frame: &mut Frame, mut names: Vec<(f64, String, String)>) {
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = f64::NEG_INFINITY;
    for (end, class, name) in names {
        let y = end.max(lowest + LINE_HEIGHT);
        lowest = y;
        frame.line(&class, (RIGHT + 4.0, end), (RIGHT + 18.0, y));
        frame.text("", (RIGHT + 24.0, y + 4.0), Anchor::Start, &name);
    }
}

fn x(step: u64, last: u64) -> f64 {
    let place = |step: u64| (step as f64 + 1.0).log2();
    LEFT + (RIGHT - LEFT) * place(step) / place(last).max(1.0)
}

fn y(share: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * share
}

fn draw_axes(frame: &mut Frame, last: u64) {
    for index in 0..=5 {
        let share = f64::from(index) / 5.0;
        frame.line("grid", (LEFT, y(share)), (RIGHT, y(share)));
        let label = format!("{:.0}", 100.0 * share);
        frame.text("tick", (LEFT - 10.0, y(share) + 4.0), Anchor::End, &label);
    }
    frame.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let steps = [0].into_iter().chain((0..).step_by(2).map(|power| 1_u64 << power));
    for step in steps.take_while(|&step| step <= last) {
        frame.text("tick", (x(step, last), BOTTOM + 18.0), Anchor::Middle, &step.to_string());
    }
    frame.upright((28.0, (TOP + BOTTOM) / 2.0), "probes in %");
    let middle = (LEFT + RIGHT) / 2.0;
    frame.text("", (middle, BOTTOM + 44.0), Anchor::Middle, "step");
    let note = "a hit: the pronoun's strongest attention is on its antecedent";
    frame.text("note", (20.0, BOTTOM + 68.0), Anchor::Start, note);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_ranked_by_their_hits() {
        let hits = vec![vec![0.1, 0.9], vec![0.5, 0.2]];
        let snapshot = SnapshotHits { step: 1, accuracy: 0.0, hits };
        assert_eq!(ranked(&snapshot), [[0, 1], [1, 0], [1, 1], [0, 0]]);
    }

    #[test]
    fn the_head_with_the_greatest_drop_has_a_name_whatever_it_hits() {
        let heads: Vec<[usize; 2]> = (0..6).map(|head| [0, head]).collect();
        let named = |costliest| with_top_by_drop(heads.clone(), Some([0, costliest]))[3];
        assert_eq!([named(5), named(1)], [[0, 5], [0, 3]]);
    }

    #[test]
    fn the_axis_begins_with_step_0_and_ends_with_the_last() {
        assert_eq!((x(0, 100), x(100, 100)), (LEFT, RIGHT));
        assert_eq!(x(0, 0), LEFT);
    }
}
