//! One random log of batches, applied to both databases: the same rows, the same answers.

use kaiban_store::{
    AccessRecordRow, Backend, CaseFileRow, CasePersonRow, CaseRow, CaseState, Changes, Claim, Clock, DrawItemRow,
    Loaded, RegisterRow, RegisterWrite, TaskRow, TaskState, TimerKey, Wanted,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::database::{Database, postgres, run};
use crate::sample::{FAR_US, MONDAY_US, blob, case, effect, entry, record, request, seen, task, timer};

const BATCHES: usize = 120;

#[test]
fn the_same_log_gives_the_same_rows() {
    if postgres().is_none() {
        return;
    }
    for seed in [1, 2, 3] {
        run(Backend::Sqlite, async |sqlite: &Database| {
            let mut log = Log::new(seed);
            let script: Vec<(Wanted, Changes)> = (0..BATCHES).map(|_| log.next_batch()).collect();
            let on_sqlite = play(sqlite, &script).await;
            // A database of the other kind, inside this one's life.
            let on_postgres = tokio::task::block_in_place(|| {
                std::thread::scope(|scope| {
                    scope
                        .spawn(|| {
                            let mut result = None;
                            run(Backend::Postgres, async |db: &Database| result = Some(play(db, &script).await));
                            result.expect("PostgreSQL ran")
                        })
                        .join()
                        .expect("the PostgreSQL run")
                })
            });
            for (at, (a, b)) in on_sqlite.0.iter().zip(&on_postgres.0).enumerate() {
                assert_eq!(a.candidates, b.candidates, "seed {seed}, what batch {at} may claim");
                assert_eq!(a.tasks, b.tasks, "seed {seed}, the tasks that batch {at} loaded");
                assert_eq!(a, b, "seed {seed}, what batch {at} loaded");
            }
            assert_eq!(on_sqlite.1, on_postgres.1, "seed {seed}, the rows in the end");
            assert!(on_sqlite.1.len() > BATCHES);
        });
    }
}

/// Plays the log; what each batch loaded, and the rows in the end.
async fn play(db: &Database, script: &[(Wanted, Changes)]) -> (Vec<Loaded>, Vec<String>) {
    let mut answers = Vec::new();
    for (at, (wanted, changes)) in script.iter().enumerate() {
        let mut batch = db.store.begin().await.expect("begin");
        let mut loaded = batch.load(wanted).await.expect("load");
        batch.save(changes).await.expect("save");
        loaded.now_us = None;
        answers.push(loaded);
        work_off(db, at as i64).await;
    }
    (answers, dump(db).await)
}

/// Takes effects, gives some up and puts the others off, by what was taken: databases that hand out other effects
/// end with other rows.
async fn work_off(db: &Database, now_us: i64) {
    for (at, row) in db.store.claim_outbox(now_us, now_us + 5, 4).await.expect("claim").into_iter().enumerate() {
        match at {
            0 => drop(db.store.retry_outbox(&row.id, 1, row.due_us + 7).await.expect("retry")),
            1 => drop(db.store.fail_outbox(&row.id, "WEBHOOK_REFUSED").await.expect("fail")),
            _ => {}
        }
    }
}

/// Every row of every table that batches write, as text, in key order.
async fn dump(db: &Database) -> Vec<String> {
    let connection = db.connect().await;
    let backend = match db.store.backend() {
        Backend::Sqlite => DbBackend::Sqlite,
        Backend::Postgres => DbBackend::Postgres,
    };
    let tables = [
        (
            "cases",
            "id",
            "id,workflow,version,digest,division,organisation,outlet,subject,state,outcome,seq,head,received_at_us,accepted_at_us,promise_due_us,closed_at_us,snapshot,waiting,troubled,parent",
        ),
        ("entries", "case_id, seq", "case_id,seq,at_us,bytes,hash"),
        ("blobs", "digest", "digest,case_id,kind,salt,bytes,created_at_us"),
        ("tasks", "id", "id,case_id,step,office,division,state,due_at_us,offered_at_us,epoch,holder,lease_until_us"),
        ("timers", "case_id, step, kind", "case_id,step,kind,due_us,clock"),
        ("requests", "key", "key,content,case_id,reply,at_us"),
        ("case_offices", "case_id, office", "case_id,office"),
        ("registers", "register, key", "register,key,holder,since_us,until_us,state,value,version"),
        ("delays", "id", "id,case_id,step,office,division,since_us,working_us,budget_us,explained_at_us"),
        ("outbox", "id", "id,case_id,kind,payload,due_us,attempts,claimed_until_us,failed_code,created_at_us"),
        ("case_files", "case_id, digest, pointer, step", "case_id,digest,pointer,step"),
        ("access_records", "id", "id,at_us,token,role,organisation,officer,case_id,fields,purpose"),
        ("case_persons", "person, case_id", "person,case_id"),
        ("credit_entries", "subject, seq", "subject,seq,on_date,entry,recorded_at_us"),
        ("draw_items", "id", "id,pool,case_id,step,stratum,recuse,entered_at_us,draw"),
    ];
    let mut lines = Vec::new();
    for (table, key, columns) in tables {
        let fields: Vec<String> = columns
            .split(',')
            .map(|column| format!("CASE WHEN {column} IS NULL THEN 'NULL' ELSE '=' || CAST({column} AS TEXT) END"))
            .collect();
        let sql = format!("SELECT {} AS line FROM {table} ORDER BY {key}", fields.join(" || '|' || "));
        for row in connection.query_all_raw(Statement::from_string(backend, sql)).await.expect("dump") {
            lines.push(format!("{table} {}", row.try_get::<String>("", "line").expect("line")));
        }
    }
    lines
}

/// Makes up batches that a server could have written.
struct Log {
    random: u64,
    cases: Vec<CaseRow>,
    tasks: Vec<TaskRow>,
    timers: Vec<TimerKey>,
    records: Vec<RegisterRow>,
    effects: Vec<String>,
    made: u64,
}

impl Log {
    fn new(seed: u64) -> Self {
        Log { random: seed, cases: vec![], tasks: vec![], timers: vec![], records: vec![], effects: vec![], made: 0 }
    }

    /// splitmix64.
    fn below(&mut self, n: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn name(&mut self, prefix: &str) -> String {
        self.made += 1;
        let odd = ["", "é", "办", "-", "Z", "\"'"][self.below(6)];
        format!("{prefix}{odd}{}", self.made)
    }

    fn next_batch(&mut self) -> (Wanted, Changes) {
        let mut wanted = Wanted { operating_us: MONDAY_US, ..Wanted::default() };
        let mut changes = Changes::default();
        let mut touched: Vec<usize> = (0..self.below(6)).map(|_| self.below(self.cases.len().max(1))).collect();
        touched.sort_unstable();
        touched.dedup();
        touched.retain(|at| *at < self.cases.len());
        for at in touched {
            self.change_case(at, &mut wanted, &mut changes);
        }
        for _ in 0..self.below(4) {
            self.add_case(&mut changes);
        }
        for _ in 0..self.below(4) {
            let steps = if self.below(2) == 0 { vec![] } else { vec![self.step()] };
            wanted.claims.push(Claim { office: self.office(), steps, limit: self.below(4) as u32 });
        }
        self.change_registers(&mut wanted, &mut changes);
        self.change_outbox(&mut changes);
        (wanted, changes)
    }

    fn step(&mut self) -> String {
        ["registration", "seal", "invoice"][self.below(3)].into()
    }

    fn office(&mut self) -> String {
        ["registrar", "tax", "章"][self.below(3)].into()
    }

    fn add_case(&mut self, changes: &mut Changes) {
        let id = self.name("c");
        let mut row = case(&id);
        row.received_at_us += self.below(5) as i64;
        row.outlet = (self.below(2) == 0).then(|| "outlet".into());
        row.parent = self.cases.last().filter(|case| case.seq % 2 == 0).map(|case| case.id.clone());
        self.show(&id, changes);
        changes.requests.push(request(&format!("submit/{id}"), Some(&id)));
        changes.entries.push(entry(&id, 1));
        changes.blobs.push(blob(&format!("form/{id}"), &id));
        self.add_task(&id, changes);
        changes.cases_new.push(row.clone());
        self.cases.push(row);
    }

    fn add_task(&mut self, case_id: &str, changes: &mut Changes) {
        let id = self.name("t");
        let row = TaskRow {
            step: self.step(),
            office: self.office(),
            due_at_us: self.below(9) as i64,
            offered_at_us: self.below(3) as i64,
            ..task(&id, case_id)
        };
        changes.case_offices.push(seen(case_id, &row.office));
        changes.case_offices.dedup();
        changes.tasks.push(row.clone());
        self.tasks.push(row);
    }

    fn change_case(&mut self, at: usize, wanted: &mut Wanted, changes: &mut Changes) {
        let id = self.cases[at].id.clone();
        wanted.cases.push(id.clone());
        wanted.requests.push(format!("submit/{id}"));
        wanted.blobs.push(format!("form/{id}"));
        for _ in 0..=self.below(3) {
            let row = &mut self.cases[at];
            row.seq += 1;
            row.head = format!("head-{id}-{}", row.seq);
            changes.entries.push(entry(&id, row.seq));
        }
        let closes = self.below(5) == 0;
        let promise_due_us = (self.below(3) != 0).then(|| self.below(1_000) as i64 - 500);
        let row = &mut self.cases[at];
        row.state = if closes { CaseState::Closed } else { CaseState::Open };
        row.outcome = closes.then(|| "opened".into());
        changes.draw_items_gone.extend(closes.then(|| format!("{id}/draw")));
        row.closed_at_us = closes.then_some(FAR_US);
        row.promise_due_us = promise_due_us;
        row.waiting = row.seq % 3 == 0;
        row.troubled = row.seq % 5 == 0;
        row.snapshot = format!("{{\"seq\":{}}}", row.seq);
        changes.cases_changed.push(row.clone());
        self.change_tasks(&id, changes);
        self.change_timers(&id, changes);
    }

    /// Who is in the case, what it refers to, what was shown and written.
    fn show(&mut self, case_id: &str, changes: &mut Changes) {
        let name = self.name("x");
        let person = format!("person-{}", self.below(9));
        changes.case_persons.push(CasePersonRow { person: person.clone(), case_id: case_id.into() });
        changes.case_files.push(CaseFileRow {
            case_id: case_id.into(),
            digest: format!("file-{}", self.below(9)),
            pointer: "/domicile/lease".into(),
            step: ["", "registration"][self.below(2)].into(),
        });
        changes.access_records.push(AccessRecordRow {
            id: name.clone(),
            at_us: self.below(99) as i64,
            token: "k1".into(),
            role: "agency".into(),
            organisation: "tax".into(),
            officer: (self.below(2) == 0).then_some(person),
            case_id: case_id.into(),
            fields: "[]".into(),
            purpose: "seal".into(),
        });
        changes.draw_items.push(DrawItemRow {
            id: format!("{case_id}/draw"),
            pool: ["shops", "ships"][self.below(2)].into(),
            case_id: case_id.into(),
            step: "draw".into(),
            stratum: "A".into(),
            recuse: "[]".into(),
            entered_at_us: self.below(99) as i64,
            draw: None,
        });
    }

    /// Reads some records; changes, removes or adds some.
    fn change_registers(&mut self, wanted: &mut Wanted, changes: &mut Changes) {
        let mut kept = Vec::new();
        for mut row in std::mem::take(&mut self.records) {
            match self.below(8) {
                0 => {
                    changes.registers_removed.push((row.register, row.key, row.version));
                    continue;
                }
                1 | 2 => {
                    let expected_version = Some(row.version);
                    row.version += 1 + self.below(3) as i64;
                    row.until_us = (self.below(2) == 0).then_some(FAR_US);
                    row.holder = self.name("c");
                    changes.registers.push(RegisterWrite { row: row.clone(), expected_version });
                }
                3 | 4 => wanted.registers.push((row.register.clone(), row.key.clone())),
                _ => {}
            }
            kept.push(row);
        }
        self.records = kept;
        wanted.registers.push(("names".into(), "never was".into()));
        for _ in 0..self.below(4) {
            let register = ["names", "信用"][self.below(2)];
            let row = record(register, &self.name("k"), "c", 1);
            changes.registers.push(RegisterWrite { row: row.clone(), expected_version: None });
            self.records.push(row);
        }
    }

    fn change_outbox(&mut self, changes: &mut Changes) {
        let mut kept = Vec::new();
        for id in std::mem::take(&mut self.effects) {
            match self.below(3) {
                0 => changes.outbox_done.push(id),
                _ => kept.push(id),
            }
        }
        self.effects = kept;
        for _ in 0..self.below(4) {
            let row = effect(&self.name("e"), self.below(100) as i64);
            self.effects.push(row.id.clone());
            changes.outbox.push(row);
        }
    }

    fn change_tasks(&mut self, case_id: &str, changes: &mut Changes) {
        let states = [TaskState::Ready, TaskState::Leased, TaskState::Deferred, TaskState::Retrying];
        let mut kept = Vec::new();
        for mut row in std::mem::take(&mut self.tasks) {
            if row.case_id == case_id {
                if self.below(3) == 0 {
                    changes.tasks_gone.push(row.id);
                    continue;
                }
                row.state = states[self.below(4)];
                row.epoch += 1;
                row.holder = (row.state == TaskState::Leased).then(|| "worker".into());
                row.lease_until_us = [None, Some(1), Some(FAR_US)][self.below(3)];
                changes.tasks.push(row.clone());
            }
            kept.push(row);
        }
        self.tasks = kept;
        if self.below(2) == 0 {
            self.add_task(case_id, changes);
        }
    }

    fn change_timers(&mut self, case_id: &str, changes: &mut Changes) {
        let mut kept = Vec::new();
        for key in std::mem::take(&mut self.timers) {
            if key.case_id == case_id && self.below(2) == 0 {
                changes.timers_gone.push(key);
            } else {
                kept.push(key);
            }
        }
        self.timers = kept;
        let step = self.step();
        let gone = changes.timers_gone.iter().any(|key| key.case_id == case_id && key.step == step);
        if !gone {
            let mut row = timer(case_id, &step, self.below(100) as i64);
            row.clock = [Clock::Business, Clock::Operating][self.below(2)];
            let key = TimerKey { case_id: row.case_id.clone(), step: row.step.clone(), kind: row.kind.clone() };
            if !self.timers.contains(&key) {
                self.timers.push(key);
            }
            changes.timers.push(row);
        }
    }
}
