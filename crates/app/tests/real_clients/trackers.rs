//! Peers find each other through opentracker.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::{
    content::{Content, Form},
    kinora::Kinora,
    service::{Place, Service, program, wait},
};

/// An opentracker for one torrent.
pub(crate) fn opentracker(infohash: &str) -> Service {
    let place = Place::free();
    place.write("allowed", &format!("{infohash}\n"));
    let port = place.address().port().to_string();
    let mut command = program("opentracker");
    command.args(["-i", "127.0.0.1", "-p", &port, "-P", &port]);
    command.arg("-d").arg(place.path()).args(["-w", "allowed"]);
    place.serve(command)
}

/// How many have everything, as the tracker tells whoever asks for its count (BEP 48).
fn seeds(tracker: &Service, infohash: &str) -> Option<u32> {
    let digits = infohash.as_bytes().chunks(2).map(String::from_utf8_lossy);
    let escaped = digits.fold(String::new(), |mut text, two| {
        write!(text, "%{two}").expect("strings take text");
        text
    });
    let mut line = TcpStream::connect(tracker.address()).expect("the tracker accepts");
    let asked = format!("GET /scrape?info_hash={escaped} HTTP/1.0\r\n\r\n");
    line.write_all(asked.as_bytes()).expect("the tracker reads");
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).expect("the tracker answers");
    let answer = String::from_utf8_lossy(&answer);
    let (_, count) = answer.split_once("8:completei")?;
    count.split('e').next()?.parse().ok()
}

fn network(tracker: &Service, scheme: &str) -> Vec<String> {
    let url = format!("{scheme}://{}/announce", tracker.address());
    vec!["--local".into(), "--tracker".into(), url]
}

fn they_meet(scheme: &str) {
    let content = Content::described_by_kinora(Form::V1);
    let infohash = content.infohash();
    let tracker = opentracker(&infohash);
    let network = network(&tracker, scheme);
    let seed = Kinora::seed_by(&content, &network);
    seed.hears("seeding");
    wait("it is counted as a seed", || seeds(&tracker, &infohash) == Some(1));
    let to = content.empty_folder();
    let fetching = Kinora::download_by(&content, &to, &network);
    fetching.hears("done");
    content.assert_arrived(&to);
    drop((fetching, seed));
    wait("both have said goodbye", || seeds(&tracker, &infohash).is_none_or(|seeds| seeds == 0));
}

#[test]
fn opentracker_tells_us_of_each_other_over_http() {
    they_meet("http");
}

#[test]
fn opentracker_tells_us_of_each_other_over_udp() {
    they_meet("udp");
}
