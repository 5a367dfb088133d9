//! A catalogue file: a publisher's list of titles and of what they withdrew.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    channel::Manifest,
    gate::{self, Rejected, Rejection},
    text::{Id, Multilingual, Text},
    title::Title,
    withdrawal::{self, Withdrawal},
};

/// The version of the file format that this program writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;
/// The largest catalogue file that is read, bytes.
pub const MAX_BYTES: usize = 256 << 20;
/// The most records in one file.
pub const MAX_TITLES: usize = 200_000;
const MAX_WITHDRAWN: usize = 200_000;
const REJECTED_KEPT: usize = 100;

/// A publisher's checked titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    header: Header,
    titles: Vec<Title>,
    withdrawn: Vec<Withdrawal>,
    rejected: Vec<Rejected>,
    rejected_counts: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    id: Id,
    revision: u64,
    name: Multilingual<300>,
    #[serde(default)]
    about: Multilingual<4000, true>,
    publisher: Text<200>,
    #[serde(default)]
    contact: Option<Text<300>>,
}

#[derive(Deserialize)]
struct Format<'a> {
    kinora_catalogue: u32,
    #[serde(borrow)]
    titles: Vec<&'a RawValue>,
    #[serde(default)]
    withdrawn: Vec<Withdrawal>,
}

#[derive(Serialize)]
struct File<'a> {
    kinora_catalogue: u32,
    #[serde(flatten)]
    header: &'a Header,
    titles: &'a [Title],
    withdrawn: &'a [Withdrawal],
}

/// Why a file is not a catalogue at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RejectedCatalogue {
    /// Over the size limit.
    #[error("the catalogue file is larger than {} MiB; split it", MAX_BYTES >> 20)]
    TooLarge,
    /// Not JSON of the catalogue's outer shape.
    #[error("this is not a catalogue file: {0}")]
    Malformed(String),
    /// Written in a format newer than this program knows.
    #[error(
        "the catalogue has format version {found}, this program reads up to {FORMAT_VERSION}; update Kinora"
    )]
    NewerFormat {
        /// The file's version.
        found: u32,
    },
    /// Over the limit of records.
    #[error("the catalogue lists more than {MAX_TITLES} titles or withdrawals; split it")]
    TooMany,
}

impl Catalogue {
    /// Reads a catalogue file. Records that fail the licence gate or their shape are dropped and counted.
    ///
    /// # Errors
    ///
    /// [`RejectedCatalogue`] if the file as a whole is not a catalogue of a known version within the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, RejectedCatalogue> {
        if bytes.len() > MAX_BYTES {
            return Err(RejectedCatalogue::TooLarge);
        }
        let malformed = |error: serde_json::Error| RejectedCatalogue::Malformed(error.to_string());
        let format: Format<'_> = serde_json::from_slice(bytes).map_err(malformed)?;
        if format.kinora_catalogue > FORMAT_VERSION {
            return Err(RejectedCatalogue::NewerFormat { found: format.kinora_catalogue });
        }
        if format.titles.len() > MAX_TITLES || format.withdrawn.len() > MAX_WITHDRAWN {
            return Err(RejectedCatalogue::TooMany);
        }
        let header = serde_json::from_slice(bytes).map_err(malformed)?;
        Ok(Self::gather(header, &format.titles, format.withdrawn))
    }

    fn gather(header: Header, records: &[&RawValue], withdrawn: Vec<Withdrawal>) -> Self {
        let mut catalogue = Self {
            header,
            titles: Vec::new(),
            withdrawn,
            rejected: Vec::new(),
            rejected_counts: BTreeMap::new(),
        };
        let mut ids = Ids::default();
        for (index, record) in records.iter().enumerate() {
            match gate::admit(index, record).and_then(|title| ids.claim(index, title)) {
                Ok(title) => catalogue.titles.push(title),
                Err(rejected) => catalogue.reject(rejected),
            }
        }
        withdrawal::apply(&mut catalogue.titles, &catalogue.withdrawn);
        catalogue
    }

    /// The catalogue as a file that [`Self::parse`] reads.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let file = File {
            kinora_catalogue: FORMAT_VERSION,
            header: &self.header,
            titles: &self.titles,
            withdrawn: &self.withdrawn,
        };
        // Texts, numbers and lists of them: there is nothing that JSON could not hold.
        serde_json::to_vec_pretty(&file).unwrap_or_default()
    }

    /// A channel's catalogue, with no title yet.
    pub(crate) fn of_channel(id: Id, manifest: &Manifest) -> Self {
        let contact = manifest.contact.first().map(|contact| (**contact).to_owned());
        let header = Header {
            id,
            revision: manifest.version,
            name: manifest.name.clone(),
            about: manifest.about.clone(),
            publisher: manifest.publisher.clone(),
            contact: contact.and_then(|contact| contact.try_into().ok()),
        };
        Self {
            header,
            titles: Vec::new(),
            withdrawn: Vec::new(),
            rejected: Vec::new(),
            rejected_counts: BTreeMap::new(),
        }
    }

    /// Takes a title that passed the gate; it comes after those that are there.
    pub(crate) fn admit(&mut self, title: Title) {
        self.titles.push(title);
    }

    /// Counts a record that was dropped.
    pub(crate) fn drop_record(&mut self, index: usize, id: String, why: Rejection) {
        self.reject(Rejected { index, id: Some(id), why });
    }

    /// Takes back what the publisher took back.
    pub(crate) fn withdraw(&mut self, withdrawn: Vec<Withdrawal>) {
        withdrawal::apply(&mut self.titles, &withdrawn);
        self.withdrawn = withdrawn;
    }

    fn reject(&mut self, rejected: Rejected) {
        *self.rejected_counts.entry(rejected.why.code()).or_default() += 1;
        if self.rejected.len() < REJECTED_KEPT {
            self.rejected.push(rejected);
        }
    }

    /// The name that sets this catalogue apart from others.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.header.id
    }

    /// Its version; a publisher raises it with every change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.header.revision
    }

    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> &Multilingual<300> {
        &self.header.name
    }

    /// What its publisher says of it.
    #[must_use]
    pub fn about(&self) -> &Multilingual<4000, true> {
        &self.header.about
    }

    /// Who publishes it.
    #[must_use]
    pub fn publisher(&self) -> &str {
        &self.header.publisher
    }

    /// Where rights questions go.
    #[must_use]
    pub fn contact(&self) -> Option<&str> {
        self.header.contact.as_deref()
    }

    /// The titles that passed and were not withdrawn, in the publisher's order: what they put first counts as most
    /// popular.
    #[must_use]
    pub fn titles(&self) -> &[Title] {
        &self.titles
    }

    /// What was taken back.
    #[must_use]
    pub fn withdrawn(&self) -> &[Withdrawal] {
        &self.withdrawn
    }

    /// The first hundred dropped records.
    #[must_use]
    pub fn rejected(&self) -> &[Rejected] {
        &self.rejected
    }

    /// How many records were dropped, by [`Rejection::code`].
    #[must_use]
    pub fn rejected_counts(&self) -> &BTreeMap<&'static str, usize> {
        &self.rejected_counts
    }
}

/// The ids that are taken.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    items: BTreeSet<String>,
    releases: BTreeSet<String>,
}

impl Ids {
    /// Takes the title's ids, all or none.
    pub(crate) fn claim(&mut self, index: usize, title: Title) -> Result<Title, Rejected> {
        let taken = (self.duplicate_item(&title)).or_else(|| self.duplicate_release(&title));
        if let Some(id) = taken {
            let why = Rejection::DuplicateId(id);
            return Err(Rejected { index, id: Some(title.id.to_string()), why });
        }
        self.items.extend(item_ids(&title).map(str::to_owned));
        self.releases.extend(title.all_releases().map(|release| release.id.to_string()));
        Ok(title)
    }

    fn duplicate_item(&self, title: &Title) -> Option<String> {
        first_repeated(item_ids(title), &self.items)
    }

    fn duplicate_release(&self, title: &Title) -> Option<String> {
        first_repeated(title.all_releases().map(|release| &*release.id), &self.releases)
    }
}

fn item_ids(title: &Title) -> impl Iterator<Item = &str> {
    [&*title.id].into_iter().chain(title.episodes().map(|(_, episode)| &*episode.id))
}

fn first_repeated<'a>(
    ids: impl Iterator<Item = &'a str>,
    taken: &BTreeSet<String>,
) -> Option<String> {
    let mut own = BTreeSet::new();
    ids.into_iter().find(|id| taken.contains(*id) || !own.insert(*id)).map(str::to_owned)
}
