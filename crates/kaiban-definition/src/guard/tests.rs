use serde_json::json;

use super::*;

fn eval(text: &str, form: Value, results: &[(&str, Value)]) -> Result<bool, GuardError> {
    let results = results.iter().map(|(step, value)| (step.to_string(), value.clone())).collect();
    let case = CaseFacts { registrar: "350100", workflow: "business-start", doubts: 2, date: "2026-11-22" };
    Guard::parse(text).unwrap().eval(&Scope { form: &form, case, results: &results, item: None, credit: None })
}

fn codes(text: &str) -> Vec<String> {
    let findings = Guard::parse(text).err().unwrap_or_default();
    findings.into_iter().map(|finding| finding.code.into_owned()).collect()
}

#[test]
fn guards_read_the_form_the_case_and_results() {
    let form =
        json!({"invoices": {"paper": true}, "n": 3, "list": [{"kind": "person", "fen": 5}, {"kind": "organisation"}]});
    let holds = |text| {
        eval(text, form.clone(), &[("registration", json!({"uscc": "x"})), ("social-insurance", json!({"n": 1}))])
    };
    for text in [
        "form.invoices.paper",
        "case.registrar == '350100' && case.workflow == \"business-start\" && case.doubts > 1",
        "form.n * 2 + 1 == 7 && -form.n < 0",
        "form.n in [1, 2, 3]",
        "form['n'] == 3",
        "size(form.list) == 2 && form.list[0].fen == 5",
        "form.list.exists(i, i.kind == 'organisation')",
        "!form.list.all(i, has(i.fen))",
        "form.list.exists(i, has(i.fen) && i.fen > 4)",
        "form.list.exists_one(i, i.kind == 'person')",
        "has(results.registration) && results.registration.uscc.startsWith('x')",
        "results.`social-insurance`.n == 1",
        "!has(results.seal)",
        "has(form.invoices.paper) ? form.invoices.paper : false",
    ] {
        assert_eq!(holds(text), Ok(true), "{text}");
    }
}

#[test]
fn numbers_that_travelled_as_doubles_are_whole_numbers() {
    assert_eq!(eval("form.n + 1 == 4", json!({"n": 3.0}), &[]), Ok(true));
    assert_eq!(eval("form.n > 2", json!({"n": 2.5}), &[]), Ok(true));
}

#[test]
fn a_guard_that_errs_is_an_error_and_quotes_no_value() {
    let missing = eval("form.a.b", json!({"a": {}}), &[]);
    assert_eq!(missing, Err(GuardError::Missing { guard: "form.a.b".into(), field: "b".into() }));
    assert!(matches!(eval("has(results.seal.number)", json!({}), &[]), Err(GuardError::Missing { .. })));
    assert!(matches!(eval("form.a", json!({"a": "secret"}), &[]), Err(GuardError::NotBoolean { .. })));
    for text in ["form.a + 1 > 2", "form.a > 2", "!form.a", "form.b * 9223372036854775807 > 1", "form.c[5]"] {
        let error = eval(text, json!({"a": "secret", "b": 3, "c": []}), &[]).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let long = json!({"a": vec![1; LIST_LENGTH_MAX + 1]});
    assert!(matches!(eval("form.a.exists(i, i > 1)", long, &[]), Err(GuardError::ListTooLong { .. })));
}

#[test]
fn only_what_is_read_is_converted() {
    let form = json!({"paper": true, "long": vec![1; LIST_LENGTH_MAX + 1]});
    assert_eq!(eval("form.paper && has(form.long)", form, &[]), Ok(true));
}

#[test]
fn reads_are_known_without_evaluating() {
    let guard =
        Guard::parse("form.a.b > 1 && form.list.exists(i, i.kind == case.registrar) || has(results.seal)").unwrap();
    assert_eq!(guard.reads(), ["case.registrar", "form.a.b", "form.list", "form.list[].kind", "results.seal"]);
    assert_eq!(guard.source(), "form.a.b > 1 && form.list.exists(i, i.kind == case.registrar) || has(results.seal)");
}

#[test]
fn has_makes_what_follows_sure() {
    let sure = |text: &str| -> Vec<(String, usize)> {
        let guard = Guard::parse(text).unwrap();
        guard.analysis().reads.iter().map(|read| (read.to_string(), read.sure)).collect()
    };
    assert_eq!(sure("has(form.a) && form.a.b"), [("form.a".into(), 0), ("form.a.b".into(), 1)]);
    assert_eq!(sure("!has(form.a) || form.a.b"), [("form.a".into(), 0), ("form.a.b".into(), 1)]);
    assert_eq!(
        sure("has(form.a) ? form.a : form.a"),
        [("form.a".into(), 0), ("form.a".into(), 1), ("form.a".into(), 0)]
    );
    assert_eq!(sure("has(form.a) || form.a.b"), [("form.a".into(), 0), ("form.a.b".into(), 0)]);
}

#[test]
fn texts_that_are_no_guards() {
    assert_eq!(codes("form.a &&"), ["GUARD_SYNTAX"]);
    assert_eq!(codes("applicant.name == 'x' || now() > 1"), ["GUARD_UNKNOWN_NAME", "GUARD_UNKNOWN_FUNCTION"]);
    assert_eq!(codes("form.a.matches('x')"), ["GUARD_UNKNOWN_FUNCTION"]);
    assert_eq!(codes("results.social-insurance.n == 1"), ["GUARD_UNKNOWN_NAME"]);
    assert_eq!(codes("form.a.all(x, x.all(y, y.all(z, z)))"), ["GUARD_TOO_DEEP"]);
    assert_eq!(codes(&format!("{}true", "!".repeat(GUARD_LENGTH_MAX))), ["GUARD_TOO_LONG"]);
    assert_eq!(codes(&format!("{}form.a{}", "(".repeat(300), ")".repeat(300))), ["GUARD_TOO_DEEP"]);
    assert_eq!(codes("form.a in [now()]"), ["GUARD_UNKNOWN_FUNCTION"]);
}

#[test]
fn no_text_overflows_the_stack() {
    let nested = |open: &str, close: &str, times: usize| format!("{}form.a{}", open.repeat(times), close.repeat(times));
    for text in [
        nested("(", ")", BRACKETS_MAX),
        nested("[", "]", BRACKETS_MAX),
        nested("{1:", "}", BRACKETS_MAX),
        nested("form.a.all(x,", ")", BRACKETS_MAX),
        nested("(form.a?form.a?1:1:", ")", BRACKETS_MAX),
        nested("(!-form.a+", ")", BRACKETS_MAX),
        "(a?1:".repeat(BRACKETS_MAX) + &"a?1:".repeat(100),
        "(".repeat(500),
        "!".repeat(900),
        "!-".repeat(450),
        format!("form{}", ".a".repeat(490)),
        format!("form.a{}", "[0]".repeat(300)),
        format!("form.a{}", "||form.a".repeat(120)),
        format!("form.a{}", "?1:1".repeat(240)),
        format!("form.a{}", " + 1".repeat(240)),
        format!("form.a == '{}", "\\".repeat(900)),
    ] {
        let _ = Guard::parse(&text);
    }
}

#[test]
fn our_functions() {
    let form = json!({
        "name": "福州榕溪茶业有限公司", "paid_by": "2029-06-30", "leap": "2024-02-29", "fen": [60, 40],
        "people": [{ "fen": 60 }, { "fen": 40 }], "citizen": "11010519491231002X", "text": "secret",
    });
    for text in [
        "form.paid_by > plus_years(case.date, 2) && form.paid_by < plus_years(case.date, 3)",
        "plus_years(form.leap, 1) == '2025-02-28' && plus_days(form.leap, 1) == '2024-03-01'",
        "plus_days(case.date, -1) == '2026-11-21'",
        "name_key(form.name) == name_key(form.name) && name_key(form.name) != ''",
        "sum(form.fen) == 100 && sum(form.people.map(p, p.fen)) == 100",
        "age_on(form.citizen, '2019-12-30') == 69 && age_on(form.citizen, '2019-12-31') == 70",
    ] {
        assert_eq!(eval(text, form.clone(), &[]), Ok(true), "{text}");
    }
    for text in ["plus_days(form.text, 1) == ''", "age_on(form.text, case.date) > 1", "sum(form.people) > 1"] {
        let error = eval(text, form.clone(), &[]).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert_eq!(codes("plus_days(form.a)"), ["GUARD_ARGUMENT"]);
    assert_eq!(codes("form.a.name_key() == ''"), ["GUARD_ARGUMENT"]);
}

#[test]
fn results_of_branches_are_read_by_key() {
    let results = [("identity", json!({"head": {"ok": true}, "staff-1": {"ok": false}}))];
    for (text, holds) in [
        ("results.identity.exists(k, !results.identity[k].ok)", true),
        ("results.identity.all(k, results.identity[k].ok)", false),
        ("size(results.identity) == 2 && results.identity.head.ok", true),
        ("results.identity[form.who].ok", false),
        ("form.who in results.identity", true),
    ] {
        assert_eq!(eval(text, json!({"who": "staff-1"}), &results), Ok(holds), "{text}");
    }
}

#[test]
fn an_expression_gives_a_text() {
    let (form, results) = (json!({"name": "甲", "n": 1}), BTreeMap::new());
    let case = CaseFacts { registrar: "350100", workflow: "business-start", doubts: 0, date: "2026-11-22" };
    let scope = Scope { form: &form, case, results: &results, item: None, credit: None };
    let eval = |text: &str| TextExpression::new(Guard::parse_text_located(text).unwrap()).eval(&scope);
    assert_eq!(eval("case.registrar + '/' + form.name").as_deref(), Ok("350100/甲"));
    assert!(matches!(eval("form.n"), Err(GuardError::NotText { .. })));
}
