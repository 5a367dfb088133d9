//! Questions to UDP trackers that are not answered yet: over the sockets of the session, which uTP and the DHT share,
//! or over one of their own where the session has none of that family.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::{
    net::UdpSocket,
    sync::mpsc::{Receiver, Sender, channel},
    task::AbortHandle,
};
use torrent::tracker::udp::transaction;

use crate::{
    datagrams::{Datagrams, Heard},
    sockets::Server,
};

/// The longest answer: 2,000 peers over IPv6 fit.
const ANSWER_MAX: usize = 40 * 1024;
/// Answers to one question that wait to be read. One is enough, unless others guess its number.
const ANSWERS_MAX: usize = 4;

/// Asks over the session's sockets.
#[derive(Debug)]
pub(crate) struct Shared {
    datagrams: Arc<Datagrams>,
    open: Arc<Open>,
    task: AbortHandle,
}

/// Questions that wait for their answers, by their transactions.
#[derive(Debug, Default)]
struct Open(Mutex<BTreeMap<u32, Question>>);

/// Who was asked, and who waits.
#[derive(Debug)]
struct Question {
    whom: Server,
    asker: Sender<Heard>,
}

/// A way to one tracker.
#[derive(Debug)]
pub(super) enum Line {
    /// A socket that is connected to it.
    Own(UdpSocket, SocketAddr),
    /// The session's sockets.
    Shared(Arc<Shared>, Server),
}

/// A question that may be asked, and asked again, until it is dropped.
#[derive(Debug)]
pub(super) enum Call<'a> {
    Own(&'a UdpSocket, SocketAddr),
    Shared(Waiting<'a>),
}

/// One of the open questions.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    shared: &'a Shared,
    whom: &'a Server,
    transaction: u32,
    answers: Receiver<Heard>,
}

impl Shared {
    /// Asks over these sockets; what they hear from trackers comes by `heard`. Needs a tokio runtime.
    pub(crate) fn start(datagrams: Arc<Datagrams>, mut heard: Receiver<Heard>) -> Self {
        let open = Arc::<Open>::default();
        let questions = Arc::clone(&open);
        let task = tokio::spawn(async move {
            while let Some(heard) = heard.recv().await {
                questions.answer(heard);
            }
        });
        Self { datagrams, open, task: task.abort_handle() }
    }

    /// Whether a server is reached over these sockets.
    pub(super) fn reaches(&self, server: &Server) -> bool {
        self.datagrams.reaches(server)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Open {
    fn questions(&self) -> MutexGuard<'_, BTreeMap<u32, Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an answer to whoever asked that sender under that number. Others are strangers.
    fn answer(&self, (from, packet): Heard) {
        let questions = self.questions();
        let question = transaction(&packet).and_then(|number| questions.get(&number));
        if let Some(question) = question.filter(|question| question.is_for(from)) {
            // Too many at once, of which the first counts.
            question.asker.try_send((from, packet)).ok();
        }
    }
}

impl Question {
    /// Whether that is who was asked. Where a name leads to only the proxy knows, until the first answer.
    fn is_for(&self, from: SocketAddr) -> bool {
        match &self.whom {
            Server::At(asked) => {
                (asked.ip().to_canonical(), asked.port()) == (from.ip(), from.port())
            }
            Server::Named(..) => true,
        }
    }
}

impl Line {
    /// Begins a question under a number.
    pub(super) fn ask(&self, transaction: u32) -> Call<'_> {
        match self {
            Self::Own(socket, whom) => Call::Own(socket, *whom),
            Self::Shared(shared, whom) => {
                let (asker, answers) = channel(ANSWERS_MAX);
                let question = Question { whom: whom.clone(), asker };
                shared.open.questions().insert(transaction, question);
                Call::Shared(Waiting { shared, whom, transaction, answers })
            }
        }
    }
}

impl Call<'_> {
    /// Sends the question.
    ///
    /// # Errors
    /// There is no way to the tracker.
    pub(super) async fn send(&self, packet: &[u8]) -> io::Result<()> {
        match self {
            Self::Own(socket, _) => socket.send(packet).await.map(drop),
            Self::Shared(Waiting { shared, whom, .. }) => shared.datagrams.ask(whom, packet),
        }
    }

    /// Waits for an answer.
    ///
    /// # Errors
    /// Nobody is there.
    pub(super) async fn receive(&mut self) -> io::Result<Heard> {
        match self {
            Self::Own(socket, whom) => {
                let mut room = vec![0; ANSWER_MAX];
                let len = socket.recv(&mut room).await?;
                room.truncate(len);
                Ok((*whom, Bytes::from(room)))
            }
            Self::Shared(waiting) => {
                let answer = waiting.answers.recv().await;
                answer.ok_or_else(|| io::ErrorKind::ConnectionAborted.into())
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.shared.open.questions().remove(&self.transaction);
    }
}
