//! HP-28: who lies, hangs up and calls again.

use std::{collections::VecDeque, net::SocketAddr};

use bytes::Bytes;
use engine::{Ban, ConnId, HangUpWhy, Input, LostWhy, News, Output};
use torrent::{
    create::Version,
    wire::{Message, Request},
};

use crate::stage::{Stage, film_with};

/// What the film is made of, and what it is not made of.
pub(crate) const RIGHT: u8 = 7;
pub(crate) const WRONG: u8 = 8;

/// Somebody who has everything and lets us download.
pub(crate) struct Giver {
    pub(crate) conn: ConnId,
    /// Messages it has read.
    read: usize,
    /// Requests it has not answered.
    open: VecDeque<Request>,
}

impl Giver {
    pub(crate) fn calls(stage: &mut Stage, addr: SocketAddr) -> Self {
        let conn = stage.call_from(addr);
        let greeting = stage.greeting(conn.0);
        stage.say_bytes(conn, greeting);
        stage.say(conn, &Message::HaveAll);
        stage.say(conn, &Message::Unchoke);
        Self { conn, read: 0, open: VecDeque::new() }
    }

    /// Answers the request that waits longest, if there is one.
    pub(crate) fn answers(&mut self, stage: &mut Stage, byte: u8) -> bool {
        let heard = stage.heard(self.conn);
        for message in heard.into_iter().skip(std::mem::take(&mut self.read)) {
            match message {
                Message::Request(request) => self.open.push_back(request),
                Message::Cancel(request) => self.open.retain(|one| *one != request),
                _ => (),
            }
        }
        self.read = stage.heard(self.conn).len();
        let Some(Request { piece, begin, len }) = self.open.pop_front() else { return false };
        let data = Bytes::from(vec![byte; len as usize]);
        stage.say(self.conn, &Message::Piece { piece, begin, data });
        stage.settle();
        true
    }

    fn leaves(self, stage: &mut Stage) {
        stage.feed(Input::Lost(self.conn, LostWhy::Closed));
    }
}

/// One wrong block from there, and the connection is gone; an honest one gives the rest.
fn one_lie(stage: &mut Stage, honest: &mut Giver, addr: SocketAddr) {
    let mut liar = Giver::calls(stage, addr);
    assert!(liar.answers(stage, WRONG), "it was asked for nothing");
    liar.leaves(stage);
    while !is_named(stage, addr) {
        assert!(honest.answers(stage, RIGHT), "all is there and the liar was not found");
    }
}

fn is_named(stage: &Stage, addr: SocketAddr) -> bool {
    let names = |output: &Output| matches!(output, Output::Tell(News::PeerErred(_, one) | News::PeerLied(_, one)) if *one == addr);
    stage.done.iter().any(names)
}

#[test]
fn hp_28_who_lies_hangs_up_before_the_piece_fails_and_returns_from_another_port_is_banned() {
    let mut stage = Stage::fetching(film_with(Version::V1, RIGHT, 100));
    let at = |port: u16| SocketAddr::from(([198, 51, 100, 9], port));
    let mut honest = Giver::calls(&mut stage, SocketAddr::from(([198, 51, 100, 1], 6881)));
    one_lie(&mut stage, &mut honest, at(1_000));
    let erred = |output: &Output| matches!(output, Output::Tell(News::PeerErred(_, one)) if *one == at(1_000));
    assert!(stage.done.iter().any(erred), "the first lie was not traced to its sender");
    one_lie(&mut stage, &mut honest, at(2_000));
    let lied = |output: &Output| matches!(output, Output::Tell(News::PeerLied(_, one)) if *one == at(2_000));
    assert!(stage.done.iter().any(lied), "the second lie was not");
    let again = Giver::calls(&mut stage, at(3_000));
    assert!(stage.hung_up(again.conn).is_some(), "it may call again");
    let honest_named = is_named(&stage, SocketAddr::from(([198, 51, 100, 1], 6881)));
    assert!(!honest_named);
    let parted = stage.hung_up(honest.conn);
    assert!(matches!(parted, None | Some(HangUpWhy::Useless)), "{parted:?}");
}

#[test]
fn hp_28_a_ban_is_told_and_counts_in_the_next_run_for_as_long_as_is_left_of_it() {
    let liar = SocketAddr::from(([198, 51, 100, 9], 1_000));
    let mut stage = Stage::fetching(film_with(Version::V1, RIGHT, 2));
    let mut giver = Giver::calls(&mut stage, liar);
    while stage.hung_up(giver.conn).is_none() {
        assert!(giver.answers(&mut stage, WRONG), "a piece of wrong blocks was taken");
    }
    let told = stage.done.iter().find_map(|output| match output {
        Output::Banned(ban) => Some(*ban),
        _ => None,
    });
    let ban = told.expect("it is to be remembered");
    assert_eq!(ban.host, SocketAddr::from(([198, 51, 100, 9], 0)));

    let mut stage = Stage::fetching(film_with(Version::V1, RIGHT, 2));
    let left = ban.left / 2;
    stage.feed(Input::Banned(vec![Ban { left, ..ban }]));
    let again = stage.call_from(liar);
    assert_eq!(stage.hung_up(again), Some(HangUpWhy::Banned));
    stage.pass(left);
    let later = Giver::calls(&mut stage, liar);
    assert_eq!(stage.hung_up(later.conn), None, "it has not ended");
}
