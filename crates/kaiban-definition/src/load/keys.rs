//! Every key of `workflow.yaml`, in one description: the reader asks for these and no others, and the JSON Schema that
//! editors complete by is made of them.

/// How often a failed attempt is tried again at most.
pub(super) const RETRIES_MAX: u32 = 100;
/// Most steps of a package.
pub(super) const STEPS_MAX: usize = 200;
/// How often one loop may be gone at most, in one case.
pub(super) const LOOP_MAX: u32 = 20;
/// Longest reservation, in months.
pub(super) const MONTHS_MAX: u32 = 120;

/// A map whose keys are known.
pub(crate) struct Object {
    /// What it is called where it is described.
    pub name: &'static str,
    /// Its keys, in the order in which people write them.
    pub keys: &'static [Key],
    /// At least one of these groups of keys must be there, besides those that always must.
    pub one_of: &'static [&'static [&'static str]],
}

/// One key.
pub(crate) struct Key {
    pub name: &'static str,
    /// Must always be there.
    pub required: bool,
    pub shape: Shape,
    /// What it says, for people.
    pub about: &'static str,
}

/// What can stand under a key.
pub(crate) enum Shape {
    Text,
    Name,
    /// Names of steps and the like are free; a code is not.
    Code,
    /// `{ zh: …, en: … }`
    Title,
    Guard,
    /// `form.…`, `item.…`, `results.…`
    Path,
    Date,
    Boolean,
    /// Working time only.
    Working,
    /// Working time or time on the wall.
    Time,
    /// `2 months`
    Months,
    Count {
        min: u32,
        max: u32,
    },
    Word(&'static [&'static str]),
    List(&'static Shape),
    /// Names, each with a value.
    Map(&'static Shape),
    /// JSON pointers, each with a value.
    Pointers(&'static Shape),
    Object(&'static Object),
    Either(&'static [Shape]),
}

const fn must(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, required: true, shape, about }
}

const fn may(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, required: false, shape, about }
}

const fn object(name: &'static str, keys: &'static [Key]) -> Object {
    Object { name, keys, one_of: &[] }
}

/// The whole file.
pub(crate) static PACKAGE: Object = object(
    "package",
    &[
        must("workflow", Shape::Name, "Name of the package: that of its folder."),
        must("version", Shape::Text, "The package's own version, a text for people."),
        must("effective_from", Shape::Date, "First day (+08:00) on which new cases may use this version."),
        must("title", Shape::Title, "Title of the flow."),
        must("form", Shape::Text, "File with the JSON Schema 2020-12 of the form."),
        must("registrar", Shape::Path, "Where the form has the code of the registering division: a required text."),
        must("subject", Shape::Path, "Where the form has the name that lists show for a case: a required text."),
        may("contact", Shape::Path, "Where the form says how the applicant is reached: a text."),
        may("agent", Shape::Path, "Where the form says who hands it in for the applicant: a text."),
        may(
            "identity",
            Shape::Name,
            "Step that checks who people are, one branch each; they may act for themselves then.",
        ),
        must("closes", Shape::Name, "Outcome of a case whose steps have all ended and none of which closed it."),
        may("intake", Shape::Object(&INTAKE), "An officer's look at the application before it is accepted."),
        may("corrections", Shape::Object(&CORRECTIONS), "Reminders of unanswered corrections, and when to give up."),
        may("letters", Shape::Map(&Shape::Object(&LETTER)), "Letters to the applicant, by name."),
        may("registers", Shape::Map(&Shape::Object(&REGISTER)), "Registers that steps reserve keys in, by name."),
        may("promise", Shape::List(&Shape::Object(&PROMISE)), "What applicants are promised; the first that holds."),
        may("statutory", Shape::Object(&STATUTORY), "What the law gives for the case as a whole, from acceptance on."),
        may("rules", Shape::List(&Shape::Object(&RULE)), "What a form must keep to beyond its schema."),
        may("evidence", Shape::List(&Shape::Object(&EVIDENCE)), "Documents that are asked for with the form, and why."),
        must("steps", Shape::Map(&Shape::Object(&STEP)), "The steps, by name."),
    ],
);

/// What becomes of a case in which a dropped step is under way.
pub(super) const DROPPED: &[&str] = &["left", "withdrawn"];
/// What becomes of a new step.
pub(super) const ADDED: &[&str] = &["offered"];

/// A whole mapping file, by which running cases go from one version of a package to another.
pub(crate) static MIGRATION: Object = object(
    "migration",
    &[
        must("workflow", Shape::Name, "Name of the package."),
        must("from", Shape::Text, "The version that cases leave; its digest where the version has several."),
        must("to", Shape::Text, "The version that they go on by."),
        may("renamed", Shape::Map(&Shape::Name), "Steps that go on under another name, `old: new`."),
        may(
            "dropped",
            Shape::Map(&Shape::Word(DROPPED)),
            "Old steps that are no more; where one is under way, the case is left, or the step is withdrawn.",
        ),
        may(
            "added",
            Shape::Map(&Shape::Either(&[Shape::Word(ADDED), Shape::Object(&SATISFIED)])),
            "New steps: offered when their turn comes, or satisfied in cases that have come past them.",
        ),
        may(
            "outcomes",
            Shape::Map(&Shape::Map(&Shape::Name)),
            "Outcomes that have another name, by the old name of the step, `old: new`.",
        ),
    ],
);

pub(crate) static SATISFIED: Object = object(
    "satisfied",
    &[must("satisfied_once_begun", Shape::Name, "Counts as satisfied in cases in which this new step has begun.")],
);

pub(crate) static INTAKE: Object = object(
    "intake",
    &[
        must("party", Shape::Text, "Party of the directory that looks at the application."),
        may(
            "when",
            Shape::Guard,
            "Only where this holds; otherwise the case is accepted at once. Reads form and case.",
        ),
        must("deemed_within", Shape::Time, "Unanswered for so long, the application counts as accepted."),
        may("letter", Shape::Name, "Letter that goes with a refusal to accept (不予受理)."),
        may("correction", Shape::Name, "Letter with which corrections are asked for before acceptance (补正)."),
    ],
);

pub(crate) static CORRECTIONS: Object = object(
    "corrections",
    &[
        may("remind_after", Shape::List(&Shape::Time), "Times since the telling at which the applicant is reminded."),
        may("lapse_after", Shape::Time, "From then on an officer may close the case as withdrawn; no timer does."),
    ],
);

pub(crate) static LETTER: Object = object(
    "letter",
    &[
        must("title", Shape::Title, "Title above the text."),
        must("number", Shape::Text, "Word of the number, as in 榕登字〔2026〕1号; each letter has its own."),
        may("law", Shape::List(&Shape::Text), "Law articles that the letter rests on."),
        may("on", Shape::Word(&["receipt", "acceptance"]), "Sent by itself on receipt or on acceptance of the case."),
    ],
);

pub(crate) static REGISTER: Object = object(
    "register",
    &[
        must("title", Shape::Title, "Title of the register."),
        must("key", Shape::Guard, "Expression over form and case that gives the key: a text."),
        may("holds", Shape::Months, "A reservation holds for so long; without it the bureau keeps the register."),
        may("keeps", Shape::List(&Shape::Name), "Case outcomes after which the record stays for good."),
    ],
);

pub(crate) static PROMISE: Object = object(
    "promise",
    &[
        must("from", Shape::Date, "First day of acceptance (+08:00) that it holds for."),
        may("when", Shape::Guard, "Only where this holds. Reads form and case."),
        must("within", Shape::Working, "Working time on the registering division's calendar."),
    ],
);

pub(crate) static STATUTORY: Object = object(
    "statutory",
    &[
        must("within", Shape::Time, "How long; working days do not count the first, hours begin at once."),
        may("extend_once", Shape::Time, "How much longer, once, where a named head approves."),
        may("restarts", Shape::Boolean, "Whether the answer to a correction begins it anew; usually false."),
        must("law", Shape::Text, "Law article."),
        may("letter", Shape::Name, "Letter that tells the applicant of an extension."),
    ],
);

pub(crate) static RULE: Object = object(
    "rule",
    &[
        must("code", Shape::Code, "Stable code of the finding, SCREAMING_SNAKE_CASE."),
        must(
            "severity",
            Shape::Word(&["error", "doubt"]),
            "An error blocks, a doubt goes with the case to an officer.",
        ),
        may("from", Shape::Date, "First day (+08:00) on which the rule is law."),
        may("until", Shape::Date, "Last day (+08:00) on which the rule is law."),
        may("for_each", Shape::Path, "List in the form whose elements are looked at one by one, as `item`."),
        must("broken", Shape::Guard, "What must not be true. Reads form, case and, with for_each, item."),
        must("at", Shape::Path, "Where the finding stands: `form.…` or, with for_each, `item.…`."),
        must("zh", Shape::Text, "What is wrong, in Chinese."),
        must("en", Shape::Text, "What is wrong, in English."),
        may("help", Shape::Title, "What to do about it."),
        may("law", Shape::Text, "Law article."),
    ],
);

pub(crate) static EVIDENCE: Object = object(
    "evidence",
    &[
        must("at", Shape::Path, "Form field that names the document: `form.…` or, with for_each, `item.…`."),
        may("for_each", Shape::Path, "List in the form whose elements each need one."),
        must("title", Shape::Title, "What is asked for."),
        must("why", Shape::Title, "Why it is asked for."),
        may("law", Shape::Text, "Law article."),
        may("when", Shape::Guard, "Asked for only where this holds. Reads form, case and, with for_each, item."),
    ],
);

pub(crate) static STEP: Object = Object {
    name: "step",
    keys: &[
        must("title", Shape::Title, "Title."),
        may("party", Shape::Text, "Party of the directory whose office does the step."),
        may("wait", Shape::Time, "Nobody does the step: it is done when this time is over."),
        may("reserves", Shape::Object(&RESERVES), "The system does the step: it reserves a key in a register."),
        may("starts", Shape::Object(&STARTS), "The system does the step: it starts a case of another package."),
        may("draws", Shape::Object(&DRAWS), "Nobody does the step: a public draw decides whether its case is chosen."),
        may("proves", Shape::Object(&PROVES), "The system does the step: it asks for a certificate until it has it."),
        may("needs", Shape::List(&Shape::Either(&[Shape::Name, Shape::Object(&NEED)])), "Steps that must have ended."),
        may(
            "needs_any",
            Shape::Either(&[Shape::List(&Shape::Name), Shape::Object(&NEEDS_ANY)]),
            "Steps of which the first that completes is enough.",
        ),
        may("for_each", Shape::Object(&FOR_EACH), "One branch for each element of a list in the form."),
        may(
            "requested",
            Shape::Guard,
            "Only where the applicant asked for it; may be asked for later. Reads form, case.",
        ),
        may("when", Shape::Guard, "Only where this holds. Reads form, case, item and results of awaited steps."),
        may(
            "decide",
            Shape::List(&Shape::Object(&DECIDE)),
            "Rules that decide without a person; the first that holds.",
        ),
        may("counts", Shape::Boolean, "Whether the step's time counts towards the promise."),
        may(
            "drawn_by",
            Shape::Name,
            "The draw among its `needs` whose checkers alone may do the step, if it sent any.",
        ),
        may(
            "by_two",
            Shape::Boolean,
            "Two officers end the step together; the draw, if any, has sent both. Usually false.",
        ),
        may("recuse", Shape::List(&Shape::Path), "Where the form names officers who may not end the step: texts."),
        may("within", Shape::Working, "The step's own promise, on its office's calendar."),
        may("statutory", Shape::Object(&STATUTORY), "What the law gives for the step, on its office's calendar."),
        may("shares", Shape::List(&Shape::Either(&[Shape::Path, Shape::Object(&SEES)])), "All that the agency gets."),
        may("result", Shape::Text, "File with the JSON Schema of the result; without it there is none."),
        may(
            "retries",
            Shape::Count { min: 0, max: RETRIES_MAX },
            "Failed attempts before it is an incident; usually 5.",
        ),
        may("on_overdue", Shape::List(&Shape::Object(&OVERDUE)), "What happens when the step takes long."),
        may("undo", Shape::Name, "Step that is offered when a result of this one is taken back."),
        may("outcomes", Shape::Map(&Shape::Object(&OUTCOME)), "What the step can end in, by name."),
    ],
    one_of: &[
        &["party", "counts", "shares", "outcomes"],
        &["wait"],
        &["reserves"],
        &["starts"],
        &["draws"],
        &["proves"],
    ],
};

pub(crate) static RESERVES: Object = object(
    "reserves",
    &[
        must("register", Shape::Name, "The register."),
        must("at", Shape::Path, "Form field that the key comes from; what the applicant may change if it is taken."),
        must("taken", Shape::Title, "What the applicant reads if the key is taken."),
        must("letter", Shape::Name, "Letter that tells him so."),
    ],
);

pub(crate) static STARTS: Object = object(
    "starts",
    &[
        must("workflow", Shape::Name, "The other package."),
        must(
            "form",
            Shape::Pointers(&Shape::Text),
            "Pointers into its form; what is put there: a path, `text:…`, or `officer:` and a step.",
        ),
        may("waits", Shape::Boolean, "Whether the step ends only when that case has ended; usually false."),
        may(
            "revokes",
            Shape::Object(&REVOKES),
            "What the end of that case may take back here, even after the end of this one.",
        ),
        may("breaks", Shape::Object(&BREAKS), "The promise that it checks: one found false goes on record."),
    ],
);

pub(crate) static BREAKS: Object = object(
    "breaks",
    &[
        must("after", Shape::List(&Shape::Name), "Outcomes of that case that find the promise false."),
        must("certificate", Shape::Name, "The step whose certificate was promised."),
        must("class", Shape::Word(&["minor", "general", "serious"]), "How grave the credit record is."),
    ],
);

pub(crate) static REVOKES: Object = object(
    "revokes",
    &[
        must("after", Shape::List(&Shape::Name), "Outcomes of that case that take the step's outcome back."),
        must("step", Shape::Name, "The step whose outcome is taken back (撤销)."),
        must("letter", Shape::Name, "Letter that tells the applicant so."),
    ],
);

pub(crate) static DRAWS: Object = object(
    "draws",
    &[
        must("pool", Shape::Name, "What is drawn from: all cases that wait for a draw of this name."),
        may(
            "stratum",
            Shape::Path,
            "Where the form has the class of risk, `A` to `Z`, that the share depends on; usually all are `A`.",
        ),
        may("recuse", Shape::List(&Shape::Path), "Where the form names offices or officers who may not check: texts."),
    ],
);

pub(crate) static PROVES: Object = object(
    "proves",
    &[
        must("law", Shape::Text, "Law article that asks for the certificate."),
        must("why", Shape::Title, "Why it is asked for, in words for the applicant."),
        must("evidence", Shape::Path, "Form field with the document that proves it; the usual way, always open."),
        may(
            "shared",
            Shape::Guard,
            "Nothing is asked for where this holds. Reads form, case and results of awaited steps.",
        ),
        must("letter", Shape::Name, "Letter that asks the applicant for it."),
        may("commitment", Shape::Object(&COMMITMENT), "The applicant may promise instead (告知承诺制)."),
    ],
);

pub(crate) static COMMITMENT: Object = object(
    "commitment",
    &[
        must("letter", Shape::Name, "Letter that is shown and signed: what is told, what is promised."),
        may("unit", Shape::Path, "Where the form has the USCC of the unit that promises: its credit counts as well."),
        may(
            "unless",
            Shape::List(&Shape::Object(&EXCLUSION)),
            "Who may not promise, and where; all that hold are told.",
        ),
    ],
);

pub(crate) static EXCLUSION: Object = Object {
    name: "exclusion",
    keys: &[
        must("code", Shape::Code, "Stable code of the reason, SCREAMING_SNAKE_CASE."),
        may("when", Shape::Guard, "Where this holds. Reads form, case, credit, and as `item` who would sign."),
        may("listed", Shape::Name, "Where the case's key stands in this register, which the bureau keeps."),
        must("zh", Shape::Text, "Why not, in Chinese."),
        must("en", Shape::Text, "Why not, in English."),
        must("law", Shape::Text, "Law article."),
    ],
    one_of: &[&["when"], &["listed"]],
};

pub(crate) static NEED: Object = object(
    "need",
    &[
        must("step", Shape::Name, "The step that must have ended."),
        may("when", Shape::Guard, "Needed only where this holds. Reads form, case and results of awaited steps."),
    ],
);

pub(crate) static NEEDS_ANY: Object = object(
    "needs_any",
    &[
        must("of", Shape::List(&Shape::Name), "The steps, at least two."),
        may("cancels", Shape::Word(&["others"]), "The others are taken back as soon as one has completed."),
    ],
);

pub(crate) static FOR_EACH: Object = object(
    "for_each",
    &[
        must("over", Shape::Path, "The list: objects, in the form."),
        must("key", Shape::Name, "Required field of an element that names its branch: 1 to 40 of a-z 0-9 -."),
    ],
);

pub(crate) static DECIDE: Object = object(
    "decision",
    &[
        must("when", Shape::Guard, "Where this holds …"),
        must("outcome", Shape::Name, "… the step ends with this outcome: completing, never adverse."),
    ],
);

pub(crate) static SEES: Object =
    object("seen", &[must("sees", Shape::Path, "Seen without being decided on; a later correction may open it.")]);

pub(crate) static OVERDUE: Object = Object {
    name: "overdue",
    keys: &[
        must("after", Shape::Working, "Working time that the step has used since its first offer, pauses left out."),
        may("do", Shape::Word(&["remind"]), "The office is reminded."),
        may("escalate", Shape::Text, "This party of the directory is told."),
        may("outcome", Shape::Name, "The step ends with this outcome: completing, never adverse."),
    ],
    one_of: &[&["do"], &["escalate"], &["outcome"]],
};

pub(crate) static OUTCOME: Object = object(
    "outcome",
    &[
        may("title", Shape::Title, "Title; approve, correct, refuse, decline and done have a usual one."),
        may("asks", Shape::Word(&["applicant"]), "The applicant is asked for corrections; the clock pauses."),
        may("reopens", Shape::List(&Shape::Name), "Earlier steps that are done again, with all that needs them."),
        may("at_most", Shape::Count { min: 1, max: LOOP_MAX }, "How often it may reopen, in one case."),
        may("ends", Shape::Word(&["branch"]), "The step ends without a result; the case goes on."),
        may("closes", Shape::Name, "The case ends with this outcome."),
        may("adverse", Shape::Boolean, "Denies or takes away: two officers, a reason and a law."),
        may("law", Shape::Text, "Law article; an adverse outcome must name one."),
        may("letter", Shape::Name, "Letter that the applicant gets."),
    ],
);
