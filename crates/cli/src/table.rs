//! Columns for a terminal.

/// Rows under one another, the first being the header: texts to the left, from `n_texts` on numbers
/// to the right.
pub fn align(rows: &[Vec<String>], n_texts: usize) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column| rows.iter().map(|row| width_of(row, column)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let mut lines = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column < n_texts { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let line = cells.collect::<Vec<String>>().join("  ");
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

fn width_of(row: &[String], column: usize) -> usize {
    row.get(column).map_or(0, |cell| cell.chars().count())
}

/// A Markdown table whose columns are aligned in plain text too: the first row is the header.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let escaped: Vec<Vec<String>> = (rows.iter())
        .map(|row| row.iter().map(|cell| cell.replace('|', "\\|")).collect())
        .collect();
    let n_columns = escaped.first().map_or(0, Vec::len);
    let width = |column| escaped.iter().map(|row| width_of(row, column)).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let line = |row: &[String]| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let mut lines = escaped.iter().map(|row| line(row));
    let header = lines.next().unwrap_or_default();
    header + &line(&rule) + &lines.collect::<String>()
}
