//! Tables for a terminal and for Markdown.

use crate::terminal::{self, n_columns, visible};

/// A table for a terminal, whose first row is the header. The first `n_texts` columns are aligned to
/// the left, the others, numbers, to the right. If the terminal is too narrow, each row becomes a
/// paragraph.
pub fn align(rows: &[Vec<String>], n_texts: usize) -> String {
    // A name from a file may hold anything: neither a line end nor a command to the terminal.
    let cell = |cell: &String| visible(&cell.replace(['\n', '\r', '\t'], " ")).into_owned();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    within(&rows, n_texts, terminal::width())
}

fn within(rows: &[Vec<String>], n_texts: usize, width: Option<usize>) -> String {
    let table = columns(rows, n_texts);
    let widest = table.lines().map(n_columns).max().unwrap_or(0);
    if width.is_none_or(|width| widest <= width) { table } else { paragraphs(rows, n_texts, width) }
}

fn columns(rows: &[Vec<String>], n_texts: usize) -> String {
    let n_cells = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column| rows.iter().map(|row| width_of(row, column)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n_cells).map(width).collect();
    let mut lines = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column < n_texts { left(cell, width) } else { right(cell, width) }
        });
        let line = cells.collect::<Vec<String>>().join("  ");
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// Each row as its texts, followed by one line per number with the name of its column.
fn paragraphs(rows: &[Vec<String>], n_texts: usize, width: Option<usize>) -> String {
    let [header, rows @ ..] = rows else { return String::new() };
    let names = header.get(n_texts..).unwrap_or_default();
    let longest = names.iter().map(|name| n_columns(name)).max().unwrap_or(0);
    let mut lines = String::new();
    for row in rows {
        let (texts, numbers) = row.split_at(n_texts.min(row.len()));
        lines += &format!("{}\n", texts.join("  ").trim_end());
        for (name, number) in names.iter().zip(numbers) {
            lines += &format!("  {}  {number}\n", left(name, longest));
        }
    }
    terminal::fold(&lines, width)
}

/// The cell with spaces behind it up to a width. A wide character takes two columns, an accent that is
/// a character of its own none; `format!` would count each as one.
fn left(cell: &str, width: usize) -> String {
    cell.to_owned() + &" ".repeat(width.saturating_sub(n_columns(cell)))
}

/// The cell with spaces before it.
fn right(cell: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(n_columns(cell))) + cell
}

fn width_of(row: &[String], column: usize) -> usize {
    row.get(column).map_or(0, |cell| n_columns(cell))
}

/// A Markdown table whose first row is the header; columns are aligned in the source too.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let escaped: Vec<Vec<String>> = (rows.iter())
        .map(|row| row.iter().map(|cell| cell.replace('|', "\\|")).collect())
        .collect();
    let n_cells = escaped.first().map_or(0, Vec::len);
    let width = |column| escaped.iter().map(|row| width_of(row, column)).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..n_cells).map(width).collect();
    let line = |row: &[String]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| left(cell, width)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let mut lines = escaped.iter().map(|row| line(row));
    let header = lines.next().unwrap_or_default();
    header + &line(&rule) + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["phenomenon", "n", "right"], ["all", "4000", "99.92 %"], ["género", "7", "100.00 %"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn a_table_that_fits_has_columns() {
        let expected = "phenomenon     n     right\n\
                        all         4000   99.92 %\n\
                        género         7  100.00 %\n";
        assert_eq!(within(&rows(), 1, Some(26)), expected);
        assert_eq!(within(&rows(), 1, None), expected);
    }

    #[test]
    fn wide_characters_and_combining_accents_keep_the_columns() {
        let rows = [["name", "n"], ["模型😀", "1"], ["a\u{301}b", "20"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let expected = "name     n\n模型😀   1\na\u{301}b      20\n";
        assert_eq!(within(&rows, 1, Some(10)), expected);
    }

    #[test]
    fn a_table_that_does_not_fit_loses_nothing() {
        let expected = "all\n  n      4000\n  right  99.92 %\n\
                        género\n  n      7\n  right  100.00 %\n";
        assert_eq!(within(&rows(), 1, Some(25)), expected);
        assert_eq!(within(&[], 1, Some(25)), "");
        assert_eq!(within(&rows()[..1], 1, Some(5)), "");
    }

    #[test]
    fn a_cell_neither_breaks_its_row_nor_commands_the_terminal() {
        let rows = [vec!["a".to_owned()], vec!["x\u{1b}[31m\ny".to_owned()]];
        assert_eq!(align(&rows, 1), "a\nx\\u{1b}[31m y\n");
    }
}
