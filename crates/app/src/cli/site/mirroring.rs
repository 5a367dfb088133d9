//! `kinora site mirror` and `kinora site export`: web servers that have a copy of a site, and what they have.

use std::{path::PathBuf, process::ExitCode};

use catalogue::channel::Key;
use channels::Channels;
use hyper::Method;
use serde_json::json;

use super::{
    super::{
        Shared, follow,
        household::of_folder,
        mirrors::{Export, Named, What, write},
        output::Output,
        served::Served,
    },
    Sites,
    keys::Which,
    serving,
};
use crate::{failure::Failure, mirroring::Sources};

/// What `mirror` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct MirrorArgs {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    which: Which,
}

/// What `export` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ExportArgs {
    /// The folder to write
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Delete what is of no version any more
    #[arg(long)]
    delete_old: bool,
    #[command(flatten)]
    which: Which,
}

/// Changes or lists the mirrors of an own site.
pub(super) fn change(args: &MirrorArgs, sites: &Sites, output: Output) -> Result<(), Failure> {
    args.named.change(sites.open_own(args.which.site())?, What::Site, output)
}

/// The same, by the server that runs.
pub(super) async fn change_served(
    args: &MirrorArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let (id, url) = (serving::chosen(args.which.site(), server).await?, args.named.url()?);
    let path = format!("/{id}/mirrors");
    let method = if args.named.remove { Method::DELETE } else { Method::POST };
    let own = match url {
        Some(url) => server.own_site(method, &path, json!({"url": &*url})).await?,
        None => {
            let all = server.own_sites(None).await?;
            let mut sites = all["sites"].as_array().into_iter().flatten();
            sites.find(|site| site["id"] == *id).cloned().unwrap_or_default()
        }
    };
    args.named.tell(follow::parse(&id)?.key, &own["mirrors"], What::Site, output);
    Ok(())
}

/// Writes a mirror of a site that is here, own or visited.
pub(super) async fn export(
    args: ExportArgs,
    sites: &Sites,
    output: Output,
) -> Result<ExitCode, Failure> {
    let key = sites.own(args.which.site())?;
    write_from(args, sites.sites.clone(), key, output).await
}

/// The same beside a server that runs: what it is made of is only read.
pub(super) async fn export_beside(
    args: ExportArgs,
    shared: &Shared,
    server: &Served,
    output: Output,
) -> Result<ExitCode, Failure> {
    let id = serving::chosen(args.which.site(), server).await?;
    let root = shared.settings(&[])?.data_dir()?.join("sites");
    let sites = Channels::open(&root).map_err(|error| of_folder(&error))?;
    write_from(args, sites, follow::parse(&id)?.key, output).await
}

async fn write_from(
    args: ExportArgs,
    sites: Channels,
    key: Key,
    output: Output,
) -> Result<ExitCode, Failure> {
    let export = Export { to: args.to, delete_old: args.delete_old, what: What::Site };
    let work = move |to: &std::path::Path| {
        let folder = sites.folder(key);
        write(&Sources { folder: &folder, films: None }, to, What::Site, output)
    };
    export.run(key, output, work).await
}
