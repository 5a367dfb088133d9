//! Pictures and subtitles that lie beside a catalogue file, on their way into the packs of a channel.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use catalogue::{
    Art, Digest, RelativePath, Title,
    channel::{Key, PackKind},
};
use media::{
    image::{self, Size},
    subtitle::{self, Hints},
};
use serde_json::{Value, json};

use crate::{
    cinema::Cinema,
    http::problem::{Code, Problem},
    masters::{Master, Masters},
};

/// A poster in a pack: sharp in a grid, and small enough to come with it.
const POSTER: Size = Size { width: 500, height: 750 };

/// What a file beside a catalogue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// The upright picture of a title.
    Poster,
    /// Its wide picture.
    Backdrop,
    /// The wide picture of an episode.
    Still,
    /// A subtitle of a release.
    Subtitle,
}

/// A file that a catalogue names, by its path below the catalogue's folder.
pub type Beside = (Sort, String);

/// A file that may go into a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// In which packs it goes.
    pub kind: PackKind,
    /// Its bytes as everybody gets them.
    pub bytes: Vec<u8>,
    /// The preview of a poster, base64.
    pub thumbhash: Option<String>,
}

/// A file that waits to be published with its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The preview of a poster, base64.
    pub thumbhash: Option<String>,
}

impl Packed {
    /// What was made ready and has this hash.
    #[must_use]
    pub fn new(hash: [u8; 32], thumbhash: Option<String>) -> Self {
        Self { sha256: Digest(hash).to_string(), thumbhash }
    }

    /// The picture as a title names it.
    #[must_use]
    pub fn art(&self) -> Option<Art> {
        serde_json::from_value(json!({"sha256": self.sha256})).ok()
    }
}

impl Sort {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Poster, "poster"),
        (Self::Backdrop, "backdrop"),
        (Self::Still, "still"),
        (Self::Subtitle, "subtitle"),
    ];

    /// Its word in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(sort, _)| *sort == self).map_or("", |(_, word)| word)
    }

    /// The sort with this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(sort, _)| *sort)
    }

    /// Makes pictures anew, and looks whether a subtitle can be shown. Subtitles stay as they are.
    ///
    /// # Errors
    /// [`Code::ImageBad`] or [`Code::SubtitleBad`], with the reason.
    pub fn ready(self, bytes: Vec<u8>) -> Result<Ready, Problem> {
        let size = match self {
            Self::Poster => POSTER,
            Self::Backdrop => Size::BACKDROP,
            Self::Still => Size { width: 640, height: 360 },
            Self::Subtitle => {
                subtitle::to_vtt(&bytes, &Hints::default())
                    .map_err(|bad| Problem::from(Code::SubtitleBad).detail(bad))?;
                return Ok(Ready { kind: PackKind::Subtitles, bytes, thumbhash: None });
            }
        };
        let made = image::poster(&bytes, size);
        let made = made.map_err(|bad| Problem::from(Code::ImageBad).detail(bad))?;
        let thumbhash = BASE64_STANDARD.encode(&made.thumbhash);
        Ok(Ready { kind: PackKind::Pictures, bytes: made.webp, thumbhash: Some(thumbhash) })
    }
}

/// Every file that a catalogue names below its own folder.
#[must_use]
pub fn beside(catalogue: &mut Value) -> Vec<Beside> {
    let mut found = vec![];
    each(catalogue, &mut |sort, path, _| found.push((sort, path)));
    found.sort();
    found.dedup();
    found
}

/// Takes out pictures that are named by an address, and returns what they say: addresses are never asked.
pub fn take_remote(catalogue: &mut Value) -> Vec<String> {
    let mut remote = vec![];
    let mut look = |holder: &mut Value, sort: Sort| {
        let art = holder.get(sort.word()).unwrap_or(&Value::Null);
        let address = art["url"].as_str().or(art.as_str().filter(|text| text.contains("://")));
        if let Some(address) = address.map(str::to_owned) {
            holder.as_object_mut().map(|title| title.remove(sort.word()));
            remote.push(address);
        }
    };
    for title in members(catalogue, "titles") {
        look(title, Sort::Poster);
        look(title, Sort::Backdrop);
        for episode in members(title, "seasons").flat_map(|season| members(season, "episodes")) {
            look(episode, Sort::Still);
        }
    }
    remote
}

/// What is said of a picture that is an address.
pub const REMOTE: &str =
    "it is an address, and pictures are not fetched; put the file beside the list";

/// Names files by their hashes from now on. Those that are not among them are left out of their titles.
pub fn replace(catalogue: &mut Value, packed: &BTreeMap<Beside, Packed>) {
    each(catalogue, &mut |sort, path, holder| {
        let known = packed.get(&(sort, path));
        match (sort, known) {
            (Sort::Subtitle, Some(known)) => {
                holder["sha256"] = json!(known.sha256);
                holder.as_object_mut().map(|track| track.remove("file"));
            }
            (Sort::Subtitle, None) => *holder = Value::Null,
            (_, Some(known)) => {
                holder[sort.word()] = json!({"sha256": known.sha256});
                if sort == Sort::Poster && holder["thumbhash"].is_null() {
                    holder["thumbhash"] = json!(known.thumbhash);
                }
            }
            (_, None) => drop(holder.as_object_mut().map(|title| title.remove(sort.word()))),
        }
    });
    each_release(catalogue, &mut |release| {
        if let Some(tracks) = release.get_mut("subtitles").and_then(Value::as_array_mut) {
            tracks.retain(|track| !track.is_null());
        }
    });
}

/// Shows each file with what names it: a title, an episode or a subtitle.
fn each(catalogue: &mut Value, show: &mut impl FnMut(Sort, String, &mut Value)) {
    for title in members(catalogue, "titles") {
        for sort in [Sort::Poster, Sort::Backdrop] {
            picture(title, sort, show);
        }
        for episode in members(title, "seasons").flat_map(|season| members(season, "episodes")) {
            picture(episode, Sort::Still, show);
        }
    }
    each_release(catalogue, &mut |release| {
        for track in members(release, "subtitles") {
            if let Some(path) = track["file"].as_str().map(str::to_owned) {
                show(Sort::Subtitle, path, track);
            }
        }
    });
}

fn picture(holder: &mut Value, sort: Sort, show: &mut impl FnMut(Sort, String, &mut Value)) {
    let path = holder.get(sort.word()).and_then(|art| art["file"].as_str()).map(str::to_owned);
    if let Some(path) = path {
        show(sort, path, holder);
    }
}

fn each_release(catalogue: &mut Value, show: &mut impl FnMut(&mut Value)) {
    for title in members(catalogue, "titles") {
        members(title, "releases").for_each(&mut *show);
        for episode in members(title, "seasons").flat_map(|season| members(season, "episodes")) {
            members(episode, "releases").for_each(&mut *show);
        }
    }
}

/// The objects in a list; none if it is not a list of objects.
fn members<'a>(holder: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = holder.get_mut(list).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter(|member| member.is_object())
}

/// Reads a file that a catalogue names.
///
/// # Errors
/// It cannot be read, leads out of the folder, or is larger than any picture or subtitle.
pub fn read(folder: &Path, path: &str) -> io::Result<Vec<u8>> {
    let path = RelativePath::try_from(path.to_owned()).map_err(io::Error::other)?;
    read_file(&below(folder, &path))
}

/// Where a file below a folder lies.
#[must_use]
pub fn below(folder: &Path, path: &RelativePath) -> PathBuf {
    path.split('/').fold(folder.to_owned(), |folder, part| folder.join(part))
}

/// Reads a picture or subtitle.
///
/// # Errors
/// It cannot be read, or is larger than any picture or subtitle.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > image::LEN_MAX as u64 {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    fs::read(path)
}

/// The poster of a film that is published: it is in the film's torrent, and in a pack besides, so that followers see it
/// before anybody plays the film.
#[must_use]
pub fn poster_of(masters: &Masters, master: &Master) -> Option<Ready> {
    Sort::Poster.ready(masters.poster(master)?).ok()
}

impl Cinema {
    /// A film's title with its poster in the packs of its channel.
    ///
    /// # Errors
    /// [`Code::NotOurs`], or what the disk says.
    pub(crate) async fn with_poster_in_pack(
        &self,
        channel: Key,
        master: &Master,
        mut title: Title,
    ) -> Result<Title, Problem> {
        let (masters, master) = (self.masters.clone(), master.clone());
        let made = tokio::task::spawn_blocking(move || poster_of(&masters, &master)).await;
        if let Some(ready) = made.map_err(|_| Code::Internal)? {
            let hash = self.publisher.keep_thing(channel, ready.kind, ready.bytes).await;
            let hash = hash.map_err(|error| Problem::from(&error))?;
            title.poster = Some(Art::Sha256(Digest(hash)));
        }
        Ok(title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Value {
        let release = json!({"subtitles": [
            {"language": "de", "file": "de.srt"}, {"language": "fr", "path": "in/torrent.srt"},
        ]});
        json!({"titles": [
            {"id": "a", "poster": {"file": "a.jpg"}, "backdrop": {"in_torrent": "b.jpg"},
                "releases": [release]},
            {"id": "s", "poster": {"file": "gone.jpg"}, "seasons": [{"episodes": [
                {"still": {"file": "e.jpg"}, "releases": [release]}]}]},
            "no title",
        ]})
    }

    #[test]
    fn files_are_named_by_their_hashes_and_what_is_not_there_is_left_out() {
        let mut taken = catalogue();
        let named = beside(&mut taken);
        let file = |sort, path: &str| (sort, path.to_owned());
        let wanted = [
            file(Sort::Poster, "a.jpg"),
            file(Sort::Poster, "gone.jpg"),
            file(Sort::Still, "e.jpg"),
            file(Sort::Subtitle, "de.srt"),
        ];
        assert_eq!(named, wanted);
        assert_eq!(taken, catalogue(), "looking changes nothing");
        let packed = |word: &str| Packed { sha256: word.to_owned(), thumbhash: Some("t".into()) };
        let known = [(wanted[0].clone(), packed("1")), (wanted[2].clone(), packed("2"))];
        replace(&mut taken, &known.into());
        let title = &taken["titles"][0];
        assert_eq!((&title["poster"]["sha256"], &title["thumbhash"]), (&json!("1"), &json!("t")));
        assert_eq!(title["backdrop"], json!({"in_torrent": "b.jpg"}));
        let left = json!([{"language": "fr", "path": "in/torrent.srt"}]);
        assert_eq!(title["releases"][0]["subtitles"], left);
        let series = &taken["titles"][1];
        assert_eq!(series.get("poster"), None);
        assert_eq!(series["seasons"][0]["episodes"][0]["still"]["sha256"], json!("2"));
        assert_eq!(beside(&mut taken), []);
    }

    #[test]
    fn addresses_are_taken_out_and_told_of() {
        let mut taken = json!({"titles": [
            {"poster": "https://example.org/a.jpg", "backdrop": {"file": "b.jpg"}, "seasons": [
                {"episodes": [{"still": {"url": "https://example.org/e.jpg"}}]}]},
        ]});
        let remote = take_remote(&mut taken);
        assert_eq!(remote, ["https://example.org/a.jpg", "https://example.org/e.jpg"]);
        let left =
            json!({"titles": [{"backdrop": {"file": "b.jpg"}, "seasons": [{"episodes": [{}]}]}]});
        assert_eq!(taken, left);
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("inside");
        fs::create_dir(&inside).unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        fs::write(inside.join("a"), "a").unwrap();
        assert_eq!(read(&inside, "a").unwrap(), b"a");
        for path in ["../secret", "/etc/passwd", "", "b"] {
            assert!(read(&inside, path).is_err(), "{path}");
        }
    }
}
