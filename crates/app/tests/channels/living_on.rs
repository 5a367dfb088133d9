//! A channel outlives its publisher: whoever has it keeps it alive.

use crate::network::World;

/// The names that a search finds.
fn found(lines: &[serde_json::Value]) -> Vec<&str> {
    lines.iter().map(|line| line["name"].as_str().unwrap()).collect()
}

#[test]
fn a_third_household_follows_from_the_second_alone_when_the_publisher_is_gone() {
    let world = World::new(12);
    let [publisher, follower, late] =
        ["publisher", "follower", "late"].map(|name| world.household(name));
    let address = publisher.create(&["Metropolis", "The General", "Nosferatu"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    let published = publishing.next();
    assert_eq!((&published["event"], &published["version"]), (&"published".into(), &1.into()));
    assert_eq!(published["address"], *address);
    assert!(published["copies"].as_u64() >= Some(8), "{published}");

    let mut staying = follower.start(&["follow", &address, "--stay"]);
    let followed = staying.next();
    assert_eq!(
        (&followed["event"], &followed["titles"]),
        (&"followed".into(), &3.into()),
        "{followed}"
    );
    assert_eq!(followed["name"], "Silent films");
    assert_eq!(publishing.close_input(), Some(0));

    let (followed, code) = late.run_networked(&["follow", &address]);
    assert_eq!((code, followed.len()), (Some(0), 1), "{followed:?}");
    assert_eq!((&followed[0]["version"], &followed[0]["titles"]), (&1.into(), &3.into()));
    let (lines, code) = late.run(&["search", "metropo"]);
    assert_eq!((found(&lines), code), (vec!["Metropolis"], Some(0)));
    assert_eq!(lines[0]["licence"], "CC-BY-4.0");
    let channels = late.one(&["channels"]);
    assert_eq!((&channels["address"], &channels["titles"]), (&address.into(), &3.into()));
}

#[test]
fn a_server_keeps_alive_what_its_household_follows() {
    let world = World::new(8);
    let [publisher, follower, late] =
        ["publisher", "follower", "late"].map(|name| world.household(name));
    let address = publisher.create(&["Metropolis", "The General"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["event"], "published");
    assert_eq!(follower.run_networked(&["follow", &address]).1, Some(0));
    assert_eq!(publishing.close_input(), Some(0));

    let serve = ["serve", "--no-open", "--port", "0", "--consent", "--local"];
    let mut server = follower.start(&serve);
    assert_eq!(server.next()["event"], "ready");
    let (followed, code) = late.run_networked(&["follow", &address]);
    assert_eq!(code, Some(0), "{followed:?}");
    assert_eq!(found(&late.run(&["search", "general"]).0), ["The General"]);
    server.signal("TERM");
    assert_eq!(server.end().1, Some(0));
}
