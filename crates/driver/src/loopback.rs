//! Servers on loopback for this crate's tests: HTTP/1.1 with a function as its content, and a UDP tracker.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, UdpSocket},
    task::AbortHandle,
};

/// A request as a test sees it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) target: String,
    /// The `Range` header's two numbers, both included.
    pub(crate) range: Option<(usize, usize)>,
}

/// An answer as a test gives it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![], body: body.into() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// A part of a file, as a server that knows ranges gives it.
    pub(crate) fn part(file: &[u8], asked: &Asked) -> Self {
        let Some((start, end)) = asked.range else { return Self::new(200, file) };
        let end = end.min(file.len() - 1);
        let range = format!("bytes {start}-{end}/{}", file.len());
        Self::new(206, &file[start..=end]).with("Content-Range", range)
    }
}

/// An HTTP server that lives as long as this.
pub(crate) struct HttpServer {
    pub(crate) addr: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl HttpServer {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let addr = listener.local_addr().expect("it listens");
        let (asked, connections) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<AtomicUsize>::default());
        let (answer, log, count) = (Arc::new(answer), Arc::clone(&asked), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&log)));
            }
        });
        Self { addr, asked, connections, task: task.abort_handle() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics in here").clone()
    }

    /// How many connections were accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    stream: TcpStream,
    answer: Arc<impl Fn(&Asked) -> Answer>,
    log: Arc<Mutex<Vec<Asked>>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let asked = read_request(&mut stream).await?;
        log.lock().expect("no test panics in here").push(asked.clone());
        let Answer { status, headers, body } = answer(&asked);
        let mut head = format!("HTTP/1.1 {status} x\r\n");
        if !headers.iter().any(|(name, _)| *name == "Content-Length") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.ok()?;
        stream.write_all(&body).await.ok()?;
        stream.flush().await.ok()?;
    }
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
    let mut asked = Asked { target: line.split(' ').nth(1)?.to_owned(), range: None };
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        if line.trim().is_empty() {
            return Some(asked);
        }
        if let Some(range) = line.trim().to_ascii_lowercase().strip_prefix("range: bytes=") {
            let (start, end) = range.split_once('-')?;
            asked.range = Some((start.parse().ok()?, end.parse().ok()?));
        }
    }
}

/// A UDP tracker (BEP 15) that knows the same peers for every torrent.
pub(crate) struct UdpTracker {
    pub(crate) addr: SocketAddr,
    connects: Arc<AtomicUsize>,
    announces: Arc<AtomicUsize>,
    callers: Arc<Mutex<Vec<SocketAddr>>>,
    task: AbortHandle,
}

impl UdpTracker {
    /// A tracker at `ip` that does not hear the first `deaf` packets.
    pub(crate) async fn start(ip: &str, peers: Vec<u8>, deaf: usize) -> Self {
        Self::run(ip, peers, deaf, false).await
    }

    /// A tracker before each of whose answers come some with another transaction, an unknown action or no length.
    pub(crate) async fn forged(ip: &str, peers: Vec<u8>) -> Self {
        Self::run(ip, peers, 0, true).await
    }

    async fn run(ip: &str, peers: Vec<u8>, mut deaf: usize, forges: bool) -> Self {
        let socket = UdpSocket::bind((ip, 0)).await.expect("a free port");
        let addr = socket.local_addr().expect("it listens");
        let (connects, announces) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (connected, announced) = (Arc::clone(&connects), Arc::clone(&announces));
        let callers = Arc::<Mutex<Vec<_>>>::default();
        let called = Arc::clone(&callers);
        let task = tokio::spawn(async move {
            let mut packet = [0; 2048];
            while let Ok((len, from)) = socket.recv_from(&mut packet).await {
                called.lock().expect("no test panics in here").push(from);
                if deaf > 0 {
                    deaf -= 1;
                    continue;
                }
                let (head, transaction) = (&packet[8..12], &packet[12..16]);
                let mut answer = [head, transaction].concat();
                if head[3] == 0 {
                    connected.fetch_add(1, Ordering::Relaxed);
                    answer.extend(0x1234_5678_u64.to_be_bytes());
                } else if head[3] == 2 && packet[..8] == 0x1234_5678_u64.to_be_bytes() {
                    // Of each torrent the first byte of its name, and what is one and two more (BEP 15).
                    for name in packet[16..len].chunks(20) {
                        let number = u32::from(name[0]);
                        let numbers = [number, number + 1, number + 2];
                        answer.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
                    }
                } else if len >= 98 && packet[..8] == 0x1234_5678_u64.to_be_bytes() {
                    announced.fetch_add(1, Ordering::Relaxed);
                    answer.extend([1800_u32, 3, 7].iter().flat_map(|number| number.to_be_bytes()));
                    answer.extend(&peers);
                } else {
                    answer = [&[0, 0, 0, 3], transaction, b"who are you?"].concat();
                }
                if forges {
                    let mut other = answer.clone();
                    other[4] ^= 1;
                    let unknown = [&[0, 0, 0, 9], transaction].concat();
                    for forged in [&other[..], &unknown, &answer[..7], b""] {
                        socket.send_to(forged, from).await.expect("loopback takes packets");
                    }
                }
                socket.send_to(&answer, from).await.expect("loopback takes packets");
            }
        });
        Self { addr, connects, announces, callers, task: task.abort_handle() }
    }

    /// Where each packet so far came from.
    pub(crate) fn callers(&self) -> Vec<SocketAddr> {
        self.callers.lock().expect("no test panics in here").clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("udp://{}/announce", self.addr)
    }

    /// Connects and announces answered so far.
    pub(crate) fn answered(&self) -> (usize, usize) {
        (self.connects.load(Ordering::Relaxed), self.announces.load(Ordering::Relaxed))
    }
}

impl Drop for UdpTracker {
    fn drop(&mut self) {
        self.task.abort();
    }
}
