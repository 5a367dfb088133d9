//! Languages: from the codes and names that files carry to BCP 47 tags (RFC 5646).

/// BCP 47 tag, ISO 639-2 codes (terminologic, then bibliographic if it differs), English and own name.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// The languages that occur in releases and have a two-letter code.
const LANGUAGES: [Row; 56] = [
    ("ar", "ara", "", "arabic", "العربية"),
    ("bg", "bul", "", "bulgarian", "български"),
    ("bn", "ben", "", "bengali", "বাংলা"),
    ("bs", "bos", "", "bosnian", "bosanski"),
    ("ca", "cat", "", "catalan", "català"),
    ("cs", "ces", "cze", "czech", "čeština"),
    ("cy", "cym", "wel", "welsh", "cymraeg"),
    ("da", "dan", "", "danish", "dansk"),
    ("de", "deu", "ger", "german", "deutsch"),
    ("el", "ell", "gre", "greek", "ελληνικά"),
    ("en", "eng", "", "english", "english"),
    ("eo", "epo", "", "esperanto", "esperanto"),
    ("es", "spa", "", "spanish", "español"),
    ("et", "est", "", "estonian", "eesti"),
    ("eu", "eus", "baq", "basque", "euskara"),
    ("fa", "fas", "per", "persian", "فارسی"),
    ("fi", "fin", "", "finnish", "suomi"),
    ("fr", "fra", "fre", "french", "français"),
    ("ga", "gle", "", "irish", "gaeilge"),
    ("gl", "glg", "", "galician", "galego"),
    ("he", "heb", "", "hebrew", "עברית"),
    ("hi", "hin", "", "hindi", "हिन्दी"),
    ("hr", "hrv", "", "croatian", "hrvatski"),
    ("hu", "hun", "", "hungarian", "magyar"),
    ("hy", "hye", "arm", "armenian", "հայերեն"),
    ("id", "ind", "", "indonesian", "bahasa indonesia"),
    ("is", "isl", "ice", "icelandic", "íslenska"),
    ("it", "ita", "", "italian", "italiano"),
    ("ja", "jpn", "", "japanese", "日本語"),
    ("ka", "kat", "geo", "georgian", "ქართული"),
    ("ko", "kor", "", "korean", "한국어"),
    ("lt", "lit", "", "lithuanian", "lietuvių"),
    ("lv", "lav", "", "latvian", "latviešu"),
    ("mk", "mkd", "mac", "macedonian", "македонски"),
    ("ml", "mal", "", "malayalam", "മലയാളം"),
    ("ms", "msa", "may", "malay", "bahasa melayu"),
    ("nl", "nld", "dut", "dutch", "nederlands"),
    ("nb", "nob", "", "norwegian bokmål", "norsk bokmål"),
    ("no", "nor", "", "norwegian", "norsk"),
    ("pl", "pol", "", "polish", "polski"),
    ("pt", "por", "", "portuguese", "português"),
    ("ro", "ron", "rum", "romanian", "română"),
    ("ru", "rus", "", "russian", "русский"),
    ("sk", "slk", "slo", "slovak", "slovenčina"),
    ("sl", "slv", "", "slovenian", "slovenščina"),
    ("sq", "sqi", "alb", "albanian", "shqip"),
    ("sr", "srp", "", "serbian", "српски"),
    ("sv", "swe", "", "swedish", "svenska"),
    ("ta", "tam", "", "tamil", "தமிழ்"),
    ("te", "tel", "", "telugu", "తెలుగు"),
    ("th", "tha", "", "thai", "ไทย"),
    ("tr", "tur", "", "turkish", "türkçe"),
    ("uk", "ukr", "", "ukrainian", "українська"),
    ("ur", "urd", "", "urdu", "اردو"),
    ("vi", "vie", "", "vietnamese", "tiếng việt"),
    ("zh", "zho", "chi", "chinese", "中文"),
];

/// The BCP 47 tag of a code (`fre`, `pt_BR`, `en`) as containers carry it; `None` for `und` and nonsense.
#[must_use]
pub fn from_code(code: &str) -> Option<String> {
    let code = code.trim_matches(|c: char| c == '\0' || c.is_whitespace()).replace('_', "-");
    let (language, rest) = code.split_once('-').map_or((code.as_str(), ""), |(l, r)| (l, r));
    let tag = primary(&language.to_ascii_lowercase())?;
    let subtags = rest.split('-').filter(|s| !s.is_empty()).map(subtag);
    std::iter::once(Some(tag)).chain(subtags).collect::<Option<Vec<_>>>().map(|all| all.join("-"))
}

fn primary(language: &str) -> Option<String> {
    let row = LANGUAGES.iter().find(|row| {
        row.0 == language || row.1 == language || (!row.2.is_empty() && row.2 == language)
    });
    match row {
        Some(row) => Some(row.0.to_owned()),
        // A rarer language keeps its three letters; the codes that mean "no language" do not count.
        None if language.len() == 3 && language.bytes().all(|b| b.is_ascii_lowercase()) => {
            (!matches!(language, "und" | "mis" | "mul" | "zxx")).then(|| language.to_owned())
        }
        None => None,
    }
}

/// A region in capitals, a script with its first letter in capitals, anything else in small letters.
fn subtag(text: &str) -> Option<String> {
    if text.len() > 8 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    Some(match text.len() {
        2 => lower.to_ascii_uppercase(),
        4 if lower.bytes().all(|b| b.is_ascii_alphabetic()) => {
            lower[..1].to_ascii_uppercase() + &lower[1..]
        }
        _ => lower,
    })
}

/// The BCP 47 tag of a word in a file's name: a listed code or a language's name, in English or its own.
#[must_use]
pub fn from_word(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let named = LANGUAGES.iter().find(|row| row.3 == lower || row.4 == lower);
    named.map(|row| row.0.to_owned()).or_else(|| {
        let (language, _) = lower.split_once(['-', '_']).unwrap_or((&lower, ""));
        let listed = LANGUAGES.iter().any(|row| [row.0, row.1, row.2].contains(&language));
        if listed && !language.is_empty() { from_code(&lower) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_the_shortest_tag() {
        for (code, tag) in [
            ("fre", "fr"),
            ("fra", "fr"),
            ("en", "en"),
            ("pt_br", "pt-BR"),
            ("zh-hant", "zh-Hant"),
            ("haw", "haw"),
            ("eng\0", "en"),
        ] {
            assert_eq!(from_code(code).as_deref(), Some(tag), "{code}");
        }
    }

    #[test]
    fn no_language_and_nonsense_are_none() {
        for code in ["und", "", "zxx", "<b>", "e1", "en-<script>", "en-waytoolongsubtag"] {
            assert_eq!(from_code(code), None, "{code}");
        }
    }

    #[test]
    fn names_are_words_too() {
        assert_eq!(from_word("French").as_deref(), Some("fr"));
        assert_eq!(from_word("Español").as_deref(), Some("es"));
        assert_eq!(from_word("Film"), None);
    }
}
