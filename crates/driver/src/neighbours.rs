//! Finding peers in the local network (BEP 14): one task with a socket in the group of each family of addresses.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use engine::{Input, PeerSource, TorrentId};
use tokio::{
    net::UdpSocket,
    sync::mpsc::{
        Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakUnboundedSender, channel,
        unbounded_channel,
    },
    task::JoinSet,
    time::{Instant, sleep_until},
};
use torrent::{
    InfoHashes, Sha1Hash,
    local_discovery::{Announcement, Beacon, DATAGRAM_MAX, GROUP_V4, GROUP_V6, PORT, Senders},
};

use crate::{carrier::Command, sockets::Sockets};

/// When nothing is due.
const FAR: Duration = Duration::from_secs(24 * 3600);
/// Announcements of others that wait to be looked at; those beyond it are lost.
const HEARD_MAX: usize = 64;
/// Nobody but the system listens to ports below: an announcement of one has something else in mind.
const PORT_MIN: u16 = 1024;

/// The session's voice in the local network. Cheap to clone; its task ends with the last one.
#[derive(Debug, Clone)]
pub(crate) struct Neighbours(UnboundedSender<Ask>);

#[derive(Debug)]
enum Ask {
    Follow(TorrentId, InfoHashes),
    Leave(TorrentId),
}

/// What somebody announced, from where.
type Heard = (SocketAddr, Announcement);

impl Neighbours {
    /// Joins the groups, or as many as the system lets us. Needs a tokio runtime.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn start(
        sockets: &Sockets,
        listens: &[SocketAddr],
        port: u16,
        engine: WeakUnboundedSender<Command>,
    ) -> std::io::Result<Self> {
        let (tell, heard) = channel(HEARD_MAX);
        let (asks, ask_box) = unbounded_channel();
        let mut cookie = [0; 8];
        getrandom::fill(&mut cookie).map_err(std::io::Error::other)?;
        let mut task = Task {
            sockets: sockets.clone(),
            groups: groups(listens).collect(),
            bound: sockets.bound_to(),
            joined: vec![],
            ears: JoinSet::new(),
            tell,
            port,
            cookie: format!("{:016x}", u64::from_ne_bytes(cookie)),
            engine,
            started: Instant::now(),
            beacon: Beacon::default(),
            senders: Senders::default(),
            torrents: BTreeMap::new(),
        };
        task.join();
        tokio::spawn(task.run(ask_box, heard));
        Ok(Self(asks))
    }

    /// Announces a torrent from now on, and finds its peers for the engine.
    pub(crate) fn follow(&self, torrent: TorrentId, hashes: InfoHashes) {
        // A session that has ended follows nothing.
        self.0.send(Ask::Follow(torrent, hashes)).ok();
    }

    /// No more of that.
    pub(crate) fn leave(&self, torrent: TorrentId) {
        // A session that has ended follows nothing.
        self.0.send(Ask::Leave(torrent)).ok();
    }
}

/// The group of each family that is listened to, and our address in its network.
fn groups(listens: &[SocketAddr]) -> impl Iterator<Item = (SocketAddr, IpAddr)> {
    let first = |is_v4: bool| listens.iter().find(|addr| addr.is_ipv4() == is_v4);
    let v4 = first(true).map(|addr| ((GROUP_V4, PORT).into(), addr.ip()));
    let v6 = first(false).map(|addr| ((GROUP_V6, PORT).into(), addr.ip()));
    v4.into_iter().chain(v6)
}

/// Hears until nobody listens any more.
async fn listen(socket: Arc<UdpSocket>, tell: Sender<Heard>) {
    let mut room = [0; DATAGRAM_MAX];
    loop {
        let heard = tokio::select! {
            heard = socket.recv_from(&mut room) => heard,
            () = tell.closed() => return,
        };
        let Ok((len, from)) = heard else { continue };
        if let Some(announcement) = Announcement::parse(&room[..len]) {
            // Too many at a time: they come again.
            tell.try_send((from, announcement)).ok();
        }
    }
}

struct Task {
    sockets: Sockets,
    /// The group of each family, and our address in its network.
    groups: Vec<(SocketAddr, IpAddr)>,
    /// The number of the interface that the groups were joined at, if one is bound to.
    bound: Option<u32>,
    joined: Vec<(SocketAddr, Arc<UdpSocket>)>,
    /// One for each of them.
    ears: JoinSet<()>,
    /// What they hear goes here.
    tell: Sender<Heard>,
    port: u16,
    cookie: String,
    engine: WeakUnboundedSender<Command>,
    started: Instant,
    beacon: Beacon,
    senders: Senders,
    torrents: BTreeMap<Sha1Hash, TorrentId>,
}

impl Task {
    async fn run(mut self, mut asks: UnboundedReceiver<Ask>, mut heard: Receiver<Heard>) {
        loop {
            let due = self.beacon.deadline().unwrap_or(self.started.elapsed() + FAR);
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => self.obey(ask),
                    None => return,
                },
                Some((from, announcement)) = heard.recv() => self.hear(from, &announcement),
                () = sleep_until(self.started + due) => self.announce().await,
                () = self.sockets.is_bound_anew(self.bound) => {
                    self.bound = self.sockets.bound_to();
                    self.join();
                    self.begin_anew();
                }
            }
        }
    }

    /// Joins the groups, or as many as the system lets us, in place of those joined before.
    fn join(&mut self) {
        self.ears = JoinSet::new();
        self.joined.clear();
        for (group, at) in &self.groups {
            match self.sockets.multicast(*group, *at).map(Arc::new) {
                Ok(socket) => {
                    self.ears.spawn(listen(Arc::clone(&socket), self.tell.clone()));
                    self.joined.push((*group, socket));
                }
                Err(why) => {
                    tracing::info!(%group, %why, "no peers are looked for in the local network");
                }
            }
        }
    }

    /// Announces all torrents at once: nobody here heard of them yet.
    fn begin_anew(&mut self) {
        let now = self.started.elapsed();
        self.beacon = Beacon::default();
        self.torrents.keys().for_each(|name| self.beacon.follow(now, *name));
    }

    fn obey(&mut self, ask: Ask) {
        match ask {
            Ask::Follow(torrent, hashes) => {
                for name in hashes.names() {
                    self.torrents.insert(name, torrent);
                    self.beacon.follow(self.started.elapsed(), name);
                }
            }
            Ask::Leave(torrent) => {
                self.torrents.retain(|name, other| {
                    if *other == torrent {
                        self.beacon.leave(name);
                    }
                    *other != torrent
                });
            }
        }
    }

    fn hear(&mut self, from: SocketAddr, announcement: &Announcement) {
        let is_own = announcement.cookie.as_ref() == Some(&self.cookie);
        let (host, now) = (from.ip(), self.started.elapsed());
        if is_own || announcement.port < PORT_MIN || !self.senders.may_speak(now, host) {
            return;
        }
        for name in self.beacon.heard(now, &announcement.names) {
            let Some(torrent) = self.torrents.get(&name).copied() else { continue };
            self.sockets.welcome(host);
            let peers = vec![SocketAddr::new(host, announcement.port)];
            let found = Input::Found { torrent, peers, source: PeerSource::Local };
            if let Some(engine) = self.engine.upgrade() {
                // The session has ended: nobody needs peers.
                engine.send(Command::Input(found)).ok();
            }
        }
    }

    async fn announce(&mut self) {
        let names = self.beacon.take_due(self.started.elapsed());
        let cookie = Some(self.cookie.clone());
        let announcement = Announcement { port: self.port, names, cookie };
        let mut is_said = false;
        for (group, socket) in &self.joined {
            match socket.send_to(&announcement.to_bytes(*group), group).await {
                Ok(_) => is_said = true,
                Err(why) => tracing::debug!(%group, %why, "an announcement was not sent"),
            }
        }
        // An interface may be there a moment before its address.
        if !is_said {
            self.beacon.unsaid(self.started.elapsed(), &announcement.names);
        }
    }
}
