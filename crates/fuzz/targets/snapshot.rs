//! Reads arbitrary bytes as a snapshot file: see [`fuzz::snapshot`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::snapshot(bytes));
