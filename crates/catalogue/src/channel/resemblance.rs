//! Do two names look alike? Whoever wants to be taken for another channel gives itself nearly the same name: another key may
//! have any. What is alike to the eye is compared, not what is alike to a machine.

/// Letters that are taken for others: of other scripts, with marks, and digits.
const TAKEN_FOR: [(&str, char); 24] = [
    ("àáâãäåāăąаα4", 'a'),
    ("вβß", 'b'),
    ("çćčсϲ", 'c'),
    ("ďđԁ", 'd'),
    ("èéêëēėęěеє3", 'e'),
    ("ğģɡ", 'g'),
    ("һн", 'h'),
    ("ìíîïīįıіι1|ľłḷ", 'l'),
    ("ј", 'j'),
    ("кκķ", 'k'),
    ("м", 'm'),
    ("ñńňņηп", 'n'),
    ("òóôõöøōőоοσ0", 'o'),
    ("рρ", 'p'),
    ("ԛ", 'q'),
    ("řŕг", 'r'),
    ("śšşșѕ5$", 's'),
    ("ťţțтτ7", 't'),
    ("ùúûüūůűųυ", 'u'),
    ("ѵν", 'v'),
    ("ԝω", 'w'),
    ("хχ", 'x'),
    ("ýÿуγ", 'y'),
    ("źżžᴢ2", 'z'),
];
/// Pairs of letters that are taken for one.
const PAIRS: [(&str, &str); 3] = [("rn", "m"), ("vv", "w"), ("cl", "d")];
/// Names of so many letters are alike if one letter is another, missing or too much.
const LONG: usize = 6;
/// Letters of a name that are compared.
const COMPARED_MAX: usize = 100;

/// Whether a person could take one name for the other.
#[must_use]
pub fn is_alike(one: &str, other: &str) -> bool {
    let (one, other) = (seen(one), seen(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    one == other || (one.len().min(other.len()) >= LONG && is_one_apart(&one, &other))
}

/// What the eye remembers of a name.
fn seen(name: &str) -> Vec<char> {
    let letters = name.chars().flat_map(char::to_lowercase).map(taken_for);
    let letters: String = letters.filter(|c| c.is_alphanumeric()).take(COMPARED_MAX).collect();
    let pairs = PAIRS.iter().fold(letters, |text, (pair, one)| text.replace(pair, one));
    pairs.chars().collect()
}

fn taken_for(letter: char) -> char {
    let found = TAKEN_FOR.iter().find(|(letters, _)| letters.contains(letter));
    match found.map_or(letter, |(_, plain)| *plain) {
        'i' => 'l',
        plain => plain,
    }
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
    fn names_that_look_the_same_are_alike_and_others_are_not() {
        for [one, other] in [
            ["Silent films", "silent  FILMS!"],
            ["Silent films", "Silent fi1ms"],
            ["Silent films", "Sіlеnt fіlms"],
            ["Silent films", "Silent film"],
            ["Modern times", "Modem times"],
            ["Été à la mer", "Ete a la mer"],
            ["Αρχεία", "αρχεια"],
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
