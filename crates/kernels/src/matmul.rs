//! Products of matrices that lie in slices, on one thread.
//!
//! ```text
//! out (+)= scale · a b          a: [m, k]      b: [k, n]      out: [m, n]
//! ```
//!
//! A tile of the result, a few rows by two vectors, stays in registers during the loop over `k`: each
//! number of `a` is broadcast to a vector, multiplied by two vectors of `b` and added. `b` is packed
//! into panels two vectors wide, each contiguous so that the first-level cache can hold it; a matrix
//! that serves many products is packed once. This is the inner kernel of Goto & van de Geijn 2008,
//! <https://doi.org/10.1145/1356052.1356053>; the callers do the outer blocking by chunks of rows.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::{buffer::Buffer, simd::Level};

/// Rows of `a` up to which packing `b` takes longer than to read it where it lies.
const MAX_ROWS_FOR_UNPACKED: usize = 32;

/// Panels of `b` from which packing the columns of `a` pays.
const MIN_PANELS_FOR_PACKED: usize = 12;
/// Panels that a row is copied into before the next row is read.
const PACKED_AT_ONCE: usize = 4;

/// Columns of the widest panel: two vectors of AVX-512.
const MAX_PANEL: usize = 32;

/// A matrix in a slice, to be read: element `[i, j]` at `i · strides[0] + j · strides[1]`, and one
/// of the strides is 1.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

/// A matrix in a slice, to be written, each row in one piece.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: &'a mut [f32],
    shape: [usize; 2],
    row_stride: usize,
}

impl<'a> Matrix<'a> {
    /// All of `data`, row by row.
    pub fn new(data: &'a [f32], columns: usize) -> Self {
        Self::strided(data, [data.len() / columns, columns], columns)
    }

    /// The first rows and columns of a wider matrix.
    pub fn strided(data: &'a [f32], shape: [usize; 2], row_stride: usize) -> Self {
        assert!(extent(shape, row_stride) <= data.len(), "{shape:?} in {}", data.len());
        Self { data, shape, strides: [row_stride, 1] }
    }

    /// Some of its rows.
    pub(crate) fn rows(self, rows: Range<usize>) -> Self {
        let Self { data, shape: [_, columns], strides } = self;
        let start = if rows.is_empty() { 0 } else { rows.start * strides[0] };
        Self { data: &data[start..], shape: [rows.len(), columns], strides }
    }

    /// The transpose, without moving anything.
    pub fn transposed(self) -> Self {
        let Self { data, shape: [rows, columns], strides: [row, column] } = self;
        Self { data, shape: [columns, rows], strides: [column, row] }
    }
}

impl<'a> MatrixMut<'a> {
    /// All of `data`, row by row.
    pub fn new(data: &'a mut [f32], columns: usize) -> Self {
        let rows = data.len() / columns;
        Self::strided(data, [rows, columns], columns)
    }

    /// The first rows and columns of a wider matrix.
    pub fn strided(data: &'a mut [f32], shape: [usize; 2], row_stride: usize) -> Self {
        assert!(extent(shape, row_stride) <= data.len(), "{shape:?} in {}", data.len());
        Self { data, shape, row_stride }
    }
}

/// The least length of a slice that holds such a matrix.
fn extent([rows, columns]: [usize; 2], row_stride: usize) -> usize {
    if rows == 0 || columns == 0 { 0 } else { (rows - 1) * row_stride + columns }
}

/// What a product does with the numbers that its result replaces: β = 0 or 1 of BLAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// Overwrites them, without reading them first.
    Overwrite,
    /// Adds to them.
    Accumulate,
}

/// `scale · b`, ready to be multiplied with.
#[derive(Debug)]
pub struct Panels<'a> {
    source: Source<'a>,
    /// `[k, n]`
    shape: [usize; 2],
    /// From a panel to the next, and from a row of a panel to the next.
    strides: [usize; 2],
    scale: f32,
}

#[derive(Debug)]
enum Source<'a> {
    /// Where it lies: its columns are whole panels, a row of a panel is contiguous.
    Unpacked(&'a [f32]),
    /// A copy, panel by panel, the last one padded with zeros.
    Packed(Buffer),
}

impl<'a> Panels<'a> {
    /// Of all columns of `b`.
    pub fn new(level: Level, b: Matrix<'a>) -> Self {
        Self::for_rows(level, b, usize::MAX)
    }

    /// The same for products with `n_rows` rows of `a` in all: few rows do not repay the packing.
    pub fn for_rows(level: Level, b: Matrix<'a>, n_rows: usize) -> Self {
        let [k, n] = b.shape;
        let width = level.panel();
        let is_packed_best = n_rows > MAX_ROWS_FOR_UNPACKED;
        if b.strides[1] == 1 && n.is_multiple_of(width) && !is_packed_best {
            let strides = [width, b.strides[0]];
            return Self { source: Source::Unpacked(b.data), shape: b.shape, strides, scale: 1.0 };
        }
        let mut packed = Buffer::uninit(n.div_ceil(width) * k * width);
        level.vectorize(Pack { b, panels: &mut packed });
        let strides = [k * width, width];
        Self { source: Source::Packed(packed), shape: b.shape, strides, scale: 1.0 }
    }

    /// The same with every product multiplied by `scale`.
    pub fn scaled(self, scale: f32) -> Self {
        Self { scale, ..self }
    }

    /// `out (+)= scale · a b`
    pub fn multiply(&self, level: Level, out: MatrixMut, mode: WriteMode, a: Matrix) {
        let [m, k] = a.shape;
        let [b_rows, n] = self.shape;
        assert_eq!((k, out.shape), (b_rows, [m, n]), "{:?} × {:?}", a.shape, self.shape);
        if m == 0 || n == 0 || (k == 0 && mode == WriteMode::Accumulate) {
            return;
        }
        level.vectorize(Multiply { out, mode, a, b: self });
    }
}

/// `out (+)= scale · a b`, where `b` serves one product.
pub fn matmul(level: Level, out: MatrixMut, mode: WriteMode, scale: f32, a: Matrix, b: Matrix) {
    Panels::new(level, b).scaled(scale).multiply(level, out, mode, a);
}

/// Copies `b` into panels.
struct Pack<'a> {
    b: Matrix<'a>,
    panels: &'a mut [f32],
}

impl WithSimd for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { b: Matrix { data, shape: [k, n], strides }, panels } = self;
        let width = 2 * S::F32_LANES;
        if k == 0 {
            return;
        }
        if strides[1] == 1 {
            let groups = panels.chunks_mut(PACKED_AT_ONCE * k * width);
            for (first, panels) in (0..n).step_by(PACKED_AT_ONCE * width).zip(groups) {
                pack_rows(&data[first..], n - first, strides[0], panels, width, k);
            }
            return;
        }
        for (first, panel) in (0..n).step_by(width).zip(panels.chunks_exact_mut(k * width)) {
            let count = width.min(n - first);
            if count < width {
                panel.fill(0.0);
            }
            for j in 0..count {
                let column = &data[(first + j) * strides[1]..][..k];
                scatter(column, &mut panel[j..], width);
            }
        }
    }
}

/// Copies rows of `columns` numbers into `panels`, as many as these hold, and pads the last one with zeros.
///
/// Row by row through a few panels at once, so that what is read lies together.
#[inline(always)]
fn pack_rows(
    data: &[f32],
    columns: usize,
    row_stride: usize,
    panels: &mut [f32],
    width: usize,
    k: usize,
) {
    for p in 0..k {
        let row = &data[p * row_stride..][..columns];
        for (panel, row) in panels.chunks_exact_mut(k * width).zip(row.chunks(width)) {
            let place = &mut panel[p * width..][..width];
            if row.len() == width {
                place.copy_from_slice(row);
            } else {
                place[..row.len()].copy_from_slice(row);
                place[row.len()..].fill(0.0);
            }
        }
    }
}

/// Scatters the numbers of `column` to every `stride`-th place.
///
/// Sixteen at a time, so that they are read as one vector and bounds are checked once.
#[inline(always)]
fn scatter(column: &[f32], places: &mut [f32], stride: usize) {
    let (blocks, rest) = column.as_chunks::<16>();
    let mut start = 0;
    for block in blocks {
        let places = &mut places[start..][..15 * stride + 1];
        for (i, x) in block.iter().enumerate() {
            places[i * stride] = *x;
        }
        start += 16 * stride;
    }
    for (i, x) in rest.iter().enumerate() {
        places[start + i * stride] = *x;
    }
}

struct Multiply<'a, 'b> {
    out: MatrixMut<'a>,
    mode: WriteMode,
    a: Matrix<'a>,
    b: &'a Panels<'b>,
}

impl WithSimd for Multiply<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { out, mode, a, b } = self;
        let data = match &b.source {
            Source::Unpacked(data) => data,
            Source::Packed(packed) => &packed[..],
        };
        let [m, k] = a.shape;
        let width = 2 * S::F32_LANES;
        let is_packed = a.strides[1] != 1 && out.shape[1] >= MIN_PANELS_FOR_PACKED * width;
        let packed = is_packed.then(|| PackedColumns::new(a, max_rows::<S>()));
        for (panel, first) in (0..out.shape[1]).step_by(width).enumerate() {
            let mut row = 0;
            while row < m {
                let rows = match &packed {
                    _ if k == 0 => TileRows::Packed(&[]),
                    Some(packed) => TileRows::Packed(packed.tiles_from(row, k)),
                    None if a.strides[1] == 1 => {
                        TileRows::Rows(&a.data[row * a.strides[0]..], a.strides[0])
                    }
                    None => TileRows::Columns(&a.data[row..], a.strides[1]),
                };
                let tile = Tile {
                    rows,
                    k,
                    b: if k == 0 { &[] } else { &data[panel * b.strides[0]..] },
                    b_stride: b.strides[1],
                    out: &mut out.data[row * out.row_stride + first..],
                    row_stride: out.row_stride,
                    columns: width.min(out.shape[1] - first),
                    mode,
                    scale: b.scale,
                };
                row += match tile_rows(m - row, max_rows::<S>()) {
                    8 => tile.compute::<S, 8>(simd),
                    6 => tile.compute::<S, 6>(simd),
                    4 => tile.compute::<S, 4>(simd),
                    2 => tile.compute::<S, 2>(simd),
                    _ => tile.compute::<S, 1>(simd),
                };
            }
        }
    }
}

/// As many rows of a tile as fit into the registers, two for each: AVX-512 and NEON have 32 vectors, AVX2
/// has 16, of which one holds a number of `a` and two a row of `b`.
#[inline(always)]
fn max_rows<S: Simd>() -> usize {
    if S::F32_LANES == 8 { 6 } else { 8 }
}

/// The rows of the next tile, of so many that are left.
#[inline(always)]
fn tile_rows(left: usize, max_rows: usize) -> usize {
    [8, 6, 4, 2].into_iter().find(|&rows| rows <= max_rows && rows <= left).unwrap_or(1)
}

/// A copy of a matrix whose columns are contiguous: for each tile its numbers, column by column. So a tile
/// reads one after the other what lies a row of the other matrix apart, all in the same few sets of the
/// first-level cache if that is a power of two.
struct PackedColumns(Buffer);

impl PackedColumns {
    #[inline(always)]
    fn new(a: Matrix, max_rows: usize) -> Self {
        let Matrix { data, shape: [m, k], strides } = a;
        let mut packed = Buffer::uninit(m * k);
        let mut row = 0;
        while row < m {
            let rows = tile_rows(m - row, max_rows);
            let tile = &mut packed[row * k..(row + rows) * k];
            for (p, column) in tile.chunks_exact_mut(rows).enumerate() {
                column.copy_from_slice(&data[p * strides[1] + row..][..rows]);
            }
            row += rows;
        }
        Self(packed)
    }

    /// The tile that begins with a row, and those behind it.
    #[inline(always)]
    fn tiles_from(&self, row: usize, k: usize) -> &[f32] {
        &self.0[row * k..]
    }
}

/// Some rows of `a`, from the first of a tile on.
enum TileRows<'a> {
    /// Row by row, with the distance from one to the next.
    Rows(&'a [f32], usize),
    /// Column by column, with the distance from one to the next.
    Columns(&'a [f32], usize),
    /// Column by column, one right behind the other.
    Packed(&'a [f32]),
}

/// A few rows of the result, two vectors wide.
struct Tile<'a> {
    rows: TileRows<'a>,
    k: usize,
    b: &'a [f32],
    b_stride: usize,
    out: &'a mut [f32],
    row_stride: usize,
    columns: usize,
    mode: WriteMode,
    scale: f32,
}

impl Tile<'_> {
    /// Computes it and returns the number of rows.
    #[inline(always)]
    fn compute<S: Simd, const ROWS: usize>(self, simd: S) -> usize {
        let k = self.k;
        let sums = match self.rows {
            TileRows::Rows(data, stride) => {
                let rows: [&[f32]; ROWS] = std::array::from_fn(|r| &data[r * stride..][..k]);
                self.sums::<S, ROWS>(simd, (0..k).map(|p| std::array::from_fn(|r| rows[r][p])))
            }
            TileRows::Columns(data, stride) => {
                let column = |p: usize| -> [f32; ROWS] {
                    let column = &data[p * stride..][..ROWS];
                    std::array::from_fn(|r| column[r])
                };
                self.sums::<S, ROWS>(simd, (0..k).map(column))
            }
            TileRows::Packed(data) => {
                let (columns, _) = data[..ROWS * k].as_chunks::<ROWS>();
                self.sums::<S, ROWS>(simd, columns.iter().copied())
            }
        };
        self.store(simd, sums);
        ROWS
    }

    /// `columns`: the numbers of each column of these rows of `a`.
    #[inline(always)]
    fn sums<S: Simd, const ROWS: usize>(
        &self,
        simd: S,
        columns: impl Iterator<Item = [f32; ROWS]>,
    ) -> [[S::f32s; 2]; ROWS] {
        let width = 2 * S::F32_LANES;
        let mut sums = [[simd.splat_f32s(0.0); 2]; ROWS];
        for (column, b) in columns.zip(self.b.chunks(self.b_stride.max(1))) {
            let (b, _) = S::as_simd_f32s(&b[..width]);
            let [left, right] = [b[0], b[1]];
            for r in 0..ROWS {
                let x = simd.splat_f32s(column[r]);
                sums[r] = [
                    simd.mul_add_f32s(x, left, sums[r][0]),
                    simd.mul_add_f32s(x, right, sums[r][1]),
                ];
            }
        }
        sums
    }

    #[inline(always)]
    fn store<S: Simd, const ROWS: usize>(self, simd: S, sums: [[S::f32s; 2]; ROWS]) {
        let width = 2 * S::F32_LANES;
        let scale = simd.splat_f32s(self.scale);
        for (r, sums) in sums.into_iter().enumerate() {
            let sums = sums.map(|sum| simd.mul_f32s(sum, scale));
            let row = &mut self.out[r * self.row_stride..][..self.columns];
            if self.columns == width {
                let (row, _) = S::as_mut_simd_f32s(row);
                for (out, sum) in row.iter_mut().zip(sums) {
                    *out = match self.mode {
                        WriteMode::Overwrite => sum,
                        WriteMode::Accumulate => simd.add_f32s(*out, sum),
                    };
                }
            } else {
                let mut row_buffer = [0.0; MAX_PANEL];
                let (vectors, _) = S::as_mut_simd_f32s(&mut row_buffer[..width]);
                vectors.copy_from_slice(&sums);
                for (out, sum) in row.iter_mut().zip(row_buffer) {
                    *out = match self.mode {
                        WriteMode::Overwrite => sum,
                        WriteMode::Accumulate => *out + sum,
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
