//! The library's file: older forms, damage, locks, and folders that cannot be used.
#![allow(clippy::print_stdout, reason = "what was skipped is said")]

use std::{fs, path::Path, time::Duration};

use crate::shelf::{empty, english, stocked};
use library::{Library, LibraryError, NewDownload};
use rusqlite::Connection;
use torrent::{InfoHashes, Sha1Hash};

const FORMS: [&str; 4] = [
    include_str!("../../migrations/0001_titles.sql"),
    include_str!("../../migrations/0002_household.sql"),
    include_str!("../../migrations/0003_downloads.sql"),
    include_str!("../../migrations/0004_search.sql"),
];

/// What each form can already hold, put in as a program of that time would have.
const CONTENTS: [&str; 4] = [
    "INSERT INTO sources (id, name, publisher, revision, imported_at)
         VALUES ('old', '{\"en\": \"Old\"}', 'Somebody', 1, 1);
     INSERT INTO titles (id, source, seen, kind, licence, position, sort_name, added_at, withdrawn,
         card, record) VALUES ('old.gone', 1, 1, 'film', 'CC0-1.0', 0, 'gone', 1,
         '{\"id\": \"gone\", \"reason\": \"rights\"}', '{}',
         '{\"id\": \"gone\", \"kind\": \"film\", \"name\": {\"en\": \"Gone\"},
           \"licence\": \"CC0-1.0\", \"attribution\": \"X\", \"source\": \"https://example.org/\",
           \"releases\": [{\"id\": \"r\", \"quality\": \"480p\", \"container\": \"mp4\",
           \"size_bytes\": 1, \"path\": \"a.mp4\",
           \"torrent\": {\"v1\": \"0707070707070707070707070707070707070707\"}}]}')",
    "INSERT INTO progress VALUES ('old.film', 12000, 100000, 1);
     INSERT INTO favourites VALUES ('old.film', 1);
     INSERT INTO consent VALUES (1, 2, 1);
     INSERT INTO settings VALUES (1, '{\"theme\": \"light\", \"of_the_future\": 1}')",
    "INSERT INTO downloads (name, v1, folder, files, state, pinned, size_bytes, done_bytes,
         uploaded_bytes, added_at) VALUES ('Old', zeroblob(20), '/x', '[]', 'done', 1, 5, 5, 9, 1)",
    "INSERT INTO search (rowid, names) VALUES (1, 'old')",
];

fn of_form(folder: &Path, form: usize) {
    let db = Connection::open(folder.join("library.db")).unwrap();
    for step in 0..form {
        db.execute_batch(FORMS[step]).unwrap();
        db.execute_batch(CONTENTS[step]).unwrap();
    }
    db.pragma_update(None, "user_version", i64::try_from(form).unwrap()).unwrap();
}

#[test]
fn a_library_of_every_earlier_form_opens_with_what_it_held() {
    for form in 0..=FORMS.len() {
        let folder = tempfile::tempdir().unwrap();
        of_form(folder.path(), form);
        let library = Library::open(folder.path()).unwrap();
        assert_eq!(library.sources(&english()).unwrap().len(), form.min(1), "form {form}");
        let progress = library.progress("old.film").unwrap();
        assert_eq!(progress.map(|p| p.position_s), (form >= 2).then_some(12.0), "form {form}");
        assert_eq!(library.consent().unwrap().is_some(), form >= 2, "form {form}");
        assert_eq!(library.downloads().unwrap().len(), usize::from(form >= 3), "form {form}");
        let gone = InfoHashes::V1(Sha1Hash([7; 20]));
        assert_eq!(library.taken_back(&[gone]).unwrap().len(), form.min(1), "form {form}");
        library.import(crate::shelf::evening(), None).unwrap();
        assert_eq!(library.search("aurora", 5, &english()).unwrap().titles.len(), 1, "form {form}");
    }
}

#[test]
fn a_library_of_a_newer_program_is_refused_and_not_changed() {
    let shelf = empty();
    let path = shelf.library.path().to_owned();
    drop(shelf.library);
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = fs::read(&path).unwrap();
    let refused = Library::open(shelf.folder.path()).unwrap_err();
    assert!(matches!(refused, LibraryError::Newer { .. }));
    assert!(refused.to_string().contains("Update this one"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_backup_is_made_anew_when_it_is_old_enough() {
    let shelf = stocked();
    let day = Duration::from_secs(24 * 3600);
    assert!(shelf.library.backup_if_older(day).unwrap(), "there was none");
    assert!(!shelf.library.backup_if_older(day).unwrap(), "it is young");
    assert!(shelf.library.backup_if_older(Duration::ZERO).unwrap(), "it is never young enough");
}

#[test]
fn a_damaged_library_is_named_left_alone_and_the_backup_pointed_at() {
    let shelf = stocked();
    let backup = shelf.library.backup().unwrap();
    let path = shelf.library.path().to_owned();
    drop(shelf.library);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0xA5);
    fs::write(&path, &bytes).unwrap();
    let error = Library::open(shelf.folder.path()).unwrap_err();
    let LibraryError::Damaged { aside, backup: pointed_at, .. } = &error else { panic!("{error}") };
    assert_eq!(pointed_at.as_deref(), Some(backup.as_path()));
    assert!(error.to_string().contains(aside.to_str().unwrap()), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "left as it was");
    fs::rename(&path, aside).unwrap();
    fs::copy(&backup, &path).unwrap();
    let restored = Library::open(shelf.folder.path()).unwrap();
    assert!(restored.title("evening.aurora", &english()).unwrap().is_some());
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("library.db"), "not a database at all".repeat(500)).unwrap();
    let error = Library::open(folder.path()).unwrap_err();
    assert!(matches!(error, LibraryError::Damaged { backup: None, .. }), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = Library::open(&file.join("library")).unwrap_err();
    assert!(matches!(error, LibraryError::CannotOpen { .. }), "{error}");
}

#[test]
fn a_lock_held_by_another_program_is_said_so_and_the_write_works_later() {
    let shelf = empty();
    let other = Connection::open(shelf.library.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = shelf.library.set_progress("x.1", 1.0, 10.0).unwrap_err();
    assert!(matches!(error, LibraryError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("in use by another program"));
    other.execute_batch("ROLLBACK").unwrap();
    shelf.library.set_progress("x.1", 1.0, 10.0).unwrap();
}

#[test]
fn reading_goes_on_while_somebody_writes() {
    let shelf = stocked();
    let other = Connection::open(shelf.library.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM titles").unwrap();
    assert!(shelf.library.title("evening.aurora", &english()).unwrap().is_some());
}

fn of_name(name: String) -> NewDownload {
    NewDownload {
        item_id: None,
        release_id: None,
        name,
        hashes: InfoHashes::V1(Sha1Hash([1; 20])),
        magnet: None,
        folder: "/films".into(),
        files: Vec::new(),
        size_bytes: 1,
        pinned: false,
    }
}

#[test]
fn a_disk_that_fills_up_is_said_so_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else { return };
    let library = Library::open(disk.path()).unwrap();
    library.set_progress("x.before", 1.0, 10.0).unwrap();
    fs::write(disk.path().join("ballast"), vec![0; 8 << 20]).unwrap_err();
    let error = library.add_download(of_name("long".repeat(1 << 18))).unwrap_err();
    assert!(matches!(error, LibraryError::DiskFull { .. }), "{error}");
    fs::remove_file(disk.path().join("ballast")).unwrap();
    library.set_progress("x.after", 2.0, 10.0).unwrap();
    drop(library);
    let library = Library::open(disk.path()).unwrap();
    let there = |id| library.progress(id).unwrap().is_some();
    assert!(there("x.before") && there("x.after"));
}

#[test]
fn a_read_only_disk_is_said_so() {
    let Some(disk) = SmallDisk::mount() else { return };
    drop(Library::open(disk.path()).unwrap());
    disk.remount_read_only();
    let error = Library::open(disk.path()).unwrap_err();
    assert!(matches!(error, LibraryError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("read-only"));
}

/// A file system of 4 MiB in memory; only where the test may mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: mounting a small file system is not permitted here");
            return None;
        }
        Some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount_read_only(&self) {
        let status = std::process::Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(self.path())
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = std::process::Command::new("umount").arg("-l").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}
