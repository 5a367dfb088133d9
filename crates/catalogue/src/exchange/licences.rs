//! Licences as others write them: by SPDX identifier, or by the address of their text.

use crate::licence::Licence;

/// The SPDX identifier of a licence that is written in either way; what is neither stays as it is, for the gate to refuse.
pub(super) fn spdx(written: &str) -> String {
    let written = written.trim();
    let Some(place) = place(written) else { return written.to_owned() };
    let known = Licence::recognised().find(|spdx| {
        let licence = Licence::try_from(spdx.clone()).ok();
        let url = licence.and_then(|licence| licence.url());
        url.and_then(|url| self::place(&url)).is_some_and(|known| known == place)
    });
    known.unwrap_or_else(|| written.to_owned())
}

/// The part of an address that tells licences apart: no scheme, no `www.`, no page of a language.
fn place(url: &str) -> Option<String> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest).to_ascii_lowercase();
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once("/deed").map_or(rest, |(before, _)| before);
    let rest = rest.strip_suffix("/legalcode").unwrap_or(rest);
    Some(rest.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_known_by_their_addresses_and_nothing_else_becomes_one() {
        for (written, expected) in [
            ("CC-BY-4.0", "CC-BY-4.0"),
            ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
            ("http://www.creativecommons.org/licenses/by-sa/3.0/de/deed.de", "CC-BY-SA-3.0-DE"),
            ("http://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
            ("https://creativecommons.org/publicdomain/mark/1.0", "CC-PDM-1.0"),
            ("All rights reserved", "All rights reserved"),
            ("https://example.org/licenses/by/4.0/", "https://example.org/licenses/by/4.0/"),
        ] {
            assert_eq!(spdx(written), expected);
        }
    }
}
