//! Reads arbitrary bytes as a grammar file: see [`fuzz::grammar`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::grammar(bytes));
