//! `kinora channel mirror` and `export --format mirror`: web servers that have a copy of ours, and what they have.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use catalogue::channel::Key;
use channels::Channels;
use hyper::Method;
use serde_json::json;

use super::{
    super::{
        Shared,
        household::{Household, of_folder, of_own},
        mirrors::{Export, Named, What, write},
        output::Output,
        served::Served,
        visit,
    },
    Which,
    exporting::ExportArgs,
    serving,
};
use crate::{
    failure::Failure,
    masters::Masters,
    mirroring::{Films, Mirrored, Sources},
};

/// What `mirror` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct MirrorArgs {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    which: Which,
}

/// Changes or lists the mirrors of an own channel.
pub(super) fn change(
    args: &MirrorArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    args.named.change(args.which.own(household)?, What::Channel, output)?;
    Ok(ExitCode::SUCCESS)
}

/// The same, by the server that runs.
pub(super) async fn change_served(
    args: &MirrorArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let (path, url) = (serving::chosen(&args.which, server).await?, args.named.url()?);
    let mirrors = format!("{path}/mirrors");
    let own = match url {
        Some(url) if args.named.remove => {
            let body = json!({"url": &*url});
            server.change_own(Method::DELETE, &mirrors, Some(body)).await?
        }
        Some(url) => server.own(&mirrors, Some(json!({"url": &*url}))).await?,
        None => server.own(&path, None).await?,
    };
    args.named.tell(key_of(&path)?, &own["mirrors"], What::Channel, output);
    Ok(())
}

/// The key in the path of an own channel.
fn key_of(path: &str) -> Result<Key, Failure> {
    let key = Key::parse(path.trim_start_matches('/'));
    key.ok_or_else(|| of_own(&channels::OwnError::NotOurs))
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
    let export = Export { to, delete_old: args.delete_old, what: What::Channel };
    export.run(key, output, move |to| write_from(&data, &media, key, to, output)).await
}

fn write_from(
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
    let films = Films { masters: &masters, media, torrents: &torrents };
    write(&Sources { folder: &folder, films: Some(films) }, to, What::Channel, output)
}
