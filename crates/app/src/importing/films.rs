//! Films of a list: each is taken in, given a poster, and made into a torrent.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use catalogue::{
    Rejection, Title,
    channel::{Key, RecordId},
};
use channels::ListTitle;
use serde_json::Value;
use tokio::time::interval;
use torrent::Metainfo;

use super::{Halt, Import, Importer, ListedFilm, News, is_ours, pictures::Unusable};
use crate::{
    http::problem::{Code, Problem},
    masters::{Description, Made, Master, Named, Purpose, Work},
    packing::{self, Sort},
};

/// How often it is told how far a film is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The frame that becomes the poster if no picture is named, of those that the page offers.
pub(super) const FRAME: usize = 1;

/// A film that was taken in.
pub(super) struct Taken {
    pub(super) master: Master,
    /// What it becomes, as soon as its torrent is made.
    pub(super) made: Option<(Named, Made)>,
}

/// The films that are in the channel already, by the ids of their titles or episodes and by their lengths.
pub(super) type Published = BTreeMap<(String, u64), Master>;

impl Import {
    /// Takes films in, one after the other. One that is none is left out; a disk that refuses ends it.
    pub(super) async fn take_films(
        &mut self,
        films: Vec<ListedFilm>,
        published: &Published,
    ) -> Result<(), Halt> {
        for film in films {
            self.take_film(&film, published).await?;
            self.film_done().await?;
        }
        Ok(())
    }

    /// Tells that one more film was dealt with.
    pub(super) async fn film_done(&mut self) -> Result<(), Halt> {
        let (done, total) = self.progress;
        self.progress.0 = done + 1;
        self.tell(News::Films { done: done + 1, total }).await
    }

    /// The films that are in the channel already.
    pub(super) fn published(&self) -> Published {
        let channel = self.channel.to_string();
        let published = self.importer.masters.all().into_iter().filter_map(|master| {
            let film = master.published.clone().filter(|film| film.channel == channel)?;
            Some(((film.episode.unwrap_or(film.title), master.length), master))
        });
        published.collect()
    }

    async fn take_film(&mut self, film: &ListedFilm, published: &Published) -> Result<(), Halt> {
        let id = film.record.get("id").and_then(Value::as_str).unwrap_or_default();
        if of_film(id, &film.path).is_some_and(|known| published.contains_key(&known)) {
            self.known += 1;
            return Ok(());
        }
        let before = self.films.len();
        let title = match self.make(film).await {
            Ok(title) => self.admit(title),
            Err(Halt::Failed(problem)) if !is_ours(&problem) => {
                let why = problem.detail.unwrap_or_else(|| problem.title.to_owned());
                Err(Rejection::Malformed(why).into())
            }
            Err(halt) => return Err(halt),
        };
        match title {
            Ok(title) => {
                let title = self.with_pictures(film, title).await?;
                let title = ListTitle { title, has_own_id: film.has_own_id };
                self.titles.push((film.line, title));
                Ok(())
            }
            Err(why) => {
                self.forget_from(before);
                let name = film.path.display().to_string();
                self.tell(why.news(film.line, name)).await
            }
        }
    }

    /// Those that were taken in after so many are left out.
    pub(super) fn forget_from(&mut self, before: usize) {
        let gone = self.films.split_off(before);
        gone.iter().for_each(|film| self.importer.forget(&film.master.id));
    }

    /// Takes a film in and makes its torrent. It is among the films as soon as something of it is on the disk.
    async fn make(&mut self, film: &ListedFilm) -> Result<Title, Halt> {
        let master = self.bring(&film.path).await?;
        let master = self.with_poster(film, master).await?;
        let made = self.hashed(&master, &Description::new(film.record.clone())).await?;
        let title = made.title.clone();
        if let Some(taken) = self.films.last_mut() {
            *taken = Taken { master, made: Some((made.named(), made)) };
        }
        Ok(title)
    }

    /// Takes a film's file in. It is among the films from now on.
    pub(super) async fn bring(&mut self, path: &Path) -> Result<Master, Halt> {
        let path = fs::canonicalize(path);
        let path = path.map_err(|error| Problem::from(Code::FileUnreadable).detail(error))?;
        let purpose = Purpose::Import(self.channel.to_string());
        let master = self.importer.masters.take_for(&path, purpose).await?;
        self.films.push(Taken { master: master.clone(), made: None });
        Ok(master)
    }

    /// The film with the poster that lies beside it, or else with a frame of it, if there can be one.
    async fn with_poster(&self, film: &ListedFilm, master: Master) -> Result<Master, Halt> {
        if let Some(path) = &film.poster {
            let unusable = match packing::read_file(path) {
                Ok(bytes) => match self.importer.masters.set_poster(&master, bytes).await {
                    Ok(master) => return Ok(master),
                    Err(problem) => Unusable::of_picture(problem)?,
                },
                Err(error) => Unusable::of_disk(&error),
            };
            self.without(film, (Sort::Poster, path), unusable).await?;
        }
        match self.importer.masters.choose_frame(&master, FRAME).await {
            Ok(master) => Ok(master),
            Err(problem) => {
                self.tell(News::NoPoster { why: problem.title.to_owned() }).await?;
                Ok(master)
            }
        }
    }

    /// Makes the torrent of a film, telling how far it is. Whoever stops listening ends it.
    pub(super) async fn hashed(
        &self,
        master: &Master,
        description: &Description,
    ) -> Result<Made, Halt> {
        let masters = &self.importer.masters;
        let mut making = std::pin::pin!(masters.make(master, description));
        let mut looks = interval(LOOK_EVERY);
        let made = loop {
            tokio::select! {
                // What has not begun could not be given up.
                biased;
                made = &mut making => break made,
                () = self.news.closed() => {
                    // It is given up at the next part that is read; what it wrote goes with the import, when nobody writes
                    // there any more.
                    masters.end_work(&master.id);
                    making.as_mut().await.ok();
                    return Err(Halt::Stopped);
                }
                _ = looks.tick() => {
                    if let Some(Work::Hashing { done_bytes, total_bytes }) = masters.work(&master.id) {
                        // How far it is may be missed.
                        self.news.try_send(News::Hashing { done_bytes, total_bytes }).ok();
                    }
                }
            }
        };
        made?.ok_or(Halt::Stopped)
    }

    /// A film's title with its pictures in the packs of the channel.
    async fn with_pictures(&mut self, film: &ListedFilm, mut title: Title) -> Result<Title, Halt> {
        let master = self.films.last().map(|taken| taken.master.clone());
        let masters = self.importer.masters.clone();
        let work = move || packing::poster_of(&masters, &master?);
        let poster = tokio::task::spawn_blocking(work).await;
        if let Some(poster) = poster.map_err(|_| Problem::from(Code::Internal))? {
            title.poster = self.keep(poster).await?.art();
        }
        let Some(path) = &film.backdrop else { return Ok(title) };
        let file = path.clone();
        match self.ready(Sort::Backdrop, move || packing::read_file(&file)).await? {
            Ok(backdrop) => title.backdrop = self.keep(backdrop).await?.art(),
            Err(unusable) => self.without(film, (Sort::Backdrop, path), unusable).await?,
        }
        Ok(title)
    }

    /// The films are shared from now on. One that cannot be noted now is with the next start.
    pub(super) async fn settle(self) {
        for Taken { master, made } in self.films {
            let Some((mut named, made)) = made else { continue };
            let is_here = |metainfo: &Arc<Metainfo>| {
                self.importer.masters.torrent(&metainfo.info.hashes()).is_some()
            };
            // The very torrents that a title of the channel has are shared as they are.
            let is_shared =
                self.renamed.contains_key(&named.title) && made.metainfos.iter().all(is_here);
            if self.doubled.contains(&named.title) || is_shared {
                self.importer.forget(&master.id);
                continue;
            }
            for id in [Some(&mut named.title), named.episode.as_mut()].into_iter().flatten() {
                if let Some(now) = self.renamed.get(id) {
                    *id = now.clone();
                }
            }
            self.importer.settle(&master, self.channel, &named, &made.metainfos).await;
        }
    }
}

impl Importer {
    pub(super) async fn settle(
        &self,
        master: &Master,
        channel: Key,
        named: &Named,
        metainfos: &[Arc<Metainfo>],
    ) {
        let settled = self.masters.settle(master, channel, named, metainfos).map(drop);
        let shared = match (&self.session, settled) {
            (Some(session), Ok(())) => {
                self.masters.share_made(session, &master.id, metainfos).await
            }
            (_, settled) => settled,
        };
        if let Err(problem) = shared {
            let detail = problem.detail;
            tracing::warn!(detail, "a film that was imported is shared from the next start on");
        }
        self.masters.end_work(&master.id);
    }

    pub(super) fn forget(&self, id: &str) {
        match self.masters.remove(id) {
            Err(problem) if problem.code != Code::MasterUnknown.name() => {
                let detail = problem.detail;
                tracing::warn!(detail, "a film that was not imported stays until the next start");
            }
            _ => {}
        }
    }
}

/// What a film of a list, or an episode, will be in the channel, and its length.
pub(super) fn of_film(id: &str, path: &Path) -> Option<(String, u64)> {
    let id = id.to_owned().try_into().ok()?;
    Some((RecordId::of(&id).to_string(), fs::metadata(path).ok()?.len()))
}
