//! A site on a web server: written as a folder of files, named to visitors, and all that is left of it.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{CONTACT, get, write};
use crate::{
    network::{Household, World, ready, stop},
    program::Running,
    static_host::StaticHost,
};

const FIRST: [(&str, &str); 2] = [("index.html", "<h1>Evenings</h1>"), ("a.txt", "quiet")];
const PUBLISH: [&str; 4] = ["site", "publish", "pages", "--once"];

/// A site of these pages, published with this mirror; the publisher has gone then.
fn published(publisher: &Household, mirror: &str) -> String {
    let created = publisher.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let address = created["address"].as_str().unwrap().to_owned();
    let named = publisher.one(&["site", "mirror", mirror]);
    assert_eq!(named["mirrors"], json!([{"url": mirror, "published": false}]));
    write(&publisher.home, &FIRST);
    publish(publisher);
    address
}

fn publish(publisher: &Household) {
    let (lines, code) = publisher.run_networked(&PUBLISH);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_ne!(lines[0]["copies"], 0, "{lines:?}");
}

fn export(household: &Household, to: &str, more: &[&str]) -> Value {
    household.one(&[&["site", "export", "--to", to], more].concat())
}

/// A visitor to whom a server on this machine is one like any other.
fn open(visitor: &Household, address: &str, more: &[&str]) -> (Running, Value) {
    let open = ["site", "open", address, "--no-open", "--until-input-ends", "--local"];
    ready(visitor.start(&[&open[..], more].concat()))
}

/// The one page of a site on a mirror.
fn page(mirror: &Path, name: &str) -> std::path::PathBuf {
    let folders = fs::read_dir(mirror).unwrap().map(|entry| entry.unwrap().path());
    let page = Path::new("kinora-channel/pages").join(name);
    folders.map(|folder| folder.join(&page)).find(|path| path.exists()).unwrap()
}

#[test]
fn a_site_that_is_nowhere_but_on_a_web_server_is_opened_and_kept_up_to_date() {
    let world = World::new(8);
    let publisher = world.household("publisher");
    let host = StaticHost::of(&publisher.home.join("mirror"));
    let base = format!("{}/", host.url);
    let address = published(&publisher, &base);
    let made = export(&publisher, "mirror", &[]);
    let expected = (json!(1), json!(1), json!(1), json!([]), json!([]));
    let told = ["version", "torrents", "added", "missing", "old"].map(|field| made[field].clone());
    assert_eq!(<(_, _, _, _, _)>::from(told), expected, "{made}");
    assert_eq!(export(&publisher, "mirror", &[])["added"], 0, "nothing is written twice");

    // Whoever has nothing of it has the mirror in the address.
    let visitor = world.household("visitor").trusting(&host.authority);
    let with_mirror = publisher.one(&["site", "mirror"])["address"].clone();
    assert_eq!(with_mirror, format!("{address}?ws={base}"));
    let (opened, ready) = open(&visitor, with_mirror.as_str().unwrap(), &[]);
    assert!(get(&ready, "/", "").contains("Evenings"));
    assert_eq!(opened.close_input(), Some(0));

    // Whoever had it knows the mirror from that version.
    write(&publisher.home, &[("index.html", "<h1>Nights</h1>")]);
    publish(&publisher);
    let next = export(&publisher, "mirror", &["--delete-old"]);
    assert_eq!((&next["added"], &next["deleted"]), (&json!(1), &json!(true)), "{next}");
    assert_eq!(export(&publisher, "mirror", &[])["old"], json!([]));
    let (opened, ready) = open(&visitor, &address, &["--newest"]);
    assert!(get(&ready, "/", "").contains("Nights"));
    assert!(get(&ready, "/a.txt", "").contains("quiet"));
    assert_eq!(opened.close_input(), Some(0));
    assert!(host.asked().iter().all(|path| path.len() > 40), "nothing but torrents is asked for");

    // A visitor can hold a copy as well, with a server and without.
    let copied = export(&visitor, "copy", &["--site", &address]);
    assert_eq!((&copied["version"], &copied["missing"]), (&json!(2), &json!([])), "{copied}");
    let (serving, _) = visitor.serve();
    assert_eq!(export(&visitor, "copy", &["--site", &address])["added"], 0);
    stop(serving);
}

#[test]
fn wrong_bytes_on_a_mirror_of_a_site_are_never_shown_and_the_next_one_serves() {
    let world = World::new(8);
    let publisher = world.household("publisher");
    let [bad, good] = ["bad", "good"].map(|name| publisher.home.join(name));
    let [lies, serves] = [&bad, &good].map(|folder| StaticHost::of(folder));
    let both = publisher.home.join("both.pem");
    let vouched = [&lies, &serves].map(|host| fs::read(&host.authority).unwrap()).concat();
    fs::write(&both, vouched).unwrap();
    let address = published(&publisher, &format!("{}/", lies.url));
    for folder in ["bad", "good"] {
        export(&publisher, folder, &[]);
    }
    let wrong = page(&bad, "index.html");
    let bytes = fs::read(&wrong).unwrap().to_ascii_uppercase();
    fs::remove_file(&wrong).unwrap();
    fs::write(&wrong, bytes).unwrap();
    assert_eq!(
        fs::read_to_string(page(&good, "index.html")).unwrap(),
        FIRST[0].1,
        "ours is as it was"
    );

    let visitor = world.household("visitor").trusting(&both);
    let alone = format!("{address}?ws={}/", lies.url);
    let open_it = ["site", "open", &alone, "--no-open", "--local", "--timeout", "12"];
    let (lines, code) = visitor.run_networked(&open_it);
    assert_eq!((code, &lines[0]["code"]), (Some(3), &json!("channel_unreachable")), "{lines:?}");
    assert!(!lies.asked().is_empty(), "it was asked");

    // Ports of one host are one door, at which is knocked once a minute: this one goes by another name.
    let other = serves.url.replace("127.0.0.1", "localhost");
    let late = world.household("late").trusting(&both);
    let (opened, ready) = open(&late, &format!("{alone}&ws={other}/"), &[]);
    assert!(get(&ready, "/", "").contains("<h1>Evenings</h1>"));
    assert_eq!(opened.close_input(), Some(0));
}

#[test]
fn mirrors_of_a_site_are_named_listed_and_taken_off_with_a_server_and_without() {
    let world = World::new(1);
    let publisher = world.household("publisher");
    let failed = |arguments: &[&str], code: i32, word: &str| {
        let (lines, ended) = publisher.run(&[&["site"], arguments].concat());
        let line = lines.last().unwrap();
        assert_eq!((ended, line["code"].as_str()), (Some(code), Some(word)), "{line}");
    };
    publisher.one(&[&["site", "create", "Silent evenings"], &CONTACT[..]].concat());
    let named = |arguments: &[&str]| {
        publisher.one(&[&["site", "mirror"], arguments].concat())["mirrors"].clone()
    };
    let entry = |url: &str| json!({"url": url, "published": false});
    let (one, two) = ("https://1.example/evenings/", "https://2.example/");
    for is_served in [false, true] {
        let server = is_served.then(|| publisher.serve().0);
        failed(&["mirror", "http://a.example/"], 2, "mirror_bad");
        failed(&["export", "--to", "mirror"], 3, "not_published");
        assert_eq!(named(&[]), json!([]));
        named(&["https://1.example/evenings"]);
        assert_eq!(named(&[two]), json!([entry(one), entry(two)]));
        failed(&["mirror", "https://3.example/", "--remove"], 3, "mirror_unknown");
        assert_eq!(named(&[one, "--remove"]), json!([entry(two)]));
        assert_eq!(named(&[two, "--remove"]), json!([]));
        server.into_iter().for_each(stop);
    }
}
