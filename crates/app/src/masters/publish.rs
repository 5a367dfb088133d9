//! From a film's file to a title of a channel: described, hashed, shared, signed.

use std::{path::Path, sync::Arc};

use catalogue::{
    Catalogue, Title,
    channel::{Key, RecordId},
};
use driver::{Add, Session, Source};
use engine::Want;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use torrent::{InfoHashes, Metainfo, create::Builder};
use utoipa::ToSchema;

use super::{
    Master, Masters, PublishedFilm, Work,
    pictures::{BACKDROP, POSTER},
    store::{denied, write_whole},
};
use crate::{
    cinema::Cinema,
    events::Event,
    hashing::{self, CannotHash},
    http::problem::{Code, Problem},
};

/// What is said of a film that is published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilmRecord {
    /// Its name.
    name: String,
    /// The language of name and text (BCP 47).
    language: String,
    /// `film` or `short`.
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
    /// Its torrent, pictures included.
    pub metainfo: Arc<Metainfo>,
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
        self.title(master, None).map(drop)
    }

    /// The title that this makes, as everybody's door for catalogues admits it.
    fn title(&self, master: &Master, hashes: Option<&InfoHashes>) -> Result<Title, Problem> {
        let record = self.record(master, hashes);
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

    fn record(&self, master: &Master, hashes: Option<&InfoHashes>) -> Value {
        let names = self.0.get("name").and_then(Value::as_object);
        let name = names.and_then(|names| names.values().next()).and_then(Value::as_str);
        let own = self.0.get("id").and_then(Value::as_str).map(str::to_owned);
        let id = own.unwrap_or_else(|| title_id(name.unwrap_or_default(), &master.id));
        let facts = &master.facts;
        let torrent = match hashes {
            Some(hashes) => json!({
                "v1": hashes.v1().map(|hash| hash.to_string()),
                "v2": hashes.v2().map(|hash| hash.to_string()),
            }),
            None => json!({"v1": "0".repeat(40)}),
        };
        let release = json!({
            "id": format!("{id}-{}", facts.quality()), "quality": facts.quality(),
            "width": facts.width, "height": facts.height, "container": facts.container,
            "video_codec": facts.video_codec, "audio_codec": facts.audio_codec,
            "audio_languages": facts.audio_languages, "size_bytes": master.length,
            "torrent": torrent, "path": master.file,
        });
        let mut record = self.0.clone();
        let mut set = |field: &str, value: Value| record.insert(field.to_owned(), value);
        set("id", id.into());
        set("releases", json!([release]));
        if facts.duration_s.is_some() {
            set("runtime_s", facts.duration_s.into());
        }
        if let Some(thumbhash) = &master.thumbhash {
            set("poster", json!({"in_torrent": POSTER}));
            set("thumbhash", json!(thumbhash));
        }
        record.into()
    }
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
    /// What is missing in the record, [`Code::ConsentNeeded`], [`Code::NotOurs`] or [`Code::MasterPublished`].
    pub async fn publish_master(
        &self,
        master: Master,
        channel: Key,
        record: FilmRecord,
    ) -> Result<(), Problem> {
        let session = self.swarm.session()?;
        self.publisher.get(channel).await.map_err(|error| Problem::from(&error))?;
        let description = record.description()?;
        description.check(&master)?;
        if master.published.is_some() {
            return Err(Code::MasterPublished.into());
        }
        if self.masters.work(&master.id).is_some_and(|work| !matches!(work, Work::Failed { .. })) {
            return Err(Code::MasterBusy.into());
        }
        self.masters.begin_hashing(&master);
        let (cinema, id) = (self.clone(), master.id.clone());
        tokio::spawn(async move {
            let done = cinema.carry_out(&session, master, channel, &description).await;
            if cinema.masters.work(&id).is_none() {
                return;
            }
            cinema.masters.set_work(&id, done.err().map(|problem| Work::Failed { problem }));
            cinema.events.tell(Event::Channels);
        });
        Ok(())
    }

    async fn carry_out(
        &self,
        session: &Session,
        master: Master,
        channel: Key,
        description: &Description,
    ) -> Result<(), Problem> {
        let Some(made) = self.masters.make(&master, description).await? else { return Ok(()) };
        self.masters.set_work(&master.id, Some(Work::Publishing));
        self.masters.share(session, &master.id, made.metainfo.clone()).await?;
        let waits = self.publisher.add(channel, vec![made.title.clone()]).await;
        waits.map_err(|error| Problem::from(&error))?;
        self.publish_channel(channel).await?;
        self.masters.settle(master, channel, &made).map(drop)
    }
}

impl Masters {
    /// Makes a film's torrent and its title; none if the film is removed meanwhile. [`Self::work`] says how far it is.
    ///
    /// # Errors
    /// What is missing in the record, or the film cannot be read.
    pub async fn make(
        &self,
        master: &Master,
        description: &Description,
    ) -> Result<Option<Made>, Problem> {
        self.begin_hashing(master);
        let (masters, described) = (self.clone(), master.clone());
        let made = tokio::task::spawn_blocking(move || masters.make_torrent(&described)).await;
        let Some(metainfo) = made.map_err(|_| Code::Internal)?? else { return Ok(None) };
        let title = description.title(master, Some(&metainfo.info.hashes()))?;
        Ok(Some(Made { title, metainfo: Arc::new(metainfo) }))
    }

    fn begin_hashing(&self, master: &Master) {
        let work = Work::Hashing { done_bytes: 0, total_bytes: master.length };
        self.set_work(&master.id, Some(work));
    }

    /// Notes what a film became; from now on it is shared with every session.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn settle(
        &self,
        master: Master,
        channel: Key,
        made: &Made,
    ) -> Result<PublishedFilm, Problem> {
        let published = PublishedFilm {
            channel: channel.to_string(),
            // What followers see is made of the publisher's own id.
            title: RecordId::of(&made.title.id).to_string(),
            infohash: made.metainfo.info.hashes().wire().to_string(),
        };
        self.save(&Master { published: Some(published.clone()), ..master }).map_err(denied)?;
        Ok(published)
    }

    /// Makes the torrent of a film and its pictures; none if the film is removed meanwhile.
    fn make_torrent(&self, master: &Master) -> Result<Option<Metainfo>, Problem> {
        let inside = self.inside(master);
        let mut builder = Builder::folder(master.folder.clone());
        let mut total_bytes = 0;
        for name in [master.file.as_str(), POSTER, BACKDROP] {
            let Ok(about) = std::fs::metadata(inside.join(name)) else { continue };
            builder.file(vec![name.to_owned()], about.len());
            total_bytes += about.len();
        }
        builder.created_by = Some(format!("Kinora {}", env!("CARGO_PKG_VERSION")));
        let hashing =
            builder.start().map_err(|error| Problem::from(Code::MasterBad).detail(error))?;
        let done = std::cell::Cell::new(0);
        let hashed = |bytes| {
            done.set(done.get() + bytes);
            let is_wanted = self.work(&master.id).is_some();
            if is_wanted {
                self.set_work(
                    &master.id,
                    Some(Work::Hashing { done_bytes: done.get(), total_bytes }),
                );
            }
            is_wanted
        };
        let made = hashing::hash(hashing, &inside, &hashed).map_err(|error| match error {
            CannotHash::Unreadable { error, .. } => denied(error),
            CannotHash::Cannot(error) => Problem::from(Code::MasterBad).detail(error),
        })?;
        if let Some(metainfo) = &made {
            write_whole(&self.torrent_file(&master.id), &metainfo.to_bytes()).map_err(denied)?;
        }
        Ok(made)
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
        for master in self.all() {
            let Some(metainfo) = self.torrent_of(&master) else { continue };
            if let Err(problem) = self.share(session, &master.id, Arc::new(metainfo)).await {
                tracing::warn!(detail = problem.detail, "a published film is not shared");
            }
        }
    }

    fn torrent_of(&self, master: &Master) -> Option<Metainfo> {
        master.published.as_ref()?;
        let path: &Path = &self.torrent_file(&master.id);
        Metainfo::parse(&std::fs::read(path).ok()?).ok()
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
