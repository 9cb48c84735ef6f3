//! Human-readable sizes and times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A number of bytes in the largest unit that gives at least 1.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut size = n as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    // From 1023.95 on, the number would be printed as 1024.0 and is 1.0 of the next unit instead.
    while size >= 1023.95
        && let Some(larger) = units.next()
    {
        size /= 1024.0;
        unit = Some(larger);
    }
    format!("{size:.1} {}", unit.copied().unwrap_or_default())
}

/// The time since `moment`, which is in seconds since 1970.
pub fn ago(moment: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    match now.as_secs().checked_sub(moment) {
        Some(seconds) => span(seconds) + " ago",
        None => "in the future".to_owned(), // another machine's clock
    }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_unit_that_suits_them() {
        let sizes = [0, 1023, 1024, 1_048_575, 1_048_576, 3 << 30, u64::MAX].map(bytes);
        let expected =
            ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.0 MiB", "3.0 GiB", "16777216.0 TiB"];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn times_have_the_unit_that_suits_them() {
        let spans = [0, 59, 60, 3599, 3600, 172_799, 172_800].map(span);
        assert_eq!(spans, ["0 s", "59 s", "1 min", "59 min", "1 h", "47 h", "2 days"]);
        assert_eq!(ago(u64::MAX), "in the future");
    }
}
