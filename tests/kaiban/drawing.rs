//! Draws through the public door: from the announcement to the last case that learns of it, and every way in which one is
//! refused, becomes void, or is interrupted.

use std::collections::BTreeMap;

use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::draw_service_client::DrawServiceClient;
use kaiban_api::v1::{
    AnnounceDrawRequest, CommitSeedRequest, Draw, DrawState, FreezeDrawRequest, GetDrawRequest, HoldDrawRequest,
    ListDrawsRequest, ListJournalRequest, ListPoolsRequest, Pool, PublicValue, PublishValueRequest, RevealSeedRequest,
    Role, StepState, SubmitCaseRequest, VoidCause, WithdrawCaseRequest,
};
use kaiban_api::{Channel, timestamp};
use kaiban_calendar::parse_instant;
use kaiban_definition::{Files, load};
use kaiban_demo::Town;
use kaiban_draw::{Hex32, commitment, compare, read, verify};
use kaiban_store::DrawWrite;
use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;

use crate::city::{City, MORNING, Terminal, awaits, look, packages_and, step};
use crate::database::Database;
use crate::forms::wire;

on_both!(
    a_draw_decides_over_every_case_that_waits,
    what_does_not_follow_is_refused_and_changes_nothing,
    a_party_that_never_reveals_voids_the_draw_and_another_decides,
    a_public_value_stands_in_for_a_party,
    whoever_is_late_is_too_late,
    another_roster_than_was_announced_is_refused,
    a_draw_that_was_held_is_carried_out_by_whoever_starts_next,
    commitments_are_drawn_by_credit,
);

const OFFICER: &str = "officer:market-regulation-350100-1";
const AUDITOR: &str = "auditor:town-auditor";
const MANAGER: &str = "manager:town-manager";
const TAX: &str = "agency:tax";

/// Everybody who has to do with draws.
pub struct Hall<'c> {
    city: &'c City,
    terminal: Terminal,
    officer: DrawServiceClient<Channel>,
    auditor: DrawServiceClient<Channel>,
    manager: DrawServiceClient<Channel>,
    tax: DrawServiceClient<Channel>,
    calls: u32,
}

impl<'c> Hall<'c> {
    pub async fn of(city: &'c City) -> Self {
        let bureau = async |role| DrawServiceClient::new(city.town.bureau(role).await.expect("somebody"));
        Self {
            city,
            terminal: city.terminal().await,
            officer: DrawServiceClient::new(city.officer("market-regulation-350100-1").await),
            auditor: bureau(Role::Auditor).await,
            manager: bureau(Role::Manager).await,
            tax: DrawServiceClient::new(city.town.office("tax", "tax-350100").await.expect("the office")),
            calls: 0,
        }
    }

    fn fresh(&mut self) -> String {
        self.calls += 1;
        format!("draw-{}", self.calls)
    }

    fn of_party(&mut self, party: &str) -> &mut DrawServiceClient<Channel> {
        match party {
            OFFICER => &mut self.officer,
            AUDITOR => &mut self.auditor,
            TAX => &mut self.tax,
            _ => &mut self.manager,
        }
    }

    /// A shop of this class of risk; gives the case number.
    pub async fn opens(&mut self, risk: &str) -> String {
        self.opens_with(json!({ "registrar": "350100", "name": "福州榕光副食店", "risk": risk })).await
    }

    async fn opens_with(&mut self, form: Value) -> String {
        let (request_id, workflow) = (self.fresh(), "sampled".to_owned());
        let request = SubmitCaseRequest { request_id, workflow, form: wire(&form) };
        self.terminal.submit_case(request).await.expect("a case").into_inner().case.expect("a case").id
    }

    async fn withdraws(&mut self, case: &str) {
        let request = WithdrawCaseRequest { request_id: self.fresh(), case_id: case.into(), ..Default::default() };
        self.terminal.withdraw_case(request).await.expect("withdrawn");
    }

    async fn announces(&mut self, request: AnnounceDrawRequest) -> Result<Draw, Status> {
        let request = AnnounceDrawRequest { request_id: self.fresh(), ..request };
        Ok(self.officer.announce_draw(request).await?.into_inner().draw.expect("a draw"))
    }

    async fn commits(&mut self, draw: &Draw, party: &str, number: u8) -> Result<Draw, Status> {
        self.commits_to(&draw.id, party, hash(draw, party, number).to_string()).await
    }

    async fn commits_to(&mut self, draw: &str, party: &str, sha256: String) -> Result<Draw, Status> {
        let request = CommitSeedRequest { request_id: self.fresh(), draw_id: draw.into(), sha256 };
        Ok(self.of_party(party).commit_seed(request).await?.into_inner().draw.expect("a draw"))
    }

    async fn freezes(&mut self, draw: &Draw) -> Result<Draw, Status> {
        let request = FreezeDrawRequest { request_id: self.fresh(), draw_id: draw.id.clone() };
        Ok(self.officer.freeze_draw(request).await?.into_inner().draw.expect("a draw"))
    }

    async fn reveals(&mut self, draw: &Draw, party: &str, number: u8) -> Result<Draw, Status> {
        let reveal = of(number).to_string();
        let request = RevealSeedRequest { request_id: self.fresh(), draw_id: draw.id.clone(), reveal };
        Ok(self.of_party(party).reveal_seed(request).await?.into_inner().draw.expect("a draw"))
    }

    pub async fn holds(&mut self, draw: &Draw) -> Result<Draw, Status> {
        let request = HoldDrawRequest { request_id: self.fresh(), draw_id: draw.id.clone() };
        Ok(self.officer.hold_draw(request).await?.into_inner().draw.expect("a draw"))
    }

    /// A draw from its announcement until all numbers are there.
    pub async fn reveals_all(&mut self, request: AnnounceDrawRequest) -> Draw {
        let draw = self.announces(request).await.expect("announced");
        let parties: Vec<String> = draw.parties.iter().map(|party| party.party.clone()).collect();
        for (number, party) in (1..).zip(&parties) {
            self.commits(&draw, party, number).await.expect("committed");
        }
        let mut last = self.freezes(&draw).await.expect("frozen");
        for (number, party) in (1..).zip(&parties) {
            last = self.reveals(&draw, party, number).await.expect("revealed");
        }
        last
    }

    /// The record as everybody gets it.
    pub async fn record(&mut self, draw: &str) -> kaiban_draw::Draw {
        let answer = self.terminal_draws().await.get_draw(GetDrawRequest { id: draw.into() }).await.expect("a draw");
        read(&answer.into_inner().record).expect("a record")
    }

    /// A terminal has no part in draws, and sees them.
    async fn pool(&mut self, name: &str) -> Pool {
        let pools = self.manager.list_pools(ListPoolsRequest {}).await.expect("pools").into_inner().pools;
        pools.into_iter().find(|pool| pool.pool == name).expect("the pool")
    }

    async fn terminal_draws(&self) -> DrawServiceClient<Channel> {
        DrawServiceClient::new(self.city.town.terminal("b02", "b02-003").await.expect("a terminal"))
    }

    /// Waits until a case knows what was decided over it, and gives what its journal says: draw, and whether drawn.
    async fn learns(&mut self, case: &str) -> Vec<(String, bool)> {
        awaits(&mut self.terminal, case, |case| step(case, "draw").state() == StepState::Completed).await;
        self.drawn(case).await
    }

    async fn drawn(&self, case: &str) -> Vec<(String, bool)> {
        let mut auditor = AuditServiceClient::new(self.city.town.bureau(Role::Auditor).await.expect("an auditor"));
        let request = ListJournalRequest { case_id: case.into(), page_size: 200, ..ListJournalRequest::default() };
        let entries = auditor.list_journal(request).await.expect("a journal").into_inner().entries;
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("an entry");
        let all = entries.iter().flat_map(|entry| read(&entry.bytes)["events"].as_array().cloned().unwrap_or_default());
        let drawn = all.filter(|event| event["event"] == "drawn");
        let decision = |event: Value| {
            let draw = event["draw"].as_str().unwrap_or_default().to_owned();
            (draw, event["drawn"] == json!(true))
        };
        drawn.map(decision).collect()
    }
}

/// A party's number.
fn of(number: u8) -> Hex32 {
    Hex32::from([number; 32])
}

fn hash(draw: &Draw, party: &str, number: u8) -> Hex32 {
    commitment(&draw.announcement_sha256.parse().expect("a hash"), party, &of(number))
}

fn at(instant: &str) -> Option<prost_types::Timestamp> {
    Some(timestamp(parse_instant(instant).expect("an instant")))
}

/// The usual terms, announced on Monday at ten: commit by noon, reveal by four.
pub fn terms(shares: &[(&str, i32)]) -> AnnounceDrawRequest {
    AnnounceDrawRequest {
        pool: "shops".into(),
        shares: shares.iter().map(|(class, share)| ((*class).to_owned(), *share)).collect(),
        parties: vec![OFFICER.into(), AUDITOR.into()],
        commit_by: at("2026-03-02T12:00:00+08:00"),
        reveal_by: at("2026-03-02T16:00:00+08:00"),
        ..AnnounceDrawRequest::default()
    }
}

async fn start(db: &Database) -> City {
    City::start_of(db, &["sampled"]).await
}

fn reason(refused: Result<Draw, Status>) -> String {
    refused.expect_err("a refusal").get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// What was wrong with the terms, place by place.
fn faults(refused: Result<Draw, Status>) -> Vec<String> {
    let status = refused.expect_err("a refusal");
    let info = status.get_details_error_info().expect("a reason");
    assert_eq!(info.reason, "DRAW_TERMS_INVALID");
    let places = status.get_details_bad_request().expect("places").field_violations;
    places.into_iter().map(|place| place.field).collect()
}

async fn a_draw_decides_over_every_case_that_waits(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    let mut cases = Vec::new();
    for risk in ["A", "A", "A", "A", "B"] {
        cases.push(hall.opens(risk).await);
    }
    let handled = json!({
        "registrar": "350102", "name": "福州鼓楼茶店", "risk": "B", "handled_by": "market-regulation-350102-1",
    });
    cases.push(hall.opens_with(handled).await);
    let withdrawn = hall.opens("A").await;
    city.at("2026-03-02T10:00:00+08:00").await;

    let terms = AnnounceDrawRequest { request_id: "announce".into(), ..terms(&[("A", 50), ("B", 100)]) };
    let draw = hall.officer.announce_draw(terms.clone()).await.expect("announced").into_inner().draw.expect("a draw");
    assert_eq!((draw.id.as_str(), draw.state()), ("shops-1", DrawState::Announced));
    let again = hall.officer.announce_draw(terms).await.expect("the same").into_inner().draw;
    assert_eq!(again.as_ref(), Some(&draw), "the same request gets the same answer");
    hall.withdraws(&withdrawn).await;
    let waits = hall.pool("shops").await;
    assert_eq!((waits.waiting, waits.open_draw.as_str()), (6, draw.id.as_str()));
    let week = waits.due_at.expect("due").seconds - waits.oldest.expect("the oldest").seconds;
    assert_eq!(week, 7 * 86_400, "a draw is due a week after the oldest began to wait");
    hall.commits(&draw, OFFICER, 1).await.expect("committed");
    let committed = hall.commits(&draw, AUDITOR, 2).await.expect("committed");
    assert_eq!(committed.state(), DrawState::Committed);
    let frozen = hall.freezes(&draw).await.expect("frozen");
    assert_eq!((frozen.state(), frozen.items), (DrawState::Frozen, 6), "who withdrew is not in the pool");
    let late = hall.opens("A").await;
    hall.reveals(&draw, AUDITOR, 2).await.expect("revealed");
    hall.reveals(&draw, OFFICER, 1).await.expect("revealed");
    let held = hall.holds(&draw).await.expect("held");
    assert_eq!((held.state(), held.items, held.drawn), (DrawState::Held, 6, 4));
    let waits = hall.pool("shops").await;
    assert_eq!((waits.waiting, waits.open_draw.as_str()), (1, ""), "who came late waits for the next");

    let record = hall.record(&draw.id).await;
    assert_eq!(verify(&record), []);
    let (announced, froze) = (draw.announcement_sha256.parse().ok(), frozen.frozen_sha256.parse().ok());
    assert_eq!(compare(&record, announced.as_ref(), froze.as_ref()), []);
    let pool = &record.frozen.as_ref().expect("a pool").pool;
    assert!(pool.iter().all(|item| !item.id.starts_with(&withdrawn) && !item.id.starts_with(&late)));
    let mut drawn = 0;
    for case in &cases {
        let decision = record.decision(&format!("{case}/draw")).expect("every case is decided over");
        assert_eq!(hall.learns(case).await, [(draw.id.clone(), decision.drawn)]);
        assert_eq!(decision.checkers.len(), if decision.drawn { 2 } else { 0 });
        let view = look(&mut hall.terminal, case).await;
        let visit = if decision.drawn { StepState::Offered } else { StepState::Skipped };
        assert_eq!(step(&view, "visit").state(), visit, "who is not drawn is exempt");
        drawn += usize::from(decision.drawn);
    }
    assert_eq!(drawn, 4);
    let recused = record.decision(&format!("{}/draw", cases[5])).expect("decided");
    let same = ["market-regulation-350102-1".to_owned()];
    assert!(recused.drawn && !recused.checkers.contains(&same[0]), "{recused:?}");
    assert_eq!(pool.iter().find(|item| item.id.starts_with(&cases[5])).expect("an item").recuse, same);
    assert_eq!(hall.drawn(&late).await, [], "who came later waits for the next");
    city.verify().await;
}

async fn what_does_not_follow_is_refused_and_changes_nothing(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    hall.opens("A").await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let usual = terms(&[("A", 50)]);
    assert_eq!(
        reason(hall.announces(AnnounceDrawRequest { pool: "ships".into(), ..usual.clone() }).await),
        "UNKNOWN_POOL"
    );
    let alone = AnnounceDrawRequest { parties: vec![OFFICER.into()], ..usual.clone() };
    assert_eq!(faults(hall.announces(alone).await), ["/announcement/parties"]);
    let nobody = AnnounceDrawRequest { parties: vec![OFFICER.into(), "terminal:b01".into()], ..usual.clone() };
    assert_eq!(faults(hall.announces(nobody).await), ["/announcement/parties/1"]);
    let among_us = AnnounceDrawRequest { parties: vec![OFFICER.into(), MANAGER.into()], ..usual.clone() };
    assert_eq!(faults(hall.announces(among_us).await), ["/announcement/parties"], "all of them are the bureau's");
    let endless = AnnounceDrawRequest { reveal_by: at("2027-03-02T12:00:00+08:00"), ..usual.clone() };
    assert_eq!(faults(hall.announces(endless).await), ["/announcement/reveal_by_us"]);
    let mut taxes = DrawServiceClient::new(city.officer("tax-350100-1").await);
    let request = AnnounceDrawRequest { request_id: "t1".into(), ..usual.clone() };
    let refused = taxes.announce_draw(request).await.expect_err("a refusal");
    assert_eq!(refused.get_details_error_info().expect("a reason").reason, "POOL_NOT_YOURS");

    let draw = hall.announces(usual.clone()).await.expect("announced");
    assert_eq!(reason(hall.announces(usual).await), "DRAW_OPEN");
    assert_eq!(reason(hall.commits(&draw, MANAGER, 3).await), "NOT_A_PARTY");
    assert_eq!(reason(hall.commits_to(&draw.id, OFFICER, "f00".into()).await), "REQUEST_INVALID");
    assert_eq!(reason(hall.freezes(&draw).await), "COMMITMENT_MISSING");
    hall.commits(&draw, OFFICER, 1).await.expect("committed");
    assert_eq!(reason(hall.commits(&draw, OFFICER, 4).await), "SECOND_COMMITMENT");
    assert_eq!(reason(hall.reveals(&draw, OFFICER, 1).await), "REVEAL_EARLY");
    hall.commits(&draw, AUDITOR, 2).await.expect("committed");
    hall.freezes(&draw).await.expect("frozen");
    assert_eq!(reason(hall.freezes(&draw).await), "ALREADY_FROZEN");
    assert_eq!(reason(hall.reveals(&draw, OFFICER, 2).await), "REVEAL_WRONG");
    assert_eq!(reason(hall.reveals(&draw, MANAGER, 1).await), "NOT_A_PARTY");
    hall.reveals(&draw, OFFICER, 1).await.expect("revealed");
    assert_eq!(reason(hall.reveals(&draw, OFFICER, 1).await), "SECOND_REVEAL");
    assert_eq!(reason(hall.holds(&draw).await), "REVEAL_MISSING");
    hall.reveals(&draw, AUDITOR, 2).await.expect("revealed");
    let request = PublishValueRequest { request_id: "v".into(), draw_id: draw.id.clone(), value: "123456".into() };
    let refused = hall.officer.publish_value(request).await.expect_err("a refusal");
    assert_eq!(refused.get_details_error_info().expect("a reason").reason, "NO_VALUE_NAMED");
    let request = HoldDrawRequest { request_id: "h".into(), draw_id: draw.id.clone() };
    let refused = hall.manager.hold_draw(request.clone()).await.expect_err("a refusal");
    assert_eq!(refused.get_details_error_info().expect("a reason").reason, "NOT_A_PARTY");
    hall.auditor.hold_draw(request).await.expect("a party may ask for the result");
    assert_eq!(reason(hall.holds(&draw).await), "DRAW_OVER");
    assert_eq!(verify(&hall.record(&draw.id).await), []);
    city.verify().await;
}

async fn a_party_that_never_reveals_voids_the_draw_and_another_decides(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    let cases = [hall.opens("A").await, hall.opens("A").await];
    city.at("2026-03-02T10:00:00+08:00").await;
    let draw = hall.announces(terms(&[("A", 50)])).await.expect("announced");
    hall.commits(&draw, OFFICER, 1).await.expect("committed");
    hall.commits(&draw, AUDITOR, 2).await.expect("committed");
    hall.freezes(&draw).await.expect("frozen");
    hall.reveals(&draw, OFFICER, 1).await.expect("revealed");
    assert_eq!(
        city.town.app().next_business_timer_us().await.ok().flatten(),
        parse_instant("2026-03-02T16:00:00+08:00").ok()
    );
    city.at("2026-03-02T16:00:00+08:00").await;
    let voided = hall.terminal_draws().await.get_draw(GetDrawRequest { id: draw.id.clone() }).await.expect("a draw");
    let voided = voided.into_inner().draw.expect("a draw");
    assert_eq!((voided.state(), voided.void_cause()), (DrawState::Void, VoidCause::NeverRevealed));
    assert_eq!(voided.void_parties, [AUDITOR]);
    assert_eq!(reason(hall.reveals(&draw, AUDITOR, 2).await), "DRAW_OVER");
    for case in &cases {
        assert_eq!(hall.drawn(case).await, [], "nothing is decided");
    }

    let later = hall.opens("A").await;
    let tuesday = |terms: AnnounceDrawRequest| AnnounceDrawRequest {
        commit_by: at("2026-03-03T12:00:00+08:00"),
        reveal_by: at("2026-03-03T16:00:00+08:00"),
        ..terms
    };
    let refused = hall.announces(tuesday(terms(&[("A", 50)]))).await;
    assert_eq!(faults(refused), ["/announcement/parties/1"], "who withheld a number has no second throw");
    let others = AnnounceDrawRequest { parties: vec![OFFICER.into(), TAX.into()], ..terms(&[("A", 50)]) };
    // It lapses before anything is frozen; the one after it is over the same pool all the same.
    let lapsed = hall.announces(tuesday(others.clone())).await.expect("announced");
    assert_eq!(lapsed.follows, draw.id);
    city.at("2026-03-03T12:00:00+08:00").await;
    let wednesday = AnnounceDrawRequest {
        commit_by: at("2026-03-04T12:00:00+08:00"),
        reveal_by: at("2026-03-04T16:00:00+08:00"),
        ..others
    };
    let next = hall.reveals_all(wednesday).await;
    assert_eq!((next.follows.as_str(), next.items), (lapsed.id.as_str(), 2), "over the same pool");
    hall.holds(&next).await.expect("held");
    let record = hall.record(&next.id).await;
    assert_eq!(verify(&record), []);
    for case in &cases {
        let drawn = record.decision(&format!("{case}/draw")).expect("decided").drawn;
        assert_eq!(hall.learns(case).await, [(next.id.clone(), drawn)]);
    }
    assert_eq!(hall.drawn(&later).await, []);

    let list = |state: DrawState, page_token: String| ListDrawsRequest {
        pool: "shops".into(),
        state: state.into(),
        page_size: 1,
        page_token,
    };
    let first = hall.manager.list_draws(list(DrawState::Void, String::new())).await.expect("a page").into_inner();
    assert_eq!(first.draws.iter().map(|draw| draw.id.as_str()).collect::<Vec<_>>(), [lapsed.id.as_str()]);
    let rest =
        hall.manager.list_draws(list(DrawState::Void, first.next_page_token)).await.expect("a page").into_inner();
    assert_eq!((rest.draws[0].id.as_str(), rest.next_page_token.as_str()), (draw.id.as_str(), ""));
    city.verify().await;
}

async fn a_public_value_stands_in_for_a_party(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    let case = hall.opens("A").await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let value = PublicValue {
        what: "中国福利彩票双色球2026年3月3日开奖号码".into(),
        form: "99 99 99 99 99 99 99".into(),
        from: at("2026-03-03T21:15:00+08:00"),
        by: at("2026-03-04T12:00:00+08:00"),
    };
    let terms = AnnounceDrawRequest { parties: vec![OFFICER.into()], public_value: Some(value), ..terms(&[("A", 5)]) };
    let draw = hall.reveals_all(terms).await;
    assert_eq!(draw.state(), DrawState::Frozen, "the value is missing");
    let publish = |value: &str| PublishValueRequest {
        request_id: value.replace(' ', "-"),
        draw_id: draw.id.clone(),
        value: value.into(),
    };
    let said = async |hall: &mut Hall<'_>, value: &str| {
        Ok(hall.officer.publish_value(publish(value)).await?.into_inner().draw.expect("a draw"))
    };
    assert_eq!(reason(said(&mut hall, "01 02 03 04 05 06 07").await), "VALUE_EARLY");
    assert_eq!(reason(hall.holds(&draw).await), "VALUE_MISSING");
    city.at("2026-03-03T21:30:00+08:00").await;
    assert_eq!(reason(said(&mut hall, "1 2 3").await), "VALUE_FORM");
    assert_eq!(said(&mut hall, "01 02 03 04 05 06 07").await.expect("entered").state(), DrawState::Revealed);
    assert_eq!(reason(said(&mut hall, "07 06 05 04 03 02 01").await), "SECOND_VALUE");
    hall.holds(&draw).await.expect("held");
    assert_eq!(hall.learns(&case).await, [(draw.id.clone(), true)], "of a class that is not empty one is drawn");
    assert_eq!(verify(&hall.record(&draw.id).await), []);
    city.verify().await;
}

async fn whoever_is_late_is_too_late(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    hall.opens("A").await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let draw = hall.announces(terms(&[("A", 50)])).await.expect("announced");
    hall.commits(&draw, OFFICER, 1).await.expect("committed");
    // The deadline has come, and nobody has looked yet.
    city.town.clock().advance_to(parse_instant("2026-03-02T12:00:00+08:00").expect("an instant"));
    assert_eq!(reason(hall.commits(&draw, AUDITOR, 2).await), "COMMITMENT_LATE");
    city.at("2026-03-02T12:00:00+08:00").await;
    assert_eq!(reason(hall.commits(&draw, AUDITOR, 2).await), "DRAW_OVER");
    let record = hall.record(&draw.id).await;
    assert_eq!(verify(&record), []);
    let voided =
        hall.officer.list_draws(ListDrawsRequest::default()).await.expect("a page").into_inner().draws.remove(0);
    assert_eq!((voided.void_cause(), voided.void_parties), (VoidCause::NeverCommitted, vec![AUDITOR.to_owned()]));
    city.verify().await;
}

async fn another_roster_than_was_announced_is_refused(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    hall.opens("A").await;
    let draw = hall.announces(terms(&[("A", 50)])).await.expect("announced");
    hall.commits(&draw, OFFICER, 1).await.expect("committed");
    hall.commits(&draw, AUDITOR, 2).await.expect("committed");
    city.town.stop().await;

    let mut files = Files::new();
    for (path, text) in packages_and(&["sampled"]).1.iter() {
        let other = text.replace("{ id: market-regulation-350181-1, name: 王景行, sample: true }, ", "");
        assert_eq!(other != *text, path == "directory/agencies.yaml");
        files.insert(path.to_owned(), other);
    }
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{findings:?}");
    let start_us = parse_instant(MORNING).expect("an instant");
    let town = Town::start_with(db.store.clone(), workflows, &files, start_us, Default::default()).await;
    let city = City { town: town.expect("a server") };
    let mut hall = Hall::of(&city).await;
    assert_eq!(reason(hall.freezes(&draw).await), "ROSTER_CHANGED");
    assert_eq!(hall.record(&draw.id).await.frozen, None);
    city.verify().await;
}

async fn a_draw_that_was_held_is_carried_out_by_whoever_starts_next(db: &Database) {
    let city = start(db).await;
    let mut hall = Hall::of(&city).await;
    let mut cases = Vec::new();
    for _ in 0..5 {
        cases.push(hall.opens("A").await);
    }
    city.at("2026-03-02T10:00:00+08:00").await;
    let draw = hall.reveals_all(terms(&[("A", 40)])).await;
    assert_eq!(draw.state(), DrawState::Revealed);
    city.town.stop().await;
    // The row as a server leaves it that dies the moment it has held the draw.
    let row = db.store.draw(&draw.id).await.expect("a read").expect("a draw");
    let before = read(&row.record).expect("a record");
    let held = before.hold(before.last_us()).expect("held");
    let mut summary: BTreeMap<String, Value> = serde_json::from_str(&row.summary).expect("a summary");
    summary.insert("state".into(), json!("held"));
    summary.insert("drawn".into(), json!(2));
    summary.insert("ended_at_us".into(), json!(before.last_us()));
    summary.insert("record_sha256".into(), json!(held.record_sha256));
    let decided = cases.iter().map(|case| format!("{case}/draw")).collect();
    let row = kaiban_store::DrawRow {
        state: "held".into(),
        due_us: None,
        ended_at_us: Some(before.last_us()),
        version: row.version + 1,
        summary: serde_json::to_string(&summary).expect("JSON"),
        record: serde_json::to_string(&held).expect("JSON"),
        ..row
    };
    db.store.put_draw(DrawWrite { row, request: None, decided }).await.expect("held");

    // Two servers find it at the same moment.
    let (city, other) = tokio::join!(start(db), start(db));
    let mut hall = Hall::of(&city).await;
    for case in &cases {
        let drawn = held.decision(&format!("{case}/draw")).expect("decided").drawn;
        assert_eq!(hall.learns(case).await, [(draw.id.clone(), drawn)], "once");
    }
    let answer = hall.officer.get_draw(GetDrawRequest { id: draw.id.clone() }).await.expect("a draw").into_inner();
    assert_eq!(answer.not_carried_out, 0);
    other.town.stop().await;
    city.verify().await;
}

async fn commitments_are_drawn_by_credit(db: &Database) {
    let city = City::start(db).await;
    let mut hall = Hall::of(&city).await;
    let form = json!({
        "registrar": "350100", "certificate": "住所使用证明", "kind": "other", "visit": "drawn",
        "subject": "福州榕光信息技术有限公司", "promised": "住所真实，可用于所申报的经营活动",
        "law": "国办发〔2020〕42号", "penalty_law": "国办发〔2020〕42号", "keep_law": "国办发〔2020〕42号",
        "contact": { "phone": "13900001234" }, "signatory": "p1", "risk": "B",
        "handled_by": "market-regulation-350100-2",
    });
    let (request_id, workflow) = ("c1".to_owned(), "commitment-check".to_owned());
    let request = SubmitCaseRequest { request_id, workflow, form: wire(&form) };
    let case = hall.terminal.submit_case(request).await.expect("a case").into_inner().case.expect("a case").id;
    city.at("2026-03-02T10:00:00+08:00").await;
    let over = AnnounceDrawRequest { pool: "commitments".into(), ..terms(&[("A", 4), ("B", 15), ("C", 16)]) };
    assert_eq!(faults(hall.announces(over).await), ["/announcement/shares/A", "/announcement/shares/C"]);
    let draw = hall.reveals_all(AnnounceDrawRequest { pool: "commitments".into(), ..terms(&[]) }).await;
    let shares: BTreeMap<String, i32> = draw.shares.clone().into_iter().collect();
    let by_credit = [("A", 5), ("B", 8), ("C", 12), ("D", 15)].map(|(class, share)| (class.to_owned(), share));
    assert_eq!(shares, BTreeMap::from(by_credit));
    hall.holds(&draw).await.expect("held");
    assert_eq!(hall.learns(&case).await, [(draw.id.clone(), true)]);
    let record = hall.record(&draw.id).await;
    let checkers = record.decision(&format!("{case}/draw")).expect("decided").checkers;
    assert!(checkers.len() == 2 && !checkers.contains(&"market-regulation-350100-2".to_owned()), "{checkers:?}");
    city.verify().await;
}
