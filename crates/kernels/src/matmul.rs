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

use pulp::{Simd, WithSimd};

use crate::{buffer::Buffer, simd::Level};

/// Rows of `b` up to which packing never pays.
const MAX_UNPACKED_ROWS: usize = 128;
/// Rows of `a` up to which packing `b` takes longer than to read it where it lies.
const MAX_ROWS_FOR_UNPACKED: usize = 32;

/// Columns of the widest panel: two vectors of AVX-512.
const MAX_PANEL: usize = 32;

/// A matrix in a slice, to be read: element `[i, j]` at `i · strides[0] + j · strides[1]`, and one
/// of the strides is 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

/// A matrix in a slice, to be written, each row in one piece.
#[derive(Debug)]
pub(crate) struct MatrixMut<'a> {
    data: &'a mut [f32],
    shape: [usize; 2],
    row_stride: usize,
}

impl<'a> Matrix<'a> {
    /// All of `data`, row by row.
    pub(crate) fn new(data: &'a [f32], columns: usize) -> Self {
        Self::strided(data, [data.len() / columns, columns], columns)
    }

    /// The first rows and columns of a wider matrix.
    pub(crate) fn strided(data: &'a [f32], shape: [usize; 2], row_stride: usize) -> Self {
        assert!(extent(shape, row_stride) <= data.len(), "{shape:?} in {}", data.len());
        Self { data, shape, strides: [row_stride, 1] }
    }

    /// Rows and columns.
    pub(crate) fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The transpose, without moving anything.
    pub(crate) fn transposed(self) -> Self {
        let Self { data, shape: [rows, columns], strides: [row, column] } = self;
        Self { data, shape: [columns, rows], strides: [column, row] }
    }
}

impl<'a> MatrixMut<'a> {
    /// All of `data`, row by row.
    pub(crate) fn new(data: &'a mut [f32], columns: usize) -> Self {
        let rows = data.len() / columns;
        Self::strided(data, [rows, columns], columns)
    }

    /// The first rows and columns of a wider matrix.
    pub(crate) fn strided(data: &'a mut [f32], shape: [usize; 2], row_stride: usize) -> Self {
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
pub(crate) enum WriteMode {
    /// Overwrites them, without reading them first.
    Overwrite,
    /// Adds to them.
    Accumulate,
}

/// `scale · b`, ready to be multiplied with.
#[derive(Debug)]
pub(crate) struct Panels<'a> {
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
    pub(crate) fn new(level: Level, b: Matrix<'a>) -> Self {
        Self::for_rows(level, b, usize::MAX)
    }

    /// The same for products with `n_rows` rows of `a` in all: few rows do not repay the packing.
    pub(crate) fn for_rows(level: Level, b: Matrix<'a>, n_rows: usize) -> Self {
        let [k, n] = b.shape;
        let width = level.panel();
        let is_packed_best = k > MAX_UNPACKED_ROWS && n_rows > MAX_ROWS_FOR_UNPACKED;
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
    pub(crate) fn scaled(self, scale: f32) -> Self {
        Self { scale, ..self }
    }

    /// `out (+)= scale · a b`
    pub(crate) fn multiply(&self, level: Level, out: MatrixMut, mode: WriteMode, a: Matrix) {
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
pub(crate) fn matmul(
    level: Level,
    out: MatrixMut,
    mode: WriteMode,
    scale: f32,
    a: Matrix,
    b: Matrix,
) {
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
        for (first, panel) in (0..n).step_by(width).zip(panels.chunks_exact_mut(k * width)) {
            let count = width.min(n - first);
            if count < width {
                panel.fill(0.0);
            }
            if strides[1] == 1 {
                for (p, row) in panel.chunks_exact_mut(width).enumerate() {
                    let start = p * strides[0] + first;
                    row[..count].copy_from_slice(&data[start..start + count]);
                }
            } else {
                for j in 0..count {
                    let column = &data[(first + j) * strides[1]..][..k];
                    scatter(column, &mut panel[j..], width);
                }
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
        let (m, width) = (a.shape[0], 2 * S::F32_LANES);
        // As many rows as fit into the registers: AVX-512 and NEON have 32 vectors, AVX2 has 16.
        let max_rows = if S::F32_LANES == 8 { 4 } else { 8 };
        for (panel, first) in (0..out.shape[1]).step_by(width).enumerate() {
            let mut row = 0;
            while row < m {
                let tile = Tile {
                    a,
                    row,
                    b: if b.shape[0] == 0 { &[] } else { &data[panel * b.strides[0]..] },
                    b_stride: b.strides[1],
                    out: &mut out.data[row * out.row_stride + first..],
                    row_stride: out.row_stride,
                    columns: width.min(out.shape[1] - first),
                    mode,
                    scale: b.scale,
                };
                row += match m - row {
                    left if left >= 8 && max_rows == 8 => tile.compute::<S, 8>(simd),
                    left if left >= 4 => tile.compute::<S, 4>(simd),
                    left if left >= 2 => tile.compute::<S, 2>(simd),
                    _ => tile.compute::<S, 1>(simd),
                };
            }
        }
    }
}

/// A few rows of the result, two vectors wide.
struct Tile<'a> {
    a: Matrix<'a>,
    row: usize,
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
        let Matrix { data, shape: [_, k], strides } = self.a;
        if strides[1] == 1 {
            let start = |r: usize| (self.row + r) * strides[0];
            let rows: [&[f32]; ROWS] = std::array::from_fn(|r| &data[start(r)..start(r) + k]);
            let sums = self.sums::<S, ROWS>(simd, |p| std::array::from_fn(|r| rows[r][p]));
            self.store(simd, sums);
        } else {
            let sums = self.sums::<S, ROWS>(simd, |p| {
                let column = &data[p * strides[1] + self.row..][..ROWS];
                std::array::from_fn(|r| column[r])
            });
            self.store(simd, sums);
        }
        ROWS
    }

    /// `a(p)`: the numbers of column `p` of these rows of `a`.
    #[inline(always)]
    fn sums<S: Simd, const ROWS: usize>(
        &self,
        simd: S,
        a: impl Fn(usize) -> [f32; ROWS],
    ) -> [[S::f32s; 2]; ROWS] {
        let width = 2 * S::F32_LANES;
        let mut sums = [[simd.splat_f32s(0.0); 2]; ROWS];
        for p in 0..self.a.shape[1] {
            let start = p * self.b_stride;
            let (b, _) = S::as_simd_f32s(&self.b[start..start + width]);
            let [left, right] = [b[0], b[1]];
            let column = a(p);
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
