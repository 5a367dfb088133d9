//! The database's numbered forms, each made from the one before.

use std::path::Path;

use rusqlite::{Connection, Transaction};
use rusqlite_migration::{Error, HookError, M, MigrationDefinitionError, Migrations};

use crate::{error::LibraryError, filters, works, writer::Failure};

fn steps() -> Migrations<'static> {
    let works = |db: &Transaction<'_>| works::note_all(db).map_err(in_a_step);
    let marks = |db: &Transaction<'_>| filters::note_all(db).map_err(in_a_step);
    Migrations::new(vec![
        M::up(include_str!("../migrations/0001_titles.sql")),
        M::up(include_str!("../migrations/0002_household.sql")),
        M::up(include_str!("../migrations/0003_downloads.sql")),
        M::up(include_str!("../migrations/0004_search.sql")),
        M::up(include_str!("../migrations/0005_traffic.sql")),
        M::up(include_str!("../migrations/0006_scale.sql")),
        M::up(include_str!("../migrations/0007_metainfo.sql")),
        M::up(include_str!("../migrations/0008_history.sql")),
        M::up(include_str!("../migrations/0009_gave.sql")),
        M::up(include_str!("../migrations/0010_works.sql")),
        M::up_with_hook(include_str!("../migrations/0011_light.sql"), works),
        M::up(include_str!("../migrations/0012_in_order.sql")),
        M::up(include_str!("../migrations/0013_taken_back.sql")),
        M::up_with_hook(include_str!("../migrations/0014_filters.sql"), marks),
    ])
}

fn in_a_step(failure: Failure) -> HookError {
    match failure {
        Failure::Sqlite(error) => HookError::RusqliteError(error),
        Failure::Library(error) => HookError::Hook(error.to_string()),
    }
}

/// Brings a database of any earlier form, or an empty one, to the newest.
pub(crate) fn migrate(path: &Path, connection: &mut Connection) -> Result<(), LibraryError> {
    steps().to_latest(connection).map_err(|error| match error {
        Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            LibraryError::Newer { path: path.to_owned() }
        }
        Error::RusqliteError { err, .. } => LibraryError::from_sqlite(path, &err),
        other => LibraryError::Unexpected { path: path.to_owned(), why: other.to_string() },
    })
}
