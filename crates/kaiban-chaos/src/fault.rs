//! Doing harm: one fault, from its beginning to the moment from which on everybody could work again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use kaiban_population::{Draw, Lot};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use crate::book::Book;
use crate::deck::Kind;
use crate::node::Node;
use crate::place::Place;
use crate::plan::Plan;
use crate::proxy::Weather;

/// How long something is full, at most, until somebody notices.
const FULL_MAX: Duration = Duration::from_secs(12);

/// Refusals for want of room after which there is room again.
const FULL_REFUSALS: u64 = 3;

/// How long a database may take to recover.
const DATABASE_MAX: Duration = Duration::from_secs(60);

/// From this time on somebody must have been served although one of several servers stood still.
const STANDSTILL_MAX: Duration = Duration::from_secs(8);

/// Whom harm is done to.
pub(crate) struct Victims<'a> {
    pub plan: &'a Plan,
    pub place: &'a Place,
    pub nodes: &'a mut [Node],
    pub book: &'a Arc<Book>,
}

impl Victims<'_> {
    /// Does it, and undoes what can be undone; gives what exactly was done.
    ///
    /// # Errors
    /// Somebody did not come back.
    pub async fn suffer(&mut self, number: usize, kind: Kind) -> Result<String> {
        let mut lot = Draw::new(self.plan.seed).keyed("fault", number as u64, kind.name(), 0);
        // The moment within a call or a transaction is nobody's choice.
        sleep(micros(&mut lot, 0, 20_000)).await;
        let at = lot.index(self.nodes.len());
        let who = format!("server {}", at + 1);
        Ok(match kind {
            Kind::Kill => {
                self.nodes[at].kill().await?;
                self.others_served(&mut lot).await;
                self.nodes[at].start(&[]).await?;
                who
            }
            Kind::KillStarting => {
                self.nodes[at].kill().await?;
                self.nodes[at].spawn(&[])?;
                let after = micros(&mut lot, 0, 400_000);
                sleep(after).await;
                self.nodes[at].kill().await?;
                self.nodes[at].start(&[]).await?;
                format!("{who}, again after {} ms", after.as_millis())
            }
            Kind::Stop => self.stop(at, &mut lot).await?,
            Kind::Roll => {
                self.nodes[at].end().await?;
                self.others_served(&mut lot).await;
                self.nodes[at].start(&[]).await?;
                who
            }
            Kind::KillDatabase => {
                let cluster = self.place.cluster.as_ref().context("no PostgreSQL")?;
                signal(cluster.postmaster().context("PostgreSQL does not run")?, Signal::KILL)?;
                sleep(micros(&mut lot, 0, 1_000_000)).await;
                self.database_again().await?;
                "the postmaster".to_owned()
            }
            Kind::KillSession => {
                let sessions = self.sessions();
                if sessions.is_empty() {
                    return Ok("nobody: no session".into());
                }
                signal(*lot.pick(&sessions), Signal::KILL)?;
                format!("one of {} sessions", sessions.len())
            }
            Kind::EndSessions => {
                let sessions = self.sessions();
                let share = [0.1, 0.5, 1.0][lot.index(3)];
                let mut ended = 0;
                for session in &sessions {
                    // It may have ended by itself meanwhile.
                    ended += u32::from(lot.chance(share) && signal(*session, Signal::TERM).is_ok());
                }
                format!("{ended} of {} sessions", sessions.len())
            }
            Kind::Cut => {
                self.nodes[at].proxy.cut();
                who
            }
            Kind::Slow => {
                let delay = micros(&mut lot, 20_000, 400_000);
                self.nodes[at].proxy.weather(Weather { delay, silent: false });
                self.served(&mut lot, Duration::from_secs(4)).await;
                self.nodes[at].proxy.weather(Weather::default());
                format!("{who}, {} ms", delay.as_millis())
            }
            Kind::Silence => {
                let longest = i64::try_from(self.plan.silence.as_micros())?;
                let length = micros(&mut lot, longest / 10, longest);
                self.nodes[at].proxy.weather(Weather { silent: true, ..Weather::default() });
                sleep(length).await;
                let lost = lot.chance(0.5);
                if lost {
                    self.nodes[at].proxy.cut();
                }
                self.nodes[at].proxy.weather(Weather::default());
                format!("{who}, {} ms, then {}", length.as_millis(), if lost { "cut" } else { "heard" })
            }
            Kind::FullDatabase => {
                self.nodes[at].end().await?;
                let bytes = self.place.database_bytes() + lot.below(256 * 1024);
                self.nodes[at].start(&["--max-database-bytes".to_owned(), bytes.to_string()]).await?;
                let noticed = self.full(&mut lot).await;
                self.nodes[at].end().await?;
                self.nodes[at].start(&[]).await?;
                format!("{who}, {bytes} bytes, {noticed}")
            }
            Kind::FullFiles => {
                // Beside PostgreSQL a server writes small documents only.
                let most = if self.place.cluster.is_some() { 512 } else { 256 * 1024 };
                let bytes = lot.below(most);
                self.nodes[at].limit_files(Some(bytes))?;
                let noticed = self.full(&mut lot).await;
                self.nodes[at].limit_files(None)?;
                format!("{who}, {bytes} bytes, {noticed}")
            }
            Kind::FullDisk => {
                let disk = self.place.disk.as_ref().context("no small disk")?;
                disk.fill(lot.below(256))?;
                let noticed = self.full(&mut lot).await;
                disk.empty()?;
                if self.place.cluster.is_some() {
                    self.database_again().await?;
                }
                noticed
            }
        })
    }

    /// Waits for a few acknowledgements of other servers, where there are any; not for long.
    async fn others_served(&self, lot: &mut Lot) {
        if self.nodes.len() > 1 {
            self.served(lot, Duration::from_secs(1)).await;
        }
    }

    async fn served(&self, lot: &mut Lot, at_most: Duration) {
        let more = 1 + lot.below(10);
        let _ = timeout(at_most, self.book.reaches(self.book.count() + more)).await;
    }

    /// Waits until somebody was told that there is no room.
    async fn full(&self, lot: &mut Lot) -> String {
        let (before, served) = (self.book.storage_refusals(), self.book.count());
        let noticed = timeout(FULL_MAX, self.book.storage_refused(before + FULL_REFUSALS)).await.is_ok();
        sleep(micros(lot, 0, 1_500_000)).await;
        let refused = self.book.storage_refusals() - before;
        let served = self.book.count() - served;
        format!("{} ({refused} refused, {served} served)", if noticed { "noticed" } else { "hardly noticed" })
    }

    async fn stop(&mut self, at: usize, lot: &mut Lot) -> Result<String> {
        let longest = i64::try_from(self.plan.stop.as_micros())?;
        let length = micros(lot, longest * 9 / 10, longest);
        let before = self.book.count();
        self.nodes[at].stand_still(true)?;
        sleep(length).await;
        let served = self.book.count() - before;
        self.nodes[at].stand_still(false)?;
        if self.nodes.len() > 1 && length >= STANDSTILL_MAX && served == 0 {
            let seconds = length.as_secs_f32();
            self.book.violation(format!("server {} stood still for {seconds:.1} s and with it all others", at + 1));
        }
        Ok(format!("server {}, {} ms, {served} served meanwhile", at + 1, length.as_millis()))
    }

    fn sessions(&self) -> Vec<u32> {
        self.place.cluster.as_ref().map(|cluster| cluster.sessions()).unwrap_or_default()
    }

    /// Starts PostgreSQL again if it ended; its last session may take a moment to go.
    async fn database_again(&self) -> Result<()> {
        let cluster = self.place.cluster.as_ref().context("no PostgreSQL")?;
        let again = async {
            loop {
                // A postmaster that is about to give up is still there.
                sleep(Duration::from_millis(300)).await;
                if cluster.postmaster().is_some() {
                    return;
                }
                if let Err(error) = tokio::task::block_in_place(|| cluster.serve_again()) {
                    eprintln!("         PostgreSQL does not start yet: {}", first_line(&error));
                }
            }
        };
        match timeout(DATABASE_MAX, again).await {
            Ok(()) => Ok(()),
            Err(_) => bail!("PostgreSQL did not come back within {} s", DATABASE_MAX.as_secs()),
        }
    }
}

fn first_line(error: &anyhow::Error) -> String {
    format!("{error:#}").lines().next().unwrap_or_default().chars().take(200).collect()
}

fn micros(lot: &mut Lot, least: i64, most: i64) -> Duration {
    Duration::from_micros(lot.range(least, most).unsigned_abs())
}

fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process id")?;
    Ok(kill_process(pid, signal)?)
}
