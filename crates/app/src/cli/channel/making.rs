//! `kinora channel create` and `rotate`: keys.

use std::{collections::BTreeMap, process::ExitCode};

use catalogue::channel::Address;
use channels::{NewChannel, Own};
use serde_json::json;

use super::{
    super::{
        household::{Household, of_own},
        output::{Output, printable},
    },
    Passphrase, Which,
};
use crate::failure::{Exit, Failure};

/// What `create` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct CreateArgs {
    /// What the channel is called
    name: String,
    /// Where rights questions go: `mailto:…` or `https://…`
    #[arg(long, value_name = "URL")]
    contact: String,
    /// Who publishes it, if not the channel's name
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    about: Option<String>,
    /// The language of name and text
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// What `rotate` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    passphrase: Passphrase,
}

pub(super) fn create(
    args: CreateArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let passphrase = args.passphrase.read()?;
    let new = described(args)?;
    let (own, seed) = Own::create(&household.channels, new, passphrase.as_deref())
        .map_err(|error| of_own(&error))?;
    let address = Address::new(*own.folder().key());
    let words = seed.words().unwrap_or_default();
    let object = json!({
        "event": "created", "address": address.to_string(), "magnet": address.magnet(),
        "words": words, "locked": passphrase.is_some(),
    });
    output.say(&object, || {
        let name = printable(own.name());
        format!("{name} has the address\n\n  {address}\n\nWrite these 24 words on paper and keep them apart from this \
                 machine: they are the only way to get the channel back.\n\n  {words}\n")
    });
    if passphrase.is_none() {
        output
            .note("The secret lies on this disk without a passphrase; --passphrase-file locks it.");
    }
    Ok(ExitCode::SUCCESS)
}

fn described(args: CreateArgs) -> Result<NewChannel, Failure> {
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
        name: serde_json::from_value(texts(Some(name)))
            .map_err(|why| wrong("name", why.to_string()))?,
        about: serde_json::from_value(texts(about))
            .map_err(|why| wrong("text", why.to_string()))?,
        publisher: publisher.try_into().map_err(|why| wrong("publisher", format!("{why}")))?,
        contact: contact.try_into().map_err(|why| wrong("contact", format!("{why}")))?,
    })
}

pub(super) fn rotate(
    args: &RotateArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let mut own = args.which.own(household)?;
    own.replace_online_key(args.passphrase.read()?.as_deref()).map_err(|error| of_own(&error))?;
    let address = Address::new(*own.folder().key()).to_string();
    let object = json!({"event": "rotated", "address": address});
    output.say(&object, || {
        "The channel has a new key for its versions; publish to tell its followers.".to_owned()
    });
    Ok(ExitCode::SUCCESS)
}
