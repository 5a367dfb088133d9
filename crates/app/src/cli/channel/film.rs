//! `kinora channel add FILM`: a film becomes a torrent and a record, is signed, published and shared.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use catalogue::{
    Art, Digest, Kind,
    channel::{Address, Key},
};
use channels::{FilmAdded, Published, Publisher};
use clap::builder::PossibleValuesParser;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use media::container;
use serde_json::{Value, json};
use tokio::time::{interval, sleep};

use super::{
    super::{
        Shared, ending,
        household::{Household, of_own, of_publishing},
        output::{Output, printable},
        served::{self, Served},
    },
    doubles::{self, DoubleArgs},
    editing::AddArgs,
    publishing, serving,
};
use crate::{
    failure::{Exit, Failure},
    http::problem::Problem,
    importing::Importer,
    masters::{
        Choice, Description, DynamicRange, FilmRecord, Made, Master, Masters, PublishedFilm,
        Purpose, Work,
    },
    packing,
};

/// How often it is looked how far the work is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The frame that becomes the poster if nothing else is said, of those that the page offers.
const FRAME: usize = 1;
/// The bytes by which a film is told from a catalogue.
const HEAD_LEN: u64 = 64 << 10;
/// The largest picture that is sent as a poster, bytes.
const POSTER_MAX: u64 = 10 << 20;
/// The largest subtitle that is sent, bytes.
const SUBTITLE_MAX: u64 = 10 << 20;

/// What is said of a film.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "A film")]
pub(super) struct FilmArgs {
    /// Its name
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Its licence (SPDX), as CC-BY-4.0: by naming it you say that you may share the film
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// The permission in words, with the licence LicenseRef-publisher-own
    #[arg(long, value_name = "TEXT")]
    licence_statement: Option<String>,
    /// The credit line that the licence asks for
    #[arg(long, value_name = "TEXT")]
    attribution: Option<String>,
    /// Where the licence can be checked: `https://…`
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// The language of name and text
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    /// What sort of film
    #[arg(long, value_name = "KIND", default_value = "film", 
        value_parser = PossibleValuesParser::new(Kind::SINGLE.map(Kind::as_str)))]
    kind: String,
    /// Year of first publication
    #[arg(long)]
    year: Option<u16>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    synopsis: Option<String>,
    /// A genre in small letters (repeatable)
    #[arg(long, value_name = "WORD")]
    genre: Vec<String>,
    /// Its poster (JPEG, PNG, WebP); without one a frame is taken, if ffmpeg is installed
    #[arg(long, value_name = "PICTURE")]
    poster: Option<PathBuf>,
    /// A subtitle file in any usual format, whose name says its language, as film.fr.srt (repeatable)
    #[arg(long, value_name = "FILE")]
    subtitles: Vec<PathBuf>,
    /// Have ffmpeg make the usual qualities, pictures for the time line, and even loudness (EBU R 128)
    #[arg(long)]
    convert: bool,
    /// Have ffmpeg make this quality, as 720p (repeatable); none is larger than the film
    #[arg(long, value_name = "NAME")]
    quality: Vec<String>,
    /// Leave the sound as loud as it is when qualities are made
    #[arg(long)]
    keep_loudness: bool,
    #[command(flatten)]
    double: DoubleArgs,
}

impl FilmArgs {
    /// Whether a film is to be added, and not catalogue files.
    ///
    /// # Errors
    /// A film together with other files: what is said could be of one alone.
    pub(super) fn is_meant(&self, files: &[PathBuf]) -> Result<bool, Failure> {
        let is_film = self.title.is_some() || files.iter().any(|file| looks_like_film(file));
        if is_film && files.len() > 1 {
            let hint = "Add films one by one, or many at once with `kinora channel import`.";
            let message = "A film is added by itself.";
            return Err(Failure::new(Exit::BadInput, "one_film", message, hint));
        }
        Ok(is_film)
    }

    /// The record as the page sends it.
    fn record(&self, film: &Path) -> Result<Value, Failure> {
        let needed = [
            ("--title", &self.title),
            ("--licence", &self.licence),
            ("--attribution", &self.attribution),
            ("--source", &self.source),
        ];
        let missing: Vec<_> =
            needed.iter().filter(|(_, value)| value.is_none()).map(|(flag, _)| *flag).collect();
        if !missing.is_empty() {
            let message = format!("{} is a film; it needs {}.", film.display(), missing.join(", "));
            let hint = "Say all of it; `kinora channel --help` shows an example.";
            return Err(Failure::new(Exit::BadInput, "film_undescribed", message, hint));
        }
        Ok(json!({
            "name": self.title, "language": self.language, "kind": self.kind, "year": self.year,
            "synopsis": self.synopsis, "genres": self.genre, "licence": self.licence,
            "licence_statement": self.licence_statement, "attribution": self.attribution,
            "source": self.source, "agreed": true,
        }))
    }

    /// Whether ffmpeg is wanted.
    fn is_converted(&self) -> bool {
        self.convert || !self.quality.is_empty()
    }

    /// What ffmpeg is to make, if some of it is `suggested`.
    fn choice(&self, suggested: Vec<String>) -> Choice {
        let mut qualities = self.quality.clone();
        if qualities.is_empty() {
            qualities = suggested;
        }
        Choice { qualities, level_sound: !self.keep_loudness }
    }

    fn picture(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.poster else { return Ok(None) };
        let too_large = |length| (length > POSTER_MAX).then_some(std::io::ErrorKind::FileTooLarge);
        let read = fs::metadata(path).and_then(|about| match too_large(about.len()) {
            Some(kind) => Err(kind.into()),
            None => fs::read(path),
        });
        read.map(Some).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", path.display());
            let hint = "Name a JPEG, PNG or WebP file of at most 10 MiB.";
            Failure::new(Exit::NotFound, "poster_unreadable", message, hint)
        })
    }
}

fn looks_like_film(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| {
        std::io::Read::read_to_end(&mut std::io::Read::take(file, HEAD_LEN), &mut head)
    });
    read.is_ok() && container::sniff(&head).is_some()
}

/// A film's whole path, which is what the masters' folder and a server need.
fn whole(path: &Path) -> Result<PathBuf, Failure> {
    fs::canonicalize(path).map_err(|error| {
        let message = format!("{} cannot be read: {error}.", path.display());
        Failure::new(Exit::NotFound, "file_unreadable", message, "Check the path.")
    })
}

/// Publishes a film with no server running, and shares it until stopped.
pub(super) async fn add(
    args: AddArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let path = &args.files[0];
    let (record, picture) = (args.film.record(path)?, args.film.picture()?);
    let record: FilmRecord = serde_json::from_value(record).map_err(|why| bad_record(&why))?;
    let household = Household::open(shared)?;
    let own = args.which.own(&household)?;
    let key = *own.folder().key();
    let masters = household.masters()?;
    let publisher = Publisher::new(household.channels.clone());
    Importer { masters: masters.clone(), publisher, session: None }.clear().await;
    let taken = masters.take_for(&whole(path)?, Purpose::Publish(key.to_string())).await;
    let master = taken.map_err(|problem| of(&problem))?;
    let id = master.id.clone();
    let signed = tokio::select! {
        signed = sign(&household, &masters, master, (&record, &args.film, picture), key, output) => signed,
        ending = ending::asked(args.sharing.until_input_ends) => {
            // What is not published leaves nothing behind.
            masters.remove(&id).ok();
            return Ok(ending.code());
        }
    };
    let (film, published) = signed.inspect_err(|_| drop(masters.remove(&id)))?;
    tell(&film, &Address::new(key).to_string(), output);
    publishing::share(&household, &args.sharing, &published, shared, output).await
}

fn bad_record(why: &serde_json::Error) -> Failure {
    let message = format!("The film's record cannot be used: {why}.");
    Failure::new(
        Exit::BadInput,
        "bad_record",
        message,
        "`kinora channel add --help` lists what it may say.",
    )
}

pub(super) fn of(problem: &Problem) -> Failure {
    served::failure(&json!({"code": problem.code, "detail": problem.detail}))
}

/// Makes torrent and record, and a signed version of the channel that has them.
async fn sign(
    household: &Household,
    masters: &Masters,
    master: Master,
    (record, wanted, picture): (&FilmRecord, &FilmArgs, Option<Vec<u8>>),
    key: Key,
    output: Output,
) -> Result<(PublishedFilm, Published), Failure> {
    let description = record.description().map_err(|problem| of(&problem))?;
    description.check_words(&master).map_err(|problem| of(&problem))?;
    let master = with_subtitles(masters, master, wanted)?;
    let master = converted(masters, master, wanted, output).await?;
    description.check(&master).map_err(|problem| of(&problem))?;
    let master = with_poster(masters, master, picture, output).await?;
    let mut made = hashed(masters, &master, &description, output).await?;
    let own =
        channels::Own::open(household.channels.folder(key)).map_err(|error| of_own(&error))?;
    let mut title = made.title.clone();
    // Should the film not be added, its poster goes with the next command that takes something in.
    if let Some(poster) = packing::poster_of(masters, &master) {
        let hash = own.keep_thing(poster.kind, &poster.bytes).map_err(|error| of_own(&error))?;
        title.poster = Some(Art::Sha256(Digest(hash)));
    }
    let added = own.add_film(title, wanted.double.if_there()).map_err(|error| of_own(&error))?;
    let before = match added {
        FilmAdded::Waits { id, before } => {
            made.title.id = id;
            before
        }
        FilmAdded::There(titles) => {
            return Err(doubles::there(titles.into_iter().map(Into::into).collect()));
        }
    };
    let published = channels::publish(&household.channels, key).map_err(|error| {
        // The film is removed: nothing must wait that has no file.
        own.put_back(&made.title.id, before).ok();
        of_publishing(&error)
    })?;
    let film = masters.settle(&master, key, &made.named(), &made.metainfos);
    let film = film.map_err(|problem| of(&problem))?;
    Ok((film, published))
}

fn with_subtitles(masters: &Masters, master: Master, wanted: &FilmArgs) -> Result<Master, Failure> {
    wanted.subtitles.iter().try_fold(master, |master, file| {
        masters.add_file(&master.id, file, None).map_err(|problem| of(&problem))
    })
}

/// Has ffmpeg make what is wanted, if anything is.
async fn converted(
    masters: &Masters,
    master: Master,
    wanted: &FilmArgs,
    output: Output,
) -> Result<Master, Failure> {
    if !wanted.is_converted() {
        return Ok(master);
    }
    let offer = masters.offer(&master).await.map_err(|problem| of(&problem))?;
    note_range(offer.dynamic_range(), output);
    let (choice, id) = (wanted.choice(offer.suggested()), master.id.clone());
    let bar = converting_bar(output);
    let showing = async {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            if let Some(Work::Converting { quality, done, left_s, .. }) = masters.work(&id) {
                show_conversion(&bar, quality.as_deref(), done, left_s);
            }
        }
    };
    let converted = tokio::select! {
        converted = masters.convert(master, &choice) => converted,
        never = showing => never,
    };
    bar.finish_and_clear();
    converted.map_err(|problem| of(&problem))
}

/// What becomes of a picture with a high dynamic range.
fn note_range(range: DynamicRange, output: Output) {
    match range {
        DynamicRange::Standard => {}
        DynamicRange::Mapped => output.note(
            "The film is in HDR: its brightness is mapped to the usual range of televisions and browsers.",
        ),
        DynamicRange::Pale => output.note(
            "The film is in HDR, and the ffmpeg here cannot map that (it lacks zscale or tonemap): the qualities look \
             pale. Install an ffmpeg with zimg, or publish the film as it is.",
        ),
    }
}

/// The parts of the bar of a conversion.
const BAR_PARTS: u64 = 1000;

fn converting_bar(output: Output) -> ProgressBar {
    let bar = if output.is_watched() { ProgressBar::new(BAR_PARTS) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("converting {bar:30} {percent:>3}%  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn show_conversion(bar: &ProgressBar, quality: Option<&str>, done: f64, left_s: Option<u64>) {
    // Between 0 and the number of parts.
    bar.set_position((done.clamp(0.0, 1.0) * BAR_PARTS as f64) as u64);
    let left = left_s.map(|left| HumanDuration(Duration::from_secs(left)).to_string());
    let left = left.map(|left| format!("about {left} left")).unwrap_or_default();
    bar.set_message(format!("{}  {left}", quality.unwrap_or_default()));
}

async fn with_poster(
    masters: &Masters,
    master: Master,
    picture: Option<Vec<u8>>,
    output: Output,
) -> Result<Master, Failure> {
    if let Some(picture) = picture {
        return masters.set_poster(&master, picture).await.map_err(|problem| of(&problem));
    }
    match masters.choose_frame(&master, FRAME).await {
        Ok(master) => Ok(master),
        Err(problem) => {
            output.note(&no_poster(problem.title));
            Ok(master)
        }
    }
}

pub(super) fn no_poster(why: &str) -> String {
    format!("It has no poster: {why} Name one with --poster.")
}

async fn hashed(
    masters: &Masters,
    master: &Master,
    description: &Description,
    output: Output,
) -> Result<Made, Failure> {
    let bar = bar(output);
    let showing = async {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            if let Some(Work::Hashing { done_bytes, total_bytes }) = masters.work(&master.id) {
                bar.set_length(total_bytes);
                bar.set_position(done_bytes);
            }
        }
    };
    let made = tokio::select! {
        made = masters.make(master, description) => made,
        () = showing => Ok(None),
    };
    bar.finish_and_clear();
    let gone = || Failure::new(Exit::Interrupted, "stopped", "The film is gone.", "Add it again.");
    made.map_err(|problem| of(&problem))?.ok_or_else(gone)
}

/// The bar of a film of which torrents are made.
pub(super) fn bar(output: Output) -> ProgressBar {
    let bar = if output.is_watched() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template(
        "hashing {bar:30} {percent:>3}%  {binary_bytes_per_sec}  {eta}",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn tell(film: &PublishedFilm, address: &str, output: Output) {
    let object = json!({
        "event": "added", "titles": 1, "title": film.title, "infohash": film.infohash,
        "releases": film.releases, "address": address,
    });
    output.say(&object, || format!("The film is in {address}: {}.", torrents(film)));
}

fn torrents(film: &PublishedFilm) -> String {
    let each: Vec<_> = film
        .releases
        .iter()
        .map(|one| format!("{} torrent {}", one.quality, one.infohash))
        .collect();
    each.join(", ")
}

/// Has a server that runs publish a film; it goes on sharing it.
pub(super) async fn add_served(
    args: AddArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = &args.files[0];
    let (record, picture) = (args.film.record(path)?, args.film.picture()?);
    let channel = serving::chosen(&args.which, server).await?;
    // Should this program end before the film is published, the server lets go of it.
    let (master, _held) = server.hold_master(&whole(path)?).await?;
    let id = text(&master, "id").to_owned();
    let channel = channel.trim_start_matches('/');
    let mut body = json!({"channel": channel, "film": record});
    args.film.double.put_into(&mut body);
    let published = tokio::select! {
        published = publish_served(server, &id, (body, &args.film, picture), output) => published,
        ending = ending::signal() => {
            server.remove_master(&id).await.ok();
            let message = "It was stopped.";
            let failure = Failure::new(Exit::Interrupted, "stopped", message, "Add the film again.");
            tracing::debug!(?ending, "a film is not published");
            Err(failure)
        }
    };
    let published = match published {
        Ok(published) => published,
        Err(failure) => {
            server.remove_master(&id).await.ok();
            return Err(failure);
        }
    };
    let own = server.own(&format!("/{channel}"), None).await?;
    tell(&published, text(&own, "address"), output);
    let object =
        json!({"event": "published", "address": own["address"], "version": own["version"]});
    output.say(&object, || {
        format!("Version {} of {} is out.", own["version"], printable(text(&own, "address")))
    });
    output.note("The server that runs goes on sharing it.");
    Ok(())
}

async fn publish_served(
    server: &Served,
    id: &str,
    (body, wanted, picture): (Value, &FilmArgs, Option<Vec<u8>>),
    output: Output,
) -> Result<PublishedFilm, Failure> {
    for file in &wanted.subtitles {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        server.put_subtitle(id, &name.unwrap_or_default(), subtitle_bytes(file)?).await?;
    }
    if wanted.is_converted() {
        convert_served(server, id, wanted, output).await?;
    }
    match picture {
        Some(picture) => server.put_poster(id, picture).await?,
        None => {
            if let Err(failure) =
                server.masters(&format!("/{id}/frames"), Some(json!({"frame": FRAME}))).await
            {
                output.note(&format!("It has no poster: {}", failure.message));
            }
        }
    }
    server.masters(&format!("/{id}/publish"), Some(body)).await?;
    let bar = bar(output);
    loop {
        let master = server.masters(&format!("/{id}"), None).await?;
        let work = &master["work"];
        if work["stage"] == "failed" {
            return Err(served::failure(&work["problem"]));
        }
        if work["stage"] == "there" {
            bar.finish_and_clear();
            let titles = serde_json::from_value(work["titles"].clone());
            return Err(doubles::there(titles.map_err(|why| bad_record(&why))?));
        }
        if work.is_null() && !master["published"].is_null() {
            bar.finish_and_clear();
            let published = serde_json::from_value(master["published"].clone());
            return published.map_err(|why| bad_record(&why));
        }
        if work["stage"] == "hashing" {
            bar.set_length(work["total_bytes"].as_u64().unwrap_or(0));
            bar.set_position(work["done_bytes"].as_u64().unwrap_or(0));
        }
        sleep(LOOK_EVERY).await;
    }
}

fn subtitle_bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let read = fs::metadata(file).and_then(|about| match about.len() {
        0..=SUBTITLE_MAX => fs::read(file),
        _ => Err(std::io::ErrorKind::FileTooLarge.into()),
    });
    read.map_err(|error| {
        let message = format!("{} cannot be read: {error}.", file.display());
        Failure::new(
            Exit::NotFound,
            "file_unreadable",
            message,
            "Name a subtitle of at most 10 MiB.",
        )
    })
}

/// Has the server convert the film, and waits for it.
async fn convert_served(
    server: &Served,
    id: &str,
    wanted: &FilmArgs,
    output: Output,
) -> Result<(), Failure> {
    let offer = server.masters(&format!("/{id}/conversion"), None).await?;
    if let Ok(range) = serde_json::from_value(offer["dynamic_range"].clone()) {
        note_range(range, output);
    }
    let offered = offer["qualities"].as_array().into_iter().flatten();
    let suggested = offered.filter(|quality| quality["suggested"] == true);
    let choice = wanted.choice(suggested.map(|quality| text(quality, "name").to_owned()).collect());
    let body = json!({"qualities": choice.qualities, "level_sound": choice.level_sound});
    let mut master = server.masters(&format!("/{id}/conversion"), Some(body)).await?;
    let bar = converting_bar(output);
    while master["work"]["stage"] == "converting" {
        let work = &master["work"];
        let done = work["done"].as_f64().unwrap_or(0.0);
        show_conversion(&bar, work["quality"].as_str(), done, work["left_s"].as_u64());
        sleep(LOOK_EVERY).await;
        master = server.masters(&format!("/{id}"), None).await?;
    }
    bar.finish_and_clear();
    match &master["work"] {
        Value::Null => Ok(()),
        work => Err(served::failure(&work["problem"])),
    }
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}
