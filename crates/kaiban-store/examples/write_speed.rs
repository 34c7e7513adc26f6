//! How many six-step cases a second the store alone can write: the rows of the benchmark's case without engine,
//! API and network, so that a slower `kaiban bench` can be told from a slower store.
//!
//! `cargo run --release -p kaiban-store --example write_speed -- <database URL> [seconds] [N …]`
//!
//! Each transaction loads and saves one transition of each of N cases that are under way.

use std::time::{Duration, Instant};

use kaiban_store::{
    BlobRow, CaseOfficeRow, CaseRow, CaseState, Changes, EntryRow, Options, RequestRow, Store, StoreError, TaskRow,
    TaskState, Wanted,
};

const STEPS: [&str; 6] = ["registration", "seal", "invoice", "social_insurance", "housing_fund", "delivery"];
const START_US: i64 = 1_772_413_200_000_000;

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let mut arguments = std::env::args().skip(1);
    let Some(url) = arguments.next() else {
        eprintln!("usage: write_speed <sqlite:///file.db | postgres://…> [seconds] [transitions a transaction …]");
        std::process::exit(2);
    };
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let store = Store::open(&url, Options::default()).await?;
    let mut first_case = store.counts().await?.cases;
    let mut sizes: Vec<u64> = arguments.filter_map(|text| text.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1, 16, 64, 256, 1024];
    }
    println!("    N  cases/s    ms/tx  µs a transition (load / save)  client CPU ms/case");
    for in_flight in sizes {
        let (cases, figures) = measure(&store, in_flight, first_case, Duration::from_secs(seconds)).await?;
        first_case += cases;
        println!("{in_flight:>5}  {figures}");
    }
    println!("{} bytes", store.size_bytes().await?);
    store.close().await
}

async fn measure(store: &Store, in_flight: u64, first: u64, span: Duration) -> Result<(u64, String), StoreError> {
    // Case n is `n % 7` transitions ahead, so that each transaction has some of every kind.
    let mut under_way: Vec<(u64, usize)> = (0..in_flight).map(|n| (first + n, 0)).collect();
    let mut next = first + in_flight;
    let (mut transactions, mut finished) = (0_u64, 0_u64);
    let (mut loading, mut saving) = (Duration::ZERO, Duration::ZERO);
    let cpu = cpu_ms();
    let start = Instant::now();
    while start.elapsed() < span {
        let mut wanted = Wanted { operating_us: START_US, ..Wanted::default() };
        let mut changes = Changes::default();
        for (at, (case, done)) in under_way.iter_mut().enumerate() {
            if transactions < at as u64 % 7 {
                continue;
            }
            transition(*case, *done, &mut wanted, &mut changes);
            *done += 1;
            if *done == 7 {
                (*case, *done) = (next, 0);
                next += 1;
                finished += 1;
            }
        }
        let begun = Instant::now();
        let mut batch = store.begin().await?;
        batch.load(&wanted).await?;
        let loaded = Instant::now();
        batch.save(&changes).await?;
        loading += loaded - begun;
        saving += loaded.elapsed();
        transactions += 1;
    }
    let elapsed = start.elapsed().as_secs_f64();
    let transitions = (transactions * in_flight) as f64;
    let figures = format!(
        "{:>7.0} {:>8.2} {:>12.1} / {:<8.1} {:>16.2}",
        finished as f64 / elapsed,
        elapsed * 1e3 / transactions as f64,
        loading.as_secs_f64() * 1e6 / transitions,
        saving.as_secs_f64() * 1e6 / transitions,
        (cpu_ms() - cpu) / finished.max(1) as f64,
    );
    Ok((next - first, figures))
}

/// Processor time of this process so far, on Linux; with SQLite that is all there is.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    // utime and stime, in hundredths of a second.
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

/// Transition 0 submits, 1 completes the registration, 2 to 5 its followers, 6 the delivery.
fn transition(case: u64, number: usize, wanted: &mut Wanted, changes: &mut Changes) {
    let id = format!("01jn{case:022x}");
    let at_us = START_US + case as i64;
    let key = format!("350102-tax/complete/{id}-{number}");
    wanted.requests.push(key.clone());
    changes.requests.push(RequestRow {
        key,
        content: digest(case, number, 1),
        case_id: Some(id.clone()),
        reply: format!(r#"{{"seq":{},"created":true}}"#, number + 1),
        at_us,
    });
    let row = case_row(&id, number, at_us);
    if number == 0 {
        changes.cases_new.push(row);
    } else {
        wanted.cases.push(id.clone());
        changes.cases_changed.push(row);
        changes.tasks_gone.push(format!("{id}-{}", STEPS[number - 1]));
    }
    changes.entries.push(EntryRow {
        case_id: id.clone(),
        seq: number as i64 + 1,
        at_us,
        bytes: filler(600, case),
        hash: digest(case, number, 2),
    });
    changes.blobs.push(BlobRow {
        digest: digest(case, number, 3),
        case_id: id.clone(),
        kind: "form".into(),
        salt: digest(case, number, 4)[..32].into(),
        bytes: filler(if number == 0 { 1_500 } else { 300 }, case),
        created_at_us: at_us,
    });
    let opened = match number {
        0 => &STEPS[..1],
        1 => &STEPS[1..5],
        5 => &STEPS[5..],
        _ => &[],
    };
    for step in opened {
        changes.case_offices.push(CaseOfficeRow { case_id: id.clone(), office: format!("350102-{step}") });
        changes.tasks.push(TaskRow {
            id: format!("{id}-{step}"),
            case_id: id.clone(),
            step: (*step).into(),
            office: format!("350102-{step}"),
            division: "350102".into(),
            state: TaskState::Leased,
            due_at_us: at_us + 18_000_000_000,
            offered_at_us: at_us,
            epoch: 1,
            holder: Some("worker-7".into()),
            lease_until_us: Some(at_us + 600_000_000),
        });
    }
}

fn case_row(id: &str, number: usize, at_us: i64) -> CaseRow {
    CaseRow {
        id: id.into(),
        workflow: "six-step".into(),
        version: "1".into(),
        digest: "b".repeat(64),
        division: "350102".into(),
        organisation: format!("bank-{:02}", at_us % 12),
        outlet: Some(format!("bank-outlet-{:03}", at_us % 239)),
        subject: "c".repeat(32),
        state: if number == 6 { CaseState::Closed } else { CaseState::Open },
        outcome: (number == 6).then(|| "opened".into()),
        seq: number as i64 + 1,
        head: "d".repeat(64),
        received_at_us: at_us,
        accepted_at_us: Some(at_us),
        promise_due_us: Some(at_us + 18_000_000_000),
        closed_at_us: (number == 6).then_some(at_us),
        snapshot: filler(1_200, at_us as u64),
        waiting: false,
        troubled: false,
        parent: None,
        visited: None,
    }
}

/// JSON of about this length.
fn filler(bytes: usize, seed: u64) -> String {
    let mut text = format!(r#"{{"seed":{seed}"#);
    while text.len() < bytes {
        text.push_str(r#","name":"福州示例科技有限公司","value":123456"#);
    }
    text.push('}');
    text
}

/// 64 hexadecimal digits that are spread like a hash's.
fn digest(case: u64, number: usize, kind: u64) -> String {
    let mut z = case.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((number as u64) << 8 | kind);
    (0..4)
        .map(|_| {
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            format!("{z:016x}")
        })
        .collect()
}
