//! What a process has used so far, as Linux tells it; elsewhere nothing is known.

use std::time::{Duration, Instant};

/// The counters at one instant.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub at: Instant,
    /// Transactions committed by the server.
    pub commits: i64,
    /// Processor time of the server process, user and system.
    pub cpu: Option<Duration>,
    /// Bytes that it caused to be written to the disk.
    pub bytes: Option<u64>,
    /// Bytes of it in memory.
    pub resident: Option<u64>,
}

/// Processor time of a process, user and system.
pub(crate) fn cpu(pid: u32) -> Option<Duration> {
    cpu_in(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, ticks_per_second())
}

/// Bytes that a process caused to be written to the disk.
pub(crate) fn bytes_written(pid: u32) -> Option<u64> {
    bytes_in(&std::fs::read_to_string(format!("/proc/{pid}/io")).ok()?)
}

/// Memory of a process that is in RAM, bytes.
pub(crate) fn resident_bytes(pid: u32) -> Option<u64> {
    resident_in(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// proc_pid_status(5), in KiB.
fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}

/// proc_pid_stat(5): utime and stime are fields 14 and 15, counted from the pid; the second field is the program's name
/// in parentheses and may hold anything.
fn cpu_in(stat: &str, ticks_per_second: u64) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_secs_f64((user + system) as f64 / ticks_per_second as f64))
}

/// proc_pid_io(5).
fn bytes_in(io: &str) -> Option<u64> {
    io.lines().find_map(|line| line.strip_prefix("write_bytes:"))?.trim().parse().ok()
}

#[cfg(unix)]
fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second().max(1)
}

/// Never asked: there is no /proc.
#[cfg(not(unix))]
fn ticks_per_second() -> u64 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_have_any_name() {
        let stat = "4711 (a) b (c) S 1 4711 4711 0 -1 4194304 2043 0 3 0 250 50 0 0 20 0 9 0 123 456 789";
        assert_eq!(cpu_in(stat, 100), Some(Duration::from_secs(3)));
        assert_eq!(cpu_in("4711 (a)", 100), None);
        assert_eq!(cpu_in("", 100), None);
    }

    #[test]
    fn memory_is_what_is_in_ram() {
        assert_eq!(resident_in("Name:\tkaiban\nVmSize:\t  200 kB\nVmRSS:\t   52 kB\n"), Some(53_248));
        assert_eq!(resident_in("VmRSS: many"), None);
    }

    #[test]
    fn bytes_are_those_that_reached_the_disk() {
        let io = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: 7\n";
        assert_eq!(bytes_in(io), Some(6));
        assert_eq!(bytes_in(""), None);
    }
}
