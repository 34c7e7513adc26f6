//! Claims: finding tasks for all claims of a batch at once, and sharing them out.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;

use crate::dialect::{Dialect, Search};
use crate::{Claim, StoreError, Wanted};

/// What all searches of a batch found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Tasks in the queue's order.
    pub tasks: Vec<FoundTask>,
    /// For each search, whether there may be more than it was to look for.
    full: Vec<bool>,
    /// For each search, cases that another batch holds, by id.
    passed_over: Vec<Vec<String>>,
}

/// A task that claims may get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundTask {
    /// Its place among the others.
    order: (i64, i64, String),
    /// Which search found it.
    search: usize,
    pub case_id: String,
}

impl FoundTask {
    pub fn id(&self) -> &str {
        &self.order.2
    }
}

/// Claims that look for the same are one search.
fn searches(claims: &[Claim]) -> (Vec<Search>, Vec<usize>) {
    let mut searches: Vec<Search> = Vec::new();
    let mut known: HashMap<(&str, Vec<&str>), usize> = HashMap::new();
    let mut of_claim = Vec::with_capacity(claims.len());
    let mut most_of_office: HashMap<&str, u32> = HashMap::new();
    for claim in claims {
        let most = most_of_office.entry(&claim.office).or_default();
        *most = most.saturating_add(claim.limit);
    }
    for claim in claims {
        let mut steps: Vec<&str> = claim.steps.iter().map(String::as_str).collect();
        steps.sort_unstable();
        steps.dedup();
        let at = *known.entry((&claim.office, steps)).or_insert_with_key(|(office, steps)| {
            searches.push(Search {
                office: (*office).to_owned(),
                steps: steps.iter().map(|step| (*step).to_owned()).collect(),
                // The office's other claims may take what this search finds first.
                most: most_of_office.get(office).copied().unwrap_or_default(),
            });
            searches.len() - 1
        });
        of_claim.push(at);
    }
    (searches, of_claim)
}

/// Tasks for the claims of a batch.
pub(crate) async fn search(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    wanted: &Wanted,
) -> Result<Found, StoreError> {
    if wanted.claims.iter().all(|claim| claim.limit == 0) {
        return Ok(Found::default());
    }
    let (searches, _) = searches(&wanted.claims);
    let rows = connection.query_all_raw(dialect.candidates(&searches, wanted.operating_us)).await?;
    let mut found = Vec::with_capacity(rows.len());
    let mut passed_over = vec![Vec::new(); searches.len()];
    for row in rows {
        let search: i64 = row.try_get("", "search")?;
        let search = usize::try_from(search).unwrap_or_default();
        let case_id: String = row.try_get("", "case_id")?;
        if row.try_get::<i64>("", "passed_over")? == 1 {
            passed_over.get_mut(search).into_iter().for_each(|cases: &mut Vec<String>| cases.push(case_id.clone()));
            continue;
        }
        found.push(FoundTask {
            order: (row.try_get("", "due_at_us")?, row.try_get("", "offered_at_us")?, row.try_get("", "id")?),
            search,
            case_id,
        });
    }
    for cases in &mut passed_over {
        cases.sort_unstable();
        cases.dedup();
    }
    found.sort_unstable_by(|a, b| a.order.cmp(&b.order));
    // Each search found its first ready tasks and its first expired leases; the first of both are enough.
    let mut left: Vec<u32> = searches.iter().map(|search| search.most).collect();
    found.retain(|found| match left.get_mut(found.search) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    });
    let full = left.iter().map(|left| *left == 0).collect();
    Ok(Found { tasks: found, full, passed_over })
}

/// What each claim of a batch gets.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The first in the queue that no earlier claim of the batch got.
    pub candidates: Vec<Vec<String>>,
    /// Whether nothing else is in its queues.
    pub emptied: Vec<bool>,
    /// Cases in its queues that another batch holds.
    pub passed_over: Vec<Vec<String>>,
}

/// Shares out what was found.
pub(crate) fn share(claims: &[Claim], found: &Found, is_claimable: impl Fn(&FoundTask) -> bool) -> Shared {
    let (searches, of_claim) = searches(claims);
    let mut of_search: Vec<Vec<&str>> = vec![Vec::new(); searches.len()];
    for found in &found.tasks {
        if let Some(list) = of_search.get_mut(found.search)
            && is_claimable(found)
        {
            list.push(found.id());
        }
    }
    let mut taken: HashSet<&str> = HashSet::new();
    let mut next: Vec<usize> = vec![0; searches.len()];
    let mut shared = Shared::default();
    for (claim, search) in claims.iter().zip(of_claim) {
        let mut list = Vec::new();
        while list.len() < claim.limit as usize
            && let Some(id) = of_search[search].get(next[search])
        {
            next[search] += 1;
            if taken.insert(id) {
                list.push((*id).to_owned());
            }
        }
        shared.candidates.push(list);
        let passed_over = found.passed_over.get(search).cloned().unwrap_or_default();
        let all = next[search] == of_search[search].len() && !found.full.get(search).copied().unwrap_or_default();
        shared.emptied.push(all && passed_over.is_empty());
        shared.passed_over.push(passed_over);
    }
    shared
}
