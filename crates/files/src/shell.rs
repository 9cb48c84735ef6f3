//! Paths in commands that a message tells to type.

use std::path::Path;

/// The path as one word of a shell: in quotes if it has spaces or other characters that mean something
/// there, and never taken for an option.
pub fn word(path: &Path) -> String {
    let path = path.display().to_string();
    let path = if path.starts_with('-') { format!("./{path}") } else { path };
    let is_plain = |c: char| c.is_alphanumeric() || "_./:@%+=,-\\".contains(c);
    match !path.is_empty() && path.chars().all(is_plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_path_as_one_word() {
        for (path, expected) in [
            ("runs/base-001", "runs/base-001"),
            ("año/ñ", "año/ñ"),
            ("my runs/a", "'my runs/a'"),
            ("it's", r"'it'\''s'"),
            ("$HOME;ls", "'$HOME;ls'"),
            ("-r", "./-r"),
            ("", "''"),
        ] {
            assert_eq!(word(Path::new(path)), expected);
        }
    }
}
