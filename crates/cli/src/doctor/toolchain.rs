//! The compiler: the one that built this program, and the one that would build it again.

use std::process::Command;

use super::{Check, Status};

/// The oldest Rust that builds the workspace, as its Cargo.toml says.
const NEEDED: &str = env!("CARGO_PKG_RUST_VERSION");

/// The compiler that this program was built with.
pub fn built_with() -> Check {
    Check::ok("built with", env!("RUSTC_VERSION"))
}

/// What `cargo run` would find on PATH.
pub fn on_path() -> Check {
    let name = "on PATH";
    let found = ["rustc", "cargo"].map(version);
    let missing = "building the programs again needs Rust, from https://rustup.rs";
    let told = found.iter().flatten().cloned().collect::<Vec<String>>().join(", ");
    match &found {
        [None, None] => Check::ok(name, "no rustc, no cargo").but(Status::Warning, missing),
        [None, _] => Check::ok(name, format!("{told}, no rustc")).but(Status::Warning, missing),
        [_, None] => Check::ok(name, format!("{told}, no cargo")).but(Status::Warning, missing),
        [Some(rustc), _] if is_older(rustc, NEEDED) => {
            let advice = format!("expected Rust {NEEDED} or newer: `rustup update` brings it");
            Check::ok(name, told).but(Status::Warning, advice)
        }
        _ => Check::ok(name, told),
    }
}

/// The first line that a program says of itself.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Whether `rustc 1.94.1 (…)` is older than `1.95`; what has no number is not.
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
        assert!(!super::is_older("rustc 1.95.0", NEEDED));
    }
}
