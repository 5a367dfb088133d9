//! Sites that were handed over to another address.

use serde_json::Value;

use super::{CONTACT, OPEN, PAGES, ask, get, get_frame, header, host, open, status, token, write};
use crate::network::{World, stop};

#[test]
fn a_site_that_was_handed_over_asks_its_visitors_whether_they_go_along() {
    let world = World::new(12);
    let [publisher, visitor, late] =
        ["publisher", "visitor", "late"].map(|name| world.household(name));
    let (serving, served) = publisher.serve();
    let created = publisher.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let old = created["address"].as_str().unwrap().to_owned();
    write(&publisher.home, &PAGES);
    assert_eq!(publisher.one(&["site", "publish", "pages"])["version"], 1);
    let (mut opened, ready) = open(&visitor, &old);
    assert_eq!(ready["successor"], Value::Null);

    let handed = publisher.one(&["site", "hand-over"]);
    let new = handed["to"].as_str().unwrap().to_owned();
    assert_eq!((&handed["event"], &handed["from"]), (&"handed_over".into(), &old.clone().into()));
    let refused = publisher.run(&["site", "publish", "pages", "--site", &old]);
    assert_eq!((refused.1, &refused.0[0]["code"]), (Some(5), &"handed_over".into()));
    let twice = publisher.run(&["site", "hand-over", "--site", &old]);
    assert_eq!((twice.1, &twice.0[0]["code"]), (Some(5), &"handed_over".into()));
    let (_, own) = world.get(&served, "/api/v1/own-sites");
    let own: Value = serde_json::from_slice(&own).unwrap();
    let heir = own["sites"].as_array().unwrap().iter().find(|one| one["address"] == *new).unwrap();
    let pages = publisher.home.join("pages");
    assert_eq!((&heir["folder"], &heir["version"]), (&pages.to_str().unwrap().into(), &0.into()));
    let published = publisher.one(&["site", "publish", "pages", "--site", &new]);
    assert_eq!(published["version"], 1);

    // Whoever has it open hears of it, and is asked.
    let updated = opened.next();
    assert_eq!(
        (&updated["event"], &updated["successor"]),
        (&"updated".into(), &new.clone().into())
    );
    let frame = get_frame(&ready, "/", "");
    assert!(frame.contains(&new) && frame.contains("action=\"/.move\""), "{frame}");
    let policy = header(&frame, "content-security-policy").unwrap();
    assert!(
        policy.contains(&format!("form-action 'self' http://{}.site.localhost:*", &new[7..])),
        "{policy}"
    );
    assert!(get(&ready, "/", "").contains("Evenings"), "the old one can still be read");
    let (_, port) = host(&ready);
    let name = format!("site.localhost:{port}");
    assert_eq!(status(&ask("POST", &name, port, "/.move", "", "token=guessed")), 403);
    let led = ask("POST", &name, port, "/.move", "", &format!("token={}", token(&frame)));
    assert_eq!(status(&led), 303, "{led}");
    let url = header(&led, "location").unwrap();
    let there = serde_json::json!({"url": url});
    assert_eq!(host(&there).0.split('.').next(), Some(&new[7..]));
    assert!(get(&there, "/", "").contains("Evenings"));

    // Whoever comes late by the old address is told where it goes on, too; who wants to stay is not asked again.
    let (mut came_late, ready) = open(&late, &old);
    if ready["successor"].is_null() {
        assert_eq!(came_late.next()["successor"], *new);
    }
    let frame = get_frame(&ready, "/", "");
    let (_, port) = host(&ready);
    let name = format!("site.localhost:{port}");
    let stay = format!("token={}&go=0", token(&frame));
    let stayed = ask("POST", &name, port, "/.move", "", &stay);
    assert_eq!((status(&stayed), header(&stayed, "location")), (303, Some("/")), "{stayed}");
    let frame = get_frame(&ready, "/", "");
    assert!(frame.contains(&new) && !frame.contains("action=\"/.move\""), "{frame}");
    assert_eq!(came_late.close_input(), Some(0));
    assert_eq!(opened.close_input(), Some(0));
    let (came_late, ready) = open(&late, &old);
    assert_eq!(ready["address"], *old);
    assert!(!get_frame(&ready, "/", "").contains("action=\"/.move\""));
    assert_eq!(came_late.close_input(), Some(0));
    // Whoever went along gets the new one by the old address.
    let (opened, ready) = open(&visitor, &old);
    assert_eq!((&ready["address"], &ready["successor"]), (&new.clone().into(), &Value::Null));
    assert_eq!(opened.close_input(), Some(0));

    // The command line answers as well: it stays, asks again, and goes along; also through a server.
    let answered = |answer: &[&str]| {
        let words = [&["site", "open", &old], &OPEN[..], answer].concat();
        let (opened, ready) = crate::network::ready(late.start(&words));
        assert_eq!(opened.close_input(), Some(0));
        ready["address"].as_str().unwrap().to_owned()
    };
    assert_eq!(answered(&["--if-moved", "go"]), new);
    assert_eq!(answered(&[]), new);
    assert_eq!(answered(&["--if-moved", "stay"]), old);
    let (serving_late, _) = late.serve();
    let answered = |answer: &[&str]| {
        let said = late.one(&[&["site", "open", &old, "--no-open"], answer].concat());
        said["address"].as_str().unwrap().to_owned()
    };
    assert_eq!(answered(&[]), old);
    assert_eq!(answered(&["--if-moved", "ask"]), old);
    assert_eq!(answered(&["--if-moved", "go"]), new);
    assert_eq!(answered(&[]), new);
    assert_eq!(answered(&["--if-moved", "stay"]), old);
    stop(serving_late);
    stop(serving);
}
