//! The three clocks of cases and steps, the marks of a promise, late steps and their reasons, the law's period prolonged,
//! and the account of it all.

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::incident_service_client::IncidentServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::{
    ClockState, ExplainCaseRequest, ExplainDelayRequest, ExtendStatutoryRequest, GetLetterRequest, Incident,
    IncidentKind, IssueTokenRequest, ListDelaysRequest, ListDelaysResponse, ListIncidentsRequest, Period, Role,
    TaskAddress, period,
};
use kaiban_api::{Channel, micros};
use tonic::Code;

use crate::city::{City, licence, look, step, submitted};
use crate::database::Database;
use crate::forms::company;

on_both!(
    three_clocks_are_shown_and_a_promise_that_runs_out_is_listed,
    a_late_step_owes_a_reason_that_may_come_after_the_end,
    the_laws_period_is_prolonged_once_by_a_head_and_the_applicant_is_told,
    a_case_explains_itself_to_each_as_far_as_he_sees_it,
);

const OFFICE: &str = "market-regulation-350100";

fn at_us(at: Option<&prost_types::Timestamp>) -> Option<String> {
    at.and_then(micros).map(kaiban_calendar::format_instant)
}

fn days(days: i32) -> Option<Period> {
    Some(Period { length: Some(period::Length::WorkingDays(days)) })
}

async fn manager(city: &City, division: &str) -> Channel {
    let request = IssueTokenRequest {
        role: Role::Manager.into(),
        organisation: "bureau".into(),
        person: "m1".into(),
        divisions: vec![division.to_owned()],
        ..IssueTokenRequest::default()
    };
    let issued = city.town.issue(request).await.expect("a token");
    city.town.line(&issued.secret).await.expect("a manager")
}

async fn incidents(line: &Channel, case: &str) -> Vec<Incident> {
    let request = ListIncidentsRequest { page_size: 500, ..ListIncidentsRequest::default() };
    let listed = IncidentServiceClient::new(line.clone()).list_incidents(request).await.expect("a page").into_inner();
    let promises = [IncidentKind::DeadlineNear, IncidentKind::PromiseBroken];
    listed.incidents.into_iter().filter(|one| one.case_id == case && promises.contains(&one.kind())).collect()
}

fn listed(incidents: &[Incident]) -> Vec<(&str, &str)> {
    let mut listed: Vec<(&str, &str)> =
        incidents.iter().map(|incident| (incident.step.as_str(), incident.code.as_str())).collect();
    listed.sort_unstable();
    listed
}

async fn delays(line: &Channel, owed_only: bool) -> ListDelaysResponse {
    let request = ListDelaysRequest { owed_only, ..ListDelaysRequest::default() };
    TaskServiceClient::new(line.clone()).list_delays(request).await.expect("a list").into_inner()
}

/// Three working hours for the case, two for the registration; 8:30-12:00 and 14:30-17:30.
async fn three_clocks_are_shown_and_a_promise_that_runs_out_is_listed(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    let mut desk = city.desk(OFFICE).await;
    let officer = city.officer("market-regulation-350100-1").await;
    let manager_here = manager(&city, "350100").await;
    let manager_elsewhere = manager(&city, "350102").await;

    city.at("2026-03-02T10:40:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    let registration = step(&case, "registration");
    let (promise, law) = (registration.promise.as_ref().unwrap(), registration.statutory.as_ref().unwrap());
    assert_eq!((promise.state(), promise.warned, promise.calendar.as_str()), (ClockState::Running, 80, "fuzhou-city"));
    assert_eq!(promise.calendar_version.len(), 16);
    assert_eq!((law.state(), law.within, law.left), (ClockState::Running, days(3), days(3)));
    assert_eq!(at_us(law.due.as_ref()).as_deref(), Some("2026-03-05T17:30:00+08:00"));
    assert_eq!(law.law, "中华人民共和国市场主体登记管理条例 §19");
    assert!(registration.wall.as_ref().is_some_and(|wall| wall.seconds > 0));
    let whole = case.statutory.as_ref().unwrap();
    assert_eq!((whole.within, whole.extended_by), (days(45), None));
    assert_eq!(case.promise.as_ref().unwrap().warned, 50);

    // The programme of the office sees it with its task.
    let task = desk.claims_one().await;
    assert_eq!((task.promise.as_ref().unwrap().warned, task.case_warned), (80, 50));
    assert_eq!(task.statutory.as_ref().unwrap().within, days(3));

    for line in [&officer, &manager_here] {
        assert_eq!(listed(&incidents(line, &id).await), [("registration", "DEADLINE_NEAR")]);
    }
    assert!(incidents(&manager_elsewhere, &id).await.is_empty());
    city.at("2026-03-02T14:35:00+08:00").await;
    let both = incidents(&officer, &id).await;
    let broken = ["", "bank-reservation", "registration"].map(|step| (step, "PROMISE_BROKEN"));
    assert_eq!(listed(&both), broken, "the bureau sees the bank's too");
    let id_of = |step: &str| both.iter().find(|one| one.step == step).map(|one| one.id.clone());
    assert_eq!(id_of("registration"), Some(format!("{id}/broken/registration")));
    desk.ends(&task, licence()).await.expect("late, and taken all the same");
    assert!(incidents(&officer, &id).await.iter().all(|one| one.step != "registration"), "the step has ended");
    city.verify().await;
}

async fn a_late_step_owes_a_reason_that_may_come_after_the_end(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.at("2026-03-02T16:00:00+08:00").await;
    city.desk(OFFICE).await.does(crate::city::refusal()).await;
    let officer = city.officer("market-regulation-350100-1").await;
    let elsewhere = city.officer("market-regulation-350102-1").await;
    let manager = manager(&city, "350100").await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(case.outcome, "refused");
    let owed = step(&case, "registration").delay.as_ref().expect("late");
    assert_eq!((owed.reminders, owed.explained_at, owed.reason.as_str()), (0, None, ""));

    // The office is reminded each working day; the manager counts it as "no reason given".
    city.at("2026-03-03T09:00:00+08:00").await;
    city.at("2026-03-04T09:00:00+08:00").await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(step(&case, "registration").delay.as_ref().map(|owed| owed.reminders), Some(2));
    for line in [&officer, &manager] {
        let found = delays(line, true).await;
        assert_eq!((found.late, found.no_reason_given, found.delays.len()), (1, 1, 1));
        let late = &found.delays[0];
        assert_eq!((late.case_id.as_str(), late.step.as_str(), late.office.as_str()), (&*id, "registration", OFFICE));
        assert!(late.working.as_ref().unwrap().seconds > late.budget.as_ref().unwrap().seconds);
    }
    assert_eq!(delays(&elsewhere, false).await.late, 0);

    let task = Some(TaskAddress { case_id: id.clone(), step: "registration".into(), ..TaskAddress::default() });
    let reason = "数据核验接口中断。".to_owned();
    let request = ExplainDelayRequest { request_id: "d1".into(), task, officer: String::new(), reason };
    let mut tasks = TaskServiceClient::new(officer.clone());
    let hidden = TaskServiceClient::new(elsewhere.clone()).explain_delay(request.clone()).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    let given = tasks.explain_delay(request.clone()).await.expect("taken").into_inner().delay.expect("a delay");
    assert_eq!((given.officer.as_str(), given.reason.as_str()), ("market-regulation-350100-1", "数据核验接口中断。"));
    let again = tasks.explain_delay(request.clone()).await.expect("the same").into_inner().delay.expect("a delay");
    assert_eq!(again, given);
    let twice = ExplainDelayRequest { request_id: "d2".into(), ..request };
    assert_eq!(tasks.explain_delay(twice).await.unwrap_err().code(), Code::FailedPrecondition, "NO_REASON_OWED");
    let case = look(&mut terminal, &id).await;
    assert_eq!(step(&case, "registration").delay.as_ref(), Some(&given), "the terminal reads the public reason");
    assert_eq!(delays(&officer, true).await.delays, []);
    let counted = delays(&manager, false).await;
    assert_eq!((counted.late, counted.no_reason_given), (1, 0));
    city.verify().await;
}

async fn the_laws_period_is_prolonged_once_by_a_head_and_the_applicant_is_told(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    let mut officer = CaseServiceClient::new(city.officer("market-regulation-350100-1").await);
    let request = ExtendStatutoryRequest {
        request_id: "e1".into(),
        case_id: id.clone(),
        step: "registration".into(),
        officer: String::new(),
        approver: "seal-carver-centre-1".into(),
        reason: "住所权属需要进一步核实。".into(),
    };
    let refused = officer.extend_statutory(request.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "of another office");
    let head = ExtendStatutoryRequest { approver: "market-regulation-350100-2".into(), ..request.clone() };
    let of_two = CaseServiceClient::new(city.officer("market-regulation-350100-2").await);
    let not_head = ExtendStatutoryRequest { approver: "market-regulation-350100-1".into(), ..request.clone() };
    let refused = of_two.clone().extend_statutory(not_head).await.unwrap_err();
    assert!(refused.message().contains("head"), "{refused:?}");
    let case = officer.extend_statutory(head.clone()).await.expect("prolonged").into_inner().case.expect("a case");
    let law = step(&case, "registration").statutory.clone().expect("a period");
    assert_eq!((law.within, law.extended_by), (days(3), days(3)));
    assert_eq!(at_us(law.due.as_ref()).as_deref(), Some("2026-03-10T17:30:00+08:00"));
    let twice = ExtendStatutoryRequest { request_id: "e2".into(), ..head };
    assert_eq!(officer.extend_statutory(twice).await.unwrap_err().code(), Code::FailedPrecondition);

    city.settles().await;
    let letters = look(&mut terminal, &id).await.letters;
    let letter = letters.iter().find(|letter| letter.letter == "extension").expect("the letter");
    let request = GetLetterRequest { case_id: id.clone(), number: letter.number.clone() };
    let text = terminal.get_letter(request).await.expect("a letter").into_inner().text;
    for said in ["延长期限告知书", "3个工作日", "住所权属需要进一步核实。", "2026年3月10日17时30分"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    city.verify().await;
}

async fn a_case_explains_itself_to_each_as_far_as_he_sees_it(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let request = ExplainCaseRequest { id: id.clone() };
    let told = terminal.explain_case(request.clone()).await.expect("an account").into_inner();
    let case = look(&mut terminal, &id).await;
    assert_eq!(told.accounts[0].promise, case.promise, "the same figures");
    assert_eq!(told.accounts[0].wall, case.wall);
    let registration = told.accounts.iter().find(|account| account.step == "registration").expect("registration");
    let line = registration.line.as_ref().expect("a sentence");
    assert!(line.en.starts_with("Registration: ") && line.en.contains(" of 2 h; running, due "), "{}", line.en);
    assert!(line.zh.starts_with("设立登记：已用") && line.zh.contains("承诺2小时"), "{}", line.zh);
    assert!(registration.notes.iter().any(|note| note.zh.contains("§19")));

    let identity = city.officer("identity-350100-1").await;
    let seen = CaseServiceClient::new(identity).explain_case(request.clone()).await;
    if let Ok(seen) = seen {
        let seen = seen.into_inner();
        assert!(seen.accounts.iter().all(|account| account.step.is_empty() || account.step.starts_with("identity")));
        assert!(seen.accounts[0].stretches.is_empty());
    }
    let elsewhere = city.officer("market-regulation-350102-1").await;
    let hidden = CaseServiceClient::new(elsewhere).explain_case(request).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
}
