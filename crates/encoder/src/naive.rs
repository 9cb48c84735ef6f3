//! Every layer once more, in plain loops over `f64`, one text and one head at a time: slow, but easy
//! to check against the formulas. The tests of each layer compare it with this file.
//!
//! A matrix is a list of rows, one for each position. Constants, and what each shape stands for, are
//! written out instead of taken from the layers, so that a wrong one there is a difference here.

use burn::{nn::LayerNorm, tensor::Tensor};

use crate::{
    attention::SelfAttention,
    block::Block,
    embedding::Embedding,
    encoder::Encoder,
    feed_forward::FeedForward,
    pointer::Pointer,
    projection::Projection,
    recurrent::{BiLstm, Recurrent},
    resolver::Resolver,
};
use config::encoder::Shape;

pub(crate) type Matrix = Vec<Vec<f64>>;

/// All numbers of a tensor, the last axis running fastest.
pub(crate) fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    tensor.to_data().iter::<f64>().collect()
}

/// The rows along the last axis, all other axes flattened into one.
pub(crate) fn rows<const D: usize>(tensor: &Tensor<D>) -> Matrix {
    numbers(tensor).chunks(tensor.dims()[D - 1]).map(<[f64]>::to_vec).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn plus(a: &[Vec<f64>], b: &[Vec<f64>]) -> Matrix {
    a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b).collect()).collect()
}

pub(crate) fn linear(layer: &Projection, x: &[Vec<f64>]) -> Matrix {
    let weight = rows(&layer.weight.val()); // [d_input][d_output]
    let n_outputs = weight[0].len();
    let bias = match &layer.bias {
        Some(bias) => numbers(&bias.val()),
        None => vec![0.0; n_outputs],
    };
    let output = |x: &[f64], o: usize| {
        let column: Vec<f64> = weight.iter().map(|row| row[o]).collect();
        dot(x, &column) + bias[o]
    };
    x.iter().map(|x| (0..n_outputs).map(|o| output(x, o)).collect()).collect()
}

pub(crate) fn layer_norm(norm: &LayerNorm, x: &[Vec<f64>]) -> Matrix {
    let gamma = numbers(&norm.gamma.val());
    let beta = match &norm.beta {
        Some(beta) => numbers(&beta.val()),
        None => vec![0.0; gamma.len()],
    };
    let normed = |x: &Vec<f64>| {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let scaled = x.iter().map(|x| (x - mean) / (variance + 0.00001).sqrt());
        scaled.zip(&gamma).zip(&beta).map(|((x, gamma), beta)| x * gamma + beta).collect()
    };
    x.iter().map(normed).collect()
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let sum: f64 = scores.iter().map(|s| s.exp()).sum();
    scores.iter().map(|s| s.exp() / sum).collect()
}

/// The series of erf around 0, which is exact for the moderate numbers of the tests:
/// `2/√π · Σ (-1)ⁿ x^(2n+1) / (n! (2n+1))`.
fn erf(x: f64) -> f64 {
    let mut power_by_factorial = x;
    let mut sum = 0.0;
    for n in 0..200 {
        sum += power_by_factorial / f64::from(2 * n + 1);
        power_by_factorial *= -x * x / f64::from(n + 1);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

pub(crate) fn gelu(x: f64) -> f64 {
    x * (1.0 + erf(x / 2.0_f64.sqrt())) / 2.0
}

/// The vector of one position.
pub(crate) fn sinusoid(position: usize, d_model: usize) -> Vec<f64> {
    let mut vector = Vec::new();
    for i in 0..d_model / 2 {
        let wave = 10000.0_f64.powf(2.0 * i as f64 / d_model as f64);
        vector.push((position as f64 / wave).sin());
        vector.push((position as f64 / wave).cos());
    }
    vector
}

/// One vector of one head, turned pair by pair: a rotation of the plane.
pub(crate) fn rotary(x: &[f64], position: usize, theta: f64) -> Vec<f64> {
    let half = x.len() / 2;
    let mut turned = x.to_vec();
    for i in 0..half {
        let angle = position as f64 * theta.powf(-2.0 * i as f64 / x.len() as f64);
        turned[i] = x[i] * angle.cos() - x[half + i] * angle.sin();
        turned[half + i] = x[i] * angle.sin() + x[half + i] * angle.cos();
    }
    turned
}

pub(crate) fn embedding(layer: &Embedding, shape: Shape, tokens: &[usize]) -> Matrix {
    let table = rows(&layer.tokens.weight.val());
    let embedded: Matrix = tokens.iter().map(|&token| table[token].clone()).collect();
    let d_model = table[0].len();
    match shape {
        Shape::Base => layer_norm(layer.norm.as_ref().unwrap(), &embedded),
        Shape::Vaswani => {
            let scaled: Matrix = embedded
                .iter()
                .map(|row| row.iter().map(|x| x * (d_model as f64).sqrt()).collect())
                .collect();
            let positions: Matrix = (0..tokens.len()).map(|p| sinusoid(p, d_model)).collect();
            plus(&scaled, &positions)
        }
        Shape::Bert => {
            let positions = rows(&layer.positions.as_ref().unwrap().table.val());
            layer_norm(layer.norm.as_ref().unwrap(), &plus(&embedded, &positions))
        }
    }
}

/// The attention of one text.
pub(crate) struct Attention {
    /// `[head][query][key]`
    pub(crate) scores: Vec<Matrix>,
    /// `[head][query][key]`
    pub(crate) weights: Vec<Matrix>,
    /// `[query][d_model]`
    pub(crate) context: Matrix,
}

pub(crate) fn attention(
    layer: &SelfAttention,
    x: &[Vec<f64>],
    padding: &[bool],
    theta: Option<f64>,
) -> Attention {
    let (seq, d_model) = (x.len(), x[0].len());
    let d_head = d_model / layer.n_heads;
    let qkv = linear(&layer.qkv, x);
    let mut side_by_side = vec![Vec::new(); seq];
    let (mut all_scores, mut all_weights) = (Vec::new(), Vec::new());
    for head in 0..layer.n_heads {
        let part = |part: usize, position: usize| {
            let start = part * d_model + head * d_head;
            qkv[position][start..start + d_head].to_vec()
        };
        let turned = |x: Vec<f64>, position| match theta {
            Some(theta) => rotary(&x, position, theta),
            None => x,
        };
        let (mut scores, mut weights) = (Vec::new(), Vec::new());
        for (query, side_by_side) in side_by_side.iter_mut().enumerate() {
            let q = turned(part(0, query), query);
            let row: Vec<f64> = (0..seq)
                .map(|key| dot(&q, &turned(part(1, key), key)) / (d_head as f64).sqrt())
                .collect();
            let masked: Vec<f64> =
                (0..seq).map(|k| if padding[k] { f64::NEG_INFINITY } else { row[k] }).collect();
            let weight = softmax(&masked);
            for column in 0..d_head {
                side_by_side.push((0..seq).map(|key| weight[key] * part(2, key)[column]).sum());
            }
            scores.push(row);
            weights.push(weight);
        }
        all_scores.push(scores);
        all_weights.push(weights);
    }
    let context = linear(&layer.output, &side_by_side);
    Attention { scores: all_scores, weights: all_weights, context }
}

pub(crate) fn feed_forward(layer: &FeedForward, shape: Shape, x: &[Vec<f64>]) -> Matrix {
    let hidden = linear(&layer.hidden, x);
    let change = |row: &Vec<f64>| -> Vec<f64> {
        match shape {
            Shape::Base => {
                let d_ff = row.len() / 2;
                (0..d_ff).map(|i| gelu(row[i]) * row[d_ff + i]).collect()
            }
            Shape::Vaswani => row.iter().map(|&x| if x > 0.0 { x } else { 0.0 }).collect(),
            Shape::Bert => row.iter().map(|&x| gelu(x)).collect(),
        }
    };
    linear(&layer.output, &hidden.iter().map(change).collect::<Matrix>())
}

pub(crate) fn block(
    block: &Block,
    (shape, theta, index): (Shape, Option<f64>, usize),
    x: &[Vec<f64>],
    padding: &[bool],
) -> (Matrix, Attention) {
    let attend = |x: &[Vec<f64>]| attention(&block.attention, x, padding, theta);
    let work = |x: &[Vec<f64>]| feed_forward(&block.feed_forward, shape, x);
    let norm_attention = |x: &[Vec<f64>]| layer_norm(block.attention_norm.as_ref().unwrap(), x);
    let norm_feed_forward = |x: &[Vec<f64>]| layer_norm(&block.feed_forward_norm, x);
    match shape {
        Shape::Base => {
            let attended = if index == 0 { attend(x) } else { attend(&norm_attention(x)) };
            let x = plus(x, &attended.context);
            (plus(&x, &work(&norm_feed_forward(&x))), attended)
        }
        Shape::Vaswani | Shape::Bert => {
            let attended = attend(x);
            let x = norm_attention(&plus(x, &attended.context));
            (norm_feed_forward(&plus(&x, &work(&x))), attended)
        }
    }
}

pub(crate) fn encoder(
    encoder: &Encoder,
    tokens: &[usize],
    padding: &[bool],
) -> (Matrix, Vec<Attention>) {
    let (shape, theta) = (encoder.config.shape, encoder.config.rotary_theta);
    let mut x = embedding(&encoder.embedding, shape, tokens);
    let mut attentions = Vec::new();
    for (index, layer) in encoder.blocks.iter().enumerate() {
        let (next, attention) = block(layer, (shape, theta, index), &x, padding);
        x = next;
        attentions.push(attention);
    }
    if shape == Shape::Base {
        x = layer_norm(encoder.final_norm.as_ref().unwrap(), &x);
    }
    (x, attentions)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The states that one direction of an LSTM goes through, in the order in which it reads.
fn lstm<'a>(layer: &BiLstm, direction: usize, steps: impl Iterator<Item = &'a Vec<f64>>) -> Matrix {
    // [direction · rows][i f o g]
    let [w, u, b] = [&layer.input, &layer.recurrent, &layer.bias].map(|p| rows(&p.val()));
    let of = |matrix: &Matrix| -> Matrix {
        let n = matrix.len() / 2;
        matrix[direction * n..(direction + 1) * n].to_vec()
    };
    let (w, u, b) = (of(&w), of(&u), of(&b));
    let d_hidden = u.len();
    let (mut c, mut h) = (vec![0.0; d_hidden], vec![0.0; d_hidden]);
    let mut states = Vec::new();
    for x in steps {
        let before: Vec<f64> = (0..4 * d_hidden)
            .map(|column| {
                let column_of = |m: &Matrix| m.iter().map(|row| row[column]).collect::<Vec<f64>>();
                dot(x, &column_of(&w)) + dot(&h, &column_of(&u)) + b[0][column]
            })
            .collect();
        for unit in 0..d_hidden {
            let part = |number: usize| before[number * d_hidden + unit];
            let (i, f, o) = (sigmoid(part(0)), sigmoid(part(1)), sigmoid(part(2)));
            c[unit] = f * c[unit] + i * part(3).tanh();
            h[unit] = o * c[unit].tanh();
        }
        states.push(h.clone());
    }
    states
}

/// One vector for each token that is no padding, which has to be behind the others.
pub(crate) fn bi_lstm(layer: &BiLstm, x: &[Vec<f64>]) -> Matrix {
    let from_first = lstm(layer, 0, x.iter());
    let mut from_last = lstm(layer, 1, x.iter().rev());
    from_last.reverse();
    from_first.into_iter().zip(from_last).map(|(a, b)| [a, b].concat()).collect()
}

/// The hidden vector of each token that is no padding.
pub(crate) fn recurrent(network: &Recurrent, tokens: &[usize], padding: &[bool]) -> Matrix {
    let n_tokens = padding.iter().filter(|is_padding| !*is_padding).count();
    let mut x = embedding(&network.embedding, Shape::Base, &tokens[..n_tokens]);
    for layer in &network.layers {
        x = bi_lstm(layer, &x);
    }
    layer_norm(&network.final_norm, &linear(&network.output, &x))
}

/// The score of each token of the vocabulary at each of the positions of each text, of which each has
/// `seq` rows of `hidden`.
pub(crate) fn vocabulary_logits<const N: usize>(
    hidden: &[Vec<f64>],
    seq: usize,
    positions: &[[usize; N]],
    embedding: &Tensor<2>,
) -> Vec<f64> {
    let embedding = rows(embedding);
    let mut logits = Vec::new();
    for (text, positions) in positions.iter().enumerate() {
        for position in positions {
            for token in &embedding {
                logits.push(dot(token, &hidden[text * seq + position]));
            }
        }
    }
    logits
}

/// The vectors of the pronouns that the sample asks for, of texts with `seq` rows of `hidden` each.
pub(crate) fn asked(hidden: &[Vec<f64>], seq: usize) -> Vec<Vec<f64>> {
    use crate::sample::{ASKED, PRONOUNS};
    let vector = |(text, place): (usize, usize)| hidden[text * seq + PRONOUNS[text][place]].clone();
    ASKED.into_iter().map(vector).collect()
}

/// The score of each word, then that of *none*.
pub(crate) fn pointer(
    head: &Pointer,
    hidden: &[Vec<f64>],
    pronoun: usize,
    words: &[usize],
) -> Vec<f64> {
    let wanted = &linear(&head.wanted, &hidden[pronoun..=pronoun])[0];
    let none = numbers(&head.none.val());
    let candidates = words.iter().map(|&word| &hidden[word]).chain([&none]);
    candidates.map(|candidate| dot(candidate, wanted) / (wanted.len() as f64).sqrt()).collect()
}

pub(crate) fn resolver(
    resolver: &Resolver,
    tokens: &[usize],
    padding: &[bool],
    pronoun: usize,
    words: &[usize],
) -> Vec<f64> {
    let hidden = match (&resolver.encoder, &resolver.recurrent) {
        (Some(layer), None) => encoder(layer, tokens, padding).0,
        (None, Some(layer)) => recurrent(layer, tokens, padding),
        _ => panic!("expected one of the two"),
    };
    pointer(&resolver.pointer, &hidden, pronoun, words)
}
