//! The sites of a household at the API: none, one that nobody knows, one that is no address, one that is forgotten.

use serde_json::json;

use super::support::House;

const ADDRESS: &str = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";

#[tokio::test]
async fn what_is_no_site_or_is_not_here_is_told_with_a_code() {
    let house = House::empty().await;
    let list = house.ask("GET", "/api/v1/sites", None).await.json();
    assert_eq!(list, json!({"sites": []}));
    let open = async |address: &str| {
        house.ask("POST", "/api/v1/sites", Some(json!({"address": address, "patience_s": 1}))).await
    };
    assert_eq!(open("nonsense").await.code(), "bad_address");
    let reply = open(ADDRESS).await;
    assert!(["dht_off", "consent_needed"].contains(&reply.code().as_str()), "{}", reply.code());
    for id in ["nonsense", &ADDRESS[7..], ".."] {
        let reply = house.ask("DELETE", &format!("/api/v1/sites/{id}"), None).await;
        assert_eq!(reply.status, 404, "{id}");
    }
    house.stop().await;
}
