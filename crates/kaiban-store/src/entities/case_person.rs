use crate::CasePersonRow;
use crate::bulk::{Cell, Kind, Stored, Table};

impl Stored for CasePersonRow {
    const TABLE: Table =
        Table { name: "case_persons", key: 2, columns: &[("person", Kind::Text), ("case_id", Kind::Text)] };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([Cell::Text(&self.person), Cell::Text(&self.case_id)]);
    }
}
