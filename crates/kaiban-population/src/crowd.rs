//! Who comes when and where with what: the applications of one seed.

use std::fmt;

use kaiban_calendar::{CalendarError, Calendars, Horizon, local_date};
use kaiban_definition::{Directory, DivisionKind, Office};
use kaiban_identifiers::EntityKind;
use serde_json::Value;

use crate::bench;
use crate::draw::{Draw, Lot};
use crate::form::{self, Seat, people};
use crate::habits::Habits;
use crate::names::{self, Trade};
use crate::paper::Paper;
use crate::slips;

pub(crate) const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 24 * 60 * MINUTE_US;
const OFFSET_US: i64 = 8 * 60 * MINUTE_US;
/// Where outlets are that the directory counts to the city itself.
const CENTRE: &str = "福州市鼓楼区";
/// Bytes of JSON of the benchmark's form, at least.
const BENCH_BYTES: usize = 1_500;

/// An application as a terminal sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Index of the case in the crowd; every draw about the case is keyed by it.
    pub index: u64,
    /// When it is handed in, µs UTC; a whole minute within the outlet's hours.
    pub at_us: i64,
    /// The bank.
    pub organisation: String,
    /// The outlet.
    pub outlet: String,
    /// Registering division.
    pub registrar: String,
    /// The form.
    pub form: Value,
    /// The documents that the form names by their digest; they are handed in first.
    pub papers: Vec<Paper>,
}

impl Application {
    /// Neither the number of a title nor a proof of the domicile is in the form: its applicant means to promise.
    pub fn promises(&self) -> bool {
        let domicile = &self.form["domicile"];
        domicile.get("real_estate_number").is_none() && domicile.get("proof").is_none()
    }

    /// Key of the person who runs the business, and who promises for it.
    pub fn signatory(&self) -> Option<&str> {
        let mut people = self.form["people"].as_array()?.iter();
        let leads = |person: &&Value| {
            person["roles"].as_array().is_some_and(|roles| roles.iter().any(|role| role == "legal-representative"))
        };
        people.find(leads)?["key"].as_str()
    }
}

/// Why there can be no crowd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrowdError {
    /// The directory has no outlet, or no division to register with.
    EmptyDirectory,
    /// The habits leave no time to come: no arrivals a day, or outlets that never open.
    NoArrivals,
    /// A calendar does not reach as far as the crowd.
    Calendar(CalendarError),
}

impl fmt::Display for CrowdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyDirectory => f.write_str("the directory has no outlets or no divisions"),
            Self::NoArrivals => {
                f.write_str("the habits leave no time to come: no arrivals a day, or outlets never open")
            }
            Self::Calendar(error) => write!(f, "the crowd outlives the calendars: {error}"),
        }
    }
}

impl std::error::Error for CrowdError {}

/// An outlet with what its applicants need to know of its division.
#[derive(Debug)]
struct Terminal {
    bank: String,
    outlet: String,
    division: String,
    prefix: String,
    place: String,
}

/// What is drawn of a case first.
#[derive(Debug)]
struct Visit<'c> {
    terminal: &'c Terminal,
    kind: EntityKind,
    registrar: &'c str,
    trade: &'static Trade,
}

/// When outlets are open, day after day.
#[derive(Clone, Copy, Debug)]
struct Opening {
    from_us: i64,
    minutes: u64,
    /// Open minutes on the days before.
    before: u64,
}

/// All applicants of one seed. Every answer depends on the seed and the index alone.
#[derive(Debug)]
pub struct Crowd {
    draw: Draw,
    cases: u64,
    habits: Habits,
    terminals: Vec<Terminal>,
    /// The city's own division, where companies may register too: code and title.
    city: Option<(String, String)>,
    openings: Vec<Opening>,
}

impl Crowd {
    /// A crowd of so many applicants, the first of whom comes at `start_us` or at the next opening after it.
    ///
    /// # Errors
    /// No outlets, no arrivals, or calendars that end before the last applicant has come.
    pub fn new(
        seed: u64,
        cases: u64,
        start_us: i64,
        directory: &Directory,
        calendars: &Calendars,
        habits: Habits,
    ) -> Result<Self, CrowdError> {
        let city = directory.divisions().find(|division| division.kind == DivisionKind::City);
        let city_title = city.map(|city| city.title.zh.clone()).unwrap_or_default();
        let mut terminals = Vec::new();
        for outlet in directory.outlets() {
            let division = directory.division(&outlet.division).ok_or(CrowdError::EmptyDirectory)?;
            // A district is named together with its city, a county or a city of its own is not (名称登记规定 §6).
            let own = &division.title.zh;
            let prefix = match division.kind {
                DivisionKind::District => format!("{city_title}{own}"),
                _ => own.clone(),
            };
            let place = if division.kind == DivisionKind::City { own.clone() } else { format!("{city_title}{own}") };
            let (bank, outlet, division) = (outlet.bank.clone(), outlet.id.clone(), outlet.division.clone());
            terminals.push(Terminal { bank, outlet, division, prefix, place });
        }
        let calendar = directory.divisions().next().map(|division| division.calendar.as_str());
        let (Some(calendar), false) = (calendar, terminals.is_empty()) else { return Err(CrowdError::EmptyDirectory) };
        let calendar = calendars.find(calendar).map_err(CrowdError::Calendar)?;
        let city = city.map(|city| (city.code.clone(), city.title.zh.clone()));
        let mut crowd = Self { draw: Draw::new(seed), cases, habits, terminals, city, openings: Vec::new() };
        crowd.open_outlets(start_us, |day_us| {
            let day = calendar.day(local_date(day_us), Horizon::Provisional);
            day.map(|day| day.is_working()).map_err(CrowdError::Calendar)
        })?;
        Ok(crowd)
    }

    /// Lays out as many opening days as the crowd needs, and some more for those who come back.
    fn open_outlets(
        &mut self,
        start_us: i64,
        is_working: impl Fn(i64) -> Result<bool, CrowdError>,
    ) -> Result<(), CrowdError> {
        const DAYS_AFTERWARDS: usize = 30;
        let (opens, closes) = (i64::from(self.habits.opens_min), i64::from(self.habits.closes_min));
        if opens >= closes || closes > 24 * 60 || self.habits.arrivals_per_day == 0 {
            return Err(CrowdError::NoArrivals);
        }
        let needed = self.open_minute(self.cases, 0);
        let mut day_us = (start_us + OFFSET_US).div_euclid(DAY_US) * DAY_US - OFFSET_US;
        let (mut before, mut afterwards) = (0, 0);
        while before <= needed || afterwards < DAYS_AFTERWARDS {
            let from_us = (day_us + opens * MINUTE_US).max(start_us + (-start_us).rem_euclid(MINUTE_US));
            let minutes = u64::try_from((day_us + closes * MINUTE_US - from_us) / MINUTE_US).unwrap_or(0);
            if minutes > 0 && is_working(day_us)? {
                self.openings.push(Opening { from_us, minutes, before });
                afterwards += usize::from(before > needed);
                before += minutes;
            }
            day_us += DAY_US;
        }
        Ok(())
    }

    /// The open minute, counted from the first, in which the case comes; `part` of 65536 is where in its own stretch.
    fn open_minute(&self, index: u64, part: u64) -> u64 {
        let day = u128::from(self.habits.closes_min.saturating_sub(self.habits.opens_min));
        let at = (u128::from(index) << 16) + u128::from(part);
        u64::try_from((at * day / u128::from(self.habits.arrivals_per_day)) >> 16).unwrap_or(u64::MAX)
    }

    /// The first open minute at or after an instant.
    pub(crate) fn next_open_us(&self, at_us: i64) -> i64 {
        let at_us = at_us + (-at_us).rem_euclid(MINUTE_US);
        for opening in &self.openings {
            let closes_us = opening.from_us + i64::try_from(opening.minutes).unwrap_or(0) * MINUTE_US;
            if at_us < closes_us {
                return at_us.max(opening.from_us);
            }
        }
        // Past all openings that were laid out; nobody of the crowd is expected there.
        at_us
    }

    /// How many there are.
    pub fn cases(&self) -> u64 {
        self.cases
    }

    /// The source of all draws about this crowd.
    pub fn draw(&self) -> Draw {
        self.draw
    }

    /// How its people behave.
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// All applications, in the order in which they come.
    pub fn applications(&self) -> impl Iterator<Item = Application> + '_ {
        (0..self.cases).map(|index| self.application(index))
    }

    /// One application; any index will do, those past [`Crowd::cases`] come after the others.
    pub fn application(&self, index: u64) -> Application {
        let visit = self.visit(index);
        let mut lot = self.draw.keyed("form", index, "", 0);
        let may_be_doubtful = visit.kind == EntityKind::LimitedCompany;
        let at_us = self.arrival_us(index);
        let draft = form::Draft {
            case: index,
            kind: visit.kind,
            seat: self.seat(visit.terminal, visit.registrar),
            today: local_date(at_us),
            bank: &visit.terminal.bank,
            outlet: &visit.terminal.outlet,
            doubtful: lot.chance(self.habits.doubt_rate) && may_be_doubtful,
            abolished: lot.chance(self.habits.abolished_rate),
            promises: self.draw.keyed("commitment", index, "", 0).chance(self.habits.commitment_rate),
        };
        let name = self.name(index, &visit);
        let (form, papers) = form::fill(draft, name, visit.trade, &self.habits, &mut lot);
        Application {
            index,
            at_us,
            organisation: visit.terminal.bank.clone(),
            outlet: visit.terminal.outlet.clone(),
            registrar: visit.registrar.to_owned(),
            form,
            papers,
        }
    }

    /// The people of an application come again under a new index: the registration was revoked at `told_at_us`, and they
    /// apply anew for the same business under another name.
    pub fn again(&self, before: &Application, index: u64, told_at_us: i64) -> Application {
        /// When they do, minutes on the wall.
        const DELAY_MIN: i64 = 2 * 24 * 60;
        let mut lot = self.draw.keyed("again", index, "", 0);
        let at_us = self.next_open_us(told_at_us + lot.around(DELAY_MIN * MINUTE_US));
        let mut form = before.form.clone();
        form["name"] = slips::rename(&form["name"], &mut lot);
        Application { index, at_us, form, ..before.clone() }
    }

    /// Whether the promise of a case is not true.
    pub(crate) fn is_false(&self, index: u64) -> bool {
        self.draw.keyed("false promise", index, "", 0).chance(self.habits.false_promise_rate)
    }

    /// What the firm is to be called. Now and then somebody wants the name that an applicant shortly before wanted at the
    /// same registrar: whoever declares it later loses it.
    fn name(&self, index: u64, visit: &Visit<'_>) -> String {
        /// So many applicants back somebody may have had the same idea.
        const BACK: u64 = 40;
        let own = |index: u64, visit: &Visit<'_>| {
            let seat = self.seat(visit.terminal, visit.registrar);
            form::firm(visit.kind, seat, visit.trade, &mut self.draw.keyed("name", index, "", 0))
        };
        if self.draw.keyed("namesake", index, "", 0).chance(self.habits.namesake_rate) {
            let before = (index.saturating_sub(BACK)..index).rev();
            let mut alike = before.map(|index| (index, self.visit(index)));
            let same = |(_, other): &(u64, Visit<'_>)| other.registrar == visit.registrar && other.kind == visit.kind;
            if let Some((index, other)) = alike.find(same) {
                return own(index, &other);
            }
        }
        own(index, visit)
    }

    /// A form for the workflow `six-step`, about 1.5 KB; it has no doubts.
    pub fn bench_form(&self, index: u64) -> Value {
        let visit = self.visit(index);
        let mut lot = self.draw.keyed("bench", index, "", 0);
        let seat = self.seat(visit.terminal, visit.registrar);
        let mut form = bench::fill(visit.kind, seat, local_date(self.arrival_us(index)), &mut lot);
        bench::pad(&mut form, BENCH_BYTES);
        form
    }

    /// When the case comes.
    pub fn arrival_us(&self, index: u64) -> i64 {
        let part = self.draw.keyed("arrival", index, "", 0).below(1 << 16);
        let minute = self.open_minute(index, part);
        let at = self.openings.partition_point(|opening| opening.before + opening.minutes <= minute);
        let Some(opening) = self.openings.get(at).or(self.openings.last()) else { return 0 };
        let minutes = i64::try_from(minute - opening.before.min(minute)).unwrap_or(0);
        opening.from_us + minutes * MINUTE_US
    }

    /// Outlet, kind and business of the firm, and registering division of a case.
    fn visit(&self, index: u64) -> Visit<'_> {
        let mut lot = self.draw.keyed("visit", index, "", 0);
        let terminal = lot.pick(&self.terminals);
        let kind = form::draw_kind(&mut lot);
        let to_city = lot.chance(self.habits.city_share);
        // Only companies choose the city's bureau, and joint-stock companies have to (细则 §4); shops belong to where they are.
        let to_city = match kind {
            EntityKind::JointStockCompany => true,
            EntityKind::LimitedCompany => to_city,
            _ => false,
        };
        let registrar = self.city.as_ref().filter(|_| to_city).map_or(terminal.division.as_str(), |(code, _)| code);
        Visit { terminal, kind, registrar, trade: lot.pick(&names::TRADES) }
    }

    fn seat<'c>(&'c self, terminal: &'c Terminal, registrar: &'c str) -> Seat<'c> {
        // Whoever registers with the city is named after the city.
        let city = self.city.as_ref().filter(|(code, _)| code == registrar);
        let prefix = city.map_or(&terminal.prefix, |(_, title)| title);
        // An outlet of the city's own is in its first district.
        let district = if terminal.division.ends_with("00") { "350102" } else { &terminal.division };
        let place = if terminal.division.ends_with("00") { CENTRE } else { &terminal.place };
        Seat { registrar, division: district, prefix, place }
    }

    /// The code that this case's registration gives it.
    pub(crate) fn uscc(&self, index: u64) -> String {
        let Visit { kind, registrar, .. } = self.visit(index);
        let offset = self.draw.keyed("uscc", 0, "", 0).below(31_u64.pow(6));
        // 999 983 and 31 have no common factor, so that no two cases of a crowd get the same code.
        people::issue(form::category(kind), registrar, offset.wrapping_add(index.wrapping_mul(999_983)))
    }

    /// A lot about one look of an office at a step.
    pub(crate) fn lot(&self, purpose: &str, index: u64, step: &str, round: u32) -> Lot {
        self.draw.keyed(purpose, index, step, round)
    }

    /// How many clerks an office needs for these steps, so that an average day keeps them busy for
    /// [`Habits::occupancy`] of their time; or what the habits say. At least two.
    pub fn clerks(&self, office: &Office, steps: &[&str]) -> u32 {
        /// Working minutes of the shortest working day, less than which no office has.
        const DAY_MIN: f64 = 390.0;
        /// Mean of [`Lot::around`] over its median.
        const MEAN: f64 = 1.13;
        if let Some(clerks) = self.habits.clerks {
            return clerks.max(1);
        }
        let serves = |division: &String| office.divisions.contains(division);
        let here = self.terminals.iter().filter(|terminal| serves(&terminal.division)).count() as f64;
        let here = here / self.terminals.len().max(1) as f64;
        let to_city = self.habits.city_share * form::COMPANIES;
        let city = if self.city.as_ref().is_some_and(|(code, _)| serves(code)) { to_city } else { 0.0 };
        let share = here * (1.0 - to_city) + city;
        let minutes = |step: &&str| f64::from(self.habits.handling_min(step)) * self.habits.tasks_per_case(step);
        let minutes: f64 = steps.iter().map(minutes).sum();
        let load = f64::from(self.habits.arrivals_per_day) * share * minutes * MEAN;
        let clerks = load * (1.0 + self.habits.correction_rate) / (DAY_MIN * self.habits.occupancy.max(0.05));
        (clerks.ceil() as u32).max(2)
    }
}
