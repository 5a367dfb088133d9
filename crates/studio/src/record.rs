//! The catalogue file of the programme, in the shape of every publisher's.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use torrent::Metainfo;

use crate::{
    Fault, Package, Programme, Reel, plan,
    programme::{Kind, Work},
};

impl Programme {
    /// Writes the catalogue file, whose torrents announce to `trackers`, and says where it lies.
    ///
    /// # Errors
    ///
    /// If a torrent cannot be read or the file cannot be written.
    pub fn write_catalogue(&self, trackers: &[String]) -> Result<PathBuf, Fault> {
        let titles: Result<Vec<Value>, Fault> =
            plan::works(self.size).map(|work| self.title(work, trackers)).collect();
        let catalogue = json!({
            "kinora_catalogue": 1,
            "id": "demo",
            "revision": 1,
            "name": { "en": "Demonstration", "fr": "Démonstration" },
            "about": {
                "en": "Films that Kinora drew on this machine, to be fetched from a swarm on this machine.",
                "fr": "Des films que Kinora a dessinés sur cette machine, à recevoir d’un essaim sur cette machine."
            },
            "publisher": "Kinora demo",
            "titles": titles?,
        });
        let to = self.folder.join("catalogue.json");
        fs::write(&to, format!("{catalogue:#}\n")).map_err(|error| Fault::disk(&to, error))?;
        Ok(to)
    }

    fn title(&self, work: &Work, trackers: &[String]) -> Result<Value, Fault> {
        let mut title = facts(work);
        let reels = self.reels_of(work);
        if work.kind == Kind::Series {
            title["runtime_s"] = json!(work.cuts[0].seconds);
            title["seasons"] = self.seasons(work, trackers)?;
        } else {
            title["runtime_s"] = json!(reels.first().map(|(_, reel)| reel.seconds));
            title["releases"] = self.releases(&reels, trackers)?;
        }
        Ok(title)
    }

    fn reels_of(&self, work: &Work) -> Vec<(&Package, &Reel)> {
        let reels = self.packages.iter().flat_map(|p| p.reels.iter().map(move |reel| (p, reel)));
        reels.filter(|(_, reel)| reel.work.slug == work.slug).collect()
    }

    fn seasons(&self, work: &Work, trackers: &[String]) -> Result<Value, Fault> {
        let mut seasons = Vec::new();
        let packages = self.packages.iter().filter(|p| p.reels[0].work.slug == work.slug);
        for (number, package) in (1..).zip(packages) {
            let mut episodes = Vec::new();
            for (episode, reel) in (1..).zip(&package.reels) {
                episodes.push(json!({
                    "id": reel.item,
                    "number": episode,
                    "name": { "en": reel.title },
                    "runtime_s": reel.seconds,
                    "still": { "file": format!("art/{}-still.png", reel.item) },
                    "releases": self.releases(&[(package, reel)], trackers)?,
                }));
            }
            seasons.push(json!({ "number": number, "episodes": episodes }));
        }
        Ok(json!(seasons))
    }

    fn releases(&self, reels: &[(&Package, &Reel)], trackers: &[String]) -> Result<Value, Fault> {
        let each = reels.iter().map(|(package, reel)| self.release(package, reel, trackers));
        Ok(json!(each.collect::<Result<Vec<Value>, Fault>>()?))
    }

    fn release(&self, package: &Package, reel: &Reel, trackers: &[String]) -> Result<Value, Fault> {
        let file = self.file(package, reel);
        let size = fs::metadata(&file).map_err(|error| Fault::disk(&file, error))?.len();
        let (video, audio) = reel.cut.recipe.codecs();
        let subtitles = reel.subtitles.iter().map(|subtitle| {
            json!({ "language": subtitle.language, "format": subtitle.format, "path": subtitle.path })
        });
        Ok(json!({
            "id": reel.release(),
            "quality": reel.cut.quality(),
            "width": reel.cut.width(),
            "height": reel.cut.height,
            "container": reel.cut.recipe.container(),
            "video_codec": video,
            "audio_codec": audio,
            "audio_languages": ["en"],
            "size_bytes": size,
            "torrent": self.link(package, trackers)?,
            "path": reel.path,
            "subtitles": subtitles.collect::<Vec<Value>>(),
        }))
    }

    fn link(&self, package: &Package, trackers: &[String]) -> Result<Value, Fault> {
        let path = self.torrent(package);
        let bytes = fs::read(&path).map_err(|error| Fault::disk(&path, error))?;
        let metainfo = Metainfo::parse(&bytes)
            .map_err(|error| Fault::Torrent { content: path, why: error.to_string() })?;
        let hashes = metainfo.info.hashes();
        let mut link = json!({
            "trackers": trackers,
            "metainfo": format!("torrents/{}.torrent", package.id),
        });
        if let Some(v1) = hashes.v1() {
            link["v1"] = json!(v1.to_string());
        }
        if let Some(v2) = hashes.v2() {
            link["v2"] = json!(v2.to_string());
        }
        Ok(link)
    }
}

/// What a work's record says whatever its releases are.
fn facts(work: &Work) -> Value {
    let kind = match work.kind {
        Kind::Film => "film",
        Kind::Short => "short",
        Kind::Series => "series",
    };
    json!({
        "id": work.slug,
        "kind": kind,
        "name": { "en": work.name },
        "original_language": "en",
        "synopsis": { "en": work.synopsis },
        "year": work.year,
        "licence": work.licence,
        "attribution": format!("{} ({}), Kinora demo", work.name, work.year),
        "source": "https://example.org/kinora-demo",
        "genres": work.genres,
        "people": [{ "name": "Kinora", "role": "drawing" }, { "name": "ffmpeg", "role": "encoding" }],
        "poster": { "file": format!("art/{}-poster.png", work.slug) },
        "backdrop": { "file": format!("art/{}-backdrop.png", work.slug) },
    })
}
