//! Capital by the law of the day: what was lawful in 2020 and is no more.

use jiff::civil::{Date, date};
use kaiban_identifiers::EntityKind::{self, *};
use kaiban_identifiers::capital::{self, Contribution, Form, Plan};

fn money(amount_fen: i64, paid_fen: i64, due: Option<Date>) -> Contribution {
    Contribution { amount_fen, paid_fen, form: Form::Money, due, limited_partner: false }
}

fn found(kind: EntityKind, established: Date, on: Date, contributions: Vec<Contribution>) -> Vec<String> {
    let capital_fen = contributions.iter().map(|contribution| contribution.amount_fen).sum();
    let plan = Plan { kind, capital_fen, established, contributions };
    capital::check(&plan, on).iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect()
}

#[test]
fn a_limited_company_pays_within_five_years_since_2024() {
    let in_twenty_years = |established: Date| vec![money(100, 0, Some(date(established.year() + 20, 1, 1)))];
    let (old, new) = (date(2020, 11, 18), date(2026, 3, 2));
    assert_eq!(found(LimitedCompany, old, old, in_twenty_years(old)), [""; 0]);
    assert_eq!(found(LimitedCompany, new, new, in_twenty_years(new)), ["CAPITAL_TOO_LATE /contributions/0/due"]);

    let by = |due| found(LimitedCompany, new, new, vec![money(100, 0, Some(due))]);
    assert_eq!(by(date(2031, 3, 2)), [""; 0]);
    assert_eq!(by(date(2031, 3, 3)), ["CAPITAL_TOO_LATE /contributions/0/due"]);
    assert_eq!(
        found(LimitedCompany, new, new, vec![money(100, 0, None)]),
        ["CONTRIBUTION_UNDATED /contributions/0/due"]
    );
    assert_eq!(found(LimitedCompany, new, new, vec![money(100, 100, None)]), [""; 0]);

    let due = vec![money(100, 0, Some(date(2034, 1, 1)))];
    assert_eq!(found(LimitedCompany, date(2024, 6, 30), date(2024, 6, 30), due.clone()), [""; 0]);
    assert_eq!(found(LimitedCompany, date(2024, 7, 1), date(2024, 7, 1), due).len(), 1);
    assert_eq!(capital::five_years_after(date(2028, 2, 29)), date(2033, 2, 28));
}

#[test]
fn old_firms_adjust_their_periods_by_2027() {
    let old = date(2020, 11, 18);
    let on = date(2026, 3, 2);
    let by = |due| found(LimitedCompany, old, on, vec![money(100, 0, Some(due))]);
    assert_eq!(by(date(2032, 6, 30)), [""; 0]);
    assert_eq!(by(date(2032, 7, 1)), ["CAPITAL_TO_ADJUST /contributions/0/due"]);
    assert_eq!(
        by(date(2060, 1, 1)),
        ["CAPITAL_TO_ADJUST /contributions/0/due", "CAPITAL_UNUSUAL /contributions/0/due"]
    );
}

#[test]
fn a_joint_stock_company_is_paid_before_it_exists() {
    let half_paid = || vec![money(100, 50, Some(date(2027, 1, 1)))];
    let (old, new) = (date(2020, 11, 18), date(2026, 3, 2));
    assert_eq!(found(JointStockCompany, old, old, half_paid()), [""; 0]);
    assert_eq!(found(JointStockCompany, old, new, half_paid()), ["CAPITAL_TO_ADJUST /contributions/0/paid_fen"]);
    assert_eq!(found(JointStockCompany, new, new, half_paid()), ["CAPITAL_UNPAID /contributions/0/paid_fen"]);
}

#[test]
fn some_things_are_no_contribution() {
    let on = date(2026, 3, 2);
    let with = |kind, form, limited_partner| {
        found(kind, on, on, vec![Contribution { form, limited_partner, ..money(100, 100, None) }]).len()
    };
    for form in
        [Form::Labour, Form::Credit, Form::PersonalName, Form::Goodwill, Form::Franchise, Form::EncumberedProperty]
    {
        for kind in [LimitedCompany, JointStockCompany, Cooperative] {
            assert_eq!(with(kind, form, false), 1, "{kind:?} {form:?}");
        }
        assert_eq!(with(SoleProprietorship, form, false), 0);
    }
    for form in [Form::Money, Form::Goods, Form::IntellectualProperty, Form::LandUse, Form::Equity, Form::Claims] {
        assert_eq!(with(LimitedCompany, form, false), 0, "{form:?}");
    }
    assert_eq!(with(GeneralPartnership, Form::Labour, false), 0);
    assert_eq!(with(LimitedPartnership, Form::Labour, false), 0);
    assert_eq!(with(LimitedPartnership, Form::Labour, true), 1);

    let law = |established| {
        let contributions = vec![Contribution { form: Form::Labour, ..money(100, 100, None) }];
        let plan = Plan { kind: LimitedCompany, capital_fen: 100, established, contributions };
        capital::check(&plan, established)[0].help.clone().unwrap().zh
    };
    assert_eq!(law(date(2020, 11, 18)), "公司登记管理条例第十四条。");
    assert_eq!(law(date(2022, 3, 1)), "市场主体登记管理条例第十三条。");
}

#[test]
fn amounts_add_up() {
    let on = date(2026, 3, 2);
    let codes = |kind, capital_fen, contributions: Vec<Contribution>| -> Vec<String> {
        let plan = Plan { kind, capital_fen, established: on, contributions };
        capital::check(&plan, on).iter().map(|finding| finding.code.to_string()).collect()
    };
    assert_eq!(codes(LimitedCompany, 0, vec![]), ["CAPITAL_AMOUNT"]);
    assert_eq!(codes(LimitedCompany, -1, vec![]), ["CAPITAL_AMOUNT"]);
    assert_eq!(codes(IndividualBusiness, 0, vec![]), [""; 0]);
    assert_eq!(codes(LimitedCompany, 300, vec![money(100, 100, None), money(100, 100, None)]), ["CAPITAL_SUM"]);
    assert_eq!(codes(LimitedCompany, 100, vec![money(100, 101, None)]), ["CAPITAL_AMOUNT"]);
    assert_eq!(codes(LimitedCompany, 100_000_000_001, vec![]), ["CAPITAL_UNUSUAL"]);
    let huge = vec![money(i64::MAX, i64::MAX, None), money(i64::MAX, i64::MAX, None)];
    assert_eq!(codes(LimitedCompany, i64::MAX, huge), ["CAPITAL_UNUSUAL", "CAPITAL_SUM"]);
}
