//! From works to torrents: which files there will be, before any of them is made.

use crate::{
    programme::{Cut, Form, Recipe, WORKS, Work},
    subtitle,
};

/// How much is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Every title in every quality: some minutes, some hundred megabytes.
    Full,
    /// A few short titles, for tests: less than a minute.
    Quick,
}

/// What one torrent carries.
#[derive(Debug)]
pub struct Package {
    /// Its name in file names and release ids.
    pub id: String,
    /// The torrent's name: the folder of its files.
    pub name: String,
    /// The films or episodes in it.
    pub reels: Vec<Reel>,
    pub(crate) form: Form,
}

/// One film or episode in one quality.
#[derive(Debug)]
pub struct Reel {
    /// The title or episode that it is, as the catalogue names it.
    pub item: String,
    /// Its name for people.
    pub title: String,
    /// Its path in the torrent, parts joined by `/`.
    pub path: String,
    /// Its length.
    pub seconds: u32,
    pub(crate) work: &'static Work,
    pub(crate) cut: Cut,
    /// Which episode it is, counted through all seasons; 0 for films.
    pub(crate) variant: u32,
    pub(crate) subtitles: Vec<SubtitleFile>,
}

/// A subtitle file beside a reel.
#[derive(Debug)]
pub(crate) struct SubtitleFile {
    pub(crate) language: &'static str,
    pub(crate) format: &'static str,
    /// Its path in the torrent.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Package {
    /// `v1` or `hybrid`.
    #[must_use]
    pub fn form(&self) -> &'static str {
        match self.form {
            Form::V1 => "v1",
            Form::Hybrid => "hybrid",
        }
    }
}

impl Reel {
    /// Container and codecs, for tables.
    #[must_use]
    pub fn recipe(&self) -> &'static str {
        match self.cut.recipe {
            Recipe::Mp4 => "MP4, index in front",
            Recipe::Mp4IndexLast => "MP4, index at the end",
            Recipe::Mkv => "MKV",
            Recipe::MkvSubtitled => "MKV with subtitles",
            Recipe::WebM => "WebM, VP9",
            Recipe::Av1 => "MP4, AV1",
        }
    }

    /// Its release, as the catalogue names it.
    #[must_use]
    pub fn release(&self) -> String {
        format!("{}-{}", self.item, self.cut.quality())
    }
}

/// The works that are shown.
pub(crate) fn works(size: Size) -> impl Iterator<Item = &'static Work> {
    WORKS.iter().filter(move |work| size == Size::Full || work.quick)
}

/// Every torrent there will be.
pub(crate) fn packages(size: Size) -> Vec<Package> {
    works(size)
        .flat_map(
            |work| {
                if work.seasons.is_empty() { films(work, size) } else { seasons(work, size) }
            },
        )
        .collect()
}

fn films(work: &'static Work, size: Size) -> Vec<Package> {
    let places = 0..work.cuts.len();
    places.map(|place| film(work, sized(work.cuts[place], place, size))).collect()
}

fn film(work: &'static Work, cut: Cut) -> Package {
    let quality = cut.quality();
    let file = file_name(work.name);
    let reel = Reel {
        item: work.slug.to_owned(),
        title: work.name.to_owned(),
        path: format!("{file}.{}", cut.recipe.ending()),
        seconds: cut.seconds,
        work,
        cut,
        variant: 0,
        subtitles: subtitles(work, cut, ""),
    };
    Package {
        id: format!("{}-{quality}", work.slug),
        name: format!("{file} ({}) {quality}", work.year),
        reels: vec![reel],
        form: cut.form,
    }
}

fn seasons(work: &'static Work, size: Size) -> Vec<Package> {
    let cut = sized(work.cuts[0], 0, size);
    let mut variant = 0;
    let mut packages = Vec::new();
    for (season, episodes) in (1..).zip(work.seasons) {
        let shown = if size == Size::Full { episodes.len() } else { 2 };
        let mut reels = Vec::new();
        for (number, name) in (1..).zip(&episodes[..shown]) {
            variant += 1;
            reels.push(episode(work, cut, (season, number, variant), name));
        }
        packages.push(Package {
            id: format!("{}-s{season}", work.slug),
            name: format!("{} Season {season} {}", file_name(work.name), cut.quality()),
            reels,
            form: cut.form,
        });
    }
    packages
}

fn episode(
    work: &'static Work,
    cut: Cut,
    (season, number, variant): (u32, u32, u32),
    name: &str,
) -> Reel {
    let code = format!("S{season}E{number}");
    Reel {
        item: format!("{}-s{season}e{number}", work.slug),
        title: name.to_owned(),
        path: format!("{code} {}.{}", file_name(name), cut.recipe.ending()),
        seconds: cut.seconds,
        work,
        cut,
        variant,
        subtitles: subtitles(work, cut, &format!("{code}.")),
    }
}

fn subtitles(work: &Work, cut: Cut, prefix: &str) -> Vec<SubtitleFile> {
    if !work.subtitles {
        return Vec::new();
    }
    subtitle::all(cut.seconds)
        .into_iter()
        .map(|made| SubtitleFile {
            language: made.language,
            format: made.ending,
            path: format!("subs/{prefix}{}.{}", made.language, made.ending),
            text: made.text,
        })
        .collect()
}

/// The small programme is shorter and smaller, in the same formats; a work's further cuts are smaller still.
fn sized(cut: Cut, place: usize, size: Size) -> Cut {
    match (size, place) {
        (Size::Full, _) => cut,
        (Size::Quick, 0) => Cut { height: 288, seconds: 40, kbit: 1000, ..cut },
        (Size::Quick, _) => Cut { height: 144, seconds: 40, kbit: 300, ..cut },
    }
}

/// A title as a file name that every system takes.
fn file_name(title: &str) -> String {
    title.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Size, packages, works};
    use crate::programme::{Form, Kind, Recipe};

    #[test]
    fn the_full_programme_has_a_dozen_titles_and_every_container() {
        assert!(works(Size::Full).count() >= 12);
        let packages = packages(Size::Full);
        let reels: Vec<_> = packages.iter().flat_map(|package| &package.reels).collect();
        for recipe in [
            Recipe::Mp4,
            Recipe::Mp4IndexLast,
            Recipe::Mkv,
            Recipe::MkvSubtitled,
            Recipe::WebM,
            Recipe::Av1,
        ] {
            assert!(reels.iter().any(|reel| reel.cut.recipe == recipe), "{recipe:?}");
        }
        for form in [Form::V1, Form::Hybrid] {
            assert!(packages.iter().any(|package| package.form == form), "{form:?}");
        }
    }

    #[test]
    fn the_series_has_two_seasons_of_two_episodes_or_more() {
        for size in [Size::Full, Size::Quick] {
            let seasons = packages(size)
                .into_iter()
                .filter(|package| package.reels[0].work.kind == Kind::Series)
                .map(|package| package.reels.len())
                .collect::<Vec<_>>();
            assert_eq!(seasons.len(), 2);
            assert!(seasons.iter().all(|&episodes| episodes >= 2), "{seasons:?}");
        }
    }

    #[test]
    fn some_title_of_each_programme_can_be_had_in_two_qualities() {
        for size in [Size::Full, Size::Quick] {
            let packages = packages(size);
            let cuts = packages.iter().filter(|package| package.reels[0].item == "the-salt-road");
            let heights: BTreeSet<_> = cuts.map(|package| package.reels[0].cut.height).collect();
            assert_eq!(heights.len(), 2, "{heights:?}");
        }
    }

    #[test]
    fn ids_and_paths_are_unique() {
        for packages in [Size::Full, Size::Quick].map(packages) {
            let ids: BTreeSet<_> = packages.iter().map(|package| &package.id).collect();
            assert_eq!(ids.len(), packages.len());
            for package in &packages {
                let paths: BTreeSet<_> = package.reels.iter().map(|reel| &reel.path).collect();
                assert_eq!(paths.len(), package.reels.len());
            }
        }
    }
}
