//! Films of a list: each is taken in, given a poster, and made into a torrent.

use std::{collections::BTreeSet, fs, time::Duration};

use catalogue::{
    Rejection, Title,
    channel::{Key, RecordId},
};
use serde_json::Value;
use tokio::time::interval;

use super::{Halt, Import, Importer, ListedFilm, News, is_ours, pictures::Unusable};
use crate::{
    http::problem::{Code, Problem},
    masters::{Description, Made, Master, Work},
    packing::{self, Sort},
};

/// How often it is told how far a film is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The frame that becomes the poster if no picture is named, of those that the page offers.
const FRAME: usize = 1;

/// A film that was taken in.
pub(super) struct Taken {
    pub(super) master: Master,
    /// What its title will be, as soon as its torrent is made.
    made: Option<Made>,
}

impl Import {
    /// Takes films in, one after the other. One that is none is left out; a disk that refuses ends it.
    pub(super) async fn take_films(&mut self, films: Vec<ListedFilm>) -> Result<(), Halt> {
        let published = if films.is_empty() { BTreeSet::new() } else { self.published() };
        let total = films.len();
        for (done, film) in films.into_iter().enumerate() {
            self.take_film(&film, &published).await?;
            self.tell(News::Films { done: done + 1, total }).await?;
        }
        Ok(())
    }

    /// The titles and lengths of the films that are in the channel already.
    fn published(&self) -> BTreeSet<(String, u64)> {
        let channel = self.channel.to_string();
        let published = self.importer.masters.all().into_iter().filter_map(|master| {
            let film = master.published.filter(|film| film.channel == channel)?;
            Some((film.title, master.length))
        });
        published.collect()
    }

    async fn take_film(
        &mut self,
        film: &ListedFilm,
        published: &BTreeSet<(String, u64)>,
    ) -> Result<(), Halt> {
        if of_film(film).is_some_and(|known| published.contains(&known)) {
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
                self.titles.push(title);
                Ok(())
            }
            Err(why) => {
                let gone = self.films.split_off(before);
                gone.iter().for_each(|film| self.importer.forget(&film.master.id));
                let name = film.path.display().to_string();
                self.tell(why.news(film.line, name)).await
            }
        }
    }

    /// Takes a film in and makes its torrent. It is among the films as soon as something of it is on the disk.
    async fn make(&mut self, film: &ListedFilm) -> Result<Title, Halt> {
        let path = fs::canonicalize(&film.path);
        let path = path.map_err(|error| Problem::from(Code::FileUnreadable).detail(error))?;
        let master = self.importer.masters.take_listed(&path, self.channel).await?;
        self.films.push(Taken { master: master.clone(), made: None });
        let master = self.with_poster(film, master).await?;
        let made = self.hashed(&master, &Description::new(film.record.clone())).await?;
        let title = made.title.clone();
        if let Some(taken) = self.films.last_mut() {
            *taken = Taken { master, made: Some(made) };
        }
        Ok(title)
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
    async fn hashed(&self, master: &Master, description: &Description) -> Result<Made, Halt> {
        let masters = &self.importer.masters;
        let mut making = std::pin::pin!(masters.make(master, description));
        let mut looks = interval(LOOK_EVERY);
        let made = loop {
            tokio::select! {
                made = &mut making => break made,
                () = self.news.closed() => {
                    // Without its folder it is given up at the next part that is read.
                    self.importer.forget(&master.id);
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
            let Some(made) = made else { continue };
            self.importer.settle(&master, self.channel, &made).await;
        }
    }
}

impl Importer {
    pub(super) async fn settle(&self, master: &Master, channel: Key, made: &Made) {
        let settled = self.masters.settle(master, channel, made).map(drop);
        let shared = match (&self.session, settled) {
            (Some(session), Ok(())) => self.masters.share_made(session, &master.id, made).await,
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

/// The title that a film of a list will have, and its length.
fn of_film(film: &ListedFilm) -> Option<(String, u64)> {
    let id = film.record.get("id").and_then(Value::as_str)?.to_owned().try_into().ok()?;
    let length = fs::metadata(&film.path).ok()?.len();
    Some((RecordId::of(&id).to_string(), length))
}
