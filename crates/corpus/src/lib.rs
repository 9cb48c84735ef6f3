//! Texts with a pronoun to resolve: their format, the grammar that makes them, and their tokens.
//!
//! Knows neither tensors nor models. Every length and offset counts characters (Unicode scalar
//! values) unless its name says otherwise.

pub mod example;
pub mod span;
// In the order of the data flow: a grammar makes examples, files hold them, a tokenizer reads them.
pub mod agreement;
pub mod bag_of_words;
pub mod bundled;
pub mod distance;
pub mod generator;
pub mod grammar;
pub mod heuristics;
pub mod import;
pub mod jsonl;
pub mod learned;
pub mod mention;
pub mod split;
pub mod tokenizer;
pub mod tokenizer_file;
pub mod variants;
mod vocabulary;
pub mod word;
pub mod word_class;
