//! Promise clocks.

use kaiban_api::{duration, timestamp, v1};
use kaiban_engine::{ClockState, PromiseClock};

pub(crate) fn present(clock: PromiseClock) -> v1::PromiseClock {
    let state = match clock.state {
        ClockState::NotStarted => v1::ClockState::NotStarted,
        ClockState::Running => v1::ClockState::Running,
        ClockState::Paused => v1::ClockState::Paused,
        ClockState::Stopped => v1::ClockState::Stopped,
    };
    v1::PromiseClock {
        state: state.into(),
        budget: clock.budget_us.map(duration),
        elapsed: Some(duration(clock.elapsed_us)),
        remaining: clock.remaining_us().map(duration),
        due: clock.due_us.map(timestamp),
        breached_at: clock.breached_at_us.map(timestamp),
        calendar: clock.calendar,
        provisional: clock.provisional,
    }
}
