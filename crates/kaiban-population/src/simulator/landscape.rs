//! The small country that simulated cases live in. Its data are its own: a holiday notice added to `workflows/` must
//! not change what an old seed does.

use kaiban_calendar::Calendars;
use kaiban_definition::{Directory, Files, load};

/// Registering divisions; the forms of simulated cases name one of them.
pub(super) const DIVISIONS: [&str; 3] = ["350100", "350102", "350181"];

/// Parties; the steps of simulated packages belong to them.
pub(super) const PARTIES: [&str; 4] = ["registrar", "carver", "tax", "hall"];

const ARRANGEMENT: &str = r"
arrangement: simulated
title: { zh: 模拟节假日安排, en: Simulated holidays }
years:
  - year: 2026
    notices:
      - published_at: 2025-11-04
        source: 模拟
        off: [2026-01-01, 2026-02-16, 2026-02-17, 2026-04-06, 2026-05-01, 2026-06-19, 2026-10-01, 2026-10-02]
        worked: [2026-02-14, 2026-05-09, 2026-10-10]
";

const OFFICE: &str = r#"
calendar: office
title: { zh: 模拟机关, en: Simulated offices }
arrangement: simulated
seasons:
  - { name: summer, from: "06-01", to: "09-30", sessions: [["08:30", "12:00"], ["15:00", "18:00"]] }
  - { name: winter, from: "10-01", to: "05-31", sessions: [["08:30", "12:00"], ["14:30", "17:30"]] }
closures: []
"#;

const COUNTER: &str = r#"
calendar: counter
title: { zh: 模拟窗口, en: Simulated counters }
arrangement: simulated
seasons:
  - { name: all-year, from: "01-01", to: "12-31", sessions: [["09:00", "12:00"], ["13:30", "17:00"]] }
closures: []
"#;

const DIVISIONS_FILE: &str = r#"
divisions:
  - { code: "350100", title: { zh: 甲市, en: City A }, kind: city, calendar: office }
  - { code: "350102", title: { zh: 乙区, en: District B }, kind: district, calendar: office }
  - { code: "350181", title: { zh: 丙市, en: Town C }, kind: county-city, calendar: counter }
"#;

const AGENCIES_FILE: &str = r#"
parties:
  registrar:
    title: { zh: 登记机关, en: Registrar }
    offices:
      - { id: registrar-1, title: { zh: 甲, en: A }, calendar: office, divisions: ["350100"] }
      - { id: registrar-2, title: { zh: 乙, en: B }, calendar: office, divisions: ["350102"] }
      - { id: registrar-3, title: { zh: 丙, en: C }, calendar: counter, divisions: ["350181"] }
  carver:
    title: { zh: 刻章单位, en: Seal carver }
    offices:
      - { id: carver-1, title: { zh: 一, en: One }, calendar: counter, divisions: ["350100", "350102"] }
      - { id: carver-2, title: { zh: 二, en: Two }, calendar: counter, divisions: ["350181"] }
  tax:
    title: { zh: 税务, en: Tax }
    offices:
      - { id: tax-1, title: { zh: 税务, en: Tax }, calendar: office, divisions: all }
  hall:
    title: { zh: 大厅, en: Hall }
    offices:
      - { id: hall-1, title: { zh: 大厅, en: Hall }, calendar: counter, divisions: all }
"#;

const BANKS_FILE: &str = r#"
banks:
  - id: bank-1
    title: { zh: 模拟银行, en: Simulated bank }
    sample: true
    outlets:
      - { id: outlet-1, title: 一号网点, division: "350102", calendar: counter }
"#;

/// Calendars and directory of the simulated country.
#[derive(Debug)]
pub(super) struct Landscape {
    pub calendars: Calendars,
    pub directory: Directory,
}

impl Landscape {
    /// Loads the texts above through the product's own loader.
    pub fn new() -> Result<Self, String> {
        let texts = [
            ("calendars/simulated.yaml", ARRANGEMENT),
            ("calendars/office.yaml", OFFICE),
            ("calendars/counter.yaml", COUNTER),
            ("directory/divisions.yaml", DIVISIONS_FILE),
            ("directory/agencies.yaml", AGENCIES_FILE),
            ("directory/banks.yaml", BANKS_FILE),
        ];
        let files: Files = texts.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
        let (workflows, findings) = load(&files);
        match findings.first() {
            Some(finding) => Err(format!("the simulated country does not load: {finding}")),
            None => Ok(Self {
                calendars: workflows.calendars.as_ref().clone(),
                directory: workflows.directory.as_ref().clone(),
            }),
        }
    }
}
