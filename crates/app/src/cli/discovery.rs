//! `kinora channels find` and `vouched`: channels that others vouch for, and domains that vouch for a channel.

use std::process::ExitCode;

use catalogue::channel::Address;
use channels::{NotVouched, Subscriptions};
use serde_json::{Value, json};

use super::{
    Shared, ending,
    household::{Household, of_folder, of_following, of_library, sentence},
    network::NetworkArgs,
    output::{Output, printable},
    served::Served,
    visit::Visit,
};
use crate::{
    blocklist::Blocklist,
    failure::{Exit, Failure},
};

/// Lists the channels that followed ones vouch for.
pub(super) async fn find(shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let found = match Served::find(shared)? {
        Some(server) => server.found_channels().await?,
        None => found_here(shared).await?,
    };
    for one in &found {
        output.say(one, || {
            let text = |value: &Value| printable(value.as_str().unwrap_or_default());
            let by = one["vouched_by"].as_array().into_iter().flatten();
            let by: Vec<_> = by.map(|voucher| text(&voucher["name"])).collect();
            let followed = if one["followed"] == true { "  (followed)" } else { "" };
            let (name, address, by) = (text(&one["name"]), text(&one["address"]), by.join(", "));
            format!("{name}  {address}  named by {by}{followed}")
        });
    }
    if found.is_empty() {
        output.note("No channel that you follow names another one.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn found_here(shared: &Shared) -> Result<Vec<Value>, Failure> {
    let household = Household::open(shared)?;
    let settings = household.library.settings().map_err(|error| of_library(&error))?;
    let petnames = household.petnames()?;
    let path = household.data.root().join("blocked-channels.json");
    let blocked = Blocklist::open(&path).map_err(|error| super::visit::denied(&path, &error))?;
    let subscriptions = Subscriptions::new(household.channels.clone(), household.library.clone());
    let found = subscriptions.recommended().await.map_err(|error| of_following(&error))?;
    let languages = [&settings.language];
    let shown = found.iter().filter(|one| !blocked.has(&one.key)).map(|one| {
        let by = one.by.iter().map(|(key, name)| {
            let name = petnames.get(key).or_else(|| name.pick(&languages).map(str::to_owned));
            json!({"id": key.to_string(), "name": name})
        });
        json!({
            "id": one.key.to_string(), "address": Address::new(one.key).to_string(),
            "name": one.name.pick(&languages), "about": one.about.pick(&languages),
            "languages": one.languages.iter().map(|one| &**one).collect::<Vec<_>>(),
            "vouched_by": by.collect::<Vec<_>>(), "followed": one.is_followed, "own": one.is_own,
        })
    });
    Ok(shown.collect())
}

/// Asks the domain that a channel claims.
pub(super) async fn ask_domain(
    address: &Address,
    network: &NetworkArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let domain = match Served::find(shared)? {
        Some(server) => {
            let channel = server.ask_domain(address).await?;
            channel["domain"].as_str().unwrap_or_default().to_owned()
        }
        None => {
            let household = Household::open(shared)?;
            let visit = Visit::begin(household.data.resume(), network, None, shared).await?;
            let subscriptions =
                Subscriptions::new(household.channels.clone(), household.library.clone());
            let asked = tokio::select! {
                asked = subscriptions.ask_domain(visit.session(), address.key) => asked,
                ending = ending::signal() => return Ok(ending.code()),
            };
            visit.end(true).await;
            asked.map_err(|why| not_vouched(&why))?.domain
        }
    };
    let object = json!({"event": "vouched", "address": address.to_string(), "domain": domain});
    output.say(&object, || format!("{domain} vouches for {address}."));
    Ok(ExitCode::SUCCESS)
}

fn not_vouched(why: &NotVouched) -> Failure {
    let refused = |code, hint| Failure::new(Exit::Refused, code, sentence(why), hint);
    match why {
        NotVouched::NoDomain => refused("no_domain", "Ask its publisher by another way."),
        NotVouched::NoRecord { .. } => {
            refused("domain_silent", "Ask its publisher by another way.")
        }
        NotVouched::OtherKey { .. } => refused(
            "domain_other",
            "Ask its publisher by another way: this may not be their channel.",
        ),
        NotVouched::Unknown => {
            let hint = "Follow it first: `kinora follow ADDRESS`.";
            Failure::new(Exit::NotFound, "not_followed", sentence(why), hint)
        }
        NotVouched::Silent { .. } => {
            let hint = "Try again when the connection is there.";
            Failure::new(Exit::NotFound, "names_unreachable", sentence(why), hint)
        }
        NotVouched::Folder(error) => of_folder(error),
    }
}
