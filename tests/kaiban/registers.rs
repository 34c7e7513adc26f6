//! Registers that the bureau keeps: a place is put in, holds against promises, and is ended, with its history.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::{ListRegisterRequest, PutRegisterEntryRequest, RegisterEntry, RemoveRegisterEntryRequest, Role};
use tonic::Code;

use crate::commitments::{Matter, PLACE, reason};
use crate::database::Database;

on_both!(a_place_is_listed_and_taken_off);

async fn a_place_is_listed_and_taken_off(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let officer = matter.city.officer("market-regulation-350100-1").await;
    let mut bureau = AdminServiceClient::new(officer);
    let put = |id: &str, register: &str| PutRegisterEntryRequest {
        request_id: id.into(),
        register: register.into(),
        key: PLACE.into(),
        reason: "学校周边，禁止设立。".into(),
        ..PutRegisterEntryRequest::default()
    };
    let remove = |id: &str| RemoveRegisterEntryRequest {
        request_id: id.into(),
        register: "no-go".into(),
        key: PLACE.into(),
        reason: "学校已搬迁。".into(),
        ..RemoveRegisterEntryRequest::default()
    };
    assert_eq!(
        reason(&bureau.put_register_entry(put("p0", "enterprise-names")).await.unwrap_err()),
        "UNKNOWN_REGISTER"
    );
    assert_eq!(reason(&bureau.remove_register_entry(remove("x0")).await.unwrap_err()), "REGISTER_ENTRY_ABSENT");
    let tax = matter.city.officer("tax-350100-1").await;
    let elsewhere = AdminServiceClient::new(tax).put_register_entry(put("p1", "no-go")).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::PermissionDenied);
    let entry = bureau.put_register_entry(put("p1", "no-go")).await.expect("listed").into_inner().entry;
    let again = bureau.put_register_entry(put("p1", "no-go")).await.expect("the same").into_inner().entry;
    assert_eq!(entry, again);
    assert_eq!(reason(&matter.signs().await.unwrap_err()), "COMMITMENT_NOT_ALLOWED");

    bureau.remove_register_entry(remove("x1")).await.expect("ended");
    assert_eq!(reason(&bureau.remove_register_entry(remove("x2")).await.unwrap_err()), "REGISTER_ENTRY_ABSENT");
    matter.signs().await.expect("open again");
    let admin = matter.city.town.bureau(Role::Admin).await.expect("an admin");
    let mut admin = AdminServiceClient::new(admin);
    let mut list = async |ended: bool| -> Vec<RegisterEntry> {
        let request = ListRegisterRequest { register: "no-go".into(), ended, ..ListRegisterRequest::default() };
        admin.list_register(request).await.expect("a list").into_inner().entries
    };
    assert_eq!(list(false).await, []);
    let history = list(true).await.remove(0).history;
    let told: Vec<_> = history.iter().map(|event| (event.put, event.by.as_str(), event.reason.as_str())).collect();
    let who = "market-regulation-350100-1";
    assert_eq!(told, [(true, who, "学校周边，禁止设立。"), (false, who, "学校已搬迁。")]);
    matter.city.verify().await;
}
