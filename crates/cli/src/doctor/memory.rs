//! The check of available memory.
//!
//! It reads `/proc/meminfo`, so it knows the memory on Linux only; a dependency for the other systems
//! would not be worth one number.

use std::fs;

use super::{Check, Status};
use crate::quantity::bytes;

/// Twice the peak memory of a training with `configs/base.toml`; less available memory is a warning.
const RECOMMENDED: u64 = 900 << 20;

/// Checks the memory that is available to a training.
pub fn memory() -> Check {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    match available(&text) {
        Some(n) => judge(n),
        None => Check::ok("memory", "not known on this system"),
    }
}

fn judge(n: u64) -> Check {
    let check = Check::ok("memory", format!("{} available", bytes(n)));
    if n >= RECOMMENDED {
        return check;
    }
    let advice = format!(
        "configs/base.toml needs half of {}; close other programs, or set a smaller \
         training.batch_size",
        bytes(RECOMMENDED)
    );
    check.with_problem(Status::Warning, advice)
}

/// The number of bytes in the line `MemAvailable:   16094940 kB` of `/proc/meminfo`.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_available_memory_is_found_and_judged() {
        let text = "MemTotal:       32594940 kB\nMemAvailable:   16094940 kB\n";
        assert_eq!(available(text), Some(16_094_940 * 1024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        assert_eq!(judge(RECOMMENDED).status, Status::Ok);
        let little = judge(RECOMMENDED - 1);
        assert_eq!((little.status, little.advice.is_some()), (Status::Warning, true));
    }
}
