//! Commands about channels while a server runs with the same data folder.

use serde_json::{Value, json};

use crate::network::{World, stop, write_catalogue};

#[test]
fn commands_about_channels_work_while_the_server_runs() {
    let world = World::new(8);
    let [publisher, follower] = ["publisher", "follower"].map(|name| world.household(name));
    let (publishing, _) = publisher.serve();
    let address = publisher.create(&["Metropolis", "The General"]);
    let shown = publisher.one(&["channel", "show"]);
    assert_eq!((&shown["version"], &shown["waiting"]["titles"]), (&json!(0), &json!(2)));
    let published = publisher.one(&["channel", "publish"]);
    assert_eq!(published["version"], 1);
    assert!(published["copies"].as_u64() >= Some(1), "{published}");

    let (serving, _) = follower.serve();
    let followed = follower.one(&["follow", &address]);
    assert_eq!((&followed["event"], &followed["titles"]), (&json!("followed"), &json!(2)));
    assert_eq!(followed["name"], "Silent films");
    let listed = follower.one(&["channels"]);
    assert_eq!((&listed["address"], &listed["followed"]), (&json!(address), &json!(true)));
    follower.one(&["channels", "name", &address, "Old films"]);
    assert_eq!(follower.one(&["channels"])["petname"], "Old films");
    let other = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
    let (lines, code) = follower.run(&["channels", "name", other, "OLD FILMS"]);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &json!("name_taken")));
    let found = follower.one(&["search", "metropo"]);
    assert_eq!((&found["name"], &found["licence"]), (&json!("Metropolis"), &json!("CC-BY-4.0")));

    publisher.one(&["channel", "withdraw", "metropolis", "--reason", "licence"]);
    let published = publisher.one(&["channel", "publish"]);
    assert_eq!((&published["version"], &published["records"]), (&json!(2), &json!(1)));
    publisher.one(&["channel", "export", "--to", "out.json"]);
    write_catalogue(&publisher.home.join("more.json"), &["Aelita"]);
    assert_eq!(publisher.one(&["channel", "add", "more.json"])["waiting"], 1);
    assert_eq!(publisher.one(&["channel", "rotate"])["event"], "rotated");

    assert_eq!(follower.one(&["unfollow", &address])["event"], "unfollowed");
    assert_eq!(follower.run(&["channels"]).0, Vec::<Value>::new());
    let (lines, code) = follower.run(&["unfollow", &address]);
    assert_eq!((code, &lines[0]["code"]), (Some(3), &json!("not_followed")));
    [publishing, serving].into_iter().for_each(stop);
}
