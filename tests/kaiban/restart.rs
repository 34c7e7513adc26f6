//! A server that stops, and another that goes on from the same database.

use kaiban_api::v1::StepState;

use crate::city::{licence, look, step};
use crate::counter::{self, form, submit, submitted};
use crate::database::Database;

on_both!(the_next_server_goes_on_where_the_last_one_stopped);

async fn the_next_server_goes_on_where_the_last_one_stopped(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &form("350100")).await;
    let first = submit(&mut terminal, "r1", &form("350100")).await.expect("the same");
    let task = city.office("market-regulation", "market-regulation-350100").await.claims_one().await;
    city.town.stop().await;

    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let again = submit(&mut terminal, "r1", &form("350100")).await.expect("the same");
    assert_eq!((again.case, again.receipt), (first.case, first.receipt));
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    assert!(registry.claims().await.is_empty(), "the lease outlives the server");
    registry.ends(&task, licence()).await.expect("the holder is still the holder");
    assert_eq!(step(&look(&mut terminal, &id).await, "registration").state(), StepState::Completed);
    city.verify().await;
}
