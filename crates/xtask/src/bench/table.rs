//! The rows as a table for people.

use comfy_table::{CellAlignment, Table, presets};

use super::row::Row;
use super::sample::median;

/// All rows, lined up.
pub(super) fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["metric", "clients", "ours", "theirs", "unit", "ratio", "goal", "met"]);
    for row in rows {
        table.add_row(cells(row));
    }
    for column in [1, 2, 3, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The cells of one row: medians, the ratio and the verdict.
pub(super) fn cells(row: &Row) -> [String; 8] {
    [
        row.metric.clone(),
        if row.clients == 0 { String::new() } else { row.clients.to_string() },
        median(&row.ours).map(short).unwrap_or_default(),
        median(&row.theirs).map(short).unwrap_or_default(),
        row.unit.to_owned(),
        row.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        row.goal.map(|goal| goal.to_string()).unwrap_or_default(),
        row.verdict().to_owned(),
    ]
}

/// A number with as many digits as it is known to.
pub(super) fn short(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::goal::Goal;
    use crate::bench::row::Metric;

    #[test]
    fn rows_are_lined_up_with_goal_and_verdict() {
        let metric = |name: &str, goal| Metric { name: name.to_owned(), clients: 16, unit: "1/s", goal };
        let rows = [
            Row::compared(metric("a / b", Some(Goal::AtLeast(1.8))), vec![300.0; 3], vec![100.0; 3]),
            Row::alone(metric("c", None), vec![1.25]),
        ];
        let lines: Vec<String> = table(&rows).lines().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(
            lines,
            [
                " metric  clients   ours  theirs  unit  ratio  goal   met",
                " a / b        16    300     100  1/s    3.00  ≥ 1.8  yes",
                " c            16  1.250          1/s",
            ]
        );
    }
}
