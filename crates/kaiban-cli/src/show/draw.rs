//! Draws.

use kaiban_api::v1;

use super::{count, lines, or_dash};
use crate::lengths::instant;

/// A draw with its terms and how far it is.
pub fn draw(draw: &v1::Draw) -> String {
    let mut shares: Vec<String> = draw.shares.iter().map(|(class, share)| format!("{class} {share} %")).collect();
    shares.sort_unstable();
    let mut facts = vec![
        ("draw", draw.id.clone()),
        ("state", state(draw)),
        ("pool", draw.pool.clone()),
        ("period", format!("{} to {}", instant(draw.period_from.as_ref()), instant(draw.period_to.as_ref()))),
        ("shares", shares.join(", ")),
        ("checkers", draw.checkers_per_item.to_string()),
        ("announced", instant(draw.announced_at.as_ref())),
        ("commit by", instant(draw.commit_by.as_ref())),
        ("reveal by", instant(draw.reveal_by.as_ref())),
    ];
    for party in &draw.parties {
        let given = match (&party.committed_at, &party.revealed_at) {
            (_, Some(at)) => format!("revealed {}", instant(Some(at))),
            (Some(at), None) => format!("committed {}", instant(Some(at))),
            (None, None) => "-".to_owned(),
        };
        facts.push(("party", format!("{}  {given}", party.party)));
    }
    if let Some(value) = &draw.public_value {
        facts.push(("value", format!("{} ({})  {}", value.what, value.form, or_dash(&draw.published))));
    }
    let told = [
        ("follows", &draw.follows),
        ("announcement_sha256", &draw.announcement_sha256),
        ("frozen_sha256", &draw.frozen_sha256),
        ("record_sha256", &draw.record_sha256),
    ];
    facts.extend(told.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone())));
    if !draw.frozen_sha256.is_empty() {
        facts.push(("in the pool", count(draw.items, "case")));
    }
    if draw.state() == v1::DrawState::Held {
        facts.push(("drawn", count(draw.drawn, "case")));
    }
    lines(&facts)
}

/// A draw in one line.
pub fn draw_row(draw: &v1::Draw) -> [String; 5] {
    let figures = match draw.state() {
        v1::DrawState::Held => format!("{} of {}", draw.drawn, draw.items),
        _ => "-".to_owned(),
    };
    [draw.id.clone(), draw.pool.clone(), state(draw), instant(draw.announced_at.as_ref()), figures]
}

/// What [`draw_row`] has.
pub const DRAW_HEADER: [&str; 5] = ["DRAW", "POOL", "STATE", "ANNOUNCED", "DRAWN"];

/// A pool in one line.
pub fn pool_row(pool: &v1::Pool) -> [String; 5] {
    let (oldest, due) = (instant(pool.oldest.as_ref()), instant(pool.due_at.as_ref()));
    [pool.pool.clone(), pool.waiting.to_string(), oldest, due, or_dash(&pool.open_draw)]
}

/// What [`pool_row`] has.
pub const POOL_HEADER: [&str; 5] = ["POOL", "WAITING", "OLDEST", "DUE", "UNDER WAY"];

fn state(draw: &v1::Draw) -> String {
    let state = draw.state().as_str_name().trim_start_matches("DRAW_STATE_").to_lowercase();
    let cause = draw.void_cause().as_str_name().trim_start_matches("VOID_CAUSE_").to_lowercase().replace('_', " ");
    match draw.state() {
        v1::DrawState::Void => format!("{state}: {cause} {}", draw.void_parties.join(", ")).trim_end().to_owned(),
        _ => state,
    }
}
