//! The sentences, in both languages. Times are +08:00.

use kaiban_calendar::local_date;
use kaiban_findings::Text;

use super::Stretch;
use super::left_out::LeftOut;
use crate::clock::{ClockState, PromiseClock};
use crate::ledger::{Ball, Reason};
use crate::pause::PauseReason;

pub(super) const DAY_US: i64 = 86_400_000_000;
const HOUR_US: i64 = 3_600_000_000;
const MINUTE_US: i64 = 60_000_000;
const SECOND_US: i64 = 1_000_000;
const CHINA_US: i64 = 8 * HOUR_US;

/// `1 h 10 min`; below a minute in seconds.
pub(super) fn length(us: i64) -> Text {
    let (sign, us) = if us < 0 { ("-", us.saturating_neg()) } else { ("", us) };
    if us < MINUTE_US && us > 0 {
        let seconds = format!("{}.{:06}", us / SECOND_US, us % SECOND_US);
        let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
        return Text::new(format!("{sign}{seconds}秒"), format!("{sign}{seconds} s"));
    }
    let (hours, minutes, seconds) = (us / HOUR_US, us % HOUR_US / MINUTE_US, us % MINUTE_US / SECOND_US);
    let (mut zh, mut en) = (String::new(), Vec::new());
    for (count, zh_unit, en_unit) in [(hours, "小时", "h"), (minutes, "分钟", "min"), (seconds, "秒", "s")] {
        if count > 0 {
            zh.push_str(&format!("{count}{zh_unit}"));
            en.push(format!("{count} {en_unit}"));
        }
    }
    if en.is_empty() {
        return Text::new("0分钟", "0 min");
    }
    Text::new(format!("{sign}{zh}"), format!("{sign}{}", en.join(" ")))
}

/// A length on the wall, with days of 24 hours.
pub(super) fn wall(us: i64) -> Text {
    let (days, rest) = (us / DAY_US, us % DAY_US);
    match (days, rest) {
        (0, rest) => length(rest),
        (days, 0) => Text::new(format!("{days}天"), format!("{days} d")),
        (days, rest) => {
            let rest = length(rest);
            Text::new(format!("{days}天{}", rest.zh), format!("{days} d {}", rest.en))
        }
    }
}

fn weekday(at_us: i64) -> (&'static str, &'static str) {
    // 1 January 1970 was a Thursday.
    let days = at_us.saturating_add(CHINA_US).div_euclid(DAY_US);
    match days.rem_euclid(7) {
        0 => ("周四", "Thu"),
        1 => ("周五", "Fri"),
        2 => ("周六", "Sat"),
        3 => ("周日", "Sun"),
        4 => ("周一", "Mon"),
        5 => ("周二", "Tue"),
        _ => ("周三", "Wed"),
    }
}

fn clock_time(at_us: i64) -> String {
    let in_day_us = at_us.saturating_add(CHINA_US).rem_euclid(DAY_US);
    let (minutes, seconds) = (in_day_us / MINUTE_US, in_day_us % MINUTE_US / SECOND_US);
    match seconds {
        0 => format!("{:02}:{:02}", minutes / 60, minutes % 60),
        seconds => format!("{:02}:{:02}:{seconds:02}", minutes / 60, minutes % 60),
    }
}

/// `Mon 2026-03-02 10:30`.
pub(super) fn moment(at_us: i64) -> Text {
    let (date, (zh, en), time) = (local_date(at_us), weekday(at_us), clock_time(at_us));
    Text::new(
        format!("{}年{}月{}日（{zh}）{time}", date.year(), date.month(), date.day()),
        format!("{en} {date} {time}"),
    )
}

/// `Wed 2020-11-18 10:30 → Fri 2020-11-20 15:00`; on one day the second date is left out.
pub(super) fn span(from_us: i64, to_us: Option<i64>) -> Text {
    let from = moment(from_us);
    let Some(to_us) = to_us else {
        return Text::new(format!("{}至今", from.zh), format!("{} → now", from.en));
    };
    if local_date(from_us) == local_date(to_us) {
        let time = clock_time(to_us);
        return Text::new(format!("{}至{time}", from.zh), format!("{} → {time}", from.en));
    }
    let to = moment(to_us);
    Text::new(format!("{}至{}", from.zh, to.zh), format!("{} → {}", from.en, to.en))
}

/// A day, or days that follow each other.
pub(super) fn days(first_us: i64, last_us: i64) -> Text {
    let (first, last) = (local_date(first_us), local_date(last_us));
    let zh = |date: jiff::civil::Date| format!("{}月{}日", date.month(), date.day());
    match first == last {
        true => Text::new(zh(first), first.to_string()),
        false => Text::new(format!("{}至{}", zh(first), zh(last)), format!("{first} to {last}")),
    }
}

/// `a, b and c`.
pub(super) fn and(mut parts: Vec<Text>) -> Option<Text> {
    let last = parts.pop()?;
    if parts.is_empty() {
        return Some(last);
    }
    let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).chain([last.zh.as_str()]).collect();
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    Some(Text::new(zh.join("、"), format!("{} and {}", en.join(", "), last.en)))
}

/// Several remarks after each other.
fn join(parts: Vec<Text>) -> Text {
    let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    Text::new(zh.join("；"), en.join("; "))
}

/// Why a stretch counts or does not.
pub(super) fn why(reason: Reason, parties: &[String], pause: Option<PauseReason>) -> Text {
    let who = parties.join(", ");
    match (reason, pause) {
        (Reason::Intake, _) => Text::new(
            "已收件、尚未受理，承诺时限自受理时起算",
            "received and not yet accepted; the promise begins with acceptance",
        ),
        (Reason::Working, _) if who.is_empty() => Text::new("正在办理", "under way"),
        (Reason::Working, _) => {
            let zh = parties.join("、");
            Text::new(format!("由{zh}办理"), format!("with {who}"))
        }
        (Reason::Incident, _) => Text::new("系统故障待处理，由系统承担", "an incident that the system answers for"),
        (Reason::Telling, _) => Text::new(
            "已要求补正、尚未告知申请人",
            "a correction was asked for, and the applicant has still to be told",
        ),
        (Reason::Waiting, _) => Text::new("系统等待", "the system waits"),
        (Reason::Paused, Some(PauseReason::SpecialProcedure)) => Text::new(
            "特别程序（行政许可法第四十五条），不计入期限",
            "a special procedure (行政许可法 §45), which is outside the period",
        ),
        (Reason::Paused, Some(PauseReason::Appointment)) => {
            Text::new("申请人预约未到", "the applicant did not come to an appointment")
        }
        (Reason::Paused, Some(PauseReason::Litigation)) => {
            Text::new("同一事项正在诉讼或者仲裁", "a lawsuit or arbitration on the same matter")
        }
        (Reason::Paused, None) => Text::new("依法暂停", "paused as the law allows"),
        (Reason::Correction, _) => Text::new("等待申请人补正", "waiting for the applicant"),
        (Reason::Uncounted, _) => Text::new("只有不计时的环节在办理", "only steps that do not count are under way"),
        (Reason::Stopped, _) => Text::new("计时环节均已办结", "all counted steps have ended"),
    }
}

/// A stretch in one sentence.
pub(super) fn stretch(
    (from_us, to_us): (i64, Option<i64>),
    counts: bool,
    (wall_us, working_us): (i64, i64),
    why: &Text,
    left_out: &LeftOut,
) -> Text {
    let (span, wall) = (span(from_us, to_us), wall(wall_us));
    if !counts {
        return Text::new(
            format!("{}（{}）不计时：{}", span.zh, wall.zh, why.zh),
            format!("{} ({}) does not count: {}", span.en, wall.en, why.en),
        );
    }
    let working = length(working_us);
    let less = left_out.amounts();
    let (less_zh, less_en) = match &less {
        Some(less) => (format!("；扣除{}", less.zh), format!("; left out: {}", less.en)),
        None => (String::new(), String::new()),
    };
    Text::new(
        format!("{}计时{}：{}{less_zh}", span.zh, working.zh, why.zh),
        format!("{} counts {}: {}{less_en}", span.en, working.en, why.en),
    )
}

/// A clock in one sentence.
pub(super) fn headline(title: &Text, clock: &PromiseClock, stretches: &[Stretch], left_out: &LeftOut) -> Text {
    let used = length(clock.elapsed_us);
    let mut parts = vec![match clock.budget_us.map(length) {
        Some(budget) => {
            Text::new(format!("已用{}，承诺{}", used.zh, budget.zh), format!("{} of {}", used.en, budget.en))
        }
        None => Text::new(format!("已用{}，无承诺时限", used.zh), format!("{}, nothing was promised", used.en)),
    }];
    parts.extend(stretches.iter().filter_map(pause));
    parts.extend(standing(clock));
    parts.push(Text::new(
        format!("日历 {}，版本 {}", clock.calendar, clock.version),
        format!("calendar {}, version {}", clock.calendar, clock.version),
    ));
    parts
        .extend(left_out.names().map(|names| Text::new(format!("{}不计", names.zh), format!("{} left out", names.en))));
    let rest = join(parts);
    Text::new(format!("{}：{}", title.zh, rest.zh), format!("{}: {}", title.en, rest.en))
}

/// A pause inside the time of a clock.
fn pause(stretch: &Stretch) -> Option<Text> {
    if !matches!(stretch.reason, Reason::Paused | Reason::Correction) {
        return None;
    }
    let span = span(stretch.from_us, stretch.to_us);
    let (zh, en) = match stretch.ball {
        Ball::Applicant => ("等待申请人", "waiting for the applicant"),
        Ball::Agency | Ball::System | Ball::Nobody => ("依法不计时", "as the law allows"),
    };
    Some(Text::new(format!("{}暂停，{zh}", span.zh), format!("paused {}, {en}", span.en)))
}

/// How the clock stands.
fn standing(clock: &PromiseClock) -> Vec<Text> {
    let mut parts = Vec::new();
    match clock.state {
        ClockState::NotStarted => parts.push(Text::new("尚未起算", "not begun")),
        ClockState::Running => match clock.due_us.filter(|_| clock.breached_at_us.is_none()) {
            Some(due_us) => {
                let due = moment(due_us);
                let (zh, en) = match clock.provisional {
                    true => {
                        ("（暂定，当年放假安排尚未公布）", " (provisional: that year's holidays are not published)")
                    }
                    false => ("", ""),
                };
                parts.push(Text::new(
                    format!("计时中，应于{}前办结{zh}", due.zh),
                    format!("running, due {}{en}", due.en),
                ));
            }
            None => parts.push(Text::new("计时中", "running")),
        },
        ClockState::Paused => parts.push(Text::new("现在不计时", "standing still now")),
        ClockState::Stopped => {}
    }
    if let (Some(at_us), Some(over_us)) = (clock.breached_at_us, clock.remaining_us()) {
        let (at, over) = (moment(at_us), length(over_us.saturating_neg()));
        parts.push(Text::new(
            format!("自{}起超时，已超{}", at.zh, over.zh),
            format!("over since {}, by {}", at.en, over.en),
        ));
    }
    parts
}
