//! Accuracy against the distance of the antecedent: a line for each language.

use corpus::example::Language;
use evaluation::{
    distance::{Bucket, DISTANCES},
    report::Report,
    slices::BucketShare,
};

use super::{Frame, accuracy_axis, frame::Anchor, mark, tick_label, ticks};

const LEFT: f64 = 90.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 74.0;
const BOTTOM: f64 = 320.0;
/// Horizontal offset of each language's points, so that they do not cover each other.
const OFFSET: f64 = 7.0;

/// Buckets with fewer examples do not determine the range of the axis, because their wide intervals
/// would compress everything else; their intervals are cut off at the axis.
const MIN_EXAMPLES: usize = 10;

/// The plot of one split.
pub fn draw(report: &Report, split: &str) -> String {
    let steps: Vec<&BucketShare> =
        report.distances.iter().filter(|step| step.split == split).collect();
    let buckets: Vec<Bucket> = (DISTANCES.into_iter())
        .filter(|bucket| steps.iter().any(|step| step.bucket == *bucket))
        .collect();
    let langs: Vec<Language> = (Language::ALL.into_iter())
        .filter(|&lang| steps.iter().any(|step| step.lang == Some(lang)))
        .collect();
    let lowest = lowest(&steps);
    let axis = accuracy_axis(lowest);
    let title = format!("Accuracy against the distance of the antecedent, {split}");
    let mut frame = Frame::new(720.0, 404.0, &title);
    frame.legend(&langs.iter().map(|&lang| mark(Some(lang))).collect::<Vec<_>>(), (RIGHT, 54.0));
    draw_axes(&mut frame, axis, &buckets, &steps);
    for (index, &lang) in langs.iter().enumerate() {
        let offset = if langs.len() == 1 { 0.0 } else { OFFSET * (2.0 * index as f64 - 1.0) };
        let of_lang: Vec<&BucketShare> =
            steps.iter().copied().filter(|step| step.lang == Some(lang)).collect();
        let place = |step: &BucketShare, share| (x(step.bucket, &buckets) + offset, y(share, axis));
        let points: Vec<_> = of_lang.iter().map(|s| place(s, s.share.accuracy)).collect();
        frame.trend(mark(Some(lang)), &points);
        for step in of_lang {
            let (mark, share) = (mark(Some(lang)), &step.share);
            let class = format!("whisker {}", mark.class);
            let low = share.low.max(axis.0);
            frame.line(&class, place(step, low), place(step, share.high));
            let (label, correct, n) = (step.bucket.label(), share.correct, share.n);
            let details = format!("{}, {label} words: {correct} of {n} right", mark.name);
            frame.point(mark, place(step, share.accuracy), &details);
        }
    }
    frame.finish()
}

/// The lowest accuracy that the axis must include.
fn lowest(steps: &[&BucketShare]) -> f64 {
    let shares = || steps.iter().filter(|step| step.lang.is_some()).map(|step| &step.share);
    let are_all_few = shares().all(|share| share.n < MIN_EXAMPLES);
    (shares())
        .map(
            |share| if share.n < MIN_EXAMPLES && !are_all_few { share.accuracy } else { share.low },
        )
        .fold(1.0, f64::min)
}

fn x(bucket: Bucket, buckets: &[Bucket]) -> f64 {
    let index = buckets.iter().position(|other| *other == bucket).unwrap_or(0);
    LEFT + (RIGHT - LEFT) * (index as f64 + 0.5) / buckets.len() as f64
}

fn y(share: f64, (from, _): (f64, f64)) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (share - from) / (1.0 - from)
}

fn draw_axes(frame: &mut Frame, axis: (f64, f64), buckets: &[Bucket], steps: &[&BucketShare]) {
    let (from, step) = axis;
    for tick in ticks(from, step) {
        let y = y(tick, axis);
        frame.line("grid", (LEFT, y), (RIGHT, y));
        frame.text("tick", (LEFT - 10.0, y + 4.0), Anchor::End, &tick_label(tick, step));
    }
    frame.line("axis", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    frame.upright((30.0, (TOP + BOTTOM) / 2.0), "accuracy in %, with 95 % intervals");
    for &bucket in buckets {
        let x = x(bucket, buckets);
        frame.text("", (x, BOTTOM + 20.0), Anchor::Middle, &bucket.label());
        let total = steps.iter().find(|step| step.lang.is_none() && step.bucket == bucket);
        if let Some(total) = total {
            let n = format!("n = {}", total.share.n);
            frame.text("tick", (x, BOTTOM + 38.0), Anchor::Middle, &n);
        }
    }
    let title = "words between pronoun and antecedent (of none: the nearest candidate)";
    frame.text("", ((LEFT + RIGHT) / 2.0, BOTTOM + 66.0), Anchor::Middle, title);
}

#[cfg(test)]
mod tests {
    use super::*;
    use evaluation::answers::Share;

    fn step(bucket: usize, correct: usize, n: usize) -> BucketShare {
        BucketShare {
            split: "test".to_owned(),
            lang: Some(Language::Es),
            bucket: DISTANCES[bucket],
            share: Share::new(correct, n),
        }
    }

    #[test]
    fn the_interval_of_a_few_examples_decides_nothing_where_there_are_more() {
        let (many, few, worse) = (step(0, 95, 100), step(1, 1, 1), step(2, 1, 2));
        assert_eq!(lowest(&[&many, &few]), many.share.low);
        assert_eq!(lowest(&[&many, &few, &worse]), 0.5, "a point is always shown");
        assert_eq!(lowest(&[&few]), few.share.low);
    }
}
