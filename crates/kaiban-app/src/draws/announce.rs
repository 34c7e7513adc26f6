//! A draw is announced: its terms, and with them the roster.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_credit::RiskClass;
use kaiban_draw::{Announcement, Draw, METHOD, Period, Shares, State, roster_sha256};
use kaiban_findings::Finding;
use kaiban_store::{DrawRow, StoreError};
use serde_json::json;

use super::{AnnounceDraw, DrawView, TRIES, owners, refused, roster};
use crate::access::Verb;
use crate::app::{App, Inner};
use crate::principal::{Principal, Role};
use crate::refusal::Refusal;

/// The pool of what was promised instead of proved.
const COMMITMENTS: &str = "commitments";

/// Which part of the commitments is checked on the spot, percent. What is checked is the smaller part, and never none of a class.
const COMMITMENTS_PERCENT: (u8, u8) = (5, 15);

/// Checkers of an item where nothing else is said: an inspection is made by two at least (行政处罚法 §42).
const CHECKERS: u8 = 2;

impl App {
    /// Announces a draw. Where the pool's last draw is void, this one follows it.
    ///
    /// # Errors
    /// `UNKNOWN_POOL`, `POOL_NOT_YOURS`, `DRAW_OPEN`; `DRAW_TERMS_INVALID` with everything that is wrong.
    pub async fn announce_draw(&self, who: &Principal, request: AnnounceDraw) -> Result<DrawView, Refusal> {
        who.may(Verb::RunDraw)?;
        let inner = &self.inner;
        let value = request.public_value.as_ref();
        let content = json!({
            "pool": request.pool,
            "period_to_us": request.period_to_us,
            "shares": request.shares,
            "checkers_per_item": request.checkers_per_item,
            "parties": request.parties,
            "public_value": value,
            "commit_by_us": request.commit_by_us,
            "reveal_by_us": request.reveal_by_us,
        });
        let key = inner.request(who, "AnnounceDraw", &request.request_id, &content)?;
        if owners(&inner.library, &request.pool).is_empty() {
            return Err(refused::unknown_pool());
        }
        inner.must_run(who, &request.pool)?;
        let mut last = refused::draw_open();
        for _ in 0..TRIES {
            if let Some(view) = inner.answered(&key).await? {
                return Ok(view);
            }
            let draw = inner.announced(&request).await?;
            match inner.keep_draw(1, &draw, Some(&key)).await {
                // Somebody else has announced one: it is seen now.
                Err(conflict @ StoreError::Conflict(_)) => last = conflict.into(),
                kept => return Ok(kept?),
            }
        }
        Err(last)
    }
}

impl Inner {
    /// The draw as it would be announced now.
    async fn announced(&self, request: &AnnounceDraw) -> Result<Draw, Refusal> {
        let now_us = self.business_now_us();
        let before = self.before(&request.pool, now_us).await?;
        let follows = before.as_ref().and_then(Draw::follows);
        let fixed = before.as_ref().filter(|_| follows.as_ref().is_some_and(|follows| follows.pool_sha256.is_some()));
        let period = match fixed {
            Some(before) => before.announcement.period,
            None => self.period(request, before.as_ref(), now_us).await?,
        };
        let shares = if request.shares.is_empty() { by_credit() } else { request.shares.clone() };
        let number = self.store.count_draws(&request.pool).await? + 1;
        let mut found = Vec::new();
        check_shares(&request.pool, &shares, &mut found);
        self.check_parties(request, &mut found);
        let roster = roster(&self.library, &request.pool);
        let announcement = Announcement {
            method: METHOD.to_owned(),
            draw: format!("{}-{number}", request.pool),
            pool: request.pool.clone(),
            period,
            shares,
            checkers_per_item: request.checkers_per_item.unwrap_or(CHECKERS),
            roster_sha256: roster_sha256(&roster).map_err(refused::terms)?,
            parties: request.parties.clone(),
            public_value: request.public_value.clone(),
            follows,
            announced_at_us: before.map_or(now_us, |before| now_us.max(before.last_us())),
            commit_by_us: request.commit_by_us,
            reveal_by_us: request.reveal_by_us,
        };
        let life = self.settings.limits.draw_life_max;
        let until_us = now_us.saturating_add(i64::try_from(life.as_micros()).unwrap_or(i64::MAX));
        let value_by_us = request.public_value.as_ref().map_or(0, |value| value.by_us);
        if [request.commit_by_us, request.reveal_by_us, value_by_us].iter().any(|by_us| *by_us > until_us) {
            found.push(refused::too_long(life.as_secs() / 86_400));
        }
        match Draw::announce(announcement) {
            Ok(draw) if found.is_empty() => Ok(draw),
            Ok(_) => Err(refused::terms(found)),
            Err(more) => Err(refused::terms(found.into_iter().chain(more).collect())),
        }
    }

    /// A party that no token can be is one that never commits. Where no public value takes part, somebody does who is not
    /// of the authority that runs the draw: its own people alone could agree on their numbers.
    fn check_parties(&self, request: &AnnounceDraw, found: &mut Vec<Finding>) {
        let takes_part = |role: Role| crate::access::reaches(Verb::TakePartInDraw, role).is_some();
        let owners = owners(&self.library, &request.pool);
        let mut independent = request.public_value.is_some();
        for (index, party) in request.parties.iter().enumerate() {
            let named = party.split_once(':').filter(|(_, name)| !name.is_empty());
            let named =
                named.and_then(|(role, name)| Some((Role::named(role).filter(|role| takes_part(*role))?, name)));
            match named {
                None => found.push(refused::no_such_party(index)),
                Some((Role::Auditor | Role::Bank, _)) => independent = true,
                Some((Role::Agency, party)) => independent |= !owners.contains(party),
                Some((Role::Officer, officer)) => independent |= !self.is_of(officer, &owners),
                Some(_) => {}
            }
        }
        let all_known = request.parties.len() > 1 && found.is_empty();
        if all_known && !independent {
            found.push(refused::nobody_independent());
        }
    }

    /// Whether the directory has an officer in an office of one of these parties.
    fn is_of(&self, officer: &str, parties: &BTreeSet<String>) -> bool {
        let mut offices = self.library.directory.offices().filter(|office| parties.contains(office.party.as_str()));
        offices.any(|office| office.officers.iter().any(|known| known.id == officer))
    }

    /// The pool's draw before; it has to have ended.
    async fn before(&self, pool: &str, now_us: i64) -> Result<Option<Draw>, Refusal> {
        let read = |row: &DrawRow| serde_json::from_str::<Draw>(&row.record).map_err(|_| refused::unreadable());
        let Some(row) = self.store.last_draw(pool).await? else { return Ok(None) };
        let draw = read(&row)?;
        match draw.state() {
            State::Held | State::Void => Ok(Some(draw)),
            // Its deadline may have passed a moment ago.
            _ => match draw.lapse(now_us) {
                Ok(void) => {
                    self.keep_draw(row.version + 1, &void, None).await?;
                    Ok(Some(void))
                }
                Err(_) => Err(refused::draw_open()),
            },
        }
    }

    /// From where the last draw ended, or from what has waited longest, to the end that was asked for.
    async fn period(&self, request: &AnnounceDraw, before: Option<&Draw>, now_us: i64) -> Result<Period, Refusal> {
        let to_us = request.period_to_us.unwrap_or(now_us);
        let oldest = self.store.items_waiting(&request.pool, to_us, 1).await?;
        let oldest_us = oldest.first().map(|row| row.entered_at_us);
        let before_us = before.map(|before| before.announcement.period.to_us).filter(|before_us| *before_us < to_us);
        // Nothing waits and nothing was drawn before: the day that ends.
        let from_us = before_us.into_iter().chain(oldest_us).min().unwrap_or(to_us.saturating_sub(86_400_000_000));
        Ok(Period { from_us, to_us })
    }
}

/// The share of each class of risk.
fn by_credit() -> Shares {
    let classes = [RiskClass::A, RiskClass::B, RiskClass::C, RiskClass::D];
    classes.map(|class| (format!("{class:?}"), class.share_percent())).into_iter().collect()
}

fn check_shares(pool: &str, shares: &BTreeMap<String, u8>, found: &mut Vec<Finding>) {
    let (from, to) = COMMITMENTS_PERCENT;
    let outside = shares.iter().filter(|(_, share)| pool == COMMITMENTS && !(from..=to).contains(*share));
    found.extend(outside.map(|(stratum, _)| refused::share_of_commitments(stratum, from, to)));
}
