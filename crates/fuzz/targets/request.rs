//! Reads arbitrary bytes as HTTP requests to the explorer: see [`fuzz::request`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::request(bytes));
