//! One run: servers, population, faults one after the other, everybody goes home, and the reckoning.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use kaiban_app::{Clock, SystemClock};
use kaiban_population::{Draw, Lot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::book::Book;
use crate::check::standing;
use crate::crowd::Town;
use crate::deck::{Deck, Kind};
use crate::desk;
use crate::effects;
use crate::fault::Victims;
use crate::line::Line;
use crate::node::Node;
use crate::office::{Lease, Tasks};
use crate::people::People;
use crate::place::Place;
use crate::plan::{Database, Plan};
use crate::poller;
use crate::report::Report;
use crate::terminal::{Counter, Terminal};

/// Terminals' tokens; several terminals of one outlet share one.
const OUTLETS: usize = 6;

/// The party whose offices have both a programme on the stream and one that polls: they compete for its tasks.
const BOTH_DOORS: &str = "market-regulation";

/// Acknowledgements before the first fault.
const WARM_UP: u64 = 30;

/// Plays a plan. Violations are in the report, whose database and logs are then kept.
///
/// # Errors
/// The run could not be set up.
pub async fn run(plan: &Plan) -> Result<Report> {
    let begun = Instant::now();
    let place = Place::new(plan).await?;
    for left_out in &place.without {
        eprintln!("LEFT OUT: {left_out}");
    }
    let book = Arc::new(Book::new());
    let mut faults = BTreeMap::new();
    if let Err(error) = play(plan, &place, &book, &mut faults).await {
        book.violation(format!("{error:#}"));
    }
    let said = book.said();
    let mut report = Report {
        clean: said.violations.is_empty(),
        seed: plan.seed,
        database: match plan.database {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        },
        nodes: plan.nodes,
        faults,
        submitted: said.submitted.len() as u64,
        completed: said.completed.len() as u64,
        others: said.others,
        ended: said.ended,
        repeated: said.repeated,
        answers: said.answers.clone(),
        longest_pause_seconds: book.longest_pause().as_secs_f64(),
        elapsed_seconds: begun.elapsed().as_secs_f64(),
        violations: said.violations.clone(),
        without: place.without.clone(),
        kept: None,
    };
    if plan.keep || !report.clean {
        report.kept = Some(place.keep()?);
    }
    Ok(report)
}

async fn play(plan: &Plan, place: &Place, book: &Arc<Book>, faults: &mut BTreeMap<&'static str, u64>) -> Result<()> {
    let town = Arc::new(Town::new(plan.seed, SystemClock.operating_us())?);
    let people = People::register(&place.url, &town, OUTLETS).await?;
    let mut nodes = Vec::new();
    for number in 1..=plan.nodes {
        let mut node = Node::new(number, place.node(number), Arc::clone(book)).await?;
        node.start(&[]).await?;
        nodes.push(node);
    }
    let mut population = Population::set_to_work(plan, &nodes, &people, &town, book)?;
    let harmed = harm(plan, place, &mut nodes, book, faults).await;
    match harmed {
        Ok(()) => {
            population.goes_home(plan, &people, book).await;
            drop(population);
            reckon(place, &mut nodes, &people, book).await
        }
        Err(error) => Err(error),
    }
}

/// Everybody at work.
struct Population {
    counter: Arc<Counter>,
    endpoints: Arc<[String]>,
    terminals: JoinSet<Result<()>>,
    offices: JoinSet<Result<()>>,
}

impl Population {
    fn set_to_work(plan: &Plan, nodes: &[Node], people: &People, town: &Arc<Town>, book: &Arc<Book>) -> Result<Self> {
        let endpoints: Arc<[String]> = nodes.iter().map(|node| node.proxy.endpoint.clone()).collect();
        let run = format!("{:x}", SystemClock.operating_us());
        let mut first = 0;
        let mut line = |name: &str, token: &str| {
            first += 1;
            Line::new(name, Arc::clone(&endpoints), token.to_owned(), first, Arc::clone(book))
        };
        let counter = Arc::new(Counter {
            town: Arc::clone(town),
            run: run.clone(),
            next: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        });
        let (mut terminals, mut offices) = (JoinSet::new(), JoinSet::new());
        for (at, (office, token)) in people.offices.iter().enumerate() {
            let polls = at % 2 == 1;
            let both = office.party == BOTH_DOORS;
            if !polls || both {
                let lease = if at % 4 == 0 { Lease::Long } else { Lease::Short };
                let tasks = Tasks::new(town, office, lease, Arc::clone(book))?;
                offices.spawn(desk::work(line(&format!("{}-stream", office.id), token), office.id.clone(), tasks));
            }
            if polls || both {
                let tasks = Tasks::new(town, office, Lease::Short, Arc::clone(book))?;
                let line = line(&format!("{}-calls", office.id), token);
                offices.spawn(poller::work(line, run.clone(), office.id.clone(), tasks));
            }
        }
        for slot in 0..plan.in_flight {
            let number = slot % people.terminals.len();
            let line = line(&format!("terminal-{slot}"), &people.terminals[number]);
            terminals.spawn(Terminal { number, line, counter: Arc::clone(&counter) }.work());
        }
        Ok(Self { counter, endpoints, terminals, offices })
    }

    /// Nobody hands anything in any more; whoever has a case waits for its end, and offices for their answers.
    async fn goes_home(&mut self, plan: &Plan, people: &People, book: &Arc<Book>) {
        self.counter.closed.store(true, Ordering::Relaxed);
        let all = async {
            while let Some(gone) = self.terminals.join_next().await {
                report_end(book, "a terminal", gone);
            }
            book.all_answered().await;
        };
        if timeout(plan.drain_max, all).await.is_ok() {
            return;
        }
        let seconds = plan.drain_max.as_secs();
        book.violation(format!("{seconds} s after the last fault there are still cases open or tasks unanswered"));
        let door = people.door(Arc::clone(&self.endpoints), book);
        match timeout(Duration::from_secs(60), door.cases()).await {
            Ok(Ok(cases)) => {
                for case in cases.iter().filter(|case| case.closed_at.is_none()) {
                    book.violation(format!("{} has not ended: {}", case.id, standing(case)));
                }
            }
            _ => book.violation("and they cannot be listed".to_owned()),
        }
        while let Some(gone) = self.offices.try_join_next() {
            report_end(book, "an office", gone);
        }
    }
}

fn report_end(book: &Book, who: &str, gone: Result<Result<()>, tokio::task::JoinError>) {
    match gone {
        Ok(Ok(())) => {}
        Ok(Err(error)) => book.violation(format!("{who} cannot go on: {error:#}")),
        Err(error) => book.violation(format!("{who} cannot go on: {error}")),
    }
}

/// Fault after fault, each some acknowledgements after the one before.
async fn harm(
    plan: &Plan,
    place: &Place,
    nodes: &mut [Node],
    book: &Arc<Book>,
    faults: &mut BTreeMap<&'static str, u64>,
) -> Result<()> {
    let mut deck = Deck::new(plan, place.disk.is_some());
    served_again(plan, nodes, book, WARM_UP, "the start").await?;
    for number in 1..=plan.faults {
        let kind: Kind = deck.draw();
        let begun = Instant::now();
        let mut victims = Victims { plan, place, nodes, book };
        let what = victims.suffer(number, kind).await?;
        *faults.entry(kind.name()).or_insert(0) += 1;
        let lasted = begun.elapsed().as_secs_f32();
        let what = format!("{} {what}", kind.name());
        let mut lot: Lot = Draw::new(plan.seed).keyed("pause", number as u64, "", 0);
        let more = 1 + lot.below(plan.acknowledgements_max.max(1));
        served_again(plan, nodes, book, more, &what).await?;
        let all = begun.elapsed().as_secs_f32();
        eprintln!("{number:>5}/{}  {what}; {lasted:.1} s, {more} more after {all:.1} s", plan.faults);
    }
    Ok(())
}

/// Waits until so many more calls are acknowledged: at least one every so often.
async fn served_again(plan: &Plan, nodes: &mut [Node], book: &Book, more: u64, after: &str) -> Result<()> {
    let until = book.count() + more;
    while book.count() < until {
        let now = book.count();
        if timeout(plan.recovery_max, book.reaches(now + 1)).await.is_err() {
            let seconds = plan.recovery_max.as_secs();
            anyhow::bail!("nobody was served for {seconds} s after {after}");
        }
    }
    for node in nodes {
        if let Some(how) = node.ended_by_itself() {
            book.violation(format!("server {} ended by itself after {after}: {how}", node.number));
            node.kill().await?;
            node.start(&[]).await?;
        }
    }
    Ok(())
}

/// Everybody has gone home: what followed is carried out, the servers end in order, and what is there is compared with what was said.
async fn reckon(place: &Place, nodes: &mut [Node], people: &People, book: &Arc<Book>) -> Result<()> {
    let cases: Vec<String> = book.said().submitted.iter().map(|one| one.case().to_owned()).collect();
    effects::settle(&place.url, &cases, book).await?;
    for node in nodes.iter_mut() {
        node.end().await?;
    }
    let (clean, verified) = tokio::task::block_in_place(|| place.verify())?;
    if !clean {
        book.violation(format!("verify is not content: {verified}"));
    }
    let node = &mut nodes[0];
    node.start(&[]).await?;
    let endpoints: Arc<[String]> = node.endpoint().into_iter().collect();
    let said = std::mem::take(&mut *book.said());
    let checked = people.door(endpoints, book).check(&said).await;
    book.restore(said);
    checked?;
    node.end().await
}
