//! `kinora channel mirror` and `export --format mirror`: web servers that have a copy of ours, and what they have.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use catalogue::channel::{Address, Key, MirrorUrl};
use channels::{Channels, FollowError, Own};
use hyper::Method;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    super::{
        Shared,
        household::{Household, of_folder, of_following, of_own},
        output::{Output, printable, size},
        served::Served,
        visit,
    },
    Which,
    exporting::ExportArgs,
    serving,
};
use crate::{
    failure::{Exit, Failure},
    masters::Masters,
    mirroring::{CannotMirror, Mirrored, Progress, Sources, mirror},
};

/// Scripts hear how far it is this often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What `mirror` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct MirrorArgs {
    /// The address of the folder there, `https://…/`; without it the mirrors are listed
    url: Option<String>,
    /// Name it no longer
    #[arg(long, requires = "url")]
    remove: bool,
    #[command(flatten)]
    which: Which,
}

impl MirrorArgs {
    fn url(&self) -> Result<Option<MirrorUrl>, Failure> {
        let read = self.url.as_deref().map(MirrorUrl::of_person).transpose();
        read.map_err(|why| {
            let message = format!("This cannot be a mirror: {why}.");
            let hint = "Give the address of a folder that any browser can open.";
            Failure::new(Exit::BadInput, "mirror_bad", message, hint)
        })
    }

    fn tell(&self, key: Key, mirrors: &Value, output: Output) {
        let urls = mirrors.as_array().into_iter().flatten().filter_map(|one| one["url"].as_str());
        let urls = urls.filter_map(|url| MirrorUrl::of_person(url).ok()).collect();
        let address = Address { mirrors: urls, ..Address::new(key) };
        let text = address.to_string();
        let object = json!({"event": "mirrors", "mirrors": mirrors, "address": text});
        output.say(&object, || match lines(mirrors) {
            none if none.is_empty() => "The channel names no mirrors.".to_owned(),
            lines => lines.trim_start().to_owned(),
        });
        if !address.mirrors.is_empty() {
            output.note(&format!("The address for those who have nothing of it yet:\n{text}"));
        }
        if self.url.is_some() {
            output.note("Publish to tell followers.");
        }
    }
}

/// Changes or lists the mirrors of an own channel.
pub(super) fn change(
    args: &MirrorArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let (mut own, url) = (args.which.own(household)?, args.url()?);
    match url {
        Some(url) if args.remove => remove(&mut own, &url)?,
        Some(url) => own.add_mirror(url).map_err(|error| of_own(&error))?,
        None => (),
    }
    args.tell(*own.folder().key(), &listed(&own), output);
    Ok(ExitCode::SUCCESS)
}

fn remove(own: &mut Own, url: &MirrorUrl) -> Result<(), Failure> {
    let was_named = own.remove_mirror(url).map_err(|error| of_own(&error))?;
    if was_named { Ok(()) } else { Err(unknown(url)) }
}

/// The same, by the server that runs.
pub(super) async fn change_served(
    args: &MirrorArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let (path, url) = (serving::chosen(&args.which, server).await?, args.url()?);
    let mirrors = format!("{path}/mirrors");
    let own = match url {
        Some(url) if args.remove => {
            let body = json!({"url": &*url});
            server.change_own(Method::DELETE, &mirrors, Some(body)).await?
        }
        Some(url) => server.own(&mirrors, Some(json!({"url": &*url}))).await?,
        None => server.own(&path, None).await?,
    };
    args.tell(key_of(&path)?, &own["mirrors"], output);
    Ok(())
}

/// The key in the path of an own channel.
fn key_of(path: &str) -> Result<Key, Failure> {
    let key = Key::parse(path.trim_start_matches('/'));
    key.ok_or_else(|| of_own(&channels::OwnError::NotOurs))
}

fn unknown(url: &MirrorUrl) -> Failure {
    let message = format!("{} is none of the channel's mirrors.", &**url);
    let hint = "`kinora channel mirror` lists them.";
    Failure::new(Exit::NotFound, "mirror_unknown", message, hint)
}

/// The mirrors of an own channel, each with whether its followers know of it.
pub(super) fn listed(own: &Own) -> Value {
    let published = own.folder().manifest().map(|manifest| manifest.mirrors).unwrap_or_default();
    let one = |url: &MirrorUrl| json!({"url": &**url, "published": published.contains(url)});
    own.mirrors().iter().map(one).collect()
}

/// A line for each.
pub(super) fn lines(mirrors: &Value) -> String {
    let line = |one: &Value| {
        let url = printable(one["url"].as_str().unwrap_or_default());
        let waits = if one["published"] == true { "" } else { " (from the next publish on)" };
        format!("\nMirror {url}{waits}")
    };
    mirrors.as_array().into_iter().flatten().map(line).collect()
}

/// Writes a mirror beside a server that runs: what it is made of is only read, and each piece compared with its hash.
pub(super) async fn export_beside(
    args: &ExportArgs,
    shared: &Shared,
    server: &Served,
    path: &str,
    output: Output,
) -> Result<ExitCode, Failure> {
    let data = shared.settings(&[])?.data_dir()?;
    let media = server.media().await?.unwrap_or_else(|| data.join("media"));
    export(args, data, media, key_of(path)?, output).await
}

/// Writes a mirror of what is in a data folder.
pub(super) async fn export(
    args: &ExportArgs,
    data: PathBuf,
    media: PathBuf,
    key: Key,
    output: Output,
) -> Result<ExitCode, Failure> {
    let to = args.to.clone().unwrap_or_else(|| PathBuf::from("mirror"));
    let delete_old = args.delete_old;
    let work = tokio::task::spawn_blocking(move || {
        let made = write(&data, &media, key, &to, output)?;
        if delete_old {
            made.delete_old().map_err(|error| failed(&error))?;
        }
        tell(&Address::new(key), &to, &made, delete_old, output);
        Ok(ExitCode::SUCCESS)
    });
    work.await.unwrap_or_else(|error| {
        let message = format!("The mirror could not be finished: {error}.");
        Err(Failure::new(Exit::Disk, "mirror_failed", message, "Try again."))
    })
}

fn write(
    data: &Path,
    media: &Path,
    key: Key,
    to: &Path,
    output: Output,
) -> Result<Mirrored, Failure> {
    let channels = Channels::open(&data.join("channels")).map_err(|error| of_folder(&error))?;
    let masters = data.join("masters");
    let masters = Masters::open(&masters).map_err(|error| visit::denied(&masters, &error))?;
    let (folder, torrents) = (channels.folder(key), data.join("torrents"));
    let sources = Sources { folder: &folder, masters: &masters, media, torrents: &torrents };
    let bar = if output.is_watched() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {bytes} of {total_bytes}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut told = Instant::now();
    let made = mirror(&sources, to, |Progress { done, total }| {
        bar.set_length(total.max(1));
        bar.set_position(done);
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            output.object(&json!({"event": "progress", "done": done, "total": total}));
        }
    });
    bar.finish_and_clear();
    made.map_err(|error| failed(&error))
}

fn failed(error: &CannotMirror) -> Failure {
    match error {
        CannotMirror::Channel(FollowError::Unknown) => {
            let message = "No whole version of this channel is here.";
            let hint = "Publish it first, or follow it until it is here.";
            Failure::new(Exit::NotFound, "not_published", message, hint)
        }
        CannotMirror::Channel(error) => of_following(error),
        CannotMirror::Disk { path, source } => visit::denied(path, source),
    }
}

fn tell(address: &Address, to: &Path, made: &Mirrored, deleted: bool, output: Output) {
    let Mirrored { version, torrents, bytes, added, added_bytes, missing, old } = made;
    let missing_objects: Vec<_> =
        missing.iter().map(|one| json!({"title": one.title, "torrent": one.name})).collect();
    let object = json!({
        "event": "exported", "address": address.to_string(), "version": version, "to": to,
        "torrents": torrents, "bytes": bytes, "added": added, "added_bytes": added_bytes,
        "missing": missing_objects, "old": old, "deleted": deleted,
    });
    output.say(&object, || {
        format!(
            "Version {version} of {address} is in {}: {torrents} torrents, {}. {added} are new, {}.",
            to.display(),
            size(*bytes),
            size(*added_bytes)
        )
    });
    for one in missing {
        let what = one.title.as_deref().unwrap_or("a part of the channel itself");
        output.note(&format!("not whole on this machine: {} ({})", printable(what), one.name));
    }
    match (old.len(), deleted) {
        (0, _) => (),
        (count, true) => output.note(&format!("{count} of earlier versions were deleted.")),
        (count, false) => output.note(&format!(
            "{count} of earlier versions may be deleted: say --delete-old a day after followers had the newest one."
        )),
    }
    output.note(
        "Upload the folder, then name it once: kinora channel mirror https://…/ and publish.",
    );
}
