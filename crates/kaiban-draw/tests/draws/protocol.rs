//! Every step, and everything that is refused.

use std::collections::BTreeSet;

use kaiban_draw::{
    Announcement, Cause, Decision, Draw, End, Follows, Held, Hex32, Period, PublicValue, State, codes as all, verify,
};
use kaiban_findings::Finding;

use crate::scene::*;

#[test]
fn a_draw_goes_its_way() {
    let draw = announced(terms());
    assert_eq!((draw.state(), draw.deadline_us()), (State::Announced, Some(draw.announcement.commit_by_us)));
    let draw = committed(terms());
    assert_eq!((draw.state(), draw.deadline_us()), (State::Committed, Some(draw.announcement.reveal_by_us)));
    let draw = frozen(terms(), pool(60));
    assert_eq!((draw.state(), draw.deadline_us()), (State::Frozen, Some(draw.announcement.reveal_by_us)));
    let draw = revealed(terms(), pool(60));
    assert_eq!((draw.state(), draw.deadline_us()), (State::Revealed, None));
    let draw = held(terms(), pool(60));
    assert_eq!((draw.state(), draw.deadline_us(), draw.follows()), (State::Held, None, None));
    assert_eq!(verify(&draw), []);

    let result = result(&draw);
    let counts: Vec<_> = result.strata.iter().map(|(name, count)| (name.as_str(), count.of, count.drawn)).collect();
    assert_eq!(counts, [("credit-a", 40, 2), ("credit-b", 20, 3), ("credit-c", 0, 0)]);
    for drawn in &result.drawn {
        let decision = Decision { drawn: true, checkers: &drawn.checkers };
        assert_eq!((draw.decision(&drawn.item), drawn.checkers.len()), (Some(decision), 2));
    }
    let pool = &draw.frozen.as_ref().unwrap().pool;
    let spared = pool.iter().filter(|item| draw.decision(&item.id).is_some_and(|decision| !decision.drawn)).count();
    assert_eq!((spared, draw.decision("350100-2026-000060")), (55, None));
}

/// The deadline of the value follows that of the reveals, and nobody can hold the draw between them.
#[test]
fn a_public_value_stands_in_for_a_party() {
    let draw = frozen(terms_with_lottery(), pool(20));
    let draw = draw.reveal(BUREAU, number(BUREAU), MONDAY_US + 2 * HOUR_US).unwrap();
    assert_eq!((draw.state(), draw.deadline_us()), (State::Frozen, Some(lottery().by_us)));
    assert_eq!(codes(&draw.hold(MONDAY_US + 3 * HOUR_US).unwrap_err()), [all::VALUE_MISSING]);

    let draw = held(terms_with_lottery(), pool(20));
    assert_eq!(verify(&draw), []);
    let seeds: BTreeSet<Hex32> = ["03 09 14 21 26 33+07", "03 09 14 21 26 33+08"]
        .map(|value| {
            let draw = frozen(terms_with_lottery(), pool(20)).reveal(BUREAU, number(BUREAU), MONDAY_US + 2 * HOUR_US);
            let draw = draw.unwrap().publish(value, MONDAY_US + 37 * HOUR_US).unwrap();
            result(&draw.hold(MONDAY_US + 37 * HOUR_US).unwrap()).seed
        })
        .into();
    assert!(seeds.len() == 2 && seeds.contains(&result(&draw).seed));
}

#[test]
fn an_empty_pool_is_drawn_from_and_nothing_is_drawn() {
    let draw = held(terms(), Vec::new());
    assert_eq!((result(&draw).drawn.len(), verify(&draw)), (0, vec![]));
}

#[test]
fn a_draw_may_name_no_checkers() {
    let none = kaiban_draw::roster_sha256(&[]).unwrap();
    let quality = Announcement { checkers_per_item: 0, roster_sha256: none, ..terms() };
    let draw = committed(quality).freeze(Vec::new(), pool(30), MONDAY_US + HOUR_US).unwrap();
    let draw = draw.reveal(BUREAU, number(BUREAU), MONDAY_US + 2 * HOUR_US).unwrap();
    let draw = draw.reveal(TAX, number(TAX), MONDAY_US + 2 * HOUR_US).unwrap().hold(MONDAY_US + 2 * HOUR_US).unwrap();
    assert!(!result(&draw).drawn.is_empty() && result(&draw).drawn.iter().all(|drawn| drawn.checkers.is_empty()));
    assert_eq!(verify(&draw), []);
}

/// Whoever withholds its number changes no result; it only is named, and does not get a second throw for nothing.
#[test]
fn a_party_that_withholds_voids_the_draw_and_is_named() {
    let draw = void(terms(), pool(60), TAX);
    assert_eq!((draw.state(), draw.decision("350100-2026-000000"), verify(&draw)), (State::Void, None, vec![]));
    let Some(End::Void(ended)) = &draw.end else { panic!("not void") };
    assert_eq!((ended.cause, ended.parties.as_slice()), (Cause::NeverRevealed, &[TAX.to_owned()][..]));
    assert!(ended.finding().message.en.contains(TAX) && ended.finding().message.zh.contains(TAX));

    let follows = draw.follows();
    let next = |public_value: Option<PublicValue>| Announcement {
        draw: "visits-2026-w10-again".into(),
        follows: follows.clone(),
        public_value,
        ..terms()
    };
    assert_eq!(codes(&Draw::announce(next(None)).unwrap_err()), [all::PARTY_WITHHELD]);

    let again = committed(next(Some(lottery())));
    let old = &draw.commitments[0];
    assert_ne!(old.sha256, again.commitments[0].sha256, "an old commitment fits no other draw");
    let other = again.freeze(roster(), pool(59), MONDAY_US + HOUR_US).unwrap_err();
    assert_eq!(codes(&other), [all::POOL_CHANGED]);
    assert_eq!(verify(&held(next(Some(lottery())), pool(60))), []);
}

/// What each missing thing makes of a draw.
#[test]
fn causes_of_void_draws() {
    let end = |draw: Draw, hours: i64| match draw.lapse(MONDAY_US + hours * HOUR_US).map(|draw| draw.end) {
        Ok(Some(End::Void(void))) => (void.cause, void.parties.join(" ")),
        other => panic!("{other:?}"),
    };
    let one = announced(terms());
    let one = one.commit(TAX, one.commitment(TAX, &number(TAX)), MONDAY_US - HOUR_US).unwrap();
    assert_eq!(end(one, 0), (Cause::NeverCommitted, BUREAU.into()));
    assert_eq!(end(committed(terms()), 8), (Cause::NeverFrozen, String::new()));
    assert_eq!(end(frozen(terms(), pool(9)), 8), (Cause::NeverRevealed, format!("{BUREAU} {TAX}")));
    let waiting = frozen(terms_with_lottery(), pool(9)).reveal(BUREAU, number(BUREAU), MONDAY_US + HOUR_US).unwrap();
    assert_eq!(codes(&waiting.lapse(MONDAY_US + 59 * HOUR_US).unwrap_err()), [all::NOT_DUE]);
    assert_eq!(end(waiting, 60), (Cause::NoPublicValue, String::new()));
    assert_eq!(codes(&revealed(terms(), pool(9)).lapse(MONDAY_US + 99 * HOUR_US).unwrap_err()), [all::NOT_DUE]);
}

/// Lists are given in any order, and the record is the same.
#[test]
fn the_order_in_which_lists_are_given_does_not_matter() {
    let mut items = pool(40);
    items.iter_mut().for_each(|item| item.recuse = vec!["z".into(), "b".into(), "z".into()]);
    let there = committed(terms()).freeze(roster(), items.clone(), MONDAY_US + HOUR_US).unwrap();
    items.reverse();
    items.iter_mut().for_each(|item| item.recuse = vec!["b".into(), "z".into()]);
    let back: Vec<_> = roster().into_iter().rev().collect();
    assert_eq!(committed(terms()).freeze(back, items, MONDAY_US + HOUR_US).unwrap(), there);
}

/// One line for each refusal: what was done, where, the code and both sentences.
#[test]
fn refusals() {
    let mut text = String::new();
    let mut tell = |what: &str, findings: Vec<Finding>| text += &told(what, &findings);
    terms_refused(&mut tell);
    commitments_refused(&mut tell);
    freezes_refused(&mut tell);
    reveals_refused(&mut tell);
    ends_refused(&mut tell);
    insta::assert_snapshot!(text);
}

fn terms_refused(tell: &mut impl FnMut(&str, Vec<Finding>)) {
    let mut announce = |what: &str, terms: Announcement| tell(what, Draw::announce(terms).unwrap_err());
    announce("one party alone", Announcement { parties: vec![BUREAU.into()], ..terms() });
    announce("a public value alone", Announcement { parties: vec![], ..terms_with_lottery() });
    announce("a party twice", Announcement { parties: vec![BUREAU.into(), BUREAU.into()], ..terms() });
    announce("ids that are none", Announcement { draw: "抽取".into(), pool: String::new(), ..terms() });
    announce("seventeen parties", Announcement { parties: (0..17).map(|n| n.to_string()).collect(), ..terms() });
    announce("no shares", Announcement { shares: shares(&[]), ..terms() });
    announce("a share of 101 %", Announcement { shares: shares(&[("a/b~c", 101)]), ..terms() });
    announce("ten checkers", Announcement { checkers_per_item: 10, ..terms() });
    announce("another method", Announcement { method: "kaiban-draw/0".into(), ..terms() });
    announce("reveals before commitments", Announcement { reveal_by_us: MONDAY_US - HOUR_US, ..terms() });
    announce("commitments before the announcement", Announcement { commit_by_us: 0, ..terms() });
    announce("a period that ends first", Announcement { period: Period { from_us: 2, to_us: 1 }, ..terms() });
    let mut value = |what: &str, value: PublicValue| {
        announce(what, Announcement { public_value: Some(value), ..terms() });
    };
    value("a public value known before the reveals", PublicValue { from_us: MONDAY_US, ..lottery() });
    value("a public value too late", PublicValue { by_us: MONDAY_US, ..lottery() });
    value("a public value of five digits", PublicValue { form: "99999".into(), ..lottery() });
    value("a public value without a name", PublicValue { what: " \n".into(), ..lottery() });
    let follows =
        Follows { draw: terms().draw, record_sha256: number("record"), pool_sha256: None, withheld: vec![TAX.into()] };
    announce("after itself, with who withheld", Announcement { follows: Some(follows), ..terms() });
}

fn commitments_refused(tell: &mut impl FnMut(&str, Vec<Finding>)) {
    let draw = announced(terms());
    let fits = draw.commitment(TAX, &number(TAX));
    tell("a stranger commits", draw.commit("bank", fits, MONDAY_US - HOUR_US).unwrap_err());
    tell("a late commitment", draw.commit(TAX, fits, MONDAY_US).unwrap_err());
    tell("a commitment before the announcement", draw.commit(TAX, fits, MONDAY_US - 4 * HOUR_US).unwrap_err());
    tell("a second commitment", committed(terms()).commit(TAX, fits, MONDAY_US - HOUR_US).unwrap_err());
    let over = void(terms(), pool(5), TAX);
    tell("a commitment after the end", over.commit(TAX, fits, MONDAY_US - HOUR_US).unwrap_err());
}

fn freezes_refused(tell: &mut impl FnMut(&str, Vec<Finding>)) {
    let now = MONDAY_US + HOUR_US;
    let draw = committed(terms());
    tell("a freeze before the commitments", announced(terms()).freeze(roster(), pool(5), now).unwrap_err());
    tell("a freeze before the period ends", draw.freeze(roster(), pool(5), MONDAY_US - 1).unwrap_err());
    tell("a freeze after the reveals", draw.freeze(roster(), pool(5), now + 7 * HOUR_US).unwrap_err());
    tell("a second freeze", frozen(terms(), pool(5)).freeze(roster(), pool(5), now).unwrap_err());
    let without_one = roster()[1..].to_vec();
    tell("a roster that lost an officer", draw.freeze(without_one, pool(5), now).unwrap_err());
    let mut moved = roster();
    moved[0].organisation = "taijiang".into();
    tell("a roster in which an officer moved", draw.freeze(moved, pool(5), now).unwrap_err());
    let mut freeze = |what: &str, pool| tell(what, draw.freeze(roster(), pool, now).unwrap_err());
    freeze("a stratum without a share", vec![item("1", "credit-d", &[])]);
    freeze("an item twice", vec![item("1", "credit-a", &[]), item("1", "credit-b", &[])]);
    freeze("an item with a name", vec![item("王小明", "credit-a", &["李 四"])]);
    freeze("one officer left after recusal", vec![item("1", "credit-a", &["gulou", "taijiang"])]);
    let repeated = [roster(), roster()].concat();
    tell("a roster with everybody twice", kaiban_draw::roster_sha256(&repeated).unwrap_err());
    let previous = void(terms(), pool(5), TAX).follows();
    let next = Announcement { draw: "again".into(), parties: vec![BUREAU.into(), "bank".into()], ..terms() };
    let next = committed(Announcement { follows: previous, ..next });
    tell("another pool than the void draw's", next.freeze(roster(), pool(4), now).unwrap_err());
}

fn reveals_refused(tell: &mut impl FnMut(&str, Vec<Finding>)) {
    let now = MONDAY_US + 2 * HOUR_US;
    tell("a reveal before the freeze", committed(terms()).reveal(TAX, number(TAX), now).unwrap_err());
    let draw = frozen(terms(), pool(5));
    tell("a stranger reveals", draw.reveal("bank", number("bank"), now).unwrap_err());
    tell("a wrong reveal", draw.reveal(TAX, number("another"), now).unwrap_err());
    tell("the number of another party", draw.reveal(TAX, number(BUREAU), now).unwrap_err());
    tell("a late reveal", draw.reveal(TAX, number(TAX), MONDAY_US + 8 * HOUR_US).unwrap_err());
    tell("a reveal dated before the freeze", draw.reveal(TAX, number(TAX), MONDAY_US).unwrap_err());
    let once = draw.reveal(TAX, number(TAX), now).unwrap();
    tell("a second reveal", once.reveal(TAX, number(TAX), now).unwrap_err());

    let value = "03 09 14 21 26 33+07";
    tell("a value where none was named", draw.publish(value, now).unwrap_err());
    let unfrozen = committed(terms_with_lottery());
    tell("a value before the freeze", unfrozen.publish(value, now + 35 * HOUR_US).unwrap_err());
    let draw = frozen(terms_with_lottery(), pool(5));
    tell("a value before it is known", draw.publish(value, now).unwrap_err());
    tell("a value too late", draw.publish(value, now + 58 * HOUR_US).unwrap_err());
    tell("a value in other writing", draw.publish("3,9,14,21,26,33+7", now + 35 * HOUR_US).unwrap_err());
    let once = revealed(terms_with_lottery(), pool(5));
    tell("a second value", once.publish(value, now + 36 * HOUR_US).unwrap_err());
}

fn ends_refused(tell: &mut impl FnMut(&str, Vec<Finding>)) {
    let now = MONDAY_US + 3 * HOUR_US;
    tell("held before the freeze", committed(terms()).hold(now).unwrap_err());
    tell("held without a number", frozen(terms_with_lottery(), pool(5)).hold(now).unwrap_err());
    tell("held before the last reveal", revealed(terms(), pool(5)).hold(MONDAY_US).unwrap_err());
    tell("held twice", held(terms(), pool(5)).hold(now).unwrap_err());
    tell("held after it was void", void(terms(), pool(5), TAX).hold(now).unwrap_err());
    tell("void before the deadline", frozen(terms(), pool(5)).lapse(now).unwrap_err());
    let mut void_of = |what: &str, draw: Draw| match draw.lapse(MONDAY_US + 99 * HOUR_US).map(|draw| draw.end) {
        Ok(Some(End::Void(void))) => tell(what, vec![void.finding()]),
        other => panic!("{other:?}"),
    };
    void_of("void: nobody committed", announced(terms()));
    void_of("void: never frozen", committed(terms()));
    void_of("void: nobody revealed", frozen(terms(), pool(5)));
    let waiting = frozen(terms_with_lottery(), pool(5)).reveal(BUREAU, number(BUREAU), now).unwrap();
    void_of("void: no value came", waiting);
}

pub fn result(draw: &Draw) -> &Held {
    match &draw.end {
        Some(End::Held(held)) => held,
        other => panic!("{other:?}"),
    }
}
