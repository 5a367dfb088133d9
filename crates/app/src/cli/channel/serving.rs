//! `kinora channel …` while a server holds the data folder: the server does it.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use serde_json::{Value, json};

use super::{
    super::{
        Shared, follow, mirrors,
        output::{Output, printable},
        served::Served,
    },
    Which, Word, editing, exporting, film, import, keys, making, marking, mirroring, showing,
    vouching,
};
use crate::{
    failure::{Exit, Failure},
    packing::{self, Packed},
};

/// Has the server do what the word says.
pub(super) async fn run(
    word: Word,
    shared: &Shared,
    server: &Served,
    output: Output,
) -> Result<ExitCode, Failure> {
    match word {
        Word::Create(args) => {
            let ask = async |body| server.own("", Some(body)).await;
            let (args, what) = args.read();
            making::create_served(&args, what, ask, output).await?;
        }
        Word::Rotate(args) => rotate(&args, server, output).await?,
        Word::HandOver(args) => keys::hand_over_served(&args, server, output).await?,
        Word::Restore(args) => keys::restore_served(&args, server, output).await?,
        Word::Lock(args) => keys::lock_served(&args, server, output).await?,
        Word::RemoveSecret(args) => keys::remove_served(&args, server, output).await?,
        Word::Add(args) if args.film.is_meant(&args.files)? => {
            film::add_served(*args, server, output).await?;
        }
        Word::Add(args) => add(&args, server, output).await?,
        Word::Import(args) => return import::import_served(&args, server, output).await,
        Word::Remove(args) => marking::remove_served(&args, server, output).await?,
        Word::Withdraw(args) => withdraw(args, server, output).await?,
        Word::Publish(args) => publish(&args.which, server, output).await?,
        Word::Vouch(args) => vouching::vouch_served(&args, server, output).await?,
        Word::Claim(args) => vouching::claim_served(&args, server, output).await?,
        Word::Mirror(args) => mirroring::change_served(&args, server, output).await?,
        Word::Show(args) => show(&args.which, server, output).await?,
        Word::Export(args) => {
            return exporting::export_served(&args, shared, server, output).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The path of the own channel that is meant.
pub(super) async fn chosen(which: &Which, server: &Served) -> Result<String, Failure> {
    if let Some(address) = &which.channel {
        return Ok(format!("/{}", follow::parse(address)?.key));
    }
    let list = server.own("", None).await?;
    let own: Vec<_> = list["channels"].as_array().into_iter().flatten().collect();
    match own[..] {
        [one] => Ok(format!("/{}", one["id"].as_str().unwrap_or_default())),
        [] => Err(super::of_own(&channels::OwnError::NotOurs)),
        _ => Err(super::several()),
    }
}

/// Whether the own channel at this path is a filter.
pub(super) async fn is_filter(path: &str, server: &Served) -> Result<bool, Failure> {
    Ok(server.own(path, None).await?["kind"] == "filter")
}

async fn rotate(args: &keys::KeyArgs, server: &Served, output: Output) -> Result<(), Failure> {
    let path = chosen(&args.which, server).await?;
    let body = args.opens()?.body("passphrase");
    let channel = server.own(&format!("{path}/rotate"), Some(body)).await?;
    keys::tell_rotated(channel["address"].as_str().unwrap_or_default(), output);
    Ok(())
}

async fn add(args: &editing::AddArgs, server: &Served, output: Output) -> Result<(), Failure> {
    let channel = chosen(&args.which, server).await?;
    if is_filter(&channel, server).await? {
        let entries = Some(&args.entries);
        return marking::mark_served(&args.files, entries, &channel, server, output).await;
    }
    let path = format!("{channel}/titles");
    let (mut added, mut dropped, mut waiting) = (0, Vec::new(), json!(0));
    for file in &args.files {
        let bytes = fs::read(file).map_err(|error| editing::unreadable(file, &error))?;
        let mut body: Value = serde_json::from_slice(&bytes).map_err(|error| {
            let message = format!("{} cannot be used: {error}.", file.display());
            Failure::new(Exit::BadInput, "catalogue_bad", message, "Correct the file.")
        })?;
        send_files(file, &mut body, &channel, server, output).await?;
        let answer = server.own(&path, Some(body)).await?;
        for one in answer["dropped"].as_array().into_iter().flatten() {
            let text = |field: &str| printable(one[field].as_str().unwrap_or_default());
            output.note(&format!("left out: {}: {}", text("id"), text("why")));
            dropped.push(one.clone());
        }
        added += answer["titles"].as_u64().unwrap_or(0);
        waiting = answer["waiting"].clone();
    }
    let object = json!({"event": "added", "titles": added, "dropped": dropped, "waiting": waiting});
    output.say(&object, || format!("{added} titles were added; {waiting} wait to be published."));
    Ok(())
}

/// Hands over what lies beside a catalogue, which names it by its hash then.
async fn send_files(
    catalogue: &Path,
    body: &mut Value,
    channel: &str,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    editing::without_remote(body, output);
    let files = packing::beside(body);
    if files.is_empty() {
        return Ok(());
    }
    let mut packed = BTreeMap::new();
    for (sort, name) in files {
        let Some(bytes) = editing::beside(catalogue, &name, output) else { continue };
        match server.pack(channel, sort.word(), bytes).await {
            Ok(answer) => {
                let text = |field: &str| answer[field].as_str().map(str::to_owned);
                let (sha256, thumbhash) = (text("sha256").unwrap_or_default(), text("thumbhash"));
                packed.insert((sort, name), Packed { sha256, thumbhash });
            }
            Err(failure) if ["image_bad", "subtitle_bad"].contains(&failure.code) => {
                editing::left_out(&name, Some(&failure.message), output);
            }
            Err(failure) => return Err(failure),
        }
    }
    packing::replace(body, &packed);
    Ok(())
}

async fn withdraw(
    args: editing::WithdrawArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = chosen(&args.which, server).await?;
    let mut body = json!({"id": args.title, "reason": args.reason});
    let more = [("infohash", args.infohash), ("note", args.note)];
    for (field, value) in more {
        if let Some(value) = value {
            body[field] = json!(value);
        }
    }
    server.own(&format!("{path}/withdrawals"), Some(body)).await?;
    editing::tell_withdrawn(&args.title, output);
    Ok(())
}

/// The server goes on sharing, so this ends as soon as the version is out.
async fn publish(which: &Which, server: &Served, output: Output) -> Result<(), Failure> {
    let path = chosen(which, server).await?;
    let mut object = server.own(&format!("{path}/publish"), Some(json!({}))).await?;
    object["event"] = json!("published");
    output.say(&object, || {
        let address = object["address"].as_str().unwrap_or_default();
        format!(
            "Version {} of {address} is out: {} nodes know of it.",
            object["version"], object["copies"]
        )
    });
    output.note("The server that runs goes on sharing it.");
    Ok(())
}

async fn show(which: &Which, server: &Served, output: Output) -> Result<(), Failure> {
    let path = chosen(which, server).await?;
    let own = server.own(&path, None).await?;
    let object = json!({
        "event": "channel", "address": own["address"], "magnet": own["magnet"], "name": own["name"],
        "version": own["version"], "root_version": own["root_version"],
        "kind": own["kind"],
        "waiting": {"titles": own["waiting_titles"], "withdrawn": own["waiting_withdrawals"]},
        "mirrors": own["mirrors"],
    });
    output.say(&object, || {
        let text = |field: &str| printable(own[field].as_str().unwrap_or_default());
        format!(
            "{}\n{}\nVersion {}; {} wait to be published.{}",
            text("name"),
            text("address"),
            own["version"],
            showing::waiting(
                own["kind"] == "filter",
                &own["waiting_titles"],
                &own["waiting_withdrawals"]
            ),
            mirrors::lines(&own["mirrors"]),
        )
    });
    Ok(())
}
