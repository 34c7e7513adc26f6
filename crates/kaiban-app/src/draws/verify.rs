//! Whether stored draws are what they say: each record is held again from itself alone, and what it decided stands in its cases.

use std::collections::HashMap;

use kaiban_definition::{Definition, Work};
use kaiban_draw::{Draw, State};
use kaiban_engine::Case;
use kaiban_store::{BlobRow, DrawRow, Store, StoreError};
use serde_json::{Value, json};

use super::{items, row, view};
use crate::verify::Problem;

/// Draws at a time.
const PAGE: u64 = 20;

/// Looks at every draw; gives how many there are.
pub(crate) async fn verify(store: &Store, problems: &mut Vec<Problem>) -> Result<u64, StoreError> {
    let (mut after, mut draws) = (String::new(), 0);
    loop {
        let rows = store.draws_after(&after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(draws) };
        after.clone_from(&last.id);
        for stored in &rows {
            draws += 1;
            let wrong = match kaiban_draw::read(&stored.record) {
                Err(_) => vec!["the record cannot be read".to_owned()],
                Ok(draw) => look(store, stored, &draw).await?,
            };
            problems.extend(wrong.into_iter().map(|detail| problem(&stored.id, detail)));
        }
    }
}

fn problem(at: &str, detail: String) -> Problem {
    Problem { case: at.to_owned(), check: "draw".to_owned(), detail }
}

async fn look(store: &Store, stored: &DrawRow, draw: &Draw) -> Result<Vec<String>, StoreError> {
    let found = kaiban_draw::verify(draw).into_iter();
    let mut wrong: Vec<String> = found.map(|finding| format!("{} {}", finding.place, finding.code)).collect();
    let view = view::of(draw);
    let summary = serde_json::from_str(&stored.summary).ok();
    let derived = row(stored.version, draw, &view, stored.summary.clone());
    let derived = DrawRow { record: stored.record.clone(), ..derived };
    if summary.as_ref() != Some(&view) || derived != *stored {
        wrong.push("the row is not what the record says".to_owned());
    }
    let Some(frozen) = draw.frozen.as_ref().filter(|_| view.state == State::Held) else { return Ok(wrong) };
    // What came in later may have got the name of something that was taken back.
    for waits in store.items_waiting(&view.pool, frozen.at_us, u64::MAX >> 1).await? {
        if frozen.pool.iter().any(|item| item.id == waits.id) {
            wrong.push(format!("{} was decided over and still waits", waits.id));
        }
    }
    Ok(wrong)
}

/// Records that cases name, read once each.
#[derive(Default)]
pub(crate) struct Records(HashMap<String, Option<Draw>>);

impl Records {
    /// What is wrong with the results of the draws that decided over a case, and with the rows of what waits in it.
    pub async fn look(
        &mut self,
        store: &Store,
        def: &Definition,
        case: &Case,
        documents: &[BlobRow],
    ) -> Result<Vec<String>, StoreError> {
        let mut wrong = Vec::new();
        let rows: Vec<String> = store.draw_items_of(&case.id).await?.into_iter().map(|row| row.id).collect();
        if rows != items::waiting(def, case) {
            wrong.push("the rows of what waits for a draw are not what the case says".to_owned());
        }
        for (step, run) in &case.steps {
            let draws = matches!(def.step(step).map(|step| &step.work), Some(Work::Draw { .. }));
            let digest = run.result.as_ref().filter(|_| draws);
            let blob = digest.and_then(|digest| documents.iter().find(|blob| blob.digest == *digest));
            let Some(result) = blob.and_then(|blob| serde_json::from_str::<Value>(&blob.bytes).ok()) else { continue };
            let id = result["draw"].as_str().unwrap_or_default().to_owned();
            let item = items::id(&case.id, step, run);
            let decision = match self.draw(store, &id).await? {
                None => None,
                Some(draw) => draw
                    .decision(&item)
                    .map(|decision| json!({ "draw": id, "drawn": decision.drawn, "checkers": decision.checkers })),
            };
            if decision != Some(result) {
                wrong.push(format!("the result of {step} is not what the record of draw {id} says"));
            }
        }
        Ok(wrong)
    }

    async fn draw(&mut self, store: &Store, id: &str) -> Result<Option<&Draw>, StoreError> {
        if !self.0.contains_key(id) {
            let draw = store.draw(id).await?.and_then(|row| serde_json::from_str(&row.record).ok());
            self.0.insert(id.to_owned(), draw);
        }
        Ok(self.0.get(id).and_then(Option::as_ref))
    }
}
