//! Channels that followed channels name. They are shown to whoever looks for some, and never followed by themselves.

use std::collections::BTreeMap;

use catalogue::{
    LanguageTag, Multilingual,
    channel::{Directory, Key, Listed, SegmentStore as _, is_alike},
};

use crate::folder::{Channels, Folder, FolderError};

/// A channel that at least one followed channel vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommended {
    /// Its root key.
    pub key: Key,
    /// What it is called, as the first who vouches for it says.
    pub name: Multilingual<300>,
    /// What it is about, by the same.
    pub about: Multilingual<1000, true>,
    /// The languages of its films, by the same.
    pub languages: Vec<LanguageTag>,
    /// Who vouches for it: followed channels with their names.
    pub by: Vec<(Key, Multilingual<300>)>,
    /// Whether it is followed already.
    pub is_followed: bool,
    /// Whether it is our own.
    pub is_own: bool,
    /// A channel that is followed or our own, and whose name looks nearly the same.
    pub resembles: Option<(Key, Multilingual<300>)>,
}

/// What channels call themselves that are followed or our own.
pub(crate) struct Names(Vec<(Key, Multilingual<300>)>);

impl Names {
    pub(crate) fn of(folders: &[Folder]) -> Self {
        let named = folders.iter().filter_map(|folder| {
            let manifest = folder.manifest().or_else(|| folder.coming_manifest())?;
            Some((*folder.key(), manifest.name))
        });
        Self(named.collect())
    }

    /// Another channel whose name, in any language, looks nearly like one of these.
    pub(crate) fn like(
        &self,
        key: &Key,
        name: &Multilingual<300>,
    ) -> Option<(Key, Multilingual<300>)> {
        let alike = |other: &Multilingual<300>| {
            name.iter().any(|(_, one)| other.iter().any(|(_, other)| is_alike(one, other)))
        };
        self.0.iter().find(|(other, theirs)| other != key && alike(theirs)).cloned()
    }
}

/// All of them, those first for which most vouch. A list that cannot be read vouches for nobody.
pub(crate) fn recommended(channels: &Channels) -> Result<Vec<Recommended>, FolderError> {
    let mut found: BTreeMap<Key, Recommended> = BTreeMap::new();
    let all = channels.all()?;
    for folder in all.iter().filter(|folder| folder.is_followed()) {
        let name = folder.manifest().map(|manifest| manifest.name).unwrap_or_default();
        for listed in directory(folder).channels() {
            // Nobody vouches for themselves.
            if listed.key != *folder.key() {
                let one = found.entry(listed.key).or_insert_with(|| unvouched(channels, listed));
                one.by.push((*folder.key(), name.clone()));
            }
        }
    }
    let (mut found, names): (Vec<_>, _) = (found.into_values().collect(), Names::of(&all));
    for one in &mut found {
        one.resembles = names.like(&one.key, &one.name);
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.by.len()));
    Ok(found)
}

/// The channels that a channel names, if the file is the one of its manifest.
fn directory(folder: &Folder) -> Directory {
    let file = folder.manifest().and_then(|manifest| manifest.directory);
    let bytes = file.and_then(|file| folder.segment(&file).filter(|bytes| file.is(bytes)));
    let read = bytes.map(|bytes| Directory::read(&bytes));
    match read.transpose() {
        Ok(directory) => directory.unwrap_or_default(),
        Err(error) => {
            tracing::warn!(channel = %folder.key().short(), %error, "its list of channels is left out");
            Directory::default()
        }
    }
}

fn unvouched(channels: &Channels, listed: &Listed) -> Recommended {
    let folder = channels.folder(listed.key);
    Recommended {
        key: listed.key,
        name: listed.name.clone(),
        about: listed.about.clone(),
        languages: listed.languages.clone(),
        by: vec![],
        is_followed: folder.is_followed(),
        is_own: folder.is_own(),
        resembles: None,
    }
}
