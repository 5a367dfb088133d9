//! Where a browser reaches a site: `http://KEY.site.localhost:PORT/` has its pages, `http://site.localhost:PORT/` the frame
//! around them. Nothing is looked up on disk by its name: only what the site's signed document lists exists.
//!
//! What somebody reads never changes under them: a newer version waits until they ask for it.
//!
//! A browser takes a cookie for `site.localhost` from any key's scripts: whoever sends one is told to forget them all before
//! a page is shown.

use std::{
    fmt::{self, Debug},
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header,
        request::Parts,
    },
    response::IntoResponse as _,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use catalogue::channel::{Key, Level, Media, PagePath, SiteFile};
use channels::Visited;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Limited};
use media::image;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::spawn_blocking,
};

use super::{
    answers::{Answer, Answers},
    file,
    frame::{self, Frame, Leads, Scripts},
    headers::{Rights, dress, frame_policy, leaving_policy, page_policy},
    leaving::{self, Home},
    port::{self, NotTold, Offer, Question},
    still::still,
    text::{self, Book},
};
use crate::http::{
    gate::{Gate, Hosts},
    listener::{self, Limits},
};

/// What the frame is asked with when the site that this one was handed over to was not found.
const NOT_THERE: &str = "not-there";
/// The largest body that the frame sends, bytes: a question of a script with every letter escaped.
const ANSWER_MAX: usize = 4096;
/// Posters that one site may have made at one time.
const POSTERS: usize = 2;
/// The largest head of a request, bytes. Cookies know no ports and outlive the visit: with all that a browser keeps for one
/// site, a script would shut its visitors out for good.
const HEAD_MAX: usize = 1 << 20;

/// No answer sets a cookie: those that a script did are forgotten as soon as they are seen.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Opens the site under another key, and says what a browser is sent to then; nothing if it is not found.
pub type Leading = Arc<dyn Fn(Key) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// One site, and what its visitor agreed to.
#[derive(Debug)]
pub struct Door {
    versions: RwLock<Versions>,
    /// Whether somebody was shown any of it.
    is_read: AtomicBool,
    /// Holds the version whose scripts may run.
    agreed: PathBuf,
    /// What visitors answered whether to go along with a site that moved.
    answers: Answers,
    token: String,
    port: u16,
    home: Option<Home>,
    leading: Led,
    /// What scripts may be told, if there is a household.
    offer: OnceLock<Offer>,
    /// Posters that are made at one time.
    posters: Semaphore,
    /// Questions of scripts are answered one after the other: looking through a large channel takes a while.
    asking: Semaphore,
}

/// How visitors are led to the site that this one was handed over to, if they can be.
#[derive(Default)]
struct Led(RwLock<Option<Leading>>);

impl Debug for Led {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Led")
    }
}

/// The version that is shown, and a newer one that waits until whoever reads asks for it.
#[derive(Debug)]
struct Versions {
    shown: Arc<Shown>,
    newer: Option<Visited>,
}

/// The version that is shown.
#[derive(Debug)]
struct Shown {
    visited: Visited,
    /// What its texts are called, once somebody wants to know.
    book: OnceLock<Book>,
}

impl Shown {
    fn new(visited: Visited) -> Arc<Self> {
        Arc::new(Self { visited, book: OnceLock::new() })
    }

    /// What somebody sees who asks for a text: it is drawn anew each time, since a text is soon drawn.
    fn text(&self, path: &PagePath, length: u64, languages: &str) -> Option<String> {
        let site = &self.visited.site;
        let theme = site.level.theme()?;
        let bytes = fs::read(self.place(path)).ok().filter(|text| text.len() as u64 == length)?;
        let book = self.book.get_or_init(|| Book::read(&site.files, &self.visited.pages));
        let skip = frame::skip(languages);
        let name = site.name.pick(&[skip.1]).unwrap_or_default();
        let page = text::Page { site: name, theme, here: path, files: &site.files, book, skip };
        Some(text::draw(&String::from_utf8_lossy(&bytes), &page))
    }

    fn place(&self, path: &PagePath) -> PathBuf {
        path.split('/').fold(self.visited.pages.clone(), |place, part| place.join(part))
    }
}

impl Deref for Shown {
    type Target = Visited;

    fn deref(&self) -> &Visited {
        &self.visited
    }
}

impl Door {
    /// A door to a site at a port of loopback. What the visitor agrees to is noted in the site's own folder below that of
    /// all `sites`, and whether they go along with one that moved beside it. `home` is the household's own page,
    /// where links to channels and films lead.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn new(
        visited: Visited,
        sites: &Path,
        port: u16,
        home: Option<Home>,
    ) -> Result<Arc<Self>, getrandom::Error> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits)?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(bits);
        let agreed = sites.join(visited.key.to_string()).join("scripts");
        let versions = Versions { shown: Shown::new(visited), newer: None };
        let (versions, is_read) = (RwLock::new(versions), AtomicBool::new(false));
        let (answers, leading) = (Answers::new(sites), Led::default());
        Ok(Arc::new(Self {
            versions,
            is_read,
            agreed,
            answers,
            token,
            port,
            home,
            leading,
            offer: OnceLock::new(),
            posters: Semaphore::new(POSTERS),
            asking: Semaphore::new(1),
        }))
    }

    /// Something newer is known: a version, which waits if somebody reads the one before, or what became of the site, which
    /// is told at once.
    pub fn renew(&self, visited: Visited) {
        let mut versions = self.write();
        if versions.shown.site == visited.site || !self.is_read.load(Ordering::Relaxed) {
            *versions = Versions { shown: Shown::new(visited), newer: None };
            return;
        }
        let mut shown = versions.shown.visited.clone();
        shown.freshness = visited.freshness;
        shown.is_halted = visited.is_halted;
        shown.successor = visited.successor;
        *versions = Versions { shown: Shown::new(shown), newer: Some(visited) };
    }

    /// Shows this version from now on: somebody asked for it.
    pub fn show(&self, visited: Visited) {
        *self.write() = Versions { shown: Shown::new(visited), newer: None };
    }

    /// Shows the version that waits, if one does.
    fn show_newer(&self) {
        let mut versions = self.write();
        if let Some(newer) = versions.newer.take() {
            versions.shown = Shown::new(newer);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Versions> {
        self.versions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Versions> {
        self.versions.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How visitors are led on, should its publisher have handed it over.
    pub fn leads(&self, leading: Option<Leading>) {
        *self.leading.0.write().unwrap_or_else(PoisonError::into_inner) = leading;
    }

    /// Scripts that run may ask this from now on.
    pub fn offers(&self, offer: Offer) {
        self.offer.set(offer).ok();
    }

    fn leading(&self) -> Option<Leading> {
        self.leading.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a browser is sent to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/", self.site_origin())
    }

    /// Answers browsers until `stop` becomes true.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: watch::Receiver<bool>) {
        let limits = Limits { head_max: HEAD_MAX, ..Limits::default() };
        listener::serve(vec![listener], self.gate(), limits, stop).await;
    }

    /// What stands before all requests: the two names, and nothing else.
    fn gate(self: &Arc<Self>) -> Gate {
        let hosts = Hosts::only(vec![self.site_host(), self.frame_host()]);
        Gate::of_strangers(Router::new().fallback(answer).with_state(Arc::clone(self)), hosts)
    }

    fn site(&self) -> Arc<Shown> {
        Arc::clone(&self.read().shown)
    }

    fn newer(&self) -> Option<u64> {
        self.read().newer.as_ref().map(|newer| newer.site.version)
    }

    fn site_host(&self) -> String {
        format!("{}.site.localhost:{}", self.site().key, self.port)
    }

    fn frame_host(&self) -> String {
        format!("site.localhost:{}", self.port)
    }

    fn site_origin(&self) -> String {
        format!("http://{}", self.site_host())
    }

    fn frame_origin(&self) -> String {
        format!("http://{}", self.frame_host())
    }

    fn scripts(&self, site: &Visited) -> Scripts {
        let agreed = fs::read_to_string(&self.agreed).ok();
        match agreed.and_then(|version| version.trim().parse::<u64>().ok()) {
            _ if site.site.level != Level::Script => Scripts::None,
            None => Scripts::Asked,
            Some(version) if version == site.site.version => Scripts::Run,
            Some(_) => Scripts::AskedAgain,
        }
    }
}

/// A page without anything that acts. It is made when it is asked for, always whole, and off the workers that answer, since
/// a long one takes its time.
async fn read_still(place: PathBuf, here: PagePath, signed: SiteFile) -> Option<Response<Body>> {
    made(move || {
        let page = fs::read(place).ok()?;
        (page.len() as u64 == signed.length).then(|| still(&page, &format!("/{}", &*here)).ok())?
    })
    .await
}

/// A page out of a text.
async fn read_text(
    site: Arc<Shown>,
    path: PagePath,
    signed: SiteFile,
    asked: &Parts,
) -> Option<Response<Body>> {
    let languages = said(&asked.headers, "accept-language").unwrap_or_default().to_owned();
    made(move || site.text(&path, signed.length, &languages)).await
}

async fn made(make: impl FnOnce() -> Option<String> + Send + 'static) -> Option<Response<Body>> {
    let page = spawn_blocking(make).await.ok()??;
    Some(([(header::CONTENT_TYPE, Media::Html.content_type())], page).into_response())
}

async fn answer(State(door): State<Arc<Door>>, request: Request<Body>) -> Response<Body> {
    let (asked, body) = request.into_parts();
    let host = said(&asked.headers, "host");
    let is_site = host.is_some_and(|host| host.eq_ignore_ascii_case(&door.site_host()));
    door.is_read.store(true, Ordering::Relaxed);
    let mut response =
        if is_site { door.page(&asked).await } else { door.frame(&asked, body).await };
    if asked.headers.contains_key(header::COOKIE) {
        response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cookies\""));
    }
    response
}

/// A field of a form.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// What a browser says about a request.
fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a browser asks for what a tab shows, which no other page can look into.
fn is_a_tab(asked: &Parts) -> bool {
    said(&asked.headers, "sec-fetch-dest") == Some("document")
}

/// Whether a page of somebody else asks. It must not learn which sites are here, but it may link to one: our own page does,
/// which is a stranger to these names.
fn is_asked_by_a_stranger(asked: &Parts) -> bool {
    let only_goes_there = is_a_tab(asked) && matches!(asked.method, Method::GET | Method::HEAD);
    said(&asked.headers, "sec-fetch-site") == Some("cross-site") && !only_goes_there
}

/// Whether a drawing is asked for as a picture, in which nothing acts; scripts that run may read it as well.
fn is_drawn(asked: &Parts, scripts: bool) -> bool {
    match said(&asked.headers, "sec-fetch-dest") {
        Some("image") => true,
        Some("empty") => scripts,
        _ => false,
    }
}

/// What a link to a drawing shows: it within a page of ours. By itself it would be a page that nothing was taken out of.
fn picture_page(path: &PagePath) -> Response<Body> {
    let path = &**path; // of letters, digits and `. _ - ~ /` alone
    let page = format!("<!doctype html><title>{path}</title><img src=\"/{path}\" alt=\"{path}\">");
    ([(header::CONTENT_TYPE, Media::Html.content_type())], page).into_response()
}

impl Door {
    /// A file of the site.
    async fn page(&self, asked: &Parts) -> Response<Body> {
        let (site, headers) = (self.site(), &asked.headers);
        let scripts = self.scripts(&site) == Scripts::Run;
        let rights = match site.site.level {
            Level::Text(_) => Rights::Drawn,
            _ if scripts => Rights::Scripts,
            _ => Rights::Still,
        };
        let policy = page_policy(&self.frame_origin(), rights);
        let refuse = |status: StatusCode| dress(status.into_response(), &policy);
        if !matches!(asked.method, Method::GET | Method::HEAD) {
            return refuse(StatusCode::METHOD_NOT_ALLOWED);
        }
        // A worker would outlive the visit.
        if is_asked_by_a_stranger(asked) || headers.contains_key("service-worker") {
            return refuse(StatusCode::FORBIDDEN);
        }
        if is_a_tab(asked) {
            let to = format!("{}{}", self.frame_origin(), asked.uri.path());
            return dress(
                (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
                &policy,
            );
        }
        match asked.uri.path() {
            leaving::PATH => return self.leave(&site, asked),
            leaving::STYLE_PATH => {
                let kind = [(header::CONTENT_TYPE, Media::Css.content_type())];
                return dress((kind, leaving::STYLE).into_response(), &policy);
            }
            _ => {}
        }
        if let Some(id) = port::poster_of(asked.uri.path()) {
            return dress(self.poster(&site, scripts, id).await, &policy);
        }
        if let (text::STYLE, Some(theme)) = (asked.uri.path(), site.site.level.theme()) {
            let kind = [(header::CONTENT_TYPE, Media::Css.content_type())];
            return dress((kind, text::style(theme)).into_response(), &policy);
        }
        let Some((path, signed)) = site.site.files.at(asked.uri.path()) else {
            return refuse(StatusCode::NOT_FOUND);
        };
        let place = site.place(path);
        let shown = match path.media() {
            Media::Markdown if rights == Rights::Drawn => {
                read_text(Arc::clone(&site), path.clone(), *signed, asked).await
            }
            Media::Script if !scripts => None,
            Media::Html if !scripts => read_still(place, path.clone(), *signed).await,
            Media::Drawing if !is_drawn(asked, scripts) => Some(picture_page(path)),
            media => file::shown(&place, signed, media, asked).await,
        };
        shown.map_or_else(|| refuse(StatusCode::NOT_FOUND), |shown| dress(shown, &policy))
    }

    /// The poster of a title that scripts may show.
    async fn poster(&self, site: &Shown, scripts: bool, id: String) -> Response<Body> {
        let asked = match (&site.site.channel, self.offer.get()) {
            (Some(word), Some(offer)) if scripts => {
                let _turn = self.posters.acquire().await;
                offer.0.poster((word.clone(), site.key), id).await
            }
            _ => Err(NotTold::NoChannel),
        };
        match asked {
            Ok(bytes) => ([(header::CONTENT_TYPE, image::MIME)], bytes).into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// What a script asks through the frame, which alone knows the token.
    async fn ask(&self, body: Body) -> Response<Body> {
        let text = match self.pressed(body).await {
            Ok(text) => text,
            Err(status) => return status.into_response(),
        };
        let site = self.site();
        let question = field(&text, "ask").and_then(Question::read);
        let answer = match (question, &site.site.channel, self.offer.get()) {
            _ if self.scripts(&site) != Scripts::Run => {
                return StatusCode::FORBIDDEN.into_response();
            }
            (None, _, _) => Err(NotTold::BadRequest),
            (Some(question), Some(word), Some(offer)) => {
                let _turn = self.asking.acquire().await;
                offer.0.answer((word.clone(), site.key), question).await
            }
            (Some(_), _, _) => Err(NotTold::NoChannel),
        };
        Json(port::told(answer)).into_response()
    }

    /// The page that leads out of the site.
    fn leave(&self, site: &Shown, asked: &Parts) -> Response<Body> {
        let policy = leaving_policy(&self.frame_origin());
        let languages = said(&asked.headers, "accept-language").unwrap_or_default();
        let query = asked.uri.query().unwrap_or_default();
        let is_here = |path: &str| path == "/" || site.site.files.at(path).is_some();
        let frame = self.home.is_some().then(|| self.frame_origin());
        let page = leaving::page(query, languages, frame.as_deref(), is_here);
        let shown = page.map_or_else(
            || StatusCode::NOT_FOUND.into_response(),
            |page| ([(header::CONTENT_TYPE, Media::Html.content_type())], page).into_response(),
        );
        dress(shown, &policy)
    }

    /// Sends a tab to the household's own page, which lets it in. Only a person's press in a page of this site opens one.
    fn go_home(&self, asked: &Parts) -> Response<Body> {
        let is_near = said(&asked.headers, "sec-fetch-site") == Some("same-site");
        let is_pressed = said(&asked.headers, "sec-fetch-user") == Some("?1");
        if !is_near || !is_pressed || !is_a_tab(asked) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let query = asked.uri.query().unwrap_or_default();
        match self.home.as_ref().and_then(|home| home.follow(query)) {
            Some(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// The frame, its style, and the visitor's answer to its question.
    async fn frame(&self, asked: &Parts, body: Body) -> Response<Body> {
        let (ours, inside) = (self.frame_origin(), self.site_origin());
        let site = self.site();
        let scripts = self.scripts(&site) == Scripts::Run;
        let policy = frame_policy(&ours, &inside, site.successor.as_ref(), scripts);
        let headers = &asked.headers;
        if is_asked_by_a_stranger(asked) {
            return dress(StatusCode::FORBIDDEN.into_response(), &policy);
        }
        let answer = match (&asked.method, asked.uri.path()) {
            (&Method::POST, "/.scripts") => self.agree(body).await,
            (&Method::POST, "/.move") => self.move_on(body).await,
            (&Method::POST, "/.ask") => self.ask(body).await,
            (&Method::POST, "/.newer") => self.go_newer(asked.uri.query(), body).await,
            (&Method::GET, "/.newer") => Json(json!({"version": self.newer()})).into_response(),
            (&(Method::GET | Method::HEAD), "/.frame.js") => {
                let kind = Media::Script.content_type();
                ([(header::CONTENT_TYPE, kind)], frame::SCRIPT).into_response()
            }
            (&(Method::GET | Method::HEAD), "/.frame.css") => {
                let kind = Media::Css.content_type();
                ([(header::CONTENT_TYPE, kind)], frame::STYLE).into_response()
            }
            (&Method::GET, leaving::HOME_PATH) => self.go_home(asked),
            (&(Method::GET | Method::HEAD), path) => {
                let languages = said(headers, "accept-language").unwrap_or_default();
                let kind = Media::Html.content_type();
                ([(header::CONTENT_TYPE, kind)], self.framed(path, asked.uri.query(), languages))
                    .into_response()
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        };
        dress(answer, &policy)
    }

    fn framed(&self, path: &str, query: Option<&str>, languages: &str) -> String {
        let site = self.site();
        let scripts = self.scripts(&site);
        // An address that means nothing shows the beginning.
        let path = if site.site.files.at(path).is_some() { path } else { "/" };
        let origin = self.site_origin();
        let leads = match self.leading() {
            None => Leads::Nowhere,
            Some(_) if self.answers.of(&site.key) == Some(Answer::Stays) => Leads::Nowhere,
            Some(_) if query == Some(NOT_THERE) => Leads::Missed,
            Some(_) => Leads::On,
        };
        let (visited, token, newer) = (&*site, &*self.token, self.newer().is_some());
        Frame { visited, origin, path, scripts, token, languages, leads, newer }.html()
    }

    /// Notes whether the scripts of this version may run. Only the frame's own button knows the token.
    async fn agree(&self, body: Body) -> Response<Body> {
        let text = match self.pressed(body).await {
            Ok(text) => text,
            Err(status) => return status.into_response(),
        };
        let noted = match field(&text, "agree") {
            Some("1") => fs::write(&self.agreed, self.site().site.version.to_string()),
            _ => fs::remove_file(&self.agreed),
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "what the visitor agreed to was not noted");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response()
    }

    /// Leads to the site that this one was handed over to, or leaves the visitor where they are, as they say. They are not
    /// asked again.
    async fn move_on(&self, body: Body) -> Response<Body> {
        let text = match self.pressed(body).await {
            Ok(text) => text,
            Err(status) => return status.into_response(),
        };
        if field(&text, "go") == Some("0") {
            self.note(Answer::Stays);
            return (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
        }
        let (Some(next), Some(leading)) = (self.site().successor, self.leading()) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let led = leading(next).await;
        if led.is_some() {
            self.note(Answer::Goes(next));
        }
        let to = led.unwrap_or_else(|| format!("/?{NOT_THERE}"));
        (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
    }

    /// Shows the version that waits, at the same page.
    async fn go_newer(&self, page: Option<&str>, body: Body) -> Response<Body> {
        if let Err(status) = self.pressed(body).await {
            return status.into_response();
        }
        self.show_newer();
        let site = self.site();
        // A path of a page that is not there any more, or of none, leads to the beginning.
        let page = page.filter(|page| site.site.files.at(page).is_some()).unwrap_or("/").to_owned();
        (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response()
    }

    /// An answer that cannot be noted is asked for again.
    fn note(&self, answer: Answer) {
        if let Err(error) = self.answers.note(&self.site().key, Some(answer)) {
            tracing::warn!(%error, "whether a visitor goes along was not noted");
        }
    }

    /// What a button of the frame sends: it alone knows the token.
    async fn pressed(&self, body: Body) -> Result<String, StatusCode> {
        let body = Limited::new(body, ANSWER_MAX).collect().await;
        let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        let token = field(&text, "token").unwrap_or_default();
        match bool::from(token.as_bytes().ct_eq(self.token.as_bytes())) {
            true => Ok(text),
            false => Err(StatusCode::FORBIDDEN),
        }
    }
}
