//! A matrix whose rows several operations read, as nodes of the graph.
//!
//! Burn's `select` makes a gradient as large as the matrix each time, most of it zeros, and adds it to
//! that of the last one. Here all operations add to one buffer: the node of the matrix hands it on
//! when all of them have been there. What autodiff is told of in between are empty tensors.

use std::sync::{Arc, Mutex, MutexGuard};

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata,
        autodiff::{
            NodeId,
            checkpoint::base::Checkpointer,
            grads::Gradients,
            ops::{Backward, Ops},
        },
        flex::FlexTensor,
    },
    tensor::{Int, Shape, Tensor},
};

use super::{Operand, Tracked, contiguous, recorded, slice, tensor};
use crate::{
    selection::{Scores, TextWords, select, select_backward},
    simd::Level,
};

/// A matrix whose rows are read by their numbers.
#[derive(Debug, Clone)]
pub struct SharedRows {
    values: FlexTensor,
    /// The node that hands the gradient on; `None` without autodiff.
    node: Option<Tracked>,
    gradient: Collected,
}

/// The sum of the gradients so far; `None` before the first.
type Collected = Arc<Mutex<Option<Vec<f32>>>>;

impl SharedRows {
    /// The rows of `matrix`; `None` unless it is `f32` on flex.
    ///
    /// # Shapes
    ///
    /// - `matrix`: `[rows, columns]`
    pub fn new(matrix: Tensor<2>) -> Option<Self> {
        let operand = Operand::new(matrix)?;
        let gradient = Collected::default();
        if !operand.is_tracked() {
            return Some(Self { values: contiguous(operand.plain()), node: None, gradient });
        }
        let tracked = operand.tracked();
        let nodes = [tracked.node()];
        let values = contiguous(tracked.into_primitive());
        let state = (gradient.clone(), values.shape());
        let node = Some(recorded(Collect, nodes, state, values.clone()));
        Some(Self { values, node, gradient })
    }

    fn n_columns(&self) -> usize {
        self.values.shape()[1]
    }

    /// The rows with these numbers.
    ///
    /// # Shapes
    ///
    /// - `rows`: `[n]`
    /// - result: `[n, columns]`
    ///
    /// # Panics
    ///
    /// If there is no row with one of the numbers.
    pub fn select(&self, rows: Tensor<1, Int>) -> Tensor<2> {
        let rows: Vec<usize> = rows.into_data().iter::<i64>().map(|row| row as usize).collect();
        let n_columns = self.n_columns();
        let selected = select(slice(&self.values), n_columns, &rows);
        let selected = tensor(selected, [rows.len(), n_columns]);
        let Some(node) = &self.node else {
            return Tensor::from_primitive::<Flex>(selected);
        };
        let (matrix, gradient) = (self.values.clone(), self.gradient.clone());
        let state = Selection { rows, matrix, gradient };
        let selected = recorded(Select, [node.node()], state, selected);
        Tensor::from_primitive::<Autodiff<Flex>>(selected)
    }

    /// The scalar product of each of `wanted` with the row of each word of its text, and `masked` where a
    /// word is padding. The matrix has the rows of one text after the other.
    ///
    /// # Shapes
    ///
    /// - `wanted`: `[texts, queries, columns]`
    /// - result: `[texts, queries, words]`
    ///
    /// # Panics
    ///
    /// If the shapes do not agree.
    pub fn word_scores(&self, wanted: Tensor<3>, words: Arc<TextWords>, masked: f32) -> Tensor<3> {
        let [n_texts, n_queries, n_columns] = wanted.dims();
        assert_eq!((n_texts, n_columns), (words.n_texts(), self.n_columns()), "texts and columns");
        let shape = [n_texts, n_queries, words.n_words()];
        let wanted = Operand::new(wanted).expect("f32 on flex, as the matrix");
        let state = |wanted| WordScores {
            words,
            n_queries,
            matrix: self.values.clone(),
            gradient: self.gradient.clone(),
            wanted: contiguous(wanted),
        };
        if self.node.is_none() && !wanted.is_tracked() {
            let scores = state(wanted.plain()).forward(masked);
            return Tensor::from_primitive::<Flex>(tensor(scores, shape));
        }
        let wanted = wanted.tracked();
        let rows = self.node.clone().unwrap_or_else(|| Tracked::new(self.values.clone()));
        let nodes = [rows.node(), wanted.node()];
        let state = state(wanted.into_primitive());
        let scores = tensor(state.forward(masked), shape);
        Tensor::from_primitive::<Autodiff<Flex>>(recorded(Score, nodes, state, scores))
    }
}

/// Hands the gradient on that the other operations have collected.
#[derive(Debug)]
struct Collect;

impl Backward<Flex, 1> for Collect {
    type State = (Collected, Shape);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        grads.consume::<Flex>(&ops.node); // empty
        let (gradient, shape) = ops.state;
        let gradient = lock(&gradient).take();
        if let ([Some(parent)], Some(gradient)) = (ops.parents, gradient) {
            grads.register::<Flex>(parent.id, tensor(gradient, shape));
        }
    }
}

#[derive(Debug)]
struct Select;

#[derive(Debug, Clone)]
struct Selection {
    rows: Vec<usize>,
    matrix: FlexTensor,
    gradient: Collected,
}

impl Backward<Flex, 1> for Select {
    type State = Selection;

    fn backward(self, ops: Ops<Selection, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Selection { rows, matrix, gradient } = &ops.state;
        let d_selected = contiguous(grads.consume::<Flex>(&ops.node));
        let n_columns = matrix.shape()[1];
        with_gradient(gradient, matrix, |dx| {
            select_backward(Level::best(), rows, n_columns, slice(&d_selected), dx);
        });
        let [parent] = ops.parents;
        register_collected(parent.map(|node| node.id), grads);
    }
}

#[derive(Debug)]
struct Score;

#[derive(Debug, Clone)]
struct WordScores {
    words: Arc<TextWords>,
    n_queries: usize,
    matrix: FlexTensor,
    gradient: Collected,
    wanted: FlexTensor,
}

impl WordScores {
    fn sizes(&self) -> Scores<'_> {
        let Self { words, n_queries, matrix, .. } = self;
        Scores { words, n_queries: *n_queries, n_columns: matrix.shape()[1] }
    }

    fn forward(&self, masked: f32) -> Vec<f32> {
        self.sizes().forward(Level::best(), slice(&self.matrix), slice(&self.wanted), masked)
    }
}

impl Backward<Flex, 2> for Score {
    type State = WordScores;

    fn backward(self, ops: Ops<WordScores, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let state = &ops.state;
        let d_scores = contiguous(grads.consume::<Flex>(&ops.node));
        let WordScores { matrix, wanted, gradient, .. } = state;
        let mut d_wanted = vec![0.0; slice(wanted).len()];
        with_gradient(gradient, matrix, |dx| {
            let read = [slice(matrix), slice(wanted), slice(&d_scores)];
            state.sizes().backward(Level::best(), read, [dx, &mut d_wanted]);
        });
        let [rows, of_wanted] = ops.parents;
        register_collected(rows.map(|node| node.id), grads);
        if let Some(node) = of_wanted {
            grads.register::<Flex>(node.id, tensor(d_wanted, wanted.shape()));
        }
    }
}

fn lock(gradient: &Collected) -> MutexGuard<'_, Option<Vec<f32>>> {
    gradient.lock().expect("nothing panics while holding it")
}

/// Lets `add` add to the gradient of `matrix`, which is zeros at first.
fn with_gradient(gradient: &Collected, matrix: &FlexTensor, add: impl FnOnce(&mut [f32])) {
    let mut gradient = lock(gradient);
    add(gradient.get_or_insert_with(|| vec![0.0; slice(matrix).len()]));
}

/// Tells autodiff that there is a gradient; [`Collect`] knows where.
fn register_collected(parent: Option<NodeId>, grads: &mut Gradients) {
    if let Some(id) = parent {
        grads.register::<Flex>(id, tensor(Vec::new(), [0]));
    }
}
