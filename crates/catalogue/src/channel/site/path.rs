//! Paths of pages: the same on every system, in every address, in every torrent.

use std::ops::Deref;

use super::Media;
use crate::text::BadText;

const PATH_MAX: usize = 200;
const PART_MAX: usize = 100;
const PARTS_MAX: usize = 8;
const ENTRY: &str = "index.html";
/// Names that Windows gives to devices, whatever follows them.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// A path of a page: up to 8 names with slashes between them, of letters, digits and `. _ - ~` (ASCII), none starting or
/// ending with a dot; the last one ends in one of the extensions of [`Media`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PagePath(String);

impl PagePath {
    /// What a site begins with.
    #[must_use]
    pub fn entry() -> Self {
        Self(ENTRY.to_owned())
    }

    /// What kind of file it is.
    #[must_use]
    pub fn media(&self) -> Media {
        // Nothing is a path here without one.
        Media::of(&self.0).unwrap_or(Media::Plain)
    }

    /// The folders that it is in, from the outermost.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

impl TryFrom<String> for PagePath {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let parts: Vec<&str> = raw.split('/').collect();
        if raw.len() > PATH_MAX || parts.len() > PARTS_MAX || !parts.iter().all(|part| fits(part)) {
            return Err(BadText::Form(
                "a path of a site is made of letters from a to z, digits and . _ - ~, at most 200, in at most 8 parts \
                 that neither start nor end with a dot",
            ));
        }
        if Media::of(&raw).is_none() {
            return Err(BadText::Form("a site has no files of this kind"));
        }
        Ok(Self(raw))
    }
}

fn fits(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte);
    let whole = (1..=PART_MAX).contains(&part.len()) && part.bytes().all(allowed);
    whole && !part.starts_with('.') && !part.ends_with('.') && !is_device(part)
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |name: &&str| {
        stem.strip_prefix(*name).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
    };
    DEVICES.contains(&stem.as_str()) || NUMBERED_DEVICES.iter().any(numbered)
}

impl Deref for PagePath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(raw: &str) -> Result<PagePath, BadText> {
        PagePath::try_from(raw.to_owned())
    }

    #[test]
    fn what_a_site_has_passes() {
        for fine in ["index.html", "a/b/c.css", "A-b_c~1.min.js", "films/1927/poster.webp"] {
            assert_eq!(&*path(fine).unwrap(), fine);
        }
    }

    #[test]
    fn nothing_leaves_the_folder_or_means_something_else_on_another_system() {
        for bad in [
            "",
            "/",
            "/index.html",
            "a//b.html",
            "a/",
            ".",
            "..",
            "../b.html",
            "a/../b.html",
            ".htaccess",
            ".git/a.html",
            "a./b.html",
            "a\\b.html",
            "a%2fb.html",
            "a b.html",
            "é.html",
            "con.html",
            "a/NUL.txt",
            "com1.css",
            "lpt9/a.html",
            "a\0.html",
            "a.html.",
            "a:b.html",
            "a?b.html",
            "1/2/3/4/5/6/7/8/9.html",
        ] {
            assert!(path(bad).is_err(), "{bad}");
        }
        assert!(path(&format!("{}.html", "a".repeat(101))).is_err());
    }

    #[test]
    fn only_known_kinds_of_files_are_pages() {
        for bad in ["index", "a.exe", "a.html.zip", "a.php", "a.htaccess", "a.pdf", "a.xml"] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_are_told_from_the_outermost() {
        let deep = path("a/b/c.html").unwrap();
        assert_eq!(deep.folders().collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(PagePath::entry().folders().count(), 0);
    }
}
