//! What happens to promises afterwards, beside the offices that check them: each week's draw over those that wait, held
//! by an officer and the auditor.

use std::time::Duration;

use jiff::Span;
use jiff::civil::{Time, Weekday};
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::draw_service_client::DrawServiceClient;
use kaiban_api::v1::{
    AnnounceDrawRequest, CaseView, CommitSeedRequest, Draw, FreezeDrawRequest, GetDrawRequest, HoldDrawRequest,
    RevealSeedRequest, Role, WatchCasesRequest,
};
use kaiban_api::{Channel, timestamp};
use kaiban_calendar::{instant_at, local_date};
use kaiban_definition::Directory;
use kaiban_draw::{Hex32, commitment};
use kaiban_population::Crowd;

use crate::failure::DemoError;
use crate::town::Town;

/// The package of the checks.
pub(crate) const CHECK: &str = "commitment-check";
/// The step that starts one.
pub(crate) const STARTS: &str = "domicile-check";
/// The step of a check that ends with the decision on a false promise.
pub(crate) const DECISION: &str = "decision";

/// The party whose officers hold draws.
const REGISTRAR: &str = "market-regulation";
/// What is drawn from.
const POOL: &str = "commitments";
/// When draws are held, on Mondays.
const DRAWS: Time = Time::constant(9, 0, 0, 0);
/// Until when the parties commit, and reveal, after the announcement.
const COMMIT_BY: Duration = Duration::from_secs(3_600);
const REVEAL_BY: Duration = Duration::from_secs(7_200);

/// The officer and the auditor, and how often they have drawn.
pub(crate) struct Hall {
    officer: String,
    draws: DrawServiceClient<Channel>,
    auditor: DrawServiceClient<Channel>,
    watch: CaseServiceClient<Channel>,
    held: u64,
}

impl Hall {
    /// Connects both.
    pub async fn new(town: &Town, directory: &Directory) -> Result<Self, DemoError> {
        let mut officers =
            directory.offices().filter(|office| office.party == REGISTRAR).flat_map(|office| &office.officers);
        let officer = officers.next().ok_or_else(|| DemoError::Start(format!("{REGISTRAR} has no officers")))?;
        let line = town.officer(REGISTRAR, &officer.id).await?;
        Ok(Self {
            officer: officer.id.clone(),
            draws: DrawServiceClient::new(line),
            auditor: DrawServiceClient::new(town.bureau(Role::Auditor).await?),
            watch: CaseServiceClient::new(town.bureau(Role::Manager).await?),
            held: 0,
        })
    }

    /// Draws held so far.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// The next Monday morning after an instant.
    pub fn next_draw_us(at_us: i64) -> i64 {
        let today = local_date(at_us);
        let past = i64::from(today.weekday().since(Weekday::Monday));
        let monday = today.checked_add(Span::new().days(7 - past)).unwrap_or(today);
        instant_at(monday, DRAWS)
    }

    /// Holds a draw over everything that waits, from the announcement until every case knows.
    pub async fn draw(&mut self, crowd: &Crowd, now_us: i64) -> Result<(), DemoError> {
        self.held += 1;
        let parties = [format!("officer:{}", self.officer), "auditor:town-auditor".to_owned()];
        let number = |party: &str| {
            let mut lot = crowd.draw().keyed("number of a draw", self.held, party, 0);
            let mut bytes = [0; 32];
            bytes.chunks_exact_mut(8).for_each(|part| part.copy_from_slice(&lot.bits().to_be_bytes()));
            Hex32::from(bytes)
        };
        let within = |after: Duration| Some(timestamp(now_us + i64::try_from(after.as_micros()).unwrap_or(0)));
        let id = |what: &str| format!("{POOL}-{}-{what}", self.held);
        let request = AnnounceDrawRequest {
            request_id: id("announce"),
            pool: POOL.to_owned(),
            parties: parties.to_vec(),
            commit_by: within(COMMIT_BY),
            reveal_by: within(REVEAL_BY),
            ..AnnounceDrawRequest::default()
        };
        let announced = self.draws.announce_draw(request).await.map_err(DemoError::call("AnnounceDraw"))?;
        let announced = announced.into_inner().draw.unwrap_or_default();
        let draw_id = announced.id.clone();
        let hash: Hex32 = announced
            .announcement_sha256
            .parse()
            .map_err(|_| DemoError::Start("AnnounceDraw answered without a hash".into()))?;
        for (party, line) in parties.iter().zip([&mut self.draws, &mut self.auditor]) {
            let sha256 = commitment(&hash, party, &number(party)).to_string();
            let request = CommitSeedRequest { request_id: id("commit"), draw_id: draw_id.clone(), sha256 };
            line.commit_seed(request).await.map_err(DemoError::call("CommitSeed"))?;
        }
        let request = FreezeDrawRequest { request_id: id("freeze"), draw_id: draw_id.clone() };
        self.draws.freeze_draw(request).await.map_err(DemoError::call("FreezeDraw"))?;
        for (party, line) in parties.iter().zip([&mut self.draws, &mut self.auditor]) {
            let reveal = number(party).to_string();
            let request = RevealSeedRequest { request_id: id("reveal"), draw_id: draw_id.clone(), reveal };
            line.reveal_seed(request).await.map_err(DemoError::call("RevealSeed"))?;
        }
        let request = HoldDrawRequest { request_id: id("hold"), draw_id };
        self.hold(request).await
    }

    /// Draws, and waits until every case has learned of it: each that does changes.
    async fn hold(&mut self, request: HoldDrawRequest) -> Result<(), DemoError> {
        let watch =
            WatchCasesRequest { changes_only: true, view: CaseView::Basic.into(), ..WatchCasesRequest::default() };
        let changes = self.watch.watch_cases(watch).await.map_err(DemoError::call("WatchCases"))?;
        let mut changes = changes.into_inner();
        let held = self.draws.hold_draw(request).await.map_err(DemoError::call("HoldDraw"))?;
        let Draw { id, .. } = held.into_inner().draw.unwrap_or_default();
        loop {
            let seen = self.draws.get_draw(GetDrawRequest { id: id.clone() }).await;
            let left = seen.map_err(DemoError::call("GetDraw"))?.into_inner().not_carried_out;
            if left == 0 {
                return Ok(());
            }
            for _ in 0..left {
                let change = changes.message().await.map_err(DemoError::call("WatchCases"))?;
                change.ok_or_else(|| DemoError::Start("the watch of cases ended".into()))?;
            }
        }
    }
}
