//! The kernels once more, in plain loops over `f64`, one position, one head and one weight at a time:
//! slow, and easy to check against the formulas. The backward pass of half a block is checked against
//! finite differences.
//!
//! A matrix of activations is a list of rows, one for each position of the padded batch; the rows of
//! padding stay empty. Parameters are flat, row by row, as the kernels have them.

use crate::{
    activation::Activation,
    adamw::Constants,
    attention::Rotary,
    half_block::{DropoutSite, HalfBlock, NormPlacement, Parameters, SubLayer},
    muon,
    sample::wide,
};

pub(crate) type Matrix = Vec<Vec<f64>>;

/// The normal distribution, `[Φ(x), φ(x)]`.
///
/// `erf(z) = 2/√π · e^(−z²) · Σ 2ⁿ z^(2n+1) / (2n+1)!!`, whose terms are all of one sign.
pub(crate) fn normal_cdf_pdf(x: f64) -> [f64; 2] {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x.abs() > 12.0 {
        return [if x > 0.0 { 1.0 } else { 0.0 }, density]; // the rest is below 1e-32
    }
    let (mut term, mut sum, mut odd) = (x, 0.0, 1.0);
    while f64::abs(term) > 1e-18 * f64::abs(sum) {
        sum += term;
        odd += 2.0;
        term *= x * x / odd;
    }
    [0.5 + density * sum, density]
}

/// Value and derivative.
fn gelu(x: f64) -> [f64; 2] {
    let [cumulative, density] = normal_cdf_pdf(x);
    [x * cumulative, cumulative + x * density]
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn plus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn times(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// `row W + b`
fn project(row: &[f64], weight: &[f64], bias: &[f64], width: usize) -> Vec<f64> {
    let bias = |o: usize| if bias.is_empty() { 0.0 } else { bias[o] };
    let sum =
        |o: usize| row.iter().enumerate().map(|(i, x)| x * weight[i * width + o]).sum::<f64>();
    (0..width).map(|o| sum(o) + bias(o)).collect()
}

/// The gradient of the row; those of W and b are added to.
fn project_backward(
    row: &[f64],
    weight: &[f64],
    d_out: &[f64],
    d_weight: &mut [f64],
    d_bias: &mut [f64],
) -> Vec<f64> {
    let width = d_out.len();
    for (i, x) in row.iter().enumerate() {
        for (o, d) in d_out.iter().enumerate() {
            d_weight[i * width + o] += x * d;
        }
    }
    for (bias, d) in d_bias.iter_mut().zip(d_out) {
        *bias += d;
    }
    (0..row.len()).map(|i| dot(&weight[i * width..(i + 1) * width], d_out)).collect()
}

/// Mean, and one over the standard deviation.
fn statistics(x: &[f64], epsilon: f64) -> [f64; 2] {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    [mean, 1.0 / (variance + epsilon).sqrt()]
}

pub(crate) fn norm(x: &[f64], gamma: &[f64], beta: &[f64], epsilon: f64) -> Vec<f64> {
    let [mean, scale] = statistics(x, epsilon);
    let beta = |i: usize| if beta.is_empty() { 0.0 } else { beta[i] };
    (0..x.len()).map(|i| (x[i] - mean) * scale * gamma[i] + beta(i)).collect()
}

/// The gradient of `x`, by the whole Jacobian
/// `∂x̂ⱼ/∂xᵢ = s (δᵢⱼ − 1/n) − s³ (xⱼ − m)(xᵢ − m) / n`; those of γ and β are added to.
pub(crate) fn norm_backward(
    x: &[f64],
    gamma: &[f64],
    epsilon: f64,
    dy: &[f64],
    d_gamma: &mut [f64],
    d_beta: &mut [f64],
) -> Vec<f64> {
    let n = x.len() as f64;
    let [mean, s] = statistics(x, epsilon);
    for (i, d) in d_gamma.iter_mut().enumerate() {
        *d += dy[i] * (x[i] - mean) * s;
    }
    for (d, dy) in d_beta.iter_mut().zip(dy) {
        *d += dy;
    }
    let slope = |i: usize, j: usize| {
        let same = if i == j { 1.0 } else { 0.0 };
        s * (same - 1.0 / n) - s * s * s * (x[j] - mean) * (x[i] - mean) / n
    };
    (0..x.len()).map(|i| (0..x.len()).map(|j| dy[j] * gamma[j] * slope(i, j)).sum()).collect()
}

/// The nonlinearity of one row of the hidden layer.
pub(crate) fn activate(activation: Activation, h: &[f64]) -> Vec<f64> {
    match activation {
        Activation::Relu => h.iter().map(|&h| if h > 0.0 { h } else { 0.0 }).collect(),
        Activation::Gelu => h.iter().map(|&h| gelu(h)[0]).collect(),
        Activation::GeGlu => {
            let (a, g) = h.split_at(h.len() / 2);
            a.iter().zip(g).map(|(&a, g)| gelu(a)[0] * g).collect()
        }
    }
}

/// The gradient of `h`.
pub(crate) fn activate_backward(activation: Activation, h: &[f64], du: &[f64]) -> Vec<f64> {
    match activation {
        Activation::Relu => {
            h.iter().zip(du).map(|(&h, du)| if h > 0.0 { *du } else { 0.0 }).collect()
        }
        Activation::Gelu => h.iter().zip(du).map(|(&h, du)| gelu(h)[1] * du).collect(),
        Activation::GeGlu => {
            let (a, g) = h.split_at(h.len() / 2);
            let da = (0..a.len()).map(|i| gelu(a[i])[1] * g[i] * du[i]);
            let dg = (0..a.len()).map(|i| gelu(a[i])[0] * du[i]);
            da.chain(dg).collect()
        }
    }
}

/// A vector of one head, rotated by the angles of its position, or back by `sign` −1.
fn rotate(rotary: Option<&Rotary>, position: usize, x: &[f64], sign: f64) -> Vec<f64> {
    let Some(rotary) = rotary else { return x.to_vec() };
    let half = x.len() / 2;
    let mut rotated = x.to_vec();
    for i in 0..half {
        let cos = f64::from(rotary.cos[position * half + i]);
        let sin = f64::from(rotary.sin[position * half + i]) * sign;
        rotated[i] = x[i] * cos - x[half + i] * sin;
        rotated[half + i] = x[i] * sin + x[half + i] * cos;
    }
    rotated
}

/// Attention in one text.
pub(crate) struct Attention<'a> {
    pub(crate) n_heads: usize,
    pub(crate) rotary: Option<&'a Rotary>,
    /// Those that are not padding.
    pub(crate) positions: &'a [usize],
    /// What a weight is multiplied by, of head, query and key: the positions, not their indices.
    pub(crate) dropout: &'a dyn Fn(usize, usize, usize) -> f64,
}

/// What one head works on: a row for each position that is not padding.
struct Head {
    q: Matrix,
    k: Matrix,
    v: Matrix,
    weights: Matrix,
}

impl Attention<'_> {
    /// Columns of a head's q, k or v.
    fn columns(&self, part: usize, head: usize, d_model: usize) -> std::ops::Range<usize> {
        let d_head = d_model / self.n_heads;
        let start = part * d_model + head * d_head;
        start..start + d_head
    }

    fn head(&self, head: usize, qkv: &[Vec<f64>]) -> Head {
        let d_model = qkv[0].len() / 3;
        let part = |part: usize| {
            let columns = self.columns(part, head, d_model);
            qkv.iter().map(|row| row[columns.clone()].to_vec()).collect::<Matrix>()
        };
        let rotated = |rows: Matrix| -> Matrix {
            let rows = rows.iter().zip(self.positions);
            rows.map(|(row, &position)| rotate(self.rotary, position, row, 1.0)).collect()
        };
        let (q, k, v) = (rotated(part(0)), rotated(part(1)), part(2));
        let scale = 1.0 / (q[0].len() as f64).sqrt();
        let weights = q.iter().map(|q| {
            let scores: Vec<f64> = k.iter().map(|k| dot(q, k) * scale).collect();
            let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let exps: Vec<f64> = scores.iter().map(|score| (score - max).exp()).collect();
            let sum: f64 = exps.iter().sum();
            exps.iter().map(|exp| exp / sum).collect()
        });
        Head { weights: weights.collect(), q, k, v }
    }

    fn kept(&self, head: usize, query: usize, key: usize) -> f64 {
        (self.dropout)(head, self.positions[query], self.positions[key])
    }

    /// From rows `[q | k | v]` to the context of each position.
    pub(crate) fn forward(&self, qkv: &[Vec<f64>]) -> Matrix {
        let n = qkv.len();
        let mut context = vec![Vec::new(); n];
        for head in 0..self.n_heads {
            let Head { v, weights, .. } = self.head(head, qkv);
            for (query, context) in context.iter_mut().enumerate() {
                let used: Vec<f64> =
                    (0..n).map(|key| weights[query][key] * self.kept(head, query, key)).collect();
                context.extend(
                    (0..v[0].len()).map(|c| (0..n).map(|key| used[key] * v[key][c]).sum::<f64>()),
                );
            }
        }
        context
    }

    /// The gradient of `qkv`.
    pub(crate) fn backward(&self, qkv: &[Vec<f64>], d_context: &[Vec<f64>]) -> Matrix {
        let n = qkv.len();
        let d_model = qkv[0].len() / 3;
        let mut d_qkv = vec![vec![0.0; 3 * d_model]; n];
        for head in 0..self.n_heads {
            let Head { q, k, v, weights } = self.head(head, qkv);
            let d_head = v[0].len();
            let scale = 1.0 / (d_head as f64).sqrt();
            let zeros = || vec![vec![0.0; d_head]; n];
            let (mut dq, mut dk, mut dv) = (zeros(), zeros(), zeros());
            for query in 0..n {
                let d_out = &d_context[query][self.columns(0, head, d_model)];
                let weights = &weights[query];
                let kept: Vec<f64> = (0..n).map(|key| self.kept(head, query, key)).collect();
                let d_weights: Vec<f64> =
                    (0..n).map(|key| dot(d_out, &v[key]) * kept[key]).collect();
                let mean = dot(weights, &d_weights);
                for key in 0..n {
                    let d_score = weights[key] * (d_weights[key] - mean) * scale;
                    for c in 0..d_head {
                        dq[query][c] += d_score * k[key][c];
                        dk[key][c] += d_score * q[query][c];
                        dv[key][c] += weights[key] * kept[key] * d_out[c];
                    }
                }
            }
            for (i, &position) in self.positions.iter().enumerate() {
                let back = |d: &[f64]| rotate(self.rotary, position, d, -1.0);
                for (part, d) in [back(&dq[i]), back(&dk[i]), dv[i].clone()].iter().enumerate() {
                    d_qkv[i][self.columns(part, head, d_model)].copy_from_slice(d);
                }
            }
        }
        d_qkv
    }
}

/// Update number `time` of AdamW, counted from 1: a weight and its two moments after it.
pub(crate) fn adamw(
    constants: Constants,
    learning_rate: f64,
    time: usize,
    [p, m, v]: [f64; 3],
    g: f64,
) -> [f64; 3] {
    let Constants { beta_1, beta_2, epsilon, weight_decay } = constants;
    let [beta_1, beta_2, epsilon, decay] = [beta_1, beta_2, epsilon, weight_decay].map(f64::from);
    let m = beta_1 * m + (1.0 - beta_1) * g;
    let v = beta_2 * v + (1.0 - beta_2) * g * g;
    let m_hat = m / (1.0 - beta_1.powi(time as i32));
    let v_hat = v / (1.0 - beta_2.powi(time as i32));
    let p = p - learning_rate * (m_hat / (v_hat.sqrt() + epsilon) + decay * p);
    [p, m, v]
}

/// An update of Muon: the weights after it.
pub(crate) fn muon(
    constants: muon::Constants,
    n_columns: usize,
    weights: &[f64],
    velocity: &[f64],
    gradient: &[f64],
) -> Vec<f64> {
    let muon::Constants { momentum, weight_decay, learning_rate } = constants;
    let [mu, decay] = [momentum, weight_decay].map(f64::from);
    let momentum: Vec<f64> = gradient.iter().zip(velocity).map(|(g, v)| g + mu * v).collect();
    let n_rows = weights.len() / n_columns;
    let norm = momentum.iter().map(|u| u * u).sum::<f64>().sqrt();
    let mut x: Matrix =
        momentum.chunks(n_columns).map(|row| row.iter().map(|u| u / norm).collect()).collect();
    for _ in 0..4 {
        let gram: Matrix = x.iter().map(|a| x.iter().map(|b| dot(a, b)).collect()).collect();
        let square: Matrix =
            gram.iter().map(|a| gram.iter().map(|b| dot(a, b)).collect()).collect();
        let polynomial = |i: usize, j: usize| -4.775 * gram[i][j] + 2.0315 * square[i][j];
        let next = |i: usize, j: usize| {
            3.4445 * x[i][j] + (0..n_rows).map(|k| polynomial(i, k) * x[k][j]).sum::<f64>()
        };
        x = (0..n_rows).map(|i| (0..n_columns).map(|j| next(i, j)).collect()).collect();
    }
    let rate = learning_rate * 0.2 * (n_rows.max(n_columns) as f64).sqrt();
    let updates = x.into_iter().flatten();
    weights.iter().zip(updates).map(|(p, x)| p - learning_rate * decay * p - rate * x).collect()
}

/// The norm of all gradients together.
pub(crate) fn global_norm(gradients: &[Vec<f64>]) -> f64 {
    gradients.iter().flatten().map(|g| g * g).sum::<f64>().sqrt()
}

/// Half a block and the batch that goes through it.
pub(crate) struct Batch<'a> {
    pub(crate) half_block: &'a HalfBlock,
    pub(crate) d_model: usize,
    pub(crate) seq: usize,
    /// `[batch · seq]`
    pub(crate) padding: &'a [bool],
}

/// Every step of the forward pass.
pub(crate) struct Steps {
    input: Matrix,
    projected: Matrix,
    intermediate: Matrix,
    sum: Matrix,
    pub(crate) y: Matrix,
}

impl Batch<'_> {
    /// Rows of a text that are not padding, and their positions in the text.
    fn text(&self, text: usize) -> (Vec<usize>, Vec<usize>) {
        let present = |position: &usize| !self.padding[text * self.seq + position];
        let positions: Vec<usize> = (0..self.seq).filter(present).collect();
        (positions.iter().map(|position| text * self.seq + position).collect(), positions)
    }

    fn texts(&self) -> std::ops::Range<usize> {
        0..self.padding.len() / self.seq.max(1)
    }

    /// What each of `n` numbers is multiplied by at `site`.
    fn mask(&self, site: DropoutSite, n: usize) -> Vec<f64> {
        match self.half_block.dropout {
            Some((dropout, number)) => wide(&dropout.mask(site.number(number), n)),
            None => vec![1.0; n],
        }
    }

    fn sum_mask(&self) -> Vec<f64> {
        let n = self.padding.len() * self.d_model;
        match self.half_block.sub_layer {
            SubLayer::FeedForward(Activation::GeGlu) => vec![1.0; n],
            _ => self.mask(DropoutSite::Sum, n),
        }
    }

    fn attend<R>(&self, work: impl Fn(Attention, &[usize]) -> R) -> Vec<R> {
        let SubLayer::Attention { n_heads, rotary } = &self.half_block.sub_layer else {
            panic!("attention only")
        };
        let (n_heads, seq) = (*n_heads, self.seq);
        let mask = self.mask(DropoutSite::Weights, self.texts().len() * n_heads * seq * seq);
        let texts = self.texts().map(|text| {
            let (rows, positions) = self.text(text);
            let dropout = |head: usize, query: usize, key: usize| {
                mask[((text * n_heads + head) * seq + query) * seq + key]
            };
            let rotary = rotary.as_deref();
            let attention = Attention { n_heads, rotary, positions: &positions, dropout: &dropout };
            work(attention, &rows)
        });
        texts.collect()
    }

    /// # Shapes
    ///
    /// - `x`: `[batch · seq]` rows of `d_model`
    pub(crate) fn forward(&self, parameters: &Parameters<Vec<f64>>, x: &[f64]) -> Steps {
        let Parameters { gamma, beta, w_in, b_in, w_out, b_out } = parameters;
        let d = self.d_model;
        let epsilon = f64::from(self.half_block.epsilon);
        let (projected_width, intermediate_width) = (w_in.len() / d, w_out.len() / d);
        let n = self.padding.len();
        let x: Matrix = x.chunks(d).map(<[f64]>::to_vec).collect();
        let present: Vec<usize> = (0..n).filter(|&row| !self.padding[row]).collect();

        let mut input = vec![Vec::new(); n];
        let mut projected = vec![Vec::new(); n];
        for &row in &present {
            input[row] = match self.half_block.norm {
                NormPlacement::Pre => norm(&x[row], gamma, beta, epsilon),
                NormPlacement::Absent | NormPlacement::Post => x[row].clone(),
            };
            projected[row] = project(&input[row], w_in, b_in, projected_width);
        }

        let mut intermediate = vec![Vec::new(); n];
        match &self.half_block.sub_layer {
            SubLayer::FeedForward(activation) => {
                let mask = self.mask(DropoutSite::Hidden, n * intermediate_width);
                for &row in &present {
                    intermediate[row] = activate(*activation, &projected[row]);
                    if *activation == Activation::GeGlu {
                        intermediate[row] =
                            times(&intermediate[row], &mask[row * intermediate_width..]);
                    }
                }
            }
            SubLayer::Attention { .. } => {
                let texts = self.attend(|attention, rows| {
                    let qkv: Matrix = rows.iter().map(|&row| projected[row].clone()).collect();
                    let context = if qkv.is_empty() { Vec::new() } else { attention.forward(&qkv) };
                    rows.iter().copied().zip(context).collect::<Vec<_>>()
                });
                for (row, context) in texts.into_iter().flatten() {
                    intermediate[row] = context;
                }
            }
        }

        let mask = self.sum_mask();
        let mut sum = vec![Vec::new(); n];
        let mut y = x.clone();
        for &row in &present {
            let branch = times(&project(&intermediate[row], w_out, b_out, d), &mask[row * d..]);
            sum[row] = plus(&x[row], &branch);
            y[row] = match self.half_block.norm {
                NormPlacement::Post => norm(&sum[row], gamma, beta, epsilon),
                NormPlacement::Pre | NormPlacement::Absent => sum[row].clone(),
            };
        }
        Steps { input, projected, intermediate, sum, y }
    }

    /// The gradients of `x` and of the parameters.
    pub(crate) fn backward(
        &self,
        parameters: &Parameters<Vec<f64>>,
        x: &[f64],
        dy: &[f64],
    ) -> (Vec<f64>, Parameters<Vec<f64>>) {
        let Parameters { gamma, w_in, w_out, .. } = parameters;
        let mut sums = parameters.map(|values| vec![0.0; values.len()]);
        let d = self.d_model;
        let epsilon = f64::from(self.half_block.epsilon);
        let intermediate_width = w_out.len() / d;
        let n = self.padding.len();
        let Steps { input, projected, intermediate, sum, .. } = self.forward(parameters, x);
        let x: Matrix = x.chunks(d).map(<[f64]>::to_vec).collect();
        let mut dx: Matrix = dy.chunks(d).map(<[f64]>::to_vec).collect();
        let present: Vec<usize> = (0..n).filter(|&row| !self.padding[row]).collect();

        let mask = self.sum_mask();
        let mut d_intermediate = vec![Vec::new(); n];
        for &row in &present {
            if self.half_block.norm == NormPlacement::Post {
                let (d_gamma, d_beta) = (&mut sums.gamma, &mut sums.beta);
                dx[row] = norm_backward(&sum[row], gamma, epsilon, &dx[row], d_gamma, d_beta);
            }
            let d_out = times(&dx[row], &mask[row * d..]);
            let (d_weight, d_bias) = (&mut sums.w_out, &mut sums.b_out);
            d_intermediate[row] =
                project_backward(&intermediate[row], w_out, &d_out, d_weight, d_bias);
        }

        let mut d_projected = vec![Vec::new(); n];
        match &self.half_block.sub_layer {
            SubLayer::FeedForward(activation) => {
                let mask = self.mask(DropoutSite::Hidden, n * intermediate_width);
                for &row in &present {
                    if *activation == Activation::GeGlu {
                        d_intermediate[row] =
                            times(&d_intermediate[row], &mask[row * intermediate_width..]);
                    }
                    d_projected[row] =
                        activate_backward(*activation, &projected[row], &d_intermediate[row]);
                }
            }
            SubLayer::Attention { .. } => {
                let texts = self.attend(|attention, rows| {
                    let of = |matrix: &Matrix| -> Matrix {
                        rows.iter().map(|&row| matrix[row].clone()).collect()
                    };
                    let (qkv, d_intermediate) = (of(&projected), of(&d_intermediate));
                    let d_qkv = if qkv.is_empty() {
                        Vec::new()
                    } else {
                        attention.backward(&qkv, &d_intermediate)
                    };
                    rows.iter().copied().zip(d_qkv).collect::<Vec<_>>()
                });
                for (row, d_qkv) in texts.into_iter().flatten() {
                    d_projected[row] = d_qkv;
                }
            }
        }

        for &row in &present {
            let (d_weight, d_bias) = (&mut sums.w_in, &mut sums.b_in);
            let d_input = project_backward(&input[row], w_in, &d_projected[row], d_weight, d_bias);
            let d_x = match self.half_block.norm {
                NormPlacement::Pre => {
                    let (d_gamma, d_beta) = (&mut sums.gamma, &mut sums.beta);
                    norm_backward(&x[row], gamma, epsilon, &d_input, d_gamma, d_beta)
                }
                NormPlacement::Absent | NormPlacement::Post => d_input,
            };
            dx[row] = plus(&dx[row], &d_x);
        }
        (dx.concat(), sums)
    }
}

#[cfg(test)]
mod tests;
