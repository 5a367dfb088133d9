//! `kinora create`: makes a torrent of a file or folder.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use torrent::{
    Metainfo,
    create::{Builder, CannotCreate, Hashing, Version},
};

use super::{
    inspect::magnet_of,
    output::{Output, printable, size},
    visit,
};
use crate::{
    failure::{Exit, Failure},
    hashing::{self, CannotHash},
};

const EXAMPLES: &str = "\
Examples:
  kinora create holiday.mp4 --to holiday.torrent
  kinora create ~/Films/Series --to series.torrent --tracker https://tracker.example/announce
  kinora create film.mp4 --to film.torrent --web-seed https://example.org/film.mp4 --v2

A hybrid torrent (the default) works in all programs and lets new ones verify every 16 KiB by itself.";

/// A larger file is no torrent, bytes.
const TORRENT_LEN_MAX: u64 = 64 << 20;
/// Folders within folders that are followed.
const DEPTH_MAX: usize = 64;

/// Make a torrent of a file or folder
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The file or folder
    path: PathBuf,
    /// The torrent file to write
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// For programs of all ages
    #[arg(long, group = "version")]
    v1: bool,
    /// For recent programs only
    #[arg(long, group = "version")]
    v2: bool,
    /// For both (the default)
    #[arg(long, group = "version")]
    hybrid: bool,
    /// The length of pieces in bytes, a power of two from 16384; at most 1 MiB is chosen if left out
    #[arg(long, value_name = "BYTES")]
    piece_length: Option<u32>,
    /// A tracker; several with commas are asked in turns (repeatable)
    #[arg(long, value_name = "URL")]
    tracker: Vec<String>,
    /// An HTTP address of the same content (repeatable)
    #[arg(long, value_name = "URL")]
    web_seed: Vec<String>,
    /// Only its trackers may tell of peers
    #[arg(long)]
    private: bool,
    /// A remark
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
}

/// Runs `kinora create`.
pub(super) fn run(args: Args, output: Output) -> Result<ExitCode, Failure> {
    check_target(&args.to)?;
    let root = fs::canonicalize(&args.path).map_err(|error| unreadable(&args.path, &error))?;
    let (builder, total) = describe(&args, &root, output)?;
    let begun = Instant::now();
    let metainfo = hash(builder.start().map_err(|error| cannot(&error))?, &root, total, output)?;
    let rate = (total as f64 / begun.elapsed().as_secs_f64()) as u64;
    write(&args.to, &metainfo.to_bytes()).map_err(|error| visit::denied(&args.to, &error))?;
    let hashes = metainfo.info.hashes();
    let magnet = magnet_of(&metainfo).to_string();
    let object = json!({
        "event": "done",
        "infohash_v1": hashes.v1().map(|hash| hash.to_string()),
        "infohash_v2": hashes.v2().map(|hash| hash.to_string()),
        "piece_length": metainfo.info.geometry().nominal_piece_len(),
        "length": total,
        "bytes_per_s": rate,
        "to": args.to,
        "magnet": magnet,
    });
    output.say(&object, || {
        let (total, mb) = (size(total), rate / 1_000_000);
        format!("{} is ready: {total} hashed at {mb} MB/s.\n{magnet}", args.to.display())
    });
    Ok(ExitCode::SUCCESS)
}

/// Refuses to replace what is not a torrent: a slip of the hand must not cost a film.
fn check_target(to: &Path) -> Result<(), Failure> {
    let is_other = match fs::metadata(to) {
        Err(_) => false,
        Ok(found) if !found.is_file() || found.len() > TORRENT_LEN_MAX => true,
        Ok(_) => fs::read(to).is_ok_and(|bytes| Metainfo::parse(&bytes).is_err()),
    };
    if !is_other {
        return Ok(());
    }
    Err(Failure::new(
        Exit::BadInput,
        "not_replaced",
        format!("{} exists and is no torrent.", to.display()),
        "Choose another name with --to; only a torrent is replaced.",
    ))
}

/// The torrent before its files are read, and the bytes to read.
fn describe(args: &Args, root: &Path, output: Output) -> Result<(Builder, u64), Failure> {
    let name = utf8_name(root)?;
    let metadata = fs::metadata(root).map_err(|error| unreadable(root, &error))?;
    let (mut builder, total) = if metadata.is_file() {
        (Builder::single_file(name, metadata.len()), metadata.len())
    } else {
        let mut found = Found::default();
        found.walk(root, &mut Vec::new(), output)?;
        let mut builder = Builder::folder(name);
        let total = found.files.iter().map(|(_, length)| length).sum();
        for (path, length) in found.files {
            builder.file(path, length);
        }
        (builder, total)
    };
    builder.version = match (args.v1, args.v2) {
        (true, _) => Version::V1,
        (_, true) => Version::V2,
        _ => Version::Hybrid,
    };
    builder.piece_len = args.piece_length;
    builder.private = args.private;
    let tier = |urls: &String| urls.split(',').map(|url| url.trim().to_owned()).collect();
    builder.trackers = args.tracker.iter().map(tier).collect();
    builder.web_seeds.clone_from(&args.web_seed);
    builder.comment.clone_from(&args.comment);
    builder.created_by = Some(format!("Kinora {}", env!("CARGO_PKG_VERSION")));
    Ok((builder, total))
}

/// The regular files below a folder. Links are left out: what they point to may be elsewhere.
#[derive(Default)]
struct Found {
    files: Vec<(Vec<String>, u64)>,
}

impl Found {
    fn walk(
        &mut self,
        folder: &Path,
        below: &mut Vec<String>,
        output: Output,
    ) -> Result<(), Failure> {
        if below.len() > DEPTH_MAX {
            return Err(unreadable(folder, &io::Error::other("too many folders within folders")));
        }
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|error| unreadable(&path, &error))?;
            if !kind.is_dir() && !kind.is_file() {
                output.note(&format!(
                    "left out, as it is no file: {}",
                    printable(&path.to_string_lossy())
                ));
                continue;
            }
            below.push(utf8_name(&path)?);
            if kind.is_dir() {
                self.walk(&path, below, output)?;
            } else {
                let length = entry.metadata().map_err(|error| unreadable(&path, &error))?.len();
                self.files.push((below.clone(), length));
            }
            below.pop();
        }
        Ok(())
    }
}

/// Hashes all files, with a bar for whoever watches.
fn hash(hashing: Hashing, root: &Path, total: u64, output: Output) -> Result<Metainfo, Failure> {
    let bar = if output.is_watched() { ProgressBar::new(total) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template(
        "hashing {bar:30} {percent:>3}%  {binary_bytes_per_sec}  {eta}",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let hashed = hashing::hash(hashing, root, &|bytes| {
        bar.inc(bytes);
        true
    });
    bar.finish_and_clear();
    match hashed {
        Ok(Some(metainfo)) => Ok(metainfo),
        Ok(None) => {
            Err(Failure::new(Exit::Interrupted, "stopped", "It was stopped.", "Start again."))
        }
        Err(CannotHash::Unreadable { path, error }) => Err(unreadable(&path, &error)),
        Err(CannotHash::Cannot(error)) => Err(cannot(&error)),
    }
}

/// Writes beside the target and renames, so that nobody sees half a torrent.
fn write(to: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder =
        to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    readable_by_all(file.as_file())?;
    file.persist(to)?;
    Ok(())
}

/// A temporary file is its owner's alone; a torrent is made to be given away.
#[cfg(unix)]
fn readable_by_all(file: &File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &File) -> io::Result<()> {
    Ok(())
}

fn utf8_name(path: &Path) -> Result<String, Failure> {
    let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    name.ok_or_else(|| {
        Failure::new(
            Exit::BadInput,
            "bad_name",
            format!(
                "{} has a name that other computers cannot have.",
                printable(&path.to_string_lossy())
            ),
            "Rename it.",
        )
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let missing = error.kind() == io::ErrorKind::NotFound;
    Failure::new(
        if missing { Exit::NotFound } else { Exit::Disk },
        "unreadable",
        format!("{} cannot be read: {error}.", printable(&path.to_string_lossy())),
        "Check the path and its permissions.",
    )
}

fn cannot(error: &CannotCreate) -> Failure {
    Failure::new(
        Exit::BadInput,
        "cannot_create",
        format!("The torrent cannot be made: {error}."),
        "Correct that and start again; nothing was written.",
    )
}
