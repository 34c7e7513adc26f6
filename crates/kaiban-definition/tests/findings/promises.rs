//! Codes of what is promised, drawn and taken back: the package that uses everything, with a certificate, a draw and a
//! revocation, broken in one place at a time.

use kaiban_definition::{Files, Ground, Work, load};

use crate::golden;
use crate::rich::rich;
use crate::sound::changed;

const STEPS: &str = r#"  person:
    title: { zh: 实名认证, en: Real-name check }
    party: bureau
    for_each: { over: form.people, key: key }
    counts: false
    shares: [item.name]
    outcomes: { done: {} }
  proof:
    title: { zh: 住所使用证明, en: Proof of the domicile }
    when: form.rented
    proves:
      law: 条例 §16
      why: { zh: 无法共享核验。, en: It is not in shared data. }
      evidence: form.proof
      letter: correction
      commitment:
        letter: promise
        unit: form.name
        unless:
          - { code: DISHONEST, when: credit.serious > 0 || credit.risk == "D", zh: 有失信记录。, en: A record., law: 42号文 }
          - { code: A_CHILD, when: item.role == "child", zh: 未成年。, en: Under age., law: 民法典 §18 }
          - { code: LISTED, listed: no-go, zh: 在名录内。, en: It is listed., law: 条例 §11 }
  grant:
    title: { zh: 准予, en: Grant }
    party: bureau
    needs: [proof]
    counts: true
    shares: [form.name, form.proof, results.proof.way]
    outcomes: { approve: {} }
  draw:
    title: { zh: 抽取, en: Draw }
    needs: [grant]
    draws: { pool: quality, stratum: form.contact, recuse: [form.registrar] }
  look:
    title: { zh: 核查, en: Look }
    party: bureau
    needs: [draw]
    when: results.draw.drawn
    drawn_by: draw
    by_two: true
    recuse: [form.contact]
    counts: false
    shares: [form.name, results.draw.checkers]
    outcomes: { done: {} }
  after:
    title: { zh: 承诺核查, en: Check }
    needs: [grant]
    starts:
      workflow: follow
      form: { /registrar: form.registrar, /subject: form.name, /kind: officer:grant }
      revokes: { after: [checked], step: grant, letter: revocation }
      breaks: { after: [checked], certificate: proof, class: general }
"#;

fn whole() -> Files {
    let mut files = rich();
    let letter = "<!doctype html>\n<p>{{form.name}}</p>\n";
    for name in ["promise", "revocation"] {
        files.insert(format!("rich/letters/{name}.html.hbs"), letter);
        files.insert(format!("rich/letters/{name}.txt.hbs"), "通知\n{{form.name}}\n");
    }
    let mut text = files.get("rich/workflow.yaml").unwrap_or_default().to_owned();
    text.push_str(STEPS);
    let registers = "registers:\n  no-go: { title: { zh: 禁设名录, en: No go }, key: form.name }\n";
    let text = text.replacen("registers:\n", registers, 1).replacen(
        "closes: opened\n",
        "closes: opened\nidentity: person\n",
        1,
    );
    let letters = "letters:\n  promise: { title: { zh: 承诺书, en: Promise }, number: 诺字 }\n  revocation: { title: { zh: 撤销, en: Revocation }, number: 撤字 }\n";
    files.insert("rich/workflow.yaml", text.replacen("letters:\n", letters, 1));
    files
}

fn with(old: &str, new: &str) -> Files {
    changed(whole(), "rich/workflow.yaml", old, new)
}

macro_rules! workflow {
    ($($name:ident: $old:literal => $new:literal, $codes:expr;)*) => {
        $(#[test]
        fn $name() {
            golden(stringify!($name), &with($old, $new), &$codes);
        })*
    };
}

#[test]
fn the_whole_is_sound_and_is_what_it_says() {
    let (workflows, findings) = load(&whole());
    assert_eq!(findings, []);
    let package = workflows.definition("rich").unwrap();
    let Work::Prove(certificate) = &package.steps["proof"].work else { panic!("no certificate") };
    let commitment = certificate.commitment.as_ref().unwrap();
    assert_eq!(
        (certificate.evidence.as_str(), commitment.letter.as_str(), commitment.unless.len()),
        ("/proof", "promise", 3)
    );
    assert!(matches!(&commitment.unless[2].holds, Ground::Listed(register) if register == "no-go"));
    assert_eq!(package.registers["no-go"].hold_months, None);
    assert_eq!(package.steps["after"].revokes().map(|revokes| revokes.step.as_str()), Some("grant"));
}

workflow! {
    exclusion_ground: "listed: no-go, zh" => "listed: no-go, when: form.rented, zh", ["EXCLUSION_GROUND", "UNUSED_REGISTER"];
    exclusion_without_ground: "listed: no-go, zh" => "zh", ["EXCLUSION_GROUND", "UNUSED_REGISTER"];
    exclusion_by_an_unknown_register: "listed: no-go" => "listed: nogo", ["UNKNOWN_REGISTER", "UNUSED_REGISTER"];
    credit_not_here: "when: form.rented\n    proves" => "when: credit.serious > 0\n    proves", ["CREDIT_NOT_HERE"];
    credit_unknown: "credit.serious > 0" => "credit.points > 0", ["UNKNOWN_FIELD"];
    credit_of_another_type: "credit.risk == \"D\"" => "credit.risk == 4", ["GUARD_TYPES"];
    exclusion_by_a_result: "item.role == \"child\", zh" => "has(results.grant), zh", ["RESULT_NOT_AWAITED"];
    commitment_unsigned: "identity: person\n" => "", ["COMMITMENT_UNSIGNED", "ITEM_WITHOUT_FOR_EACH"];
    certificate_by_no_document: "evidence: form.proof" => "evidence: form.name", ["EVIDENCE_NOT_DOCUMENT"];
    certificate_with_an_unknown_letter: "evidence: form.proof\n      letter: correction" => "evidence: form.proof\n      letter: asking", ["UNKNOWN_LETTER"];
    certificate_of_each: "    when: form.rented\n    proves" => "    when: form.rented\n    for_each: { over: form.people, key: key }\n    proves", ["KEY_NOT_HERE"];
    register_kept: "no-go: { title: { zh: 禁设名录, en: No go }, key: form.name }\n  names: { title: { zh: 名称, en: Names }, key: case.registrar + \"/\" + name_key(form.name), holds: 2 months" => "no-go: { title: { zh: 禁设名录, en: No go }, key: form.name }\n  names: { title: { zh: 名称, en: Names }, key: case.registrar + \"/\" + name_key(form.name)", ["REGISTER_KEPT"];
    draw_by_an_unknown_field: "stratum: form.contact" => "stratum: form.risk", ["UNKNOWN_FIELD"];
    revokes_no_decision: "step: grant, letter" => "step: draw, letter", ["REVOKES_NO_DECISION"];
    revokes_after_an_unknown_outcome: "after: [checked]" => "after: [failed]", ["UNKNOWN_OUTCOME"];
    drawn_by_no_draw: "drawn_by: draw" => "drawn_by: proof", ["DRAW_NOT_HELD"];
    recused_by_an_unknown_field: "recuse: [form.contact]" => "recuse: [form.keeper]", ["UNKNOWN_FIELD"];
    unit_by_an_unknown_field: "unit: form.name" => "unit: form.uscc", ["UNKNOWN_FIELD"];
    breaks_no_promise: "certificate: proof" => "certificate: grant", ["BREAKS_NO_PROMISE"];
    breaks_after_an_unknown_outcome: "breaks: { after: [checked]" => "breaks: { after: [failed]", ["UNKNOWN_OUTCOME"];
    officer_not_known: "officer:grant" => "officer:look", ["OFFICER_NOT_KNOWN"];
}
