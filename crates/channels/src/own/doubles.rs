//! The same film twice: found by its file, whatever it is called, before it makes a second title of the channel.
//!
//! Looking and adding are one step of whoever has the turn with the channel, so that of two who add the same film at the
//! same time the later one finds it.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{
    FileKey, Id, Kind as Sort, Multilingual, Release, Title,
    channel::{Kind, RecordId},
};

use super::{Added, Own, OwnError};

/// What is meant if the film of a title is in the channel already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfThere {
    /// Nothing is added.
    Tell,
    /// This title is described anew; its film may be another one.
    Update(RecordId),
    /// One more title is made on purpose.
    Add,
}

/// A title of the channel that has a film already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// The title.
    pub title: RecordId,
    /// What it is called.
    pub name: Multilingual<300>,
    /// The episode that has the film, if the title is a series.
    pub episode: Option<RecordId>,
    /// Whether it waits for the next version.
    pub is_waiting: bool,
}

/// What became of a film's title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilmAdded {
    /// It waits.
    Waits {
        /// What is called so now.
        id: Id,
        /// The title that waited in its place before.
        before: Option<Box<Title>>,
    },
    /// It does not, because these have its film.
    There(Vec<There>),
}

/// A title of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTitle {
    /// What is said of it.
    pub title: Title,
    /// Whether the list gives it its id; another one is made of what it is called, and may change with that.
    pub has_own_id: bool,
}

/// What became of the titles of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAdded {
    /// What became of those that were added.
    pub added: Added,
    /// Titles that were in the channel under another id, and are described anew.
    pub updated: usize,
    /// The ids that titles and episodes of the list have now, by those that the list gave them.
    pub renamed: BTreeMap<Id, Id>,
    /// Titles that are left out, because another one of the list has the same film and took the place of its title.
    pub doubled: Vec<Id>,
}

impl Own {
    /// Lets the title of a film wait for the next version, unless the film is in the channel already and nobody said what
    /// is meant then.
    ///
    /// # Errors
    /// The title to update is not in the channel or is a series, the disk refuses, or a file is damaged.
    pub fn add_film(&self, title: Title, if_there: IfThere) -> Result<FilmAdded, OwnError> {
        let title = match if_there {
            IfThere::Add => title,
            IfThere::Update(earlier) => return self.update(title, earlier),
            IfThere::Tell => {
                let there = self.there(&title)?;
                if !there.is_empty() {
                    return Ok(FilmAdded::There(there));
                }
                title
            }
        };
        self.wait_for_next(title, None)
    }

    fn update(&self, title: Title, wanted: RecordId) -> Result<FilmAdded, OwnError> {
        let mut found = None;
        let is_wanted = |one: &Title| RecordId::of(&one.id) == wanted;
        let published = |show: Showing<'_>| self.show_chosen(BTreeSet::from([wanted]), show);
        self.each_title(published, |earlier, is_waiting| {
            if is_wanted(&earlier) {
                found = Some((earlier, is_waiting));
            }
            Ok(())
        })?;
        let (earlier, is_waiting) = found.ok_or(OwnError::NoSuchTitle)?;
        if earlier.kind == Sort::Series {
            return Err(OwnError::IsSeries);
        }
        let before = is_waiting.then(|| Box::new(earlier.clone()));
        self.wait_for_next(title.in_place_of(earlier), before)
    }

    fn wait_for_next(
        &self,
        title: Title,
        before: Option<Box<Title>>,
    ) -> Result<FilmAdded, OwnError> {
        let id = title.id.clone();
        self.add(vec![title])?;
        Ok(FilmAdded::Waits { id, before })
    }

    /// Undoes [`add_film`](Self::add_film): what waited before waits again, or nothing of that id does.
    ///
    /// # Errors
    /// The disk refuses, or a file is damaged.
    pub fn put_back(&self, id: &Id, before: Option<Box<Title>>) -> Result<(), OwnError> {
        match before {
            Some(before) => self.add(vec![*before]).map(drop),
            None => self.take_out(id).map(drop),
        }
    }

    /// The titles of the channel that have a file of this one.
    fn there(&self, title: &Title) -> Result<Vec<There>, OwnError> {
        let wanted: BTreeSet<_> = files(title).collect();
        let mut there = vec![];
        let own = RecordId::of(&title.id);
        let published = |show: Showing<'_>| self.show_with_files(&wanted, show);
        self.each_title(published, |one, is_waiting| {
            // An attempt that could not be published may have left itself.
            if RecordId::of(&one.id) == own {
                return Ok(());
            }
            let has_it = |releases: &[Release]| {
                releases.iter().flat_map(Release::file_keys).any(|key| wanted.contains(&key))
            };
            let mut episodes = one.episodes();
            let episode = episodes.find(|(_, episode)| has_it(&episode.releases));
            let episode = episode.map(|(_, episode)| RecordId::of(&episode.id));
            if episode.is_some() || has_it(&one.releases) {
                let title = RecordId::of(&one.id);
                there.push(There { title, name: one.name.clone(), episode, is_waiting });
            }
            Ok(())
        })?;
        Ok(there)
    }

    /// Lets the titles of a list wait for the next version. One whose film is in the channel already describes that title
    /// anew, unless the list gives it an id of its own or the channel has a title of its id.
    ///
    /// # Errors
    /// The disk refuses, or a file is damaged.
    pub fn add_list(&self, listed: Vec<ListTitle>) -> Result<ListAdded, OwnError> {
        let unsure = listed.iter().filter(|one| !one.has_own_id);
        let unsure = unsure.map(|one| RecordId::of(&one.title.id)).collect();
        let mut meeting = Meeting::of(listed, &self.known_ids(&unsure)?);
        if !meeting.wanted.is_empty() {
            let wanted: Vec<_> = meeting.wanted.keys().cloned().collect();
            let published = |show: Showing<'_>| self.show_with_files(&wanted, show);
            self.each_title(published, |earlier, _| {
                meeting.meet(earlier);
                Ok(())
            })?;
        }
        let Meeting { titles, doubled, renamed, updated, .. } = meeting;
        let added = self.add(titles.into_iter().flatten().collect())?;
        Ok(ListAdded { added, updated, renamed, doubled })
    }

    /// Those of these ids that are published or wait.
    fn known_ids(&self, ids: &BTreeSet<RecordId>) -> Result<BTreeSet<RecordId>, OwnError> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut known = self.published_of(ids)?;
        known.extend(self.waiting_ids()?.into_iter().map(|(id, _)| id));
        Ok(known)
    }

    /// Shows titles as they will be published next, and whether they wait for that: first all that do, then those of the
    /// published ones that `published` shows.
    fn each_title(
        &self,
        published: impl FnOnce(Showing<'_>) -> Result<(), OwnError>,
        mut show: impl FnMut(Title, bool) -> Result<(), OwnError>,
    ) -> Result<(), OwnError> {
        self.must_be(Kind::Catalogue)?;
        let mut waiting = BTreeSet::new();
        self.waiting(|title| {
            waiting.insert(RecordId::of(&title.id));
            show(title, true)
        })?;
        let gone = self.taken_back()?;
        published(&mut |title| {
            if gone.has(&title.id) || waiting.contains(&RecordId::of(&title.id)) {
                return Ok(());
            }
            show(title, false)
        })
    }
}

/// Whoever is shown titles.
type Showing<'a> = &'a mut dyn FnMut(Title) -> Result<(), OwnError>;

/// What all files of a title are known by.
fn files(title: &Title) -> impl Iterator<Item = FileKey> {
    title.all_releases().flat_map(Release::file_keys)
}

/// A list that meets the titles of its channel.
struct Meeting {
    /// The titles of the list; none in the place of one that is left out.
    titles: Vec<Option<Title>>,
    /// Those that may be in the channel under another id, by what their files are known by.
    wanted: BTreeMap<FileKey, BTreeSet<usize>>,
    /// Those that were met.
    met: BTreeSet<usize>,
    renamed: BTreeMap<Id, Id>,
    updated: usize,
    doubled: Vec<Id>,
}

impl Meeting {
    fn of(listed: Vec<ListTitle>, known: &BTreeSet<RecordId>) -> Self {
        let mut wanted: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (place, one) in listed.iter().enumerate() {
            if one.has_own_id || known.contains(&RecordId::of(&one.title.id)) {
                continue;
            }
            for key in files(&one.title) {
                wanted.entry(key).or_default().insert(place);
            }
        }
        let titles = listed.into_iter().map(|one| Some(one.title)).collect();
        Self {
            titles,
            wanted,
            met: BTreeSet::new(),
            renamed: BTreeMap::new(),
            updated: 0,
            doubled: vec![],
        }
    }

    /// The first title of the list that has a file of this one, and of its sort, takes its place; the others would be the
    /// same film twice.
    fn meet(&mut self, earlier: Title) {
        let places = files(&earlier).filter_map(|key| self.wanted.get(&key)).flatten().copied();
        let is_series = earlier.kind == Sort::Series;
        let of_its_sort = |place: &usize| {
            let title = self.titles.get(*place).and_then(Option::as_ref);
            !self.met.contains(place)
                && title.is_some_and(|title| (title.kind == Sort::Series) == is_series)
        };
        let mut places = places.filter(of_its_sort).collect::<BTreeSet<_>>().into_iter();
        let Some(first) = places.next() else { return };
        let others: Vec<_> = places.collect();
        self.met.insert(first);
        self.updated += 1;
        if let Some(title) = self.titles[first].take() {
            self.titles[first] = Some(self.renewed(title, earlier));
        }
        let doubled = others.into_iter().filter_map(|place| self.titles[place].take());
        self.doubled.extend(doubled.map(|title| title.id));
    }

    /// A title of the list with the ids of the one in the channel. A list says all of a series.
    fn renewed(&mut self, mut title: Title, earlier: Title) -> Title {
        self.renamed.insert(title.id.clone(), earlier.id.clone());
        if earlier.kind != Sort::Series {
            return title.in_place_of(earlier);
        }
        let mut known = BTreeMap::new();
        for (_, episode) in earlier.episodes() {
            for key in episode.releases.iter().flat_map(Release::file_keys) {
                known.entry(key).or_insert_with(|| episode.id.clone());
            }
        }
        let mut taken = BTreeSet::new();
        title.id = earlier.id.clone();
        for episode in title.seasons.iter_mut().flat_map(|season| &mut season.episodes) {
            let mut keys = episode.releases.iter().flat_map(Release::file_keys);
            // Two episodes in one file.
            let id = keys.find_map(|key| known.get(&key)).filter(|id| taken.insert((*id).clone()));
            if let Some(id) = id.cloned() {
                self.renamed.insert(std::mem::replace(&mut episode.id, id.clone()), id);
            }
        }
        title
    }
}
