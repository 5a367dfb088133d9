//! `kinora follow`, `unfollow`, `channels`: which channels reach this household.

use std::{process::ExitCode, time::Duration};

use catalogue::channel::{Address, Key, Kind};
use channels::{Folder, Keeper, Subscriptions, Update};
use library::{Languages, LibraryError};
use serde_json::json;

use super::{
    Shared, discovery, ending,
    household::{Household, of_folder, of_following, of_library},
    network::NetworkArgs,
    output::{Output, printable},
    served::Served,
    visit::Visit,
};
use crate::failure::{Exit, Failure};

/// How long what comes after a channel that was handed over is looked for at a time, seconds.
const MOVING_PATIENCE_S: u64 = 1800;

const FOLLOW_EXAMPLES: &str = "\
Examples:
  kinora follow kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy
  kinora follow 'kinora:tkrq…7qy?x.pe=192.0.2.7:6881' --stay

`kinora serve` keeps all followed channels up to date and alive for others.";

const UNFOLLOW_EXAMPLES: &str = "\
Examples:
  kinora unfollow kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy

What was watched is remembered, should the channel come back.";

const CHANNELS_EXAMPLES: &str = "\
Examples:
  kinora channels
  kinora channels --json
  kinora channels find
  kinora channels vouched kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy
  kinora channels switch kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy off
  kinora channels forgive kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy
  kinora channels name kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy 'Silent evenings'";

/// Follow a channel: find it, fetch it, take its titles in
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = FOLLOW_EXAMPLES)]
pub(super) struct FollowArgs {
    /// `kinora:…`, or `magnet:?xs=urn:btpk:…`
    address: String,
    /// Keep the channel up to date and alive for others until stopped
    #[arg(long)]
    stay: bool,
    /// How long to look for it, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Follow a channel no longer: its titles leave
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = UNFOLLOW_EXAMPLES)]
pub(super) struct UnfollowArgs {
    /// The channel's address
    address: String,
}

/// List the channels that are followed
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = CHANNELS_EXAMPLES)]
pub(super) struct ChannelsArgs {
    #[command(subcommand)]
    word: Option<ChannelsWord>,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum ChannelsWord {
    /// List the channels that those you follow vouch for; none of them is followed by that
    Find,
    /// Ask the domain that a channel claims whether it vouches for it
    Vouched {
        /// The channel's address
        address: String,
        #[command(flatten)]
        network: Box<NetworkArgs>,
    },
    /// Take updates again although the channel's key signed two different versions. Do so only when the publisher told you
    /// by another way what happened: if the key was stolen, what comes next may be the thief's
    Forgive {
        /// The channel's address
        address: String,
    },
    /// Put a filter into force, or out of it; it is followed all the same
    Switch {
        /// The filter's address
        address: String,
        /// Whether it is in force
        #[arg(value_name = "on|off", action = clap::ArgAction::Set, value_parser = clap::builder::BoolishValueParser::new())]
        on: bool,
    },
    /// Call a channel something of your own; without a name it is called what its publisher says
    Name {
        /// The channel's address
        address: String,
        /// What to call it
        #[arg(default_value = "")]
        name: String,
    },
}

/// Runs `kinora follow`.
pub(super) async fn follow(
    args: FollowArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let address = parse(&args.address)?;
    if let Some(server) = Served::find(shared)? {
        let patience = Duration::from_secs(args.timeout);
        tokio::select! {
            followed = server.follow(&address, patience, output) => followed?,
            ending = ending::signal() => return Ok(ending.code()),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let household = Household::open(shared)?;
    let visit = Visit::begin(household.data.resume(), &args.network, None, shared).await?;
    let ended = tokio::select! {
        ended = first(&visit, &household, &address, &args, output) => ended,
        ending = ending::signal() => Ok(ending.code()),
    };
    visit.end(true).await;
    ended
}

async fn first(
    visit: &Visit,
    household: &Household,
    address: &Address,
    args: &FollowArgs,
    output: Output,
) -> Result<ExitCode, Failure> {
    let Household { library, channels, .. } = household;
    let patience = Duration::from_secs(args.timeout);
    let subscriptions = Subscriptions::new(channels.clone(), library.clone());
    let followed = subscriptions.follow(visit.session(), address, patience, |_| {}).await;
    let followed = followed.map_err(|error| of_following(&error))?;
    say("followed", &followed, None, output);
    let channel = subscriptions.get(followed.key).await.map_err(|error| of_following(&error))?;
    if let Some((key, name)) = channel.and_then(|channel| channel.resembles) {
        let settings = library.settings().map_err(|error| of_library(&error))?;
        let name = name.pick(&[&settings.language]).unwrap_or_default();
        warn_of_another(name, &key.to_string(), output);
    }
    if !args.stay {
        return Ok(ExitCode::SUCCESS);
    }
    let (keeper, mut updates) =
        Keeper::new(visit.session().clone(), channels.clone(), library.clone());
    let telling = async {
        while let Some(update) = updates.recv().await {
            if update.successor.is_some() {
                go_along(&update, visit, household, &subscriptions, output).await;
            } else if update.is_new {
                say("updated", &update, None, output);
            }
        }
    };
    tokio::select! {
        () = keeper.run() => {}
        () = telling => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Goes with a channel whose publisher handed it over. What fails is tried again with the next news of it.
async fn go_along(
    update: &Update,
    visit: &Visit,
    household: &Household,
    subscriptions: &Subscriptions,
    output: Output,
) {
    let patience = Duration::from_secs(MOVING_PATIENCE_S);
    let moved = subscriptions.move_on(visit.session(), update.key, patience, |_| {}).await;
    let named = |to: &Update| household.petnames().map(|names| names.inherit(&update.key, &to.key));
    match &moved {
        Ok(here) => {
            if !matches!(named(here), Ok(Ok(()))) {
                output.note("What it was called here could not be kept.");
            }
            say("moved", here, Some(&Address::new(update.key)), output);
        }
        Err(error) => output.note(&format!("{} was moved: {error}.", Address::new(update.key))),
    }
}

/// Says that a channel could be taken for another one.
pub(super) fn warn_of_another(name: &str, id: &str, output: Output) {
    let name = printable(name);
    output.note(&format!(
        "This is not the channel “{name}” that is here already, although it is called nearly the same: that one is kinora:{id}"
    ));
}

fn say(event: &str, update: &Update, from: Option<&Address>, output: Output) {
    let (titles, entries) = match update.kind {
        Kind::Filter => (0, Some(update.titles)),
        _ => (update.titles, None),
    };
    let object = json!({
        "event": event, "address": Address::new(update.key).to_string(), "name": update.name,
        "version": update.version, "titles": titles, "kind": update.kind, "entries": entries,
        "dropped": update.dropped,
        "halted": update.is_halted, "from": from.map(ToString::to_string),
    });
    output.say(&object, || {
        let dropped = match update.dropped {
            0 => String::new(),
            dropped => format!(" {dropped} records without a valid licence or form were ignored."),
        };
        let name = printable(&update.name);
        let what = match entries {
            Some(entries) => format!("a filter of {entries} entries"),
            None => format!("{titles} titles"),
        };
        let moved = from.map(|from| {
            let to = Address::new(update.key);
            format!("\nIts publisher moved it, as was promised, from\n{from}\nto\n{to}")
        });
        let moved = moved.unwrap_or_default();
        format!("{name}: version {}, {what}.{dropped}{moved}", update.version)
    });
}

/// Runs `kinora unfollow`.
pub(super) async fn unfollow(
    args: UnfollowArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let address = parse(&args.address)?;
    match Served::find(shared)? {
        Some(server) => server.unfollow(&address).await?,
        None => leave(&address, shared).await?,
    }
    let object = json!({"event": "unfollowed", "address": address.to_string()});
    output.say(&object, || format!("{address} is not followed any more."));
    Ok(ExitCode::SUCCESS)
}

async fn leave(address: &Address, shared: &Shared) -> Result<(), Failure> {
    let Household { data: _data, library, channels } = Household::open(shared)?;
    let left = Subscriptions::new(channels, library).unfollow(None, address.key).await;
    left.map_err(|error| of_following(&error))
}

/// Runs `kinora channels`.
pub(super) async fn channels(
    args: &ChannelsArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    match &args.word {
        Some(ChannelsWord::Name { address, name }) => {
            return call(&parse(address)?, name.trim(), shared, output).await;
        }
        Some(ChannelsWord::Forgive { address }) => {
            return forgive(&parse(address)?, shared, output).await;
        }
        Some(ChannelsWord::Switch { address, on }) => {
            return switch(&parse(address)?, *on, shared, output).await;
        }
        Some(ChannelsWord::Find) => return discovery::find(shared, output).await,
        Some(ChannelsWord::Vouched { address, network }) => {
            return discovery::ask_domain(&parse(address)?, network, shared, output).await;
        }
        None => {}
    }
    let Some(server) = Served::find(shared)? else { return listed(shared, output) };
    for channel in server.channels().await? {
        let version = channel["version"].as_u64().filter(|version| *version > 0);
        let object = json!({
            "address": channel["address"], "name": channel["name"], "version": version,
            "titles": channel["titles"], "publisher": channel["publisher"],
            "followed": channel["followed"], "own": channel["own"], "petname": channel["petname"],
            "moved_from": channel["moved_from"], "moved_to": channel["successor"],
            "kind": channel["kind"], "entries": channel["filter"]["entries"],
            "hides": channel["filter"]["hides"], "applied": channel["filter"]["applied"],
        });
        output.say(&object, || {
            let own = if channel["own"] == true { "  (own)" } else { "" };
            let text = |field: &str| printable(channel[field].as_str().unwrap_or_default());
            let name = called(channel["petname"].as_str(), channel["name"].as_str());
            let filter = &channel["filter"];
            let what = match (filter["entries"].as_u64(), filter["hides"].as_u64()) {
                (Some(entries), Some(hides)) => {
                    filter_line(entries, hides, filter["applied"] == true)
                }
                _ => format!("{} titles", channel["titles"]),
            };
            format!("{name}  {what}  {}{own}", text("address"))
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes updates again in spite of a contradiction.
async fn forgive(address: &Address, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    match Served::find(shared)? {
        Some(server) => server.forgive(address).await?,
        None => {
            let Household { data: _data, library, channels } = Household::open(shared)?;
            let forgiven = Subscriptions::new(channels, library).forgive(address.key).await;
            forgiven.map_err(|error| of_following(&error))?;
        }
    }
    let object = json!({"event": "forgiven", "address": address.to_string()});
    output.say(&object, || {
        format!("Updates of {address} are taken again, none older than what is here.")
    });
    Ok(ExitCode::SUCCESS)
}

/// Puts a filter into force, or out of it.
async fn switch(
    address: &Address,
    on: bool,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    match Served::find(shared)? {
        Some(server) => server.switch(address, on).await?,
        None => {
            let library = Household::open(shared)?.library;
            library.set_filter_applied(&address.key.to_string(), on).map_err(
                |error| match error {
                    LibraryError::NotFound { .. } => {
                        of_following(&channels::FollowError::NotFollowed)
                    }
                    error => of_library(&error),
                },
            )?;
        }
    }
    let object = json!({"event": "switched", "address": address.to_string(), "applied": on});
    output.say(&object, || {
        let how = if on { "is in force" } else { "is not in force any more" };
        format!("{address} {how}.")
    });
    Ok(ExitCode::SUCCESS)
}

/// Gives a channel a name of this household's own.
async fn call(
    address: &Address,
    name: &str,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    match Served::find(shared)? {
        Some(server) => server.name_channel(address, name).await?,
        None => call_here(address, name, shared)?,
    }
    let object = json!({"event": "named", "address": address.to_string(), "petname": name});
    output.say(&object, || match name {
        "" => format!("{address} is called what its publisher calls it."),
        name => format!("{address} is called {} here.", printable(name)),
    });
    Ok(ExitCode::SUCCESS)
}

fn call_here(address: &Address, name: &str, shared: &Shared) -> Result<(), Failure> {
    let household = Household::open(shared)?;
    let refused =
        |code, message: String, hint: &str| Failure::new(Exit::BadInput, code, message, hint);
    let name = match name {
        "" => None,
        name => Some(name.to_owned().try_into().map_err(|why: catalogue::BadText| {
            refused(
                "body_wrong",
                format!("The name cannot be used: {why}."),
                "Choose a shorter one.",
            )
        })?),
    };
    household.petnames()?.set(&address.key, name).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => refused(
            "name_taken",
            "Another channel is called that here.".to_owned(),
            "Choose another name: one of yours means one channel.",
        ),
        _ => super::visit::denied(&household.data.petnames(), &error),
    })
}

fn listed(shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let household = Household::open(shared)?;
    let settings = household.library.settings().map_err(|error| of_library(&error))?;
    let sources = household.library.sources(&Languages::one(&settings.language));
    let sources = sources.map_err(|error| of_library(&error))?;
    let filters = household.library.filters(&Languages::one(&settings.language));
    let filters = filters.map_err(|error| of_library(&error))?;
    let petnames = household.petnames()?;
    for folder in household.channels.all().map_err(|error| of_folder(&error))? {
        let (key, manifest) = (*folder.key(), folder.manifest());
        let source = sources.iter().find(|source| source.id == key.to_string());
        let name = manifest.as_ref().and_then(|one| one.name.pick(&[&settings.language]));
        let name = name.unwrap_or_default().to_owned();
        let (version, titles) =
            (manifest.as_ref().map(|one| one.version), source.map(|source| source.titles));
        let petname = petnames.get(&key);
        let kind = manifest.as_ref().map(|one| one.kind).unwrap_or_default();
        let filter = filters.iter().find(|filter| filter.id == key.to_string());
        let object = json!({
            "address": Address::new(key).to_string(), "name": name, "version": version,
            "titles": titles, "publisher": manifest.map(|one| one.publisher.to_string()),
            "followed": folder.is_followed(), "own": folder.is_own(), "petname": petname,
            "moved_from": folder.moved_from().map(|from| Address::new(from).to_string()),
            "moved_to": handed_over_to(&folder).map(|to| Address::new(to).to_string()),
            "kind": kind, "entries": filter.map(|one| one.entries),
            "hides": filter.map(|one| one.hides), "applied": filter.map(|one| one.applied),
        });
        output.say(&object, || {
            let own = if folder.is_own() { "  (own)" } else { "" };
            let what = match filter {
                Some(filter) => filter_line(filter.entries, filter.hides, filter.applied),
                None => format!("{} titles", titles.unwrap_or(0)),
            };
            let name = called(petname.as_deref(), Some(&name));
            format!("{name}  {what}  {}{own}", Address::new(key))
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// What a filter is here, in words.
fn filter_line(entries: u64, hides: u64, is_applied: bool) -> String {
    let how = if is_applied { "hides" } else { "switched off, would hide" };
    format!("filter of {entries} entries, {how} {hides} titles")
}

/// The key to which its publisher handed a channel over; what is damaged is told of where the channel is used.
fn handed_over_to(folder: &Folder) -> Option<Key> {
    folder.standing().ok()?.rotation().map(|rotation| *rotation.new_key())
}

/// Our own name for a channel, with its publisher's behind it.
pub(super) fn called(petname: Option<&str>, name: Option<&str>) -> String {
    let name = printable(name.unwrap_or_default());
    match petname {
        Some(petname) => format!("{} ({name})", printable(petname)),
        None => name,
    }
}

/// Reads a channel's address.
pub(super) fn parse(text: &str) -> Result<Address, Failure> {
    text.parse().map_err(|error| {
        let message = format!("This is no channel: {error}.");
        Failure::new(
            Exit::BadInput,
            "bad_address",
            message,
            "Copy the whole address again, in quotes.",
        )
    })
}
