//! What a working clock leaves out of a stretch of time: breaks, nights, days off, closures.

use kaiban_calendar::{Calendar, CalendarError, Horizon, instant_at, local_date};
use kaiban_findings::Text;

use super::words;

/// Days looked at one by one in one stretch; what lies behind them is not told apart.
const DAYS_MAX: usize = 1_000;

/// Time that was left out, µs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    break_us: i64,
    night_us: i64,
    off_us: i64,
    /// First and last of the days off that follow each other, UTC µs of their beginnings.
    off_days: Vec<(i64, i64)>,
    closed_us: i64,
    /// Why offices were closed that would have been open.
    closed: Vec<Text>,
}

impl LeftOut {
    /// Adds what the calendar leaves out between two instants.
    pub fn look(&mut self, calendar: &Calendar, from_us: i64, to_us: i64) -> Result<(), CalendarError> {
        let mut date = local_date(from_us);
        for _ in 0..DAYS_MAX {
            let Ok(tomorrow) = date.tomorrow() else { break };
            let (day_us, next_us) = (instant_at(date, Default::default()), instant_at(tomorrow, Default::default()));
            if day_us >= to_us {
                break;
            }
            let day = calendar.day(date, Horizon::Provisional)?;
            let cut = |begin_us: i64, end_us: i64| (begin_us.max(from_us), end_us.min(to_us));
            let sessions: Vec<(i64, i64)> =
                day.sessions.iter().map(|(open, close)| (instant_at(date, *open), instant_at(date, *close))).collect();
            let mut at_us = day_us;
            for (index, (open_us, close_us)) in sessions.iter().enumerate() {
                self.gap(calendar, cut(at_us, *open_us), index > 0);
                at_us = *close_us;
            }
            match sessions.is_empty() {
                true => self.day_off(calendar, day_us, cut(day_us, next_us)),
                false => self.gap(calendar, cut(at_us, next_us), false),
            }
            date = tomorrow;
        }
        Ok(())
    }

    fn gap(&mut self, calendar: &Calendar, (from_us, to_us): (i64, i64), between: bool) {
        if to_us <= from_us {
            return;
        }
        let closed_us = self.closure(calendar, from_us, to_us);
        let rest_us = to_us - from_us - closed_us;
        if between { self.break_us += rest_us } else { self.night_us += rest_us }
    }

    fn day_off(&mut self, calendar: &Calendar, day_us: i64, (from_us, to_us): (i64, i64)) {
        if to_us <= from_us {
            return;
        }
        let closed_us = self.closure(calendar, from_us, to_us);
        if closed_us == to_us - from_us {
            return;
        }
        self.off_us += to_us - from_us - closed_us;
        match self.off_days.last_mut().filter(|(_, last_us)| *last_us + words::DAY_US >= day_us) {
            Some((_, last_us)) => *last_us = (*last_us).max(day_us),
            None => self.off_days.push((day_us, day_us)),
        }
    }

    /// The part of a gap in which an exceptional closure held.
    fn closure(&mut self, calendar: &Calendar, from_us: i64, to_us: i64) -> i64 {
        let mut closed_us = 0;
        for closure in calendar.closures() {
            let part_us = closure.to_us.min(to_us) - closure.from_us.max(from_us);
            if part_us > 0 {
                closed_us += part_us;
                if !self.closed.contains(&closure.reason) {
                    self.closed.push(closure.reason.clone());
                }
            }
        }
        let closed_us = closed_us.min(to_us - from_us);
        self.closed_us += closed_us;
        closed_us
    }

    /// Takes in what another stretch left out.
    pub fn add(&mut self, other: &Self) {
        self.break_us += other.break_us;
        self.night_us += other.night_us;
        self.off_us += other.off_us;
        self.closed_us += other.closed_us;
        for days in &other.off_days {
            match self.off_days.last_mut().filter(|(_, last_us)| *last_us + words::DAY_US >= days.0) {
                Some((_, last_us)) => *last_us = (*last_us).max(days.1),
                None => self.off_days.push(*days),
            }
        }
        for reason in &other.closed {
            if !self.closed.contains(reason) {
                self.closed.push(reason.clone());
            }
        }
    }

    /// Names only: `lunch and nights`; none where nothing was left out.
    pub fn names(&self) -> Option<Text> {
        let closed =
            |reason: &Text| Text::new(format!("临时停办（{}）", reason.zh), format!("closures ({})", reason.en));
        let named = [
            (self.break_us > 0).then(|| Text::new("午休", "lunch")),
            (self.night_us > 0).then(|| Text::new("夜间", "nights")),
            (self.off_us > 0).then(|| Text::new("休息日", "days off")),
        ];
        words::and(named.into_iter().flatten().chain(self.closed.iter().map(closed)).collect())
    }

    /// With how much each was.
    pub fn amounts(&self) -> Option<Text> {
        let amount = |zh: &str, en: &str, us: i64| {
            let length = words::length(us);
            (us > 0).then(|| Text::new(format!("{zh}{}", length.zh), format!("{en} {}", length.en)))
        };
        let off = (self.off_us > 0).then(|| {
            let days: Vec<Text> =
                self.off_days.iter().map(|(first_us, last_us)| words::days(*first_us, *last_us)).collect();
            let zh = days.iter().map(|days| days.zh.as_str()).collect::<Vec<_>>().join("、");
            let en = days.iter().map(|days| days.en.as_str()).collect::<Vec<_>>().join(", ");
            Text::new(format!("休息日{zh}"), format!("days off {en}"))
        });
        let reasons = words::and(self.closed.clone());
        let closed = reasons.zip(amount("临时停办", "closed", self.closed_us));
        let closed =
            closed.map(|(why, how)| Text::new(format!("{}（{}）", how.zh, why.zh), format!("{} ({})", how.en, why.en)));
        let parts = [amount("午休", "lunch", self.break_us), amount("夜间", "nights", self.night_us), off, closed];
        words::and(parts.into_iter().flatten().collect())
    }
}
