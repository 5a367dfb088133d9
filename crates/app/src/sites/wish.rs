//! What a publisher wishes of the theme of a site of Markdown.

use catalogue::channel::{Palette, Theme, Typeface};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How its texts are to look. What is left out stays as it was in the version before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeWish {
    /// The colours: `paper`, `sea`, `forest`, `plum` or `ember`.
    pub palette: Option<String>,
    /// The letters: `sans`, `serif` or `mono`.
    pub typeface: Option<String>,
    /// The language of the texts (BCP 47); English if none was said.
    pub language: Option<String>,
}

/// Why a theme is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTheme {
    /// No such colours.
    #[error("there is no palette called {0}")]
    Palette(String),
    /// No such letters.
    #[error("there is no typeface called {0}")]
    Typeface(String),
    /// No language.
    #[error("{0} is no language; it is a BCP 47 tag such as `en` or `pt-BR`")]
    Language(String),
}

impl ThemeWish {
    /// The theme of the next version.
    ///
    /// # Errors
    /// There is no such theme.
    pub fn after(&self, last: Option<&Theme>) -> Result<Theme, BadTheme> {
        let palette = self
            .palette
            .as_deref()
            .map(|name| Palette::of(name).ok_or_else(|| BadTheme::Palette(name.to_owned())));
        let typeface = self
            .typeface
            .as_deref()
            .map(|name| Typeface::of(name).ok_or_else(|| BadTheme::Typeface(name.to_owned())));
        let language = match (&self.language, last) {
            (None, Some(last)) => last.language.clone(),
            (wanted, _) => {
                let tag = wanted.as_deref().unwrap_or("en").trim().to_owned();
                tag.clone().try_into().map_err(|_| BadTheme::Language(tag))?
            }
        };
        Ok(Theme {
            palette: palette.transpose()?.or(last.map(|last| last.palette)).unwrap_or_default(),
            typeface: typeface.transpose()?.or(last.map(|last| last.typeface)).unwrap_or_default(),
            language,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wishes_stays_as_it_was() {
        let of = |palette: &str, language: Option<&str>| ThemeWish {
            palette: Some(palette.to_owned()),
            typeface: None,
            language: language.map(str::to_owned),
        };
        let first = of("sea", Some("fr")).after(None).unwrap();
        assert_eq!((first.palette, first.typeface), (Palette::Sea, Typeface::Sans));
        let next = ThemeWish { typeface: Some("serif".to_owned()), ..ThemeWish::default() };
        let next = next.after(Some(&first)).unwrap();
        assert_eq!((next.palette, next.typeface), (Palette::Sea, Typeface::Serif));
        assert_eq!(&*next.language, "fr");
        assert_eq!(&*ThemeWish::default().after(None).unwrap().language, "en");
    }

    #[test]
    fn what_there_is_not_is_named() {
        let wish = |palette: &str, language: &str| ThemeWish {
            palette: Some(palette.to_owned()),
            language: Some(language.to_owned()),
            typeface: None,
        };
        let palette = wish("pink", "en").after(None);
        assert_eq!(palette, Err(BadTheme::Palette("pink".to_owned())));
        let language = wish("sea", "a\"b").after(None);
        assert_eq!(language, Err(BadTheme::Language("a\"b".to_owned())));
    }
}
