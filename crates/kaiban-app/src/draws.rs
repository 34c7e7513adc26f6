//! Draws (随机抽取): which of the cases that wait are checked on the spot, and by whom. The pure crate `kaiban-draw` says what
//! follows from what; here stands who may do what, what is in a pool, and who is on a roster.
//!
//! - **One draw of a pool at a time**, run by officers of the authority that registers under the packages which draw from it.
//! - **The roster** is everybody of all that authority's offices in the directory: who a checker is among depends on nobody's
//!   choice. Who stands aside for an item is what its package says under `recuse`.
//! - **The pool** is every item that waits and came in before the end of the period, the oldest [`crate::Limits::draw_items_max`]
//!   of them. A draw that follows a void one whose pool was frozen is over that pool, whatever has become of its cases.
//! - **A party** is one caller: `role:person`, or `role:organisation` of a programme. Nobody commits or reveals for another.
//! - **The result** is the record, written in one transaction that also marks the items which still wait. Each is then carried
//!   out to its case by itself (`draws/carry.rs`), by whoever finds it.

mod announce;
pub(crate) mod carry;
pub(crate) mod items;
mod refused;
mod request;
pub(crate) mod verify;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use kaiban_definition::Work;
use kaiban_draw::{Checker, Draw, Item, State};
use kaiban_findings::Finding;
use kaiban_store::{DrawItemRow, DrawQuery, DrawRow, DrawWrite, PageRequest, PoolRow, RequestRow, StoreError};
use serde_json::json;

use crate::access::Verb;
use crate::app::{App, Inner};
use crate::execute::RequestKey;
use crate::library::Library;
use crate::principal::{Principal, Role};
use crate::refusal::Refusal;

pub use request::{AnnounceDraw, CommitSeed, ListDraws, OnDraw, PublishValue, RevealSeed};
pub use view::{DrawPage, DrawParty, DrawRecord, DrawView, PoolView};

/// How often a step is decided again when somebody else wrote first.
const TRIES: usize = 5;

impl App {
    /// A party's commitment to a number that it keeps secret.
    ///
    /// # Errors
    /// `NOT_A_PARTY`, `COMMITMENT_LATE`, `SECOND_COMMITMENT`, `DRAW_OVER`.
    pub async fn commit_seed(&self, who: &Principal, request: CommitSeed) -> Result<DrawView, Refusal> {
        who.may(Verb::TakePartInDraw)?;
        let content = json!([request.draw, request.sha256]);
        let key = self.inner.request(who, "CommitSeed", &request.request_id, &content)?;
        let party = party_of(who);
        let (sha256, allowed) = (request.sha256, |draw: &Draw| must_be_party(draw, &party));
        self.inner.advance(key, &request.draw, allowed, |draw, at_us| draw.commit(&party, sha256, at_us)).await
    }

    /// Fixes the pool and the roster.
    ///
    /// # Errors
    /// `POOL_NOT_YOURS`, `COMMITMENT_MISSING`, `FREEZE_EARLY`, `FREEZE_LATE`, `ROSTER_CHANGED`, `UNKNOWN_STRATUM`,
    /// `TOO_FEW_CHECKERS`, `ALREADY_FROZEN`, `DRAW_OVER`.
    pub async fn freeze_draw(&self, who: &Principal, request: OnDraw) -> Result<DrawView, Refusal> {
        who.may(Verb::RunDraw)?;
        let inner = &self.inner;
        let key = inner.request(who, "FreezeDraw", &request.request_id, &json!(request.draw))?;
        let draw = inner.draw(&request.draw).await?.1;
        inner.must_run(who, &draw.announcement.pool)?;
        let roster = roster(&inner.library, &draw.announcement.pool);
        let pool = inner.pool_of(&draw).await?;
        let freeze = |draw: &Draw, at_us| draw.freeze(roster.clone(), pool.clone(), at_us);
        inner.advance(key, &request.draw, |_| Ok(()), freeze).await
    }

    /// A party shows its number.
    ///
    /// # Errors
    /// `NOT_A_PARTY`, `REVEAL_EARLY`, `REVEAL_LATE`, `SECOND_REVEAL`, `REVEAL_WRONG`, `DRAW_OVER`.
    pub async fn reveal_seed(&self, who: &Principal, request: RevealSeed) -> Result<DrawView, Refusal> {
        who.may(Verb::TakePartInDraw)?;
        let content = json!([request.draw, request.reveal]);
        let key = self.inner.request(who, "RevealSeed", &request.request_id, &content)?;
        let party = party_of(who);
        let (reveal, allowed) = (request.reveal, |draw: &Draw| must_be_party(draw, &party));
        self.inner.advance(key, &request.draw, allowed, |draw, at_us| draw.reveal(&party, reveal, at_us)).await
    }

    /// Enters the public value that the announcement named.
    ///
    /// # Errors
    /// `POOL_NOT_YOURS`, `NO_VALUE_NAMED`, `NOT_FROZEN`, `VALUE_EARLY`, `VALUE_LATE`, `VALUE_FORM`, `SECOND_VALUE`, `DRAW_OVER`.
    pub async fn publish_value(&self, who: &Principal, request: PublishValue) -> Result<DrawView, Refusal> {
        who.may(Verb::RunDraw)?;
        let content = json!([request.draw, request.value]);
        let key = self.inner.request(who, "PublishValue", &request.request_id, &content)?;
        let allowed = |draw: &Draw| self.inner.must_run(who, &draw.announcement.pool);
        self.inner.advance(key, &request.draw, allowed, |draw, at_us| draw.publish(&request.value, at_us)).await
    }

    /// Draws. The result follows from what is there, so each party may ask for it too. What it decides is carried out to the
    /// cases from then on.
    ///
    /// # Errors
    /// `POOL_NOT_YOURS`, `NOT_A_PARTY`, `NOT_FROZEN`, `REVEAL_MISSING`, `VALUE_MISSING`, `DRAW_OVER`.
    pub async fn hold_draw(&self, who: &Principal, request: OnDraw) -> Result<DrawView, Refusal> {
        who.may(Verb::HoldDraw)?;
        let key = self.inner.request(who, "HoldDraw", &request.request_id, &json!(request.draw))?;
        let allowed = |draw: &Draw| match must_be_party(draw, &party_of(who)) {
            Err(_) if who.role == Role::Officer => self.inner.must_run(who, &draw.announcement.pool),
            other => other,
        };
        let view = self.inner.advance(key, &request.draw, allowed, |draw, at_us| draw.hold(at_us)).await?;
        self.inner.drawing.notify_one();
        Ok(view)
    }

    /// A draw and its record, for everybody.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get_draw(&self, who: &Principal, id: &str) -> Result<DrawRecord, Refusal> {
        who.may(Verb::ReadDraw)?;
        let (row, draw) = self.inner.draw(id).await?;
        let pending = self.inner.store.count_decided(id).await?;
        Ok(DrawRecord { view: view::of(&draw), record: row.record, pending })
    }

    /// A page of draws, the newest first, for everybody.
    ///
    /// # Errors
    /// A page token that is not valid.
    pub async fn list_draws(&self, who: &Principal, request: ListDraws) -> Result<DrawPage, Refusal> {
        who.may(Verb::ReadDraw)?;
        let limits = &self.inner.settings.limits;
        let size = if request.page_size == 0 { limits.page_default } else { request.page_size.min(limits.page_max) };
        let query = DrawQuery { pool: request.pool, state: request.state.map(view::state_name).map(str::to_owned) };
        let token = Some(request.page_token).filter(|token| !token.is_empty());
        let page = self.inner.store.draws(&query, &PageRequest { size, token }).await?;
        let read = |row: &DrawRow| serde_json::from_str(&row.summary).map_err(|_| refused::unreadable());
        let draws = page.rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(DrawPage { draws, next: page.next.unwrap_or_default() })
    }
}

impl App {
    /// Everything that packages draw from, by name, for everybody: what waits, and by when a draw is due.
    pub async fn list_pools(&self, who: &Principal) -> Result<Vec<PoolView>, Refusal> {
        who.may(Verb::ReadDraw)?;
        let inner = &self.inner;
        let every = i64::try_from(inner.settings.limits.draw_every.as_micros()).unwrap_or(i64::MAX);
        let mut waiting: BTreeMap<String, PoolRow> =
            inner.store.pools_waiting().await?.into_iter().map(|row| (row.pool.clone(), row)).collect();
        let mut pools = Vec::new();
        for pool in pools_of(&inner.library) {
            let row = waiting.remove(&pool);
            let oldest_us = row.as_ref().map(|row| row.oldest_us);
            pools.push(PoolView {
                waiting: row.map_or(0, |row| row.items.unsigned_abs()),
                oldest_us,
                due_us: oldest_us.map(|oldest_us| oldest_us.saturating_add(every)),
                open: inner.store.open_draw(&pool).await?,
                pool,
            });
        }
        Ok(pools)
    }
}

impl Inner {
    /// Row and record of a draw.
    async fn draw(&self, id: &str) -> Result<(DrawRow, Draw), Refusal> {
        let row = self.store.draw(id).await?.ok_or_else(Refusal::not_found)?;
        let draw = serde_json::from_str(&row.record).map_err(|_| refused::unreadable())?;
        Ok((row, draw))
    }

    /// One step of a draw: read, decided, written, unless somebody else wrote first.
    async fn advance(
        &self,
        key: RequestKey,
        id: &str,
        allowed: impl Fn(&Draw) -> Result<(), Refusal>,
        step: impl Fn(&Draw, i64) -> Result<Draw, Vec<Finding>>,
    ) -> Result<DrawView, Refusal> {
        let mut last = Refusal::not_found();
        for _ in 0..TRIES {
            let (row, draw) = self.draw(id).await?;
            allowed(&draw)?;
            if let Some(view) = self.answered(&key).await? {
                return Ok(view);
            }
            // Another server's clock may be ahead of this one's.
            let at_us = self.business_now_us().max(draw.last_us());
            let next = step(&draw, at_us).map_err(refused::step)?;
            match self.keep_draw(row.version + 1, &next, Some(&key)).await {
                Err(conflict @ StoreError::Conflict(_)) => last = conflict.into(),
                kept => return Ok(kept?),
            }
        }
        Err(last)
    }

    /// The reply that a request got before.
    async fn answered(&self, key: &RequestKey) -> Result<Option<DrawView>, Refusal> {
        let Some(row) = self.store.request(&key.key).await? else { return Ok(None) };
        if row.content != key.content {
            return Err(Refusal::request_id_reused());
        }
        serde_json::from_str(&row.reply).map(Some).map_err(|_| refused::unreadable())
    }

    /// Writes a draw, and with its end what it decided over.
    async fn keep_draw(&self, version: i64, draw: &Draw, key: Option<&RequestKey>) -> Result<DrawView, StoreError> {
        let view = view::of(draw);
        let summary = serde_json::to_string(&view).unwrap_or_default();
        let request = key.map(|key| RequestRow {
            key: key.key.clone(),
            content: key.content.clone(),
            case_id: None,
            reply: summary.clone(),
            at_us: self.clock.operating_us(),
        });
        let pool = draw.frozen.iter().flat_map(|frozen| &frozen.pool).filter(|_| view.state == State::Held);
        let decided = pool.map(|item| item.id.clone()).collect();
        self.store.put_draw(DrawWrite { row: row(version, draw, &view, summary), request, decided }).await?;
        Ok(view)
    }

    /// Whether the caller belongs to the authority that runs the draws of a pool.
    fn must_run(&self, who: &Principal, pool: &str) -> Result<(), Refusal> {
        let owners = owners(&self.library, pool);
        if owners.contains(who.organisation.as_str()) { Ok(()) } else { Err(refused::pool_not_yours()) }
    }

    /// What a draw is over.
    async fn pool_of(&self, draw: &Draw) -> Result<Vec<Item>, Refusal> {
        let terms = &draw.announcement;
        if let Some(pool) = self.pool_before(draw).await? {
            return Ok(pool);
        }
        let most = self.settings.limits.draw_items_max;
        let rows = self.store.items_waiting(&terms.pool, terms.period.to_us, most).await?;
        Ok(rows.into_iter().map(item).collect())
    }

    /// The pool of the void draws that a draw follows, where one of them was frozen.
    async fn pool_before(&self, draw: &Draw) -> Result<Option<Vec<Item>>, Refusal> {
        let mut follows = draw.announcement.follows.clone();
        while let Some(before) = follows {
            if before.pool_sha256.is_none() {
                return Ok(None);
            }
            let void = self.draw(&before.draw).await?.1;
            if let Some(frozen) = void.frozen {
                return Ok(Some(frozen.pool));
            }
            follows = void.announcement.follows;
        }
        Ok(None)
    }
}

/// The row of a draw.
fn row(version: i64, draw: &Draw, view: &DrawView, summary: String) -> DrawRow {
    DrawRow {
        id: view.id.clone(),
        pool: view.pool.clone(),
        state: view::state_name(view.state).to_owned(),
        announced_at_us: view.announced_at_us,
        due_us: draw.deadline_us(),
        ended_at_us: view.ended_at_us,
        version,
        summary,
        record: serde_json::to_string(draw).unwrap_or_default(),
    }
}

fn item(row: DrawItemRow) -> Item {
    let recuse = serde_json::from_str(&row.recuse).unwrap_or_default();
    Item { id: row.id, stratum: row.stratum, recuse }
}

/// The parties that register under the packages which draw from a pool.
fn owners(library: &Library, pool: &str) -> BTreeSet<String> {
    let draws = |work: &Work| matches!(work, Work::Draw { pool: of, .. } if of == pool);
    let packages = library.known().into_iter().filter(|def| def.steps.values().any(|step| draws(&step.work)));
    packages.filter_map(|def| library.registering_party(&def).map(str::to_owned)).collect()
}

/// What packages draw from.
fn pools_of(library: &Library) -> BTreeSet<String> {
    let known = library.known();
    let steps = known.iter().flat_map(|def| def.steps.values());
    let pools = steps.filter_map(|step| match &step.work {
        Work::Draw { pool, .. } => Some(pool.clone()),
        _ => None,
    });
    pools.collect()
}

/// Who may check what is drawn from a pool.
fn roster(library: &Library, pool: &str) -> Vec<Checker> {
    let owners = owners(library, pool);
    let offices = library.directory.offices().filter(|office| owners.contains(office.party.as_str()));
    let checkers = offices.flat_map(|office| {
        office.officers.iter().map(|officer| Checker { id: officer.id.clone(), organisation: office.id.clone() })
    });
    checkers.collect()
}

/// What a caller is called as a party of a draw.
fn party_of(who: &Principal) -> String {
    let name = who.person.as_deref().unwrap_or(&who.organisation);
    format!("{}:{name}", who.role.name())
}

fn must_be_party(draw: &Draw, party: &str) -> Result<(), Refusal> {
    if draw.announcement.parties.iter().any(|named| named == party) { Ok(()) } else { Err(refused::not_a_party()) }
}
