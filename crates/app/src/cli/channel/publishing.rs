//! `kinora channel publish`: what waits is signed, told to the network, and shared until the command is stopped.

use std::process::ExitCode;

use catalogue::channel::Address;
use channels::{Keeper, Published};
use driver::Session;
use serde_json::json;

use super::{
    super::{
        Shared, ending,
        household::{Household, of_publishing},
        network::NetworkArgs,
        output::Output,
        visit::Visit,
    },
    Which,
};
use crate::failure::Failure;

/// What `publish` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PublishArgs {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    sharing: SharingArgs,
}

/// With whom a version is shared that was just published, and until when.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct SharingArgs {
    /// End as soon as the network knows of it; `kinora serve` shares it later
    #[arg(long)]
    once: bool,
    /// End when standard input closes, as a helper of another program
    #[arg(long, hide = true)]
    pub(super) until_input_ends: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

pub(super) async fn publish(
    args: PublishArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let household = Household::open(shared)?;
    let key = args.which.key(&household)?;
    args.which.own(&household)?;
    let published =
        channels::publish(&household.channels, key).map_err(|error| of_publishing(&error))?;
    share(&household, &args.sharing, &published, shared, output).await
}

/// Tells the network of a version, and shares it with the films of this household until the command is stopped.
pub(super) async fn share(
    household: &Household,
    args: &SharingArgs,
    published: &Published,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let visit = Visit::begin(household.data.resume(), &args.network, None, shared).await?;
    let ended = tokio::select! {
        ended = serve(&visit, household, args, published, output) => ended,
        ending = ending::asked(args.until_input_ends) => Ok(ending.code()),
    };
    visit.end(true).await;
    ended
}

async fn serve(
    visit: &Visit,
    household: &Household,
    args: &SharingArgs,
    published: &Published,
    output: Output,
) -> Result<ExitCode, Failure> {
    household.masters()?.share_all(visit.session()).await;
    let put = async |session: &Session| {
        channels::put(session, &household.channels, published.key)
            .await
            .map_err(|error| of_publishing(&error))
    };
    let copies = visit.until_taken(put).await?;
    say(published, copies, visit, output);
    if args.once {
        return Ok(ExitCode::SUCCESS);
    }
    let Household { library, channels, .. } = household;
    let (keeper, _updates) =
        Keeper::new(visit.session().clone(), channels.clone(), library.clone());
    keeper.run().await;
    Ok(ExitCode::SUCCESS)
}

fn say(published: &Published, copies: usize, visit: &Visit, output: Output) {
    let Published { key, version, records, torrent, new_bytes, .. } = published;
    let address = Address::new(*key).to_string();
    let listen: Vec<_> = visit.local_addrs().iter().map(ToString::to_string).collect();
    let object = json!({
        "event": "published", "address": address, "version": version, "records": records,
        "infohash_v1": torrent.v1().map(|hash| hash.to_string()),
        "infohash_v2": torrent.v2().map(|hash| hash.to_string()),
        "new_bytes": new_bytes, "copies": copies, "listen": listen,
    });
    output.say(&object, || {
        format!("Version {version} of {address} is out: {copies} nodes know of it.")
    });
    if copies == 0 {
        output.note(
            "No node of the DHT took it yet: followers will not find it. Check the connection.",
        );
    }
}
