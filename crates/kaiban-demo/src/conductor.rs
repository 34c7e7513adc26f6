//! Moves business time: everybody acts at an instant, everybody says that nothing is left, and time jumps.
//!
//! Everything drawn is keyed by (seed, case, step), and what happens at one instant is taken in an order that does not
//! depend on who was faster. So a seed gives the same working times on any machine, unless a party is left to a foreign client.

mod beside;
mod promises;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use kaiban_api::Channel;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::commitment_service_client::CommitmentServiceClient;
use kaiban_api::v1::{
    Case, CaseOrder, CaseState, CaseView, CertificateFigures, GetCommitmentFiguresRequest, ListCasesRequest, Role,
    StepState, WatchCasesRequest,
};
use kaiban_definition::{Directory, INTAKE, Office, Party, branch_parts};
use kaiban_population::{Applicants, Application, BackOffice, Crowd, Habits, Inspector};

use crate::bureau::Bureau;
use crate::checks::{DECISION, Hall, STARTS};
use crate::desk::{Desk, Ended};
use crate::failure::DemoError;
use crate::left_out::{Follow, LeftOut};
use crate::notary::{Notary, PROMISED, Promised};
use crate::report::{Commitments, Report, Verified};
use crate::terminals::{Terminals, form};
use crate::town::Town;

/// The package that is played.
pub(crate) const WORKFLOW: &str = "business-start";

/// Calls under way at a time at one instant.
const AT_ONCE: usize = 64;

/// What to play.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Applications.
    pub cases: u64,
    /// Decides every draw.
    pub seed: u64,
    /// Business time of the beginning, µs.
    pub start_us: i64,
    /// Business seconds in one real second; none = as fast as it goes, but 60 while a left-out party has work.
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
    pub submitted: u64,
    /// Cases ended, as the bureau's watch has told so far.
    pub closed: u64,
    /// Where there is a left-out party, what it has to do.
    pub foreign: Option<Waiting>,
}

/// What a left-out party has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its open tasks.
    pub waiting: u64,
    /// Tasks that its client has ended.
    pub completed: u64,
}

/// What an applicant does at an instant.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    Arrive,
    Answer { correction: String, pointers: Vec<String>, told_at_us: i64 },
    Promise { correction: String, pointers: Vec<String> },
    Withdraw,
    Request { step: &'static str },
    Pause { until_us: i64 },
    Resume,
}

/// A case as the conductor knows it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub number: String,
    pub division: String,
    /// Corrections that the applicant has been told of.
    told: BTreeSet<String>,
}

struct Conductor<'a> {
    town: &'a Town,
    crowd: Arc<Crowd>,
    bureau: Bureau,
    directory: &'a Directory,
    applicants: Applicants,
    applications: Vec<Application>,
    terminals: Terminals,
    desks: BTreeMap<String, Desk>,
    /// Acts by instant and case.
    agenda: BinaryHeap<Reverse<(i64, u64, usize)>>,
    acts: Vec<Act>,
    /// Index of a case by its number.
    indexes: HashMap<String, u64>,
    known: Vec<Option<Known>>,
    beside: Option<Beside<'a>>,
    notary: Notary,
    hall: Hall,
    promises: Promises,
}

/// What has become of promises, and what follows.
#[derive(Debug, Default)]
struct Promises {
    /// Cases that were registered at this instant, and rest on a promise.
    registered: BTreeSet<u64>,
    /// Numbers of the checks that were started.
    checks: BTreeSet<String>,
    /// When those that wait are drawn from.
    draw_us: Option<i64>,
    /// Cases whose promise was found false at this instant.
    broken: BTreeSet<u64>,
}

/// What came of an applicant's acts.
struct Done {
    index: u64,
    submitted: Option<Case>,
    /// An attempt to promise: its correction, the places that it opened, and what was said.
    promised: Option<(String, Vec<String>, Promised)>,
}

/// A left-out party, and the cases with its work.
struct Beside<'a> {
    left_out: &'a LeftOut,
    follow: Follow,
    /// Cases that have to be looked at.
    touched: BTreeSet<String>,
}

/// Plays the plan to its end; `progress` is told at every instant.
///
/// # Errors
/// See [`DemoError`].
pub async fn play(town: &Town, plan: &Plan, progress: impl Fn(Progress)) -> Result<Report, DemoError> {
    conduct(town, plan, None, progress).await
}

/// The same without one party: somebody else's client does its work, however long that takes.
///
/// # Errors
/// See [`DemoError`].
pub async fn play_without(
    left_out: &LeftOut,
    town: &Town,
    plan: &Plan,
    progress: impl Fn(Progress),
) -> Result<Report, DemoError> {
    conduct(town, plan, Some(left_out), progress).await
}

async fn conduct(
    town: &Town,
    plan: &Plan,
    left_out: Option<&LeftOut>,
    progress: impl Fn(Progress),
) -> Result<Report, DemoError> {
    let began = Instant::now();
    let library = town.app().library();
    let directory = &library.directory;
    let mut habits = plan.habits.clone();
    if left_out.is_some() {
        // A foreign client does the steps of its party in the cases that it is told of; checks are cases of their own.
        habits.commitment_rate = 0.0;
    }
    let crowd = Crowd::new(plan.seed, plan.cases, plan.start_us, directory, &library.calendars(), habits);
    let crowd = Arc::new(crowd.map_err(|error| DemoError::Crowd(error.to_string()))?);
    let applications: Vec<Application> = crowd.applications().collect();
    let beside = match left_out {
        Some(left_out) => {
            let follow = Follow::new(town, &left_out.invitation().offices).await?;
            Some(Beside { left_out, follow, touched: BTreeSet::new() })
        }
        None => None,
    };
    let mut conductor = Conductor {
        town,
        directory,
        beside,
        terminals: terminals(town, directory).await?,
        desks: desks(town, &crowd, left_out.map(LeftOut::party)).await?,
        agenda: BinaryHeap::new(),
        acts: Vec::new(),
        indexes: HashMap::with_capacity(applications.len()),
        known: vec![None; applications.len()],
        bureau: Bureau::new(town, directory).await?,
        notary: Notary::new(town, directory).await?,
        hall: Hall::new(town, directory).await?,
        promises: Promises::default(),
        crowd: Arc::clone(&crowd),
        applicants: Applicants::new(crowd),
        applications,
    };
    for index in 0..plan.cases {
        let at_us = conductor.applications[at(index)].at_us;
        conductor.plan(at_us, index, Act::Arrive);
    }
    conductor.run(plan, &progress).await?;
    conductor.report(began).await
}

fn at(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

async fn terminals(town: &Town, directory: &Directory) -> Result<Terminals, DemoError> {
    let connect: Vec<_> =
        directory
            .outlets()
            .map(|outlet| async move {
                Ok::<_, DemoError>((outlet.id.clone(), town.terminal(&outlet.bank, &outlet.id).await?))
            })
            .collect();
    let lines: Vec<_> = stream::iter(connect).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(Terminals::new(lines.into_iter().collect()))
}

async fn desks(town: &Town, crowd: &Arc<Crowd>, left_out: Option<&str>) -> Result<BTreeMap<String, Desk>, DemoError> {
    let directory = &town.app().library().directory;
    let played = directory.offices().filter(|office| left_out.is_none_or(|party| office.party != party));
    let connect: Vec<_> = played.map(|office| desk(town, crowd, office)).collect();
    stream::iter(connect).buffer_unordered(AT_ONCE).try_collect().await
}

async fn desk(town: &Town, crowd: &Arc<Crowd>, office: &Office) -> Result<(String, Desk), DemoError> {
    let library = town.app().library();
    let missing = || DemoError::Start(format!("no package {WORKFLOW}"));
    let definition = library.current(WORKFLOW, town.clock().now_us()).ok_or_else(missing)?;
    let calendar = Arc::clone(library.calendars().find(&office.calendar)?);
    let steps: Vec<&str> = definition
        .steps
        .values()
        .filter(|step| step.party() == Some(office.party.as_str()))
        .map(|step| step.name.as_str())
        .collect();
    let clerks = crowd.clerks(office, &steps);
    let checks = Inspector::new(Arc::clone(crowd), Arc::clone(&calendar), &office.officers);
    let work = BackOffice::new(Arc::clone(crowd), definition, calendar, &office.officers, clerks);
    let line = town.office(&office.party, &office.id).await?;
    let desk = match office.party.as_str() {
        "seal-carver" => Desk::on_calls(&office.id, work, checks, line),
        _ => Desk::on_stream(&office.id, work, checks, line).await?,
    };
    Ok((office.id.clone(), desk))
}

impl Conductor<'_> {
    fn plan(&mut self, at_us: i64, index: u64, act: Act) {
        self.acts.push(act);
        self.agenda.push(Reverse((at_us, index, self.acts.len() - 1)));
    }

    async fn run(&mut self, plan: &Plan, progress: &impl Fn(Progress)) -> Result<(), DemoError> {
        let closed = Arc::new(AtomicUsize::new(0));
        let counting = tokio::spawn(count_closed(self.town.bureau(Role::Manager).await?, Arc::clone(&closed)));
        let mut submitted = 0;
        let pace = plan.speed.map(|speed| Pace { speed, began: Instant::now(), start_us: plan.start_us });
        loop {
            self.look_beside().await?;
            let due = self.next().await?;
            let Some((now_us, timers)) = self.until(due, pace.as_ref()).await? else {
                if self.is_over(due).await? {
                    break;
                }
                // Somebody outside has done something; nothing else is due yet.
                let now_us = self.town.clock().now_us();
                progress(self.progress(now_us, submitted, &closed));
                continue;
            };
            self.town.clock().advance_to(now_us);
            if timers {
                self.town.app().fire_business_timers().await;
            }
            let mut divisions = BTreeSet::new();
            submitted += self.applicants_act(now_us, &mut divisions).await?;
            self.desks_act(now_us, &mut divisions).await?;
            self.town.app().effects_settled().await;
            let drawn = self.follow_promises(now_us).await?;
            let timers = timers || drawn;
            self.sync((!timers).then_some(&divisions)).await?;
            if let Some(beside) = self.beside.as_mut().filter(|_| timers) {
                beside.touched.extend(beside.follow.open().iter().cloned());
            }
            progress(self.progress(now_us, submitted, &closed));
        }
        counting.abort();
        Ok(())
    }

    fn progress(&self, now_us: i64, submitted: u64, closed: &AtomicUsize) -> Progress {
        let foreign = self
            .beside
            .as_ref()
            .map(|beside| Waiting { waiting: beside.follow.waiting() as u64, completed: beside.left_out.completed() });
        Progress { now_us, submitted, closed: closed.load(Ordering::Relaxed) as u64, foreign }
    }

    /// The next instant at which anybody has something to do, and whether a deadline of the server falls on it.
    async fn next(&mut self) -> Result<Option<(i64, bool)>, DemoError> {
        let timer = self.town.app().next_business_timer_us().await;
        let timer = timer.map_err(|refusal| DemoError::Start(refusal.message.en))?;
        let mut next = earlier(timer, self.agenda.peek().map(|Reverse((at_us, ..))| *at_us));
        next = earlier(next, self.promises.draw_us);
        for desk in self.desks.values_mut() {
            next = earlier(next, desk.next_due_us()?);
        }
        let now_us = next.map(|at_us| at_us.max(self.town.clock().now_us()));
        Ok(now_us.map(|now_us| (now_us, timer.is_some_and(|due_us| due_us <= now_us))))
    }

    /// Arrivals, answers and withdrawals of this instant; gives how many cases were submitted.
    async fn applicants_act(&mut self, now_us: i64, divisions: &mut BTreeSet<String>) -> Result<u64, DemoError> {
        let mut due: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        while let Some(Reverse((at_us, index, act))) = self.agenda.peek().copied() {
            if at_us > now_us {
                break;
            }
            self.agenda.pop();
            due.entry(index).or_default().push(act);
        }
        // One applicant does one thing after the other: a second answer builds on the first.
        let calls: Vec<_> = due.into_iter().map(|(index, acts)| self.applicant_acts(index, acts)).collect();
        let done: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await?;
        let mut submitted = 0;
        let mut told = Vec::with_capacity(done.len());
        for Done { index, submitted: case, promised } in done {
            told.push(index);
            if let Some((correction, pointers, said)) = promised {
                self.promise_said(index, correction, pointers, said, now_us);
            }
            if let Some(case) = case {
                submitted += 1;
                if let Some(beside) = &mut self.beside {
                    beside.follow.submitted(&case.id);
                }
                self.indexes.insert(case.id.clone(), index);
                let (number, division) = (case.id, case.division);
                self.known[at(index)] = Some(Known { number, division, told: BTreeSet::new() });
                if index >= self.crowd.cases() {
                    // Who comes again has had enough of surprises.
                    self.touch(index, divisions);
                    continue;
                }
                if let Some(at_us) = self.applicants.withdrawal_us(index) {
                    self.plan(at_us, index, Act::Withdraw);
                }
                if let Some(later) = self.applicants.later_request(index) {
                    self.plan(later.at_us, index, Act::Request { step: later.step });
                }
                if let Some(held_up) = self.crowd.special_procedure(index) {
                    self.plan(held_up.at_us, index, Act::Pause { until_us: held_up.until_us });
                    self.plan(held_up.until_us, index, Act::Resume);
                }
            }
            self.touch(index, divisions);
        }
        // The system may have asked for a correction at once: the name is taken.
        for index in told {
            self.tell(index, now_us).await?;
        }
        Ok(submitted)
    }

    async fn applicant_acts(&self, index: u64, acts: Vec<usize>) -> Result<Done, DemoError> {
        let application = &self.applications[at(index)];
        let (mut submitted, mut promised) = (None, None);
        for act in acts {
            match (&self.acts[act], &self.known[at(index)]) {
                (Act::Arrive, _) => submitted = Some(self.terminals.submit(application, WORKFLOW).await?),
                (Act::Answer { correction, pointers, told_at_us }, Some(known)) => {
                    // Another correction may have been answered since: the form is read again.
                    let form = form(&self.terminals.look(application, &known.number).await?);
                    let answer = self.applicants.answer(index, correction, pointers, &form, *told_at_us);
                    if self.beside.is_some() && answer.form == form {
                        self.cannot_answer(index).await?;
                        continue;
                    }
                    self.terminals.upload(application, &answer.papers).await?;
                    self.terminals.resubmit(application, &known.number, correction, &answer.form).await?;
                }
                (Act::Promise { correction, pointers }, Some(known)) => {
                    let said = self.promise(index, known, correction).await?;
                    promised = Some((correction.clone(), pointers.clone(), said));
                }
                (Act::Withdraw, Some(known)) => {
                    self.terminals.withdraw(application, &known.number).await?;
                }
                (Act::Request { step }, Some(known)) => {
                    let form = form(&self.terminals.look(application, &known.number).await?);
                    let form = self.applicants.later_form(index, step, &form);
                    self.terminals.request_step(application, &known.number, step, &form).await?;
                }
                (Act::Pause { until_us }, Some(known)) => {
                    self.bureau.pause(known, *until_us).await?;
                }
                (Act::Resume, Some(known)) => {
                    self.bureau.resume(known).await?;
                }
                (_, None) => {}
            }
        }
        Ok(Done { index, submitted, promised })
    }

    /// Decisions of this instant. Where one asks for a correction, the terminal looks at it and the applicant will
    /// answer.
    async fn desks_act(&mut self, now_us: i64, divisions: &mut BTreeSet<String>) -> Result<(), DemoError> {
        let indexes = &self.indexes;
        let mut acting = Vec::new();
        for desk in self.desks.values_mut() {
            if desk.next_due_us()?.is_some_and(|due_us| due_us <= now_us) {
                acting.push(desk.act(now_us, indexes));
            }
        }
        let ended: Vec<Vec<Ended>> = try_join_all(acting).await?;
        let mut asked = BTreeSet::new();
        for ended in ended.into_iter().flatten() {
            let Some(index) = self.indexes.get(&ended.case).copied() else { continue };
            self.touch(index, divisions);
            let step = branch_parts(&ended.step).0;
            // An acceptance lets the system look at the name; a domicile that is not in shared data has to be proved, and
            // nobody promises before he is identified.
            let promises = self.applications[at(index)].promises();
            if ended.step_state == StepState::Correction
                || step == INTAKE
                || promises && matches!(step, "identity" | "domicile")
            {
                asked.insert(index);
            }
            if promises && step == Crowd::HELD_UP && ended.step_state == StepState::Completed {
                self.promises.registered.insert(index);
            }
            // Only what was suspected comes to a decision, and its inspectors heard nothing that spoke for it.
            if promises && step == DECISION {
                self.promises.broken.insert(index);
            }
        }
        for index in asked {
            self.tell(index, now_us).await?;
        }
        Ok(())
    }

    /// Something happened to a case: its division's offices may have work.
    fn touch(&mut self, index: u64, divisions: &mut BTreeSet<String>) {
        let Some(known) = &self.known[at(index)] else { return };
        divisions.insert(known.division.clone());
        if let Some(beside) = &mut self.beside {
            beside.touched.insert(known.number.clone());
        }
    }

    /// The terminal reads what an office asked for and tells the applicant.
    async fn tell(&mut self, index: u64, now_us: i64) -> Result<(), DemoError> {
        let Some(known) = &self.known[at(index)] else { return Ok(()) };
        let case = self.terminals.look(&self.applications[at(index)], &known.number).await?;
        let form = form(&case);
        let application = &self.applications[at(index)];
        let promises = application.promises();
        let identified = Notary::has_identified(&case, application);
        for open in case.corrections.iter().filter(|open| open.answered_at.is_none()) {
            let promise = promises && branch_parts(&open.step).0 == PROMISED;
            if promise && !identified {
                continue;
            }
            let new = self.known[at(index)].as_mut().is_some_and(|known| known.told.insert(open.id.clone()));
            if new {
                let pointers: Vec<String> = open.findings.iter().map(|finding| finding.pointer.clone()).collect();
                let correction = open.id.clone();
                if promise {
                    let at_us = self.applicants.promise_us(index, &open.id, now_us);
                    self.plan(at_us, index, Act::Promise { correction, pointers });
                    continue;
                }
                let at_us = self.applicants.answer(index, &open.id, &pointers, &form, now_us).at_us;
                self.plan(at_us, index, Act::Answer { correction, pointers, told_at_us: now_us });
            }
        }
        Ok(())
    }

    /// The offices of these divisions take everything that is ready; none = all offices.
    async fn sync(&mut self, divisions: Option<&BTreeSet<String>>) -> Result<(), DemoError> {
        let directory = self.directory;
        let offices: Option<BTreeSet<&str>> = divisions.map(|divisions| {
            let serving = |party: &Party| -> Vec<&str> {
                let offices = divisions.iter().filter_map(|division| directory.office(&party.id, division));
                offices.map(|office| office.id.as_str()).collect()
            };
            directory.parties().flat_map(serving).collect()
        });
        let wanted = |office: &str| offices.as_ref().is_none_or(|offices| offices.contains(office));
        let indexes = &self.indexes;
        let desks = self.desks.iter_mut().filter(|(office, _)| wanted(office));
        try_join_all(desks.map(|(_, desk)| desk.sync(indexes))).await?;
        Ok(())
    }

    /// Every acknowledged case is accounted for, and the figures are the server's.
    async fn report(&self, began: Instant) -> Result<Report, DemoError> {
        let cases = self.all_cases().await?;
        let closed: BTreeSet<&str> =
            cases.iter().filter(|case| case.state() == CaseState::Closed).map(|case| case.id.as_str()).collect();
        let numbers = self.indexes.keys().filter(|number| closed.contains(number.as_str())).count();
        let open = (self.applications.len() + self.promises.checks.len()).saturating_sub(numbers);
        if open > 0 {
            return Err(DemoError::Stuck { open });
        }
        let own = cases.into_iter().filter(|case| self.indexes.contains_key(&case.id) && case.workflow == WORKFLOW);
        let own: Vec<Case> = own.collect();
        let commitments = Commitments::of(&self.promise_figures().await?, self.hall.held());
        let verified = self.town.verify().await?;
        let verified = Verified { clean: verified.clean, events: verified.events };
        let mut report = Report::of(&own, commitments, verified, began.elapsed().as_secs_f64());
        if let Some(beside) = &self.beside {
            report.foreign = Some(beside.left_out.book(self.town).await?);
        }
        Ok(report)
    }

    /// What the server counts of the certificate that can be promised.
    async fn promise_figures(&self) -> Result<CertificateFigures, DemoError> {
        let mut client = CommitmentServiceClient::new(self.town.bureau(Role::Manager).await?);
        let request = GetCommitmentFiguresRequest { workflow: WORKFLOW.to_owned(), ..Default::default() };
        let answer = client.get_commitment_figures(request).await.map_err(DemoError::call("GetCommitmentFigures"))?;
        let mut figures = answer.into_inner().certificates.into_iter();
        Ok(figures.find(|figures| figures.step == PROMISED).unwrap_or_default())
    }

    /// All cases as the server lists them.
    async fn all_cases(&self) -> Result<Vec<Case>, DemoError> {
        let mut client = CaseServiceClient::new(self.town.bureau(Role::Manager).await?);
        let mut request = ListCasesRequest {
            order: CaseOrder::ReceivedAsc.into(),
            page_size: 200,
            view: CaseView::Full.into(),
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

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

/// Counts the cases that end, as the bureau watches them; only for the progress bar.
async fn count_closed(line: Channel, closed: Arc<AtomicUsize>) {
    let request =
        WatchCasesRequest { changes_only: true, view: CaseView::Basic.into(), ..WatchCasesRequest::default() };
    let Ok(changes) = CaseServiceClient::new(line).watch_cases(request).await else { return };
    let mut changes = changes.into_inner();
    while let Ok(Some(change)) = changes.message().await {
        if change.case.is_some_and(|case| case.workflow == WORKFLOW && case.state() == CaseState::Closed) {
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
    async fn wait(&self, now_us: i64) {
        let business = Duration::from_micros(u64::try_from(now_us - self.start_us).unwrap_or(0));
        let until = self.began + business.div_f64(self.speed.max(0.001));
        tokio::time::sleep_until(until.into()).await;
    }
}
