//! Mirrors: web servers that somebody names as having a torrent, when nobody else has it.

use std::sync::Arc;

use driver::{Add, Source, Torrent};
use engine::{Mirror, News, Want};
use tokio::task::JoinSet;
use torrent::{Magnet, create::Version};

use crate::{
    loopback::{Answer, Asked, HttpServer},
    stage::{Party, Work, soon},
};

/// A static server with a work: its description and its files below the torrent's name.
fn serve(work: &Work) -> impl Fn(&Asked) -> Answer + Send + Sync + use<> {
    let (files, description) = (work.files.clone(), work.metainfo.to_bytes());
    let folder = format!("/m/H/{}", work.metainfo.info.name());
    move |asked| {
        let file = files.iter().find(|(name, _)| asked.target == format!("{folder}/{name}"));
        match file {
            Some((_, bytes)) => Answer::part(bytes, asked),
            None if asked.target == "/m/H.torrent" => Answer::new(200, description.clone()),
            None => Answer::new(404, ""),
        }
    }
}

/// A server under another name: names are what mirrors are told apart by.
fn mirror(server: &HttpServer, host: &str) -> Mirror {
    let base = format!("http://{host}:{}/m/", server.addr.port());
    Mirror { files: format!("{base}H/"), description: format!("{base}H.torrent"), base }
}

/// Takes part in a torrent of which nothing is known but its name.
async fn join(party: &Party, work: &Work, mirrors: Vec<Mirror>) -> Torrent {
    let source = Source::Magnet(Box::new(Magnet::new(work.metainfo.info.hashes())));
    let add = Add { source, want: Want::All, ..party.add(&work.metainfo) };
    let torrent = party.session.add(add).await.expect("the session goes on");
    torrent.mirror(mirrors).await;
    torrent
}

#[tokio::test]
async fn a_mirror_alone_gives_description_and_files_of_every_version() {
    for version in [Version::V1, Version::V2, Version::Hybrid] {
        let work = Work::new(version, 64 << 10, &[2_000_000, 70_000, 1]);
        let (server, viewer) = (HttpServer::start(serve(&work)).await, Party::new().await);
        let torrent = join(&viewer, &work, vec![mirror(&server, "127.0.0.1")]).await;
        soon(torrent.finished()).await.unwrap();
        work.expect_at(&viewer.root());
        let asked = server.asked();
        assert_eq!(asked[0].target, "/m/H.torrent");
        assert_eq!(asked.iter().filter(|one| one.target.ends_with(".torrent")).count(), 1);
        // A second start knows all of it, hashes of v2 included.
        let known = torrent.known_metainfo().expect("it is known");
        assert_eq!(known.to_bytes(), work.metainfo.to_bytes(), "{version:?}");
    }
}

type Server = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// Each way to lie, as a server that otherwise has the work.
fn lies(work: &Work) -> Vec<(&'static str, Server)> {
    let other = Arc::new(Work::new(Version::Hybrid, 32 << 10, &[50_000]));
    let honest = Arc::new(serve(work));
    let is_description = |asked: &Asked| asked.target.ends_with(".torrent");
    let bytes = Arc::clone(&honest);
    vec![
        (
            "wrong bytes",
            Box::new(move |asked: &Asked| {
                let mut answer = bytes(asked);
                if !is_description(asked) {
                    answer.body.iter_mut().for_each(|byte| *byte ^= 1);
                }
                answer
            }),
        ),
        ("another torrent", Box::new(move |_: &Asked| Answer::new(200, other.metainfo.to_bytes()))),
        ("no torrent", Box::new(|_: &Asked| Answer::new(200, "<!doctype html>"))),
        ("too long", Box::new(|_: &Asked| Answer::new(200, vec![b'i'; 17 << 20]))),
        (
            "longer than it may be, and never all of it",
            Box::new(|_: &Asked| Answer::new(200, "d4:info").with("Content-Length", u64::MAX / 2)),
        ),
        ("in circles", Box::new(|_: &Asked| Answer::new(302, "").with("Location", "/m/H.torrent"))),
        ("elsewhere", {
            Box::new(|_: &Asked| Answer::new(302, "").with("Location", "file:///etc/passwd"))
        }),
        ("nothing", Box::new(|_: &Asked| Answer::new(404, "not here"))),
    ]
}

#[tokio::test]
async fn a_mirror_that_lies_costs_nothing_but_itself() {
    let work = Arc::new(Work::new(Version::Hybrid, 32 << 10, &[400_000, 5_000]));
    let mut viewers = JoinSet::new();
    for (lie, answer) in lies(&work) {
        let work = Arc::clone(&work);
        viewers.spawn(async move {
            let liar = HttpServer::start(answer).await;
            let (good, viewer) = (HttpServer::start(serve(&work)).await, Party::new().await);
            let mirrors = vec![mirror(&liar, "127.0.0.1"), mirror(&good, "localhost")];
            let torrent = join(&viewer, &work, mirrors).await;
            soon(torrent.finished()).await.unwrap();
            work.expect_at(&viewer.root());
            let asked = liar.asked().len();
            assert!((1..=12).contains(&asked), "{lie}: {asked} requests");
        });
    }
    viewers.join_all().await;
}

#[tokio::test]
async fn a_mirror_inside_the_household_is_never_called_unless_that_is_allowed() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let inside = HttpServer::start(serve(&work)).await;
    let viewer = Party::with(|config| config.address_policy.local_web_seeds = false).await;
    let mut news = viewer.session.news();
    join(&viewer, &work, vec![mirror(&inside, "localhost")]).await;
    loop {
        if let News::WebSeedFailed(_, _, why) = soon(news.recv()).await.expect("it goes on") {
            assert!(why.contains("policy"), "{why}");
            break;
        }
    }
    assert_eq!(inside.connections(), 0);
}
