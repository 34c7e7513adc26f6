//! The scenarios of the shipped packages, and of two that use what those do not, played on the application with a store:
//! the same files, to the letter, that the engine alone is held to.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kaiban_app::{
    AnnounceDraw, App, Claim, CommitSeed, Completion, CreditChange, CreditOf, Deferral, Detail, EndCase, EndStep,
    ExplainDelay, Extension, Failure, OnDraw, Pause, Principal, PutRegisterEntry, Rating, RecordCredit, Refusal,
    RequestStep, Resubmit, RevealSeed, Role, Settings, Sign, SimulatedClock, Submit, TaskAddress, Unsigned, Upload,
    verify,
};
use kaiban_calendar::local_date;
use kaiban_definition::{Files, Workflows, branch_name, branch_parts, load, render};
use kaiban_draw::{Checker, Draw, Hex32, Item, commitment};
use kaiban_engine::{Case, Entry, Event};
use kaiban_findings::Text;
use kaiban_scenario::{Blot, Deed, Driver, Refused, Scenario, check, diff, parse, play, scenarios, sent};
use kaiban_store::{Backend, Clock, DrawItemRow, Store};
use serde_json::Value;
use tokio::runtime::Handle;

use crate::city::{PATIENCE, packages};
use crate::database::{self, Database};

#[test]
fn every_scenario_happens_as_written_on_sqlite() {
    every_scenario(Backend::Sqlite);
}

#[test]
fn every_scenario_happens_as_written_on_postgres() {
    every_scenario(Backend::Postgres);
}

/// Plays each on a database of its own: a name that one reserves is taken for the next.
fn every_scenario(backend: Backend) {
    let (workflows, files) = all_packages();
    let mut wrong = String::new();
    for path in scenarios(&files) {
        let (scenario, mut findings) = parse(path, files.get(path).expect("a text"));
        if let Some(def) = workflows.definition(scenario.workflow()) {
            findings.extend(check(&scenario, def, &workflows.directory, &files));
        }
        assert!(findings.is_empty(), "{}", render(&findings, &files));
        database::run(backend, async |db: &Database| {
            wrong.push_str(&differences(db, &scenario, &workflows, &files).await);
        });
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn all_packages() -> (Workflows, Files) {
    let (_, mut files) = packages();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/kaiban-scenario/tests/workflows");
    read(&root, &root, &mut files);
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{}", render(&findings, &files));
    (workflows, files)
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("workflows") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("a text"));
        }
    }
}

async fn differences(db: &Database, scenario: &Scenario, workflows: &Workflows, files: &Files) -> String {
    let mut driver = AppDriver::start(db, workflows, files).await;
    // The scenario goes step by step; the app's own tasks go on meanwhile.
    let played = tokio::task::block_in_place(|| play(scenario, workflows, files, &mut driver));
    let played = played.unwrap_or_else(|finding| panic!("{}", render(&[*finding], files)));
    let report = verify(&db.store, driver.app.library()).await.expect("verify");
    assert!(report.clean, "{}: {:?}", scenario.path, report.problems);
    driver.app.stop().await;
    let shown = |line: u32, text: String| format!("{}:{line}\n{text}\n", scenario.path);
    played.mismatches.iter().map(|found| shown(found.line, diff(&found.expected, &found.actual))).collect()
}

/// The application on a store, with a clock that is moved by hand. Everybody calls it as who they are.
struct AppDriver<'w> {
    app: App,
    clock: Arc<SimulatedClock>,
    store: Store,
    workflows: &'w Workflows,
    handle: Handle,
    /// Cases that the scenario submitted.
    cases: Vec<String>,
    /// What was handed over last, by case and step: the task's id and its epoch.
    leases: HashMap<(String, String), (String, i64)>,
    requests: u32,
}

impl<'w> AppDriver<'w> {
    async fn start(db: &Database, workflows: &'w Workflows, files: &Files) -> Self {
        let mut settings = Settings::default();
        // Operating time is no part of a scenario: a back-off is over at once.
        settings.limits.backoff_first = std::time::Duration::ZERO;
        let clock = Arc::new(SimulatedClock::new(0));
        let app = App::start(db.store.clone(), workflows.clone(), files, Arc::clone(&clock) as _, settings).await;
        let driver = Self {
            app: app.expect("the app starts"),
            clock,
            store: db.store.clone(),
            workflows,
            handle: Handle::current(),
            cases: Vec::new(),
            leases: HashMap::new(),
            requests: 0,
        };
        driver.hand_in_papers().await;
        driver
    }

    /// The documents that the scenarios' forms refer to, handed in by every bank.
    async fn hand_in_papers(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("forms/documents");
        for entry in std::fs::read_dir(folder).expect("documents") {
            let path = entry.expect("an entry").path();
            let content = std::fs::read(&path).expect("a document");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            for bank in self.workflows.directory.banks() {
                let outlet = bank.outlets.first().map(|outlet| outlet.id.clone()).unwrap_or_default();
                let upload = Upload { name: name.clone(), media_type: String::new(), size: None, digest: None };
                let chunks = futures::stream::iter([Ok(content.clone().into())]);
                self.app.upload(&self.terminal(&outlet), upload, chunks).await.expect("a document");
            }
        }
    }

    fn somebody(role: Role, token: &str, organisation: &str) -> Principal {
        Principal {
            token: token.to_owned(),
            role,
            organisation: organisation.to_owned(),
            outlet: None,
            offices: Vec::new(),
            person: None,
            divisions: Vec::new(),
            case: None,
        }
    }

    fn terminal(&self, outlet: &str) -> Principal {
        let bank = self.workflows.directory.outlet(outlet).expect("an outlet").bank.clone();
        Principal { outlet: Some(outlet.to_owned()), ..Self::somebody(Role::Terminal, outlet, &bank) }
    }

    fn agency(&self, office: &str) -> Principal {
        let party = self.workflows.directory.office_by_id(office).expect("an office").party.clone();
        Principal { offices: vec![office.to_owned()], ..Self::somebody(Role::Agency, office, &party) }
    }

    fn officer(&self, officer: &str) -> Principal {
        let works_there = |office: &&kaiban_definition::Office| office.officers.iter().any(|known| known.id == officer);
        let office = self.workflows.directory.offices().find(works_there).expect("an officer").id.clone();
        Principal { role: Role::Officer, person: Some(officer.to_owned()), ..self.agency(&office) }
    }

    fn request(&mut self) -> String {
        self.requests += 1;
        format!("r{}", self.requests)
    }

    async fn entries(&self, case: &str) -> Vec<Entry> {
        let auditor = Self::somebody(Role::Auditor, "auditor", "bureau");
        let (mut entries, mut page) = (Vec::new(), String::new());
        loop {
            let (found, next) = self.app.journal(&auditor, case, 500, &page).await.expect("a journal");
            entries.extend(found.iter().map(|entry| serde_json::from_str::<Entry>(&entry.bytes).expect("an entry")));
            if next.is_empty() {
                return entries;
            }
            page = next;
        }
    }

    /// The case as its journal has it.
    async fn standing(&self, case: &str) -> Case {
        let mut standing = Case::default();
        for entry in self.entries(case).await {
            for event in &entry.events {
                standing.evolve(entry.at_us, event);
            }
        }
        standing
    }

    /// All cases, and those that they started, each behind the one that started it.
    async fn all(&self) -> Vec<String> {
        let mut cases = self.cases.clone();
        let mut at = 0;
        while at < cases.len() {
            let started = self.entries(&cases[at]).await.into_iter().flat_map(|entry| entry.events);
            cases.extend(started.filter_map(|event| match event {
                Event::SubCaseStarted { case, .. } => Some(case),
                _ => None,
            }));
            at += 1;
        }
        cases
    }

    /// Waits until the app has done what follows by itself: the outbox is empty, and no back-off runs. Started cases are
    /// looked at first: what one of them has told the case that started it is there by then.
    async fn settle(&self) {
        loop {
            let cases = self.all().await;
            let mut busy = false;
            for case in cases.iter().rev() {
                busy |= !self.store.outbox_of(case).await.expect("the outbox").is_empty();
            }
            if !busy && self.all().await.len() == cases.len() {
                break;
            }
            tokio::task::yield_now().await;
        }
        while self.store.next_timer(Clock::Operating, i64::MIN).await.expect("the timers").is_some() {
            tokio::task::yield_now().await;
        }
    }

    /// Takes what is ready; `wait` for as long as something surely is, which another transaction may hold right now.
    async fn take(&mut self, office: &str, step: &str, wait: Option<Duration>) -> Result<(), Refusal> {
        let claim = Claim {
            request_id: self.request(),
            office: office.to_owned(),
            steps: vec![branch_parts(step).0.to_owned()],
            max: 100,
            lease: None,
            wait,
        };
        for task in self.app.claim(&self.agency(office), claim).await? {
            self.leases.insert((task.case, task.step), (task.id, task.epoch));
        }
        Ok(())
    }

    /// The step's task in its office's hands.
    async fn held(&mut self, case: &str, step: &str) -> Result<(Principal, TaskAddress, i64), Refusal> {
        let standing = self.standing(case).await;
        let run = standing.steps.get(step);
        let office = run.map(|run| run.office.clone()).filter(|office| !office.is_empty());
        // Nobody has been offered the step: whoever does it usually tries in vain.
        let office = office.or_else(|| {
            let def = self.workflows.definition(&standing.workflow)?;
            let party = def.step(step)?.party()?;
            Some(self.workflows.directory.office(party, &standing.division)?.id.clone())
        });
        let office = office.expect("an office");
        let has_task = run.is_some_and(|run| run.state.has_task());
        let current = run.map(|run| kaiban_engine::task_id(case, step, run.offers)).unwrap_or_default();
        let key = (case.to_owned(), step.to_owned());
        let is_held = self.leases.get(&key).is_some_and(|(id, _)| *id == current);
        let failed = run.is_some_and(|run| run.attempts > 0 && run.state == kaiban_engine::StepState::Claimed);
        if has_task && (!is_held || failed) {
            self.take(&office, step, Some(PATIENCE)).await?;
        }
        let epoch = self.leases.get(&key).map_or(0, |(_, epoch)| *epoch);
        let address = TaskAddress { id: String::new(), case: case.to_owned(), step: step.to_owned() };
        Ok((self.agency(&office), address, epoch))
    }

    /// The applicant in person, with the credential that the office gives out which checked the identity.
    async fn applicant(&self, case: &str, person: &str) -> Result<Principal, Refusal> {
        let standing = self.standing(case).await;
        let identity = self.workflows.definition(&standing.workflow).and_then(|def| def.identity.clone());
        let checked = identity.map(|step| branch_name(&step, Some(person))).unwrap_or_default();
        let office = standing.steps.get(&checked).map(|run| run.office.clone());
        // Without a check there is no office that could give a credential out: an applicant like any stranger.
        let checker = self.agency(&office.ok_or_else(Refusal::not_found)?);
        let (secret, _) = self.app.issue_credential(&checker, case, person).await?;
        self.app.authenticate(&secret).await
    }

    /// The name that the person of this key has in the form.
    async fn name_of(&self, case: &str, person: &str) -> String {
        let standing = self.standing(case).await;
        let terminal = self.terminal(&standing.outlet.clone().unwrap_or_default());
        let view = self.app.case(&terminal, case, Detail::Full).await.expect("the case");
        let def = self.workflows.definition(&standing.workflow).expect("a package");
        let each = def.identity.as_ref().and_then(|step| def.step(step)?.for_each.as_ref()).expect("people");
        let people = view.form.as_ref().and_then(|form| form.pointer(&each.over)).and_then(Value::as_array);
        let people = people.cloned().unwrap_or_default();
        let known = people.iter().find(|known| known[&each.key] == person).expect("the person");
        known["name"].as_str().unwrap_or_default().to_owned()
    }

    /// An officer of the office that registers such cases in a division.
    fn registrar(&self, workflow: &str, division: &str) -> Principal {
        let def = self.workflows.definition(workflow).expect("a package");
        let office = self.app.library().registering_office(def, division).expect("an office");
        self.officer(&office.officers.first().expect("an officer").id)
    }

    async fn recorded(&mut self, case: &str, person: &str, blot: Blot) -> Result<(), Refusal> {
        let standing = self.standing(case).await;
        let who = self.registrar(&standing.workflow, &standing.division);
        let (class, reason) = blot.kind();
        let change = CreditChange::Recorded {
            class,
            reason,
            text: Text::new("情景所设", "as the scenario has it"),
            source: "scenario".to_owned(),
            law: "scenario".to_owned(),
            decided_on: local_date(self.clock.now_us()),
            must_be_published: false,
            beyond_repair: None,
        };
        let request_id = self.request();
        let of = CreditOf::Signatory { case: case.to_owned(), person: person.to_owned() };
        let officer = who.person.clone().unwrap_or_default();
        let record = RecordCredit { record: format!("record-{request_id}"), request_id, of, officer, change };
        self.app.record_credit(&who, record).await.map(|_| ())
    }

    async fn listed(&mut self, workflow: &str, register: &str, key: &str) -> Result<(), Refusal> {
        let city = self.workflows.directory.divisions().next().expect("a division").code.clone();
        let who = self.registrar(workflow, &city);
        let (request_id, officer) = (self.request(), who.person.clone().unwrap_or_default());
        let (register, key, reason) = (register.to_owned(), key.to_owned(), "scenario".to_owned());
        let entry = PutRegisterEntry { request_id, register, key, until_us: None, officer, reason };
        self.app.put_register_entry(&who, entry).await.map(|_| ())
    }

    /// A draw as it is held anywhere, by two parties, whose numbers are looked for until it comes out as the scenario says.
    async fn drawn(&mut self, pool: &str, cases: &[(String, bool)]) -> Result<Vec<Result<(), Refused>>, Refusal> {
        let now_us = self.clock.now_us();
        let rows = self.store.items_waiting(pool, now_us, 10_000).await.expect("what waits");
        let waits = |case: &str| rows.iter().any(|row| row.case_id == case);
        let not_waiting = || Err(Refused { reason: "NOT_WAITING".to_owned(), findings: Vec::new() });
        let done = cases.iter().map(|(case, _)| if waits(case) { Ok(()) } else { not_waiting() }).collect();
        if rows.is_empty() {
            return Ok(done);
        }
        let chosen = |row: &DrawItemRow| cases.iter().any(|(case, drawn)| *case == row.case_id && *drawn);
        let standing = self.standing(&rows[0].case_id).await;
        let officer = self.registrar(&standing.workflow, &standing.division);
        let parties = [officer.clone(), Self::somebody(Role::Auditor, "auditor", "bureau")];
        let named = format!("officer:{}", officer.person.clone().unwrap_or_default());
        let named = vec![named, "auditor:bureau".to_owned()];
        let announce = AnnounceDraw {
            request_id: self.request(),
            pool: pool.to_owned(),
            period_to_us: None,
            shares: shares(&rows, &chosen),
            checkers_per_item: None,
            parties: named.clone(),
            public_value: None,
            commit_by_us: now_us + HOUR_US,
            reveal_by_us: now_us + 2 * HOUR_US,
        };
        let id = self.app.announce_draw(&officer, announce).await?.id;
        let record = self.app.get_draw(&officer, &id).await?.record;
        let draw = kaiban_draw::read(&record).expect("a record");
        let party = officer.organisation.as_str();
        let offices = self.workflows.directory.offices().filter(|office| office.party == party);
        let officers = offices.flat_map(|office| {
            office.officers.iter().map(|officer| Checker { id: officer.id.clone(), organisation: office.id.clone() })
        });
        let roster: Vec<Checker> = officers.collect();
        let comes_out = |numbers: &[Hex32; 2]| {
            let held = held_with(&draw, &named, numbers, &roster, &rows, now_us);
            rows.iter().all(|row| held.decision(&row.id).is_some_and(|decision| decision.drawn == chosen(row)))
        };
        let mut numbers = (1..TRIES).map(|number| [hex(number), hex(0)]);
        let numbers = numbers.find(comes_out).expect("numbers that draw so");
        for ((who, party), number) in parties.iter().zip(&named).zip(&numbers) {
            let sha256 = commitment(&draw.announcement_sha256, party, number);
            let commit = CommitSeed { request_id: self.request(), draw: id.clone(), sha256 };
            self.app.commit_seed(who, commit).await?;
        }
        let freeze = OnDraw { request_id: self.request(), draw: id.clone() };
        self.app.freeze_draw(&officer, freeze).await?;
        for (who, number) in parties.iter().zip(numbers) {
            let reveal = RevealSeed { request_id: self.request(), draw: id.clone(), reveal: number };
            self.app.reveal_seed(who, reveal).await?;
        }
        let hold = OnDraw { request_id: self.request(), draw: id.clone() };
        self.app.hold_draw(&officer, hold).await?;
        while self.store.count_decided(&id).await.expect("what is decided") > 0 {
            tokio::task::yield_now().await;
        }
        Ok(done)
    }

    async fn submitted(&mut self, workflow: &str, outlet: &str, form: &Value) -> Result<String, Refusal> {
        let request_id = self.request();
        let submit = Submit { request_id, workflow: workflow.to_owned(), form: form.clone() };
        let submitted = self.app.submit(&self.terminal(outlet), submit).await?;
        self.cases.push(submitted.case.id.clone());
        Ok(submitted.case.id)
    }

    async fn done(&mut self, case: &str, deed: &Deed) -> Result<(), Refusal> {
        let request_id = self.request();
        let end = |officer: &str, reason: &str| EndCase {
            request_id: request_id.clone(),
            case: case.to_owned(),
            officer: officer.to_owned(),
            reason: reason.to_owned(),
        };
        let end_step = |step: &str, text: &str| EndStep {
            request_id: request_id.clone(),
            case: case.to_owned(),
            step: step.to_owned(),
            text: text.to_owned(),
        };
        let outlet = self.standing(case).await.outlet.unwrap_or_default();
        let terminal = self.terminal(&outlet);
        match deed.clone() {
            Deed::Answer { correction, form } => {
                let resubmit = Resubmit { request_id, case: case.to_owned(), correction, form };
                self.app.resubmit(&terminal, resubmit).await.map(|_| ())
            }
            Deed::Withdraw { reason } => self.app.withdraw(&terminal, end("", &reason)).await.map(|_| ()),
            Deed::Request { step, form } => {
                let request = RequestStep { request_id, case: case.to_owned(), step, form };
                self.app.request_step(&terminal, request).await.map(|_| ())
            }
            Deed::WithdrawStep { step, reason } => {
                self.app.withdraw_step(&terminal, end_step(&step, &reason)).await.map(|_| ())
            }
            Deed::Take { step } => {
                let office = self.standing(case).await.steps.get(&step).map(|run| run.office.clone());
                self.take(&office.expect("the step was offered"), &step, None).await
            }
            Deed::Complete { step, outcome, result, findings, officer, approver, reason } => {
                let (agency, task, epoch) = self.held(case, &step).await?;
                let approver = approver.unwrap_or_default();
                let completion =
                    Completion { request_id, task, epoch, outcome, result, findings, officer, approver, reason };
                self.app.complete(&agency, completion).await.map(|_| ())
            }
            Deed::Defer { step, until_us, code } => {
                let (agency, task, epoch) = self.held(case, &step).await?;
                self.app.defer(&agency, Deferral { request_id, task, epoch, until_us, code }).await.map(|_| ())
            }
            Deed::Fail { step, code } => {
                let (agency, task, epoch) = self.held(case, &step).await?;
                self.app.fail(&agency, Failure { request_id, task, epoch, code }).await.map(|_| ())
            }
            Deed::Pause { step, reason, until_us, note, officer, approver } => {
                let who = self.officer(&officer);
                let (case, approver, reason) = (case.to_owned(), approver.unwrap_or_default(), Some(reason));
                let pause = Pause { request_id, case, step, reason, until_us, note, officer, approver };
                self.app.pause_step(&who, pause).await.map(|_| ())
            }
            Deed::Resume { step, officer } => {
                self.app.resume_step(&self.officer(&officer), end_step(&step, &officer)).await.map(|_| ())
            }
            Deed::Extend { step, officer, approver, reason } => {
                let (who, case, step) = (self.officer(&officer), case.to_owned(), step.unwrap_or_default());
                let extension = Extension { request_id, case, step, officer, approver, reason };
                self.app.extend(&who, extension).await.map(|_| ())
            }
            Deed::ExplainDelay { step, officer, reason } => {
                let task = TaskAddress { id: String::new(), case: case.to_owned(), step };
                let (who, explain) = (self.officer(&officer), ExplainDelay { request_id, task, officer, reason });
                self.app.explain_delay(&who, explain).await.map(|_| ())
            }
            Deed::Cancel { officer, reason } => {
                self.app.cancel(&self.officer(&officer), end(&officer, &reason)).await.map(|_| ())
            }
            Deed::GiveUp { officer, reason } => {
                self.app.give_up(&self.officer(&officer), end(&officer, &reason)).await.map(|_| ())
            }
            Deed::Resolve { step, officer } => {
                let incident = if step.is_empty() { case.to_owned() } else { format!("{case}/{step}") };
                let who = self.officer(&officer);
                self.app.resolve_incident(&who, &request_id, &incident, officer).await.map(|_| ())
            }
            Deed::Rate { person, grade, comment } => {
                let applicant = self.applicant(case, &person).await?;
                let rating = Rating { request_id, case: case.to_owned(), grade, comment };
                self.app.rate(&applicant, rating).await.map(|_| ())
            }
            Deed::Sign { person, step } => {
                let applicant = self.applicant(case, &person).await?;
                let shown = self.app.preview_commitment(&applicant, case, &step, "").await?;
                let typed_name = self.name_of(case, &person).await;
                let (case, text_sha256) = (case.to_owned(), shown.text_sha256);
                let sign = Sign { request_id, case, step, text_sha256, typed_name, signature: None };
                self.app.sign_commitment(&applicant, sign).await.map(|_| ())
            }
            Deed::DeclineCommitment { person, step } => {
                let applicant = self.applicant(case, &person).await?;
                let unsigned = Unsigned { request_id, case: case.to_owned(), step, reason: String::new() };
                self.app.decline_commitment(&applicant, unsigned).await.map(|_| ())
            }
            Deed::WithdrawCommitment { person, step, reason } => {
                let applicant = self.applicant(case, &person).await?;
                let unsigned = Unsigned { request_id, case: case.to_owned(), step, reason };
                self.app.withdraw_commitment(&applicant, unsigned).await.map(|_| ())
            }
        }
    }
}

impl Driver for AppDriver<'_> {
    fn now_us(&self) -> i64 {
        self.clock.now_us()
    }

    fn time_passes(&mut self, until_us: i64) {
        self.handle.clone().block_on(async {
            loop {
                let next = self.app.next_business_timer_us().await.expect("the timers");
                let Some(due_us) = next.filter(|due_us| *due_us <= until_us) else { break };
                self.clock.advance_to(due_us);
                self.app.fire_business_timers().await;
                self.settle().await;
                let after = self.app.next_business_timer_us().await.expect("the timers");
                assert!(after.is_none_or(|after| after > due_us), "a deadline does not fire");
            }
            self.clock.advance_to(until_us);
        });
    }

    fn submit(&mut self, workflow: &str, outlet: &str, form: &Value) -> Result<String, Refused> {
        self.handle.clone().block_on(async {
            let submitted = self.submitted(workflow, outlet, form).await.map_err(refused);
            self.settle().await;
            submitted
        })
    }

    fn act(&mut self, case: &str, deed: &Deed) -> Result<(), Refused> {
        self.handle.clone().block_on(async {
            let done = self.done(case, deed).await.map_err(refused);
            self.settle().await;
            done
        })
    }

    fn record(&mut self, case: &str, person: &str, blot: Blot) -> Result<(), Refused> {
        self.handle.clone().block_on(self.recorded(case, person, blot)).map_err(refused)
    }

    fn list(&mut self, workflow: &str, register: &str, key: &str) -> Result<(), Refused> {
        self.handle.clone().block_on(self.listed(workflow, register, key)).map_err(refused)
    }

    fn draw(&mut self, pool: &str, cases: &[(String, bool)]) -> Vec<Result<(), Refused>> {
        self.handle.clone().block_on(async {
            let done = self.drawn(pool, cases).await;
            self.settle().await;
            done.unwrap_or_else(|refusal| vec![Err(refused(refusal)); cases.len()])
        })
    }

    fn checkers(&mut self, case: &str, draw: &str) -> Vec<String> {
        self.handle.clone().block_on(async {
            let result = self.standing(case).await.steps.get(draw).and_then(|run| run.result.clone());
            let Some(digest) = result else { return Vec::new() };
            let found = self.store.blobs(&[digest]).await.expect("the result");
            let result: Option<Value> = found.first().and_then(|blob| serde_json::from_str(&blob.bytes).ok());
            sent(result.as_ref())
        })
    }

    fn journal(&mut self, case: &str) -> Vec<Entry> {
        self.handle.clone().block_on(self.entries(case))
    }
}

const HOUR_US: i64 = 3_600_000_000;

/// Numbers that are tried for a draw.
const TRIES: u64 = 100_000;

fn hex(number: u64) -> Hex32 {
    format!("{number:064x}").parse().expect("32 bytes")
}

/// The share of each class that draws as many as are chosen; of commitments one that the law knows, if there is one.
fn shares(rows: &[DrawItemRow], chosen: &dyn Fn(&DrawItemRow) -> bool) -> BTreeMap<String, u8> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let (of, drawn) = counts.entry(&row.stratum).or_default();
        (*of, *drawn) = (*of + 1, *drawn + usize::from(chosen(row)));
    }
    let share = |(of, drawn): (usize, usize)| {
        let mut percents = (5..=15).chain(0..=100);
        percents.find(|percent| (of * usize::from(*percent)).div_ceil(100) == drawn).expect("a share")
    };
    counts.into_iter().map(|(stratum, count)| (stratum.to_owned(), share(count))).collect()
}

/// What a draw would decide with these numbers.
fn held_with(
    draw: &Draw,
    parties: &[String],
    numbers: &[Hex32; 2],
    roster: &[Checker],
    rows: &[DrawItemRow],
    now_us: i64,
) -> Draw {
    let mut draw = draw.clone();
    for (party, number) in parties.iter().zip(numbers) {
        let sha256 = commitment(&draw.announcement_sha256, party, number);
        draw = draw.commit(party, sha256, now_us).expect("committed");
    }
    let item = |row: &DrawItemRow| {
        let recuse = serde_json::from_str(&row.recuse).expect("names");
        Item { id: row.id.clone(), stratum: row.stratum.clone(), recuse }
    };
    draw = draw.freeze(roster.to_vec(), rows.iter().map(item).collect(), now_us).expect("frozen");
    for (party, number) in parties.iter().zip(numbers) {
        draw = draw.reveal(party, *number, now_us).expect("revealed");
    }
    draw.hold(now_us).expect("held")
}

fn refused(refusal: Refusal) -> Refused {
    Refused { reason: refusal.reason.to_owned(), findings: refusal.findings }
}
