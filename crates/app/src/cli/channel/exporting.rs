//! `kinora channel export`: a channel's titles for other programs, as a file or as a Stremio add-on, or all of it for a web server.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use catalogue::{
    Catalogue,
    channel::{self, Address},
    exchange::{json_ld, mrss},
};
use channels::Folder;
use clap::ValueEnum;
use serde_json::json;

use super::{
    super::{
        Shared, ending,
        household::{Household, of_following, of_library},
        loopback,
        output::Output,
        served::Served,
        visit,
    },
    Which, marking, mirroring, serving,
};
use crate::{
    failure::{Exit, Failure},
    stremio,
};

/// What `export` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ExportArgs {
    /// The file to write; with --format mirror the folder
    #[arg(long, value_name = "FILE", required_unless_present = "http")]
    pub(super) to: Option<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "kinora")]
    format: Format,
    /// Where the add-on is served, with --format stremio; on this machine alone
    #[arg(long, value_name = "IP:PORT", conflicts_with = "to")]
    http: Option<SocketAddr>,
    /// Delete what is of no version any more, with --format mirror
    #[arg(long)]
    pub(super) delete_old: bool,
    /// End when standard input closes, as a helper of another program
    #[arg(long, hide = true)]
    until_input_ends: bool,
    #[command(flatten)]
    which: Which,
}

/// In what titles are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A catalogue file, which `add` reads; of a filter, the list of its entries
    Kinora,
    /// schema.org in JSON-LD
    JsonLd,
    /// RSS with the elements of Media RSS, and torrents as enclosures; films and shorts only
    Mrss,
    /// An add-on for Stremio, served with --http until stopped
    Stremio,
    /// The signed channel itself in one file, as it is followed where there is no network yet
    Bundle,
    /// A folder for a web server: the signed channel, its pictures and subtitles, and the films that are whole here
    Mirror,
}

/// Exports a channel that is here, with no server running.
pub(super) async fn export(
    args: &ExportArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let household = Household::open(shared)?;
    let key = args.which.key(&household)?;
    let folder = household.channels.folder(key);
    if args.format == Format::Bundle {
        return bundle(args, &folder, output);
    }
    if args.format == Format::Mirror {
        let settings = household.library.settings().map_err(|error| of_library(&error))?;
        let media = settings.cache.path.unwrap_or_else(|| household.data.media());
        return mirroring::export(args, household.data.root().to_owned(), media, key, output).await;
    }
    if folder.manifest().is_some_and(|manifest| manifest.kind == channel::Kind::Filter) {
        return marking::export(&folder, entries_file(args)?, output);
    }
    let catalogue = channels::catalogue(&folder).map_err(|error| of_following(&error))?;
    give(args, catalogue, &Address::new(key).to_string(), output).await
}

/// Exports an own channel of a running server.
pub(super) async fn export_served(
    args: &ExportArgs,
    shared: &Shared,
    server: &Served,
    output: Output,
) -> Result<ExitCode, Failure> {
    if args.format == Format::Bundle {
        let message = "A bundle is made while no Kinora runs in this data folder.";
        return Err(Failure::new(
            Exit::BadInput,
            "server_runs",
            message,
            "Stop it, then try again.",
        ));
    }
    let path = serving::chosen(&args.which, server).await?;
    if args.format == Format::Mirror {
        return mirroring::export_beside(args, shared, server, &path, output).await;
    }
    if serving::is_filter(&path, server).await? {
        return marking::export_served(&path, entries_file(args)?, server, output).await;
    }
    let file = server.own(&format!("{path}/catalogue"), None).await?;
    let catalogue = Catalogue::parse(file.to_string().as_bytes()).map_err(|why| {
        let message = format!("What the server gave is no catalogue: {why}.");
        Failure::new(Exit::BadInput, "catalogue_bad", message, "Update Kinora on both sides.")
    })?;
    give(args, catalogue, &format!("kinora:{}", path.trim_start_matches('/')), output).await
}

/// Where the entries of a filter are written: they have one form.
fn entries_file(args: &ExportArgs) -> Result<&Path, Failure> {
    match (args.format, &args.to) {
        (Format::Kinora, Some(to)) => Ok(to),
        _ => Err(Failure::new(
            Exit::BadInput,
            "where_to",
            "The entries of a filter are written into a file, as a list.",
            "Leave --format out, and say --to FILE.",
        )),
    }
}

/// Writes the signed channel itself.
fn bundle(args: &ExportArgs, folder: &Folder, output: Output) -> Result<ExitCode, Failure> {
    let to = args.to.as_deref().unwrap_or(Path::new("channel.kinora"));
    let bytes = channels::bundle(folder).map_err(|error| {
        let hint = "Publish it first. A large channel is found through the network alone.";
        Failure::new(Exit::BadInput, "no_bundle", format!("{error}."), hint)
    })?;
    fs::write(to, &bytes).map_err(|error| visit::denied(to, &error))?;
    let address = Address::new(*folder.key()).to_string();
    let object = json!({"event": "exported", "address": address, "bytes": bytes.len(), "to": to});
    output.say(&object, || format!("{address} is in {}.", to.display()));
    Ok(ExitCode::SUCCESS)
}

async fn give(
    args: &ExportArgs,
    catalogue: Catalogue,
    address: &str,
    output: Output,
) -> Result<ExitCode, Failure> {
    match (args.format, &args.to, args.http) {
        (Format::Stremio, _, Some(http)) => serve(args, catalogue, http, output).await,
        (Format::Stremio, _, None) | (_, None, _) => Err(Failure::new(
            Exit::BadInput,
            "where_to",
            "A Stremio add-on is served, everything else is written into a file.",
            "Say --format stremio --http 127.0.0.1:7000, or another --format with --to FILE.",
        )),
        (format, Some(to), _) => {
            let bytes = written(format, &catalogue, address);
            fs::write(to, bytes).map_err(|error| visit::denied(to, &error))?;
            let titles = catalogue.titles().len();
            let object = json!({"event": "exported", "titles": titles, "left_out": 0, "to": to});
            output.say(&object, || format!("{titles} titles are in {}.", to.display()));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A catalogue in a format.
fn written(format: Format, catalogue: &Catalogue, address: &str) -> Vec<u8> {
    match format {
        Format::Mrss => mrss::write(catalogue, address),
        Format::JsonLd => json_ld::write(catalogue),
        Format::Kinora | Format::Stremio | Format::Bundle | Format::Mirror => catalogue.to_json(),
    }
}

async fn serve(
    args: &ExportArgs,
    catalogue: Catalogue,
    http: SocketAddr,
    output: Output,
) -> Result<ExitCode, Failure> {
    let listener = loopback::listen(http).await?;
    let port = listener.local_addr().unwrap_or(http).port();
    let titles = catalogue.titles().len();
    let serving = tokio::spawn(stremio::serve(listener, port, catalogue));
    let url = format!("http://127.0.0.1:{port}/manifest.json");
    let object = json!({"event": "ready", "url": url, "titles": titles});
    output.say(&object, || {
        format!("{titles} titles are an add-on. Paste this address into Stremio's search for add-ons:\n{url}")
    });
    output.note(
        "Any web page that is open in a browser here can read this list meanwhile. Ctrl-C ends it.",
    );
    let ending = ending::asked(args.until_input_ends).await;
    serving.abort();
    Ok(ending.code())
}
