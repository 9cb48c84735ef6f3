//! Current and peak memory of this process, as the kernel counts it.

use std::fs;

/// Resident memory in MiB; `None` where there is no `/proc`.
pub(crate) fn resident_mib() -> Option<f64> {
    status("VmRSS:")
}

/// Peak resident memory in MiB; `None` where there is no `/proc`.
pub(crate) fn peak_mib() -> Option<f64> {
    status("VmHWM:")
}

fn status(field: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
