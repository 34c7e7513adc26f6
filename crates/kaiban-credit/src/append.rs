//! Whether an entry may be added to a history: the conditions of repair, and what keeps a history one.

use jiff::civil::Date;
use kaiban_findings::{Finding, Place};

use crate::entry::{Entry, What};
use crate::fold::{Ending, State, fold};
use crate::record::Record;
use crate::rules::{Condition, rules_on};
use crate::words::day_zh;

/// The codes of what [`may_append`] finds.
pub mod codes {
    /// An entry bears a date other than the day on which it is made.
    pub const ENTRY_NOT_TODAY: &str = "CREDIT_ENTRY_NOT_TODAY";
    /// The history already has later entries.
    pub const ENTRY_OUT_OF_ORDER: &str = "CREDIT_ENTRY_OUT_OF_ORDER";
    /// Something that must be said is left empty.
    pub const FIELD_EMPTY: &str = "CREDIT_FIELD_EMPTY";
    /// A record of this id is in the history.
    pub const RECORD_KNOWN: &str = "CREDIT_RECORD_KNOWN";
    /// No record of this id is in the history.
    pub const RECORD_UNKNOWN: &str = "CREDIT_RECORD_UNKNOWN";
    /// The history is another subject's.
    pub const SUBJECT_DIFFERS: &str = "CREDIT_SUBJECT_DIFFERS";
    /// Something is said to have happened after the entry that tells of it.
    pub const DATE_IN_FUTURE: &str = "CREDIT_DATE_IN_FUTURE";
    /// The record was taken back.
    pub const RECORD_WITHDRAWN: &str = "CREDIT_RECORD_WITHDRAWN";
    /// The correction is entered already.
    pub const ALREADY_CORRECTED: &str = "CREDIT_ALREADY_CORRECTED";
    /// The record is repaired already.
    pub const ALREADY_REPAIRED: &str = "CREDIT_ALREADY_REPAIRED";
    /// The maximum span is over: nothing is left to repair.
    pub const RECORD_OVER: &str = "CREDIT_RECORD_OVER";
    /// A law excludes repair.
    pub const REPAIR_EXCLUDED: &str = "CREDIT_REPAIR_EXCLUDED";
    /// An application waits for its decision.
    pub const APPLICATION_OPEN: &str = "CREDIT_APPLICATION_OPEN";
    /// No application waits for a decision.
    pub const NO_APPLICATION: &str = "CREDIT_NO_APPLICATION";
    /// The minimum span is not over.
    pub const REPAIR_TOO_EARLY: &str = "CREDIT_REPAIR_TOO_EARLY";
    /// No correction is entered.
    pub const DUTY_OUTSTANDING: &str = "CREDIT_DUTY_OUTSTANDING";
    /// The public credit promise is missing.
    pub const PROMISE_MISSING: &str = "CREDIT_PROMISE_MISSING";
}

/// Whether `entry` may be added to a subject's history on the day `today`. Conditions of repair are those of the day of
/// the application, whenever the record was made; a decision on an application asks nothing anew.
///
/// # Errors
/// Everything that stands against it, at least one, each with what to do.
pub fn may_append(entries: &[Entry], entry: &Entry, today: Date) -> Result<(), Vec<Finding>> {
    let mut found = dated(entries, entry, today);
    found.extend(empty("/record", &entry.record));
    found.extend(empty("/by", &entry.by));
    if found.is_empty() {
        found = fitting(entries, entry);
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// What the standings of past days rest on: no entry is dated back, and none stands before an earlier one.
fn dated(entries: &[Entry], entry: &Entry, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    if entry.on != today {
        found.push(
            error(
                codes::ENTRY_NOT_TODAY,
                "/on",
                format!("登记日期须为登记当日（{}）。", day_zh(today)),
                format!("An entry bears the day on which it is made, {today}."),
            )
            .with_help(
                "此前发生的事实请写入该事项自身的日期（认定日期、履行完毕日期）。",
                "What happened earlier has a date of its own: the day of the decision, or of the last duty.",
            ),
        );
    }
    if let Some(last) = entries.iter().map(|entry| entry.on).max().filter(|last| entry.on < *last) {
        found.push(
            error(
                codes::ENTRY_OUT_OF_ORDER,
                "/on",
                format!("该主体的信用记录已登记至{}，不得在此前补记。", day_zh(last)),
                format!("The history already reaches {last}; nothing may be added before."),
            )
            .with_help(format!("请于{}或以后登记。", day_zh(last)), format!("Enter it on {last} or later.")),
        );
    }
    found
}

fn fitting(entries: &[Entry], entry: &Entry) -> Vec<Finding> {
    let states = fold(entries, entry.on);
    let state = match (&entry.what, states.get(&entry.record)) {
        (What::Recorded(record), None) => return recorded(&states.into_values().next(), record, entry.on),
        (What::Recorded(_), Some(_)) => {
            return vec![
                error(
                    codes::RECORD_KNOWN,
                    "/record",
                    "该编号的失信记录已经存在。",
                    "A record of this id exists already.",
                )
                .with_help("请使用新的记录编号。", "Give the record an id of its own."),
            ];
        }
        (_, None) => {
            return vec![
                error(
                    codes::RECORD_UNKNOWN,
                    "/record",
                    "该主体名下没有此编号的失信记录。",
                    "The subject has no record of this id.",
                )
                .with_help("请核对记录编号，或先登记失信记录。", "Check the id, or enter the record first."),
            ];
        }
        (_, Some(state)) => state,
    };
    if let Some(on) = state.withdrawn_on {
        return vec![
            error(
                codes::RECORD_WITHDRAWN,
                "/record",
                format!("该失信记录已于{}撤销。", day_zh(on)),
                format!("The record was withdrawn on {on}."),
            )
            .with_help("无须再办理任何事项。", "Nothing more has to be done about it."),
        ];
    }
    match &entry.what {
        What::Recorded(_) => Vec::new(), // answered above
        What::Corrected { done_on } => corrected(state, *done_on, entry.on),
        What::RepairApplied { public_promise } => applied(state, *public_promise, entry.on),
        What::RepairGranted | What::RepairRefused { .. } => decided(state),
        What::Withdrawn { decision } => empty("/what/decision", decision).into_iter().collect(),
    }
}

fn recorded(other: &Option<State>, record: &Record, on: Date) -> Vec<Finding> {
    let texts = [
        ("/what/subject", Some(&record.subject)),
        ("/what/text/zh", Some(&record.text.zh)),
        ("/what/text/en", Some(&record.text.en)),
        ("/what/source", Some(&record.source)),
        ("/what/law", Some(&record.law)),
        ("/what/beyond_repair", record.beyond_repair.as_ref()),
    ];
    let mut found: Vec<Finding> =
        texts.into_iter().filter_map(|(pointer, text)| text.and_then(|text| empty(pointer, text))).collect();
    if other.as_ref().is_some_and(|other| other.record.subject != record.subject) {
        found.push(
            error(codes::SUBJECT_DIFFERS, "/what/subject", "该记录属于另一主体。", "The record is another subject's.")
                .with_help("请登记在其本人名下。", "Enter it in that subject's own history."),
        );
    }
    found.extend(in_future("/what/decided_on", record.decided_on, on));
    found
}

fn corrected(state: &State, done_on: Date, on: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(correction) = state.correction {
        found.push(
            error(
                codes::ALREADY_CORRECTED,
                "/record",
                format!("义务履行完毕已于{}登记。", day_zh(correction.on)),
                format!("The correction was entered on {}.", correction.on),
            )
            .with_help("无须重复登记，可以申请信用修复。", "Go on with the application for repair."),
        );
    }
    found.extend(in_future("/what/done_on", done_on, on));
    found
}

/// What makes repair pointless or impossible is told alone; the conditions that are not met, all together.
fn applied(state: &State, public_promise: bool, on: Date) -> Vec<Finding> {
    if let Some(finding) = beside_the_point(state) {
        return vec![finding];
    }
    let conditions = rules_on(on).class(state.record.class).conditions;
    conditions.iter().filter_map(|condition| unmet(*condition, state, public_promise, on)).collect()
}

fn beside_the_point(state: &State) -> Option<Finding> {
    match state.ending() {
        Some(Ending::Repaired { on }) => {
            return Some(
                error(
                    codes::ALREADY_REPAIRED,
                    "/record",
                    format!("该失信记录已于{}修复。", day_zh(on)),
                    format!("The record was repaired on {on}."),
                )
                .with_help("无须再次申请。", "No second application is needed."),
            );
        }
        Some(Ending::Over { on }) => {
            return Some(
                error(
                    codes::RECORD_OVER,
                    "/record",
                    format!("该失信记录最长期限已满，自{}起不再计入信用状况。", day_zh(on)),
                    format!("The maximum span is over: the record ended by itself on {on}."),
                )
                .with_help("无须申请修复。", "No application is needed."),
            );
        }
        Some(Ending::Withdrawn { .. }) | None => {}
    }
    if state.record.beyond_repair.is_some() {
        let last_day = state.last_day();
        return Some(
            error(
                codes::REPAIR_EXCLUDED,
                "/record",
                "该失信记录依法不可修复。",
                "The law excludes the repair of this record.",
            )
            .with_help(
                format!("该记录计至{}，此后不再计入信用状况；对认定有异议的，可以提出异议申诉。", day_zh(last_day)),
                format!("It ends by itself with {last_day}; whoever disputes the decision may object to it."),
            ),
        );
    }
    state.application_is_open().then(|| {
        error(
            codes::APPLICATION_OPEN,
            "/record",
            "已有修复申请正在办理。",
            "An application for repair is being decided.",
        )
        .with_help("请等待办理结果。", "Wait for its decision.")
    })
}

fn unmet(condition: Condition, state: &State, public_promise: bool, on: Date) -> Option<Finding> {
    match condition {
        Condition::MinimumOver => {
            let from = state.repairable_from().filter(|from| on < *from)?;
            Some(
                error(
                    codes::REPAIR_TOO_EARLY,
                    "/on",
                    format!("最短公示期尚未届满，{}起方可申请修复。", day_zh(from)),
                    format!("The minimum span is not over: repair can be applied for from {from}."),
                )
                .with_help(format!("请于{}或以后申请。", day_zh(from)), format!("Apply on {from} or later.")),
            )
        }
        Condition::Corrected => state.correction.is_none().then(|| {
            error(
                codes::DUTY_OUTSTANDING,
                "/record",
                "尚未登记失信行为已纠正、相关义务已履行完毕。",
                "No correction is entered: the act must be corrected and every duty fulfilled.",
            )
            .with_help(
                "请先履行完毕，并由认定机关登记。",
                "Fulfil what the decision asks for and have the deciding authority enter it.",
            )
        }),
        Condition::PublicPromise => (!public_promise).then(|| {
            error(
                codes::PROMISE_MISSING,
                "/what/public_promise",
                "尚未公开作出信用承诺。",
                "The public credit promise is missing.",
            )
            .with_help("请签署信用承诺书并同意公开。", "Sign the credit promise and agree to its publication.")
        }),
    }
}

fn decided(state: &State) -> Vec<Finding> {
    if state.application_is_open() {
        return Vec::new();
    }
    vec![
        error(
            codes::NO_APPLICATION,
            "/record",
            "没有待办理的修复申请。",
            "No application for repair waits for a decision.",
        )
        .with_help("须先由信用主体提出申请。", "The subject has to apply first."),
    ]
}

fn in_future(pointer: &str, day: Date, on: Date) -> Option<Finding> {
    (day > on).then(|| {
        error(
            codes::DATE_IN_FUTURE,
            pointer,
            format!("日期不得晚于登记日期（{}）。", day_zh(on)),
            format!("The date may not be after the day of the entry, {on}."),
        )
        .with_help("请核对日期。", "Check the date.")
    })
}

fn empty(pointer: &str, text: &str) -> Option<Finding> {
    text.trim().is_empty().then(|| {
        error(codes::FIELD_EMPTY, pointer, "此处为空。", "Nothing is written here.")
            .with_help("请补充填写。", "Fill it in.")
    })
}

fn error(code: &'static str, pointer: &str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::error(code, Place::Pointer(pointer.into()), zh, en)
}
