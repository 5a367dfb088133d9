//! By what a film is known whatever it is called, and what of a title stays when it is described anew.

use std::fmt;

use crate::{
    place::{Digest, RelativePath},
    title::{Art, Release, Title},
};

/// By what the file of a release is known. The same file of the same torrent is the same film, and so are the same bytes in
/// any torrent; another file of a torrent is another film.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKey {
    /// A file of a v2 torrent (BEP 52).
    V2(Digest<32>, RelativePath),
    /// A file of a v1 torrent (BEP 3).
    V1(Digest<20>, RelativePath),
    /// The root of its hash tree, `pieces root` of BEP 52.
    PiecesRoot(Digest<32>),
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V2(torrent, path) => write!(f, "v2:{torrent}:{}", &**path),
            Self::V1(torrent, path) => write!(f, "v1:{torrent}:{}", &**path),
            Self::PiecesRoot(root) => write!(f, "root:{root}"),
        }
    }
}

impl Release {
    /// By what its file is known: one to three keys.
    pub fn file_keys(&self) -> impl Iterator<Item = FileKey> {
        let (torrent, path) = (&self.torrent, || self.path.clone());
        let v2 = torrent.v2.map(|v2| FileKey::V2(v2, path()));
        let v1 = torrent.v1.map(|v1| FileKey::V1(v1, path()));
        [v2, v1, self.pieces_root.map(FileKey::PiecesRoot)].into_iter().flatten()
    }

    /// Whether it makes an earlier one superfluous: the same file, or another one of the same quality and languages.
    fn replaces(&self, earlier: &Self) -> bool {
        let is_alike =
            (&self.quality, &self.audio_languages) == (&earlier.quality, &earlier.audio_languages);
        is_alike
            || self.id == earlier.id
            || self.file_keys().any(|key| earlier.file_keys().any(|other| other == key))
    }
}

impl Title {
    /// This description in the place of an earlier one: it has the id of that, and what it does not say itself, be it a text
    /// in another language or a release in another quality, stays.
    #[must_use]
    pub fn in_place_of(mut self, earlier: Self) -> Self {
        self.id = earlier.id;
        self.name = self.name.or(earlier.name);
        self.synopsis = self.synopsis.or(earlier.synopsis);
        self.original_language = self.original_language.or(earlier.original_language);
        self.year = self.year.or(earlier.year);
        self.runtime_s = self.runtime_s.or(earlier.runtime_s);
        self.content_rating = self.content_rating.or(earlier.content_rating);
        if self.licence == earlier.licence {
            self.licence_statement = self.licence_statement.or(earlier.licence_statement);
        }
        or_earlier(&mut self.genres, earlier.genres);
        or_earlier(&mut self.people, earlier.people);
        or_earlier(&mut self.countries, earlier.countries);
        for (numbering, id) in earlier.ids {
            if self.ids.len() < crate::title::IDS_MAX {
                self.ids.entry(numbering).or_insert(id);
            }
        }
        // A picture in the torrent of the first release is not in that of another.
        let stays = |art: &Art| !matches!(art, Art::InTorrent(_));
        if self.poster.is_none() {
            self.poster = earlier.poster.filter(stays);
            self.thumbhash = earlier.thumbhash.filter(|_| self.poster.is_some());
        }
        self.backdrop = self.backdrop.or(earlier.backdrop.filter(stays));
        let others = earlier.releases.into_iter();
        let others = others.filter(|one| !self.releases.iter().any(|own| own.replaces(one)));
        let room = RELEASES_MAX.saturating_sub(self.releases.len());
        let others: Vec<_> = others.take(room).collect();
        self.releases.extend(others);
        self
    }
}

/// The most releases of a title.
const RELEASES_MAX: usize = 32;

fn or_earlier<T>(now: &mut Vec<T>, earlier: Vec<T>) {
    if now.is_empty() {
        *now = earlier;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn title(id: &str, more: Value) -> Title {
        let mut record = json!({
            "id": id, "kind": "film", "name": {"en": "Ferry"}, "licence": "CC-BY-4.0",
            "attribution": "Somebody", "source": "https://example.org/",
        });
        for (field, value) in more.as_object().unwrap() {
            record[field] = value.clone();
        }
        crate::gate::admit_text(&record.to_string()).unwrap()
    }

    fn release(id: &str, quality: &str, torrent: &str, root: Option<&str>) -> Value {
        let mut release = json!({
            "id": id, "quality": quality, "container": "mp4", "size_bytes": 1, "path": "film/film.mp4",
            "torrent": {"v1": torrent.repeat(40)},
        });
        if let Some(root) = root {
            release["pieces_root"] = json!(root.repeat(64));
        }
        release
    }

    #[test]
    fn a_file_is_known_in_its_torrent_and_by_its_bytes_in_any() {
        let of = |release: Value| {
            let title = title("a", json!({"releases": [release]}));
            title.releases[0].file_keys().map(|key| key.to_string()).collect::<Vec<_>>()
        };
        let (one, other) =
            (release("r", "720p", "a", Some("c")), release("r", "720p", "b", Some("c")));
        assert_eq!(of(one)[1], of(other)[1]);
        assert_eq!(
            of(release("r", "720p", "a", None)),
            [format!("v1:{}:film/film.mp4", "a".repeat(40))]
        );
    }

    #[test]
    fn what_a_new_description_does_not_say_stays() {
        let earlier = title(
            "kept",
            json!({
                "name": {"en": "Fery", "fr": "Le bac"}, "year": 1926, "genres": ["drama"],
                "ids": {"imdb": "tt1"}, "poster": {"sha256": "d".repeat(64)}, "thumbhash": "abc",
                "licence": "LicenseRef-publisher-own", "licence_statement": "Take it.",
                "releases": [
                    release("kept-1", "720p", "a", Some("c")), release("kept-2", "480p", "b", None),
                    release("kept-3", "1080p", "d", None),
                ],
            }),
        );
        let now = title(
            "fresh",
            json!({
                "genres": ["comedy"], "synopsis": {"en": "A bridge is built."},
                "releases": [
                    release("fresh-720p", "720p", "e", Some("c")),
                    release("fresh-1080p", "1080p", "f", None),
                ],
            }),
        );
        let now = now.in_place_of(earlier);
        assert_eq!(
            (&*now.id, now.name.get("en"), now.name.get("fr")),
            ("kept", Some("Ferry"), Some("Le bac"))
        );
        assert_eq!((now.year, &*now.genres[0], now.ids.len()), (Some(1926), "comedy", 1));
        assert_eq!((now.poster.is_some(), now.licence_statement), (true, None));
        let releases: Vec<_> = now.releases.iter().map(|one| &*one.id).collect();
        assert_eq!(releases, ["fresh-720p", "fresh-1080p", "kept-2"]);
    }

    #[test]
    fn a_picture_in_the_torrent_of_another_release_does_not_stay() {
        let poster = json!({"poster": {"in_torrent": "poster.webp"}, "thumbhash": "abc",
            "releases": [release("r", "720p", "a", None)]});
        let now = title("b", json!({"releases": [release("s", "720p", "b", None)]}));
        let now = now.in_place_of(title("a", poster));
        assert_eq!((now.poster, now.thumbhash), (None, None));
    }
}
