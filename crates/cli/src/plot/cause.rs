//! Scatter plot of the heads: hit rate against the drop of accuracy under zero ablation. A head that
//! attends to the antecedent without affecting the answers is at the lower right.

use evaluation::analysis::{HeadReport, ablation_costs::Replacement};

use super::{Frame, frame::Anchor, head_name, mark};
use crate::report::heads::{drop_of, totals};

const LEFT: f64 = 80.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 370.0;
/// Heads closer to each other than this share a label.
const MERGE_DISTANCE: (f64, f64) = (9.0, 5.0);
/// Minimum distance of a label above its point, height of a label, and width of a character.
const LABEL_OFFSET: f64 = 10.0;
const LABEL_HEIGHT: f64 = 13.0;
const CHARACTER_WIDTH: f64 = 7.4;

/// The box of a label; `y` is its baseline.
struct LabelBox {
    left: f64,
    right: f64,
    y: f64,
}

impl LabelBox {
    fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left - 6.0..self.right + 6.0).contains(&x)
            && (self.y - LABEL_HEIGHT..self.y + 6.0).contains(&y)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && (self.y - other.y).abs() < LABEL_HEIGHT
    }
}

/// The lowest box above `place` that overlaps no other label and hides no point.
fn free_space(
    place: (f64, f64),
    label: &str,
    points: &[(f64, f64)],
    taken: &[LabelBox],
) -> LabelBox {
    let width = label.chars().count() as f64 * CHARACTER_WIDTH;
    let left = (place.0 - width / 2.0).min(RIGHT + 20.0 - width).max(LEFT + 4.0);
    let at = |attempt: u32| LabelBox {
        left,
        right: left + width,
        y: place.1 - LABEL_OFFSET - 7.0 * f64::from(attempt),
    };
    let is_free = |space: &LabelBox| {
        !taken.iter().any(|other| space.overlaps(other))
            && !points.iter().any(|&point| point != place && space.holds(point))
    };
    (0..20).map(at).find(is_free).unwrap_or_else(|| at(0))
}

/// The plot of all heads.
pub fn draw(heads: &HeadReport) -> String {
    let mut frame = Frame::new(600.0, 452.0, "Hits of each head, and what is lost without it");
    let mut points: Vec<([usize; 2], f64, f64)> = totals(heads)
        .filter_map(|score| {
            let head = [score.layer, score.head];
            Some((head, score.hit, drop_of(heads, head, Replacement::Zero)?))
        })
        .collect();
    // Heads with a high hit rate or drop are labelled first, so they get the nearest labels.
    points.sort_by(|a, b| (b.1 + b.2).total_cmp(&(a.1 + a.2)));
    let max = points.iter().map(|point| point.2).fold(0.0, f64::max);
    let min = points.iter().map(|point| point.2).fold(0.0, f64::min);
    let (from, to) = ((min * 20.0).floor() / 20.0, ((max * 20.0).ceil() / 20.0).max(0.05));
    let y = |drop: f64| BOTTOM - (BOTTOM - TOP) * (drop - from) / (to - from);
    draw_axes(&mut frame, (from, to), y);
    let mut labels: Vec<((f64, f64), String)> = Vec::new();
    for (head, hit, drop) in points {
        let place = (x(hit), y(drop));
        let name = head_name(head);
        let details = format!("{name}: hit {:.1} %, drop {:.1} points", 100.0 * hit, 100.0 * drop);
        frame.point(mark(None), place, &details);
        match labels.iter_mut().find(|(other, _)| is_near(*other, place)) {
            Some((_, label)) => *label += &format!(" {name}"),
            None => labels.push((place, name)),
        }
    }
    let points: Vec<(f64, f64)> = labels.iter().map(|(place, _)| *place).collect();
    let mut taken: Vec<LabelBox> = Vec::new();
    for (place, label) in labels {
        let space = free_space(place, &label, &points, &taken);
        if place.1 - space.y > LABEL_OFFSET {
            frame.line("grid", (place.0, place.1 - 6.0), (space.middle(), space.y + 2.0));
        }
        frame.text("tick", (space.middle(), space.y), Anchor::Middle, &label);
        taken.push(space);
    }
    frame.finish()
}

fn is_near(a: (f64, f64), b: (f64, f64)) -> bool {
    (a.0 - b.0).abs() < MERGE_DISTANCE.0 && (a.1 - b.1).abs() < MERGE_DISTANCE.1
}

fn x(share: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * share
}

fn draw_axes(frame: &mut Frame, (from, to): (f64, f64), y: impl Fn(f64) -> f64) {
    for index in 0..=5 {
        let part = f64::from(index) / 5.0;
        let drop = from + (to - from) * part;
        frame.line("grid", (LEFT, y(drop)), (RIGHT, y(drop)));
        let label = format!("{:.0}", 100.0 * drop);
        frame.text("tick", (LEFT - 10.0, y(drop) + 4.0), Anchor::End, &label);
        frame.line("grid", (x(part), TOP), (x(part), BOTTOM));
        let label = format!("{:.0}", 100.0 * part);
        frame.text("tick", (x(part), BOTTOM + 18.0), Anchor::Middle, &label);
    }
    frame.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let title = "drop of accuracy without the head (zero), in points";
    frame.upright((28.0, (TOP + BOTTOM) / 2.0), title);
    let middle = (LEFT + RIGHT) / 2.0;
    let title = "hits: strongest attention on the antecedent, in %";
    frame.text("", (middle, BOTTOM + 44.0), Anchor::Middle, title);
    let note = "L3H2: head 2 of layer 3";
    frame.text("note", (20.0, BOTTOM + 68.0), Anchor::Start, note);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_near_points_stand_above_one_another_and_hide_no_point() {
        let points = [(100.0, 300.0), (110.0, 301.0), (112.0, 280.0)];
        let mut taken: Vec<LabelBox> = Vec::new();
        for place in points {
            let space = free_space(place, "L1H1", &points, &taken);
            assert!(points.iter().all(|&point| point == place || !space.holds(point)));
            assert!(taken.iter().all(|other| !space.overlaps(other)));
            taken.push(space);
        }
        let edge = free_space((RIGHT, 300.0), "L3H1 L3H2 L3H4", &points, &[]);
        assert!(edge.right <= RIGHT + 20.0);
    }
}
