//! Pictures beside a list on their way into the packs of a channel.
//!
//! A picture that is missing or bad costs its title that picture and is told of; addresses are not asked.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    time::{Duration, Instant},
};

use catalogue::{Art, Title};
use channels::ListTitle;
use serde_json::json;

use super::{Halt, Import, ListedFilm, ListedTitle, News, NoPicture};
use crate::{
    http::problem::{Code, Problem},
    packing::{self, Packed, Ready, Sort},
};

/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Why a picture is left out.
pub(super) struct Unusable {
    code: &'static str,
    why: String,
}

impl Unusable {
    pub(super) fn of_disk(error: &io::Error) -> Self {
        let code = if error.kind() == io::ErrorKind::NotFound { "missing" } else { "unreadable" };
        Self { code, why: error.to_string() }
    }

    /// What was wrong with the picture itself; the disk's problems are everybody's.
    pub(super) fn of_picture(problem: Problem) -> Result<Self, Halt> {
        if problem.code != Code::ImageBad.name() {
            return Err(problem.into());
        }
        Ok(Self { code: "bad", why: problem.detail.unwrap_or_default() })
    }

    fn news(self, line: u64, name: &str, sort: Sort, file: String) -> News {
        News::NoPicture(NoPicture {
            line,
            name: name.to_owned(),
            picture: sort.word().to_owned(),
            file,
            code: self.code.to_owned(),
            why: self.why,
        })
    }
}

impl Import {
    /// Takes titles that have their torrents, with the pictures below a folder, which they name by their hashes then.
    pub(super) async fn take_titles(
        &mut self,
        titles: Vec<ListedTitle>,
        folder: &Path,
    ) -> Result<(), Halt> {
        let total = titles.iter().filter(|one| is_pictured(&one.title)).count();
        let (mut done, mut told) = (0, Instant::now());
        for ListedTitle { line, title, has_own_id } in titles {
            let name = title.name.pick(&[] as &[&str]).unwrap_or_default().to_owned();
            let title = match self.admit(title) {
                Ok(title) => title,
                Err(why) => {
                    self.tell(why.news(line, name)).await?;
                    continue;
                }
            };
            if !is_pictured(&title) {
                self.titles.push((line, ListTitle { title, has_own_id }));
                continue;
            }
            let title = self.pictured((line, &name), title, folder).await?;
            self.titles.push((line, ListTitle { title, has_own_id }));
            done += 1;
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                self.tell(News::Pictures { done, total }).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn pictured(
        &mut self,
        (line, called): (u64, &str),
        title: Title,
        folder: &Path,
    ) -> Result<Title, Halt> {
        let mut catalogue = json!({"titles": [title]});
        let mut packed = BTreeMap::new();
        for (sort, path) in packing::beside(&mut catalogue) {
            let (folder, name) = (folder.to_owned(), path.clone());
            match self.ready(sort, move || packing::read(&folder, &name)).await? {
                Ok(ready) => drop(packed.insert((sort, path), self.keep(ready).await?)),
                Err(unusable) => self.tell(unusable.news(line, called, sort, path)).await?,
            }
        }
        packing::replace(&mut catalogue, &packed);
        // It was a title before, and has hashes for paths now.
        let read = serde_json::from_value(catalogue["titles"][0].take());
        read.map_err(|_| Problem::from(Code::Internal).into())
    }

    /// Reads a picture and makes it anew, away from the threads that serve requests and hear Ctrl-C.
    pub(super) async fn ready(
        &self,
        sort: Sort,
        read: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static,
    ) -> Result<Result<Ready, Unusable>, Halt> {
        if self.news.is_closed() {
            return Err(Halt::Stopped);
        }
        let made = tokio::task::spawn_blocking(move || match read() {
            Ok(bytes) => sort.ready(bytes).map_err(Ok),
            Err(error) => Err(Err(error)),
        });
        match made.await.map_err(|_| Problem::from(Code::Internal))? {
            Ok(ready) => Ok(Ok(ready)),
            Err(Ok(problem)) => Unusable::of_picture(problem).map(Err),
            Err(Err(error)) => Ok(Err(Unusable::of_disk(&error))),
        }
    }

    /// Lets a picture that was made anew wait for its title.
    pub(super) async fn keep(&mut self, ready: Ready) -> Result<Packed, Halt> {
        let Ready { kind, bytes, thumbhash } = ready;
        let kept = self.importer.publisher.keep_thing(self.channel, kind, bytes).await;
        let hash = kept.map_err(|error| Problem::from(&error))?;
        self.things.insert(hash);
        self.pictures += 1;
        Ok(Packed::new(hash, thumbhash))
    }

    /// Names a picture of a film that is left out.
    pub(super) async fn without(
        &self,
        film: &ListedFilm,
        (sort, path): (Sort, &Path),
        unusable: Unusable,
    ) -> Result<(), Halt> {
        let names = film.record.get("name").and_then(|names| names.as_object());
        let name = names.and_then(|names| names.values().next()).and_then(|name| name.as_str());
        let file = path.display().to_string();
        self.tell(unusable.news(film.line, name.unwrap_or_default(), sort, file)).await
    }
}

/// Whether a title names pictures beside the list.
fn is_pictured(title: &Title) -> bool {
    let stills = title.seasons.iter().flat_map(|season| &season.episodes).map(|one| &one.still);
    let all = [&title.poster, &title.backdrop].into_iter().chain(stills);
    all.flatten().any(|art| matches!(art, Art::File(_)))
}
