//! Reads arbitrary bytes as a config file with `--set` overrides: see [`fuzz::config`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::config(bytes));
