//! Do two names look alike? Whoever wants to be taken for another channel gives itself nearly the same name: another key may
//! have any. What is alike to the eye is compared, not what is alike to a machine.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_security::confusable_detection::skeleton;

/// Digits and signs that are read as letters in the middle of a word, beyond those that look the same.
const READ_AS: [(char, char); 6] =
    [('2', 'z'), ('3', 'e'), ('4', 'a'), ('5', 's'), ('7', 't'), ('$', 's')];
/// Pairs of letters that are taken for one, beyond those of UTS 39 (which takes `rn` for `m`).
const PAIRS: [(&str, &str); 2] = [("vv", "w"), ("cl", "d")];
/// Names of so many letters are alike if one letter is another, missing or too much.
const LONG: usize = 6;
/// Letters of a name that are compared.
const COMPARED_MAX: usize = 100;

/// Whether a person could take one name for the other.
#[must_use]
pub fn is_alike(one: &str, other: &str) -> bool {
    // Capitals look like other letters than small ones: each way of writing is compared.
    let ways: [fn(&str) -> Vec<char>; 2] = [|name| seen(&name.to_lowercase()), seen];
    ways.iter().any(|seen| are_near(&seen(one), &seen(other)))
}

/// What a name of small letters is taken for at a glance, if others than its own letters make it: `apple` for one whose
/// first letter is Cyrillic. None if some of its letters look like nothing but themselves.
#[must_use]
pub fn looks_like(name: &str) -> Option<String> {
    let skeleton = |letter: char| skeleton(letter.encode_utf8(&mut [0; 4])).collect::<String>();
    let plain = |letter: char| {
        let same = |other: &char| skeleton(*other) == skeleton(letter);
        if letter.is_ascii() { Some(letter) } else { ('a'..='z').chain('0'..='9').find(same) }
    };
    let looks: Option<String> = name.chars().map(plain).collect();
    looks.filter(|looks| looks != name)
}

fn are_near(one: &[char], other: &[char]) -> bool {
    if one.is_empty() || other.is_empty() {
        return false;
    }
    one == other || (one.len().min(other.len()) >= LONG && is_one_apart(one, other))
}

/// What the eye remembers of a name: the skeleton of UTS 39 without marks, case and what stands between words.
fn seen(name: &str) -> Vec<char> {
    let plain: String = name.nfd().filter(|c| !is_combining_mark(*c)).map(read_as).collect();
    let letters = skeleton(&plain).flat_map(char::to_lowercase);
    let letters = letters.filter(|c| c.is_alphanumeric()).take(COMPARED_MAX);
    let letters: String = letters.map(|c| if c == 'i' { 'l' } else { c }).collect();
    let pairs = PAIRS.iter().fold(letters, |text, (pair, one)| text.replace(pair, one));
    pairs.chars().collect()
}

fn read_as(letter: char) -> char {
    READ_AS.iter().find(|(sign, _)| *sign == letter).map_or(letter, |(_, read)| *read)
}

/// Whether one letter more, less or other makes one of the other.
fn is_one_apart(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => short.get(same + 1..) == long.get(same + 1..),
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_scripts_are_named_by_what_they_look_like() {
        assert_eq!(looks_like("\u{430}\u{440}\u{440}l\u{435}.com").as_deref(), Some("apple.com"));
        for other in ["apple.com", "b\u{fc}cher", "\u{6620}\u{753b}", ""] {
            assert_eq!(looks_like(other), None, "{other}");
        }
    }

    #[test]
    fn names_that_look_the_same_are_alike_and_others_are_not() {
        for [one, other] in [
            ["Silent films", "silent  FILMS!"],
            ["Silent films", "Silent fi1ms"],
            ["Silent films", "Sіlеnt fіlms"],
            ["Silent films", "Silent film"],
            ["Modern times", "Modem times"],
            ["Été à la mer", "Ete a la mer"],
            ["Αρχεία", "αρχεια"],
            ["BBC films", "ВВС films"],
            ["Paris", "Pаrіѕ"],
            ["Cinéma", "C1nem4"],
            ["映画の家", "映画の家"],
        ] {
            assert!(is_alike(one, other) && is_alike(other, one), "{one} and {other}");
        }
        for [one, other] in [
            ["Silent films", "Sound films"],
            ["Noir", "Nord"],
            ["Films 1", "Films 22"],
            ["映画の家", "音楽の家"],
            ["", ""],
            ["!!", "??"],
        ] {
            assert!(!is_alike(one, other), "{one} and {other}");
        }
    }
}
