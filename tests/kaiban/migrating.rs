//! Running cases are moved to a new version of their package: each whole, or left with its reasons, and either way they come
//! to their end.

use kaiban_api::Channel;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::workflow_service_client::WorkflowServiceClient;
use kaiban_api::v1::{
    Case, ListJournalRequest, MigrateCasesRequest, MigratedCase, Role, StepState, WithdrawCaseRequest,
};
use kaiban_app::Settings;
use kaiban_calendar::parse_instant;
use kaiban_definition::load;
use kaiban_demo::Town;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Ending, MORNING, licence, look, packages_and, step};
use crate::counter::{self, form, submitted};
use crate::database::Database;

on_both!(
    cases_are_moved_and_come_to_their_end,
    a_case_that_cannot_is_left_with_its_reasons_and_the_others_are_moved,
    the_same_request_is_answered_alike_and_goes_on_with_the_rest,
    a_mapping_with_mistakes_moves_nobody,
);

/// Invoices are called otherwise, the housing fund is no more, and the address is looked at.
const MAPPING: &str = "workflow: counter
from: \"1\"
to: \"2\"
renamed: { invoices: tax-invoices }
dropped: { housing-fund: withdrawn }
added: { address: offered }
";

/// A server that has the package's second version.
async fn second(db: &Database) -> City {
    let (_, mut files) = packages_and(&["counter"]);
    let old = files.get("counter/workflow.yaml").expect("the package").to_owned();
    let fund = &old[old.find("  housing-fund:").expect("a step")..];
    let address = "  address:
    title: { zh: 住所核对, en: Address }
    party: market-regulation
    needs: [registration]
    counts: true
    shares: [form.domicile]
    outcomes:
      approve: { title: { zh: 属实, en: As stated } }
";
    let new = old.replace(fund, address).replace("version: \"1\"", "version: \"2\"");
    let new = new.replace("  invoices:\n", "  tax-invoices:\n");
    files.insert("counter/workflow.yaml", new);
    let (workflows, findings) = load(&files);
    assert_eq!(findings, []);
    let start_us = parse_instant(MORNING).expect("an instant");
    let town = Town::start_with(db.store.clone(), workflows, &files, start_us, Settings::default()).await;
    City { town: town.expect("a server") }
}

async fn admin(city: &City) -> WorkflowServiceClient<Channel> {
    WorkflowServiceClient::new(city.town.bureau(Role::Admin).await.expect("an administrator"))
}

fn request(id: &str, mapping: &str) -> MigrateCasesRequest {
    MigrateCasesRequest { request_id: id.into(), mapping: mapping.into(), ..MigrateCasesRequest::default() }
}

/// Asks, and reads to the end; by case number.
async fn migrates(city: &City, request: MigrateCasesRequest) -> Result<Vec<MigratedCase>, Status> {
    let mut pages = admin(city).await.migrate_cases(request).await?.into_inner();
    let mut cases = Vec::new();
    while let Some(page) = pages.message().await? {
        cases.extend(page.cases);
    }
    cases.sort_by(|a, b| a.case_id.cmp(&b.case_id));
    Ok(cases)
}

fn state(case: &Case, name: &str) -> StepState {
    step(case, name).state()
}

async fn cases_are_moved_and_come_to_their_end(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let mut registry = city.desk("market-regulation-350100").await;
    let past = submitted(&mut terminal, "r1", &form("350100")).await;
    let task = registry.claims_one().await;
    registry.ends(&task, licence()).await.expect("a licence");
    let invoices = city.desk("tax-350100").await.claims_one().await;
    let early = submitted(&mut terminal, "r2", &form("350100")).await;
    let in_hand = registry.claims_one().await;
    let withdrawn = submitted(&mut terminal, "r3", &form("350100")).await;
    let request_id = "w1".to_owned();
    terminal
        .withdraw_case(WithdrawCaseRequest { request_id, case_id: withdrawn.clone(), ..Default::default() })
        .await
        .expect("withdrawn");
    city.town.stop().await;

    let city = second(db).await;
    let mut terminal = city.terminal().await;
    let dry = MigrateCasesRequest { dry_run: true, ..request("", MAPPING) };
    let would = migrates(&city, dry).await.expect("a dry run");
    let named: Vec<&str> = would.iter().map(|case| case.case_id.as_str()).collect();
    let mut running = [past.as_str(), early.as_str()];
    running.sort_unstable();
    assert_eq!(named, running, "what has ended is not looked at");
    assert!(would.iter().all(|case| case.would_migrate && case.left.is_none() && case.journal_seq == 0), "{would:?}");
    assert_eq!(look(&mut terminal, &past).await.version, "1", "nothing was changed");

    let moved = migrates(&city, request("m1", MAPPING)).await.expect("moved");
    assert!(moved.iter().all(|case| case.journal_seq > 0 && case.left.is_none()), "{moved:?}");
    let case = look(&mut terminal, &past).await;
    assert_eq!(case.version, "2");
    assert_eq!(
        [state(&case, "registration"), state(&case, "tax-invoices"), state(&case, "address")],
        [StepState::Completed, StepState::Offered, StepState::Offered]
    );
    assert!(case.steps.iter().all(|step| step.step != "housing-fund"));

    // The journal says who ordered it.
    let mut audit = AuditServiceClient::new(city.town.bureau(Role::Auditor).await.expect("an auditor"));
    let journal = ListJournalRequest { case_id: past.clone(), page_size: 200, ..ListJournalRequest::default() };
    let entries = audit.list_journal(journal).await.expect("the journal").into_inner().entries;
    let entry = entries.iter().find(|entry| entry.bytes.contains("\"command\":\"migrate\"")).expect("the entry");
    assert!(entry.bytes.contains("\"role\":\"admin\""), "{}", entry.bytes);

    // What was in hand and is the same under both versions is ended by who has it; what is called otherwise is gone.
    let mut registry = city.desk("market-regulation-350100").await;
    let mut tax = city.desk("tax-350100").await;
    registry.ends(&in_hand, licence()).await.expect("the holder is still the holder");
    tax.ends(&invoices, Ending::new("approve")).await.expect_err("there is no such task any more");
    for task in registry.claims().await {
        registry.ends(&task, Ending::new("approve")).await.expect("an address");
    }
    for task in tax.claims().await {
        assert_eq!(task.step, "tax-invoices");
        tax.ends(&task, Ending::new("approve")).await.expect("invoices");
    }
    city.desk("social-insurance-350100").await.does_all(&Ending::new("approve")).await;
    for id in [&past, &early] {
        let case = look(&mut terminal, id).await;
        assert_eq!((case.outcome.as_str(), case.version.as_str()), ("opened", "2"));
    }
    assert_eq!(look(&mut terminal, &withdrawn).await.version, "1");
    city.verify().await;
}

async fn a_case_that_cannot_is_left_with_its_reasons_and_the_others_are_moved(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let mut registry = city.desk("market-regulation-350100").await;
    let past = submitted(&mut terminal, "r1", &form("350100")).await;
    let task = registry.claims_one().await;
    registry.ends(&task, licence()).await.expect("a licence");
    let early = submitted(&mut terminal, "r2", &form("350100")).await;
    city.town.stop().await;

    let city = second(db).await;
    let mut terminal = city.terminal().await;
    let kept = MAPPING.replace("withdrawn", "left");
    for (id, dry_run) in [("", true), ("m1", false)] {
        let answers = migrates(&city, MigrateCasesRequest { dry_run, ..request(id, &kept) }).await.expect("answers");
        let of = |id: &str| answers.iter().find(|case| case.case_id == id).expect("looked at");
        let left = of(&past).left.clone().expect("left");
        let codes: Vec<&str> = left.findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!((left.reason.as_str(), codes), ("NOT_MIGRATABLE", vec!["MIGRATION_STEP_UNDER_WAY"]));
        assert_eq!((of(&early).left.is_none(), of(&early).would_migrate), (true, dry_run));
    }
    // It ends by the version that it has; both versions are worked on side by side.
    assert_eq!(look(&mut terminal, &past).await.version, "1");
    assert_eq!(look(&mut terminal, &early).await.version, "2");
    city.desk("market-regulation-350100").await.does_all(&licence()).await;
    for office in ["tax-350100", "social-insurance-350100", "housing-fund-350100", "market-regulation-350100"] {
        city.desk(office).await.does_all(&Ending::new("approve")).await;
    }
    for id in [&past, &early] {
        assert_eq!(look(&mut terminal, id).await.outcome, "opened");
    }
    city.verify().await;
}

async fn the_same_request_is_answered_alike_and_goes_on_with_the_rest(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let first = submitted(&mut terminal, "r1", &form("350100")).await;
    let second_case = submitted(&mut terminal, "r2", &form("350100")).await;
    city.town.stop().await;

    let city = second(db).await;
    let named = |id: &str, case: &str| MigrateCasesRequest { case_ids: vec![case.into()], ..request(id, MAPPING) };
    let one = migrates(&city, named("m1", &first)).await.expect("moved");
    assert_eq!(migrates(&city, named("m1", &first)).await.expect("the same"), one);
    let other = MigrateCasesRequest { mapping: MAPPING.replace("withdrawn", "left"), ..named("m1", &first) };
    assert_eq!(migrates(&city, other).await.expect_err("other content").code(), Code::AlreadyExists);
    // Another request finds the case where it is.
    let again = migrates(&city, named("m2", &first)).await.expect("an answer");
    assert_eq!(again[0].left.as_ref().expect("left").reason, "OTHER_VERSION");
    let nowhere = migrates(&city, named("m3", "350100-20260302-999999")).await.expect("an answer");
    assert_eq!(nowhere[0].left.as_ref().expect("left").reason, "NOT_FOUND");
    let rest = migrates(&city, request("m4", MAPPING)).await.expect("the rest");
    assert_eq!(rest.iter().map(|case| case.case_id.clone()).collect::<Vec<_>>(), [second_case]);
    city.verify().await;
}

async fn a_mapping_with_mistakes_moves_nobody(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let case = submitted(&mut terminal, "r1", &form("350100")).await;
    city.town.stop().await;
    let city = second(db).await;
    let violations = async |mapping: &str| -> Vec<String> {
        let refused = migrates(&city, request("m1", mapping)).await.expect_err("refused");
        assert_eq!(refused.get_details_error_info().expect("a reason").reason, "MIGRATION_INVALID");
        let bad = refused.get_details_bad_request().expect("places");
        bad.field_violations.into_iter().map(|found| format!("{} {}", found.field, found.reason)).collect()
    };
    let little = violations("workflow: counter\nfrom: \"1\"\nto: \"3\"\n").await;
    assert!(little[0].starts_with("mapping.yaml:3:5"), "{little:?}");
    let unmapped = violations("workflow: counter\nfrom: \"1\"\nto: \"2\"\n").await;
    assert_eq!(unmapped.len(), 4, "two old steps and two new ones: {unmapped:?}");
    let mut terminal = city.terminal().await;
    assert_eq!(look(&mut terminal, &case).await.version, "1");
    city.verify().await;
}
