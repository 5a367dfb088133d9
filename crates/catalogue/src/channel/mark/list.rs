//! A list of what a filter marks, as a person writes it: a thing a line, then what to do about it and why.

use std::fmt;

use torrent::{Sha1Hash, Sha256Hash};

use super::{Action, Key, Mark, Marked, Verdict};
use crate::{channel::Address, place::Digest, withdrawal::WithdrawalReason};

/// The longest line without its note, bytes.
const SAID_MAX: usize = 1000;
/// The longest thing: an action and a reason fit behind it.
const THING_MAX: usize = 900;
/// The longest note.
const NOTE_MAX: usize = 1000;
/// What stands before a mark of which nothing else is known.
const PREFIX: &str = "mark:";

/// Why a list is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadMarks {
    /// Which line, from 1.
    pub line: usize,
    why: &'static str,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterEntry {
    /// The hash of the thing.
    pub mark: Mark,
    /// What is said of it.
    pub verdict: Verdict,
    /// The thing as it was written.
    pub thing: String,
    /// What follows `#`: for whoever keeps the list, and never published.
    pub note: String,
}

/// Reads a list. A line is a thing, and after it, in any order, an action and a reason if they are others than `usual`.
/// A thing is an infohash, a channel's address, a title's id on followers' machines, or what [`line`] wrote. What follows
/// `#` says nothing to followers.
///
/// # Errors
/// The first line that says nothing.
pub fn entries_in(text: &str, usual: Verdict) -> Result<Vec<FilterEntry>, BadMarks> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
    let read = lines.filter_map(|(at, line)| {
        read_line(line, usual).map_err(|why| BadMarks { line: at + 1, why }).transpose()
    });
    read.collect()
}

fn read_line(line: &str, usual: Verdict) -> Result<Option<FilterEntry>, &'static str> {
    let (said, note) = line.split_once('#').unwrap_or((line, ""));
    let note = note.trim();
    let mut words = said.split_whitespace();
    let Some(thing) = words.next() else { return Ok(None) };
    if said.len() > SAID_MAX || thing.len() > THING_MAX || note.len() > NOTE_MAX {
        return Err("it is too long");
    }
    let mark = thing_of(thing).ok_or(
        "it begins with no infohash, no address of a channel and no id of a title in a channel",
    )?;
    let mut verdict = usual;
    for word in words {
        match (Action::by_word(word), reason_of(word)) {
            (Some(action), _) => verdict.action = action,
            (None, Some(reason)) => verdict.reason = Some(reason),
            _ => return Err("it has a word that is no action and no reason"),
        }
    }
    let note: String = note.chars().filter(|one| !one.is_control()).collect();
    Ok(Some(FilterEntry { mark, verdict, thing: thing.to_owned(), note: note.trim().to_owned() }))
}

fn thing_of(word: &str) -> Option<Mark> {
    if let Some(digits) = word.strip_prefix(PREFIX) {
        return Mark::parse(digits);
    }
    let v1 = hex(word).map(|v1| Marked::V1(Sha1Hash(v1)));
    let torrent = v1.or_else(|| Some(Marked::V2(Sha256Hash(hex(word)?))));
    let title = || Marked::of_title(word.strip_prefix("kinora:").unwrap_or(word));
    let marked = torrent.or_else(title).or_else(|| channel_of(word));
    marked.map(|marked| marked.mark())
}

fn channel_of(word: &str) -> Option<Marked> {
    let key = Key::parse(word).or_else(|| Some(word.parse::<Address>().ok()?.key));
    key.map(Marked::Channel)
}

fn hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    Digest::try_from(digits.to_owned()).ok().map(|digest| digest.0)
}

/// The reason that has a word, as `wrong-file`.
fn reason_of(word: &str) -> Option<WithdrawalReason> {
    serde_json::from_value(word.replace('-', "_").into()).ok()
}

/// A line of a list, which [`entries_in`] reads again: `mark:…`, the action, and the reason if there is one.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action.word())?;
        let word = self.reason.and_then(|reason| serde_json::to_value(reason).ok());
        match word.as_ref().and_then(|word| word.as_str()) {
            Some(word) => write!(f, " {}", word.replace('_', "-")),
            None => Ok(()),
        }
    }
}

impl FilterEntry {
    /// Whether it is a hash, and nothing is said of what that is about.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.note.is_empty() && self.thing.starts_with(PREFIX)
    }

    /// A line of a list, which [`entries_in`] reads again as this entry. A thing that is not the one that is marked makes
    /// way for its hash.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { mark, verdict, thing, note } = self;
        let line = match thing_of(thing) {
            Some(known) if known == *mark => format!("{thing} {verdict}"),
            _ => mark.line(verdict),
        };
        if note.is_empty() { line } else { format!("{line} # {note}") }
    }
}

impl Mark {
    /// Reads its 32 digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        hex(digits).map(Self)
    }

    /// A line of a list, which [`entries_in`] reads again.
    #[must_use]
    pub fn line(&self, verdict: &Verdict) -> String {
        format!("{PREFIX}{self} {verdict}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{RecordId, zbase32};

    const USUAL: Verdict = Verdict { action: Action::Hide, reason: None };

    fn marks_in(text: &str) -> Result<Vec<(Mark, Verdict)>, BadMarks> {
        let entries = entries_in(text, USUAL)?;
        Ok(entries.into_iter().map(|entry| (entry.mark, entry.verdict)).collect())
    }

    #[test]
    fn a_line_names_a_torrent_a_channel_or_a_title_with_what_to_do_and_why() {
        let key = Key([7; 32]);
        let text = format!(
            "\u{feff}# what is left out\n\n{}\n{} block malware # says somebody\r\n{}\nkinora:{key}?x.pe=192.0.2.7:1 warn\n{key}.{} wrong-file no-seed\n",
            "11".repeat(20),
            "AB".repeat(32),
            key,
            zbase32::encode(&[9; 16]),
        );
        let verdict = |action, reason| Verdict { action, reason };
        let told = [
            (Marked::V1(Sha1Hash([0x11; 20])), USUAL),
            (
                Marked::V2(Sha256Hash([0xab; 32])),
                verdict(Action::Block, Some(WithdrawalReason::Malware)),
            ),
            (Marked::Channel(key), USUAL),
            (Marked::Channel(key), verdict(Action::Warn, None)),
            (
                Marked::Title(key, RecordId([9; 16])),
                verdict(Action::NoSeed, Some(WithdrawalReason::WrongFile)),
            ),
        ];
        let told: Vec<_> = told.map(|(marked, verdict)| (marked.mark(), verdict)).into();
        assert_eq!(marks_in(&text), Ok(told.clone()));
        let written: Vec<_> = told.iter().map(|(mark, verdict)| mark.line(verdict)).collect();
        assert_eq!(marks_in(&written.join("\n")), Ok(told));
    }

    #[test]
    fn a_list_with_a_line_that_says_nothing_is_refused_with_its_number() {
        let long = "1".repeat(THING_MAX + 1);
        let hash = "11".repeat(20);
        for wrong in [
            "Metropolis",
            &hash[1..],
            &format!("{hash} perhaps"),
            &format!("mark:{hash}"),
            "mark:zz",
            &format!("{}é", &hash[2..]),
            "kinora:nobody",
            &long,
        ] {
            let bad = marks_in(&format!("{hash}\n{wrong}")).map_err(|bad| bad.line);
            assert_eq!(bad, Err(2), "{wrong}");
        }
    }

    #[test]
    fn a_line_keeps_what_was_written_and_its_note() {
        let hash = "11".repeat(20);
        let read = entries_in(&format!("{hash} block#  Metropolis # 1927 \u{7}\n{hash}"), USUAL);
        let read: Vec<_> = read.iter().flatten().map(|one| (&*one.thing, &*one.note)).collect();
        assert_eq!(read, [(&*hash, "Metropolis # 1927"), (&*hash, "")]);
    }

    #[test]
    fn what_is_written_of_an_entry_is_read_as_the_same_entry() {
        let key = Key([7; 32]);
        let peers = "&x.pe=192.0.2.7:1".repeat(40);
        let text = format!(
            "{} block malware # Metropolis # 1927\nkinora:{key}?x.pe=192.0.2.7:1{peers} no-seed wrong-file #{}\nmark:{}\nmark:{} # Sunrise",
            "AB".repeat(32),
            "é".repeat(NOTE_MAX / 2),
            "22".repeat(16),
            "33".repeat(16),
        );
        let entries = entries_in(&text, USUAL).unwrap();
        let lines: Vec<_> = entries.iter().map(FilterEntry::line).collect();
        assert_eq!(entries_in(&lines.join("\n"), USUAL).as_ref(), Ok(&entries));
        let other = FilterEntry { thing: "11".repeat(20), ..entries[0].clone() };
        assert!(other.line().starts_with("mark:"), "{}", other.line());
    }
}
