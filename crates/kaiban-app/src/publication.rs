//! Calendars are published: what is in force is only ever extended, each extension is recorded with who published it and
//! on what ground, and applied to the whole of every open case.
//!
//! A database records every state of the calendars that its cases were computed with, the first one included. So a
//! server that is started with newer files than it had before publishes them itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kaiban_calendar::{Calendars, Ending};
use kaiban_definition::{Files, Workflows, load_calendars};
use kaiban_findings::{Finding, Text};
use kaiban_store::{Progress, PublicationRow, Store, StoreError};
use tokio::sync::watch;

use crate::access::Verb;
use crate::app::{App, Inner, StartError};
use crate::execute::RequestKey;
use crate::in_force::{Applying, InForce};
use crate::principal::Principal;
use crate::refusal::{Canonical, Refusal};

/// Folder of the calendars.
const FOLDER: &str = "calendars/";

/// A calendar file that is published.
#[derive(Clone, Debug)]
pub struct CalendarFile {
    /// Its name, `cn.yaml`, as under `workflows/calendars`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Calendars to be published.
#[derive(Clone, Debug)]
pub struct PublishCalendar {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// At least one; each whole, with everything that was published before.
    pub files: Vec<CalendarFile>,
    /// The notice or decision that it rests on.
    pub source: String,
}

/// How far a publication is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationView {
    /// Its number.
    pub number: i64,
    /// When it was recorded, business time, µs.
    pub published_at_us: i64,
    /// The notice or decision that it rests on.
    pub source: String,
    /// Open cases looked at.
    pub done: u64,
    /// Open cases at its beginning.
    pub total: u64,
    /// Cases among those looked at that it changed.
    pub changed: u64,
    /// When all had been looked at, business time, µs.
    pub finished_at_us: Option<i64>,
}

/// A calendar that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCalendar {
    /// Its name.
    pub name: String,
    /// Digest of its data.
    pub version: String,
    /// When the last part of it was published, µs.
    pub published_at_us: i64,
    /// Its last published day, `YYYY-MM-DD`.
    pub published_until: String,
    /// Whole days to that day; negative past it.
    pub days_left: i64,
}

/// A publication as it goes on, from the present state to its end.
pub struct PublicationStream {
    app: App,
    number: i64,
    /// What was said last; none at the beginning, when `first` is said.
    said: Option<PublicationView>,
    first: PublicationView,
    changes: watch::Receiver<Option<PublicationView>>,
}

impl PublicationStream {
    /// The next state; none after the last one.
    ///
    /// # Errors
    /// The server stops; the publication goes on when it starts again.
    pub async fn next(&mut self) -> Result<Option<PublicationView>, Refusal> {
        let next = match &self.said {
            None => self.first.clone(),
            Some(said) if said.finished_at_us.is_some() => return Ok(None),
            Some(said) => self.after(said.clone()).await?,
        };
        self.said = Some(next.clone());
        Ok(Some(next))
    }

    async fn after(&mut self, said: PublicationView) -> Result<PublicationView, Refusal> {
        let inner = &self.app.inner;
        let changed = self.changes.wait_for(|now| now.as_ref() != Some(&said));
        let now = tokio::select! {
            now = changed => now.map_err(|_| Refusal::stopping())?.clone(),
            () = inner.bell.stopped() => return Err(Refusal::stopping()),
        };
        if let Some(now) = now.filter(|now| now.number == self.number) {
            return Ok(now);
        }
        // It finished and another began between two looks: the database knows.
        let rows = inner.store.publications().await?;
        rows.iter().find(|row| row.number == self.number).map(present).ok_or_else(Refusal::not_found)
    }
}

impl App {
    /// Publishes calendars, and gives how the open cases are recomputed for them. What was published before in the same
    /// words is the same publication.
    ///
    /// # Errors
    /// `CALENDARS_INVALID` and `CALENDAR_HISTORY_CHANGED`, with everything that is wrong; `REQUEST_ID_REUSED`;
    /// `PUBLICATION_IN_PROGRESS` while another one is being applied.
    pub async fn publish_calendar(
        &self,
        who: &Principal,
        request: PublishCalendar,
    ) -> Result<PublicationStream, Refusal> {
        who.may(Verb::PublishCalendar)?;
        let inner = &self.inner;
        let mut brought = BTreeMap::new();
        for CalendarFile { name, text } in request.files {
            brought.insert(path_of(&name)?, text);
        }
        let content = serde_json::json!({ "files": brought, "source": request.source });
        let key = inner.request(who, "PublishCalendar", &request.request_id, &content)?;
        let publisher = who.person.clone().unwrap_or_else(|| who.token.clone());
        // Subscribed before it begins: no word of it is missed.
        let changes = inner.publications.subscribe();
        // Not to be broken off half-way by a caller who hangs up: recorded, it is in force.
        let (publishing, source) = (Arc::clone(inner), request.source);
        let published =
            tokio::spawn(async move { publishing.publish_files(&brought, &source, &publisher, Some(key)).await });
        let view = published.await.map_err(|_| Refusal::stopping())??;
        Ok(PublicationStream { app: self.clone(), number: view.number, said: None, first: view, changes })
    }

    /// Waits until every open case stands on the calendars in force, or the app stops.
    pub async fn calendars_settled(&self) {
        self.inner.settled().await;
    }

    /// The calendars in force, by name, and the number of the publication that brought them.
    pub fn calendars_in_force(&self) -> (i64, Vec<ServerCalendar>) {
        let in_force = self.inner.library.in_force();
        let now_us = self.business_now_us();
        let shown = in_force.calendars.iter().map(|calendar| {
            let version = calendar.identity();
            ServerCalendar {
                name: version.calendar,
                version: version.digest,
                published_at_us: version.published_at_us,
                published_until: calendar.published_until().to_string(),
                days_left: calendar.days_left(now_us),
            }
        });
        (in_force.publication, shown.collect())
    }
}

impl Inner {
    /// Records a publication and puts it in force. Other servers of the database learn of it before their next batch is
    /// decided.
    async fn publish_files(
        &self,
        brought: &BTreeMap<String, String>,
        source: &str,
        publisher: &str,
        request: Option<RequestKey>,
    ) -> Result<PublicationView, Refusal> {
        let _one = self.publishing.lock().await;
        self.follow_publications_alone().await?;
        let rows = self.store.publications().await?;
        if let Some(key) = &request
            && let Some(row) = rows.iter().find(|row| row.request.as_ref() == Some(&key.key))
        {
            return if row.content == key.content { Ok(present(row)) } else { Err(Refusal::request_id_reused()) };
        }
        let content = serde_json::to_string(brought).unwrap_or_default();
        let mut files = rows.last().map(files_of).transpose().map_err(|_| unreadable())?.unwrap_or_default();
        if brought.iter().all(|(path, text)| files.get(path) == Some(text))
            && let Some(row) = rows.iter().rev().find(|row| brings(row, brought))
        {
            return Ok(present(row));
        }
        // One at a time: a case stands on the calendars in force or on the ones before, never on a third.
        if let Some(row) = rows.last().filter(|row| row.progress.finished_at_us.is_none()) {
            let now = self.publications.borrow().clone().filter(|now| now.number == row.number);
            return Err(in_progress(&now.unwrap_or_else(|| present(row))));
        }
        files.extend(brought.clone());
        let calendars = extension(&files, &self.library.calendars())?;
        let total = self.store.open_cases().await?;
        // INVARIANT: from here to the commit no server is between reading which calendars hold and committing by them.
        let publishing = self.store.publishing().await?;
        if publishing.publications().await?.last().map(|row| row.number) != rows.last().map(|row| row.number) {
            // Another server was faster; what is left to be published now, the caller asks again.
            return Err(StoreError::Conflict("calendars were published meanwhile".into()).into());
        }
        let operating_us = publishing.now_us().unwrap_or_else(|| self.clock.operating_us());
        let row = PublicationRow {
            number: rows.last().map_or(1, |row| row.number + 1),
            published_at_us: self.clock.business_us(operating_us),
            publisher: publisher.to_owned(),
            source: source.to_owned(),
            content: request.as_ref().map_or(content, |key| key.content.clone()),
            request: request.map(|key| key.key),
            brought: paths(brought),
            files: serde_json::to_string(&files).unwrap_or_default(),
            progress: Progress { total, ..Progress::default() },
        };
        publishing.put(&row).await?;
        let before = self.library.in_force();
        let applying = Applying::new(row.number, source, row.published_at_us, Some(Arc::clone(&before.calendars)), "");
        self.library.enforce(InForce {
            calendars: calendars.into(),
            publication: row.number,
            applying: Some(Arc::new(applying)),
        });
        if let Err(error) = publishing.commit().await {
            // Whether it was made the database knows.
            self.library.enforce(before.as_ref().clone());
            self.recompute.notify_one();
            return Err(error.into());
        }
        self.publications.send_replace(Some(present(&row)));
        self.recompute.notify_one();
        self.nodes.tell(|words| words.calendars = true);
        tracing::info!(publication = row.number, open_cases = row.progress.total, "calendars were published");
        Ok(present(&row))
    }

    /// Publishes the files that a server was started with, where they are newer than what its database records, once no
    /// other publication is being applied.
    pub async fn publish_shipped(&self, files: &BTreeMap<String, String>) {
        while self.settled().await {
            match self.publish_files(files, "", "", None).await {
                Ok(_) => return,
                // Somebody else published meanwhile, or is about to.
                Err(refusal) if matches!(refusal.code, Canonical::Unavailable | Canonical::Aborted) => {
                    tokio::select! {
                        () = self.clock.wait(refusal.retry_after.unwrap_or(Duration::from_secs(1))) => {}
                        () = self.bell.stopped() => return,
                    }
                }
                Err(refusal) => {
                    let reason = refusal.reason;
                    tracing::error!(reason, "the calendars of the workflows are not put in force");
                    return;
                }
            }
        }
    }

    /// Puts in force here what other servers published, and takes note of how far it is applied.
    ///
    /// # Errors
    /// The database cannot be read, or what it keeps of calendars cannot be loaded by this version.
    pub async fn follow_publications(&self) -> Result<(), StoreError> {
        let _one = self.publishing.lock().await;
        self.follow_publications_alone().await
    }

    async fn follow_publications_alone(&self) -> Result<(), StoreError> {
        let rows = self.store.publications().await?;
        let Some(last) = rows.last() else { return Ok(()) };
        let in_force = self.library.in_force();
        let finished = last.progress.finished_at_us.is_some();
        if last.number > in_force.publication {
            let followed = in_force_of(&rows).map_err(|error| {
                tracing::error!(%error, "published calendars cannot be put in force");
                StoreError::Corrupt("calendar_publications.files".into())
            })?;
            let Some(followed) = followed else { return Ok(()) };
            self.library.enforce(followed);
            tracing::info!(publication = last.number, "calendars that another server published are in force");
            self.recompute.notify_one();
        } else if last.number == in_force.publication && finished && in_force.applying.is_some() {
            self.library.enforce(InForce { applying: None, ..in_force.as_ref().clone() });
        }
        let now = present(last);
        self.publications.send_if_modified(|known| {
            // What is known here may be ahead of the row, which is written once a second.
            let how_far = |view: &PublicationView| (view.number, view.finished_at_us.is_some(), view.done);
            let newer = known.as_ref().is_none_or(|known| how_far(known) < how_far(&now));
            if newer {
                *known = Some(now);
            }
            newer
        });
        Ok(())
    }

    /// Waits until every open case stands on the calendars in force; false where the app stops before.
    async fn settled(&self) -> bool {
        let mut changes = self.publications.subscribe();
        tokio::select! {
            settled = changes.wait_for(|_| self.library.in_force().applying.is_none()) => settled.is_ok(),
            () = self.bell.stopped() => false,
        }
    }
}

/// What a database records of its calendars when a server opens it.
pub(crate) struct Opened {
    pub in_force: InForce,
    pub standing: Option<PublicationView>,
    /// Newer files of the workflows, to be published once what is recorded has been applied.
    pub newer: Option<BTreeMap<String, String>>,
}

/// The calendars in force: what is recorded, and the workflows' where they extend it. The first ones are recorded.
pub(crate) async fn open(
    store: &Store,
    workflows: &Workflows,
    files: &Files,
    now_us: i64,
) -> Result<Opened, StartError> {
    let shipped: BTreeMap<String, String> = files
        .iter()
        .filter(|(path, _)| path.starts_with(FOLDER))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    if store.publications().await?.is_empty() {
        let total = store.open_cases().await?;
        let finished_at_us = (total == 0).then_some(now_us);
        let first = store
            .put_publication(&PublicationRow {
                number: 1,
                published_at_us: now_us,
                publisher: String::new(),
                source: String::new(),
                request: None,
                content: String::new(),
                brought: paths(&shipped),
                files: serde_json::to_string(&shipped).unwrap_or_default(),
                progress: Progress { total, finished_at_us, ..Progress::default() },
            })
            .await;
        match first {
            // Another server that was started at the same moment recorded them.
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let rows = store.publications().await?;
    let in_force = recorded_in(&rows, workflows)?;
    let newer = match rows.last() {
        Some(row) => newer(&files_of(row)?, &in_force.calendars, &shipped, workflows)?,
        None => None,
    };
    Ok(Opened { in_force, standing: rows.last().map(present), newer })
}

/// The calendars that a database records; the workflows' where it records none.
pub(crate) async fn recorded(store: &Store, workflows: &Workflows) -> Result<InForce, StartError> {
    recorded_in(&store.publications().await?, workflows)
}

fn recorded_in(rows: &[PublicationRow], workflows: &Workflows) -> Result<InForce, StartError> {
    let shipped = || InForce { calendars: workflows.calendars.clone(), publication: 0, applying: None };
    Ok(in_force_of(rows)?.unwrap_or_else(shipped))
}

/// What is in force by the publications of a database; none where there are none.
fn in_force_of(rows: &[PublicationRow]) -> Result<Option<InForce>, StartError> {
    let Some((last, earlier)) = rows.split_last() else { return Ok(None) };
    let applying = match last.progress.finished_at_us {
        Some(_) => None,
        None => {
            let before = earlier.last().map(|row| calendars_of(row).map(Arc::new)).transpose()?;
            let PublicationRow { number, source, published_at_us, progress, .. } = last;
            let applying = Applying::new(*number, source, *published_at_us, before, &progress.last_case);
            Some(Arc::new(applying))
        }
    };
    Ok(Some(InForce { calendars: calendars_of(last)?.into(), publication: last.number, applying }))
}

/// The files of the workflows that say more than the recorded ones. A file that says less is older and left alone.
fn newer(
    recorded: &BTreeMap<String, String>,
    in_force: &Calendars,
    shipped: &BTreeMap<String, String>,
    workflows: &Workflows,
) -> Result<Option<BTreeMap<String, String>>, StartError> {
    let differ = shipped.iter().filter(|(path, text)| recorded.get(*path) != Some(text));
    let (mut brought, mut wrong) = (BTreeMap::new(), Vec::new());
    for (path, text) in differ {
        let one = |base: &BTreeMap<String, String>, text: &String| {
            let mut files = base.clone();
            files.insert(path.clone(), text.clone());
            files
        };
        let lost = match extension(&one(recorded, text), in_force) {
            Ok(extended) if extended.versions() == in_force.versions() => continue,
            Ok(_) => {
                brought.insert(path.clone(), text.clone());
                continue;
            }
            Err(refusal) => refusal.findings,
        };
        let known =
            recorded.get(path).is_some_and(|known| extension(&one(shipped, known), &workflows.calendars).is_ok());
        if !known {
            wrong.extend(lost);
        }
    }
    if !wrong.is_empty() {
        return Err(StartError::Calendars(wrong));
    }
    Ok((!brought.is_empty()).then_some(brought))
}

/// The calendars of some files, which have to hold everything that is in force.
fn extension(files: &BTreeMap<String, String>, in_force: &Calendars) -> Result<Calendars, Refusal> {
    let (calendars, findings) = load_calendars(&Files::from(files.clone()));
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    if errors > 0 {
        let (zh, en) = (
            format!("日历文件有{errors}处错误，未公布。"),
            format!("the calendar files have {errors} error(s); nothing was published"),
        );
        return Err(Refusal { findings, ..Refusal::argument("CALENDARS_INVALID", zh, en) });
    }
    let lost = calendars.lost_since(in_force, FOLDER);
    if !lost.is_empty() {
        let count = lost.len();
        return Err(Refusal {
            findings: lost,
            ..Refusal::new(
                Canonical::FailedPrecondition,
                "CALENDAR_HISTORY_CHANGED",
                format!("已公布的日历内容有{count}处缺失或改动，未公布；请在现行文件的基础上补充。"),
                format!(
                    "{count} thing(s) that were published before are missing or changed; nothing was published. Add to the files that are in force."
                ),
            )
        });
    }
    Ok(calendars)
}

/// Where a file of that name belongs.
fn path_of(name: &str) -> Result<String, Refusal> {
    let fits = |stem: &str| {
        !stem.is_empty()
            && stem.len() <= 64
            && stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match name.strip_suffix(".yaml").filter(|stem| fits(stem)) {
        Some(_) => Ok(format!("{FOLDER}{name}")),
        None => Err(Refusal::argument(
            "CALENDAR_FILE_NAME_INVALID",
            "日历文件名须为小写字母、数字和连字符加 .yaml，如 fuzhou-city.yaml。",
            "A calendar file is called by lower-case letters, digits and hyphens and ends in .yaml: fuzhou-city.yaml.",
        )),
    }
}

fn paths(files: &BTreeMap<String, String>) -> String {
    serde_json::to_string(&files.keys().collect::<Vec<_>>()).unwrap_or_default()
}

/// Whether a publication brought one of these files.
fn brings(row: &PublicationRow, files: &BTreeMap<String, String>) -> bool {
    serde_json::from_str::<Vec<String>>(&row.brought)
        .is_ok_and(|brought| brought.iter().any(|path| files.contains_key(path)))
}

fn files_of(row: &PublicationRow) -> Result<BTreeMap<String, String>, StartError> {
    serde_json::from_str(&row.files)
        .map_err(|_| StartError::Store(StoreError::Corrupt("calendar_publications.files".into())))
}

fn calendars_of(row: &PublicationRow) -> Result<Calendars, StartError> {
    let (calendars, findings) = load_calendars(&Files::from(files_of(row)?));
    match findings.iter().any(Finding::is_error) {
        true => Err(StartError::Calendars(findings)),
        false => Ok(calendars),
    }
}

/// A publication as it is shown.
pub(crate) fn present(row: &PublicationRow) -> PublicationView {
    let Progress { done, changed, total, finished_at_us, .. } = row.progress;
    PublicationView {
        number: row.number,
        published_at_us: row.published_at_us,
        source: row.source.clone(),
        done,
        total,
        changed,
        finished_at_us,
    }
}

/// The publication before is still being applied.
fn in_progress(PublicationView { number, done, total, .. }: &PublicationView) -> Refusal {
    Refusal {
        retry_after: Some(Duration::from_secs(5)),
        ..Refusal::new(
            Canonical::Unavailable,
            "PUBLICATION_IN_PROGRESS",
            format!(
                "第 {number} 次日历公布正在重算在办件（已完成 {done}/{total} 件），本次未公布；请待其完成后再公布。"
            ),
            format!(
                "Publication {number} is being applied ({done} of {total} open cases so far), and nothing was published: publish again when it has ended."
            ),
        )
    }
}

fn unreadable() -> Refusal {
    Refusal::new(
        Canonical::Internal,
        "STORED_CALENDARS_UNREADABLE",
        "存储的日历无法读取，请联系管理员。",
        "The stored calendars cannot be read: tell the administrator.",
    )
}

/// How soon before its end a calendar is spoken of, in days.
pub const ENDING_DAYS: i64 = 60;

/// What is said of a calendar that ends soon.
pub fn said(ending: &Ending) -> Text {
    let Ending { calendar, last, days_left } = ending;
    if *days_left < 0 {
        return Text::new(
            format!(
                "日历“{calendar}”只公布到 {last}，此后的时限均为暂定；请尽快公布下一年度安排（kaiban calendar publish）。"
            ),
            format!(
                "the calendar {calendar} ended on {last}, and due times past it are provisional: publish the next year (kaiban calendar publish)"
            ),
        );
    }
    Text::new(
        format!("日历“{calendar}”公布到 {last}，还有 {days_left} 天；请公布下一年度安排（kaiban calendar publish）。"),
        format!(
            "the calendar {calendar} ends on {last}, in {days_left} day(s): publish the next year (kaiban calendar publish)"
        ),
    )
}
