//! Records the version of the compiler, which `doctor` prints.

use std::{env, process::Command};

fn main() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=RUSTC_VERSION={}", version.unwrap_or_else(|_| "unknown".to_owned()));
}
