//! Text as search sees it: without accents and case, in words, each CJK character a word of its own.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// How many words of a query count.
const MAX_WORDS: usize = 12;
/// How many characters of a word count, of a query's and of a title's.
const MAX_WORD: usize = 40;
/// How many words of a title the index has in each of its columns: names in sixty languages have fewer.
const MAX_INDEXED: usize = 2000;

/// By how many characters of a name lists are sorted.
const MAX_SORTED: usize = 100;

/// A word of a query, and whether it continues the run of CJK characters before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) joined: bool,
}

/// The words of a text, folded: the same for what is stored and for what is asked.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false; // whether the last word may grow
    let mut after_cjk = false;
    for c in fold(text).chars() {
        let cjk = is_cjk(c);
        match (cjk, c.is_alphanumeric() || is_combining_mark(c)) {
            (true, _) => words.push(Word { text: c.to_string(), joined: after_cjk }),
            (false, true) if open => {
                if let Some(word) = words.last_mut() {
                    word.text.push(c);
                }
            }
            (false, true) => words.push(Word { text: c.to_string(), joined: false }),
            (false, false) => {}
        }
        open = !cjk && (c.is_alphanumeric() || is_combining_mark(c));
        after_cjk = cjk;
    }
    words
}

/// A query's words, cut to a bounded number and length.
pub(crate) fn query_words(query: &str) -> Vec<Word> {
    let start: String = query.chars().take(MAX_WORDS * MAX_WORD).collect();
    let mut words = words(&start);
    words.truncate(MAX_WORDS);
    for word in &mut words {
        word.text = cut(&word.text).to_owned();
    }
    words
}

/// The words of texts as the index stores them, spaces between; cut to a bounded number and length, as a text of a few
/// letters can stand for many times as many.
pub(crate) fn indexed(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let words = texts.flat_map(|text| words(text.as_ref())).take(MAX_INDEXED);
    words.map(|word| cut(&word.text).to_owned()).collect::<Vec<_>>().join(" ")
}

/// A word as far as it counts.
fn cut(word: &str) -> &str {
    word.char_indices().nth(MAX_WORD).map_or(word, |(end, _)| &word[..end])
}

/// The same text in Latin letters, if it has others.
pub(crate) fn in_latin(text: &str) -> Option<String> {
    (!text.is_ascii()).then(|| deunicode::deunicode(text))
}

/// What a list is sorted by: the folded name without a leading article of English or French, as far as lists show it.
pub(crate) fn sort_key(name: &str) -> String {
    let folded = fold(name);
    let trimmed = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let bare = ["the ", "a ", "an ", "le ", "la ", "les ", "l'", "l’"]
        .iter()
        .find_map(|article| trimmed.strip_prefix(article));
    let whole = bare.filter(|rest| !rest.is_empty()).unwrap_or(trimmed);
    whole.chars().take(MAX_SORTED).collect()
}

/// Small letters without the accents of Latin, Greek and Cyrillic; compatibility forms made plain.
fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !('\u{300}'..='\u{36F}').contains(c))
        .nfc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ß' { 's' } else { c })
        .collect()
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::{query_words, sort_key, words};

    fn indexed(text: &str) -> String {
        super::indexed([text].into_iter())
    }

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(indexed("Amélie Ünd ÇA — Ёлки"), "amelie und ca елки");
    }

    #[test]
    fn every_cjk_character_is_a_word_joined_to_the_one_before() {
        let folded = words("黒猫 cat");
        let seen: Vec<_> = folded.iter().map(|word| (word.text.as_str(), word.joined)).collect();
        assert_eq!(seen, [("黒", false), ("猫", true), ("cat", false)]);
    }

    #[test]
    fn hangul_stays_in_whole_syllables() {
        assert_eq!(indexed("기생충"), "기생충");
    }

    #[test]
    fn a_query_of_a_million_letters_is_cut() {
        let long = query_words(&"a".repeat(1_000_000));
        assert!(long.len() == 1 && long[0].text.len() == 40);
    }

    #[test]
    fn a_word_counts_as_far_in_a_title_as_in_a_query() {
        let long = "ü".repeat(300);
        assert_eq!(indexed(&long), query_words(&long)[0].text);
        assert_eq!(indexed(&"a ".repeat(3000)).len(), 2 * 2000 - 1);
    }

    #[test]
    fn a_leading_article_does_not_sort() {
        assert_eq!(sort_key("The Élan"), "elan");
        assert_eq!(sort_key("Theory"), "theory");
        assert_eq!(sort_key(&"\u{FDFA}".repeat(300)).chars().count(), 100);
    }
}
