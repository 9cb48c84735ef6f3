//! Reads arbitrary bytes as the manifest of a checkpoint: see [`fuzz::manifest`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::manifest(bytes));
