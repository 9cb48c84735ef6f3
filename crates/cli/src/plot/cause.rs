//! What a head hits against what is lost without it: a pretty head that is no cause lies at the
//! lower right.

use evaluation::analysis::{HeadReport, ablation_costs::Replacement};

use super::{Frame, frame::Anchor, head_name, mark};
use crate::report::heads::{drop_of, totals};

const LEFT: f64 = 80.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 370.0;
/// Heads nearer to each other than this share a label.
const ROOM: (f64, f64) = (9.0, 5.0);
/// How far a label stands above its point at least, how high it is, and how wide a character.
const LIFT: f64 = 10.0;
const HIGH: f64 = 13.0;
const WIDE: f64 = 7.4;

/// Where a label stands: `y` is its foot.
struct Space {
    left: f64,
    right: f64,
    y: f64,
}

impl Space {
    fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left - 6.0..self.right + 6.0).contains(&x)
            && (self.y - HIGH..self.y + 6.0).contains(&y)
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && (self.y - other.y).abs() < HIGH
    }
}

/// The lowest space above `place` that meets no other label and hides no point.
fn free_space(place: (f64, f64), label: &str, points: &[(f64, f64)], taken: &[Space]) -> Space {
    let width = label.chars().count() as f64 * WIDE;
    let left = (place.0 - width / 2.0).min(RIGHT + 20.0 - width).max(LEFT + 4.0);
    let at =
        |rung: u32| Space { left, right: left + width, y: place.1 - LIFT - 7.0 * f64::from(rung) };
    let is_free = |space: &Space| {
        !taken.iter().any(|other| space.meets(other))
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
    // What stands out gets its name first.
    points.sort_by(|a, b| (b.1 + b.2).total_cmp(&(a.1 + a.2)));
    let greatest = points.iter().map(|point| point.2).fold(0.0, f64::max);
    let least = points.iter().map(|point| point.2).fold(0.0, f64::min);
    let (from, to) = ((least * 20.0).floor() / 20.0, ((greatest * 20.0).ceil() / 20.0).max(0.05));
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
    let mut taken: Vec<Space> = Vec::new();
    for (place, label) in labels {
        let space = free_space(place, &label, &points, &taken);
        if place.1 - space.y > LIFT {
            frame.line("grid", (place.0, place.1 - 6.0), (space.middle(), space.y + 2.0));
        }
        frame.text("tick", (space.middle(), space.y), Anchor::Middle, &label);
        taken.push(space);
    }
    frame.finish()
}

fn is_near(a: (f64, f64), b: (f64, f64)) -> bool {
    (a.0 - b.0).abs() < ROOM.0 && (a.1 - b.1).abs() < ROOM.1
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
        let mut taken: Vec<Space> = Vec::new();
        for place in points {
            let space = free_space(place, "L1H1", &points, &taken);
            assert!(points.iter().all(|&point| point == place || !space.holds(point)));
            assert!(taken.iter().all(|other| !space.meets(other)));
            taken.push(space);
        }
        let edge = free_space((RIGHT, 300.0), "L3H1 L3H2 L3H4", &points, &[]);
        assert!(edge.right <= RIGHT + 20.0);
    }
}
