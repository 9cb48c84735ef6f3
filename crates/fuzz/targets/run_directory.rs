//! Reads arbitrary bytes as the files of a run: see [`fuzz::run_directory`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run_directory(bytes));
