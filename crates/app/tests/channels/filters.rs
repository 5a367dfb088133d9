//! A filter between real processes: one publishes it, another follows it.

use std::fs;

use serde_json::{Value, json};

use crate::network::{Household, World};

fn searched(household: &Household, words: &str) -> usize {
    household.run(&["search", words]).0.len()
}

/// Makes a filter that blocks what the file lists, and returns its address.
fn create(household: &Household, list: &str) -> String {
    let made = household.one(&[
        "channel",
        "create",
        "A list",
        "--kind",
        "filter",
        "--contact",
        "mailto:lists@example.org",
    ]);
    fs::write(household.home.join("list.txt"), list).unwrap();
    let added =
        household.one(&["channel", "add", "list.txt", "--action", "block", "--reason", "malware"]);
    assert_eq!((&added["event"], &added["waiting"]), (&json!("added"), &json!(1)));
    made["address"].as_str().unwrap().to_owned()
}

#[test]
fn a_filter_reaches_a_follower_hides_what_it_names_and_goes_with_its_entries() {
    let world = World::new(8);
    let [films, lists, viewer] = ["films", "lists", "viewer"].map(|name| world.household(name));
    let channel = films.create(&["Metropolis", "Sunrise"]);
    let mut publishing = films.start(&["channel", "publish", "--until-input-ends"]);
    publishing.next();
    let (lines, code) = viewer.run_networked(&["follow", &channel]);
    assert_eq!(code, Some(0), "{lines:?}");
    let found = viewer.run(&["search", "metropolis"]).0.remove(0);
    let title = found["id"].as_str().unwrap().to_owned();

    let filter = create(&lists, &format!("# what was reported\n{title}\n"));
    let mut listing = lists.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(listing.next()["records"], 1);
    let (lines, code) = viewer.run_networked(&["follow", &filter]);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!((&lines[0]["kind"], &lines[0]["entries"]), (&json!("filter"), &json!(1)));
    assert_eq!((searched(&viewer, "metropolis"), searched(&viewer, "sunrise")), (0, 1));
    let kept = |household: &Household| {
        let all = household.run(&["channels"]).0;
        all.into_iter().find(|one| one["kind"] == "filter").unwrap_or_default()
    };
    assert_eq!((&kept(&viewer)["hides"], &kept(&viewer)["applied"]), (&json!(1), &json!(true)));
    viewer.one(&["channels", "switch", &filter, "off"]);
    assert_eq!((searched(&viewer, "metropolis"), &kept(&viewer)["applied"]), (1, &json!(false)));
    viewer.one(&["channels", "switch", &filter, "on"]);
    assert_eq!(searched(&viewer, "metropolis"), 0);
    assert_eq!(listing.close_input(), Some(0));

    lists.one(&["channel", "export", "--to", "out.txt"]);
    let exported = fs::read_to_string(lists.home.join("out.txt")).unwrap();
    assert_eq!(exported, format!("{title} block malware\n"), "as it was entered");
    assert_eq!(lists.one(&["channel", "remove", "out.txt"])["waiting"], 1);
    assert_eq!(lists.one(&["channel", "show"])["kind"], "filter");
    let mut listing = lists.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(listing.next()["records"], 0);
    let (lines, _) = viewer.run_networked(&["follow", &filter]);
    assert_eq!((&lines[0]["version"], &lines[0]["entries"]), (&json!(2), &json!(0)));
    assert_eq!(searched(&viewer, "metropolis"), 1);
    viewer.one(&["unfollow", &filter]);
    assert_eq!(kept(&viewer), Value::Null);
    assert_eq!((listing.close_input(), publishing.close_input()), (Some(0), Some(0)));
}

#[test]
fn a_filter_is_made_and_handed_over_and_takes_no_titles() {
    let world = World::new(1);
    let lists = world.household("lists");
    create(&lists, &"11".repeat(20));
    let once = ["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"];
    assert_eq!(lists.one(&once)["records"], 1);
    let failed = |arguments: &[&str], word: &str| {
        let (lines, code) = lists.run(arguments);
        assert_eq!((code, lines.last().unwrap()["code"].as_str()), (Some(2), Some(word)));
    };
    fs::write(lists.home.join("bad.txt"), "Metropolis\n").unwrap();
    failed(&["channel", "add", "bad.txt"], "entries_bad");
    failed(&["channel", "add", "list.txt", "--reason", "mood"], "entries_bad");
    failed(&["channel", "withdraw", "metropolis", "--reason", "licence"], "channel_kind_wrong");
    let next = lists.one(&["channel", "hand-over"]);
    let address = next["to"].as_str().or(next["address"].as_str()).unwrap().to_owned();
    let shown = lists.one(&["channel", "show", "--channel", &address]);
    assert_eq!((&shown["kind"], &shown["waiting"]["titles"]), (&json!("filter"), &json!(1)));
}
