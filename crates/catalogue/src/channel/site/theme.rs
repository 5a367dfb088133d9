//! How the pages of a site of Markdown look: chosen from what every program has, so that no style is a stranger's.

use crate::{cbor::Value, text::LanguageTag};

/// What its publisher chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// The colours.
    pub palette: Palette,
    /// The letters.
    pub typeface: Typeface,
    /// The language of the pages.
    pub language: LanguageTag,
}

/// Colours, each in light and in dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    /// Ink on paper.
    #[default]
    Paper,
    /// Blue.
    Sea,
    /// Green.
    Forest,
    /// Violet.
    Plum,
    /// Red and orange.
    Ember,
}

/// Letters that every system has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Typeface {
    /// Without serifs.
    #[default]
    Sans,
    /// With serifs.
    Serif,
    /// All of one width.
    Mono,
}

impl Palette {
    /// All of them, by their names.
    pub const ALL: [(&str, Self); 5] = [
        ("paper", Self::Paper),
        ("sea", Self::Sea),
        ("forest", Self::Forest),
        ("plum", Self::Plum),
        ("ember", Self::Ember),
    ];

    /// Its name, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        named(&Self::ALL, self)
    }

    /// The one of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        of_name(&Self::ALL, name)
    }
}

impl Typeface {
    /// All of them, by their names.
    pub const ALL: [(&str, Self); 3] =
        [("sans", Self::Sans), ("serif", Self::Serif), ("mono", Self::Mono)];

    /// Its name, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        named(&Self::ALL, self)
    }

    /// The one of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        of_name(&Self::ALL, name)
    }
}

fn of_name<T: Copy>(all: &[(&str, T)], name: &str) -> Option<T> {
    all.iter().find(|(known, _)| *known == name).map(|(_, one)| *one)
}

fn named<T: PartialEq>(all: &[(&'static str, T)], one: T) -> &'static str {
    all.iter().find(|(_, known)| *known == one).map_or("", |(name, _)| name)
}

/// Numbers begin at 1, in the order of the names. One that is not known is the first: a later program may have more.
fn of_number<T: Copy + Default>(all: &[(&str, T)], number: u64) -> T {
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    place.and_then(|place| all.get(place)).map_or_else(T::default, |(_, one)| *one)
}

fn number_of<T: PartialEq>(all: &[(&str, T)], one: T) -> u64 {
    all.iter().position(|(_, known)| *known == one).map_or(1, |place| place as u64 + 1)
}

impl Theme {
    pub(super) fn value(&self) -> Value<'_> {
        Value::Array(vec![
            Value::Unsigned(number_of(&Palette::ALL, self.palette)),
            Value::Unsigned(number_of(&Typeface::ALL, self.typeface)),
            Value::Text(&self.language),
        ])
    }

    pub(super) fn read(value: Value<'_>) -> Result<Self, String> {
        let [palette, typeface, language] = value.tuple()?;
        Ok(Self {
            palette: of_number(&Palette::ALL, palette.unsigned()?),
            typeface: of_number(&Typeface::ALL, typeface.unsigned()?),
            language: language.checked()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_a_number_and_one_of_a_later_program_is_the_first() {
        for (place, (name, palette)) in Palette::ALL.into_iter().enumerate() {
            assert_eq!(number_of(&Palette::ALL, palette), place as u64 + 1);
            assert_eq!(of_number(&Palette::ALL, place as u64 + 1), palette);
            assert_eq!((palette.name(), Palette::of(name)), (name, Some(palette)));
        }
        for (place, (name, typeface)) in Typeface::ALL.into_iter().enumerate() {
            assert_eq!(of_number(&Typeface::ALL, place as u64 + 1), typeface);
            assert_eq!((typeface.name(), Typeface::of(name)), (name, Some(typeface)));
        }
        for later in [0, 6, u64::MAX] {
            assert_eq!(of_number(&Palette::ALL, later), Palette::Paper);
        }
    }
}
