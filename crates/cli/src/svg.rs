//! A picture of one resolved pronoun: arcs for the head with the greatest weight on the answer, and
//! below each word the weights of every head.

use std::fmt::Write;

use snapshot::content::Probe;

use crate::attention::{HeadRow, answer_line, pronoun_rows, strongest_head, word_texts};

const FONT: f32 = 20.0;
const MARGIN: f32 = 24.0;
/// Width of the column with the names of the heads.
const LABELS: f32 = 140.0;
const GAP: f32 = 14.0;
const ROW: f32 = 24.0;
const ARCS: f32 = 120.0;

/// Colours for light and dark pages, distinguishable with colour blindness.
const STYLE: &str = "
    text { font-family: system-ui, sans-serif; fill: #1b1f24; }
    .word { font-size: 20px; } .pronoun { font-weight: 700; } .answer { font-weight: 700; fill: #0b5cad; }
    .title { font-size: 16px; } .label, .value { font-size: 12px; fill: #57606a; }
    .value.strong { fill: #ffffff; } .arc { fill: none; stroke: #0b5cad; stroke-linecap: round; }
    .cell { fill: #0b5cad; } .chosen { font-weight: 700; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .answer { fill: #6cb6ff; } .label, .value { fill: #9aa4af; }
      .arc { stroke: #6cb6ff; } .cell { fill: #6cb6ff; } .value.strong { fill: #0d1117; }
    }
";

/// A word with its horizontal position.
struct Placed<'t> {
    text: &'t str,
    x: f32,
    width: f32,
}

impl Placed<'_> {
    fn centre(&self) -> f32 {
        self.x + self.width / 2.0
    }
}

/// The picture of `probe`, a whole SVG document.
pub fn draw(probe: &Probe) -> String {
    let words = place(&word_texts(probe));
    let rows = pronoun_rows(probe);
    // If the answer is *none*, the arcs are for the most probable word.
    let target = probe.answer.unwrap_or_else(|| argmax_word(probe));
    let chosen = strongest_head(&rows, target).expect("a model has at least one head");
    let pronoun = probe.tokens[probe.pronoun_token].word.expect("a pronoun is a word");

    let right = words.last().map_or(LABELS, |word| word.x + word.width);
    let (width, baseline) = (right + MARGIN, 50.0 + ARCS);
    let height = baseline + 30.0 + rows.len() as f32 * ROW + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<text class=\"title\" x=\"{MARGIN}\" y=\"30\">{title}</text>\n",
        title = escape(&answer_line(probe)),
    );
    draw_arcs(&mut svg, &words, chosen, pronoun, baseline - FONT - 4.0);
    for (index, word) in words.iter().enumerate() {
        let class = match index {
            _ if index == pronoun => "word pronoun",
            _ if Some(index) == probe.answer => "word answer",
            _ => "word",
        };
        let (x, text) = (word.centre(), escape(word.text));
        line(
            &mut svg,
            &format!(
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{baseline}\" text-anchor=\"middle\">{text}</text>"
            ),
        );
    }
    for (index, row) in rows.iter().enumerate() {
        draw_row(&mut svg, &words, row, row == chosen, baseline + 24.0 + index as f32 * ROW);
    }
    svg + "</svg>\n"
}

/// Places words side by side. Widths are estimates, because the viewer's font is unknown.
fn place<'t>(texts: &[&'t str]) -> Vec<Placed<'t>> {
    let mut x = LABELS;
    (texts.iter())
        .map(|&text| {
            let width = text.chars().map(character_width).sum::<f32>().max(0.9) * FONT;
            let placed = Placed { text, x, width };
            x += width + GAP;
            placed
        })
        .collect()
}

fn character_width(c: char) -> f32 {
    match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'í' | '.' | ',' | '\'' | ':' | ';' | '!' => 0.34,
        'm' | 'w' | 'M' | 'W' => 0.88,
        _ => 0.58,
    }
}

fn argmax_word(probe: &Probe) -> usize {
    let words = 0..probe.words.len();
    words.max_by(|&a, &b| probe.probabilities[a].total_cmp(&probe.probabilities[b])).unwrap_or(0)
}

/// Draws an arc from the pronoun to each word, with width and opacity by its weight.
fn draw_arcs(svg: &mut String, words: &[Placed], row: &HeadRow, pronoun: usize, y: f32) {
    let from = words[pronoun].centre();
    let widest = words.iter().map(|word| (word.centre() - from).abs()).fold(1.0, f32::max);
    for (word, &weight) in words.iter().zip(&row.words) {
        if weight < 0.01 {
            continue;
        }
        let to = word.centre();
        let top = y - ARCS * ((to - from).abs() / widest).max(0.25);
        let thickness = 1.0 + 7.0 * weight;
        let opacity = weight.sqrt();
        line(
            svg,
            &format!(
                "<path class=\"arc\" d=\"M {from:.1} {y:.1} C {from:.1} {top:.1}, {to:.1} {top:.1}, \
             {to:.1} {y:.1}\" stroke-width=\"{thickness:.1}\" opacity=\"{opacity:.2}\"/>"
            ),
        );
    }
}

/// Draws the weights of one head: a cell below each word.
fn draw_row(svg: &mut String, words: &[Placed], row: &HeadRow, is_chosen: bool, y: f32) {
    let chosen = if is_chosen { " chosen" } else { "" };
    let (layer, head, middle) = (row.layer + 1, row.head + 1, y + ROW * 0.7);
    line(
        svg,
        &format!(
            "<text class=\"label{chosen}\" x=\"{MARGIN}\" y=\"{middle:.1}\">layer {layer}, head {head}</text>"
        ),
    );
    for (word, &weight) in words.iter().zip(&row.words) {
        let (x, width, height) = (word.x - GAP / 2.0 + 1.0, word.width + GAP - 2.0, ROW - 2.0);
        line(
            svg,
            &format!(
                "<rect class=\"cell\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
             height=\"{height:.1}\" rx=\"3\" opacity=\"{:.3}\"/>",
                0.06 + 0.94 * weight,
            ),
        );
        if weight >= 0.05 {
            let strong = if weight > 0.55 { " strong" } else { "" };
            line(
                svg,
                &format!(
                    "<text class=\"value{strong}\" x=\"{:.1}\" y=\"{middle:.1}\" \
                 text-anchor=\"middle\">{:.0}</text>",
                    word.centre(),
                    100.0 * weight,
                ),
            );
        }
    }
}

fn line(svg: &mut String, element: &str) {
    writeln!(svg, "{element}").expect("a string grows");
}

/// Escapes text, so that text of a user is never markup. Characters that XML forbids are replaced by
/// U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
