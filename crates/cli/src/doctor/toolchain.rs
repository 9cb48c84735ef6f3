//! The checks of the compiler: the one that built this program, and the one on PATH.

use std::process::Command;

use super::{Check, Status};

/// The minimum Rust version of the workspace, from its Cargo.toml.
const MIN_RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

/// The compiler that this program was built with.
pub fn built_with() -> Check {
    Check::ok("built with", env!("RUSTC_VERSION"))
}

/// Checks rustc and cargo on PATH, which `cargo run` needs.
pub fn on_path() -> Check {
    let name = "on PATH";
    let found = ["rustc", "cargo"].map(version);
    let missing = "building the programs again needs Rust, from https://rustup.rs";
    let versions = found.iter().flatten().cloned().collect::<Vec<String>>().join(", ");
    match &found {
        [None, None] => {
            Check::ok(name, "no rustc, no cargo").with_problem(Status::Warning, missing)
        }
        [None, _] => {
            Check::ok(name, format!("{versions}, no rustc")).with_problem(Status::Warning, missing)
        }
        [_, None] => {
            Check::ok(name, format!("{versions}, no cargo")).with_problem(Status::Warning, missing)
        }
        [Some(rustc), _] if is_older(rustc, MIN_RUST_VERSION) => {
            let advice =
                format!("expected Rust {MIN_RUST_VERSION} or newer: `rustup update` brings it");
            Check::ok(name, versions).with_problem(Status::Warning, advice)
        }
        _ => Check::ok(name, versions),
    }
}

/// The first line that `program --version` prints.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Whether a version like `rustc 1.94.1 (…)` is older than `needed`; `false` if it has no number.
fn is_older(rustc: &str, needed: &str) -> bool {
    let numbers = |version: &str| -> Option<(u32, u32)> {
        let mut parts = version.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    match (rustc.split(' ').nth(1).and_then(numbers), numbers(needed)) {
        (Some(found), Some(needed)) => found < needed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let is_older = |rustc| is_older(rustc, "1.95");
        assert!(is_older("rustc 1.94.1 (e408947bf 2026-03-25)"));
        assert!(is_older("rustc 1.9.0"));
        assert!(!is_older("rustc 1.95.0-beta.3 (59807616e 2026-04-14)"));
        assert!(!is_older("rustc 1.100.0"));
        assert!(!is_older("rustc 2.0.0"));
        assert!(!is_older("gccrs"));
        assert!(!super::is_older("rustc 1.95.0", MIN_RUST_VERSION));
    }
}
