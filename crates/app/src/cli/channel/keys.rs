//! `kinora channel restore`, `lock`, `rotate`, `hand-over` and `remove-secret`: what becomes of a channel's keys.

use std::{io::Read as _, path::PathBuf, process::ExitCode, time::Duration};

use catalogue::channel::{Address, Key};
use channels::{BadWords, Opening, Own, Seed, Subscriptions};
use hyper::Method;
use serde_json::{Value, json};

use super::{
    super::{
        Shared, ending, follow,
        household::{Household, of_following, of_own, sentence},
        network::NetworkArgs,
        output::{Output, printable},
        served::Served,
        visit::Visit,
    },
    Passphrase, Which, serving,
};
use crate::failure::{Exit, Failure};

/// Longer than any 24 words, bytes.
const WORDS_MAX: u64 = 4096;

/// Where the words on paper were typed.
#[derive(Debug, Clone, clap::Args)]
pub(in super::super) struct Words {
    /// A file with the 24 words; without it they are read from standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<PathBuf>,
}

/// What a channel or site is brought back with.
#[derive(Debug, Clone, clap::Args)]
pub(in super::super) struct BackArgs {
    #[command(flatten)]
    pub(in super::super) words: Words,
    /// How long to look for it, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(in super::super) timeout: u64,
    #[command(flatten)]
    pub(in super::super) passphrase: Passphrase,
    #[command(flatten)]
    pub(in super::super) network: NetworkArgs,
}

/// What `restore` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RestoreArgs {
    /// The channel's address, if it was handed over to a later key
    #[arg(long, value_name = "ADDRESS")]
    channel: Option<String>,
    #[command(flatten)]
    back: BackArgs,
}

/// What opens a secret that gets another lock.
#[derive(Debug, Clone, clap::Args)]
pub(in super::super) struct OldPassphrase {
    /// A file whose first line is the passphrase until now
    #[arg(long, value_name = "FILE")]
    old_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    paper: Paper,
}

impl OldPassphrase {
    pub(in super::super) fn read(&self) -> Result<Opens, Failure> {
        let passphrase_file = self.old_passphrase_file.clone();
        self.paper.or(&Passphrase { passphrase_file })
    }
}

/// Where the words of a secret are that was taken off this machine.
#[derive(Debug, Clone, clap::Args)]
pub(in super::super) struct Paper {
    /// A file with the 24 words, if the secret was taken off this machine
    #[arg(long, value_name = "FILE")]
    words_file: Option<PathBuf>,
}

/// What opens a secret, as it was given.
pub(in super::super) enum Opens {
    Passphrase(Option<String>),
    Words(String),
}

impl Paper {
    /// The words, or the passphrase if there are none.
    pub(in super::super) fn or(&self, passphrase: &Passphrase) -> Result<Opens, Failure> {
        match &self.words_file {
            Some(_) => Words { words_file: self.words_file.clone() }.checked().map(Opens::Words),
            None => passphrase.read().map(Opens::Passphrase),
        }
    }
}

impl Opens {
    pub(in super::super) fn opening(self) -> Result<Opening, Failure> {
        match self {
            Self::Passphrase(passphrase) => Ok(Opening::Passphrase(passphrase)),
            Self::Words(words) => seed(&words).map(Opening::Words),
        }
    }

    /// The same for a server: the passphrase is in the field that it asks for.
    pub(in super::super) fn body(self, field: &str) -> Value {
        match self {
            Self::Passphrase(passphrase) => json!({field: passphrase}),
            Self::Words(words) => json!({"words": words}),
        }
    }
}

/// What `remove-secret` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RemoveArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    words: Words,
}

/// What `lock` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LockArgs {
    #[command(flatten)]
    old: OldPassphrase,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    which: Which,
}

/// What `rotate` and `hand-over` are given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct KeyArgs {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    passphrase: Passphrase,
    #[command(flatten)]
    paper: Paper,
}

impl KeyArgs {
    pub(super) fn opens(&self) -> Result<Opens, Failure> {
        self.paper.or(&self.passphrase)
    }
}

impl Words {
    pub(in super::super) fn seed(&self) -> Result<Seed, Failure> {
        seed(&self.read()?)
    }

    /// The words as they were typed, if they are those of any secret.
    pub(in super::super) fn checked(&self) -> Result<String, Failure> {
        let words = self.read()?;
        seed(&words).map(|_| words)
    }

    fn read(&self) -> Result<String, Failure> {
        let mut words = String::new();
        let read = match &self.words_file {
            Some(path) => std::fs::File::open(path)
                .and_then(|file| file.take(WORDS_MAX).read_to_string(&mut words)),
            None => std::io::stdin().take(WORDS_MAX).read_to_string(&mut words),
        };
        read.map_err(|error| {
            let message = format!("The words cannot be read: {error}.");
            Failure::new(Exit::NotFound, "words_unreadable", message, "Check the path.")
        })?;
        Ok(words)
    }
}

fn seed(words: &str) -> Result<Seed, Failure> {
    Seed::from_words(words).map_err(|error| {
        let code = if error == BadWords::Mixed { "words_mixed" } else { "bad_words" };
        let hint = "Compare them with the paper, one by one.";
        Failure::new(Exit::BadInput, code, sentence(&error), hint)
    })
}

/// Makes the publisher's side of a channel again, out of its words and what the network has of it.
pub(super) async fn restore(
    args: &RestoreArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let (seed, passphrase) = (args.back.words.seed()?, args.back.passphrase.read()?);
    let address = match &args.channel {
        Some(address) => follow::parse(address)?,
        None => Address::new(channels::root_of(&seed)),
    };
    let household = Household::open(shared)?;
    if household.channels.folder(address.key).is_own() {
        return Err(of_own(&channels::OwnError::AlreadyHere));
    }
    let visit = Visit::begin(household.data.resume(), &args.back.network, None, shared).await?;
    let ended = tokio::select! {
        found = newest(&visit, &household, &address, args, output) => found.map(|()| None),
        ending = ending::signal() => Ok(Some(ending.code())),
    };
    visit.end(true).await;
    if let Some(code) = ended? {
        return Ok(code);
    }
    let own = Own::restore(&household.channels, address.key, &seed, passphrase.as_deref());
    let own = own.map_err(|error| of_own(&error))?;
    let version = own.folder().manifest().map_or(0, |manifest| manifest.version);
    tell_restored(own.name(), &address.to_string(), version, passphrase.is_some(), output);
    Ok(ExitCode::SUCCESS)
}

/// Tells that something is ours again.
pub(in super::super) fn tell_restored(
    name: &str,
    address: &str,
    version: u64,
    is_locked: bool,
    output: Output,
) {
    let object = json!({
        "event": "restored", "address": address, "name": name, "version": version,
        "locked": is_locked,
    });
    output.say(&object, || {
        format!("{} is yours again: version {version} of {address}.", printable(name))
    });
}

/// What is said of a version that was here already.
pub(in super::super) const NOT_REACHED: &str = "The network was not reached: if another machine has published since, \
     what you publish here will be refused.";

/// The same, by the server that runs.
pub(super) async fn restore_served(
    args: &RestoreArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let (words, passphrase) = (args.back.words.checked()?, args.back.passphrase.read()?);
    let is_locked = passphrase.is_some();
    let body = json!({
        "words": words, "passphrase": passphrase, "address": args.channel, "patience_s": args.back.timeout,
    });
    let restored = server.restore(body).await?;
    let channel = &restored["channel"];
    let text = |field: &str| channel[field].as_str().unwrap_or_default();
    let version = channel["version"].as_u64().unwrap_or_default();
    if restored["newest"] == false {
        output.note(NOT_REACHED);
    }
    tell_restored(text("name"), text("address"), version, is_locked, output);
    Ok(())
}

/// Brings the newest version here. One that is here already does if the network has none.
async fn newest(
    visit: &Visit,
    household: &Household,
    address: &Address,
    args: &RestoreArgs,
    output: Output,
) -> Result<(), Failure> {
    let Household { library, channels, .. } = household;
    let patience = Duration::from_secs(args.back.timeout);
    let subscriptions = Subscriptions::new(channels.clone(), library.clone());
    let is_here = channels.folder(address.key).manifest().is_some();
    match subscriptions.follow(visit.session(), address, patience, |_| {}).await {
        Ok(_) => Ok(()),
        Err(_) if is_here => {
            output.note(NOT_REACHED);
            Ok(())
        }
        Err(error) => Err(of_following(&error)),
    }
}

/// Locks a channel's secret with another passphrase.
pub(super) fn lock(
    args: &LockArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    let old = args.old.read()?.opening()?;
    let new = args.passphrase.read()?;
    own.lock(&old, new.as_deref()).map_err(|error| of_own(&error))?;
    tell_locked(&Address::new(*own.folder().key()).to_string(), new.is_some(), output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn lock_served(
    args: &LockArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("{}/passphrase", serving::chosen(&args.which, server).await?);
    let mut body = args.old.read()?.body("old");
    let new = args.passphrase.read()?;
    let is_locked = new.is_some();
    body["new"] = json!(new);
    let own = server.change_own(Method::PUT, &path, Some(body)).await?;
    tell_locked(own["address"].as_str().unwrap_or_default(), is_locked, output);
    Ok(())
}

/// Tells how a secret is locked now.
pub(in super::super) fn tell_locked(address: &str, is_locked: bool, output: Output) {
    let object = json!({"event": "locked", "address": address, "locked": is_locked});
    output.say(&object, || match is_locked {
        true => "The secret is locked with the new passphrase.".to_owned(),
        false => "The secret lies on this disk without a passphrase now.".to_owned(),
    });
}

/// Replaces the key that signs versions.
pub(super) fn rotate(
    args: &KeyArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let mut own = args.which.own(household)?;
    own.replace_online_key(&args.opens()?.opening()?).map_err(|error| of_own(&error))?;
    tell_rotated(&Address::new(*own.folder().key()).to_string(), output);
    Ok(ExitCode::SUCCESS)
}

/// Tells that the key was replaced.
pub(in super::super) fn tell_rotated(address: &str, output: Output) {
    let object = json!({"event": "rotated", "address": address});
    output.say(&object, || {
        "There is a new key for its versions; publish, so that others hear of it.".to_owned()
    });
}

/// Hands a channel over to its next root key.
pub(super) fn hand_over(
    args: &KeyArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    let next = own.hand_over(&household.channels, &args.opens()?.opening()?);
    let next = next.map_err(|error| of_own(&error))?;
    let address = |key: &Key| Address::new(*key).to_string();
    let (from, to) = (address(own.folder().key()), address(next.folder().key()));
    tell_handed_over(&from, &to, PUBLISH_THERE, output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn hand_over_served(
    args: &KeyArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = serving::chosen(&args.which, server).await?;
    let before = server.own(&path, None).await?;
    let body = args.opens()?.body("passphrase");
    let next = server.own(&format!("{path}/hand-over"), Some(body)).await?;
    let address = |own: &Value| own["address"].as_str().unwrap_or_default().to_owned();
    tell_handed_over(&address(&before), &address(&next), PUBLISH_THERE, output);
    Ok(())
}

/// What is done after a hand-over, and what becomes of those who know the old address.
pub(in super::super) type AfterHandOver = (&'static str, &'static str);

const PUBLISH_THERE: AfterHandOver = (
    "kinora channel publish --channel",
    "Keep the old one shared for a while, so that its followers hear of it: they move by themselves. The 24 words stay the same.",
);

/// Tells that something goes on under another key.
pub(in super::super) fn tell_handed_over(
    from: &str,
    to: &str,
    (publish, keep): AfterHandOver,
    output: Output,
) {
    let object = json!({"event": "handed_over", "from": from, "to": to});
    output.say(&object, || {
        format!("{from}\nis handed over to\n{to}\nPublish there: `{publish} {to}`.")
    });
    output.note(keep);
}

/// Takes a channel's secret off this machine.
pub(super) fn remove(
    args: &RemoveArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    own.remove_secret(&args.words.seed()?).map_err(|error| of_own(&error))?;
    tell_removed(&Address::new(*own.folder().key()).to_string(), output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn remove_served(
    args: &RemoveArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("{}/secret", serving::chosen(&args.which, server).await?);
    let body = json!({"words": args.words.checked()?});
    let own = server.change_own(Method::DELETE, &path, Some(body)).await?;
    tell_removed(own["address"].as_str().unwrap_or_default(), output);
    Ok(())
}

/// Tells that a secret is on paper alone.
pub(in super::super) fn tell_removed(address: &str, output: Output) {
    let object = json!({"event": "secret_removed", "address": address});
    output.say(&object, || {
        "The secret is on paper alone now. Publishing goes on as before; what needs the secret asks for its 24 words \
         (--words-file)."
            .to_owned()
    });
    output.note("Copies of this disk that were made before still have it.");
}
