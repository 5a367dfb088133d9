//! From a film's file to a title of a channel: described, hashed, shared, signed.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc};

use catalogue::{
    Art, Catalogue, Id, Title,
    channel::{Key, RecordId},
};
use channels::{FilmAdded, IfThere};
use driver::{Add, Session, Source};
use engine::Want;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use torrent::{InfoHashes, Metainfo, create::Builder};
use utoipa::ToSchema;

use super::{
    FilmThere, Master, Masters, OutgoingFile, PublishedFilm, PublishedQuality, Work,
    pictures::POSTER,
    store::{denied, write_whole},
    subtitles::SUBTITLES,
};
use crate::{
    cinema::Cinema,
    events::Event,
    hashing::{self, CannotHash},
    http::problem::{Code, Problem},
    swarm::same,
};

/// What is said of a film that is published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilmRecord {
    /// Its name.
    name: String,
    /// The language of name and text (BCP 47).
    language: String,
    /// `film`, `short`, `concert`, `performance`, `lecture` or `newsreel`.
    kind: String,
    /// What it is about.
    synopsis: Option<String>,
    /// Year of first publication.
    year: Option<u16>,
    /// Genres.
    #[serde(default)]
    genres: Vec<String>,
    /// The licence (SPDX).
    licence: String,
    /// The publisher's permission in words, with a licence of their own.
    licence_statement: Option<String>,
    /// The credit line that the licence asks for.
    attribution: String,
    /// Where the licence can be checked (https).
    source: String,
    /// "I may share this": must be true.
    agreed: bool,
}

/// A film that is ready to be published.
#[derive(Debug)]
pub struct Made {
    /// Its record.
    pub title: Title,
    /// The torrent of each quality, best first, with everything that goes out beside it.
    pub metainfos: Vec<Arc<Metainfo>>,
}

/// What a film is called in its channel.
#[derive(Debug, Clone)]
pub struct Named {
    /// The title's id.
    pub title: Id,
    /// The episode's, if the title is a series.
    pub episode: Option<Id>,
}

impl Made {
    /// A title by itself.
    #[must_use]
    pub fn named(&self) -> Named {
        Named { title: self.title.id.clone(), episode: None }
    }
}

impl FilmRecord {
    /// What the publisher says, in the shape of a catalogue's record.
    ///
    /// # Errors
    /// [`Code::NotAgreed`].
    pub fn description(&self) -> Result<Description, Problem> {
        if !self.agreed {
            return Err(Problem::from(Code::NotAgreed));
        }
        let text = |text: &str| json!({ self.language.as_str(): text });
        let synopsis = self.synopsis.as_deref().filter(|text| !text.trim().is_empty());
        let said = [
            ("kind", json!(self.kind)),
            ("name", text(&self.name)),
            ("synopsis", synopsis.map(text).into()),
            ("year", self.year.into()),
            ("licence", self.licence.trim().into()),
            ("licence_statement", self.licence_statement.as_deref().into()),
            ("attribution", json!(self.attribution)),
            ("source", self.source.trim().into()),
            ("genres", json!(self.genres)),
        ];
        let said = said.into_iter().filter(|(_, value)| !value.is_null());
        Ok(Description(said.map(|(field, value)| (field.to_owned(), value)).collect()))
    }
}

/// What is said of a film, in the shape of a catalogue's record as far as it goes.
#[derive(Debug, Clone)]
pub struct Description(Map<String, Value>);

impl Description {
    /// A record without releases.
    #[must_use]
    pub fn new(record: Map<String, Value>) -> Self {
        Self(record)
    }

    /// Whether a film may be published with this.
    ///
    /// # Errors
    /// What is missing or refused.
    pub fn check(&self, master: &Master) -> Result<(), Problem> {
        if master.outgoing().iter().any(|outgoing| !outgoing.facts.goes_as_it_is) {
            return Err(Code::MasterUnconverted.into());
        }
        self.check_words(master)
    }

    /// Whether what is said of a film is enough, whatever is made of it.
    ///
    /// # Errors
    /// What is missing or refused.
    pub fn check_words(&self, master: &Master) -> Result<(), Problem> {
        self.title(master, &[]).map(drop)
    }

    /// The title that this makes, as everybody's door for catalogues admits it.
    fn title(&self, master: &Master, torrents: &[Arc<Metainfo>]) -> Result<Title, Problem> {
        admitted(&self.record(master, torrents))
    }

    /// The record; without torrents one that can be checked.
    fn record(&self, master: &Master, torrents: &[Arc<Metainfo>]) -> Value {
        let names = self.0.get("name").and_then(Value::as_object);
        let name = names.and_then(|names| names.values().next()).and_then(Value::as_str);
        let own = self.0.get("id").and_then(Value::as_str).map(str::to_owned);
        let id = own.unwrap_or_else(|| title_id(name.unwrap_or_default(), &master.id));
        let subtitles = subtitles(master);
        let release = |(place, outgoing): (usize, OutgoingFile)| {
            let OutgoingFile { quality, file, length, facts, .. } = outgoing;
            let (torrent, pieces_root) = match torrents.get(place) {
                Some(metainfo) => (link(&metainfo.info.hashes()), pieces_root(metainfo, &file)),
                None => (json!({"v1": "0".repeat(40)}), None),
            };
            json!({
                "id": format!("{id}-{quality}"), "quality": quality,
                "width": facts.width, "height": facts.height, "container": facts.container,
                "video_codec": facts.video_codec, "audio_codec": facts.audio_codec,
                "audio_languages": facts.audio_languages, "size_bytes": length,
                "torrent": torrent, "path": file, "pieces_root": pieces_root, "subtitles": subtitles,
            })
        };
        let releases: Vec<_> = master.outgoing().into_iter().enumerate().map(release).collect();
        let mut record = self.0.clone();
        let mut set = |field: &str, value: Value| record.insert(field.to_owned(), value);
        set("id", id.into());
        set("releases", releases.into());
        if master.facts.duration_s.is_some() {
            set("runtime_s", master.facts.duration_s.into());
        }
        if let Some(thumbhash) = &master.thumbhash {
            set("poster", json!({"in_torrent": POSTER}));
            set("thumbhash", json!(thumbhash));
        }
        record.into()
    }
}

/// The title that a record makes, as everybody's door for catalogues admits it.
///
/// # Errors
/// [`Code::NoValidTitle`] with what is missing or refused.
pub fn admitted(record: &Value) -> Result<Title, Problem> {
    let file = json!({
        "kinora_catalogue": 1, "id": "one", "revision": 1, "name": {"en": "one"},
        "publisher": "one", "titles": [record],
    });
    let read = Catalogue::parse(file.to_string().as_bytes());
    let read = read.map_err(|why| Problem::from(Code::CatalogueBad).detail(why))?;
    match (read.titles(), read.rejected()) {
        ([title], _) => Ok(title.clone()),
        (_, [rejected, ..]) => Err(Problem::from(Code::NoValidTitle).detail(&rejected.why)),
        _ => Err(Code::NoValidTitle.into()),
    }
}

fn link(hashes: &InfoHashes) -> Value {
    json!({
        "v1": hashes.v1().map(|hash| hash.to_string()),
        "v2": hashes.v2().map(|hash| hash.to_string()),
    })
}

/// What the film's file is known by in every torrent; beside it lie its pictures and subtitles.
fn pieces_root(metainfo: &Metainfo, name: &str) -> Option<String> {
    let mut files = metainfo.info.files().iter();
    let film = files.find(|file| file.path.get(1..).is_some_and(|inside| inside == [name]))?;
    film.pieces_root.map(|root| root.to_string())
}

fn subtitles(master: &Master) -> Value {
    let track = |subtitle: &super::Subtitle| {
        json!({
            "language": subtitle.language, "label": subtitle.label, "role": subtitle.role,
            "format": "vtt", "path": format!("{SUBTITLES}/{}", subtitle.file),
        })
    };
    master.subtitles.iter().map(track).collect()
}

/// The film's name in plain letters, and something that no other film has.
fn title_id(name: &str, master: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let words: Vec<_> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let short: String = words.join("-").chars().take(40).collect();
    let start = if short.is_empty() { "film" } else { short.trim_end_matches('-') };
    format!("{start}-{}", &master[..master.len().min(8)])
}

impl Cinema {
    /// Begins to publish a film in one of our channels.
    ///
    /// # Errors
    /// What is missing in the record, [`Code::ConsentNeeded`], [`Code::NotOurs`] or [`Code::MasterPublished`]. That the film
    /// is in the channel already is told as [`Work::There`].
    pub async fn publish_master(
        &self,
        master: Master,
        channel: Key,
        record: FilmRecord,
        if_there: IfThere,
    ) -> Result<(), Problem> {
        let session = self.swarm.session()?;
        self.publisher.get(channel).await.map_err(|error| Problem::from(&error))?;
        let description = record.description()?;
        description.check(&master)?;
        if master.published.is_some() {
            return Err(Code::MasterPublished.into());
        }
        let work = self.masters.work(&master.id);
        if work.as_ref().is_some_and(|work| !work.is_over()) {
            return Err(Code::MasterBusy.into());
        }
        // Whoever was asked what is meant does not wait for the same torrents again.
        let is_made = matches!(work, Some(Work::There { .. }));
        self.masters.begin_hashing(&master);
        let (cinema, id) = (self.clone(), master.id.clone());
        tokio::spawn(async move {
            let made = if is_made { cinema.masters.made(&master, &description) } else { Ok(None) };
            let made = match made {
                Ok(None) => cinema.masters.make(&master, &description).await,
                made => made,
            };
            let done = match made {
                Ok(Some(made)) => cinema.carry_out(&session, master, channel, made, if_there).await,
                Ok(None) => Ok(None),
                Err(problem) => Err(problem),
            };
            if cinema.masters.work(&id).is_none() {
                return;
            }
            cinema
                .masters
                .set_work(&id, done.unwrap_or_else(|problem| Some(Work::Failed { problem })));
            cinema.events.tell(Event::Channels);
        });
        Ok(())
    }

    /// Puts a film whose torrents are made into its channel. Returns how else it ended.
    async fn carry_out(
        &self,
        session: &Session,
        master: Master,
        channel: Key,
        mut made: Made,
        if_there: IfThere,
    ) -> Result<Option<Work>, Problem> {
        self.masters.set_work(&master.id, Some(Work::Publishing));
        let title = self.with_poster_in_pack(channel, &master, made.title.clone()).await?;
        let poster = match &title.poster {
            Some(Art::Sha256(hash)) => BTreeSet::from([hash.0]),
            _ => BTreeSet::new(),
        };
        let added = self.publisher.add_film(channel, title, if_there).await;
        let before = match added.map_err(|error| Problem::from(&error)) {
            Ok(FilmAdded::Waits { id, before }) => {
                made.title.id = id;
                before
            }
            not_added => {
                self.publisher.let_go(channel, Some(poster)).await.ok();
                let FilmAdded::There(titles) = not_added? else { return Ok(None) };
                let titles = titles.into_iter().map(FilmThere::from).collect();
                return Ok(Some(Work::There { titles }));
            }
        };
        if let Err(problem) = self.masters.share_made(session, &master.id, &made.metainfos).await {
            // Nothing must wait that has no film.
            let undone = self.publisher.put_back(channel, &made.title.id, before).await;
            undone.map_err(|error| Problem::from(&error))?;
            return Err(problem);
        }
        self.publish_channel(channel).await?;
        self.masters.settle(&master, channel, &made.named(), &made.metainfos)?;
        Ok(None)
    }
}

impl Masters {
    /// Makes a film's torrents and its title; none if the film is removed meanwhile. [`Self::work`] says how far it is.
    ///
    /// # Errors
    /// What is missing in the record, or the film cannot be read.
    pub async fn make(
        &self,
        master: &Master,
        description: &Description,
    ) -> Result<Option<Made>, Problem> {
        description.check(master)?;
        self.begin_hashing(master);
        let (masters, described) = (self.clone(), master.clone());
        let made = tokio::task::spawn_blocking(move || {
            let made = masters.make_torrents(&described);
            masters.remove_rest(&described.id);
            made
        });
        let made = made.await;
        let Some(metainfos) = made.map_err(|_| Code::Internal)?? else { return Ok(None) };
        let title = description.title(master, &metainfos)?;
        Ok(Some(Made { title, metainfos }))
    }

    /// A film whose torrents are made, with the title that is described now; none if one of them is not here.
    ///
    /// # Errors
    /// What is missing in the record.
    pub fn made(
        &self,
        master: &Master,
        description: &Description,
    ) -> Result<Option<Made>, Problem> {
        let Some(metainfos) = self.metainfos(master) else { return Ok(None) };
        let title = description.title(master, &metainfos)?;
        Ok(Some(Made { title, metainfos }))
    }

    fn begin_hashing(&self, master: &Master) {
        let total_bytes = master.outgoing().iter().map(|outgoing| outgoing.length).sum();
        let work = Work::Hashing { done_bytes: 0, total_bytes };
        self.set_work(&master.id, Some(work));
    }

    /// Notes what a film became; from now on it is shared with every session. The film as it came is let go if
    /// others were made of it.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn settle(
        &self,
        master: &Master,
        channel: Key,
        named: &Named,
        metainfos: &[Arc<Metainfo>],
    ) -> Result<PublishedFilm, Problem> {
        let hashes = metainfos.iter().map(|metainfo| metainfo.info.hashes().wire().to_string());
        let releases = master.outgoing().into_iter().zip(hashes);
        let releases: Vec<_> = releases
            .map(|(outgoing, infohash)| PublishedQuality { quality: outgoing.quality, infohash })
            .collect();
        let published = PublishedFilm {
            channel: channel.to_string(),
            // What followers see is made of the publisher's own id.
            title: RecordId::of(&named.title).to_string(),
            episode: named.episode.as_ref().map(|episode| RecordId::of(episode).to_string()),
            infohash: releases.first().map(|one| one.infohash.clone()).unwrap_or_default(),
            releases,
        };
        let settled = published.clone();
        let master = self.change(&master.id, |master, _| {
            master.published = Some(settled);
            Ok(())
        })?;
        self.forget_unfinished(&master);
        if !master.made.is_empty() {
            let as_it_came = self.files(&master.id).join(&master.folder);
            if let Err(error) = fs::remove_dir_all(as_it_came) {
                tracing::warn!(%error, "the film as it came stays on the disk");
            }
        }
        Ok(published)
    }

    /// Makes the torrent of each quality; none if the film is removed meanwhile.
    fn make_torrents(&self, master: &Master) -> Result<Option<Vec<Arc<Metainfo>>>, Problem> {
        let extras = self.extras_of(master)?;
        let outgoing = master.outgoing();
        let beside: u64 = extras.iter().map(|(_, length)| length).sum();
        let total_bytes = outgoing.iter().map(|outgoing| outgoing.length + beside).sum();
        let done = std::cell::Cell::new(0);
        let hashed = |bytes| {
            done.set(done.get() + bytes);
            self.go_on(&master.id, Work::Hashing { done_bytes: done.get(), total_bytes })
        };
        let mut made = Vec::new();
        for outgoing in outgoing {
            let Some(metainfo) = self.make_torrent(master, &outgoing, &extras, &hashed)? else {
                return Ok(None);
            };
            made.push(Arc::new(metainfo));
        }
        Ok(Some(made))
    }

    fn make_torrent(
        &self,
        master: &Master,
        outgoing: &OutgoingFile,
        extras: &[(Vec<String>, u64)],
        hashed: &dyn Fn(u64) -> bool,
    ) -> Result<Option<Metainfo>, Problem> {
        let inside = self.files(&master.id).join(&outgoing.folder);
        let mut builder = Builder::folder(outgoing.folder.clone());
        builder.file(vec![outgoing.file.clone()], outgoing.length);
        for (path, length) in extras {
            let (from, to) = (self.extras(&master.id), inside.clone());
            let path_in = |root: PathBuf| root.join(path.iter().collect::<PathBuf>());
            let (from, to) = (path_in(from), path_in(to));
            fs::create_dir_all(to.parent().unwrap_or(&inside)).map_err(denied)?;
            fs::copy(from, to).map_err(denied)?;
            builder.file(path.clone(), *length);
        }
        builder.created_by = Some(format!("Kinora {}", env!("CARGO_PKG_VERSION")));
        let hashing =
            builder.start().map_err(|error| Problem::from(Code::MasterBad).detail(error))?;
        let made = hashing::hash(hashing, &inside, hashed).map_err(|error| match error {
            CannotHash::Unreadable { error, .. } => denied(error),
            CannotHash::Cannot(error) => Problem::from(Code::MasterBad).detail(error),
        })?;
        if let Some(metainfo) = &made {
            let path = self.torrent_file(&master.id, outgoing);
            write_whole(&path, &metainfo.to_bytes()).map_err(denied)?;
        }
        Ok(made)
    }

    /// What goes out beside every quality: paths in the torrents, and lengths.
    fn extras_of(&self, master: &Master) -> Result<Vec<(Vec<String>, u64)>, Problem> {
        let folder = self.extras(&master.id);
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let about = entry.metadata().map_err(denied)?;
            if let (true, Ok(name)) = (about.is_file(), entry.file_name().into_string()) {
                found.push((vec![name], about.len()));
            }
        }
        for subtitle in &master.subtitles {
            let path = vec![SUBTITLES.to_owned(), subtitle.file.clone()];
            let about = fs::metadata(folder.join(path.iter().collect::<PathBuf>()));
            found.push((path, about.map_err(denied)?.len()));
        }
        found.sort();
        Ok(found)
    }

    /// Shares the torrents of a film that is published.
    ///
    /// # Errors
    /// The session refuses.
    pub(crate) async fn share_made(
        &self,
        session: &Session,
        id: &str,
        metainfos: &[Arc<Metainfo>],
    ) -> Result<(), Problem> {
        for metainfo in metainfos {
            self.share(session, id, metainfo.clone()).await?;
        }
        Ok(())
    }

    async fn share(
        &self,
        session: &Session,
        id: &str,
        metainfo: Arc<Metainfo>,
    ) -> Result<(), Problem> {
        self.note(&metainfo.info.hashes());
        let add = Add {
            source: Source::Metainfo(metainfo),
            root: self.files(id),
            trackers: Vec::new(),
            web_seeds: Vec::new(),
            peers: Vec::new(),
            want: Want::All,
            recheck: false,
        };
        let torrent = session.add(add).await;
        let torrent = torrent.map_err(|error| Problem::from(Code::TorrentFailed).detail(error))?;
        torrent.pin(true).await;
        Ok(())
    }

    /// Shares all published films in a session that begins.
    pub async fn share_all(&self, session: &Session) {
        for master in self.all().into_iter().filter(|master| master.published.is_some()) {
            for outgoing in master.outgoing() {
                let Some(metainfo) = self.torrent_of(&master, &outgoing) else { continue };
                let shared = self.share(session, &master.id, Arc::new(metainfo)).await;
                if let Err(problem) = shared {
                    tracing::warn!(detail = problem.detail, "a published film is not shared");
                }
            }
        }
    }

    /// The torrent of each quality, best first; nothing if one of them is not made.
    pub(crate) fn metainfos(&self, master: &Master) -> Option<Vec<Arc<Metainfo>>> {
        let outgoing = master.outgoing();
        outgoing.iter().map(|one| self.torrent_of(master, one).map(Arc::new)).collect()
    }

    /// The torrent with this name of a published film, and the folder in which its files lie.
    #[must_use]
    pub fn torrent(&self, hashes: &InfoHashes) -> Option<(Metainfo, PathBuf)> {
        let published = self.all().into_iter().filter(|master| master.published.is_some());
        published.into_iter().find_map(|master| {
            let made = master.outgoing();
            let mut torrents = made.iter().filter_map(|one| self.torrent_of(&master, one));
            let found = torrents.find(|one| same(&one.info.hashes(), hashes))?;
            Some((found, self.files(&master.id)))
        })
    }

    fn torrent_of(&self, master: &Master, outgoing: &OutgoingFile) -> Option<Metainfo> {
        let path = self.torrent_file(&master.id, outgoing);
        Metainfo::parse(&fs::read(path).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_a_plain_id_that_no_other_film_has() {
        assert_eq!(
            title_id("Le Voyage dans la Lune!", "0123456789abcdef"),
            "le-voyage-dans-la-lune-01234567"
        );
        assert_eq!(title_id("月世界旅行", "0123456789abcdef"), "film-01234567");
        assert!(title_id(&"x".repeat(300), "0123456789abcdef").len() < 64);
    }
}
