//! Channels are found through others that vouch for them, and domains vouch for channels when they are asked.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::network::{Household, World, ready, stop};

/// A name server on loopback that knows one text at most, and which name it was asked for last (RFC 1035).
struct NameServer {
    addr: SocketAddr,
    text: Arc<Mutex<Option<String>>>,
    asked: Arc<Mutex<Vec<u8>>>,
}

impl NameServer {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let addr = socket.local_addr().unwrap();
        let (text, asked) =
            (Arc::<Mutex<Option<String>>>::default(), Arc::<Mutex<Vec<u8>>>::default());
        let (says, heard) = (Arc::clone(&text), Arc::clone(&asked));
        std::thread::spawn(move || {
            let mut packet = [0; 512];
            while let Ok((len, from)) = socket.recv_from(&mut packet) {
                let end = 12 + packet[12..len].iter().position(|byte| *byte == 0).unwrap() + 5;
                *heard.lock().unwrap() = packet[12..end - 5].to_vec();
                let text = says.lock().unwrap().clone();
                // Without a text there is no such name.
                let (code, count) = if text.is_some() { (0x80, 1) } else { (0x83, 0) };
                let head = [0x81, code, 0, 1, 0, count, 0, 0, 0, 0];
                let mut answer = [&packet[..2], &head, &packet[12..end]].concat();
                if let Some(text) = text {
                    let size = u8::try_from(text.len()).unwrap();
                    answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, size + 1, size]);
                    answer.extend(text.as_bytes());
                }
                socket.send_to(&answer, from).unwrap();
            }
        });
        Self { addr, text, asked }
    }

    fn says(&self, text: &str) {
        *self.text.lock().unwrap() = Some(text.to_owned());
    }

    fn asked(&self) -> String {
        String::from_utf8_lossy(&self.asked.lock().unwrap()).into_owned()
    }
}

fn code(outcome: &(Vec<Value>, Option<i32>)) -> (Option<i32>, &str) {
    (outcome.1, outcome.0[0]["code"].as_str().unwrap_or_default())
}

fn published(publisher: &Household) -> String {
    let address = publisher.create(&["Metropolis"]);
    publisher.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);
    address
}

#[test]
fn a_domain_vouches_for_the_key_that_its_record_names_and_for_no_other() {
    let world = World::new(1);
    let (publisher, names) = (world.household("publisher"), NameServer::start());
    let address = published(&publisher);
    let server = names.addr.to_string();
    let ask = || {
        let flags = ["--dns", &server, "--no-dht", "--listen", "127.0.0.1:0"];
        publisher.run(&[&["channels", "vouched", &address], &flags[..]].concat())
    };
    assert_eq!(code(&ask()), (Some(5), "no_domain"));
    assert_eq!(publisher.run(&["channel", "claim", "no domain"]).1, Some(2));
    let claimed = publisher.one(&["channel", "claim", "films.example.org"]);
    assert_eq!(claimed["record_name"], "_kinora.films.example.org");
    let record = claimed["record"].as_str().unwrap();
    publisher.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);
    assert_eq!(code(&ask()), (Some(5), "domain_silent"));
    assert!(
        names.asked().ends_with("\u{7}_kinora\u{5}films\u{7}example\u{3}org"),
        "{}",
        names.asked()
    );
    names.says("v=spf1 -all");
    assert_eq!(code(&ask()), (Some(5), "domain_silent"));
    names.says("k=tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy");
    assert_eq!(code(&ask()), (Some(5), "domain_other"));
    names.says(record);
    let (lines, ended) = ask();
    assert_eq!((ended, &lines[0]["domain"]), (Some(0), &json!("films.example.org")));
}

#[test]
fn channels_that_others_vouch_for_are_listed_and_blocked_ones_are_not() {
    let world = World::new(8);
    let [publisher, viewer] = ["publisher", "viewer"].map(|name| world.household(name));
    let guide = publisher.create(&["Metropolis"]);
    let listed = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
    assert_eq!(code(&publisher.run(&["channel", "vouch", listed])), (Some(2), "body_wrong"));
    let vouch = ["channel", "vouch", listed, "--name", "Old trains", "--films-in", "de"];
    assert_eq!(publisher.one(&vouch)["event"], "vouched");
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["event"], "published");
    assert_eq!(viewer.run_networked(&["follow", &guide]).1, Some(0));
    assert_eq!(publishing.close_input(), Some(0));
    let found = viewer.one(&["channels", "find"]);
    assert_eq!((&found["address"], &found["name"]), (&json!(listed), &json!("Old trains")));
    assert_eq!((&found["languages"], &found["followed"]), (&json!(["de"]), &json!(false)));
    assert_eq!(found["vouched_by"][0]["name"], "Silent films");
    let id = listed.trim_start_matches("kinora:");
    let blocked = json!([{"id": id, "name": ""}]).to_string();
    std::fs::write(viewer.home.join("data/blocked-channels.json"), blocked).unwrap();
    assert_eq!(viewer.run(&["channels", "find"]), (vec![], Some(0)));
}

/// The starter channel as whoever releases the program makes it, with a key that is thrown away.
#[test]
fn a_new_household_follows_the_starter_channel_at_once_until_somebody_leaves_it() {
    let world = World::new(8);
    let [releaser, viewer] = ["releaser", "viewer"].map(|name| world.household(name));
    let curated = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/starter/starter.json");
    let contact = ["--contact", "mailto:rights@example.org"];
    let create = [&["channel", "create", "Starter channel"], &contact[..]].concat();
    let made = releaser.one(&create);
    let address = made["address"].as_str().unwrap();
    let titles = releaser.one(&["channel", "add", curated])["titles"].clone();
    releaser.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);
    let bundle = viewer.home.join("starter.channel");
    let to = bundle.to_str().unwrap();
    let exported = releaser.one(&["channel", "export", "--format", "bundle", "--to", to]);
    assert_eq!(exported["address"], address);
    std::fs::write(viewer.home.join("settings.toml"), format!("starter_channel = '{to}'\n"))
        .unwrap();

    let serve = ["serve", "--no-open", "--port", "0", "--local", "--config", "settings.toml"];
    let channels = || {
        let (server, _) = ready(viewer.start_alone(&serve));
        let (lines, code) = viewer.run(&["channels"]);
        assert_eq!(code, Some(0), "{lines:?}");
        (server, lines)
    };
    let (server, lines) = channels();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((&lines[0]["address"], &lines[0]["titles"]), (&json!(address), &titles));
    assert_eq!((&lines[0]["followed"], &lines[0]["version"]), (&json!(true), &json!(1)));
    let (found, _) = viewer.run(&["search", "sintel"]);
    assert_eq!(found[0]["name"], "Sintel");
    viewer.one(&["unfollow", address]);
    stop(server);
    let (server, lines) = channels();
    assert_eq!(lines, [] as [Value; 0], "it was left for good");
    stop(server);
}
