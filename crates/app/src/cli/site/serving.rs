//! `kinora site …` while a server holds the data folder: the server does it.

use std::process::ExitCode;

use serde_json::json;

use super::{
    super::{
        Shared,
        channel::{Kind, create_served},
        ending, follow,
        output::{Output, printable},
        served::Served,
    },
    OpenArgs, PublishArgs, Word, keys, mirroring, moved, none_here, say_published, several,
    tell_forgiven, tell_moved, whole,
};
use crate::{failure::Failure, serve::open_page};

/// Has the server do what the word says.
pub(super) async fn run(
    word: Word,
    shared: &Shared,
    server: &Served,
    output: Output,
) -> Result<ExitCode, Failure> {
    match word {
        Word::Create(args) => {
            let ask = async |body| server.own_sites(Some(body)).await;
            create_served(&args, Kind::Site, ask, output).await?;
        }
        Word::Publish(args) => return publish(&args, server, output).await,
        Word::Open(args) => open(&args, server, output).await?,
        Word::Export(args) => return mirroring::export_beside(args, shared, server, output).await,
        Word::Mirror(args) => mirroring::change_served(&args, server, output).await?,
        Word::Restore(args) => keys::restore_served(&args, server, output).await?,
        Word::Rotate(args) => keys::rotate_served(&args, server, output).await?,
        Word::HandOver(args) => keys::hand_over_served(&args, server, output).await?,
        Word::Lock(args) => keys::lock_served(&args, server, output).await?,
        Word::Forgive(args) => {
            let address = follow::parse(&args.address)?;
            server.forgive_site(&address).await?;
            tell_forgiven(&address, output);
        }
        Word::RemoveSecret(args) => keys::remove_served(&args, server, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The id of the own site that is meant.
pub(super) async fn chosen(site: Option<&str>, server: &Served) -> Result<String, Failure> {
    if let Some(address) = site {
        return Ok(follow::parse(address)?.key.to_string());
    }
    let list = server.own_sites(None).await?;
    let own: Vec<_> = list["sites"].as_array().into_iter().flatten().collect();
    match own[..] {
        [one] => Ok(one["id"].as_str().unwrap_or_default().to_owned()),
        [] => Err(none_here()),
        _ => Err(several()),
    }
}

/// The server goes on sharing, so this ends as soon as the version is out.
async fn publish(args: &PublishArgs, server: &Served, output: Output) -> Result<ExitCode, Failure> {
    let id = chosen(args.site.as_deref(), server).await?;
    let folder = whole(&args.folder);
    // A path that is not in UTF-8 is sent as well as it can be written; the server tells that it is missing.
    let folder = folder.display().to_string();
    let body = json!({
        "folder": folder, "scripts": args.scripts, "channel": args.channel, "theme": args.theme.wish(),
    });
    let published = tokio::select! {
        published = server.publish_site(&id, &body) => published?,
        ending = ending::signal() => return Ok(ending.code()),
    };
    say_published(&published, output);
    output.note("The server that runs goes on sharing it.");
    Ok(ExitCode::SUCCESS)
}

/// Has a site opened; the server goes on showing and sharing it.
async fn open(args: &OpenArgs, server: &Served, output: Output) -> Result<(), Failure> {
    let site = moved::opened(args, server).await?;
    let text = |field: &str| site[field].as_str().unwrap_or_default();
    let object = json!({
        "event": "ready", "url": site["url"], "address": site["address"], "name": site["name"],
        "version": site["version"], "scripts": site["scripts"], "successor": site["successor"],
    });
    output.say(&object, || format!("{} is open: {}", printable(text("name")), text("url")));
    tell_moved(site["successor"].as_str(), output);
    output.note("The server that runs shows it and shares it.");
    if !args.no_open && !output.is_json() {
        open_page(text("url"));
    }
    Ok(())
}
