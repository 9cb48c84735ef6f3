//! Parses names of splits on the command line.

use corpus::split::Split;
use evaluation::splits::Part;

/// A parser for clap that accepts the names of the parts that come with the program.
pub fn part_argument(name: &str) -> Result<Part, String> {
    Part::ALL
        .into_iter()
        .find(|part| part.name() == name)
        .ok_or_else(|| format!("expected one of {}", Part::ALL.map(Part::name).join(", ")))
}

/// A parser for clap that accepts the names of `known`.
pub fn split_argument(
    known: &'static [Split],
) -> impl Fn(&str) -> Result<Split, String> + Clone + Send + Sync + 'static {
    move |slug| {
        let found = known.iter().copied().find(|split| split.slug() == slug);
        found.ok_or_else(|| {
            let names: Vec<String> = known.iter().map(|split| split.slug()).collect();
            format!("expected one of {}", names.join(", "))
        })
    }
}
