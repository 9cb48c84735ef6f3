//! Reads arbitrary bytes as a file of examples: see [`fuzz::jsonl`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::jsonl(bytes));
