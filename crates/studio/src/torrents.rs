//! The torrents of the programme.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use torrent::{
    Metainfo,
    create::{Builder, Hashing, Version},
};

use crate::{Fault, Package, Programme, programme::Form};

/// Small enough that a film of twenty megabytes has some hundred pieces to be spread over a swarm.
const PIECE_LEN: u32 = 64 * 1024;

/// Writes a torrent for every package.
pub(crate) fn make_all(programme: &Programme) -> Result<(), Fault> {
    for package in &programme.packages {
        let content = programme.content().join(&package.name);
        let metainfo = make(package, &content)?;
        let to = programme.torrent(package);
        fs::write(&to, metainfo.to_bytes()).map_err(|error| Fault::disk(&to, error))?;
    }
    Ok(())
}

fn make(package: &Package, content: &Path) -> Result<Metainfo, Fault> {
    let refused = |error: torrent::create::CannotCreate| Fault::Torrent {
        content: content.to_owned(),
        why: error.to_string(),
    };
    let mut hashing = builder(package, content)?.start().map_err(refused)?;
    while let Some((path, _)) = hashing.next_file() {
        let file = content.join(path.join("/"));
        feed(&mut hashing, &file)?.map_err(refused)?;
    }
    hashing.finish().map_err(refused)
}

fn builder(package: &Package, content: &Path) -> Result<Builder, Fault> {
    let mut builder = Builder::folder(&package.name);
    builder.version = match package.form {
        Form::V1 => Version::V1,
        Form::Hybrid => Version::Hybrid,
    };
    builder.piece_len = Some(PIECE_LEN);
    builder.created_by = Some("Kinora".to_owned());
    for reel in &package.reels {
        let subtitles = reel.subtitles.iter().map(|subtitle| &subtitle.path);
        for path in std::iter::once(&reel.path).chain(subtitles) {
            let file = content.join(path);
            let length = fs::metadata(&file).map_err(|error| Fault::disk(&file, error))?.len();
            builder.file(path.split('/').map(str::to_owned).collect(), length);
        }
    }
    Ok(builder)
}

/// Feeds one file; the outer error is the disk's, the inner one the torrent's.
fn feed(
    hashing: &mut Hashing,
    path: &Path,
) -> Result<Result<(), torrent::create::CannotCreate>, Fault> {
    let disk = |error| Fault::disk(path, error);
    let mut file = File::open(path).map_err(disk)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(disk)?;
        if read == 0 {
            return Ok(Ok(()));
        }
        if let Err(refused) = hashing.feed(&buffer[..read]) {
            return Ok(Err(refused));
        }
    }
}
