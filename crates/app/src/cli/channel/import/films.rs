//! Films of a list on this disk: each is taken in, given a poster, and made into a torrent; all of them or none.

use std::path::Path;

use catalogue::{
    Title,
    channel::{Key, RecordId},
};
use channels::Own;
use serde_json::{Value, json};

use super::{
    super::film::{hashed, of, with_poster},
    lists::{Film, Listed},
    pictures::{Unusable, keep, ready},
};
use crate::{
    cli::output::Output,
    failure::{Exit, Failure},
    masters::{Description, Made, Master, Masters},
    packing::{self, Sort},
};

/// What was taken in so far.
pub(super) struct Taken<'a> {
    masters: &'a Masters,
    own: &'a Own,
    channel: Key,
    begun: Vec<String>,
    made: Vec<(Master, Made)>,
}

impl<'a> Taken<'a> {
    pub(super) fn new(masters: &'a Masters, own: &'a Own) -> Self {
        let channel = *own.folder().key();
        Self { masters, own, channel, begun: Vec::new(), made: Vec::new() }
    }

    /// Takes films in, one after the other. A film that is none is left out; a disk that refuses ends it.
    pub(super) async fn take_all(
        &mut self,
        films: Vec<Film>,
        listed: &mut Listed,
        output: Output,
    ) -> Result<(), Failure> {
        let (total, mut done) = (films.len(), 0);
        for film in films {
            self.take(&film, listed, output).await?;
            done += 1;
            output.object(&json!({"event": "progress", "films": total, "films_done": done}));
        }
        Ok(())
    }

    async fn take(
        &mut self,
        film: &Film,
        listed: &mut Listed,
        output: Output,
    ) -> Result<(), Failure> {
        if self.is_known(film) {
            listed.known += 1;
            return Ok(());
        }
        match self.make(film, listed, output).await {
            Ok((master, made)) => {
                match listed.intake.claim(&film.entry, made.title.clone()) {
                    Ok(title) => {
                        let title = self.with_pictures(film, &master, title, listed).await?;
                        listed.titles.push(title);
                        self.made.push((master, made));
                    }
                    Err(dropped) => {
                        listed.report.drop(Some(&film.path), &dropped);
                        self.forget(&master.id);
                    }
                }
                Ok(())
            }
            // The film's own fault; the disk's is everybody's.
            Err(failure) if failure.exit != Exit::Disk => {
                listed.report.drop(Some(&film.path), &film.entry.lacks(&failure.message));
                self.forget_unmade();
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// Whether this film is in the channel already, as the same title and of the same length.
    fn is_known(&self, film: &Film) -> bool {
        let Some(id) = film.entry.record().get("id").and_then(Value::as_str) else { return false };
        let Ok(id) = id.to_owned().try_into() else { return false };
        let title = RecordId::of(&id).to_string();
        let length = std::fs::metadata(&film.path).map_or(0, |about| about.len());
        self.masters.all().iter().any(|master| {
            let published = master.published.as_ref();
            master.length == length
                && published.is_some_and(|one| {
                    one.title == title && one.channel == self.channel.to_string()
                })
        })
    }

    async fn make(
        &mut self,
        film: &Film,
        listed: &mut Listed,
        output: Output,
    ) -> Result<(Master, Made), Failure> {
        let path = std::fs::canonicalize(&film.path);
        let path = path.map_err(|error| super::unreadable(&film.path, &error))?;
        let master = self.masters.take(&path).await.map_err(|problem| of(&problem))?;
        self.begun.push(master.id.clone());
        let master = match self.poster(film, &master, listed).await? {
            Some(master) => master,
            None => with_poster(self.masters, master, None, output).await?,
        };
        let description = Description::new(film.entry.record().clone());
        let made = hashed(self.masters, &master, &description, output).await?;
        Ok((master, made))
    }

    /// The film with the poster that lies beside it; nothing if there is none that can be used.
    async fn poster(
        &self,
        film: &Film,
        master: &Master,
        listed: &mut Listed,
    ) -> Result<Option<Master>, Failure> {
        let Some(path) = &film.pictures.poster else { return Ok(None) };
        let unusable = match packing::read_file(path) {
            Err(error) => Unusable::of_disk(&error),
            Ok(bytes) => match self.masters.set_poster(master, bytes).await {
                Ok(master) => return Ok(Some(master)),
                Err(problem) if problem.code == "image_bad" => {
                    Unusable::bad(problem.detail.unwrap_or_default())
                }
                Err(problem) => return Err(of(&problem)),
            },
        };
        film.without(&unusable, (Sort::Poster, path), listed);
        Ok(None)
    }

    /// A film's title with its pictures in the packs of the channel.
    async fn with_pictures(
        &self,
        film: &Film,
        master: &Master,
        mut title: Title,
        listed: &mut Listed,
    ) -> Result<Title, Failure> {
        if let Some(poster) = packing::poster_of(self.masters, master) {
            title.poster = keep(self.own, poster)?.art();
            listed.pictures += 1;
        }
        let Some(path) = &film.pictures.backdrop else { return Ok(title) };
        let backdrop = match packing::read_file(path) {
            Ok(bytes) => ready(Sort::Backdrop, bytes).await?,
            Err(error) => Err(Unusable::of_disk(&error)),
        };
        match backdrop {
            Ok(backdrop) => {
                title.backdrop = keep(self.own, backdrop)?.art();
                listed.pictures += 1;
            }
            Err(unusable) => film.without(&unusable, (Sort::Backdrop, path), listed),
        }
        Ok(title)
    }

    /// Nothing of it stays.
    pub(super) fn undo(&mut self) {
        for id in std::mem::take(&mut self.begun) {
            self.forget(&id);
        }
    }

    fn forget_unmade(&mut self) {
        let is_made = |id: &String| self.made.iter().any(|(master, _)| master.id == *id);
        let unmade: Vec<_> = self.begun.iter().filter(|id| !is_made(id)).cloned().collect();
        unmade.iter().for_each(|id| self.forget(id));
    }

    fn forget(&mut self, id: &str) {
        self.begun.retain(|one| one != id);
        if let Err(problem) = self.masters.remove(id) {
            tracing::warn!(detail = problem.detail, "a film that was not imported stays");
        }
    }

    /// The films are shared from now on.
    pub(super) fn settle(self) -> Result<(), Failure> {
        for (master, made) in self.made {
            self.masters.settle(&master, self.channel, &made).map_err(|problem| of(&problem))?;
        }
        Ok(())
    }
}

impl Film {
    /// Names a picture of it that is left out.
    fn without(&self, unusable: &Unusable, (sort, path): (Sort, &Path), listed: &mut Listed) {
        let (line, name) = (self.entry.line, self.entry.name());
        let written = path.display().to_string();
        unusable.tell(&mut listed.report, (line, &name), (sort, &written));
    }
}
