//! Everything goes by way of proxies that are not ours: microsocks, tinyproxy and dante.

use std::net::SocketAddr;

use crate::{
    content::{Content, Form},
    kinora::Kinora,
    partner::Partner,
    service::{Place, Service, program, wait},
    trackers::opentracker,
};

/// The words for a proxy.
fn by_way_of(url: String) -> Vec<String> {
    vec!["--local".into(), "--proxy".into(), url]
}

/// A torrent comes from libtorrent, which is called by way of a proxy.
fn fetched_by_way_of(url: String) -> SocketAddr {
    let content = Content::described_by_libtorrent(Form::Hybrid);
    let seed = Partner::seed("libtorrent", &content);
    let mut network = by_way_of(url);
    network.extend(["--no-trackers".into(), "--peer".into(), seed.address().to_string()]);
    let to = content.empty_folder();
    Kinora::download_by(&content, &to, &network).hears("done");
    content.assert_arrived(&to);
    seed.address()
}

fn tinyproxy() -> Service {
    let place = Place::free();
    let (address, log) = (place.address(), place.path().join("log"));
    place.write(
        "settings",
        &format!(
            "Port {}\nListen {}\nTimeout 60\nMaxClients 50\nLogLevel Connect\nLogFile \"{}\"\n",
            address.port(),
            address.ip(),
            log.display()
        ),
    );
    let mut command = program("tinyproxy");
    command.arg("-d").arg("-c").arg(place.path().join("settings"));
    place.serve(command)
}

/// One that writes down whom it lets do what.
fn dante() -> Service {
    let place = Place::free();
    let (address, log) = (place.address(), place.path().join("log"));
    place.write(
        "settings",
        &format!(
            "logoutput: {}\ninternal: {} port = {}\nexternal: {}\nsocksmethod: none\n\
             clientmethod: none\nclient pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}\n\
             socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0\n command: connect udpassociate\n \
             log: connect }}\nsocks pass {{ from: 0.0.0.0/0 to: 127.0.0.0/8\n \
             command: udpreply }}\n",
            log.display(),
            address.ip(),
            address.port(),
            address.ip()
        ),
    );
    let mut command = program("danted");
    command.arg("-f").arg(place.path().join("settings"));
    place.serve(command)
}

#[test]
fn a_torrent_comes_through_microsocks_with_a_password() {
    let place = Place::free();
    let (address, mut command) = (place.address(), program("microsocks"));
    command.args(["-i", "127.0.0.1", "-p", &address.port().to_string()]);
    command.args(["-u", "reader", "-P", "secret"]);
    let proxy = place.serve(command);
    fetched_by_way_of(format!("socks5://reader:secret@{}", proxy.address()));
}

#[test]
fn a_torrent_comes_through_tinyproxy() {
    let proxy = tinyproxy();
    let peer = fetched_by_way_of(format!("http://{}", proxy.address()));
    let asked = proxy.wrote("log");
    assert!(asked.contains(&format!("CONNECT {peer} ")), "{asked}");
}

#[test]
fn a_tracker_is_asked_over_udp_through_dante_and_so_is_the_peer_that_it_names() {
    let content = Content::described_by_kinora(Form::V1);
    let tracker = opentracker(&content.infohash());
    let asked = ["--tracker".to_owned(), format!("udp://{}/announce", tracker.address())];
    let seed = Kinora::seed_by(&content, &[&["--local".to_owned()], &asked[..]].concat());
    seed.hears("seeding");
    let proxy = dante();
    let network = [by_way_of(format!("socks5://{}", proxy.address())), asked.to_vec()].concat();
    let to = content.empty_folder();
    Kinora::download_by(&content, &to, &network).hears("done");
    content.assert_arrived(&to);
    wait("dante has written down what it did", || {
        let log = proxy.wrote("log");
        log.contains("udp/udpassociate") && log.contains("tcp/connect")
    });
}
