//! What a route demands, declared where it is registered: a route without a policy does not compile.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;
use utoipa::openapi::{OpenApi, path::Operation, security::SecurityRequirement};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::{
    listener::Limits,
    problem::{Code, Problem},
    signed::{BadSignature, Scope, Signer},
    token::{Lock, Token},
};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody who reaches the port: the page itself and the description of the API.
    Open,
    /// Whoever shows the token.
    Token,
    /// Whoever holds a path that was signed for this scope; its second segment is the signed word.
    Signed(Scope),
}

/// What a route demands of a request.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    access: Access,
    body_len_max: usize,
    /// Whether the handler takes the body part by part.
    is_streamed: bool,
    patience: Option<Duration>,
}

/// How long a handler may take, unless its answer has no end.
const HANDLER_PATIENCE: Duration = Duration::from_secs(30);

/// How long a handler may take that signs or reads a large catalogue.
const LONG_PATIENCE: Duration = Duration::from_secs(15 * 60);

impl Policy {
    /// Reading or changing with the token; bodies up to 64 KiB.
    pub const TOKEN: Self = Self {
        access: Access::Token,
        body_len_max: 64 * 1024,
        is_streamed: false,
        patience: Some(HANDLER_PATIENCE),
    };
    /// Handing in a torrent with the token; bodies up to 10 MiB.
    pub const UPLOAD: Self = Self { body_len_max: 10 * 1024 * 1024, ..Self::TOKEN };
    /// Handing in a catalogue file with the token; bodies up to 256 MiB.
    pub const CATALOGUE: Self = Self { body_len_max: 256 * 1024 * 1024, ..Self::PATIENT };
    /// Handing in a list with the token, bodies up to 256 MiB; the answer tells how far it is, as long as it takes.
    pub const LIST: Self = Self { patience: None, ..Self::CATALOGUE };
    /// Work that may take minutes, with the token.
    pub const PATIENT: Self = Self { patience: Some(LONG_PATIENCE), ..Self::TOKEN };
    /// Handing in a film with the token: as long as it comes, and never held in memory.
    pub const FILM: Self = Self { is_streamed: true, patience: None, ..Self::TOKEN };
    /// An answer without end, with the token.
    pub const EVENTS: Self = Self { patience: None, ..Self::TOKEN };

    /// A film under a signed path: a read waits for as long as the swarm does.
    pub const STREAM: Self = Self {
        access: Access::Signed(Scope::Stream),
        body_len_max: 0,
        is_streamed: false,
        patience: None,
    };

    /// Reading what a signed path opens.
    #[must_use]
    pub const fn signed(scope: Scope) -> Self {
        Self {
            access: Access::Signed(scope),
            body_len_max: 0,
            is_streamed: false,
            patience: Some(HANDLER_PATIENCE),
        }
    }
}

/// What the policies are enforced with.
#[derive(Debug)]
pub struct Guard {
    /// The token that opens the API.
    pub token: Token,
    /// Who tried too many wrong tokens.
    pub lock: Lock,
    /// Signs and checks paths.
    pub signer: Signer,
    /// How long a body may take to arrive.
    pub body_patience: Duration,
}

impl Guard {
    /// A guard with a token and a key that nobody knows.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        Ok(Self {
            token: Token::random()?,
            lock: Lock::default(),
            signer: Signer::random()?,
            body_patience: Limits::default().body_patience,
        })
    }
}

/// What a signed path was signed for; handlers take it as an extension.
#[derive(Debug, Clone)]
pub struct Subject(pub String);

/// A registered route, for tests that visit all of them.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path with its placeholders.
    pub path: String,
    /// Who may use it.
    pub access: Access,
}

/// Routes under construction. The only way in is [`Routes::add`], which takes a policy.
pub struct Routes<S> {
    router: OpenApiRouter<S>,
    inventory: Vec<Route>,
    guard: Arc<Guard>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    #[must_use]
    pub fn new(guard: Arc<Guard>, about: OpenApi) -> Self {
        Self { router: OpenApiRouter::with_openapi(about), inventory: Vec::new(), guard }
    }

    /// Adds the routes of one path under one policy.
    #[must_use]
    pub fn add(mut self, policy: Policy, routes: UtoipaMethodRouter<S>) -> Self {
        let (schemas, mut paths, methods) = routes;
        for (path, item) in &mut paths.paths {
            let operations = [
                (Method::GET, &mut item.get),
                (Method::PUT, &mut item.put),
                (Method::POST, &mut item.post),
                (Method::DELETE, &mut item.delete),
                (Method::PATCH, &mut item.patch),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    declare(operation, policy.access);
                    let route = Route { method, path: path.clone(), access: policy.access };
                    self.inventory.push(route);
                }
            }
        }
        let methods = methods.layer(from_fn_with_state((policy, self.guard.clone()), enforce));
        self.router = self.router.routes((schemas, paths, methods));
        self
    }

    /// The router, its description and its inventory.
    pub fn finish(self) -> (Router<S>, OpenApi, Vec<Route>) {
        let (router, description) = self.router.split_for_parts();
        let router = router.method_not_allowed_fallback(async || Code::MethodWrong);
        (router, description, self.inventory)
    }
}

fn declare(operation: &mut Operation, access: Access) {
    operation.security = Some(match access {
        Access::Token => vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])],
        Access::Open | Access::Signed(_) => Vec::new(),
    });
}

async fn enforce(
    State((policy, guard)): State<(Policy, Arc<Guard>)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match policy.access {
        Access::Open => {}
        Access::Token => check_token(&guard, peer, request.headers())?,
        Access::Signed(scope) => {
            let subject = open(&guard.signer, scope, request.uri().path())?;
            request.extensions_mut().insert(Subject(subject));
        }
    }
    if policy.is_streamed {
        return Ok(next.run(request).await);
    }
    let (parts, body) = request.into_parts();
    let arriving = timeout(guard.body_patience, collect(&parts.headers, body, policy.body_len_max));
    let body = arriving.await.map_err(|_| Code::TooSlow)??;
    let answer = next.run(Request::from_parts(parts, Body::from(body)));
    match policy.patience {
        None => Ok(answer.await),
        Some(patience) => timeout(patience, answer).await.map_err(|_| Code::Late.into()),
    }
}

fn check_token(guard: &Guard, peer: SocketAddr, headers: &HeaderMap) -> Result<(), Problem> {
    let now = Instant::now();
    let Some(presented) = bearer(headers) else { return Err(Code::TokenMissing.into()) };
    if let Some(wait) = guard.lock.wait(peer.ip(), now) {
        return Err(Problem::from(Code::Locked).retry_after(wait));
    }
    if guard.token.matches(presented) {
        return Ok(());
    }
    guard.lock.wrong(peer.ip(), presented, now);
    Err(Code::TokenWrong.into())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn open(signer: &Signer, scope: Scope, path: &str) -> Result<String, Problem> {
    let word = path.split('/').nth(2).unwrap_or_default();
    let word = word.strip_suffix(".vtt").unwrap_or(word);
    signer.open(scope, word, SystemTime::now()).map_err(|bad| match bad {
        BadSignature::Forged => Code::LinkForged.into(),
        BadSignature::Expired => Code::LinkExpired.into(),
    })
}

/// Takes a body in whole, so that no handler waits for a slow sender or holds more than the route allows.
async fn collect(headers: &HeaderMap, body: Body, len_max: usize) -> Result<Bytes, Problem> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|len| len.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    if announced > len_max as u64 {
        return Err(Code::TooLarge.into());
    }
    match Limited::new(body, len_max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Code::TooLarge.into()),
        Err(_) => Err(Code::BadRequest.into()),
    }
}
