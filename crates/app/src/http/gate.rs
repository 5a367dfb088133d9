//! What holds for every request before a route is looked up, and for every answer after.

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt as _;
use percent_encoding::percent_decode_str;
use tower::ServiceExt as _;

use super::{
    headers::{self, Kind},
    problem::{Code, Problem},
};

/// A path longer than this is not one of ours.
const PATH_LEN_MAX: usize = 4096;

/// The names under which this server may be called, each with its port.
#[derive(Debug, Clone)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Loopback under its three names, and what the settings add (`name` or `name:port`).
    #[must_use]
    pub fn new(port: u16, more: &[String]) -> Self {
        let with_port = |name: &String| match name.parse::<Authority>() {
            Ok(authority) if authority.port_u16().is_some() => name.to_ascii_lowercase(),
            _ => format!("{}:{port}", name.to_ascii_lowercase()),
        };
        let mut hosts: Vec<_> =
            ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}")).into();
        hosts.extend(more.iter().map(with_port));
        if port == 80 {
            let bare: Vec<_> = hosts
                .iter()
                .filter_map(|host| host.strip_suffix(":80"))
                .map(str::to_owned)
                .collect();
            hosts.extend(bare);
        }
        Self(hosts)
    }

    /// These, with their ports, and nothing else.
    #[must_use]
    pub fn only(names: Vec<String>) -> Self {
        Self(names)
    }

    fn knows(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    fn owns_origin(&self, origin: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|host| self.knows(host))
    }
}

/// The router behind its gate.
#[derive(Clone)]
pub struct Gate {
    router: Router,
    hosts: Arc<Hosts>,
    behind: Behind,
}

/// Whose pages are behind a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Ours: the gate knows what they may do.
    Us,
    /// Strangers': whoever answers says what each of them may do.
    Strangers,
}

impl Gate {
    /// A gate before a router.
    #[must_use]
    pub fn new(router: Router, hosts: Hosts) -> Self {
        Self { router, hosts: Arc::new(hosts), behind: Behind::Us }
    }

    /// A gate before a router that says itself what its answers may do, and who may ask.
    #[must_use]
    pub fn of_strangers(router: Router, hosts: Hosts) -> Self {
        Self { router, hosts: Arc::new(hosts), behind: Behind::Strangers }
    }

    /// Answers one request. A handler that panics costs its own answer and nothing else.
    pub async fn answer(&self, peer: SocketAddr, mut request: Request<Body>) -> Response {
        let kind = kind(request.uri());
        let mut response = match self.check(&request) {
            Ok(()) => {
                request.extensions_mut().insert(ConnectInfo(peer));
                self.route(request).await
            }
            Err(problem) => closing(problem.into_response()),
        };
        match self.behind {
            Behind::Us => headers::harden(&mut response, kind),
            Behind::Strangers => headers::harden_bare(&mut response),
        }
        response
    }

    async fn route(&self, request: Request<Body>) -> Response {
        let answer = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await;
        match answer {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => {
                tracing::error!("a request handler panicked");
                Code::Internal.into_response()
            }
        }
    }

    fn check(&self, request: &Request<Body>) -> Result<(), Problem> {
        check_host(request.uri(), request.headers(), &self.hosts)?;
        check_path(request.uri())?;
        if request.headers().contains_key(header::TRANSFER_ENCODING) {
            return Err(Code::LengthMissing.into());
        }
        match self.behind {
            Behind::Us => check_site(request, &self.hosts),
            Behind::Strangers => Ok(()),
        }
    }
}

/// The Host header is what a rebound DNS name cannot fake (a page of `evil.test` always sends its own name).
fn check_host(uri: &Uri, headers: &HeaderMap, hosts: &Hosts) -> Result<(), Problem> {
    let mut given = headers.get_all(header::HOST).iter();
    let one = given.next().filter(|_| given.next().is_none());
    let known = one.and_then(|host| host.to_str().ok()).is_some_and(|host| hosts.knows(host));
    if known && uri.authority().is_none() { Ok(()) } else { Err(Code::HostWrong.into()) }
}

/// No segment, decoded once, may be able to leave a folder. No handler joins a path from a request; this is
/// the second lock.
fn check_path(uri: &Uri) -> Result<(), Problem> {
    let fine = |segment: &str| {
        percent_decode_str(segment).decode_utf8().is_ok_and(|text| {
            text != "." && text != ".." && !text.contains(['/', '\\', '\0', '\r', '\n'])
        })
    };
    let path = uri.path();
    if path.len() <= PATH_LEN_MAX && path.split('/').all(fine) {
        Ok(())
    } else {
        Err(Code::PathUnknown.into())
    }
}

/// What changes something may only come from our own page or from a program that is not a browser. What
/// only reads may come from elsewhere if it opens the page, never if it asks for data.
fn check_site(request: &Request<Body>, hosts: &Hosts) -> Result<(), Problem> {
    let headers = request.headers();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && kind(request.uri()) == Kind::Page {
        return Ok(());
    }
    let origins_ours = headers
        .get_all(header::ORIGIN)
        .iter()
        .all(|origin| origin.to_str().is_ok_and(|origin| hosts.owns_origin(origin)));
    let site_ours = headers
        .get_all("sec-fetch-site")
        .iter()
        .all(|site| site.as_bytes() == b"same-origin" || site.as_bytes() == b"none");
    if origins_ours && site_ours { Ok(()) } else { Err(Code::CrossSite.into()) }
}

fn kind(uri: &Uri) -> Kind {
    let first = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if matches!(first, "api" | "stream" | "image" | "subtitle") { Kind::Bytes } else { Kind::Page }
}

/// A connection that broke these rules is not worth keeping: what follows on it may be smuggled.
fn closing(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CONNECTION, axum::http::HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_names_with_the_exact_port_are_ours() {
        let hosts = Hosts::new(4000, &["cinema.lan".into(), "tv.lan:8080".into()]);
        for ours in
            ["127.0.0.1:4000", "LOCALHOST:4000", "[::1]:4000", "cinema.lan:4000", "tv.lan:8080"]
        {
            assert!(hosts.knows(ours), "{ours}");
        }
        for foreign in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost",
            "evil.test",
            "evil.test:4000",
            "127.0.0.1.nip.io:4000",
            "localhost.evil.test:4000",
            "0.0.0.0:4000",
            "[::]:4000",
            "2130706433:4000",
            "127.1:4000",
            "user@127.0.0.1:4000",
            "127.0.0.1:4000 ",
            "localhost.:4000",
            "[0:0:0:0:0:0:0:1]:4000",
            "[::ffff:127.0.0.1]:4000",
        ] {
            assert!(!hosts.knows(foreign), "{foreign}");
        }
    }

    #[test]
    fn an_origin_must_be_ours_to_the_letter() {
        let hosts = Hosts::new(4000, &[]);
        assert!(hosts.owns_origin("http://localhost:4000"));
        for foreign in
            ["null", "https://localhost:4000", "http://localhost:3000", "http://evil.test", ""]
        {
            assert!(!hosts.owns_origin(foreign), "{foreign}");
        }
    }

    #[test]
    fn no_spelling_of_a_parent_folder_passes() {
        for bad in [
            "/a/../b",
            "/..",
            "/%2e%2e/etc",
            "/a/%2E%2e",
            "/a%2fb",
            "/a%5cb",
            "/a%00",
            "/%c0%ae%c0%ae/x",
            "/x/./y",
            "/x%0d%0ay",
        ] {
            assert!(check_path(&bad.parse().unwrap()).is_err(), "{bad}");
        }
        for fine in ["/", "/title/abc", "/stream/x/Big%20Buck%20Bunny..mp4", "/%252e%252e/x"] {
            assert!(check_path(&fine.parse().unwrap()).is_ok(), "{fine}");
        }
    }
}
