//! One program for all tests of the crate's public interface: each program of its own would take as
//! long to link as all of its tests take to run.

mod composition;
mod data;
mod generator;
mod grammar;
mod import;
mod jsonl;
mod lexicon;
mod public_sets;
mod tokenizer;
mod unicode;
