//! A web server that knows nothing but files, over HTTPS with a certificate of a test's own authority.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    runtime::Runtime,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
    server::TlsStream,
};

/// Serves a folder until it is dropped.
pub(crate) struct StaticHost {
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// The certificate of the authority that vouches for it.
    pub(crate) authority: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl StaticHost {
    /// Serves what lies below a folder, now or later; the certificate is written beside it.
    pub(crate) fn of(folder: &Path) -> Self {
        let (acceptor, certificate) = certified();
        let authority = folder.with_extension("pem");
        fs::write(&authority, certificate).unwrap();
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let (folder, asked) = (folder.to_owned(), Arc::<Mutex<Vec<String>>>::default());
        let log = Arc::clone(&asked);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, folder, log) = (acceptor.clone(), folder.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await.ok()?;
                    serve(stream, &folder, &log).await
                });
            }
        });
        Self { url, authority, asked, _runtime: runtime }
    }

    /// The paths that were asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// What answers for 127.0.0.1 and localhost, and the authority in PEM.
fn certified() -> (TlsAcceptor, String) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["127.0.0.1", "localhost"].map(str::to_owned)).unwrap();
    let server = server.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![server.der().clone()], key).unwrap();
    (TlsAcceptor::from(Arc::new(config)), certificate)
}

async fn serve(
    stream: TlsStream<tokio::net::TcpStream>,
    folder: &Path,
    log: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (path, range) = request(&mut stream).await?;
        log.lock().unwrap().push(path.clone());
        let plain = percent_encoding::percent_decode_str(&path).decode_utf8().ok()?.into_owned();
        let file = folder.join(plain.trim_start_matches('/'));
        let (head, body) = match (fs::read(file), range) {
            (Err(_), _) => ("404 Not Found".to_owned(), vec![]),
            (Ok(bytes), None) => ("200 OK".to_owned(), bytes),
            (Ok(bytes), Some((start, end))) => {
                let end = end.min(bytes.len() - 1);
                let said = format!("Content-Range: bytes {start}-{end}/{}", bytes.len());
                (format!("206 Partial Content\r\n{said}"), bytes[start..=end].to_vec())
            }
        };
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(&body).await.ok()?;
        stream.flush().await.ok()?;
    }
}

async fn request(
    stream: &mut BufReader<TlsStream<tokio::net::TcpStream>>,
) -> Option<(String, Option<(usize, usize)>)> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut range = None;
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        if line.trim().is_empty() {
            return Some((path, range));
        }
        if let Some(asked) = line.trim().to_ascii_lowercase().strip_prefix("range: bytes=") {
            let (start, end) = asked.split_once('-')?;
            range = Some((start.parse().ok()?, end.parse().ok()?));
        }
    }
}
