//! `kinora site`: folders of pages that their visitors keep alive.

mod keys;
mod mirroring;
mod moved;
mod serving;
mod theme;

use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use catalogue::channel::{Address, Key, Level, SiteChannel};
use channels::{Channels, Own, PublishedSite, SiteError, Visited};
use clap::Subcommand;
use driver::Session;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    Shared,
    channel::{CreateArgs, Kind, create_in},
    ending, follow,
    household::{of_fetching, of_folder, of_own, sentence},
    loopback,
    network::NetworkArgs,
    output::{Output, printable},
    served::Served,
    visit::Visit,
};
use crate::{
    failure::{Exit, Failure},
    folder_lock::FolderLock,
    serve::open_page,
    sites::{Door, Leading},
};

const EXAMPLES: &str = "\
Examples:
  kinora site create 'Silent evenings' --contact mailto:rights@example.org
  kinora site publish ~/texts --markdown --palette sea
  kinora site publish ~/pages
  kinora site export --to public/evenings
  kinora site mirror https://example.org/evenings/
  kinora site open kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy

A folder of Markdown and pictures, with an index.md, is a site with --markdown: Kinora draws its pages. Else pages are HTML,
CSS, pictures and fonts, with an index.html. Scripts need --scripts, and every visitor's agreement.";

/// How long the site that another one was handed over to is looked for.
const LED_FOR: Duration = Duration::from_secs(60);
/// How long a newer version than the one that is here is looked for at most, seconds.
const LOOKED_FOR: u64 = 15;
const NONE_NEWER: &str = "The network has no newer version now; this is the one that was here.";

/// Make, publish and open sites: folders of pages that live without a server
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Clone, Subcommand)]
enum Word {
    /// Make a site and its keys; nobody knows of it until it is published
    Create(CreateArgs),
    /// Sign what is in a folder, tell the network, and share it until stopped
    Publish(PublishArgs),
    /// Find a site, show it in the browser, and share it until stopped
    Open(OpenArgs),
    /// Write a site that is here as a folder for a web server
    Export(mirroring::ExportArgs),
    /// Name a web server that has a copy of the site, or list those that have
    Mirror(mirroring::MirrorArgs),
    /// Bring a site back from the 24 words on paper
    Restore(keys::RestoreArgs),
    /// Replace the key that signs versions, because it may be stolen
    Rotate(keys::KeyArgs),
    /// Hand the site over to its next root key, because the old one may be stolen
    HandOver(keys::KeyArgs),
    /// Lock the site's secret with another passphrase, or with none
    Lock(keys::LockArgs),
    /// Take updates again after two different versions were signed; nothing older than what is here is ever taken
    Forgive(ForgiveArgs),
    /// Take the secret off this machine, once its 24 words were typed as they are on paper
    RemoveSecret(keys::RemoveArgs),
}

#[derive(Debug, Clone, clap::Args)]
struct PublishArgs {
    /// The folder of pages; index.html is where it begins, or index.md
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The site's address; may be left out if there is only one
    #[arg(long, value_name = "ADDRESS")]
    site: Option<String>,
    /// The pages may have scripts of their own; visitors are asked whether they agree
    #[arg(long)]
    scripts: bool,
    /// The address of a channel of yours whose titles the scripts may show; said once, it stays
    #[arg(long, value_name = "ADDRESS", requires = "scripts")]
    channel: Option<String>,
    #[command(flatten)]
    theme: theme::Args,
    /// End as soon as the network knows of it
    #[arg(long)]
    once: bool,
    /// End when standard input closes, as a helper of another program
    #[arg(long, hide = true)]
    until_input_ends: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Debug, Clone, clap::Args)]
struct OpenArgs {
    /// `kinora:…`, or `magnet:?xs=urn:btpk:…`
    address: String,
    /// Where to show it; port 0 picks a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    http: SocketAddr,
    /// How long to look for it, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    /// Wait for the newest version instead of showing at once the one that is here
    #[arg(long)]
    newest: bool,
    /// What to do if its publisher moved it to another address; without it you are told where it is, or what you said
    /// before counts
    #[arg(long, value_enum, value_name = "ANSWER")]
    if_moved: Option<moved::IfMoved>,
    /// Do not open the browser
    #[arg(long)]
    no_open: bool,
    /// End when standard input closes, as a helper of another program
    #[arg(long, hide = true)]
    until_input_ends: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

impl OpenArgs {
    /// Whether the network is asked before anything is shown. Whoever wants to go along with a site that moved has to know
    /// whether it did.
    fn is_newest(&self) -> bool {
        self.newest || self.if_moved == Some(moved::IfMoved::Go)
    }
}

#[derive(Debug, Clone, clap::Args)]
struct ForgiveArgs {
    /// `kinora:…`, or `magnet:?xs=urn:btpk:…`
    address: String,
}

/// The sites of a household; no other command uses them meanwhile.
struct Sites {
    root: PathBuf,
    sites: Channels,
    _lock: FolderLock,
}

impl Sites {
    fn open(shared: &Shared) -> Result<Self, Failure> {
        let root = shared.settings(&[])?.data_dir()?.join("sites");
        let lock = FolderLock::take(&root, "--data-dir")?;
        let sites = Channels::open(&root).map_err(|error| of_folder(&error))?;
        Ok(Self { root, sites, _lock: lock })
    }

    /// Where the session keeps what it knows of torrents between runs.
    fn records(&self) -> PathBuf {
        self.root.join("resume")
    }

    /// The own site that is meant.
    fn open_own(&self, address: Option<&str>) -> Result<Own, Failure> {
        let folder = self.sites.folder(self.own(address)?);
        Own::open(folder).map_err(|error| of_own(&error))
    }

    /// The key of the own site that is meant.
    fn own(&self, address: Option<&str>) -> Result<Key, Failure> {
        if let Some(address) = address {
            return Ok(follow::parse(address)?.key);
        }
        let all = self.sites.all().map_err(|error| of_folder(&error))?;
        let own: Vec<_> = all.iter().filter(|folder| folder.is_own()).collect();
        match own[..] {
            [one] => Ok(*one.key()),
            [] => Err(none_here()),
            _ => Err(several()),
        }
    }
}

fn none_here() -> Failure {
    Failure::new(
        Exit::BadInput,
        "not_ours",
        "There is no site of yours here.",
        "`kinora site create` makes one; or name the --data-dir that has it.",
    )
}

fn several() -> Failure {
    Failure::new(
        Exit::BadInput,
        "which_site",
        "There are several sites of yours here.",
        "Name one with --site.",
    )
}

/// Runs `kinora site`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    if let Some(server) = Served::find(shared)? {
        return serving::run(args.word, shared, &server, output).await;
    }
    let sites = Sites::open(shared)?;
    match args.word {
        Word::Create(args) => create_in(&sites.sites, args, Kind::Site, output),
        Word::Publish(args) => publish(args, &sites, shared, output).await,
        Word::Open(args) => open(args, &sites, shared, output).await,
        Word::Export(args) => mirroring::export(args, &sites, output).await,
        Word::Mirror(args) => {
            mirroring::change(&args, &sites, output)?;
            Ok(ExitCode::SUCCESS)
        }
        Word::Restore(args) => keys::restore(&args, &sites, shared, output).await,
        Word::Rotate(args) => keys::rotate(&args, &sites, output),
        Word::HandOver(args) => keys::hand_over(&args, &sites, output),
        Word::Lock(args) => keys::lock(&args, &sites, output),
        Word::Forgive(args) => forgive(&args, &sites, output),
        Word::RemoveSecret(args) => keys::remove(&args, &sites, output),
    }
}

async fn publish(
    args: PublishArgs,
    sites: &Sites,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let key = *sites.open_own(args.site.as_deref())?.folder().key();
    let level = level(&args, sites, key)?;
    let channel = word(&args, sites, shared, key)?;
    // Whoever interrupts it now ends the program.
    let go_on = |_| ControlFlow::Continue(());
    let published =
        channels::publish_site(&sites.sites, key, whole(&args.folder), level, channel, go_on).await;
    let published = published.map_err(|error| of_site(&error))?;
    let visit = Visit::begin(sites.records(), &args.network, None, shared).await?;
    let ended = tokio::select! {
        ended = share(&visit, sites, &args, &published, output) => ended,
        ending = ending::asked(args.until_input_ends) => Ok(ending.code()),
    };
    visit.end(true).await;
    ended
}

/// What the pages may do.
fn level(args: &PublishArgs, sites: &Sites, key: Key) -> Result<Level, Failure> {
    let Some(wish) = args.theme.wish() else {
        return Ok(if args.scripts { Level::Script } else { Level::Static });
    };
    let last = channels::own_site(&sites.sites, key).map_err(|error| of_site(&error))?.published;
    let last = last.as_ref().and_then(|site| site.level.theme());
    wish.after(last).map(Level::Text).map_err(|why| theme::refused(&why))
}

/// The word for the channel whose titles its scripts may show.
fn word(
    args: &PublishArgs,
    sites: &Sites,
    shared: &Shared,
    site: Key,
) -> Result<Option<SiteChannel>, Failure> {
    let wanted = args.channel.as_deref().map(follow::parse).transpose()?.map(|named| named.key);
    let last = channels::own_site(&sites.sites, site).map_err(|error| of_site(&error))?.published;
    let last = last.and_then(|last| last.channel);
    if wanted.is_none() && last.is_none() {
        return Ok(None);
    }
    let root = shared.settings(&[])?.data_dir()?.join("channels");
    let channels = Channels::open(&root).map_err(|error| of_folder(&error))?;
    channels::word_for_site(&channels, wanted, last.as_ref(), &site).map_err(|error| of_own(&error))
}

/// The same folder wherever it is asked for.
fn whole(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

async fn share(
    visit: &Visit,
    sites: &Sites,
    args: &PublishArgs,
    published: &PublishedSite,
    output: Output,
) -> Result<ExitCode, Failure> {
    let put = async |session: &Session| {
        channels::put_site(session, &sites.sites, published.key)
            .await
            .map_err(|error| of_site(&error))
    };
    let copies = visit.until_taken(put).await?;
    tell_published(published, copies, output);
    if !args.once {
        channels::stay(visit.session(), &sites.sites, published.key, |_| {}).await;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_published(published: &PublishedSite, copies: usize, output: Output) {
    let PublishedSite { key, version, files, new_bytes, torrent } = published;
    let address = Address::new(*key).to_string();
    let object = json!({
        "event": "published", "address": address, "version": version, "files": files,
        "new_bytes": new_bytes, "copies": copies,
        "infohash_v1": torrent.v1().map(|hash| hash.to_string()),
        "infohash_v2": torrent.v2().map(|hash| hash.to_string()),
    });
    say_published(&object, output);
}

fn say_published(object: &Value, output: Output) {
    output.say(object, || {
        let address = object["address"].as_str().unwrap_or_default();
        let (version, copies) = (&object["version"], &object["copies"]);
        format!("Version {version} of {address} is out: {copies} nodes know of it.")
    });
    if object["copies"] == 0 {
        output.note(
            "No node of the DHT took it yet: visitors will not find it. Check the connection.",
        );
    }
}

async fn open(
    args: OpenArgs,
    sites: &Sites,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let asked = follow::parse(&args.address)?;
    let visit = Visit::begin(sites.records(), &args.network, None, shared).await?;
    let ended = tokio::select! {
        ended = show(&visit, sites, &asked, &args, output) => ended,
        ending = ending::asked(args.until_input_ends) => Ok(ending.code()),
    };
    visit.end(true).await;
    ended
}

async fn show(
    visit: &Visit,
    sites: &Sites,
    address: &Address,
    args: &OpenArgs,
    output: Output,
) -> Result<ExitCode, Failure> {
    let found = moved::settled(visit, sites, address, args).await?;
    let is_own = sites.sites.folder(address.key).is_own();
    let is_looked_for = matches!(found, Found::Here(_)) && !is_own;
    let visited = match found {
        Found::Newest(visited) | Found::Here(visited) => visited,
        Found::Kept(visited) => {
            output.note(NONE_NEWER);
            visited
        }
    };
    let listener = loopback::listen(args.http).await?;
    let port = listener.local_addr().unwrap_or(args.http).port();
    let (key, scripts) = (visited.key, visited.site.level == Level::Script);
    let name = visited.site.name.pick(&[] as &[&str]).unwrap_or_default().to_owned();
    let version = visited.site.version;
    let successor = visited.successor.map(|next| Address::new(next).to_string());
    let door = Door::new(visited, &sites.root, port, None).map_err(super::visit::no_randomness)?;
    door.leads(Some(leading(visit.session(), sites)));
    let (_stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(Arc::clone(&door).serve(listener, stopped));
    let url = door.url();
    let object = json!({
        "event": "ready", "url": url, "address": Address::new(key).to_string(), "name": name,
        "version": version, "scripts": scripts, "successor": successor,
    });
    output.say(&object, || format!("{} is open: {url}\nCtrl-C closes it.", printable(&name)));
    tell_moved(successor.as_deref(), output);
    if !args.no_open && !output.is_json() {
        open_page(&url);
    }
    let renew = |visited: &Visited| {
        door.renew(visited.clone());
        let successor = visited.successor.map(|next| Address::new(next).to_string());
        output.object(&json!({
            "event": "updated", "version": visited.site.version, "successor": successor,
        }));
    };
    let look = async {
        if is_looked_for {
            look(visit.session(), &sites.sites, key, args.timeout, renew, output).await;
        }
    };
    tokio::join!(look, channels::stay(visit.session(), &sites.sites, key, renew));
    serving.abort();
    Ok(ExitCode::SUCCESS)
}

/// Looks for a newer version of a site that is shown meanwhile.
async fn look(
    session: &Session,
    sites: &Channels,
    shown: Key,
    timeout: u64,
    renew: impl Fn(&Visited),
    output: Output,
) {
    let (address, patience) = (Address::new(shown), Duration::from_secs(timeout.min(LOOKED_FOR)));
    match channels::visit_site(session, sites, &address, patience).await {
        Ok(newest) if newest.is_new => renew(&newest),
        Ok(_) => {}
        Err(error) => {
            tracing::info!(site = %shown.short(), %error, "no newer version of a site was found");
            output.note(NONE_NEWER);
        }
    }
}

/// Says where a site goes on; nobody is led there unasked.
fn tell_moved(successor: Option<&str>, output: Output) {
    if let Some(next) = successor {
        output.note(&format!(
            "Its publisher handed this site over to a new address, {next}: `kinora site open --if-moved go` opens it there."
        ));
    }
}

/// Opens the site that another one was handed over to, when a visitor says so, until the program ends.
fn leading(session: &Session, sites: &Sites) -> Leading {
    let (session, channels, root) = (session.clone(), sites.sites.clone(), sites.root.clone());
    Arc::new(move |key| {
        let (session, channels, root) = (session.clone(), channels.clone(), root.clone());
        Box::pin(async move { lead(session, channels, key, &root).await })
    })
}

async fn lead(session: Session, channels: Channels, key: Key, root: &Path) -> Option<String> {
    let address = Address::new(key);
    let visited = channels::visit_site(&session, &channels, &address, LED_FOR).await.ok()?;
    let listener = loopback::listen((Ipv4Addr::LOCALHOST, 0).into()).await.ok()?;
    let door = Door::new(visited, root, listener.local_addr().ok()?.port(), None).ok()?;
    let (url, showing) = (door.url(), Arc::clone(&door));
    tokio::spawn(async move {
        let (_stop, stopped) = watch::channel(false);
        let renew = |visited: &Visited| showing.renew(visited.clone());
        let serve = Arc::clone(&showing).serve(listener, stopped);
        tokio::join!(serve, channels::stay(&session, &channels, key, renew));
    });
    Some(url)
}

fn forgive(args: &ForgiveArgs, sites: &Sites, output: Output) -> Result<ExitCode, Failure> {
    let address = follow::parse(&args.address)?;
    channels::forgive_site(&sites.sites, address.key).map_err(|error| of_site(&error))?;
    tell_forgiven(&address, output);
    Ok(ExitCode::SUCCESS)
}

fn tell_forgiven(address: &Address, output: Output) {
    let object = json!({"event": "forgiven", "address": address.to_string()});
    output.say(&object, || {
        format!("Updates of {address} are taken again, none older than what is here.")
    });
}

/// A version of a site.
enum Found {
    /// The network has no newer one.
    Newest(Visited),
    /// It was here, and nobody knew a newer one.
    Kept(Visited),
    /// It was here, and nobody was asked yet.
    Here(Visited),
}

/// The version that is here, if that is enough, or the newest that can be had.
async fn here_or_newest(
    visit: &Visit,
    sites: &Sites,
    address: &Address,
    args: &OpenArgs,
) -> Result<Found, SiteError> {
    match channels::open_kept_site(&sites.sites, address) {
        Ok(kept) if !args.is_newest() => Ok(Found::Here(kept)),
        _ => find(visit, sites, address, args.timeout).await,
    }
}

/// The newest version that can be had within so many seconds; the one that is here if the network has none.
async fn find(
    visit: &Visit,
    sites: &Sites,
    address: &Address,
    timeout: u64,
) -> Result<Found, SiteError> {
    let kept = channels::kept_site(&sites.sites, address.key);
    // Whoever has a version waits less for a newer one.
    let patience =
        Duration::from_secs(if kept.is_ok() { timeout.min(LOOKED_FOR) } else { timeout });
    let error = match channels::visit_site(visit.session(), &sites.sites, address, patience).await {
        Ok(visited) => return Ok(Found::Newest(visited)),
        Err(error) => error,
    };
    if let (Ok(kept), Exit::NotFound | Exit::BadInput) = (kept, of_site(&error).exit) {
        return Ok(Found::Kept(kept));
    }
    Err(error)
}

fn of_site(error: &SiteError) -> Failure {
    let told = |exit, code, hint: &str| Failure::new(exit, code, sentence(error), hint);
    match error {
        SiteError::NoDht => told(
            Exit::BadInput,
            "dht_off",
            "Leave out --no-dht, or name a node with --dht-bootstrap.",
        ),
        SiteError::Moved(next) => {
            let next = Address::new(*next);
            let hint = format!("`kinora site open --if-moved go` opens it there, at {next}.");
            told(Exit::NotFound, "site_moved", &hint)
        }
        SiteError::Ours => told(Exit::BadInput, "site_ours", "Its folder can be deleted by hand."),
        SiteError::NobodyThere => told(
            Exit::NotFound,
            "dht_unreachable",
            "Check the connection, or name a node with --dht-bootstrap.",
        ),
        SiteError::Unknown => {
            told(Exit::NotFound, "site_unknown", "Check the address, or try again later.")
        }
        SiteError::Fetch(error) => of_fetching(error),
        SiteError::Folder(error) => of_folder(error),
        SiteError::Own(error) => of_own(error),
        SiteError::Bad(_) | SiteError::OtherPage(_) => told(
            Exit::Refused,
            "site_bad",
            "Tell its publisher. If it is a channel, use `kinora follow`.",
        ),
        SiteError::Gather(_) | SiteError::Torrent(_) => {
            told(Exit::BadInput, "site_unfit", "Change the folder and publish it again.")
        }
        SiteError::Stopped => told(Exit::NotFound, "interrupted", "Publish it again."),
        SiteError::NotAccepted => told(
            Exit::Refused,
            "not_newest",
            "Publish from the machine that published last, and check the clock.",
        ),
    }
}
