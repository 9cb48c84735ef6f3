//! Draws the attention of all heads for one text as a picture, with a row of heat maps for each
//! layer.
//!
//! ```text
//!         head 1   head 2  …
//! layer 1 ▦        ▦          in a heat map: a row for each query token,
//! layer 2 ▦        ▦          a column for each key token; white is 0, dark blue 1
//! …
//! ```
//!
//! The picture has no text; the caller's description has to list the tokens. The row of the pronoun
//! and the columns of its antecedent are marked at the edge of each heat map.

use std::ops::Range;

use snapshot::content::Attention;

use crate::png;

/// The space between the heat maps and around them, in pixels.
const GUTTER: usize = 8;
/// The width of a mark, which is within the gutter, in pixels.
const MARK: usize = 4;
/// The side of the square for a weight, in pixels, unless the picture would become too large.
const MAX_CELL: usize = 12;
/// Width and height of the picture are at most this, unless even squares of one pixel are too
/// large.
const MAX_SIDE: usize = 2048;

/// Indices of the two colours of the palette that are not weights. The weights have those below.
const GUTTER_COLOUR: u8 = 254;
const MARK_COLOUR: u8 = 255;
/// The index of the weight 1.
const RAMP_END: u8 = 253;

/// Equally spaced colours from light to dark: ColorBrewer's *Blues*, which suits the colour-blind.
const BLUES: [[u8; 3]; 9] = [
    [0xf7, 0xfb, 0xff],
    [0xde, 0xeb, 0xf7],
    [0xc6, 0xdb, 0xef],
    [0x9e, 0xca, 0xe1],
    [0x6b, 0xae, 0xd6],
    [0x42, 0x92, 0xc6],
    [0x21, 0x71, 0xb5],
    [0x08, 0x51, 0x9c],
    [0x08, 0x30, 0x6b],
];
const GREY: [u8; 3] = [0xc4, 0xc9, 0xcf];
/// Vermilion of Okabe and Ito's palette, which the colour-blind can tell from blue.
const VERMILION: [u8; 3] = [0xd5, 0x5e, 0x00];

/// A picture of at most 256 colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    /// Indices into the palette, row by row from the top: `[height, width]`.
    pixels: Vec<u8>,
}

/// The tokens that are marked in each heat map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Index of the pronoun's first token, whose row is marked.
    pub query: usize,
    /// Indices of the antecedent's tokens, whose columns are marked.
    pub keys: Range<usize>,
}

impl Picture {
    /// Draws the heat maps of `layers`, the first at the top.
    pub fn new(layers: &[Attention], marks: &Marks) -> Self {
        let seq = layers.iter().map(|layer| layer.seq).max().unwrap_or(0);
        let columns = layers.iter().map(|layer| layer.heads).max().unwrap_or(0);
        let cell = cell_size(seq, columns.max(layers.len()));
        let pitch = seq * cell + GUTTER;
        let (width, height) = (columns * pitch + GUTTER, layers.len() * pitch + GUTTER);
        let mut picture = Self { width, height, pixels: vec![GUTTER_COLOUR; width * height] };
        for (layer_idx, layer) in layers.iter().enumerate() {
            for head in 0..layer.heads {
                let (x, y) = (GUTTER + head * pitch, GUTTER + layer_idx * pitch);
                picture.draw_head(layer, head, [x, y], cell);
                picture.draw_marks(marks, [x, y], cell);
            }
        }
        picture
    }

    /// The width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The picture as the bytes of a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        png::encode(self.width, &palette(), &self.pixels)
    }

    fn draw_head(&mut self, layer: &Attention, head: usize, [x, y]: [usize; 2], cell: usize) {
        for query in 0..layer.seq {
            for (key, &weight) in layer.row(head, query).iter().enumerate() {
                let shade = (weight.clamp(0.0, 1.0) * f32::from(RAMP_END)).round() as u8;
                self.fill([x + key * cell, y + query * cell], [cell, cell], shade);
            }
        }
    }

    /// Draws a mark to the left of the query's row, and one above the keys' columns.
    fn draw_marks(&mut self, marks: &Marks, [x, y]: [usize; 2], cell: usize) {
        let Marks { query, keys } = marks;
        self.fill([x - MARK, y + query * cell], [MARK, cell], MARK_COLOUR);
        self.fill([x + keys.start * cell, y - MARK], [keys.len() * cell, MARK], MARK_COLOUR);
    }

    fn fill(&mut self, [x, y]: [usize; 2], [width, height]: [usize; 2], colour: u8) {
        for row in self.pixels.chunks_exact_mut(self.width).skip(y).take(height) {
            row[x..x + width].fill(colour);
        }
    }
}

/// The side of the square for a weight, in pixels, if the longer side of the picture has `n` heat
/// maps.
fn cell_size(seq: usize, n: usize) -> usize {
    let free = MAX_SIDE.saturating_sub(GUTTER * (n + 1));
    (free / (n * seq).max(1)).clamp(1, MAX_CELL)
}

/// The palette: red, green and blue of each index.
fn palette() -> Vec<u8> {
    let ramp = (0..=RAMP_END).flat_map(|index| {
        let place = f32::from(index) / f32::from(RAMP_END) * (BLUES.len() - 1) as f32;
        let below = (place as usize).min(BLUES.len() - 2);
        let share = place - below as f32;
        let [from, to] = [BLUES[below], BLUES[below + 1]];
        [0, 1, 2].map(|channel| {
            let [from, to] = [from, to].map(|colour| f32::from(colour[channel]));
            (from + share * (to - from)).round() as u8
        })
    });
    ramp.chain(GREY).chain(VERMILION).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two layers of three heads for four tokens; head `h` of layer `l` reads, with all its weight,
    /// `l + h` tokens further on.
    fn layers() -> Vec<Attention> {
        let weight = |layer: usize, index: usize| {
            let (head, query, key) = (index / 16, index / 4 % 4, index % 4);
            f32::from(u8::from(key == (query + layer + head) % 4))
        };
        let weights = |layer| (0..3 * 16).map(|index| weight(layer, index)).collect();
        (0..2).map(|layer| Attention { heads: 3, seq: 4, weights: weights(layer) }).collect()
    }

    #[test]
    fn every_weight_is_a_square_in_its_place() {
        let picture = Picture::new(&layers(), &Marks { query: 1, keys: 2..4 });
        assert_eq!((picture.width(), picture.height()), (3 * 56 + 8, 2 * 56 + 8));
        let (mut dark, mut light) = (0, 0);
        for (index, &pixel) in picture.pixels.iter().enumerate() {
            let place = [index % picture.width, index / picture.width];
            let inside = place.map(|side| (side % 56).checked_sub(GUTTER).map(|side| side / 12));
            let [Some(key), Some(query)] = inside else {
                assert!(pixel >= GUTTER_COLOUR, "{place:?}");
                continue;
            };
            let [head, layer] = place.map(|side| side / 56);
            let reads = key == (query + layer + head) % 4;
            assert_eq!(pixel, if reads { RAMP_END } else { 0 }, "{place:?}");
            if reads { dark += 1 } else { light += 1 }
        }
        assert_eq!((dark, light), (6 * 4 * 144, 6 * 12 * 144));
    }

    #[test]
    fn the_pronoun_and_its_antecedent_are_marked_at_each_heat_map() {
        let picture = Picture::new(&layers(), &Marks { query: 1, keys: 2..4 });
        for (index, &pixel) in picture.pixels.iter().enumerate() {
            let [x, y] = [index % picture.width, index / picture.width];
            if pixel < GUTTER_COLOUR || x >= 3 * 56 || y >= 2 * 56 {
                continue;
            }
            let [x, y] = [x % 56, y % 56];
            let left = (4..8).contains(&x) && (20..32).contains(&y);
            let above = (4..8).contains(&y) && (32..56).contains(&x);
            assert_eq!(pixel == MARK_COLOUR, left || above, "{x} {y}");
        }
        let none = Picture::new(&layers(), &Marks { query: 1, keys: 0..0 });
        let n_marked = none.pixels.iter().filter(|&&pixel| pixel == MARK_COLOUR).count();
        assert_eq!(n_marked, 6 * MARK * 12);
    }

    #[test]
    fn the_ends_of_the_ramp_and_what_is_beside_it_have_their_colours() {
        let palette = palette();
        assert_eq!(palette.len(), 256 * 3);
        let colour = |index: u8| &palette[usize::from(index) * 3..][..3];
        assert_eq!([0, RAMP_END].map(colour), [BLUES[0], BLUES[8]]);
        assert_eq!([GUTTER_COLOUR, MARK_COLOUR].map(colour), [GREY, VERMILION]);
    }

    #[test]
    fn more_weight_is_darker_by_an_even_amount() {
        let palette = palette();
        let luminance = |colour: &[u8]| {
            let [r, g, b] = [0, 1, 2].map(|channel| f32::from(colour[channel]));
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let shades: Vec<f32> = palette[..254 * 3].chunks_exact(3).map(luminance).collect();
        let steps: Vec<f32> = shades.windows(2).map(|pair| pair[0] - pair[1]).collect();
        assert!(steps.iter().all(|step| (0.0..3.0).contains(step)), "{steps:?}");
    }

    #[test]
    fn a_large_model_has_a_picture_of_bounded_size() {
        assert_eq!(cell_size(16, 4), 12);
        for (seq, n) in [(16, 16), (30, 24), (60, 12)] {
            let side = (seq * cell_size(seq, n) + GUTTER) * n + GUTTER;
            assert!((MAX_SIDE / 2..=MAX_SIDE).contains(&side), "{seq} tokens, {n}: {side}");
        }
        assert_eq!(cell_size(1000, 100), 1);
    }
}
