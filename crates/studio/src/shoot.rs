//! The day's work: everything on the plan is made, side by side, unless it is there already.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    Fault, Package, Programme, Reel, Size, art,
    film::{self, Shoot},
    plan, sound, torrents,
    typography::Typefaces,
};

/// Changes whenever what is made changes, so that an older cache is not taken for this one.
const EDITION: &str = "3";

/// Makes what is missing of the programme below `dir`. `told` hears of every step, in words.
///
/// # Errors
///
/// A [`Fault`] in words for people; what was complete by then is kept and not made again.
pub fn produce(dir: &Path, size: Size, told: &(dyn Fn(&str) + Sync)) -> Result<Programme, Fault> {
    let name = if size == Size::Full { "full" } else { "quick" };
    let folder = dir.join(format!("{name}-{EDITION}"));
    let programme = Programme { folder, packages: plan::packages(size), size };
    let sealed = programme.folder.join("complete");
    if sealed.exists() {
        return Ok(programme);
    }
    film::require_ffmpeg()?;
    let faces = Typefaces::find()?;
    folders(&programme)?;
    draw_all(&programme, &faces, told)?;
    shoot_all(&programme, &faces, told)?;
    told("making the torrents");
    torrents::make_all(&programme)?;
    fs::write(&sealed, "").map_err(|error| Fault::disk(&sealed, error))?;
    Ok(programme)
}

fn folders(programme: &Programme) -> Result<(), Fault> {
    let subs = programme.packages.iter().map(|p| programme.content().join(&p.name).join("subs"));
    let others = ["art", "torrents", "sound"].map(|name| programme.folder.join(name));
    for folder in subs.chain(others) {
        fs::create_dir_all(&folder).map_err(|error| Fault::disk(&folder, error))?;
    }
    Ok(())
}

/// Posters and backdrops of works, stills of episodes, the music.
fn draw_all(
    programme: &Programme,
    faces: &Typefaces,
    told: &(dyn Fn(&str) + Sync),
) -> Result<(), Fault> {
    told("drawing posters and backdrops");
    let works: Vec<_> = plan::works(programme.size).collect();
    side_by_side(&works, |work| {
        let at = |what: &str, ending: &str| {
            programme.folder.join(what).join(format!("{}{ending}", work.slug))
        };
        once(&at("art", "-poster.png"), |to| art::poster(work, faces, to))?;
        once(&at("art", "-backdrop.png"), |to| art::backdrop(work, to))?;
        once(&at("sound", ".wav"), |to| sound::compose(work.look.key, to))
    })?;
    let episodes = reels(programme).into_iter().filter(|(_, reel)| reel.variant > 0);
    side_by_side(&episodes.collect::<Vec<_>>(), |(_, reel)| {
        let still = programme.folder.join("art").join(format!("{}-still.png", reel.item));
        once(&still, |to| art::still(reel.work, reel.variant, to))
    })
}

fn shoot_all(
    programme: &Programme,
    faces: &Typefaces,
    told: &(dyn Fn(&str) + Sync),
) -> Result<(), Fault> {
    let reels = reels(programme);
    let (count, done) = (reels.len(), AtomicUsize::new(0));
    side_by_side(&reels, |(package, reel)| {
        let file = programme.file(package, reel);
        let written = write_subtitles(programme, package, reel)?;
        let sound = programme.folder.join("sound").join(format!("{}.wav", reel.work.slug));
        let shoot = Shoot {
            look: reel.work.look,
            variant: reel.variant,
            title: &reel.title,
            cut: reel.cut,
            sound: &sound,
            subtitle: written.first().map(PathBuf::as_path),
        };
        once(&file, |to| film::encode(&shoot, faces, to))?;
        let number = done.fetch_add(1, Ordering::Relaxed) + 1;
        told(&format!("film {number} of {count}: {} ({})", reel.title, reel.recipe()));
        Ok(())
    })
}

fn reels(programme: &Programme) -> Vec<(&Package, &Reel)> {
    programme.packages.iter().flat_map(|p| p.reels.iter().map(move |reel| (p, reel))).collect()
}

fn write_subtitles(
    programme: &Programme,
    package: &Package,
    reel: &Reel,
) -> Result<Vec<PathBuf>, Fault> {
    let folder = programme.content().join(&package.name);
    let write = |path: PathBuf, text: &str| {
        fs::write(&path, text).map_err(|error| Fault::disk(&path, error)).map(|()| path)
    };
    reel.subtitles
        .iter()
        .map(|subtitle| write(folder.join(&subtitle.path), &subtitle.text))
        .collect()
}

/// Makes a file unless it is there.
fn once(to: &Path, make: impl FnOnce(&Path) -> Result<(), Fault>) -> Result<(), Fault> {
    if to.exists() { Ok(()) } else { make(to) }
}

/// Works through a list on every processor; the first fault stops it.
fn side_by_side<T: Sync>(
    list: &[T],
    work: impl Fn(&T) -> Result<(), Fault> + Sync,
) -> Result<(), Fault> {
    let next = AtomicUsize::new(0);
    let fault = Mutex::new(None);
    let workers = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers.min(list.len()) {
            scope.spawn(|| {
                while let Some(item) = list.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = work(item) {
                        next.store(list.len(), Ordering::Relaxed);
                        *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                }
            });
        }
    });
    fault.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}
