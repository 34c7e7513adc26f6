//! A case told so that somebody at a counter can answer "how far is it, and why is it not done yet?".

use kaiban_api::v1;
use kaiban_api::v1::{CaseState, StepState};

use super::{both, chinese, correction, count, findings, pause, state};
use crate::ball::{self, Ball, Stand};
use crate::lengths::{instant, show};
use crate::show::case::{code, with};

/// In which language the account of a case is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    pub(super) fn of(self, text: &v1::Text) -> &str {
        self.pick(&text.zh, &text.en)
    }

    pub(super) fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// The account of a case. Without the package it does not say what a step waits for.
pub fn explain(
    case: &v1::Case,
    package: Option<&v1::Workflow>,
    told: &v1::ExplainCaseResponse,
    language: Language,
) -> String {
    let balls = ball::of(case);
    let head = language.pick(head_zh as fn(&v1::Case) -> String, head);
    let mut parts = vec![head(case), accounts(told, language)];
    if !balls.is_empty() {
        let line = |ball: &Ball<'_>| match language {
            Language::Zh => chinese::with(case, ball),
            Language::En => with(ball),
        };
        let lines: Vec<String> = balls.iter().map(|ball| format!("  {}", line(ball))).collect();
        parts.push(format!("{}\n{}", language.pick("现在由谁办理", "Who has the ball"), lines.join("\n")));
    }
    parts.extend(held_up(case, language));
    let next = next(case, &balls, package, language);
    parts.push(format!("{}\n{next}", language.pick("接下来", "What happens next")));
    parts.join("\n\n")
}

fn title(case: &v1::Case) -> String {
    format!("{}  {}  {} {}", case.id, case.subject, case.workflow, case.version)
}

/// Time from receipt to acceptance, for an accepted case.
fn until_acceptance(case: &v1::Case) -> Option<prost_types::Duration> {
    let (accepted, received) = (case.accepted_at.as_ref()?, case.received_at.as_ref()?);
    Some(kaiban_api::duration(kaiban_api::micros(accepted)? - kaiban_api::micros(received)?))
}

fn head(case: &v1::Case) -> String {
    let mut text = title(case);
    let mut say = |what: String| text.push_str(&format!("\n  {what}"));
    let by = [case.organisation.as_str(), case.outlet.as_str()].join(" ");
    let by = if by.trim().is_empty() { String::new() } else { format!(" by {}", by.trim()) };
    say(format!("received {}{by}", instant(case.received_at.as_ref())));
    match until_acceptance(case) {
        Some(after) => {
            say(format!("accepted {} (受理), {} after receipt", instant(case.accepted_at.as_ref()), show(&after)));
        }
        None => say("not accepted yet (未受理)".to_owned()),
    }
    match case.state() {
        CaseState::Closed => say(format!("{}, {}", state(case), instant(case.closed_at.as_ref()))),
        _ => say(state(case)),
    }
    if case.code != 0 {
        say(format!("state code {}", code(case.code)));
    }
    if case.promise_undecided {
        say("the promise is undecided: an officer has to look at the package's promise".to_owned());
    }
    if !case.parent.is_empty() {
        say(format!("started by case {}", case.parent));
    }
    text
}

fn head_zh(case: &v1::Case) -> String {
    let mut text = title(case);
    let mut say = |what: String| text.push_str(&format!("\n  {what}"));
    let by = [case.organisation.as_str(), case.outlet.as_str()].join(" ");
    let by = if by.trim().is_empty() { String::new() } else { format!("，由 {} 提交", by.trim()) };
    say(format!("{} 收件{by}", instant(case.received_at.as_ref())));
    match until_acceptance(case) {
        Some(after) => {
            say(format!("{} 受理，距收件 {}", instant(case.accepted_at.as_ref()), chinese::length(&after)));
        }
        None => say("尚未受理".to_owned()),
    }
    match case.state() {
        CaseState::Closed => say(format!("{}，{}", chinese::state(case), instant(case.closed_at.as_ref()))),
        _ => say(chinese::state(case)),
    }
    if case.code != 0 {
        say(format!("状态码 {}", code(case.code)));
    }
    if case.promise_undecided {
        say("承诺时限未定：须由工作人员核对事项的承诺".to_owned());
    }
    if !case.parent.is_empty() {
        say(format!("由办件 {} 启动", case.parent));
    }
    text
}

/// Where the time went: each clock in a sentence, stretch by stretch below it, then its remarks.
fn accounts(told: &v1::ExplainCaseResponse, language: Language) -> String {
    let said = |text: Option<&v1::Text>| text.map(|text| language.of(text).to_owned()).unwrap_or_default();
    let mut text = language.pick("时间账", "Where the time went").to_owned();
    for account in &told.accounts {
        text.push_str(&format!("\n  {}", said(account.line.as_ref())));
        for stretch in &account.stretches {
            text.push_str(&format!("\n      {}", said(stretch.line.as_ref())));
        }
        for note in &account.notes {
            text.push_str(&format!("\n    - {}", language.of(note)));
        }
    }
    text
}

/// Corrections and pauses, past ones included as far as the case tells.
fn held_up(case: &v1::Case, language: Language) -> Option<String> {
    let mut text = String::new();
    for asked in &case.corrections {
        let (line, said) = match language {
            Language::Zh => (chinese::correction(asked), chinese::findings(&asked.findings)),
            Language::En => {
                (format!("{}: {}", self::correction(asked), count_findings(asked)), findings(&asked.findings))
            }
        };
        text.push_str(&format!("\n  {line}{}", said.replace('\n', "\n  ")));
    }
    for step in &case.steps {
        if let Some(held) = &step.pause {
            let line = match language {
                Language::Zh => format!("{}：{}", chinese::step(case, &step.step), chinese::pause(held)),
                Language::En => format!("{} {}", step.step, pause(held)),
            };
            text.push_str(&format!("\n  {line}"));
        }
    }
    (!text.is_empty()).then(|| format!("{}{text}", language.pick("补正与暂停", "Corrections and pauses")))
}

fn count_findings(asked: &v1::Correction) -> String {
    count(i64::try_from(asked.findings.len()).unwrap_or(i64::MAX), "finding")
}

fn next(case: &v1::Case, balls: &[Ball<'_>], package: Option<&v1::Workflow>, language: Language) -> String {
    if case.state() == CaseState::Closed {
        let ended = language.pick("无：办件已办结", "nothing: the case has ended");
        let rate = language.pick("；申请人可以评价", "; the applicant may rate the service");
        return format!("  {ended}{}", if case.grade == 0 { rate } else { "" });
    }
    let mut lines: Vec<String> = balls.iter().map(|ball| act(case, ball, language)).collect();
    lines.extend(waits(case, package).into_iter().map(|wait| match language {
        Language::Zh => wait.zh(case),
        Language::En => wait.to_string(),
    }));
    let asked_for_later = case.steps.iter().filter(|step| step.state() == StepState::NotRequested);
    lines.extend(asked_for_later.map(|step| match language {
        Language::Zh => format!(
            "“{}”未申请；办件办结之前可以补申请：`kaiban case request-step {} '{}'`",
            chinese::step(case, &step.step),
            case.id,
            step.step
        ),
        Language::En => {
            let title = both(step.title.as_ref());
            format!(
                "{} ({title}) was not asked for; it can be while the case is open: `kaiban case request-step`",
                step.step
            )
        }
    }));
    if lines.is_empty() {
        lines.push(language.pick("系统自动继续", "the system goes on by itself").to_owned());
    }
    lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// What who has the ball will have to do.
fn act(case: &v1::Case, ball: &Ball<'_>, language: Language) -> String {
    let (id, step) = (&case.id, ball.step);
    let zh_step = chinese::step(case, step);
    let zh_party = chinese::party(ball.party);
    match ball.stand {
        Stand::Offered => language
            .pick(format!("{zh_party} 领取并办结“{zh_step}”"), format!("{} takes {step} and ends it", ball.party)),
        Stand::Claimed | Stand::Deferred | Stand::Retrying => {
            language.pick(format!("{zh_party} 办结“{zh_step}”"), format!("{} ends {step}", ball.party))
        }
        Stand::Asked(correction) => {
            let answer = format!("`kaiban case resubmit {id} FORM --correction '{correction}'`");
            language.pick(
                format!("申请人答复补正 {correction}：{answer}"),
                format!("the applicant answers {correction}: {answer}"),
            )
        }
        Stand::Untold(_) | Stand::Waiting(_) => language
            .pick(format!("“{zh_step}”：{}", chinese::stand(ball.stand)), format!("{step}: the system {}", ball.stand)),
        Stand::Paused => {
            let resume = format!("`kaiban case resume {id} '{step}'`");
            language.pick(format!("机构恢复“{zh_step}”：{resume}"), format!("the office resumes {step}: {resume}"))
        }
        Stand::Incident => {
            let show = format!("`kaiban incident show '{id}/{step}'`");
            language.pick(
                format!("工作人员查明原因并处理：{show}"),
                format!("an officer finds the cause and resolves: {show}"),
            )
        }
    }
}

/// A step that has not begun, and what it waits for.
pub struct Wait<'a> {
    pub step: &'a str,
    /// Steps that it needs and that have not ended; empty where it waits for one of several.
    pub on: Vec<&'a str>,
}

impl Wait<'_> {
    fn zh(&self, case: &v1::Case) -> String {
        let on: Vec<String> = self.on.iter().map(|step| format!("“{}”", chinese::step(case, step))).collect();
        let on = if on.is_empty() { "前面的环节".to_owned() } else { on.join("、") };
        format!("“{}”等待{on}", chinese::step(case, self.step))
    }
}

impl std::fmt::Display for Wait<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.on.as_slice() {
            [] => write!(f, "{} waits for what goes before it", self.step),
            on => write!(f, "{} waits for {}", self.step, on.join(", ")),
        }
    }
}

/// The steps that have not begun. A step that the caller does not see does not stand in anybody's way here.
pub fn waits<'a>(case: &'a v1::Case, package: Option<&'a v1::Workflow>) -> Vec<Wait<'a>> {
    let Some(package) = package else { return Vec::new() };
    let ended = |name: &str| {
        case.steps.iter().find(|step| step.step == name).is_none_or(|step| {
            matches!(
                step.state(),
                StepState::Completed
                    | StepState::Skipped
                    | StepState::Ended
                    | StepState::Withdrawn
                    | StepState::NotRequested
            )
        })
    };
    let pending = case.steps.iter().filter(|step| step.state() == StepState::Pending);
    let wait = |step: &'a v1::Step| {
        let declared = package.steps.iter().find(|declared| declared.step == step.step)?;
        let on = declared.needs.iter().map(String::as_str).filter(|need| !ended(need)).collect();
        Some(Wait { step: &step.step, on })
    };
    pending.filter_map(wait).collect()
}
