//! What is on: the works of the demo, all invented, all drawn by the program itself.

use crate::scene::{Palette, Scene};

/// A film, or a series.
#[derive(Debug)]
pub(crate) struct Work {
    /// Its name in file names.
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) year: u16,
    pub(crate) synopsis: &'static str,
    pub(crate) genres: &'static [&'static str],
    /// SPDX identifier.
    pub(crate) licence: &'static str,
    pub(crate) look: Look,
    /// What is encoded: for a film its qualities, for a series one cut for every episode.
    pub(crate) cuts: &'static [Cut],
    pub(crate) subtitles: bool,
    /// For a series: the names of the episodes, season by season.
    pub(crate) seasons: &'static [&'static [&'static str]],
    /// Whether it is part of the small programme.
    pub(crate) quick: bool,
}

/// What a work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Film,
    Short,
    Series,
}

/// How it looks and sounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) scene: Scene,
    pub(crate) palette: Palette,
    pub(crate) lettering: Lettering,
    /// Lowest note, in Hz.
    pub(crate) key: f32,
}

/// The face of a poster's title, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lettering {
    DisplayBelow,
    DisplayAbove,
    /// Dark ink on a light picture.
    DisplayInk,
    SerifBelow,
    SerifAbove,
}

/// One encoding of a film or episode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) height: u32,
    pub(crate) recipe: Recipe,
    pub(crate) form: Form,
    pub(crate) seconds: u32,
    /// Video bit rate.
    pub(crate) kbit: u32,
}

/// Container and codecs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recipe {
    /// H.264 and AAC, index in front.
    Mp4,
    /// H.264 and AAC, index at the end.
    Mp4IndexLast,
    /// H.264 and AAC in Matroska.
    Mkv,
    /// The same with subtitles inside as well.
    MkvSubtitled,
    /// VP9 and Opus.
    WebM,
    /// AV1 and AAC.
    Av1,
}

/// Which kind of torrent carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    V1,
    Hybrid,
}

impl Recipe {
    /// The ending of its files.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mp4IndexLast | Self::Av1 => "mp4",
            Self::Mkv | Self::MkvSubtitled => "mkv",
            Self::WebM => "webm",
        }
    }

    /// The name of its container in catalogues.
    pub(crate) fn container(self) -> &'static str {
        match self {
            Self::Mp4 | Self::Mp4IndexLast | Self::Av1 => "mp4",
            Self::Mkv | Self::MkvSubtitled => "matroska",
            Self::WebM => "webm",
        }
    }

    /// The names of its video and audio codecs.
    pub(crate) fn codecs(self) -> (&'static str, &'static str) {
        match self {
            Self::Mp4 | Self::Mp4IndexLast | Self::Mkv | Self::MkvSubtitled => ("h264", "aac"),
            Self::WebM => ("vp9", "opus"),
            Self::Av1 => ("av1", "aac"),
        }
    }
}

impl Cut {
    /// Its width at 16:9.
    pub(crate) fn width(&self) -> u32 {
        (self.height * 16 / 9).next_multiple_of(2)
    }

    /// Its quality as people say it.
    pub(crate) fn quality(&self) -> String {
        format!("{}p", self.height)
    }
}

const fn cut(height: u32, recipe: Recipe, form: Form, seconds: u32, kbit: u32) -> Cut {
    Cut { height, recipe, form, seconds, kbit }
}

/// Everything there is.
pub(crate) const WORKS: [Work; 13] = [
    Work {
        slug: "the-salt-road",
        name: "The Salt Road",
        kind: Kind::Film,
        year: 2021,
        synopsis: "Five walkers carry salt across a desert that moves a little every night. \
                   By the third dawn the map is wrong, by the fifth the road is theirs.",
        genres: &["adventure", "drama"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Dunes,
            palette: [0x2B_1330, 0x5D_2347, 0xC2_4E4B, 0xF0_8A4B, 0xFF_E3B0],
            lettering: Lettering::DisplayAbove,
            key: 146.83,
        },
        cuts: &[
            cut(720, Recipe::Mp4, Form::Hybrid, 90, 2800),
            cut(480, Recipe::Mp4, Form::Hybrid, 100, 1300),
        ],
        subtitles: true,
        seasons: &[],
        quick: true,
    },
    Work {
        slug: "night-ferry",
        name: "Night Ferry",
        kind: Kind::Film,
        year: 2018,
        synopsis: "The last crossing of the season, the same four cars, and one passenger \
                   who has never once got off on the other side.",
        genres: &["drama", "mystery"],
        licence: "CC-BY-SA-4.0",
        look: Look {
            scene: Scene::Ferry,
            palette: [0x07_1120, 0x10_2A4C, 0x2C_5A86, 0xE8_6F51, 0xF6_EFD2],
            lettering: Lettering::SerifBelow,
            key: 110.0,
        },
        cuts: &[cut(480, Recipe::Mp4IndexLast, Form::V1, 140, 1500)],
        subtitles: true,
        seasons: &[],
        quick: true,
    },
    Work {
        slug: "perihelion",
        name: "Perihelion",
        kind: Kind::Film,
        year: 2023,
        synopsis: "Once in eleven years the small outer worlds come close enough to talk. \
                   A film of six orbits and one long conversation.",
        genres: &["science-fiction"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Orbits,
            palette: [0x0C_0A1E, 0x24_1B4B, 0x57_6CBC, 0xF9_A03F, 0xFF_F1D6],
            lettering: Lettering::DisplayBelow,
            key: 98.0,
        },
        cuts: &[cut(432, Recipe::WebM, Form::Hybrid, 90, 1400)],
        subtitles: true,
        seasons: &[],
        quick: true,
    },
    Work {
        slug: "last-tram-to-hollow-hill",
        name: "Last Tram to Hollow Hill",
        kind: Kind::Film,
        year: 2016,
        synopsis: "At ten past midnight a tram leaves for a stop that the timetable has not \
                   listed since the flood. Tonight somebody is waiting there.",
        genres: &["mystery", "fantasy"],
        licence: "CC0-1.0",
        look: Look {
            scene: Scene::Town,
            palette: [0x10_0F24, 0x2A_2350, 0x5B_4B8A, 0xF2_A65A, 0xFF_E9C7],
            lettering: Lettering::DisplayAbove,
            key: 130.81,
        },
        cuts: &[cut(480, Recipe::MkvSubtitled, Form::Hybrid, 120, 1500)],
        subtitles: true,
        seasons: &[],
        quick: true,
    },
    Work {
        slug: "snowline",
        name: "Snowline",
        kind: Kind::Film,
        year: 2020,
        synopsis: "Above the snowline nothing is owned. Two surveyors go up to draw the border \
                   and come down with a different country.",
        genres: &["adventure"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Firs,
            palette: [0x0F_2A33, 0x1F_4B57, 0x6E_A3A8, 0xC9_DEDC, 0xF8_FBF6],
            lettering: Lettering::SerifAbove,
            key: 164.81,
        },
        cuts: &[
            cut(720, Recipe::Mp4IndexLast, Form::Hybrid, 90, 2400),
            cut(360, Recipe::Mp4, Form::V1, 90, 900),
        ],
        subtitles: true,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "twelve-windows",
        name: "Twelve Windows",
        kind: Kind::Short,
        year: 2022,
        synopsis: "A house is a pattern of people. Twelve windows turn towards the light, each \
                   at its own hour.",
        genres: &["animation", "experimental"],
        licence: "CC0-1.0",
        look: Look {
            scene: Scene::Tiles,
            palette: [0x1D_3557, 0xE6_3946, 0xF4_A261, 0x45_7B9D, 0xF1_FAEE],
            lettering: Lettering::DisplayBelow,
            key: 196.0,
        },
        cuts: &[cut(432, Recipe::WebM, Form::V1, 70, 1400)],
        subtitles: false,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "the-keepers-lamp",
        name: "The Keeper\u{2019}s Lamp",
        kind: Kind::Film,
        year: 2024,
        synopsis: "The lamp has been automatic for thirty years. Every evening, all the same, \
                   somebody climbs the hundred and eight steps to wish it good night.",
        genres: &["drama"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Lighthouse,
            palette: [0x0B_132B, 0x1C_2F55, 0x3A_5683, 0xE4_572E, 0xFF_F3D6],
            lettering: Lettering::SerifBelow,
            key: 123.47,
        },
        cuts: &[cut(432, Recipe::Av1, Form::Hybrid, 75, 1300)],
        subtitles: true,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "small-machines",
        name: "Small Machines",
        kind: Kind::Short,
        year: 2017,
        synopsis: "A clockmaker's drawer, opened: seven minutes of brass that fits.",
        genres: &["documentary"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Gears,
            palette: [0x12_1F2B, 0x1F_3A4D, 0x4F_8A8B, 0xD9_8E32, 0xF6_E7CB],
            lettering: Lettering::DisplayBelow,
            key: 220.0,
        },
        cuts: &[cut(480, Recipe::Mkv, Form::V1, 80, 1400)],
        subtitles: false,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "paper-birds",
        name: "Paper Birds",
        kind: Kind::Short,
        year: 2019,
        synopsis: "A letter folded once is an envelope, folded eight times it flies home by \
                   itself.",
        genres: &["animation", "family"],
        licence: "CC-BY-SA-4.0",
        look: Look {
            scene: Scene::Birds,
            palette: [0x3A_2449, 0x6A_4C93, 0xC8_7DAA, 0xF7_B267, 0xFF_F2DB],
            lettering: Lettering::SerifBelow,
            key: 174.61,
        },
        cuts: &[cut(480, Recipe::Mp4, Form::Hybrid, 75, 1400)],
        subtitles: true,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "aurora-standard-time",
        name: "Aurora Standard Time",
        kind: Kind::Film,
        year: 2025,
        synopsis: "In the north the clocks were set by the lights. An almanac of one winter in \
                   which they came early.",
        genres: &["documentary", "nature"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Aurora,
            palette: [0x05_0F1F, 0x0B_2545, 0x2E_C4A0, 0x9B_5DE5, 0xE9_FFF7],
            lettering: Lettering::DisplayBelow,
            key: 103.83,
        },
        cuts: &[cut(432, Recipe::WebM, Form::Hybrid, 75, 1400)],
        subtitles: true,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "a-garden-in-c-minor",
        name: "A Garden in C Minor",
        kind: Kind::Film,
        year: 2022,
        synopsis: "A composer plants what she cannot write down. In spring the neighbours hear it.",
        genres: &["music", "romance"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Petals,
            palette: [0x1A_0B2E, 0x3D_1458, 0x8E_3B8F, 0xFF_6B6B, 0xFF_E6C9],
            lettering: Lettering::SerifBelow,
            key: 130.81,
        },
        cuts: &[cut(480, Recipe::Mp4IndexLast, Form::Hybrid, 90, 1500)],
        subtitles: true,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "long-wave",
        name: "Long Wave",
        kind: Kind::Film,
        year: 2015,
        synopsis: "A transmitter that was switched off in spring is heard again in autumn, \
                   reading out tomorrow's weather.",
        genres: &["thriller", "science-fiction"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Signal,
            palette: [0x0D_1B1E, 0x14_3642, 0x0F_7173, 0xEC_9A29, 0xFB_F3DC],
            lettering: Lettering::DisplayBelow,
            key: 87.31,
        },
        cuts: &[cut(480, Recipe::Mkv, Form::Hybrid, 90, 1500)],
        subtitles: true,
        seasons: &[],
        quick: false,
    },
    Work {
        slug: "the-cartographers",
        name: "The Cartographers",
        kind: Kind::Series,
        year: 2023,
        synopsis: "A city office draws the map of a network that grows faster than its ink \
                   dries. Two seasons of wrong turns, closed stations and one secret line.",
        genres: &["comedy", "drama"],
        licence: "CC-BY-4.0",
        look: Look {
            scene: Scene::Lines,
            palette: [0x1B_2A41, 0x32_5A87, 0x8F_B8C9, 0xE0_5A47, 0xF7_F1E3],
            lettering: Lettering::DisplayInk,
            key: 155.56,
        },
        cuts: &[cut(480, Recipe::Mp4, Form::Hybrid, 60, 1200)],
        subtitles: true,
        seasons: &[
            &["The Missing Station", "North Is a Suggestion", "Mind the Gap"],
            &["Under Construction", "The Night Line", "End of the Line"],
        ],
        quick: true,
    },
];
