//! The licence gate's list: under which terms a work may be shared, by SPDX identifier.
//!
//! A work enters a catalogue only if its licence lets anybody pass on exact copies without asking or paying.
//! That holds for the public-domain marks, every Creative Commons licence (NC and ND included: a swarm passes
//! on unmodified copies and takes no money) and the Free Art licences. A publisher's own work may come under
//! `LicenseRef-publisher-own` with the permission written out beside it.

use serde::{Deserialize, Serialize};

/// A recognised open licence, known by its SPDX identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Licence(String);

/// Not a licence that this program recognises as open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a recognised open licence")]
pub struct UnknownLicence(pub String);

struct Single {
    spdx: &'static str,
    name: &'static str,
    url: Option<&'static str>,
}

const OWN_WORK: &str = "LicenseRef-publisher-own";

const SINGLE: &[Single] = &[
    Single {
        spdx: "CC0-1.0",
        name: "CC0 1.0 (public domain)",
        url: Some("https://creativecommons.org/publicdomain/zero/1.0/"),
    },
    Single {
        spdx: "CC-PDM-1.0",
        name: "Public Domain Mark 1.0",
        url: Some("https://creativecommons.org/publicdomain/mark/1.0/"),
    },
    Single {
        spdx: "CC-PDDC",
        name: "Public Domain Dedication and Certification",
        url: Some("https://creativecommons.org/licenses/publicdomain/"),
    },
    Single {
        spdx: "LAL-1.2",
        name: "Free Art License 1.2",
        url: Some("https://artlibre.org/licence/lal/licence-art-libre-12/"),
    },
    Single {
        spdx: "LAL-1.3",
        name: "Free Art License 1.3",
        url: Some("https://artlibre.org/licence/lal/en/"),
    },
    Single { spdx: OWN_WORK, name: "Shared by its publisher", url: None },
];

/// The Creative Commons families with the national ports that SPDX lists.
const FAMILIES: &[(&str, &[&str])] = &[
    ("BY", &["2.5-AU", "3.0-AT", "3.0-AU", "3.0-DE", "3.0-IGO", "3.0-NL", "3.0-US"]),
    ("BY-SA", &["2.0-UK", "2.1-JP", "3.0-AT", "3.0-DE", "3.0-IGO"]),
    ("BY-ND", &["3.0-DE"]),
    ("BY-NC", &["3.0-DE"]),
    ("BY-NC-SA", &["2.0-DE", "2.0-FR", "2.0-UK", "3.0-DE", "3.0-IGO"]),
    ("BY-NC-ND", &["3.0-DE", "3.0-IGO"]),
];

const VERSIONS: &[&str] = &["1.0", "2.0", "2.5", "3.0", "4.0"];

impl Licence {
    /// The SPDX identifier, as `CC-BY-SA-4.0`.
    #[must_use]
    pub fn spdx(&self) -> &str {
        &self.0
    }

    /// The name for people, as `CC BY-SA 4.0`.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.single(), creative_commons(&self.0)) {
            (Some(single), _) => single.name.to_owned(),
            (None, Some((family, version))) => format!("CC {family} {}", version.replace('-', " ")),
            (None, None) => self.0.clone(),
        }
    }

    /// Where its text can be read.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        if let Some(single) = self.single() {
            return single.url.map(str::to_owned);
        }
        let (family, version) = creative_commons(&self.0)?;
        let family = match (family, version) {
            ("BY-NC-ND", "1.0") => "by-nd-nc".to_owned(), // that version's own order of words
            _ => family.to_ascii_lowercase(),
        };
        let version = version.to_ascii_lowercase().replace('-', "/");
        Some(format!("https://creativecommons.org/licenses/{family}/{version}/"))
    }

    /// Whether changed versions may not be shared, or not for money: watching and passing on stay free.
    #[must_use]
    pub fn has_limits(&self) -> bool {
        creative_commons(&self.0)
            .is_some_and(|(family, _)| family.contains("NC") || family.contains("ND"))
    }

    /// Whether the publisher's written permission must stand beside it.
    #[must_use]
    pub fn needs_statement(&self) -> bool {
        self.0 == OWN_WORK
    }

    /// Every recognised identifier, for documents and forms.
    pub fn recognised() -> impl Iterator<Item = String> {
        let families = FAMILIES.iter().flat_map(|(family, ports)| {
            VERSIONS.iter().chain(ports.iter()).map(move |version| format!("CC-{family}-{version}"))
        });
        SINGLE.iter().map(|single| single.spdx.to_owned()).chain(families)
    }

    fn single(&self) -> Option<&'static Single> {
        SINGLE.iter().find(|single| single.spdx == self.0)
    }
}

impl TryFrom<String> for Licence {
    type Error = UnknownLicence;

    fn try_from(spdx: String) -> Result<Self, UnknownLicence> {
        let known = SINGLE.iter().any(|single| single.spdx == spdx);
        if known || creative_commons(&spdx).is_some() {
            return Ok(Self(spdx));
        }
        Err(UnknownLicence(spdx.chars().filter(|c| !c.is_control()).take(80).collect()))
    }
}

fn creative_commons(spdx: &str) -> Option<(&'static str, &'static str)> {
    let rest = spdx.strip_prefix("CC-")?;
    FAMILIES.iter().find_map(|(family, ports)| {
        let version = rest.strip_prefix(family)?.strip_prefix('-')?;
        let known = VERSIONS.iter().chain(ports.iter()).find(|known| **known == version)?;
        Some((*family, *known))
    })
}
