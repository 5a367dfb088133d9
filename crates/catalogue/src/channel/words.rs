//! Checked texts as values and back: names in several languages, words, lists of both.

use std::collections::BTreeMap;

use crate::{
    cbor::Value,
    text::{LanguageTag, Multilingual, Text},
};

/// A text in each language, by its tag; nothing if there is none.
pub(super) fn texts<const MAX: usize, const P: bool>(
    texts: &Multilingual<MAX, P>,
) -> Option<Value<'_>> {
    let entries: Vec<_> =
        texts.iter().map(|(language, text)| (Value::Text(language), Value::Text(text))).collect();
    (!entries.is_empty()).then_some(Value::Map(entries))
}

/// Reads [`texts`].
pub(super) fn read_texts<const MAX: usize, const P: bool>(
    value: Value<'_>,
) -> Result<Multilingual<MAX, P>, String> {
    let entries = value.entries(64)?.into_iter();
    let texts: BTreeMap<LanguageTag, Text<MAX, P>> = entries
        .map(|(language, text)| Ok((language.checked()?, text.checked()?)))
        .collect::<Result<_, String>>()?;
    Multilingual::try_from(texts).map_err(|why| why.to_string())
}

/// A list of words; nothing if it is empty.
pub(super) fn words<'a>(words: impl Iterator<Item = &'a str>) -> Option<Value<'a>> {
    let list: Vec<_> = words.map(Value::Text).collect();
    (!list.is_empty()).then_some(Value::Array(list))
}

/// Reads [`words`], at most so many.
pub(super) fn read_words<T>(value: Value<'_>, most: usize) -> Result<Vec<T>, String>
where
    T: TryFrom<String>,
    T::Error: ToString,
{
    value.each(most, Value::checked)
}
