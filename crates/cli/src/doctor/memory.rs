//! The check of available memory.
//!
//! It asks what Linux says: of the machine (`/proc/meminfo`), of the control group, as a container or
//! a batch system sets it, and of the process (`ulimit -v`). On other systems it knows the last only.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Check, Status};
use crate::quantity::bytes;

/// Twice the peak memory of a training with `configs/base.toml`; less available memory is a warning.
const RECOMMENDED: u64 = 900 << 20;

/// Checks the memory that is available to a training.
pub fn memory() -> Check {
    let read = |path: &Path| fs::read_to_string(path).ok();
    let machine = read(Path::new("/proc/meminfo")).and_then(|text| available(&text));
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let found = [
        machine.map(|n| (n, "available")),
        of_control_groups(&groups, read).map(|n| (n, "left of the container's or group's limit")),
        of_process().map(|n| (n, "allowed by `ulimit -v`")),
    ];
    match found.into_iter().flatten().min() {
        Some((n, of)) => judge(n, of),
        None => Check::ok("memory", "not known on this system"),
    }
}

fn judge(n: u64, of: &str) -> Check {
    let check = Check::ok("memory", format!("{} {of}", bytes(n)));
    if n >= RECOMMENDED {
        return check;
    }
    let advice = format!(
        "configs/base.toml needs half of {}; close other programs, raise the limit, or set a smaller \
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

/// The least that a control group of this process leaves, of the lines of `/proc/self/cgroup`
/// (`0::/user.slice` or, in version 1, `4:memory:/docker/1f`). A group's parents have limits, too, and
/// within a container its own group is the root.
fn of_control_groups(groups: &str, read: impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let of_group = |line: &str| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let (root, limit, used) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max", "memory.current"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes")
            }
            _ => return None,
        };
        let number = |directory: &Path, name: &str| -> Option<u64> {
            read(&directory.join(name))?.trim().parse().ok()
        };
        let left = |directory: PathBuf| {
            let limit = number(&directory, limit).filter(|limit| *limit < NO_LIMIT)?;
            // The kernel gives back what it only remembers of files.
            let statistics = read(&directory.join("memory.stat")).unwrap_or_default();
            let of_files = statistics
                .lines()
                .find_map(|line| line.strip_prefix("inactive_file "))
                .and_then(|n| n.trim().parse::<u64>().ok());
            let used = number(&directory, used).unwrap_or_default();
            Some(limit.saturating_sub(used.saturating_sub(of_files.unwrap_or_default())))
        };
        let path = Path::new(path.trim_start_matches('/'));
        path.ancestors().filter_map(|path| left(Path::new(root).join(path))).min()
    };
    groups.lines().filter_map(of_group).min()
}

/// Version 1 of control groups writes no limit as a number that no machine has.
const NO_LIMIT: u64 = 1 << 60;

/// What `ulimit -v` allows the process to take.
#[cfg(unix)]
fn of_process() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

#[cfg(not(unix))]
fn of_process() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_available_memory_is_found_and_judged() {
        let text = "MemTotal:       32594940 kB\nMemAvailable:   16094940 kB\n";
        assert_eq!(available(text), Some(16_094_940 * 1024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        assert_eq!(judge(RECOMMENDED, "available").status, Status::Ok);
        let little = judge(RECOMMENDED - 1, "available");
        assert_eq!((little.status, little.advice.is_some()), (Status::Warning, true));
    }

    #[test]
    fn the_narrowest_control_group_decides() {
        let left = |groups: &str, files: &[(&str, &str)]| {
            let read = |path: &Path| {
                let found = files.iter().find(|(name, _)| Path::new(name) == path);
                found.map(|(_, text)| (*text).to_owned())
            };
            of_control_groups(groups, read)
        };
        let second = [
            ("/sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("/sys/fs/cgroup/a/memory.max", "1000\n"),
            ("/sys/fs/cgroup/a/memory.current", "700\n"),
            ("/sys/fs/cgroup/a/memory.stat", "anon 300\ninactive_file 200\n"),
            ("/sys/fs/cgroup/memory.max", "9000\n"),
        ];
        assert_eq!(left("0::/a/b\n", &second), Some(500));
        assert_eq!(left("0::/\n", &second), Some(9000));
        let first = [
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "800\n"),
            ("/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "900\n"),
        ];
        assert_eq!(left("5:cpu:/x\n4:memory:/x\n", &first), Some(0));
        assert_eq!(left("4:memory:/\n", &first), None);
        assert_eq!(left("", &[]), None);
    }
}
