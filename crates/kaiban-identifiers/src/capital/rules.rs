use jiff::ToSpan;
use jiff::civil::{Date, date};
use kaiban_findings::Finding;

use super::{Contribution, Form, Plan, findings};
use crate::EntityKind;

/// The Companies Law of 2023 came into force.
const NEW_LAW: Date = date(2024, 7, 1);

/// From here the five years of firms of before the new law are counted (国务院令第784号 §2).
const TRANSITION: Date = date(2027, 7, 1);

/// 市场主体登记管理条例 came into force; before it 公司登记管理条例 said the same of companies.
const REGISTRATION_RULES: Date = date(2022, 3, 1);

/// More than a thousand million yuan, or more than thirty years, the registrar may ask for reasons. The decree names no
/// numbers; these are of its draft.
const UNUSUAL_FEN: i64 = 1_000_000_000 * 100;
const UNUSUAL_YEARS: i16 = 30;

/// Everything that the law of the day says against a plan. `on` is the day of the check, for what has to be adjusted by a day.
/// Places point into the plan: `/capital_fen`, `/contributions/0/form`.
pub fn check(plan: &Plan, on: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    amounts(plan, &mut found);
    for (index, contribution) in plan.contributions.iter().enumerate() {
        if is_barred(plan.kind, contribution) {
            let old_rules = plan.established < REGISTRATION_RULES;
            found.push(findings::barred_form(index, plan.kind, contribution, old_rules));
        }
        times(plan, index, contribution, on, &mut found);
    }
    found
}

/// The last day to pay in full for a limited company established on that day: 公司法 §47, "自公司成立之日起五年内". A firm of
/// 29 February has until the 28th.
pub fn five_years_after(established: Date) -> Date {
    established.saturating_add(5.years())
}

fn amounts(plan: &Plan, found: &mut Vec<Finding>) {
    let may_be_none = matches!(plan.kind, EntityKind::IndividualBusiness | EntityKind::Branch);
    if plan.capital_fen < 0 || (plan.capital_fen == 0 && !may_be_none) {
        found.push(findings::no_capital());
    }
    if plan.capital_fen > UNUSUAL_FEN && plan.kind.is_company() && plan.established >= NEW_LAW {
        found.push(findings::unusual_amount());
    }
    if plan.contributions.is_empty() {
        return;
    }
    for (index, contribution) in plan.contributions.iter().enumerate() {
        let paid_fits = (0..=contribution.amount_fen.max(0)).contains(&contribution.paid_fen);
        if contribution.amount_fen <= 0 || !paid_fits {
            found.push(findings::bad_amount(index));
        }
    }
    // Amounts may be anything that fits an i64; their sum may not.
    let sum: i128 = plan.contributions.iter().map(|contribution| i128::from(contribution.amount_fen)).sum();
    if sum != i128::from(plan.capital_fen) {
        found.push(findings::sum_differs());
    }
}

fn is_barred(kind: EntityKind, contribution: &Contribution) -> bool {
    let form = contribution.form;
    let never =
        matches!(form, Form::Credit | Form::PersonalName | Form::Goodwill | Form::Franchise | Form::EncumberedProperty);
    match kind {
        EntityKind::LimitedCompany | EntityKind::JointStockCompany | EntityKind::Cooperative => {
            never || form == Form::Labour
        }
        EntityKind::LimitedPartnership => contribution.limited_partner && form == Form::Labour,
        _ => false,
    }
}

fn times(plan: &Plan, index: usize, contribution: &Contribution, on: Date, found: &mut Vec<Finding>) {
    let is_paid = contribution.paid_fen >= contribution.amount_fen;
    if is_paid || !plan.kind.is_company() {
        return;
    }
    let of_new_law = plan.established >= NEW_LAW;
    if plan.kind == EntityKind::JointStockCompany {
        if of_new_law {
            found.push(findings::unpaid_shares(index));
        } else if on >= NEW_LAW {
            found.push(findings::shares_to_pay(index));
        }
        return;
    }
    let Some(due) = contribution.due else {
        found.push(findings::undated(index));
        return;
    };
    if of_new_law {
        if due > five_years_after(plan.established) {
            found.push(findings::too_late(index, five_years_after(plan.established)));
        }
    } else {
        if on >= NEW_LAW && due >= five_years_after(TRANSITION) {
            found.push(findings::period_to_adjust(index));
        }
        if due.year() - plan.established.year() > UNUSUAL_YEARS {
            found.push(findings::unusual_period(index));
        }
    }
}
