//! What `kinora channel` and `kinora site` say and do about web servers that have a copy of what is published.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use catalogue::channel::{Address, Key, MirrorUrl};
use channels::{FollowError, Own};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    household::{of_following, of_own},
    output::{Output, printable, size},
    visit,
};
use crate::{
    failure::{Exit, Failure},
    mirroring::{CannotMirror, Mirrored, Progress, Sources, mirror},
};

/// Scripts hear how far it is this often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Which of the two is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A channel.
    Channel,
    /// A site.
    Site,
}

impl What {
    fn word(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Site => "site",
        }
    }

    /// Who hears of it with the next version.
    fn readers(self) -> &'static str {
        match self {
            Self::Channel => "followers",
            Self::Site => "visitors",
        }
    }
}

/// Which web server, and whether it is named or taken off.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Named {
    /// The address of the folder there, `https://…/`; without it the mirrors are listed
    url: Option<String>,
    /// Name it no longer
    #[arg(long, requires = "url")]
    pub(super) remove: bool,
}

impl Named {
    pub(super) fn url(&self) -> Result<Option<MirrorUrl>, Failure> {
        let read = self.url.as_deref().map(MirrorUrl::of_person).transpose();
        read.map_err(|why| {
            let message = format!("This cannot be a mirror: {why}.");
            let hint = "Give the address of a folder that any browser can open.";
            Failure::new(Exit::BadInput, "mirror_bad", message, hint)
        })
    }

    /// Changes or lists those of what is published from this machine.
    pub(super) fn change(&self, mut own: Own, what: What, output: Output) -> Result<(), Failure> {
        match self.url()? {
            Some(url) if self.remove => remove(&mut own, &url, what)?,
            Some(url) => own.add_mirror(url).map_err(|error| of_own(&error))?,
            None => (),
        }
        self.tell(*own.folder().key(), &listed(&own), what, output);
        Ok(())
    }

    pub(super) fn tell(&self, key: Key, mirrors: &Value, what: What, output: Output) {
        let urls = mirrors.as_array().into_iter().flatten().filter_map(|one| one["url"].as_str());
        let urls = urls.filter_map(|url| MirrorUrl::of_person(url).ok()).collect();
        let address = Address { mirrors: urls, ..Address::new(key) };
        let text = address.to_string();
        let object = json!({"event": "mirrors", "mirrors": mirrors, "address": text});
        output.say(&object, || match lines(mirrors) {
            none if none.is_empty() => format!("The {} names no mirrors.", what.word()),
            lines => lines.trim_start().to_owned(),
        });
        if !address.mirrors.is_empty() {
            output.note(&format!("The address for those who have nothing of it yet:\n{text}"));
        }
        if self.url.is_some() {
            output.note(&format!("Publish to tell {}.", what.readers()));
        }
    }
}

fn remove(own: &mut Own, url: &MirrorUrl, what: What) -> Result<(), Failure> {
    let was_named = own.remove_mirror(url).map_err(|error| of_own(&error))?;
    if was_named { Ok(()) } else { Err(unknown(url, what)) }
}

fn unknown(url: &MirrorUrl, what: What) -> Failure {
    let what = what.word();
    let message = format!("{} is none of the {what}'s mirrors.", &**url);
    let hint = format!("`kinora {what} mirror` lists them.");
    Failure::new(Exit::NotFound, "mirror_unknown", message, hint)
}

/// The mirrors of something of ours, each with whether its readers know of it.
pub(super) fn listed(own: &Own) -> Value {
    let published = own.folder().mirrors();
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

/// Where a mirror is written.
pub(super) struct Export {
    /// The folder.
    pub(super) to: PathBuf,
    /// Whether what is of no version any more goes.
    pub(super) delete_old: bool,
    /// What it is of.
    pub(super) what: What,
}

impl Export {
    /// Writes it as `write` says, and tells what is there.
    pub(super) async fn run(
        self,
        key: Key,
        output: Output,
        write: impl FnOnce(&Path) -> Result<Mirrored, Failure> + Send + 'static,
    ) -> Result<ExitCode, Failure> {
        let work = tokio::task::spawn_blocking(move || {
            let made = write(&self.to)?;
            if self.delete_old {
                made.delete_old().map_err(|error| failed(&error, self.what))?;
            }
            self.tell(&Address::new(key), &made, output);
            Ok(ExitCode::SUCCESS)
        });
        work.await.unwrap_or_else(|error| {
            let message = format!("The mirror could not be finished: {error}.");
            Err(Failure::new(Exit::Disk, "mirror_failed", message, "Try again."))
        })
    }

    fn tell(&self, address: &Address, made: &Mirrored, output: Output) {
        let Mirrored { version, torrents, bytes, added, added_bytes, missing, old } = made;
        let Self { to, delete_old, what } = self;
        let missing_objects: Vec<_> =
            missing.iter().map(|one| json!({"title": one.title, "torrent": one.name})).collect();
        let object = json!({
            "event": "exported", "address": address.to_string(), "version": version, "to": to,
            "torrents": torrents, "bytes": bytes, "added": added, "added_bytes": added_bytes,
            "missing": missing_objects, "old": old, "deleted": delete_old,
        });
        output.say(&object, || {
            format!(
                "Version {version} of {address} is in {}: {torrents} torrents, {}. {added} are new, {}.",
                to.display(),
                size(*bytes),
                size(*added_bytes)
            )
        });
        let itself = format!("a part of the {} itself", what.word());
        for one in missing {
            let part = one.title.as_deref().unwrap_or(&itself);
            output.note(&format!("not whole on this machine: {} ({})", printable(part), one.name));
        }
        match (old.len(), delete_old) {
            (0, _) => (),
            (count, true) => output.note(&format!("{count} of earlier versions were deleted.")),
            (count, false) => output.note(&format!(
                "{count} of earlier versions may be deleted: say --delete-old a day after {} had the newest one.",
                what.readers()
            )),
        }
        output.note(&format!(
            "Upload the folder, then name it once: kinora {} mirror https://…/ and publish.",
            what.word()
        ));
    }
}

/// Makes the mirror, and shows how far it is.
pub(super) fn write(
    sources: &Sources<'_>,
    to: &Path,
    what: What,
    output: Output,
) -> Result<Mirrored, Failure> {
    let bar = if output.is_watched() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {bytes} of {total_bytes}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut told = Instant::now();
    let made = mirror(sources, to, |Progress { done, total }| {
        bar.set_length(total.max(1));
        bar.set_position(done);
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            output.object(&json!({"event": "progress", "done": done, "total": total}));
        }
    });
    bar.finish_and_clear();
    made.map_err(|error| failed(&error, what))
}

fn failed(error: &CannotMirror, what: What) -> Failure {
    match error {
        CannotMirror::Channel(FollowError::Unknown) => {
            let message = format!("No whole version of this {} is here.", what.word());
            let hint = match what {
                What::Channel => "Publish it first, or follow it until it is here.",
                What::Site => "Publish it first, or open it once.",
            };
            Failure::new(Exit::NotFound, "not_published", message, hint)
        }
        CannotMirror::Channel(error) => of_following(error),
        CannotMirror::Disk { path, source } => visit::denied(path, source),
    }
}
