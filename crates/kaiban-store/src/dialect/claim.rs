//! Which tasks a claim may get, first in the queue's order: ready ones and ones whose lease ran out.

use sea_orm::Statement;

use super::Dialect;

/// What one or several claims of a batch look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    pub office: String,
    /// Empty: every step.
    pub steps: Vec<String>,
    pub most: u32,
}

/// Between the steps of one search; no step's name contains it.
const STEP_SEPARATOR: &str = "\u{1f}";

impl Dialect {
    /// Rows (search, id, case_id, due_at_us, offered_at_us, passed_over), at most `most` ready and `most` expired
    /// tasks a search, in no order. `search` counts from 0.
    ///
    /// On PostgreSQL their cases are locked as well, and a task whose case is locked by somebody else is passed
    /// over: two servers that look into the same queue find different tasks and never wait. Where a search found fewer
    /// than it wanted, those that it passed over are named, so that nobody takes the queue for empty.
    pub fn candidates(self, searches: &[Search], operating_us: i64) -> Statement {
        let offices = self.list(searches.iter().map(|search| search.office.as_str()));
        let steps: Vec<String> = searches.iter().map(|search| search.steps.join(STEP_SEPARATOR)).collect();
        let steps = self.list(steps.iter().map(String::as_str));
        match self.0 {
            crate::Backend::Sqlite => {
                let most = searches.iter().map(|search| search.most).max().unwrap_or_default();
                self.same(SQLITE, vec![offices, steps, i64::from(most).into(), operating_us.into()])
            }
            crate::Backend::Postgres => {
                let most: Vec<i64> = searches.iter().map(|search| i64::from(search.most)).collect();
                self.same(POSTGRES, vec![offices, steps, most.into()])
            }
        }
    }
}

// A branch `identity[p1]` is in the queue of its step, `identity`.
const SQLITE: &str = "\
    SELECT s.search, t.id, t.case_id, t.due_at_us, t.offered_at_us, 0 AS passed_over
    FROM (SELECT o.key AS search, o.value AS office, p.value AS steps
          FROM json_each($1) AS o JOIN json_each($2) AS p ON p.key = o.key) AS s
    CROSS JOIN tasks AS t
    WHERE t.id IN (
        SELECT id FROM (
            SELECT r.id FROM tasks AS r
            WHERE r.office = s.office AND r.state = 'ready'
                AND (s.steps = '' OR instr(char(31) || s.steps || char(31),
                    char(31) || substr(r.step, 1, instr(r.step || '[', '[') - 1) || char(31)) > 0)
            ORDER BY r.due_at_us, r.offered_at_us, r.id LIMIT $3)
        UNION ALL
        SELECT id FROM (
            SELECT x.id FROM tasks AS x
            WHERE x.office = s.office AND x.state = 'leased' AND x.lease_until_us < $4
                AND (s.steps = '' OR instr(char(31) || s.steps || char(31),
                    char(31) || substr(x.step, 1, instr(x.step || '[', '[') - 1) || char(31)) > 0)
            ORDER BY x.due_at_us, x.offered_at_us, x.id LIMIT $3))";

const POSTGRES: &str = "\
    WITH s AS MATERIALIZED (
        SELECT search - 1 AS search, office, string_to_array(steps, chr(31)) AS steps, most
        FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS u (office, steps, most, search)),
    f AS MATERIALIZED (
    SELECT s.search, t.* FROM s CROSS JOIN LATERAL (
        SELECT r.id, r.case_id, r.due_at_us, r.offered_at_us
        FROM tasks AS r JOIN cases AS c ON c.id = r.case_id
        WHERE r.office = s.office AND r.state = 'ready'
            AND (s.steps = '{}' OR split_part(r.step, '[', 1) = ANY (s.steps))
        ORDER BY r.due_at_us, r.offered_at_us, r.id LIMIT s.most FOR UPDATE OF c SKIP LOCKED) AS t
    UNION ALL
    SELECT s.search, t.* FROM s CROSS JOIN LATERAL (
        SELECT x.id, x.case_id, x.due_at_us, x.offered_at_us
        FROM tasks AS x JOIN cases AS c ON c.id = x.case_id
        WHERE x.office = s.office AND x.state = 'leased'
            AND (s.steps = '{}' OR split_part(x.step, '[', 1) = ANY (s.steps))
            AND x.lease_until_us < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
        ORDER BY x.due_at_us, x.offered_at_us, x.id LIMIT s.most FOR UPDATE OF c SKIP LOCKED) AS t)
    SELECT search, id, case_id, due_at_us, offered_at_us, 0::bigint AS passed_over FROM f
    UNION ALL
    SELECT s.search, p.id, p.case_id, 0::bigint, 0::bigint, 1::bigint FROM s CROSS JOIN LATERAL (
        (SELECT r.id, r.case_id FROM tasks AS r
        WHERE r.office = s.office AND r.state = 'ready'
            AND (s.steps = '{}' OR split_part(r.step, '[', 1) = ANY (s.steps))
        ORDER BY r.due_at_us, r.offered_at_us, r.id LIMIT s.most)
        UNION ALL
        (SELECT x.id, x.case_id FROM tasks AS x
        WHERE x.office = s.office AND x.state = 'leased'
            AND (s.steps = '{}' OR split_part(x.step, '[', 1) = ANY (s.steps))
            AND x.lease_until_us < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
        ORDER BY x.due_at_us, x.offered_at_us, x.id LIMIT s.most)) AS p
    WHERE (SELECT count(*) FROM f WHERE f.search = s.search) < s.most
        AND NOT EXISTS (SELECT 1 FROM f WHERE f.search = s.search AND f.id = p.id)";
