//! Texts with a pronoun to resolve: their format, the grammar that generates them, and their
//! tokens.
//!
//! The crate has no tensors and no models. Every length and offset counts characters (Unicode
//! scalar values) unless its name says otherwise.
//!
//! Generating an example and tokenising it:
//!
//! ```
//! use anafora_corpus::{example::Language, generator::Generator, grammar::Grammar};
//! use anafora_corpus::{split::Split, tokenizer::Tokenizer};
//!
//! let generator = Generator::new(Grammar::embedded()?, &[Language::En], 1, Split::Train)?;
//! let example = generator.example(0);
//! println!("{}: {:?}", example.text, example.pronoun.slice(&example.text));
//!
//! let texts = generator.examples(0).take(200).map(|example| example.text);
//! let tokenizer = Tokenizer::train(texts, 500)?;
//! let encoding = tokenizer.encode(&example.text);
//! let pronoun = &encoding.words[encoding.words_in(example.pronoun).start];
//! let tokens = &encoding.ids[pronoun.tokens.clone()];
//! assert!(tokens.iter().all(|&id| tokenizer.token(id).is_some()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod agreement;
pub mod annotated;
pub mod bag_of_words;
pub mod bundled;
pub mod composition;
pub mod distance;
pub mod example;
pub mod generator;
pub mod grammar;
pub mod heuristics;
pub mod import;
mod json_error;
pub mod jsonl;
pub mod learned;
pub mod markup;
pub mod mention;
pub mod span;
pub mod split;
pub mod suspicion;
pub mod text;
pub mod tokenizer;
pub mod tokenizer_file;
pub mod variants;
mod vocabulary;
pub mod word;
pub mod word_class;
pub mod written;
