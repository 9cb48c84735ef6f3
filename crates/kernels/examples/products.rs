//! How near each product of a training step comes to what one thread can multiply at all:
//!
//! ```text
//! cargo run -p anafora-kernels --features flex --example products
//! ```
//!
//! A table for each set of instructions that the machine has, in thousand million operations a second: the
//! multiplications and additions of one thread that reads no memory, and the products of the base model
//! with 512 rows. A figure is the best of many, since other programs only ever slow it down.

use std::{
    hint::black_box,
    io::{self, Write, stdout},
    time::Instant,
};

use anafora_kernels::{
    matmul::{Matrix, MatrixMut, Panels, WriteMode},
    simd::{Level, multiply_and_add},
};

/// Rounds of which the best counts.
const ROUNDS: usize = 200;
/// Rows of the texts that one thread has of a batch.
const ROWS: usize = 512;
/// Rows of the chunks that a training step takes them in.
const CHUNK: usize = 128;

/// Inputs and outputs of matrices of weights.
const WEIGHTS: [[usize; 2]; 6] =
    [[128, 384], [128, 128], [128, 512], [256, 128], [64, 256], [256, 1_024]];

fn main() -> io::Result<()> {
    for level in Level::all() {
        print(&mut stdout().lock(), level)?;
    }
    Ok(())
}

/// The table of one set of instructions.
fn print(out: &mut impl Write, level: Level) -> io::Result<()> {
    const PASSES: usize = 1_000;
    let operations = multiply_and_add(level, PASSES);
    let peak = best(operations as f64, || {
        black_box(multiply_and_add(level, PASSES));
    });
    writeln!(out, "\n{}: {peak:.0} without memory\n", level.name())?;
    writeln!(out, "| product | rate | share |\n|---|---|---|")?;
    let mut row = |name: String, rate: f64| {
        writeln!(out, "| {name} | {rate:.0} | {:.0} % |", 100.0 * rate / peak)
    };
    for [inputs, outputs] in WEIGHTS {
        row(format!("{ROWS} × {inputs} × {outputs}"), forward(level, inputs, outputs))?;
    }
    for [inputs, outputs] in WEIGHTS {
        let rate = of_weights(level, inputs, outputs);
        row(format!("aᵀ b: {inputs} × {ROWS} × {outputs}"), rate)?;
    }
    Ok(())
}

/// Thousand million operations a second of the fastest round of `work`, which has so many.
fn best(operations: f64, mut work: impl FnMut()) -> f64 {
    let seconds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    operations / seconds.fold(f64::INFINITY, f64::min) / 1e9
}

fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i % 97) as f32 / 97.0 - 0.5).collect()
}

/// Rows times a matrix of weights, which is packed once for all chunks of a thread.
fn forward(level: Level, inputs: usize, outputs: usize) -> f64 {
    let (rows, weights) = (numbers(ROWS * inputs), numbers(inputs * outputs));
    let mut out = numbers(ROWS * outputs);
    best((2 * ROWS * inputs * outputs) as f64, || {
        let panels = Panels::new(level, Matrix::new(&weights, outputs));
        let chunks = rows.chunks(CHUNK * inputs).zip(out.chunks_mut(CHUNK * outputs));
        for (rows, out) in chunks {
            let (rows, out) = (Matrix::new(rows, inputs), MatrixMut::new(out, outputs));
            panels.multiply(level, out, WriteMode::Overwrite, rows);
        }
    })
}

/// The gradient of the weights, of one chunk after the other.
fn of_weights(level: Level, inputs: usize, outputs: usize) -> f64 {
    let (rows, d_out) = (numbers(ROWS * inputs), numbers(ROWS * outputs));
    let mut gradient = numbers(inputs * outputs);
    best((2 * ROWS * inputs * outputs) as f64, || {
        for (rows, d_out) in rows.chunks(CHUNK * inputs).zip(d_out.chunks(CHUNK * outputs)) {
            let rows = Matrix::new(rows, inputs).transposed();
            let out = MatrixMut::new(&mut gradient, outputs);
            let panels = Panels::new(level, Matrix::new(d_out, outputs));
            panels.multiply(level, out, WriteMode::Accumulate, rows);
        }
    })
}
