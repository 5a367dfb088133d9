//! A list of what a filter marks, as a person writes it: a thing a line, then what to do about it and why.

use std::fmt;

use torrent::{Sha1Hash, Sha256Hash};

use super::{Action, Key, Mark, Marked, Verdict};
use crate::{channel::Address, place::Digest, withdrawal::WithdrawalReason};

/// The longest line, bytes.
const LINE_MAX: usize = 1000;
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

/// Reads a list. A line is a thing, and after it, in any order, an action and a reason if they are others than `usual`.
/// A thing is an infohash, a channel's address, a title's id on followers' machines, or what [`line`] wrote. What follows
/// `#` counts for nothing.
///
/// # Errors
/// The first line that says nothing.
pub fn marks_in(text: &str, usual: Verdict) -> Result<Vec<(Mark, Verdict)>, BadMarks> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
    let read = lines.filter_map(|(at, line)| {
        read_line(line, usual).map_err(|why| BadMarks { line: at + 1, why }).transpose()
    });
    read.collect()
}

fn read_line(line: &str, usual: Verdict) -> Result<Option<(Mark, Verdict)>, &'static str> {
    if line.len() > LINE_MAX {
        return Err("it is too long");
    }
    let said = line.split('#').next().unwrap_or_default();
    let mut words = said.split_whitespace();
    let Some(thing) = words.next() else { return Ok(None) };
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
    Ok(Some((mark, verdict)))
}

fn thing_of(word: &str) -> Option<Mark> {
    if let Some(digits) = word.strip_prefix(PREFIX) {
        return hex(digits).map(Mark);
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

/// A line of a list, which [`marks_in`] reads again: `mark:…`, the action, and the reason if there is one.
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

impl Mark {
    /// A line of a list, which [`marks_in`] reads again.
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
        assert_eq!(marks_in(&text, USUAL), Ok(told.clone()));
        let written: Vec<_> = told.iter().map(|(mark, verdict)| mark.line(verdict)).collect();
        assert_eq!(marks_in(&written.join("\n"), USUAL), Ok(told));
    }

    #[test]
    fn a_list_with_a_line_that_says_nothing_is_refused_with_its_number() {
        let long = "1".repeat(LINE_MAX + 1);
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
            let bad = marks_in(&format!("{hash}\n{wrong}"), USUAL).map_err(|bad| bad.line);
            assert_eq!(bad, Err(2), "{wrong}");
        }
    }
}
