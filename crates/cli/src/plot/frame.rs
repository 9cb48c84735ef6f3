//! The drawing functions that all plots share: background, title, lines, marks and legend.

use crate::svg::escape;

/// The colours are Okabe and Ito's palette for colour blindness; no series differs by colour alone.
const STYLE: &str = "
    .paper { fill: #ffffff; stroke: #d0d7de; }
    text { font-family: system-ui, sans-serif; font-size: 13px; fill: #1b1f24; }
    .title { font-size: 16px; font-weight: 600; } .tick, .note { fill: #57606a; }
    .strong { font-weight: 600; }
    .axis { stroke: #57606a; stroke-width: 1; } .grid { stroke: #e4e8ec; stroke-width: 1; }
    .guide { stroke: #57606a; stroke-width: 1.2; stroke-dasharray: 5 4; }
    .es { fill: #0072b2; stroke: #0072b2; } .en { fill: #d55e00; stroke: #d55e00; }
    .all { fill: #1b1f24; stroke: #1b1f24; } .bar { fill: #9aa4af; }
    .count { font-size: 10px; fill: #57606a; }
    .whisker { stroke-width: 2; } .trend { fill: none; stroke-width: 1.5; }
    .trend.en { stroke-dasharray: 6 3; }
    .head-0, .head-1, .head-2, .head-3, .rest, .answers { fill: none; stroke-width: 2; }
    .head-0 { stroke: #0072b2; } .head-1 { stroke: #d55e00; stroke-dasharray: 7 3; }
    .head-2 { stroke: #009e73; stroke-dasharray: 2 3; } .head-3 { stroke: #cc79a7; stroke-dasharray: 9 3 2 3; }
    .rest { stroke: #c3c9d0; stroke-width: 1; } .answers { stroke: #1b1f24; stroke-width: 3; }
";

/// Name, CSS class and shape of a series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
    pub(super) shape: Shape,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Circle,
    Square,
    Diamond,
}

/// Alignment of a text relative to its position.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A plot under construction: a list of SVG elements.
pub(super) struct Frame {
    width: f64,
    height: f64,
    title: String,
    elements: Vec<String>,
}

impl Frame {
    /// A background with a title, which is also the description for screen readers.
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut frame = Self { width, height, title: escape(title), elements: Vec::new() };
        frame.text("title", (20.0, 30.0), Anchor::Start, title);
        frame
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.elements.push(format!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// A text rotated by 90°, centred on a vertical axis.
    pub(super) fn upright(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escape(text);
        self.elements.push(format!(
            "<text text-anchor=\"middle\" transform=\"translate({x:.1} {y:.1}) rotate(-90)\">{text}</text>"
        ));
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.elements.push(format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    pub(super) fn bar(&mut self, (x, y): (f64, f64), width: f64, height: f64) {
        self.elements.push(format!(
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        ));
    }

    /// A line through points in the style of `mark`.
    pub(super) fn trend(&mut self, mark: Mark, points: &[(f64, f64)]) {
        self.line_through(&format!("trend {}", mark.class), points);
    }

    /// A line through points in the style of a CSS class.
    pub(super) fn line_through(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        self.elements.push(format!("<polyline class=\"{class}\" points=\"{points}\"/>"));
    }

    /// A point; its details appear under the pointer.
    pub(super) fn point(&mut self, mark: Mark, (x, y): (f64, f64), details: &str) {
        let class = mark.class;
        let shape = match mark.shape {
            Shape::Circle => {
                format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\">")
            }
            Shape::Square => format!(
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"9\" height=\"9\">",
                x - 4.5,
                y - 4.5
            ),
            Shape::Diamond => format!(
                "<path class=\"{class}\" d=\"M {x:.1} {:.1} l 6 6 l -6 6 l -6 -6 z\">",
                y - 6.0
            ),
        };
        let end = shape[1..].split(' ').next().expect("an element has a name").to_owned();
        self.elements.push(format!("{shape}<title>{}</title></{end}>", escape(details)));
    }

    /// A legend of marks, in a row that ends at `right`.
    pub(super) fn legend(&mut self, marks: &[Mark], (right, y): (f64, f64)) {
        for (index, mark) in marks.iter().rev().enumerate() {
            let x = right - 48.0 * (index + 1) as f64;
            self.point(*mark, (x + 8.0, y - 4.0), mark.name);
            self.text("", (x + 20.0, y), Anchor::Start, mark.name);
        }
    }

    /// The complete SVG document.
    pub(super) fn finish(self) -> String {
        let Self { width, height, title, elements } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n<rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{:.0}\" \
             height=\"{:.0}\" rx=\"6\"/>\n{}\n</svg>\n",
            width - 1.0,
            height - 1.0,
            elements.join("\n")
        )
    }
}
