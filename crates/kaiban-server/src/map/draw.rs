//! Draws.

use std::collections::{BTreeMap, HashMap};

use kaiban_api::{timestamp, v1};
use kaiban_app::{
    AnnounceDraw, CommitSeed, DRAW_TEXT_MAX, DrawParty, DrawRecord, DrawState, DrawView, Hex32, ListDraws, OnDraw,
    PoolView, PublicValue, PublishValue, Refusal, RevealSeed, VoidCause,
};

use super::fields::Fields;
use crate::limits::Limits;

pub(crate) fn announce(request: v1::AnnounceDrawRequest, limits: &Limits) -> Result<AnnounceDraw, Refusal> {
    let mut fields = Fields::new(limits);
    fields.count("/shares", request.shares.len(), 0..=limits.list_max);
    fields.count("/parties", request.parties.len(), 1..=limits.list_max);
    let parties = request.parties.into_iter().enumerate();
    let announce = AnnounceDraw {
        request_id: fields.request_id(request.request_id),
        pool: fields.name("/pool", request.pool),
        period_to_us: fields.instant("/period_to", request.period_to),
        shares: shares(&mut fields, request.shares),
        checkers_per_item: request.checkers_per_item.map(|count| small(&mut fields, "/checkers_per_item", count, 9)),
        parties: parties.map(|(at, party)| fields.id(&format!("/parties/{at}"), party)).collect(),
        public_value: request.public_value.map(|value| public_value(&mut fields, value)),
        commit_by_us: required(&mut fields, "/commit_by", request.commit_by),
        reveal_by_us: required(&mut fields, "/reveal_by", request.reveal_by),
    };
    fields.finish(announce)
}

fn shares(fields: &mut Fields<'_>, shares: HashMap<String, i32>) -> BTreeMap<String, u8> {
    let mut shares: Vec<(String, i32)> = shares.into_iter().collect();
    shares.sort_unstable();
    let mut share = |(stratum, percent): (String, i32)| {
        let field = format!("/shares/{stratum}");
        (fields.name("/shares", stratum), small(fields, &field, percent, 100))
    };
    shares.drain(..).map(&mut share).collect()
}

fn public_value(fields: &mut Fields<'_>, value: v1::PublicValue) -> PublicValue {
    PublicValue {
        what: fields.line("/public_value/what", value.what, DRAW_TEXT_MAX),
        form: fields.line("/public_value/form", value.form, DRAW_TEXT_MAX),
        from_us: required(fields, "/public_value/from", value.from),
        by_us: required(fields, "/public_value/by", value.by),
    }
}

fn required(fields: &mut Fields<'_>, field: &str, at: Option<prost_types::Timestamp>) -> i64 {
    if at.is_none() {
        fields.missing(field);
    }
    fields.instant(field, at).unwrap_or_default()
}

/// A number from 0 to `max`.
fn small(fields: &mut Fields<'_>, field: &str, value: i32, max: u8) -> u8 {
    match u8::try_from(value).ok().filter(|value| *value <= max) {
        Some(value) => value,
        None => {
            let (zh, en) = (format!("应在 0 至 {max} 之间。"), format!("This must be from 0 to {max}."));
            fields.error(field, "OUT_OF_RANGE", zh, en);
            0
        }
    }
}

fn hex(fields: &mut Fields<'_>, field: &str, value: &str) -> Hex32 {
    value.parse().unwrap_or_else(|_| {
        let (zh, en) = ("应为 64 位小写十六进制数字。", "This must be 64 lower-case hex digits.");
        fields.error(field, "WRONG_SHAPE", zh, en);
        Hex32::from([0; 32])
    })
}

pub(crate) fn commit(request: v1::CommitSeedRequest, limits: &Limits) -> Result<CommitSeed, Refusal> {
    let mut fields = Fields::new(limits);
    let commit = CommitSeed {
        request_id: fields.request_id(request.request_id),
        draw: fields.id("/draw_id", request.draw_id),
        sha256: hex(&mut fields, "/sha256", &request.sha256),
    };
    fields.finish(commit)
}

pub(crate) fn reveal(request: v1::RevealSeedRequest, limits: &Limits) -> Result<RevealSeed, Refusal> {
    let mut fields = Fields::new(limits);
    let reveal = RevealSeed {
        request_id: fields.request_id(request.request_id),
        draw: fields.id("/draw_id", request.draw_id),
        reveal: hex(&mut fields, "/reveal", &request.reveal),
    };
    fields.finish(reveal)
}

pub(crate) fn publish(request: v1::PublishValueRequest, limits: &Limits) -> Result<PublishValue, Refusal> {
    let mut fields = Fields::new(limits);
    if request.value.is_empty() {
        fields.missing("/value");
    }
    let publish = PublishValue {
        request_id: fields.request_id(request.request_id),
        draw: fields.id("/draw_id", request.draw_id),
        value: fields.line("/value", request.value, DRAW_TEXT_MAX),
    };
    fields.finish(publish)
}

pub(crate) fn on(request_id: String, draw: String, limits: &Limits) -> Result<OnDraw, Refusal> {
    let mut fields = Fields::new(limits);
    let on = OnDraw { request_id: fields.request_id(request_id), draw: fields.id("/draw_id", draw) };
    fields.finish(on)
}

pub(crate) fn get(request: v1::GetDrawRequest, limits: &Limits) -> Result<String, Refusal> {
    let mut fields = Fields::new(limits);
    let id = fields.id("/id", request.id);
    fields.finish(id)
}

pub(crate) fn list(request: v1::ListDrawsRequest, limits: &Limits) -> Result<ListDraws, Refusal> {
    let mut fields = Fields::new(limits);
    let list = ListDraws {
        pool: fields.name_option("/pool", request.pool),
        state: fields.choice("/state", request.state).and_then(state),
        page_size: fields.number("/page_size", request.page_size, 0, 1..=limits.page_max),
        page_token: fields.page_token(request.page_token),
    };
    fields.finish(list)
}

fn state(state: v1::DrawState) -> Option<DrawState> {
    match state {
        v1::DrawState::Unspecified => None,
        v1::DrawState::Announced => Some(DrawState::Announced),
        v1::DrawState::Committed => Some(DrawState::Committed),
        v1::DrawState::Frozen => Some(DrawState::Frozen),
        v1::DrawState::Revealed => Some(DrawState::Revealed),
        v1::DrawState::Held => Some(DrawState::Held),
        v1::DrawState::Void => Some(DrawState::Void),
    }
}

pub(crate) fn record(record: DrawRecord) -> v1::GetDrawResponse {
    v1::GetDrawResponse {
        draw: Some(present(record.view)),
        record: record.record,
        not_carried_out: count(record.pending),
    }
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn pool(view: PoolView) -> v1::Pool {
    v1::Pool {
        pool: view.pool,
        waiting: count(view.waiting),
        oldest: view.oldest_us.map(timestamp),
        due_at: view.due_us.map(timestamp),
        open_draw: view.open.unwrap_or_default(),
    }
}

pub(crate) fn present(view: DrawView) -> v1::Draw {
    let state = match view.state {
        DrawState::Announced => v1::DrawState::Announced,
        DrawState::Committed => v1::DrawState::Committed,
        DrawState::Frozen => v1::DrawState::Frozen,
        DrawState::Revealed => v1::DrawState::Revealed,
        DrawState::Held => v1::DrawState::Held,
        DrawState::Void => v1::DrawState::Void,
    };
    let (void_cause, void_parties) = match view.void {
        None => (v1::VoidCause::Unspecified, Vec::new()),
        Some((VoidCause::NeverCommitted, parties)) => (v1::VoidCause::NeverCommitted, parties),
        Some((VoidCause::NeverFrozen, parties)) => (v1::VoidCause::NeverFrozen, parties),
        Some((VoidCause::NeverRevealed, parties)) => (v1::VoidCause::NeverRevealed, parties),
        Some((VoidCause::NoPublicValue, parties)) => (v1::VoidCause::NoPublicValue, parties),
    };
    v1::Draw {
        id: view.id,
        pool: view.pool,
        state: state.into(),
        period_from: Some(timestamp(view.period.from_us)),
        period_to: Some(timestamp(view.period.to_us)),
        shares: view.shares.into_iter().map(|(stratum, percent)| (stratum, percent.into())).collect(),
        checkers_per_item: view.checkers_per_item.into(),
        parties: view.parties.into_iter().map(party).collect(),
        public_value: view.public_value.map(|value| v1::PublicValue {
            what: value.what,
            form: value.form,
            from: Some(timestamp(value.from_us)),
            by: Some(timestamp(value.by_us)),
        }),
        published: view.published.unwrap_or_default(),
        follows: view.follows.unwrap_or_default(),
        announced_at: Some(timestamp(view.announced_at_us)),
        commit_by: Some(timestamp(view.commit_by_us)),
        reveal_by: Some(timestamp(view.reveal_by_us)),
        announcement_sha256: view.announcement_sha256.to_string(),
        frozen_sha256: view.frozen_sha256.map(|hash| hash.to_string()).unwrap_or_default(),
        record_sha256: view.record_sha256.map(|hash| hash.to_string()).unwrap_or_default(),
        items: count(view.items.unwrap_or_default()),
        drawn: count(view.drawn.unwrap_or_default()),
        ended_at: view.ended_at_us.map(timestamp),
        void_cause: void_cause.into(),
        void_parties,
    }
}

fn party(party: DrawParty) -> v1::DrawParty {
    v1::DrawParty {
        party: party.party,
        committed_at: party.committed_at_us.map(timestamp),
        revealed_at: party.revealed_at_us.map(timestamp),
    }
}
