//! Registers that the bureau keeps by hand, such as places where nothing may be opened: entries are put in and ended by
//! somebody, for a reason. Nothing disappears: an ended entry stays with its history, and can be put in again.

use kaiban_definition::kept_key;
use kaiban_store::{PageRequest, RegisterRow};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::access::Verb;
use crate::app::{App, Inner};
use crate::execute::{Done, Op};
use crate::principal::{Principal, Role};
use crate::refusal::{Canonical, Refusal};

/// Put an entry in.
#[derive(Clone, Debug)]
pub struct PutRegisterEntry {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// The register, as packages name it.
    pub register: String,
    /// What is entered: the register's key, or what several keys begin with.
    pub key: String,
    /// Until when, business time, µs; none = until it is ended.
    pub until_us: Option<i64>,
    /// Who acts.
    pub officer: String,
    /// Why.
    pub reason: String,
}

/// End an entry.
#[derive(Clone, Debug)]
pub struct RemoveRegisterEntry {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// The register.
    pub register: String,
    /// The entry.
    pub key: String,
    /// Who acts.
    pub officer: String,
    /// Why.
    pub reason: String,
}

/// Entries of a register.
#[derive(Clone, Debug)]
pub struct ListRegister {
    /// The register.
    pub register: String,
    /// Only keys that begin so.
    pub prefix: String,
    /// Ended ones as well.
    pub ended: bool,
    /// Entries looked at.
    pub page_size: u32,
    /// From the page before.
    pub page_token: String,
}

/// An entry with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEntry {
    /// The register.
    pub register: String,
    /// What is entered.
    pub key: String,
    /// Since when, µs.
    pub since_us: i64,
    /// Until when, µs; none = until it is ended.
    pub until_us: Option<i64>,
    /// What was done with it, in order.
    pub history: Vec<RegisterEvent>,
}

/// What somebody did with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterEvent {
    /// When, business time, µs.
    pub at_us: i64,
    /// Put in; otherwise ended.
    pub put: bool,
    /// Who: the person, and the token where it is nobody's own.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when it was to stand, where it was put in for a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_us: Option<i64>,
}

/// An entry on its way to the writer.
pub(crate) struct RegisterOp {
    pub register: String,
    pub key: String,
    pub by: String,
    pub reason: String,
    pub act: RegisterAct,
}

pub(crate) enum RegisterAct {
    Put { until_us: Option<i64> },
    End,
}

/// What the row's value holds.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub history: Vec<RegisterEvent>,
}

/// Who holds an entry that no case does.
pub(crate) const BUREAU: &str = "bureau";

impl App {
    /// Puts an entry into a register that the bureau keeps, or changes until when it stands.
    ///
    /// # Errors
    /// `UNKNOWN_REGISTER`, `TEXT_INVALID`.
    pub async fn put_register_entry(&self, who: &Principal, request: PutRegisterEntry) -> Result<KeptEntry, Refusal> {
        who.may(Verb::KeepRegister)?;
        let PutRegisterEntry { request_id, register, key, until_us, officer, reason } = request;
        let key = kept_key(&key);
        let content = json!([register, key, until_us, officer, reason]);
        let act = RegisterAct::Put { until_us };
        self.keep(who, "put_register_entry", &request_id, &content, (register, key), officer, reason, act).await
    }

    /// Ends an entry; it stays in the register's history.
    ///
    /// # Errors
    /// `REGISTER_ENTRY_ABSENT`, `UNKNOWN_REGISTER`, `TEXT_INVALID`.
    pub async fn remove_register_entry(
        &self,
        who: &Principal,
        request: RemoveRegisterEntry,
    ) -> Result<KeptEntry, Refusal> {
        who.may(Verb::KeepRegister)?;
        let RemoveRegisterEntry { request_id, register, key, officer, reason } = request;
        let key = kept_key(&key);
        let content = json!([register, key, officer, reason]);
        let act = RegisterAct::End;
        self.keep(who, "remove_register_entry", &request_id, &content, (register, key), officer, reason, act).await
    }

    /// A page of the entries of a register that the bureau keeps, by key, and the token of the next page; empty on the
    /// last.
    ///
    /// # Errors
    /// `UNKNOWN_REGISTER`; a page token that is none of ours.
    pub async fn register_entries(
        &self,
        who: &Principal,
        request: ListRegister,
    ) -> Result<(Vec<KeptEntry>, String), Refusal> {
        who.may(Verb::ListRegister)?;
        let inner = &self.inner;
        inner.keeps_registers(who)?;
        inner.kept_by_bureau(&request.register)?;
        let now_us = inner.business_now_us();
        let token = Some(request.page_token).filter(|token| !token.is_empty());
        let limits = &inner.settings.limits;
        let size = if request.page_size == 0 { limits.page_default } else { request.page_size };
        let page = PageRequest { size: size.clamp(1, limits.page_max), token };
        let page = inner.store.registers(&request.register, &request.prefix, &page).await?;
        let stands = |row: &RegisterRow| request.ended || row.until_us.is_none_or(|until_us| until_us > now_us);
        let entries = page.rows.iter().filter(|row| stands(row)).map(entry).collect();
        Ok((entries, page.next.unwrap_or_default()))
    }

    #[expect(clippy::too_many_arguments, reason = "two requests of one shape")]
    async fn keep(
        &self,
        who: &Principal,
        method: &str,
        request_id: &str,
        content: &serde_json::Value,
        (register, key): (String, String),
        officer: String,
        reason: String,
        act: RegisterAct,
    ) -> Result<KeptEntry, Refusal> {
        let inner = &self.inner;
        inner.keeps_registers(who)?;
        inner.kept_by_bureau(&register)?;
        let request = inner.request(who, method, request_id, content)?;
        let by = who.officer(officer)?;
        let (max, key_max) = (inner.settings.limits.case_reason_max, inner.settings.limits.register_key_max);
        if reason.trim().is_empty() || reason.chars().count() > max || key.is_empty() || key.chars().count() > key_max {
            return Err(Refusal::argument(
                "TEXT_INVALID",
                format!("须写明条目（1至{key_max}字）和理由（1至{max}字）。"),
                format!("Give the key (1 to {key_max} characters) and a reason (1 to {max} characters)."),
            ));
        }
        let by = if by.is_empty() { who.token.clone() } else { by };
        let op = Op::Register(Box::new(RegisterOp { register, key, by, reason, act }));
        match inner.execute(who, Some(request), op).await? {
            Done::Register(entry) => Ok(entry),
            _ => Err(Refusal::not_found()),
        }
    }
}

impl Inner {
    /// Officers keep registers where their office registers; who runs the server may as well.
    fn keeps_registers(&self, who: &Principal) -> Result<(), Refusal> {
        let may = who.role != Role::Officer || self.is_registrar(who);
        if may { Ok(()) } else { Err(Refusal::role()) }
    }

    /// Whether some package has a register of this name that no case writes to.
    fn kept_by_bureau(&self, register: &str) -> Result<(), Refusal> {
        let all = self.library.all();
        let mut known = all.iter().flat_map(|def| def.registers.values()).filter(|known| known.hold_months.is_none());
        if known.any(|known| known.name == register) {
            return Ok(());
        }
        Err(Refusal::argument(
            "UNKNOWN_REGISTER",
            "没有由登记机关维护的这一名录。",
            "There is no register of that name which the bureau keeps.",
        ))
    }
}

/// A row as it is shown.
pub(crate) fn entry(row: &RegisterRow) -> KeptEntry {
    let kept: Kept = serde_json::from_str(&row.value).unwrap_or_default();
    KeptEntry {
        register: row.register.clone(),
        key: row.key.clone(),
        since_us: row.since_us,
        until_us: row.until_us,
        history: kept.history,
    }
}

/// There is nothing to end.
pub(crate) fn absent() -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "REGISTER_ENTRY_ABSENT",
        "名录中没有该条目，或该条目已经终止。",
        "The register has no such entry, or it has ended already.",
    )
}
