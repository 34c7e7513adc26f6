//! Two texts, line by line.

/// The lines of both in order: `-` only expected, `+` only actual, a space where they agree.
pub fn diff(expected: &[String], actual: &[String]) -> String {
    // Longest common subsequence; blocks have a few hundred lines at most.
    let (rows, columns) = (expected.len(), actual.len());
    let mut longest = vec![vec![0u32; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = if expected[row] == actual[column] {
                longest[row + 1][column + 1] + 1
            } else {
                longest[row + 1][column].max(longest[row][column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut lines = Vec::new();
    while row < rows || column < columns {
        if row < rows && column < columns && expected[row] == actual[column] {
            lines.push(format!("  {}", expected[row]));
            (row, column) = (row + 1, column + 1);
        } else if column == columns || (row < rows && longest[row + 1][column] >= longest[row][column + 1]) {
            lines.push(format!("- {}", expected[row]));
            row += 1;
        } else {
            lines.push(format!("+ {}", actual[column]));
            column += 1;
        }
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_marked() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(diff(&lines("a b c d"), &lines("a x c d e")), "  a\n- b\n+ x\n  c\n  d\n+ e\n");
        assert_eq!(diff(&[], &lines("a")), "+ a\n");
    }
}
