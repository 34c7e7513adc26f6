use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::DbBackend;

/// The words in which the two backends' schemas differ.
///
/// - `{text}`: a text that is ordered and compared by its bytes. PostgreSQL would otherwise order by the
///   locale of the database, and a list would page differently on the two backends.
/// - `{clustered}`: the rows live in the primary key's tree (SQLite only), which saves the second tree
///   where rows are small or read in key order.
/// - `{updated}`: leave room in a page for a new version of a row, so that PostgreSQL changes the row
///   without touching its indexes.
/// - `{in_order}`: an index over rows that come in its order; PostgreSQL keeps one entry for many pages (BRIN).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL 15 or newer.
    Postgres,
}

impl Dialect {
    /// The dialect of a connection; MySQL is refused.
    pub fn of(backend: DbBackend) -> Result<Self, DbErr> {
        match backend {
            DbBackend::Sqlite => Ok(Dialect::Sqlite),
            DbBackend::Postgres => Ok(Dialect::Postgres),
            _ => Err(DbErr::Migration("kaiban runs on SQLite or PostgreSQL".into())),
        }
    }

    /// The statement with its placeholders filled in.
    pub fn fill(self, statement: &str) -> String {
        let (text, clustered, updated, in_order) = match self {
            Dialect::Sqlite => ("TEXT", " WITHOUT ROWID", "", ""),
            Dialect::Postgres => ("TEXT COLLATE \"C\"", "", " WITH (fillfactor = 70)", "USING brin"),
        };
        let statement = statement.replace("{text}", text).replace("{clustered}", clustered);
        statement.replace("{updated}", updated).replace("{in_order}", in_order)
    }
}
