//! Servers that are killed, stopped, cut off and filled up in the middle of work, with their database, have lost nothing
//! that they acknowledged and have done nothing twice. `cargo xtask chaos` does the same for as long as one likes.

use std::time::Duration;

use kaiban_chaos::{Database, Plan, run};

/// Faults of each of the two runs on a database.
const FAULTS: usize = 10;

/// Their seeds: which faults come in which order, not when.
const ON_A_SMALL_DISK: u64 = 20_260_302;
const ON_THE_MACHINES_OWN: u64 = 20_260_303;

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    twice(Database::Sqlite, 1);
}

#[test]
fn nothing_acknowledged_is_lost_on_three_servers_with_postgres() {
    if std::env::var("KAIBAN_TEST_WITHOUT_POSTGRES").is_ok_and(|value| value == "1") {
        eprintln!("left out: PostgreSQL, by KAIBAN_TEST_WITHOUT_POSTGRES=1");
        return;
    }
    assert!(std::env::var_os("KAIBAN_TEST_POSTGRES_URL").is_some(), "no PostgreSQL to test with: run cargo xtask test");
    twice(Database::Postgres, 3);
}

/// On a disk that can be filled, then on the machine's own.
fn twice(database: Database, nodes: usize) {
    for (seed, small_disk) in [(ON_A_SMALL_DISK, true), (ON_THE_MACHINES_OWN, false)] {
        let program = env!("CARGO_BIN_EXE_kaiban").into();
        let plan = Plan {
            in_flight: 16,
            acknowledgements_max: 25,
            stop: Duration::from_millis(10_500),
            silence: Duration::from_secs(4),
            small_disk,
            ..Plan::new(program, database, nodes, FAULTS, seed)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let report = runtime.expect("tokio").block_on(run(&plan)).expect("servers and a population");
        println!("{report}");
        assert!(report.clean, "seed {seed}\n{report}");
    }
}
