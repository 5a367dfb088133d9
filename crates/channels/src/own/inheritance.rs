//! What a channel that was handed over leaves to the next one: titles, and the packs that have their pictures.
//!
//! The first version under the new key names the packs of the last one under the old: they stay the same torrents, so
//! that followers have what they opened, and a publisher who lacks some of them loses none.

use catalogue::channel::Manifest;

use super::{Own, OwnError};
use crate::{
    durable,
    folder::at,
    follow,
    packs::inheriting::{self, Leaving},
};

/// The signed manifest of the version that was handed over.
const BEFORE_FILE: &str = "before";

impl Own {
    /// Gives an heir that has no version yet everything that is published or waits here.
    pub(super) fn bequeath(&self, heir: &Self) -> Result<(), OwnError> {
        let before =
            self.folder.manifest_bytes().map_or_else(|| self.before(), |bytes| Ok(Some(bytes)));
        if let Some(before) = before? {
            heir.write(BEFORE_FILE, &before)?;
        }
        inheriting::link(&self.folder, &heir.folder, Leaving::Both)?;
        inheriting::link_waiting(&self.folder, &heir.folder)?;
        self.bequeath_titles(heir)?;
        heir.set_directory(&self.directory()?)
    }

    /// All titles, as they would be published next.
    fn bequeath_titles(&self, heir: &Self) -> Result<(), OwnError> {
        // An attempt that was cut off may have left some.
        heir.clear_waiting()?;
        if self.folder.manifest().is_some() {
            let catalogue = follow::catalogue(&self.folder).map_err(|_| OwnError::NothingHere)?;
            heir.add(catalogue.titles().to_vec())?;
        }
        let mut titles = vec![];
        let withdrawn = self.waiting(|title| {
            titles.push(title);
            Ok::<_, OwnError>(())
        })?;
        heir.withdraw(withdrawn)?;
        heir.add(titles).map(drop)
    }

    /// The manifest of the version that was handed over here; nothing for a channel that began under this key.
    pub(super) fn manifest_before(&self) -> Result<Option<Manifest>, OwnError> {
        let damaged = || OwnError::Damaged { path: self.folder.own().join(BEFORE_FILE) };
        let opened = self.before()?.map(|bytes| Manifest::open(&bytes).map_err(|_| damaged()));
        Ok(opened.transpose()?.map(|(_, manifest)| manifest))
    }

    fn before(&self) -> Result<Option<Vec<u8>>, OwnError> {
        let path = self.folder.own().join(BEFORE_FILE);
        Ok(durable::read(&path, Manifest::SEALED_MAX as u64).map_err(at(&path))?)
    }
}
