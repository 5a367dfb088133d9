//! What a subtitle file's name says: `Film.fr.forced.srt`, `Subs/2_English.srt`.

use crate::language;

/// Words at the end of a name that are looked at.
const WORDS_MAX: usize = 4;

/// What a name says about a subtitle file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// BCP 47.
    pub language: Option<String>,
    /// Only what the film's own audience would not understand.
    pub forced: bool,
    /// For the deaf and hard of hearing: sounds described.
    pub sdh: bool,
}

/// Reads language and purpose from a path's last part.
#[must_use]
pub fn describe(path: &str) -> Described {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut described = Described::default();
    // From the end: the first word that is neither a mark nor a language belongs to the title.
    let words = stem.rsplit(['.', ' ', '_', '(', ')', '[', ']']).filter(|word| !word.is_empty());
    for word in words.take(WORDS_MAX) {
        match word.to_ascii_lowercase().as_str() {
            "forced" | "foreign" => described.forced = true,
            "sdh" | "cc" | "hi" if described.language.is_none() => described.sdh = true,
            "default" | "full" | "utf8" => {}
            _ => {
                described.language = language::from_word(word);
                break;
            }
        }
    }
    // `hi` alone is Hindi; beside a language it means "hearing impaired".
    if described.language.is_none() && described.sdh && ends_with_hi(stem) {
        return Described { language: Some("hi".to_owned()), sdh: false, ..described };
    }
    described
}

fn ends_with_hi(stem: &str) -> bool {
    stem.rsplit(['.', '_', ' ']).next().is_some_and(|word| word.eq_ignore_ascii_case("hi"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_language_and_purpose() {
        let cases = [
            ("Film.fr.srt", Some("fr"), false, false),
            ("Film.2019.pt-BR.forced.srt", Some("pt-BR"), true, false),
            ("Subs/2_English.srt", Some("en"), false, false),
            ("Film.en.hi.srt", Some("en"), false, true),
            ("Film.hi.srt", Some("hi"), false, false),
            ("Film (SDH).srt", None, false, true),
            ("Film.eng.sdh.vtt", Some("en"), false, true),
            ("Film.srt", None, false, false),
            ("It.srt", Some("it"), false, false),
        ];
        for (name, language, forced, sdh) in cases {
            let expected = Described { language: language.map(str::to_owned), forced, sdh };
            assert_eq!(describe(name), expected, "{name}");
        }
    }
}
