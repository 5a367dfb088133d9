//! A domain that a channel claims, and how the domain vouches for the channel: a TXT record (RFC 1035) with its key.
//!
//! The key alone says which channel it is. A domain can say that its owner knows the key, and nothing more.

use serde::{Deserialize, Serialize};

use super::Key;
use crate::text::BadText;

/// The label below which a domain vouches (RFC 8552).
const LABEL: &str = "_kinora";
/// What stands before the key in the record.
const PREFIX: &str = "k=";
/// The longest name, so that the label has room before it (RFC 1035: 253 characters).
const LEN_MAX: usize = 253 - LABEL.len() - 1;

/// A domain name in small ASCII letters, of two labels or more; names in other letters as `xn--…` (RFC 5890).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Domain(String);

impl TryFrom<String> for Domain {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let name = raw.strip_suffix('.').unwrap_or(&raw).to_ascii_lowercase();
        let labels: Vec<_> = name.split('.').collect();
        let is_named = labels.last().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
        if name.len() <= LEN_MAX && labels.len() > 1 && is_named && labels.into_iter().all(is_label)
        {
            return Ok(Self(name));
        }
        Err(BadText::Form("a domain is a name such as example.org"))
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl std::ops::Deref for Domain {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Domain {
    /// Where its TXT records are asked for.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("{LABEL}.{}", self.0)
    }

    /// The record with which it would vouch for a channel.
    #[must_use]
    pub fn record_for(key: &Key) -> String {
        format!("{PREFIX}{key}")
    }

    /// The keys that these records vouch for; others there may be for other purposes count for nothing.
    pub fn keys_in<'a>(records: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = Key> {
        records.into_iter().filter_map(|record| Key::parse(record.trim().strip_prefix(PREFIX)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_one_spelling_and_leaves_room_for_the_label() {
        let domain = |text: &str| Domain::try_from(text.to_owned());
        assert_eq!(&*domain("Films.Example.ORG.").expect("a domain"), "films.example.org");
        let named = domain("xn--bcher-kva.example").expect("a domain").record_name();
        assert_eq!(named, "_kinora.xn--bcher-kva.example");
        let long = format!("{}.org", "a.".repeat(130));
        for wrong in [
            "",
            "org",
            "a..org",
            "-a.org",
            "a-.org",
            "a_b.org",
            "192.0.2.7",
            "bücher.de",
            "a b.org",
            &long,
        ] {
            assert!(domain(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_whole_key_is_vouched_for() {
        let key = Key([7; 32]);
        let record = Domain::record_for(&key);
        let short = &record[..record.len() - 1];
        let records = ["v=spf1 -all", short, "k=", &record];
        assert_eq!(Domain::keys_in(records).collect::<Vec<_>>(), [key]);
    }
}
