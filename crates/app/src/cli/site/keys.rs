//! `kinora site restore`, `rotate` and `lock`: what becomes of a site's keys.

use std::process::ExitCode;

use catalogue::channel::Address;
use channels::{Own, OwnError, OwnSite, Seed};
use hyper::Method;
use serde_json::{Value, json};

use super::{
    super::{
        Shared,
        channel::{
            BackArgs, NOT_REACHED, OldPassphrase, Passphrase, tell_locked, tell_restored,
            tell_rotated,
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

/// What `rotate` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RotateArgs {
    /// The site's address; may be left out if there is only one
    #[arg(long, value_name = "ADDRESS")]
    site: Option<String>,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// What `lock` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LockArgs {
    #[command(flatten)]
    old: OldPassphrase,
    #[command(flatten)]
    new: RotateArgs,
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
    match found? {
        Err(code) => return Ok(code),
        Ok(Found::Kept(_)) => output.note(NOT_REACHED),
        Ok(Found::Newest(_)) => {}
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
pub(super) fn rotate(
    args: &RotateArgs,
    sites: &Sites,
    output: Output,
) -> Result<ExitCode, Failure> {
    let mut own = sites.open_own(args.site.as_deref())?;
    let rotated = own.replace_online_key(args.passphrase.read()?.as_deref());
    rotated.map_err(|error| of_own(&error))?;
    tell_rotated(&text(&own), output);
    Ok(ExitCode::SUCCESS)
}

fn text(own: &Own) -> String {
    Address::new(*own.folder().key()).to_string()
}

/// The same, by the server that runs.
pub(super) async fn rotate_served(
    args: &RotateArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("/{}/rotate", serving::chosen(args.site.as_deref(), server).await?);
    let body = json!({"passphrase": args.passphrase.read()?});
    let site = server.own_site(Method::POST, &path, body).await?;
    tell_rotated(address_of(&site), output);
    Ok(())
}

/// Locks a site's secret with another passphrase.
pub(super) fn lock(args: &LockArgs, sites: &Sites, output: Output) -> Result<ExitCode, Failure> {
    let own = sites.open_own(args.new.site.as_deref())?;
    let (old, new) = (args.old.read()?, args.new.passphrase.read()?);
    own.lock(old.as_deref(), new.as_deref()).map_err(|error| of_own(&error))?;
    tell_locked(&text(&own), new.is_some(), output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn lock_served(
    args: &LockArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("/{}/passphrase", serving::chosen(args.new.site.as_deref(), server).await?);
    let new = args.new.passphrase.read()?;
    let is_locked = new.is_some();
    let body = json!({"old": args.old.read()?, "new": new});
    let site = server.own_site(Method::PUT, &path, body).await?;
    tell_locked(address_of(&site), is_locked, output);
    Ok(())
}
