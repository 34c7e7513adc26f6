//! Rows on their way into the database, many at a time: what the two dialects turn into statements.
//!
//! A statement costs as much as dozens of rows, so a batch is written as few statements with many rows each.

use crate::StoreError;

/// How much text one script may carry. Both databases refuse a parameter of 1 GB; a batch of large forms is
/// cut well before.
const SCRIPT_BYTES_MAX: usize = 32 << 20;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    TextOrNull,
    Int,
    IntOrNull,
}

/// Stand for a missing value inside a PostgreSQL array, which sea-orm cannot otherwise put there. Refused as
/// values on both databases.
pub(crate) const NULL_TEXT: &str = "\u{1}";
/// See [`NULL_TEXT`]. No instant is 290 000 years before Christ.
pub(crate) const NULL_INT: i64 = i64::MIN;

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    TextOrNull(Option<&'a str>),
    Int(i64),
    IntOrNull(Option<i64>),
}

impl Cell<'_> {
    fn is_storable(&self) -> bool {
        match self {
            Cell::TextOrNull(Some(NULL_TEXT)) | Cell::IntOrNull(Some(NULL_INT)) => false,
            Cell::Text(text) | Cell::TextOrNull(Some(text)) => !text.contains('\0'),
            _ => true,
        }
    }

    fn text(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::TextOrNull(Some(text)) => text,
            _ => "",
        }
    }
}

/// A table and its columns; the first `key` of them are the primary key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub name: &'static str,
    pub key: usize,
    pub columns: &'static [(&'static str, Kind)],
}

/// A row that is written in bulk.
pub(crate) trait Stored {
    const TABLE: Table;

    /// Appends one cell for each of the table's columns.
    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>);
}

/// What is done with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Add; a key that is there is a conflict.
    Insert,
    /// Add what is not there.
    InsertMissing,
    /// Add, or replace everything but the key.
    Upsert,
    /// Change cases that are behind; counted.
    Advance,
    /// Change all but the key, from the version that the row's last column names; counted.
    Replace,
    /// Remove by key what is there; the rows hold the key's columns only.
    Delete,
    /// Remove by key; counted.
    Remove,
}

impl Verb {
    /// Whether a row that is not found is a conflict.
    pub fn is_counted(self) -> bool {
        matches!(self, Verb::Advance | Verb::Replace | Verb::Remove)
    }
}

/// Rows of one table for one verb, one after the other in `cells`.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub verb: Verb,
    pub table: Table,
    pub cells: Vec<Cell<'a>>,
}

impl Piece<'_> {
    /// The columns that a row of this piece has.
    pub fn columns(&self) -> &'static [(&'static str, Kind)] {
        match self.verb {
            Verb::Delete | Verb::Remove => &self.table.columns[..self.table.key],
            _ => self.table.columns,
        }
    }
}

/// Pieces that go to the database together. A (table, verb) is in a script at most once.
#[derive(Debug, Default)]
pub(crate) struct Script<'a> {
    pub pieces: Vec<Piece<'a>>,
}

/// Collects pieces into as few scripts as fit.
#[derive(Debug, Default)]
pub(crate) struct Scripts<'a> {
    done: Vec<Script<'a>>,
    current: Script<'a>,
    bytes: usize,
}

impl<'a> Scripts<'a> {
    /// Adds rows of one table.
    pub fn rows<R: Stored>(&mut self, verb: Verb, rows: &'a [R]) -> Result<(), StoreError> {
        self.add(verb, R::TABLE, rows.iter(), |row, cells| row.cells(cells))
    }

    /// Adds items, each turned into the cells that `verb` needs of `table`.
    pub fn add<T: 'a>(
        &mut self,
        verb: Verb,
        table: Table,
        items: impl ExactSizeIterator<Item = &'a T>,
        to_cells: impl Fn(&'a T, &mut Vec<Cell<'a>>),
    ) -> Result<(), StoreError> {
        let mut piece = Piece { verb, table, cells: Vec::with_capacity(items.len() * table.columns.len()) };
        for item in items {
            let start = piece.cells.len();
            to_cells(item, &mut piece.cells);
            for cell in &piece.cells[start..] {
                if !cell.is_storable() {
                    return Err(StoreError::Unstorable(table.name.into()));
                }
                self.bytes += 16 + cell.text().len();
            }
            if self.bytes > SCRIPT_BYTES_MAX {
                let full = std::mem::replace(&mut piece, Piece { verb, table, cells: Vec::new() });
                self.current.pieces.push(full);
                self.cut();
            }
        }
        if !piece.cells.is_empty() {
            self.current.pieces.push(piece);
        }
        Ok(())
    }

    fn cut(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
        self.bytes = 0;
    }

    /// The scripts, in the order of the additions.
    pub fn finish(mut self) -> Vec<Script<'a>> {
        if !self.current.pieces.is_empty() {
            self.cut();
        }
        self.done
    }
}
