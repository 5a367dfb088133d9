//! Kinora meets programs that are not ours: each gives to the other, and every byte is compared.
//!
//! Discovery is off on both sides; peers are given by address. The programs come from `scripts/setup test`.

mod content;
mod kinora;
mod partner;
mod proxies;
mod service;
mod trackers;
mod web_seeds;

use std::net::SocketAddr;

use self::{
    content::{Content, Form},
    kinora::Kinora,
    partner::Partner,
};

/// Kinora fetches everything from the partner.
fn kinora_downloads(partner: &str, form: Form) {
    let content = Content::described_by_libtorrent(form);
    let seed = Partner::seed(partner, &content);
    let to = content.empty_folder();
    let kinora = Kinora::download(&content, &to, seed.address());
    kinora.hears("done");
    content.assert_arrived(&to);
}

/// Kinora answers a player while it fetches from the partner: first the middle, then everything.
fn kinora_streams(partner: &str, form: Form) {
    let content = Content::described_by_libtorrent(form);
    let seed = Partner::seed(partner, &content);
    let kinora = Kinora::stream(&content, content.film_number(), seed.address());
    let url = kinora.hears("ready")["stream_url"].as_str().expect("an address").to_owned();
    let film = content.film();
    let middle = film.len() / 2 + 1;
    assert!(kinora::get(&url, middle as u64) == film[middle..], "the second half differs");
    assert!(kinora::get(&url, 0) == film, "the whole differs");
}

/// The partner fetches everything from Kinora, which made the torrent as well.
fn kinora_seeds(partner: &str, form: Form, who_calls: Calls) {
    let content = Content::described_by_kinora(form);
    let to = content.empty_folder();
    let (partner, _seed) = match who_calls {
        Calls::Partner => {
            let seed = Kinora::seed(&content, None);
            let address = listening(&seed.hears("seeding"));
            (Partner::download(partner, &content, &to, Some(address)), seed)
        }
        Calls::Kinora => {
            let partner = Partner::download(partner, &content, &to, None);
            let seed = Kinora::seed(&content, Some(partner.address()));
            seed.hears("seeding");
            (partner, seed)
        }
    };
    partner.hears("done");
    content.assert_arrived(&to);
}

/// Which side opens the connection.
enum Calls {
    Partner,
    Kinora,
}

fn listening(seeding: &serde_json::Value) -> SocketAddr {
    let address = seeding["listen"][0].as_str().expect("an address that is listened on");
    address.parse().expect("an address with a port")
}

/// The three meetings of one partner over one kind of torrent.
macro_rules! meetings {
    ($module:ident: $partner:literal, $form:ident, $caller:ident) => {
        mod $module {
            use super::*;

            #[test]
            fn kinora_downloads_from_it() {
                kinora_downloads($partner, Form::$form);
            }

            #[test]
            fn kinora_streams_from_it() {
                kinora_streams($partner, Form::$form);
            }

            #[test]
            fn it_downloads_from_kinora() {
                kinora_seeds($partner, Form::$form, Calls::$caller);
            }
        }
    };
}

meetings!(libtorrent_v1: "libtorrent", V1, Partner);
meetings!(libtorrent_hybrid: "libtorrent", Hybrid, Partner);
meetings!(libtorrent_v2: "libtorrent", V2, Partner);
meetings!(qbittorrent_v1: "qbittorrent", V1, Partner);
meetings!(qbittorrent_hybrid: "qbittorrent", Hybrid, Partner);
meetings!(qbittorrent_v2: "qbittorrent", V2, Partner);
// aria2 1.36 announces a wrong infohash for hybrid torrent files.
meetings!(aria2_v1: "aria2", V1, Partner);
// Transmission 3 takes no peers on loopback from trackers, so Kinora calls it; it refuses hybrid torrent files.
meetings!(transmission_v1: "transmission", V1, Kinora);
