//! Replays every seed of the fuzzer through the functions that it calls, as a regression test.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use run::state::State;

#[allow(unreachable_pub, reason = "the interface of another crate")]
#[path = "../../../fuzz/src/lib.rs"]
mod checks;

/// Calls `check` with every seed of a target.
fn replay(target: &str, check: impl Fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let mut n_seeds = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let checked = catch_unwind(AssertUnwindSafe(|| check(&bytes)));
        assert!(checked.is_ok(), "{}", path.display());
        n_seeds += 1;
    }
    assert!(n_seeds > 0, "{target} has no seeds");
}

#[test]
fn seeds_of_examples() {
    replay("jsonl", checks::jsonl);
}

#[test]
fn seeds_of_grammars() {
    replay("grammar", checks::grammar);
}

#[test]
fn seeds_of_tokenizers() {
    replay("tokenizer", checks::tokenizer);
}

#[test]
fn seeds_of_configs() {
    replay("config", checks::config);
}

#[test]
fn seeds_of_manifests() {
    replay("manifest", checks::manifest);
}

#[test]
fn seeds_of_run_directories() {
    replay("run_directory", checks::run_directory);
}

#[test]
fn seeds_of_requests() {
    replay("request", checks::request);
}

#[test]
fn seeds_of_snapshots() {
    replay("snapshot", checks::snapshot);
}

/// In a checkpoint, the checksum in the manifest protects the state from damage; here it is parsed
/// without that check.
#[test]
fn a_state_with_any_byte_changed_is_refused_or_read_without_panic() {
    let path = Path::new("FILE");
    let check = |bytes: &[u8]| match State::parse(path, bytes) {
        Ok(state) => {
            let again = State::parse(path, state.to_json().as_bytes()).unwrap().to_json();
            assert_eq!(again, state.to_json());
        }
        Err(error) => assert!(error.to_string().contains("FILE"), "{error}"),
    };
    replay("state", check);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/state");
    for entry in fs::read_dir(directory).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for position in 0..bytes.len() {
            for mask in [0x01, 0x02, 0x10, 0xff] {
                let mut changed = bytes.clone();
                changed[position] ^= mask;
                check(&changed);
            }
            check(&bytes[..position]);
        }
    }
}
