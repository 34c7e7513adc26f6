//! Which harm comes next: every kind once before any comes again, in an order that follows from the seed.

use kaiban_population::{Draw, Lot};

use crate::plan::{Database, Plan};

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A server is killed (SIGKILL) and started again.
    Kill,
    /// The same, and it is killed once more while it starts.
    KillStarting,
    /// A server stands still (SIGSTOP) for longer than its leases, then goes on as if nothing had been.
    Stop,
    /// A server is asked to end (SIGTERM) and started again.
    Roll,
    /// PostgreSQL's postmaster is killed; what it leaves is recovered.
    KillDatabase,
    /// One session of PostgreSQL is killed: the server ends all others and recovers.
    KillSession,
    /// Some sessions of PostgreSQL are ended, as `pg_terminate_backend` does.
    EndSessions,
    /// All connections of a server's clients are cut.
    Cut,
    /// What clients and a server say to each other takes long.
    Slow,
    /// A server's line falls silent; what was said arrives later, or never.
    Silence,
    /// The database may grow no more (`--max-database-bytes`).
    FullDatabase,
    /// No file may grow any more (RLIMIT_FSIZE).
    FullFiles,
    /// The disk is full.
    FullDisk,
}

use Kind::{
    Cut, EndSessions, FullDatabase, FullDisk, FullFiles, Kill, KillDatabase, KillSession, KillStarting, Roll, Silence,
    Slow, Stop,
};

impl Kind {
    const ALL: [Kind; 13] = [
        Kill,
        KillStarting,
        Stop,
        Roll,
        KillDatabase,
        KillSession,
        EndSessions,
        Cut,
        Slow,
        Silence,
        FullDatabase,
        FullFiles,
        FullDisk,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kill => "kill",
            KillStarting => "kill-starting",
            Stop => "stop",
            Roll => "roll",
            KillDatabase => "kill-database",
            KillSession => "kill-session",
            EndSessions => "end-sessions",
            Cut => "cut",
            Slow => "slow",
            Silence => "silence",
            FullDatabase => "full-database",
            FullFiles => "full-files",
            FullDisk => "full-disk",
        }
    }

    fn is_possible(self, plan: &Plan, small_disk: bool) -> bool {
        match self {
            Kill | KillStarting | Stop | Roll | Cut | Slow | Silence | FullFiles => true,
            KillDatabase | KillSession | EndSessions => plan.database == Database::Postgres,
            FullDatabase => plan.database == Database::Sqlite,
            FullDisk => small_disk,
        }
    }
}

/// All kinds that are possible, shuffled again whenever they have all been.
pub(crate) struct Deck {
    kinds: Vec<Kind>,
    left: Vec<Kind>,
    lot: Lot,
}

impl Deck {
    /// `small_disk`: there is a disk that can be filled.
    pub fn new(plan: &Plan, small_disk: bool) -> Self {
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_possible(plan, small_disk)).collect();
        Self { kinds, left: Vec::new(), lot: Draw::new(plan.seed).keyed("faults", 0, "", 0) }
    }

    /// The next one, and the lot that decides everything about it.
    pub fn draw(&mut self) -> Kind {
        if self.left.is_empty() {
            self.left.clone_from(&self.kinds);
        }
        let at = self.lot.index(self.left.len());
        self.left.swap_remove(at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_one_order_in_which_every_kind_comes_once_at_first() {
        let plan = |seed| Plan::new("kaiban".into(), Database::Postgres, 3, 20, seed);
        let order = |seed| {
            let mut deck = Deck::new(&plan(seed), true);
            (0..12).map(|_| deck.draw()).collect::<Vec<Kind>>()
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let kinds: BTreeSet<Kind> = order(7).into_iter().collect();
        assert_eq!(kinds.len(), 12, "{kinds:?}");
        assert!(!kinds.contains(&FullDatabase), "only a file has a greatest size");
    }
}
