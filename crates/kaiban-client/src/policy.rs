//! When the same is sent again, and after what pause.

use std::time::Duration;

/// How long to go on trying. The pause before attempt n is drawn evenly from 0 to `first` × 2ⁿ, at most `longest` (full
/// jitter: callers that were refused together do not come back together); where the server names a delay the draw is
/// added to that.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Attempts in all, the first one included; at least 1.
    pub attempts_max: u32,
    /// From the first attempt on, after which no further one is begun.
    pub total_max: Duration,
    /// The first pause is at most this long.
    pub first: Duration,
    /// And each pause at most this, the server's own delay not counted.
    pub longest: Duration,
}

impl Policy {
    /// Every failure is the caller's at once: for measurements, and for whoever has a policy of their own.
    pub fn once() -> Self {
        Self { attempts_max: 1, ..Self::default() }
    }

    /// The pause after so many attempts have failed. `share`, 0 to 1, is the draw; `wanted` what the server asked for.
    pub(crate) fn pause(&self, failed: u32, wanted: Option<Duration>, share: f64) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX));
        let drawn = doubled.min(self.longest).mul_f64(share.clamp(0.0, 1.0));
        drawn.saturating_add(wanted.unwrap_or_default())
    }
}

impl Default for Policy {
    /// Ten attempts within a minute, from 0.1 s to 10 s apart.
    fn default() -> Self {
        Self {
            attempts_max: 10,
            total_max: Duration::from_secs(60),
            first: Duration::from_millis(100),
            longest: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = Policy::default();
        let longest = |failed| policy.pause(failed, None, 1.0).as_millis();
        assert_eq!([1, 2, 3, 7, 8, 40].map(longest), [100, 200, 400, 6_400, 10_000, 10_000]);
        assert_eq!(policy.pause(5, None, 0.0), Duration::ZERO);
    }

    #[test]
    fn nobody_comes_back_before_the_server_asked_them_to() {
        let wanted = Some(Duration::from_secs(20));
        let policy = Policy::default();
        assert_eq!(policy.pause(1, wanted, 0.0), Duration::from_secs(20));
        assert_eq!(policy.pause(2, wanted, 0.5), Duration::from_millis(20_100));
    }
}
