//! A connection beside the store, to look at what it wrote.

use sea_orm::DatabaseConnection;

use crate::database::Database;

impl Database {
    /// A connection of the test's own.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = sea_orm::ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        sea_orm::Database::connect(options).await.expect("the test's own connection")
    }
}
