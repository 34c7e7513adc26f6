//! Moves business time: everybody acts at an instant, everybody says that nothing is left, and time jumps.
//!
//! Everything drawn is keyed by (seed, case, step), and what happens at one instant is taken in an order that does not
//! depend on who was faster. So a seed gives the same working times on any machine.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::Channel;
use kaiban_api::v1::{Case, CaseOrder, CaseState, CaseView, ListCasesRequest, WatchCasesRequest};
use kaiban_definition::Directory;
use kaiban_population::{Application, Crowd, Habits};

use crate::desk::{Desk, Ended};
use crate::failure::DemoError;
use crate::report::{Report, Verified};
use crate::terminals::{Terminals, form};
use crate::town::Town;

/// Calls under way at a time at one instant.
const AT_ONCE: usize = 64;

/// What to play.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Applications.
    pub cases: usize,
    /// Decides every draw.
    pub seed: u64,
    /// Business time of the beginning, µs.
    pub start_us: i64,
    /// Business seconds in one real second; none = as fast as it goes.
    pub speed: Option<f64>,
    /// Rates of everybody's behaviour.
    pub habits: Habits,
}

/// Where a demo stands, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Business time, µs.
    pub now_us: i64,
    /// Cases submitted.
    pub submitted: usize,
    /// Cases ended.
    pub closed: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Arrive,
    Answer { correction: String },
    Withdraw,
}

struct Conductor<'a> {
    town: &'a Town,
    directory: &'a Directory,
    crowd: Crowd,
    applications: Vec<Application>,
    terminals: Terminals,
    desks: BTreeMap<String, Desk>,
    agenda: BinaryHeap<Reverse<(i64, usize, Act)>>,
    /// Application by case number.
    cases: HashMap<String, usize>,
    /// Case number and division by application.
    numbers: Vec<Option<(String, String)>>,
}

/// Plays the plan to its end; `progress` is told at every instant.
///
/// # Errors
/// See [`DemoError`].
pub async fn play(town: &Town, plan: &Plan, progress: impl Fn(Progress)) -> Result<Report, DemoError> {
    let began = Instant::now();
    let library = town.app().library();
    let directory = &library.directory;
    let crowd =
        Crowd::new(plan.seed, plan.cases, plan.start_us, directory, &library.calendars, plan.habits.clone());
    let applications = crowd.applications();
    let mut conductor = Conductor {
        town,
        directory,
        terminals: terminals(town, directory).await?,
        desks: desks(town, &crowd, directory).await?,
        agenda: BinaryHeap::new(),
        cases: HashMap::with_capacity(plan.cases),
        numbers: vec![None; applications.len()],
        crowd,
        applications,
    };
    for application in &conductor.applications {
        conductor.agenda.push(Reverse((application.at_us, application.index, Act::Arrive)));
    }
    conductor.run(plan, &progress).await?;
    let cases = conductor.all_cases().await?;
    let open = conductor.numbers.iter().flatten().filter(|(number, _)| {
        !cases.iter().any(|case| case.id == *number && case.state() == CaseState::Closed)
    });
    let open = open.count();
    if open > 0 || cases.len() != plan.cases {
        return Err(DemoError::Stuck { open: open.max(plan.cases.abs_diff(cases.len())) });
    }
    let verified = town.verify().await?;
    let verified = Verified { clean: verified.clean, events: verified.events };
    Ok(Report::of(&cases, verified, began.elapsed().as_secs_f64()))
}

async fn terminals(town: &Town, directory: &Directory) -> Result<Terminals, DemoError> {
    let connect = directory.outlets().map(|outlet| async move {
        Ok::<_, DemoError>((outlet.id.clone(), town.terminal(&outlet.bank, &outlet.id).await?))
    });
    let lines: Vec<_> = stream::iter(connect).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(Terminals::new(lines.into_iter().collect()))
}

async fn desks(town: &Town, crowd: &Crowd, directory: &Directory) -> Result<BTreeMap<String, Desk>, DemoError> {
    let connect = directory.offices().map(|office| async move {
        let line = town.office(&office.party, &office.id).await?;
        let work = crowd.back_office(office);
        let desk = match office.party.as_str() {
            "seal-carver" => Desk::on_calls(&office.id, work, line),
            _ => Desk::on_stream(&office.id, work, line).await?,
        };
        Ok::<_, DemoError>((office.id.clone(), desk))
    });
    stream::iter(connect).buffer_unordered(AT_ONCE).try_collect().await
}

impl Conductor<'_> {
    async fn run(&mut self, plan: &Plan, progress: &impl Fn(Progress)) -> Result<(), DemoError> {
        let closed = Arc::new(AtomicUsize::new(0));
        let counting = tokio::spawn(count_closed(self.town.admin(), Arc::clone(&closed)));
        let mut submitted = 0;
        let mut pace = plan.speed.map(|speed| Pace { speed, began: Instant::now(), start_us: plan.start_us });
        while let Some(now_us) = self.next_us().await? {
            if let Some(pace) = &mut pace {
                pace.wait(now_us).await;
            }
            self.town.clock().advance_to(now_us);
            let timers = self.timer_us().await?.is_some_and(|due_us| due_us <= now_us);
            if timers {
                self.town.app().fire_business_timers().await;
            }
            let mut divisions = BTreeSet::new();
            submitted += self.applicants_act(now_us, &mut divisions).await?;
            self.desks_act(now_us, &mut divisions).await?;
            self.sync(if timers { None } else { Some(&divisions) }).await?;
            progress(Progress { now_us, submitted, closed: closed.load(Ordering::Relaxed) });
        }
        counting.abort();
        Ok(())
    }

    async fn timer_us(&self) -> Result<Option<i64>, DemoError> {
        let next = self.town.app().next_business_timer_us().await;
        next.map_err(|refusal| DemoError::Start(refusal.message.en))
    }

    /// The next instant at which anybody has something to do.
    async fn next_us(&self) -> Result<Option<i64>, DemoError> {
        let agenda = self.agenda.peek().map(|Reverse((at_us, ..))| *at_us);
        let desks = self.desks.values().filter_map(Desk::next_due_us).min();
        let timer = self.timer_us().await?;
        Ok([agenda, desks, timer].into_iter().flatten().min().map(|at_us| at_us.max(self.town.clock().now_us())))
    }

    /// Arrivals, answers and withdrawals of this instant; gives how many cases were submitted.
    async fn applicants_act(&mut self, now_us: i64, divisions: &mut BTreeSet<String>) -> Result<usize, DemoError> {
        let mut acts = Vec::new();
        while self.agenda.peek().is_some_and(|Reverse((at_us, ..))| *at_us <= now_us) {
            let Some(Reverse((_, index, act))) = self.agenda.pop() else { break };
            acts.push((index, act));
        }
        let calls = acts.into_iter().map(|(index, act)| {
            let (terminals, crowd) = (&self.terminals, &self.crowd);
            let application = &self.applications[index];
            let number = self.numbers[index].clone();
            async move {
                match (act, number) {
                    (Act::Arrive, _) => {
                        let case = terminals.submit(application, "business-start").await?;
                        return Ok::<_, DemoError>((index, Some(case)));
                    }
                    (Act::Answer { correction }, Some((number, _))) => {
                        let case = terminals.look(application, &number).await?;
                        let open = case.corrections.iter().find(|open| open.id == correction);
                        let pointers: Vec<String> =
                            open.iter().flat_map(|open| &open.findings).map(|finding| finding.pointer.clone()).collect();
                        let answer = crowd.answer(index, &correction, &form(&case), &pointers);
                        terminals.resubmit(application, &number, &correction, &answer).await?;
                    }
                    (Act::Withdraw, Some((number, _))) => {
                        terminals.withdraw(application, &number).await?;
                    }
                    (Act::Answer { .. } | Act::Withdraw, None) => {}
                }
                Ok((index, None))
            }
        });
        let calls: Vec<_> = calls.collect();
        let done: Vec<(usize, Option<Case>)> =
            stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await?;
        let mut submitted = 0;
        for (index, case) in done {
            if let Some(case) = case {
                submitted += 1;
                self.cases.insert(case.id.clone(), index);
                self.numbers[index] = Some((case.id, case.division));
                if let Some(at_us) = self.crowd.withdraws_at_us(index) {
                    self.agenda.push(Reverse((at_us, index, Act::Withdraw)));
                }
            }
            divisions.extend(self.numbers[index].iter().map(|(_, division)| division.clone()));
        }
        Ok(submitted)
    }

    /// Decisions of this instant; where one asks for a correction, the terminal looks and the applicant will answer.
    async fn desks_act(&mut self, now_us: i64, divisions: &mut BTreeSet<String>) -> Result<(), DemoError> {
        let cases = &self.cases;
        let due = self.desks.values_mut().filter(|desk| desk.next_due_us().is_some_and(|due_us| due_us <= now_us));
        let ended: Vec<Vec<Ended>> = try_join_all(due.map(|desk| desk.act(now_us, cases))).await?;
        let mut asked = Vec::new();
        for ended in ended.into_iter().flatten() {
            let Some(index) = self.cases.get(&ended.case).copied() else { continue };
            divisions.extend(self.numbers[index].iter().map(|(_, division)| division.clone()));
            if ended.step_state == "CORRECTION" {
                asked.push((index, ended.case));
            }
        }
        asked.sort();
        asked.dedup();
        for (index, number) in asked {
            let case = self.terminals.look(&self.applications[index], &number).await?;
            for open in case.corrections.iter().filter(|open| open.answered_at.is_none()) {
                let at_us = self.crowd.answers_at_us(index, &open.id, now_us);
                let entry = Reverse((at_us, index, Act::Answer { correction: open.id.clone() }));
                if !self.agenda.iter().any(|known| known.0.1 == index && known.0.2 == entry.0.2) {
                    self.agenda.push(entry);
                }
            }
        }
        Ok(())
    }

    /// The offices of these divisions take everything that is ready; none = all offices.
    async fn sync(&mut self, divisions: Option<&BTreeSet<String>>) -> Result<(), DemoError> {
        let offices: Option<BTreeSet<&str>> = divisions.map(|divisions| {
            let serves = |party: &'_ kaiban_definition::Party, division: &String| {
                self.directory.office(&party.id, division).map(|office| office.id.as_str())
            };
            self.directory
                .parties()
                .flat_map(|party| divisions.iter().filter_map(move |division| serves(party, division)))
                .collect()
        });
        let cases = &self.cases;
        let wanted = self
            .desks
            .iter_mut()
            .filter(|(office, _)| offices.as_ref().is_none_or(|offices| offices.contains(office.as_str())));
        try_join_all(wanted.map(|(_, desk)| desk.sync(cases))).await?;
        Ok(())
    }

    /// All cases as the server lists them.
    async fn all_cases(&self) -> Result<Vec<Case>, DemoError> {
        let mut client = CaseServiceClient::new(self.town.admin());
        let mut request = ListCasesRequest {
            order: CaseOrder::ReceivedAsc.into(),
            page_size: 200,
            view: CaseView::Steps.into(),
            ..ListCasesRequest::default()
        };
        let mut cases = Vec::with_capacity(self.applications.len());
        loop {
            let page = client.list_cases(request.clone()).await.map_err(DemoError::call("ListCases"))?.into_inner();
            cases.extend(page.cases);
            if page.next_page_token.is_empty() {
                return Ok(cases);
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// Counts the cases that end, as the bureau watches them; only for the progress bar.
async fn count_closed(line: Channel, closed: Arc<AtomicUsize>) {
    let request = WatchCasesRequest { changes_only: true, view: CaseView::Basic.into(), ..WatchCasesRequest::default() };
    let Ok(changes) = CaseServiceClient::new(line).watch_cases(request).await else { return };
    let mut changes = changes.into_inner();
    while let Ok(Some(change)) = changes.message().await {
        if change.case.is_some_and(|case| case.state() == CaseState::Closed) {
            closed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Slows business time down for watching.
struct Pace {
    speed: f64,
    began: Instant,
    start_us: i64,
}

impl Pace {
    async fn wait(&mut self, now_us: i64) {
        let business = Duration::from_micros(u64::try_from(now_us - self.start_us).unwrap_or(0));
        let until = self.began + business.div_f64(self.speed.max(0.001));
        tokio::time::sleep_until(until.into()).await;
    }
}
