//! A web server with a copy of a channel, and where it has which torrent: plain files with names that never change.

use serde::{Deserialize, Serialize};
use torrent::InfoHashes;

use crate::{place::HttpsUrl, text::BadText};

/// The most mirrors of a channel.
pub const MIRRORS_MAX: usize = 4;
/// The longest address, bytes.
const LEN_MAX: usize = 500;

/// The address below which a mirror has a channel's torrents: `https://`, a folder, and nothing behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct MirrorUrl(String);

impl TryFrom<String> for MirrorUrl {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let folder = raw.ends_with('/') && !raw.contains(['?', '#']) && raw.len() <= LEN_MAX;
        match HttpsUrl::try_from(raw) {
            Ok(url) if folder => Ok(Self((*url).to_owned())),
            _ => Err(BadText::Form(
                "a mirror starts with https:// and ends with /, with no ? or # and at most 500 characters",
            )),
        }
    }
}

impl std::ops::Deref for MirrorUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl MirrorUrl {
    /// What a person wrote, with the slash at its end that is easily forgotten.
    ///
    /// # Errors
    /// It is no address of a mirror.
    pub fn of_person(raw: &str) -> Result<Self, BadText> {
        let raw = raw.trim();
        let slash = if raw.ends_with('/') || raw.contains(['?', '#']) { "" } else { "/" };
        Self::try_from(format!("{raw}{slash}"))
    }

    /// The web seed of a torrent there (BEP 19), under the name by which the channel knows the torrent.
    #[must_use]
    pub fn files(&self, hashes: &InfoHashes) -> String {
        format!("{}{}/", self.0, mirror_name(hashes))
    }

    /// Where a torrent's description is there.
    #[must_use]
    pub fn description(&self, hashes: &InfoHashes) -> String {
        format!("{}{}", self.0, mirror_description(hashes))
    }
}

/// The folder of a torrent on a mirror: the 40 digits of its v1 infohash if the channel names that, else the first 40 of
/// its v2 one.
#[must_use]
pub fn mirror_name(hashes: &InfoHashes) -> String {
    hashes.wire().to_string()
}

/// The file beside that folder that describes the torrent.
#[must_use]
pub fn mirror_description(hashes: &InfoHashes) -> String {
    format!("{}.torrent", mirror_name(hashes))
}

#[cfg(test)]
mod tests {
    use torrent::{Sha1Hash, Sha256Hash};

    use super::*;

    #[test]
    fn a_mirror_is_a_folder_over_https() {
        let url = |text: &str| MirrorUrl::of_person(text);
        for same in ["https://a.example/films", " https://a.example/films/ "] {
            assert_eq!(&*url(same).expect("a mirror"), "https://a.example/films/");
        }
        assert_eq!(&*url("https://a.example").expect("a mirror"), "https://a.example/");
        let long = format!("https://a.example/{}/", "x".repeat(500));
        for wrong in [
            "",
            "a.example",
            "http://a.example/",
            "ftp://a.example/",
            "https:///",
            "https://a.example/?list=1",
            "https://a.example/#films",
            "https://name:word@a.example/",
            "https://a.example/two words/",
            &long,
        ] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        assert!(MirrorUrl::try_from("https://a.example/films".to_owned()).is_err());
    }

    #[test]
    fn a_torrent_is_found_by_forty_digits_whatever_its_version_is() {
        let mirror = MirrorUrl::of_person("https://a.example/films").expect("a mirror");
        let (one, two) = (Sha1Hash([0x1a; 20]), Sha256Hash([0x2b; 32]));
        let (v1, v2) = ("1a".repeat(20), "2b".repeat(20));
        for (hashes, name) in [
            (InfoHashes::V1(one), &v1),
            (InfoHashes::Hybrid(one, two), &v1),
            (InfoHashes::V2(two), &v2),
        ] {
            assert_eq!(mirror.files(&hashes), format!("https://a.example/films/{name}/"));
            let description = format!("https://a.example/films/{name}.torrent");
            assert_eq!(mirror.description(&hashes), description);
        }
    }
}
