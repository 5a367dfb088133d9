//! `kinora channel vouch` and `claim`: which channels ours names to its followers, and which domain may vouch for it.

use std::process::ExitCode;

use catalogue::channel::{Address, Domain, Key};
use channels::Vouching;
use hyper::Method;
use serde_json::{Value, json};

use super::{
    super::{
        follow,
        household::{Household, of_own},
        output::Output,
        served::Served,
    },
    Which, serving,
};
use crate::failure::{Exit, Failure};

/// What `vouch` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct VouchArgs {
    /// The address of the channel to vouch for
    address: String,
    /// What it is called; what it calls itself, if it is followed here
    #[arg(long)]
    name: Option<String>,
    /// What it is about; what it says itself, if it is followed here
    #[arg(long, value_name = "TEXT")]
    about: Option<String>,
    /// The language of name and text
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    /// A language of its films (repeatable)
    #[arg(long, value_name = "TAG")]
    films_in: Vec<String>,
    /// Vouch for it no longer
    #[arg(long, conflicts_with_all = ["name", "about", "films_in"])]
    no_more: bool,
    #[command(flatten)]
    which: Which,
}

/// What `claim` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ClaimArgs {
    /// A domain such as example.org; without it none is claimed any more
    domain: Option<String>,
    #[command(flatten)]
    which: Which,
}

impl VouchArgs {
    fn vouching(&self, key: Key) -> Result<Vouching, Failure> {
        let wrong = |why: serde_json::Error| {
            let message = format!("What is said of it cannot be used: {why}.");
            Failure::new(Exit::BadInput, "body_wrong", message, "Correct it, then try again.")
        };
        let texts =
            |text: &Option<String>| text.as_ref().map(|text| json!({ &self.language: text }));
        Ok(Vouching {
            key,
            name: texts(&self.name).map(serde_json::from_value).transpose().map_err(wrong)?,
            about: texts(&self.about).map(serde_json::from_value).transpose().map_err(wrong)?,
            languages: serde_json::from_value(json!(self.films_in)).map_err(wrong)?,
        })
    }

    fn tell(&self, address: &Address, output: Output) {
        let address = address.to_string();
        let event = if self.no_more { "vouched_no_more" } else { "vouched" };
        let object = json!({"event": event, "address": address});
        output.say(&object, || match self.no_more {
            true => format!("{address} is not named to followers any more."),
            false => format!("{address} is named to followers."),
        });
        output.note("Publish to tell them.");
    }
}

/// Names another channel to our followers.
pub(super) fn vouch(
    args: &VouchArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let (own, address) = (args.which.own(household)?, follow::parse(&args.address)?);
    if args.no_more {
        own.vouch_no_more(&address.key).map_err(|error| of_own(&error))?;
    } else {
        let met = household.channels.folder(address.key);
        own.vouch(args.vouching(address.key)?, &met).map_err(|error| of_own(&error))?;
    }
    args.tell(&address, output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn vouch_served(
    args: &VouchArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let address = follow::parse(&args.address)?;
    let path = format!("{}/vouches/{}", serving::chosen(&args.which, server).await?, address.key);
    let body = json!({
        "name": args.name, "about": args.about, "language": args.language, "languages": args.films_in,
    });
    match args.no_more {
        true => server.change_own(Method::DELETE, &path, None).await?,
        false => server.change_own(Method::PUT, &path, Some(body)).await?,
    };
    args.tell(&address, output);
    Ok(())
}

/// Claims a domain.
pub(super) fn claim(
    args: &ClaimArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let mut own = args.which.own(household)?;
    let domain = args.domain.clone().map(Domain::try_from).transpose().map_err(|why| {
        let message = format!("The domain cannot be used: {why}.");
        Failure::new(Exit::BadInput, "body_wrong", message, "Write it as example.org.")
    })?;
    let (key, name) = (*own.folder().key(), domain.as_ref().map(Domain::record_name));
    let record = domain.as_ref().map(|_| Domain::record_for(&key));
    own.set_domain(domain).map_err(|error| of_own(&error))?;
    tell_claimed(&json!({"record_name": name, "record": record}), output);
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn claim_served(
    args: &ClaimArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = format!("{}/domain", serving::chosen(&args.which, server).await?);
    let own = server.change_own(Method::PUT, &path, Some(json!({"domain": args.domain}))).await?;
    tell_claimed(&own["domain"], output);
    Ok(())
}

fn tell_claimed(claim: &Value, output: Output) {
    let text = |field: &str| claim[field].as_str().unwrap_or_default().to_owned();
    let (name, record) = (text("record_name"), text("record"));
    let object =
        json!({"event": "claimed", "record_name": claim["record_name"], "record": claim["record"]});
    output.say(&object, || match record.as_str() {
        "" => "No domain is claimed any more.".to_owned(),
        _ => format!("Give your domain this record, then publish:\n{name}. IN TXT \"{record}\""),
    });
}
