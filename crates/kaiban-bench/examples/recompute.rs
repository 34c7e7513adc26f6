//! How long a publication of calendars takes over many open cases, and what it does to live calls meanwhile:
//! `cargo run --release -p kaiban-bench --example recompute -- [CASES] [SLOTS] [URL]`.
//!
//! One server in this process on a throw-away SQLite file, or on the empty PostgreSQL database of the URL. It is filled with open cases; then so many slots hand in and
//! take back one case after another, at first alone, then while a typhoon of this morning is published (every open case
//! reads otherwise), then while one of December is (none does).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use kaiban_app::{
    App, CalendarFile, EndCase, Principal, PublicationView, PublishCalendar, Role, Settings, SimulatedClock, Submit,
};
use kaiban_bench::packages;
use kaiban_store::{Options, Store};
use serde_json::{Value, json};

/// 2 March 2026, 09:00 +08:00.
const MORNING_US: i64 = 1_772_413_200_000_000;

/// How long the slots run alone.
const ALONE: Duration = Duration::from_secs(10);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| arguments.next().map_or(Ok(otherwise), |text| text.parse::<usize>());
    let (cases, slots) = (number(100_000)?, number(16)?);
    let url = arguments.next();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(cases, slots, url))
}

async fn measure(cases: usize, slots: usize, url: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
    let (workflows, files) = packages()?;
    let folder = tempfile::tempdir_in(std::env::var_os("KAIBAN_BENCH_DATA").unwrap_or_else(|| "/tmp".into()))?;
    let url = url.unwrap_or_else(|| format!("sqlite://{}/kaiban.db", folder.path().display()));
    let store = Store::open(&url, Options::default()).await?;
    let clock = Arc::new(SimulatedClock::new(MORNING_US));
    let app = App::start(store, workflows, &files, clock, Settings::default()).await?;

    let begun = Instant::now();
    let seeding = (0..256).map(|slot| {
        let app = app.clone();
        async move {
            for number in (slot..cases).step_by(256) {
                submit(&app, &format!("seed-{number}")).await?;
            }
            Ok::<(), String>(())
        }
    });
    join_all(seeding).await.into_iter().collect::<Result<Vec<()>, String>>()?;
    println!("{cases} open cases in {:.0} s", begun.elapsed().as_secs_f64());

    let hours = files.get("calendars/fuzhou-city.yaml").unwrap_or_default();
    let (march, december) = (closure("2026-03-02", "2026-03-02"), closure("2026-12-01", "2026-03-02"));
    let alone = live(&app, slots, "a", tokio::time::sleep(ALONE)).await?.0;
    println!("live calls alone: {}", alone.line());
    for (name, closures) in
        [("every case reads otherwise", march.clone()), ("no case does", format!("{march}{december}"))]
    {
        let text = hours.replace("closures: []", &format!("closures:\n{closures}"));
        let (meanwhile, (view, took)) = live(&app, slots, name, publish(&app, name, text)).await?;
        println!(
            "{name}: {} looked at, {} changed in {:.1} s; live calls meanwhile: {}; p99 × {:.2}",
            view.done,
            view.changed,
            took.as_secs_f64(),
            meanwhile.line(),
            meanwhile.at(0.99).as_secs_f64() / alone.at(0.99).as_secs_f64()
        );
        let again = live(&app, slots, &format!("{name} after"), tokio::time::sleep(ALONE)).await?.0;
        println!("live calls afterwards: {}", again.line());
    }
    app.stop().await;
    Ok(())
}

fn closure(day: &str, published: &str) -> String {
    format!(
        "  - {{ from: \"{day}T10:00:00+08:00\", to: \"{day}T12:00:00+08:00\", reason: {{ zh: 台风, en: Typhoon }}, published_at: {published} }}\n"
    )
}

async fn publish(app: &App, name: &str, text: String) -> (PublicationView, Duration) {
    let begun = Instant::now();
    let request = PublishCalendar {
        request_id: name.replace(' ', "-"),
        files: vec![CalendarFile { name: "fuzhou-city.yaml".into(), text }],
        source: "bench".into(),
    };
    let mut said = match app.publish_calendar(&caller(Role::Admin), request).await {
        Ok(said) => said,
        Err(refusal) => panic!("{} {:?}", refusal.reason, refusal.findings),
    };
    let mut last = None;
    while let Ok(Some(view)) = said.next().await {
        last = Some(view);
    }
    match last {
        Some(view) if view.finished_at_us.is_some() => (view, begun.elapsed()),
        _ => panic!("the publication did not end"),
    }
}

/// Latencies of calls.
struct Latencies(Vec<Duration>);

impl Latencies {
    fn at(&self, share: f64) -> Duration {
        let at = (self.0.len() as f64 * share) as usize;
        self.0.get(at.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    fn line(&self) -> String {
        let ms = |share: f64| self.at(share).as_secs_f64() * 1_000.0;
        format!("{} calls, p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", self.0.len(), ms(0.5), ms(0.99), ms(1.0))
    }
}

/// Slots hand in and take back cases until something is over.
async fn live<T>(
    app: &App,
    slots: usize,
    name: &str,
    until: impl Future<Output = T>,
) -> Result<(Latencies, T), Box<dyn std::error::Error>> {
    static RUN: AtomicU64 = AtomicU64::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed);
    let over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..slots)
        .map(|slot| {
            let (app, over) = (app.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                for turn in 0_u64.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let begun = Instant::now();
                    let case = submit(&app, &format!("live-{run}-{slot}-{turn}")).await?;
                    latencies.push(begun.elapsed());
                    let begun = Instant::now();
                    let (request_id, officer, reason) =
                        (format!("back-{run}-{slot}-{turn}"), String::new(), String::new());
                    let end = EndCase { request_id, case, officer, reason };
                    app.withdraw(&caller(Role::Terminal), end).await.map_err(|refusal| refusal.reason.to_owned())?;
                    latencies.push(begun.elapsed());
                }
                Ok::<_, String>(latencies)
            })
        })
        .collect();
    let done = until.await;
    over.store(true, Ordering::Relaxed);
    let mut all = Vec::new();
    for task in join_all(tasks).await {
        all.extend(task?.map_err(|reason| format!("{name}: {reason}"))?);
    }
    all.sort_unstable();
    Ok((Latencies(all), done))
}

async fn submit(app: &App, request_id: &str) -> Result<String, String> {
    let submit = Submit { request_id: request_id.to_owned(), workflow: "six-step".into(), form: form() };
    let submitted = app.submit(&caller(Role::Terminal), submit).await;
    submitted.map(|submitted| submitted.case.id).map_err(|refusal| format!("{} {:?}", refusal.reason, refusal.findings))
}

fn caller(role: Role) -> Principal {
    Principal {
        token: format!("bench-{}", role.name()),
        role,
        organisation: if role == Role::Admin { "bureau" } else { "b01" }.to_owned(),
        outlet: (role == Role::Terminal).then(|| "b01-001".to_owned()),
        offices: Vec::new(),
        person: None,
        divisions: Vec::new(),
        case: None,
    }
}

/// A limited company's form.
fn form() -> Value {
    const USCC: &str = "91350100MA2XN0014K";
    json!({
        "registrar": "350100",
        "kind": "limited-company",
        "name": "福州榕光数据科技有限公司",
        "business_scope": [
            "软件开发；信息系统集成服务；数据处理和存储支持服务",
            "信息技术咨询服务；网络与信息安全软件开发",
            "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广",
            "计算机软硬件及辅助设备零售；通讯设备销售；办公设备租赁服务",
            "互联网数据服务；大数据服务；人工智能公共数据平台技术服务",
            "企业管理咨询；会议及展览服务；广告设计、代理、制作与发布",
            "货物进出口；技术进出口"
        ],
        "capital_fen": 100_000_000,
        "domicile": { "division": "350100", "address": "福州市鼓楼区五四路100号榕光大厦3层301室", "use": "rented" },
        "legal_representative": { "name": "林晓舟", "citizen_id": "350102199003078313", "phone": "13800000001" },
        "investors": [
            { "kind": "person", "name": "林晓舟", "citizen_id": "350102199003078313", "amount_fen": 60_000_000 },
            { "kind": "organisation", "name": "福州闽江样例投资有限公司", "uscc": USCC, "amount_fen": 40_000_000 }
        ],
        "contact": { "name": "陈一帆", "phone": "13800000002", "email": "office@example.com" },
        "seals": { "count": 4 },
        "invoices": { "paper": false, "kinds": ["vat-ordinary", "vat-special"], "monthly": 25 },
        "social_insurance": { "employees": 3 },
        "housing_fund": { "ratio": 5, "bank": "榕荫银行" },
        "delivery": { "way": "mail", "address": "福州市鼓楼区五四路100号榕光大厦3层301室" }
    })
}
