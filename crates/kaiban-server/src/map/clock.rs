//! The clocks of cases, steps and tasks.

use kaiban_api::{duration, timestamp, v1};
use kaiban_calendar::Budget;
use kaiban_engine::{ClockState, PromiseClock, StatutoryClock};

fn state(state: ClockState) -> v1::ClockState {
    match state {
        ClockState::NotStarted => v1::ClockState::NotStarted,
        ClockState::Running => v1::ClockState::Running,
        ClockState::Paused => v1::ClockState::Paused,
        ClockState::Stopped => v1::ClockState::Stopped,
    }
}

pub(crate) fn present(clock: PromiseClock) -> v1::PromiseClock {
    v1::PromiseClock {
        state: state(clock.state).into(),
        budget: clock.budget_us.map(duration),
        elapsed: Some(duration(clock.elapsed_us)),
        remaining: clock.remaining_us().map(duration),
        due: clock.due_us.map(timestamp),
        breached_at: clock.breached_at_us.map(timestamp),
        calendar: clock.calendar,
        provisional: clock.provisional,
        calendar_version: clock.version,
        warned: i32::from(clock.warned),
    }
}

pub(crate) fn statutory(clock: StatutoryClock) -> v1::StatutoryClock {
    v1::StatutoryClock {
        state: state(clock.state).into(),
        within: Some(period(clock.within)),
        extended_by: clock.extended_by.map(period),
        from: clock.from_us.map(timestamp),
        left: Some(period(clock.left)),
        due: clock.due_us.map(timestamp),
        breached_at: clock.breached_at_us.map(timestamp),
        law: clock.law,
        calendar: clock.calendar,
        provisional: clock.provisional,
    }
}

fn period(budget: Budget) -> v1::Period {
    use v1::period::Length;
    let length = match budget {
        Budget::WorkingDays(days) => Length::WorkingDays(i32::try_from(days).unwrap_or(i32::MAX)),
        Budget::WorkingTime { us } => Length::WorkingTime(duration(us)),
        Budget::Wall { us } => Length::WallTime(duration(us)),
    };
    v1::Period { length: Some(length) }
}
