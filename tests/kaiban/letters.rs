//! Letters to the applicant: what is issued, under which number, and that nobody issues it twice.

use kaiban_api::v1::{GetLetterRequest, GetLetterResponse, ResubmitCaseRequest};
use serde_json::json;
use tonic::Code;

use crate::city::{City, Ending, Terminal, finding, licence, look, refusal, submit, submitted};
use crate::database::Database;
use crate::forms::{company, wire, with};

on_both!(
    receipt_and_acceptance_are_issued_on_receipt,
    a_correction_says_everything_and_an_approval_the_number,
    a_refusal_says_why_and_what_can_be_done,
    what_is_not_accepted_gets_a_letter_of_its_own,
);

async fn read(terminal: &mut Terminal, case: &str, number: &str) -> GetLetterResponse {
    let request = GetLetterRequest { case_id: case.to_owned(), number: number.to_owned() };
    terminal.get_letter(request).await.expect("a letter").into_inner()
}

/// The last letter of a case.
async fn last(terminal: &mut Terminal, case: &str) -> GetLetterResponse {
    let number = look(terminal, case).await.letters.last().expect("a letter").number.clone();
    read(terminal, case, &number).await
}

async fn receipt_and_acceptance_are_issued_on_receipt(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let answer = submit(&mut terminal, "r1", &company("350100")).await.expect("a case");
    let received = answer.case.unwrap();
    city.settles().await;
    let id = received.id;
    let mut letters = look(&mut terminal, &id).await.letters;
    letters.sort_by(|a, b| a.letter.cmp(&b.letter));
    let named: Vec<(&str, String)> = letters.iter().map(|l| (l.letter.as_str(), l.number.clone())).collect();
    assert_eq!(
        named,
        [("acceptance", format!("榕受字〔2026〕{id}-1号")), ("receipt", format!("榕接字〔2026〕{id}-1号"))],
        "both are of the first entry"
    );
    for letter in &letters {
        assert_eq!((letter.issued_at, letter.told_at), (received.received_at, received.received_at), "told at once");
        let read = read(&mut terminal, &id, &letter.number).await;
        assert_eq!(read.letter.as_ref(), Some(letter));
        for text in [&read.text, &read.html] {
            assert!(text.contains(&letter.number) && text.contains("福州榕光信息技术有限公司"), "{text}");
            assert!(!text.contains("13800000001"), "no whole telephone number on paper");
        }
        assert!(read.html.contains("</html>") && !read.text.contains("</"));
    }
    // Submitting again issues nothing again.
    submit(&mut terminal, "r1", &company("350100")).await.expect("the same");
    city.settles().await;
    assert_eq!(look(&mut terminal, &id).await.letters.len(), 2);
    let absent = GetLetterRequest { case_id: id.clone(), number: "榕接字〔2026〕0号".into() };
    assert_eq!(terminal.get_letter(absent).await.unwrap_err().code(), Code::NotFound);
    let foreign = GetLetterRequest { case_id: id, number: letters[0].number.clone() };
    let mut other = city.terminal_of("b02", "b02-001").await;
    assert_eq!(other.get_letter(foreign).await.unwrap_err().code(), Code::NotFound);
    city.verify().await;
}

async fn a_correction_says_everything_and_an_approval_the_number(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let findings = vec![finding("SCOPE_UNCLEAR", "/scope/1/text"), finding("ARTICLES_INCOMPLETE", "/articles")];
    let mut registry = city.desk("market-regulation-350100").await;
    registry.does(Ending { findings, ..Ending::new("correct") }).await;
    city.settles().await;
    let case = look(&mut terminal, &id).await;
    let [correction] = case.corrections.as_slice() else { panic!("one correction: {:?}", case.corrections) };
    assert_eq!((correction.told_at, correction.reminders, correction.breach), (correction.asked_at, 0, false));
    let letter = last(&mut terminal, &id).await;
    let about = letter.letter.expect("a letter");
    assert_eq!((about.letter.as_str(), about.step.as_str()), ("correction", "registration"));
    assert!(about.number.starts_with("榕补字〔2026〕"), "{}", about.number);
    for said in ["共2项", "SCOPE_UNCLEAR", "ARTICLES_INCOMPLETE", "/scope/1/text", "市场主体登记管理条例"] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }

    let request = ResubmitCaseRequest {
        request_id: "a1".into(),
        case_id: id.clone(),
        correction_id: correction.id.clone(),
        form: wire(&with(company("350100"), "/scope/1/text", json!("信息技术咨询服务；数据处理服务"))),
    };
    terminal.resubmit_case(request).await.expect("answered");
    registry.does(licence()).await;
    city.settles().await;
    let approval = last(&mut terminal, &id).await;
    assert!(approval.letter.expect("a letter").number.starts_with("榕登字〔2026〕"));
    for said in ["91350100MA2XN0014K", "林晓舟", "福州市市场监督管理局", "2026年3月2日"] {
        assert!(approval.text.contains(said) && approval.html.contains(said), "{said}: {}", approval.text);
    }
    city.verify().await;
}

async fn a_refusal_says_why_and_what_can_be_done(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(refusal()).await;
    city.settles().await;
    let letter = last(&mut terminal, &id).await;
    assert!(letter.letter.expect("a letter").number.starts_with("榕驳字〔2026〕"));
    for said in [refusal().reason, "第二十条", "行政复议", "行政诉讼"] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }
    city.verify().await;
}

async fn what_is_not_accepted_gets_a_letter_of_its_own(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let doubtful = with(company("350100"), "/investors/1/uscc", json!("91350100M0001TGQXM"));
    let id = submitted(&mut terminal, "r1", &doubtful).await;
    city.settles().await;
    let case = look(&mut terminal, &id).await;
    assert_eq!(case.letters.iter().map(|l| l.letter.as_str()).collect::<Vec<_>>(), ["receipt"], "not accepted yet");
    let reason = "股东不存在。";
    city.desk("market-regulation-350100").await.does(Ending { reason, ..refusal_of_intake() }).await;
    city.settles().await;
    let letter = last(&mut terminal, &id).await;
    assert!(letter.letter.expect("a letter").number.starts_with("榕不受字〔2026〕"));
    assert!(letter.text.contains(reason) && letter.text.contains("行政复议"), "{}", letter.text);
    assert_eq!(look(&mut terminal, &id).await.outcome, "not_accepted");
    city.verify().await;
}

fn refusal_of_intake() -> Ending {
    Ending { outcome: "decline", ..refusal() }
}
