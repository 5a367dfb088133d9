//! `kinora channel create`: a channel and its keys.

use std::{collections::BTreeMap, process::ExitCode};

use catalogue::channel::{self, Address};
use channels::{Channels, NewChannel, Own};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::{
    super::{
        household::of_own,
        output::{Output, printable},
    },
    Passphrase,
};
use crate::failure::{Exit, Failure};

/// What `create` is given.
#[derive(Debug, Clone, clap::Args)]
pub(in super::super) struct CreateArgs {
    /// What the channel is called
    pub(super) name: String,
    /// Where rights questions go: `mailto:…` or `https://…`
    #[arg(long, value_name = "URL")]
    pub(super) contact: String,
    /// Who publishes it, if not the channel's name
    #[arg(long, value_name = "NAME")]
    pub(super) publisher: Option<String>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    pub(super) about: Option<String>,
    /// The language of name and text
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub(super) language: String,
    #[command(flatten)]
    pub(super) passphrase: Passphrase,
}

/// What `channel create` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct NewArgs {
    #[command(flatten)]
    create: CreateArgs,
    /// What is published in it: titles to watch, or a list of what others may leave out
    #[arg(long, value_name = "KIND", default_value = "catalogue")]
    kind: ChannelKind,
}

/// What a channel may be.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ChannelKind {
    /// Titles to watch
    Catalogue,
    /// A list of what to leave out
    Filter,
}

impl NewArgs {
    /// What is made, and as what.
    pub(super) fn read(self) -> (CreateArgs, Kind) {
        let kind = match self.kind {
            ChannelKind::Catalogue => Kind::Channel,
            ChannelKind::Filter => Kind::Filter,
        };
        (self.create, kind)
    }
}

impl CreateArgs {
    /// What a server is asked with.
    fn body(&self, what: Kind, passphrase: Option<&str>) -> Value {
        json!({
            "name": self.name, "about": self.about, "publisher": self.publisher,
            "contact": self.contact, "language": self.language, "passphrase": passphrase,
            "filter": matches!(what, Kind::Filter),
        })
    }
}

/// What is made.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Kind {
    Channel,
    Filter,
    Site,
}

impl Kind {
    /// The field of a server's answer that has it.
    fn field(self) -> &'static str {
        match self {
            Self::Channel | Self::Filter => "channel",
            Self::Site => "site",
        }
    }

    /// What its words are good for.
    fn why_words(self) -> &'static str {
        match self {
            Self::Channel | Self::Filter => "they are the only way to get the channel back",
            Self::Site => "they are the only way to get the site back",
        }
    }

    /// What is published under its key.
    fn published(self) -> channel::Kind {
        match self {
            Self::Channel => channel::Kind::Catalogue,
            Self::Filter => channel::Kind::Filter,
            Self::Site => channel::Kind::Site,
        }
    }
}

/// Has a server make a channel or a site, with `ask`.
pub(in super::super) async fn create_served(
    args: &CreateArgs,
    what: Kind,
    ask: impl AsyncFnOnce(Value) -> Result<Value, Failure>,
    output: Output,
) -> Result<(), Failure> {
    let passphrase = args.passphrase.read()?;
    let made = ask(args.body(what, passphrase.as_deref())).await?;
    let words: Vec<_> =
        made["words"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let text = |field: &str| made[what.field()][field].as_str().unwrap_or_default();
    let (name, words) = (text("name"), words.join(" "));
    tell(what, name, text("address"), text("magnet"), &words, passphrase.is_some(), output);
    Ok(())
}

/// Makes a channel, or a site, in a household's folder of them.
pub(in super::super) fn create_in(
    channels: &Channels,
    args: CreateArgs,
    what: Kind,
    output: Output,
) -> Result<ExitCode, Failure> {
    let passphrase = args.passphrase.read()?;
    let new = described(args, what.published())?;
    let (own, seed) =
        Own::create(channels, new, passphrase.as_deref()).map_err(|error| of_own(&error))?;
    let address = Address::new(*own.folder().key());
    let words = seed.words().unwrap_or_default();
    let (text, magnet) = (address.to_string(), address.magnet());
    tell(what, own.name(), &text, &magnet, &words, passphrase.is_some(), output);
    Ok(ExitCode::SUCCESS)
}

/// Tells what was made.
fn tell(
    what: Kind,
    name: &str,
    address: &str,
    magnet: &str,
    words: &str,
    is_locked: bool,
    output: Output,
) {
    let object = json!({
        "event": "created", "address": address, "magnet": magnet, "words": words,
        "locked": is_locked,
    });
    output.say(&object, || {
        let (name, why) = (printable(name), what.why_words());
        format!("{name} has the address\n\n  {address}\n\nWrite these 24 words on paper and keep them apart from this \
                 machine: {why}.\n\n  {words}\n")
    });
    if !is_locked {
        output
            .note("The secret lies on this disk without a passphrase; --passphrase-file locks it.");
    }
}

fn described(args: CreateArgs, kind: channel::Kind) -> Result<NewChannel, Failure> {
    let wrong = |what: &str, why: String| {
        let message = format!("The {what} cannot be used: {why}.");
        Failure::new(
            Exit::BadInput,
            "bad_channel",
            message,
            "`kinora channel create --help` shows an example.",
        )
    };
    let CreateArgs { name, contact, publisher, about, language, .. } = args;
    let publisher = publisher.unwrap_or_else(|| name.clone());
    let texts = |text: Option<String>| {
        json!(text.map(|text| BTreeMap::from([(language.clone(), text)])).unwrap_or_default())
    };
    Ok(NewChannel {
        kind,
        name: serde_json::from_value(texts(Some(name)))
            .map_err(|why| wrong("name", why.to_string()))?,
        about: serde_json::from_value(texts(about))
            .map_err(|why| wrong("text", why.to_string()))?,
        publisher: publisher.try_into().map_err(|why| wrong("publisher", format!("{why}")))?,
        contact: contact.try_into().map_err(|why| wrong("contact", format!("{why}")))?,
    })
}
