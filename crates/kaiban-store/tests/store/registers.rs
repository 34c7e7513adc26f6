use kaiban_store::{Changes, PageRequest, RegisterRow, RegisterWrite, StoreError, Wanted};

use crate::database::Database;
use crate::sample::{MONDAY_US, case, changed_record, new_cases, new_record, record};

on_both!(
    a_record_is_added_changed_and_removed,
    a_new_record_is_refused_where_one_is,
    a_change_is_refused_when_the_version_moved,
    a_removal_is_refused_when_the_version_moved,
    a_batch_loads_the_records_that_it_names,
    records_of_many_registers_are_written_at_once,
    a_register_is_listed_by_prefix_in_pages,
    a_page_token_of_another_list_is_refused,
);

async fn save(db: &Database, changes: Changes) -> Result<(), StoreError> {
    db.store.begin().await.expect("begin").save(&changes).await
}

fn write(writes: impl IntoIterator<Item = RegisterWrite>) -> Changes {
    Changes { registers: writes.into_iter().collect(), ..Changes::default() }
}

fn remove(key: &str, version: i64) -> Changes {
    Changes { registers_removed: vec![("names".into(), key.into(), version)], ..Changes::default() }
}

async fn find(db: &Database, key: &str) -> Option<RegisterRow> {
    db.store.register("names", &[key.into()]).await.expect("register").pop()
}

async fn a_record_is_added_changed_and_removed(db: &Database) {
    assert_eq!(find(db, "福州示例").await, None);
    db.save(write([new_record("names", "福州示例", "c1")])).await;
    assert_eq!(find(db, "福州示例").await, Some(record("names", "福州示例", "c1", 1)));

    let taken = RegisterRow {
        holder: "c2".into(),
        since_us: 7,
        until_us: None,
        state: "used".into(),
        value: r#"{"by":"c2"}"#.into(),
        ..record("names", "福州示例", "c1", 2)
    };
    db.save(write([RegisterWrite { row: taken.clone(), expected_version: Some(1) }])).await;
    assert_eq!(find(db, "福州示例").await, Some(taken));

    db.save(remove("福州示例", 2)).await;
    assert_eq!(find(db, "福州示例").await, None);
    db.save(write([new_record("names", "福州示例", "c3")])).await;
}

async fn a_new_record_is_refused_where_one_is(db: &Database) {
    db.save(write([new_record("names", "k1", "c1")])).await;
    let late = Changes { registers: vec![new_record("names", "k1", "c2")], ..new_cases([case("c2")]) };
    let result = save(db, late).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(find(db, "k1").await, Some(record("names", "k1", "c1", 1)));
    assert_eq!(db.store.case("c2").await, Ok(None));
}

async fn a_change_is_refused_when_the_version_moved(db: &Database) {
    db.save(write([new_record("names", "k1", "c1"), new_record("names", "k2", "c1")])).await;
    db.save(write([changed_record("names", "k1", "c2", 1)])).await;
    for expected in [0, 1, 3] {
        let fine = changed_record("names", "k2", "c9", 1);
        let result = save(db, write([fine, changed_record("names", "k1", "c9", expected)])).await;
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{expected} {result:?}");
    }
    let result = save(db, write([changed_record("names", "never-was", "c9", 1)])).await;
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
    assert_eq!(find(db, "k1").await, Some(record("names", "k1", "c2", 2)));
    assert_eq!(find(db, "k2").await, Some(record("names", "k2", "c1", 1)));
    assert_eq!(find(db, "never-was").await, None);
}

async fn a_removal_is_refused_when_the_version_moved(db: &Database) {
    db.save(write([new_record("names", "k1", "c1")])).await;
    for (key, version) in [("k1", 2), ("k1", 0), ("never-was", 1)] {
        let result = save(db, remove(key, version)).await;
        assert!(matches!(result, Err(StoreError::Conflict(_))), "{key} {version} {result:?}");
    }
    assert_eq!(find(db, "k1").await, Some(record("names", "k1", "c1", 1)));
    assert_eq!(save(db, remove("k1", 1)).await, Ok(()));
}

async fn a_batch_loads_the_records_that_it_names(db: &Database) {
    db.save(write([
        new_record("names", "k1", "c1"),
        new_record("names", "\"k'2", "c2"),
        new_record("credit", "k1", "c3"),
        new_record("credit", "k3", "c3"),
    ]))
    .await;
    let name = |register: &str, key: &str| (register.to_owned(), key.to_owned());
    let registers = vec![name("names", "\"k'2"), name("credit", "k1"), name("names", "k3"), name("credit", "")];
    let mut batch = db.store.begin().await.expect("begin");
    let loaded = batch.load(&Wanted { registers, ..Wanted::default() }).await.expect("load");
    assert_eq!(loaded.registers.len(), 2);
    assert_eq!(loaded.registers[&name("names", "\"k'2")], record("names", "\"k'2", "c2", 1));
    assert_eq!(loaded.registers[&name("credit", "k1")], record("credit", "k1", "c3", 1));
    // A second look, for what turns out to be needed while deciding.
    let again = Wanted { registers: vec![name("credit", "k3")], ..Wanted::default() };
    assert_eq!(batch.load(&again).await.expect("load").registers.len(), 1);
}

async fn records_of_many_registers_are_written_at_once(db: &Database) {
    let keys: Vec<String> = (0..300).map(|n| format!("k{n:03}")).collect();
    db.save(write(keys.iter().map(|key| new_record("names", key, "c1")))).await;
    let mut changes = write(keys[..150].iter().map(|key| changed_record("names", key, "c2", 1)));
    changes.registers_removed = keys[150..].iter().map(|key| ("names".into(), key.clone(), 1)).collect();
    changes.registers.extend(keys.iter().map(|key| new_record("credit", key, "c3")));
    db.save(changes).await;
    let names = db.store.register("names", &keys).await.expect("register");
    assert_eq!(names.len(), 150);
    assert!(names.iter().all(|row| row.version == 2 && row.holder == "c2"));
    assert_eq!(db.store.register("credit", &keys).await.expect("register").len(), 300);
    assert_eq!(db.store.register("credit", &[]).await, Ok(vec![]));
}

async fn keys(db: &Database, prefix: &str, size: u32) -> Vec<String> {
    let mut page = PageRequest { size, token: None };
    let mut keys = Vec::new();
    loop {
        let found = db.store.registers("names", prefix, &page).await.expect("registers");
        assert!(found.rows.len() <= size.max(1) as usize);
        keys.extend(found.rows.into_iter().map(|row| row.key));
        match found.next {
            Some(next) => page.token = Some(next),
            None => return keys,
        }
    }
}

async fn a_register_is_listed_by_prefix_in_pages(db: &Database) {
    // In the order of the bytes.
    let all = ["", "A_", "a%", "a%b", "ab", "福", "福州", "福州\u{10ffff}", "福州甲", "福建", "🏢"];
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    db.save(write(all.iter().map(|key| new_record("names", key, "c1")))).await;
    db.save(write([new_record("other", "福州乙", "c1")])).await;
    for size in [0, 1, 3, 10, 11, 12] {
        assert_eq!(keys(db, "", size).await, sorted, "{size}");
        assert_eq!(keys(db, "福州", size).await, ["福州", "福州甲", "福州\u{10ffff}"], "{size}");
        assert_eq!(keys(db, "a%", size).await, ["a%", "a%b"], "{size}");
        assert_eq!(keys(db, "zz", size).await, [""; 0], "{size}");
    }
}

async fn a_page_token_of_another_list_is_refused(db: &Database) {
    db.save(write(["k1", "k2", "k3"].map(|key| new_record("names", key, "c1")))).await;
    let first = PageRequest { size: 1, token: None };
    let next = db.store.registers("names", "k", &first).await.expect("registers").next.expect("a next page");
    let page = PageRequest { size: 5, token: Some(next) };
    assert_eq!(db.store.registers("names", "k", &page).await.map(|page| page.rows.len()), Ok(2));
    for (register, prefix) in [("names", ""), ("other", "k")] {
        assert_eq!(db.store.registers(register, prefix, &page).await, Err(StoreError::BadPageToken));
    }
    let at = PageRequest { token: Some(MONDAY_US.to_string()), ..page };
    assert_eq!(db.store.registers("names", "k", &at).await, Err(StoreError::BadPageToken));
}

mod races {
    use super::*;

    on_postgres!(
        of_two_servers_that_reserve_one_name_exactly_one_wins,
        of_two_servers_that_change_one_record_exactly_one_wins,
        a_removal_and_a_change_of_one_record_do_not_both_happen,
    );

    /// Both have loaded before either has saved.
    async fn race(db: &Database, one: Changes, two: Changes) -> (Result<(), StoreError>, Result<(), StoreError>) {
        let wanted = Wanted { registers: vec![("names".into(), "k1".into())], ..Wanted::default() };
        let mut first = db.store.begin().await.expect("begin");
        let mut second = db.store.begin().await.expect("begin");
        let seen = first.load(&wanted).await.expect("load").registers;
        assert_eq!(second.load(&wanted).await.expect("load").registers, seen);
        tokio::join!(first.save(&one), second.save(&two))
    }

    fn assert_one_won(results: &(Result<(), StoreError>, Result<(), StoreError>)) {
        let one_won =
            matches!(results, (Ok(()), Err(StoreError::Conflict(_))) | (Err(StoreError::Conflict(_)), Ok(())));
        assert!(one_won, "{results:?}");
    }

    fn with_case(id: &str, writes: Vec<RegisterWrite>) -> Changes {
        Changes { registers: writes, ..new_cases([case(id)]) }
    }

    async fn of_two_servers_that_reserve_one_name_exactly_one_wins(db: &Database) {
        // The others in another order: neither waits for the other for ever.
        let one = with_case("c1", vec![new_record("names", "k1", "c1"), new_record("names", "k2", "c1")]);
        let two = with_case("c2", vec![new_record("names", "k2", "c2"), new_record("names", "k1", "c2")]);
        let results = race(db, one, two).await;
        assert_one_won(&results);
        let winner = if results.0.is_ok() { "c1" } else { "c2" };
        // Who decides again sees the winner.
        let mut batch = db.store.begin().await.expect("begin");
        let registers = ["k1", "k2"].map(|key| ("names".to_owned(), key.to_owned())).to_vec();
        let loaded = batch.load(&Wanted { registers, ..Wanted::default() }).await.expect("load");
        assert_eq!(loaded.registers.values().map(|row| row.holder.as_str()).collect::<Vec<_>>(), [winner; 2]);
        assert_eq!(db.store.counts().await.expect("counts").cases, 1);
    }

    async fn of_two_servers_that_change_one_record_exactly_one_wins(db: &Database) {
        db.save(write([new_record("names", "k1", "c0")])).await;
        let change = |id: &str| with_case(id, vec![changed_record("names", "k1", id, 1)]);
        let results = race(db, change("c1"), change("c2")).await;
        assert_one_won(&results);
        let winner = if results.0.is_ok() { "c1" } else { "c2" };
        assert_eq!(find(db, "k1").await, Some(record("names", "k1", winner, 2)));
        assert_eq!(db.store.counts().await.expect("counts").cases, 1);
    }

    async fn a_removal_and_a_change_of_one_record_do_not_both_happen(db: &Database) {
        db.save(write([new_record("names", "k1", "c0")])).await;
        let results = race(db, remove("k1", 1), with_case("c2", vec![changed_record("names", "k1", "c2", 1)])).await;
        assert_one_won(&results);
        assert_eq!(find(db, "k1").await.is_none(), results.0.is_ok());
    }
}
