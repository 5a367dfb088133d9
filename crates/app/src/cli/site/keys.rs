//! `kinora site restore`, `rotate`, `hand-over`, `lock` and `remove-secret`: what becomes of a site's keys.

use std::process::ExitCode;

use catalogue::channel::Address;
use channels::{Own, OwnError, OwnSite, Seed};
use hyper::Method;
use serde_json::{Value, json};

use super::{
    super::{
        Shared,
        channel::{
            AfterHandOver, BackArgs, NOT_REACHED, OldPassphrase, Opens, Paper, Passphrase, Words,
            tell_handed_over, tell_locked, tell_removed, tell_restored, tell_rotated,
        },
        ending, follow,
        household::of_own,
        output::Output,
        served::Served,
        visit::Visit,
    },
    Found, Sites, find, of_site, serving,
};
use crate::failure::Failure;

/// What `restore` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RestoreArgs {
    /// The site's address, if it names peers that have it
    #[arg(long, value_name = "ADDRESS")]
    site: Option<String>,
    #[command(flatten)]
    back: BackArgs,
}

/// Which site is meant.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Which {
    /// The site's address; may be left out if there is only one
    #[arg(long, value_name = "ADDRESS")]
    site: Option<String>,
}

impl Which {
    pub(super) fn site(&self) -> Option<&str> {
        self.site.as_deref()
    }
}

/// What `rotate` and `hand-over` are given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct KeyArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    paper: Paper,
}

impl KeyArgs {
    fn opens(&self) -> Result<Opens, Failure> {
        self.paper.or(&self.passphrase)
    }
}

/// What `lock` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LockArgs {
    #[command(flatten)]
    old: OldPassphrase,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// What `remove-secret` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RemoveArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    words: Words,
}

/// Makes the publisher's side of a site again, out of its words and what the network has of it.
pub(super) async fn restore(
    args: &RestoreArgs,
    sites: &Sites,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let (seed, passphrase) = (args.back.words.seed()?, args.back.passphrase.read()?);
    let address = address(args, &seed)?;
    if sites.sites.folder(address.key).is_own() {
        return Err(of_own(&OwnError::AlreadyHere));
    }
    let visit = Visit::begin(sites.records(), &args.back.network, None, shared).await?;
    let found = tokio::select! {
        found = find(&visit, sites, &address, args.back.timeout) => found.map(Ok),
        ending = ending::signal() => Ok(Err(ending.code())),
    };
    visit.end(true).await;
    match found.map_err(|error| of_site(&error))? {
        Err(code) => return Ok(code),
        Ok(Found::Kept(_)) => output.note(NOT_REACHED),
        Ok(Found::Newest(_) | Found::Here(_)) => {}
    }
    let is_locked = passphrase.is_some();
    let restored = channels::restore_site(&sites.sites, address.key, seed, passphrase).await;
    let OwnSite { name, published, .. } = restored.map_err(|error| of_site(&error))?;
    let name = name.pick(&[] as &[&str]).unwrap_or_default();
    let version = published.map_or(0, |site| site.version);
    tell_restored(name, &address.to_string(), version, is_locked, output);
    Ok(ExitCode::SUCCESS)
}

/// The site that the words bring back.
fn address(args: &RestoreArgs, seed: &Seed) -> Result<Address, Failure> {
    let address = match &args.site {
        Some(address) => follow::parse(address)?,
        None => Address::new(channels::root_of(seed)),
    };
    match seed.generation_of(&address.key) {
        Some(_) => Ok(address),
        None => Err(of_own(&OwnError::OtherWords)),
    }
}

/// The same, by the server that runs.
pub(super) async fn restore_served(
    args: &RestoreArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let (words, passphrase) = (args.back.words.checked()?, args.back.passphrase.read()?);
    let is_locked = passphrase.is_some();
    let body = json!({
        "words": words, "passphrase": passphrase, "address": args.site, "patience_s": args.back.timeout,
    });
    let restored = server.own_site(Method::POST, "/restore", body).await?;
    if restored["newest"] == false {
        output.note(NOT_REACHED);
    }
    let (site, version) = (&restored["site"], restored["site"]["version"].as_u64());
    let name = site["name"].as_str().unwrap_or_default();
    tell_restored(name, address_of(site), version.unwrap_or_default(), is_locked, output);
    Ok(())
}

fn address_of(site: &Value) -> &str {
    site["address"].as_str().unwrap_or_default()
}

/// Replaces the key that signs versions.
pub(super) fn rotate(args: &KeyArgs, sites: &Sites, output: Output) -> Result<ExitCode, Failure> {
    let mut own = sites.open_own(args.which.site.as_deref())?;
    let rotated = own.replace_online_key(&args.opens()?.opening()?);
    rotated.map_err(|error| of_own(&error))?;
    tell_rotated(&text(&own), output);
    Ok(ExitCode::SUCCESS)
}

fn text(own: &Own) -> String {
    Address::new(*own.folder().key()).to_string()
}

/// The same, by the server that runs.
pub(super) async fn rotate_served(
    args: &KeyArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("/{}/rotate", serving::chosen(args.which.site.as_deref(), server).await?);
    let body = args.opens()?.body("passphrase");
    let site = server.own_site(Method::POST, &path, body).await?;
    tell_rotated(address_of(&site), output);
    Ok(())
}

/// Locks a site's secret with another passphrase.
pub(super) fn lock(args: &LockArgs, sites: &Sites, output: Output) -> Result<ExitCode, Failure> {
    let own = sites.open_own(args.which.site.as_deref())?;
    let (old, new) = (args.old.read()?.opening()?, args.passphrase.read()?);
    own.lock(&old, new.as_deref()).map_err(|error| of_own(&error))?;
    tell_locked(&text(&own), new.is_some(), output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn lock_served(
    args: &LockArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let site = args.which.site.as_deref();
    let path = format!("/{}/passphrase", serving::chosen(site, server).await?);
    let mut body = args.old.read()?.body("old");
    let new = args.passphrase.read()?;
    let is_locked = new.is_some();
    body["new"] = json!(new);
    let site = server.own_site(Method::PUT, &path, body).await?;
    tell_locked(address_of(&site), is_locked, output);
    Ok(())
}

const PUBLISH_THERE: AfterHandOver = (
    "kinora site publish FOLDER --site",
    "Keep the old one shared for a while: whoever opens it is asked whether to go to the new one. The 24 words stay the same.",
);

/// Hands a site over to its next root key.
pub(super) fn hand_over(
    args: &KeyArgs,
    sites: &Sites,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = sites.open_own(args.which.site.as_deref())?;
    let next = own.hand_over(&sites.sites, &args.opens()?.opening()?);
    let next = next.map_err(|error| of_own(&error))?;
    tell_handed_over(&text(&own), &text(&next), PUBLISH_THERE, output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn hand_over_served(
    args: &KeyArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let id = serving::chosen(args.which.site.as_deref(), server).await?;
    let body = args.opens()?.body("passphrase");
    let next = server.own_site(Method::POST, &format!("/{id}/hand-over"), body).await?;
    tell_handed_over(&format!("kinora:{id}"), address_of(&next), PUBLISH_THERE, output);
    Ok(())
}

/// Takes a site's secret off this machine.
pub(super) fn remove(
    args: &RemoveArgs,
    sites: &Sites,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = sites.open_own(args.which.site.as_deref())?;
    own.remove_secret(&args.words.seed()?).map_err(|error| of_own(&error))?;
    tell_removed(&text(&own), output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn remove_served(
    args: &RemoveArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let id = serving::chosen(args.which.site.as_deref(), server).await?;
    let body = json!({"words": args.words.checked()?});
    let site = server.own_site(Method::DELETE, &format!("/{id}/secret"), body).await?;
    tell_removed(address_of(&site), output);
    Ok(())
}
