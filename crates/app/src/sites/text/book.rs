//! The texts of a site and what they are called: what its navigation is made of.

use std::{fs, path::Path};

use catalogue::channel::{Files, Media, PagePath};

use super::markdown;

/// The most texts that a navigation names.
const NAMED_MAX: usize = 200;
/// So much of a text is looked through for its title, bytes.
const LOOKED_AT: usize = 8 << 10;

/// What the texts of a version are called, in the order of their paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Book(Vec<(PagePath, String)>);

impl Book {
    /// Reads the titles of texts that lie in this folder.
    pub(in super::super) fn read(files: &Files, pages: &Path) -> Self {
        let texts =
            files.iter().map(|(path, _)| path).filter(|path| path.media() == Media::Markdown);
        let mut named: Vec<_> = texts.take(NAMED_MAX).cloned().collect();
        // Each folder begins with its first page.
        named.sort_by_key(|path| (folder(path).to_owned(), !is_first(path), path.clone()));
        let titled = named.into_iter().map(|path| {
            let place = path.split('/').fold(pages.to_owned(), |place, part| place.join(part));
            let bytes = fs::read(place).unwrap_or_default();
            let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]);
            let title = markdown::title(&beginning).unwrap_or_else(|| name_of(&path));
            (path, title)
        });
        Self(titled.collect())
    }

    /// What is named on a page: the texts at the top, the beginnings of folders, and its own folder.
    pub(super) fn beside<'a>(
        &'a self,
        here: &PagePath,
    ) -> impl Iterator<Item = (&'a PagePath, &'a str)> {
        let own = folder(here).to_owned();
        let is_named = move |path: &PagePath| match folder(path) {
            "" => true,
            folder if folder == own => true,
            folder => !folder.contains('/') && is_first(path),
        };
        let named = self.0.iter().filter(move |(path, _)| is_named(path));
        named.map(|(path, title)| (path, &**title))
    }
}

/// What a text is called that has no heading: its file, without what only machines read.
pub(super) fn name_of(path: &PagePath) -> String {
    let path = path.strip_suffix("/index.md").unwrap_or(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    name.replace(['-', '_'], " ")
}

fn folder(path: &PagePath) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_first(path: &PagePath) -> bool {
    **path == *"index.md" || path.ends_with("/index.md")
}

#[cfg(test)]
mod tests {
    use catalogue::channel::{Level, Palette, SiteFile, Theme, Typeface};

    use super::*;

    #[test]
    fn texts_are_named_by_their_headings_and_a_page_names_those_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let language = "en".to_owned().try_into().unwrap();
        let level =
            Level::Text(Theme { palette: Palette::Paper, typeface: Typeface::Sans, language });
        let texts = [
            ("a-b_c.md", "no heading"),
            ("films/1927.md", "# Metropolis"),
            ("films/index.md", "Films\n====="),
            ("films/old/1902.md", "# The Moon"),
            ("index.md", "# *Evenings*"),
            ("p.png", "# no text"),
        ];
        let mut files = std::collections::BTreeMap::new();
        for (name, text) in texts {
            let place = folder.path().join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
            let path: PagePath = name.to_owned().try_into().unwrap();
            files.insert(path, SiteFile::of(text.as_bytes()));
        }
        let book = Book::read(&Files::new(&level, files).unwrap(), folder.path());
        let beside = |here: &str| {
            let here = here.to_owned().try_into().unwrap();
            book.beside(&here).map(|(_, title)| title.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(beside("index.md"), ["Evenings", "a b c", "Films"]);
        assert_eq!(beside("films/1927.md"), ["Evenings", "a b c", "Films", "Metropolis"]);
        assert_eq!(beside("films/old/1902.md"), ["Evenings", "a b c", "Films", "The Moon"]);
        let film = |raw: &str| name_of(&raw.to_owned().try_into().unwrap());
        assert_eq!(
            (film("films/index.md"), film("a/the_end.md")),
            ("films".into(), "the end".into())
        );
    }
}
