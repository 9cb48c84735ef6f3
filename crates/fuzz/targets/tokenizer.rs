//! Reads arbitrary bytes as a `tokenizer.json`: see [`fuzz::tokenizer`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::tokenizer(bytes));
