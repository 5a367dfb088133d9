//! Strangers' text, made harmless once: bounded, without control or direction-override characters.

use std::{collections::BTreeMap, fmt, ops::Deref};

use serde::{Deserialize, Serialize};

/// Why a piece of text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing is left after unprintable characters are removed.
    #[error("it is empty")]
    Empty,
    /// Longer than its field allows.
    #[error("it is longer than {max} characters")]
    TooLong {
        /// The limit, in characters.
        max: usize,
    },
    /// Not of the form that its field asks for.
    #[error("{0}")]
    Form(&'static str),
    /// A list or map with too many entries.
    #[error("it has more than {max} entries")]
    TooMany {
        /// The limit, in entries.
        max: usize,
    },
}

/// Plain text of at most `MAX` characters, trimmed and printable; with `PARAGRAPHS`, line feeds stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize, const PARAGRAPHS: bool = false>(String);

impl<const MAX: usize, const PARAGRAPHS: bool> TryFrom<String> for Text<MAX, PARAGRAPHS> {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let clean = printable(&raw, PARAGRAPHS);
        match clean.chars().count() {
            0 => Err(BadText::Empty),
            count if count > MAX => Err(BadText::TooLong { max: MAX }),
            _ => Ok(Self(clean)),
        }
    }
}

impl<const MAX: usize, const PARAGRAPHS: bool> Deref for Text<MAX, PARAGRAPHS> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize, const PARAGRAPHS: bool> fmt::Display for Text<MAX, PARAGRAPHS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn printable(raw: &str, paragraphs: bool) -> String {
    let mut clean = String::with_capacity(raw.len());
    for c in raw.chars().filter(|&c| !is_invisible_trick(c)) {
        let c = match c {
            '\n' if paragraphs => '\n',
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => continue,
            c => c,
        };
        clean.push(c);
    }
    clean.truncate(clean.trim_end().len());
    clean.split_off(clean.len() - clean.trim_start().len())
}

/// Characters that reorder or hide the text around them (Unicode TR 36). The plain marks U+200E, U+200F and
/// U+061C stay: Arabic and Hebrew titles need them and they override nothing.
fn is_invisible_trick(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E007F}' | '\u{FFF9}'..='\u{FFFB}')
}

macro_rules! checked_word {
    ($(#[$doc:meta])* $name:ident, $check:expr, $form:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = BadText;

            fn try_from(raw: String) -> Result<Self, BadText> {
                let check: fn(&str) -> bool = $check;
                if check(&raw) { Ok(Self(raw)) } else { Err(BadText::Form($form)) }
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_word!(
    /// A stable name within one catalogue: 1 to 64 of `A–Z a–z 0–9 _ -`.
    Id,
    |raw| (1..=64).contains(&raw.len())
        && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'),
    "an id has 1 to 64 letters, digits, `_` or `-`"
);

checked_word!(
    /// A word from an open vocabulary, such as a genre or a codec: 1 to 40 of `a–z 0–9 . _ -`.
    Keyword,
    |raw| (1..=40).contains(&raw.len())
        && raw.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
        }),
    "a keyword has 1 to 40 small letters, digits, `.`, `_` or `-`"
);

checked_word!(
    /// A country, as ISO 3166-1 alpha-2 writes it (`NL`).
    Country,
    |raw| raw.len() == 2 && raw.bytes().all(|b| b.is_ascii_uppercase()),
    "a country is two capital letters (ISO 3166-1)"
);

/// A language tag (BCP 47) in its usual case: `en`, `pt-BR`, `zh-Hant`; `und` for unknown, `zxx` for no speech.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The language without script and region: `pt` of `pt-BR`.
    #[must_use]
    pub fn primary(&self) -> &str {
        primary(&self.0)
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let well_formed = raw.len() <= 35
            && raw.split('-').enumerate().all(|(i, part)| is_subtag(i, part.as_bytes()));
        if !well_formed {
            return Err(BadText::Form("a language is a BCP 47 tag such as `en` or `pt-BR`"));
        }
        Ok(Self(raw.split('-').enumerate().map(usual_case).collect::<Vec<_>>().join("-")))
    }
}

fn is_subtag(place: usize, part: &[u8]) -> bool {
    match place {
        0 => (2..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_alphabetic),
        _ => (1..=8).contains(&part.len()) && part.iter().all(u8::is_ascii_alphanumeric),
    }
}

fn usual_case((place, part): (usize, &str)) -> String {
    match (place, part.len()) {
        (1.., 2) => part.to_ascii_uppercase(),
        (1.., 4) => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
        _ => part.to_ascii_lowercase(),
    }
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

impl Deref for LanguageTag {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const MAX_LANGUAGES: usize = 64;

/// One text in several languages, at most 64.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<LanguageTag, Text<MAX, PARAGRAPHS>>")]
pub struct Multilingual<const MAX: usize, const PARAGRAPHS: bool = false>(
    BTreeMap<LanguageTag, Text<MAX, PARAGRAPHS>>,
);

impl<const MAX: usize, const PARAGRAPHS: bool> Multilingual<MAX, PARAGRAPHS> {
    /// The text in the first of the wanted languages that is there, a regional variant counting as its
    /// language; else English; else whatever there is.
    #[must_use]
    pub fn pick(&self, wanted: &[impl AsRef<str>]) -> Option<&str> {
        wanted
            .iter()
            .map(AsRef::as_ref)
            .chain(["en"])
            .find_map(|tag| self.get(tag))
            .or_else(|| self.0.values().next().map(Deref::deref))
    }

    /// The text in this language, or in a variant of it.
    #[must_use]
    pub fn get(&self, tag: &str) -> Option<&str> {
        let exact = self.0.iter().find(|(have, _)| have.eq_ignore_ascii_case(tag));
        let near =
            || self.0.iter().find(|(have, _)| have.primary().eq_ignore_ascii_case(primary(tag)));
        exact.or_else(near).map(|(_, text)| &**text)
    }

    /// Every language with its text.
    pub fn iter(&self) -> impl Iterator<Item = (&LanguageTag, &str)> {
        self.0.iter().map(|(language, text)| (language, &**text))
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These texts, and others in languages that are not among them, as many as fit.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        for (language, text) in others.0 {
            if self.0.len() < MAX_LANGUAGES {
                self.0.entry(language).or_insert(text);
            }
        }
        self
    }
}

impl<const MAX: usize, const PARAGRAPHS: bool> TryFrom<BTreeMap<LanguageTag, Text<MAX, PARAGRAPHS>>>
    for Multilingual<MAX, PARAGRAPHS>
{
    type Error = BadText;

    fn try_from(texts: BTreeMap<LanguageTag, Text<MAX, PARAGRAPHS>>) -> Result<Self, BadText> {
        if texts.len() > MAX_LANGUAGES {
            return Err(BadText::TooMany { max: MAX_LANGUAGES });
        }
        Ok(Self(texts))
    }
}
