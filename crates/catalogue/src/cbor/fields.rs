//! A map with numbered fields, as manifests and records are: each field taken once, by its number.

use super::{BadCbor, Value};

/// Why data has not the shape that its place asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadShape {
    /// Not deterministic CBOR.
    #[error("it is not well written: {0}")]
    Cbor(#[from] BadCbor),
    /// A map with numbered fields was expected.
    #[error("it is not a map with numbered fields")]
    NotAMap,
    /// A field that must be there is not.
    #[error("field {0} is missing")]
    Missing(u64),
    /// A field is of another kind than it must be, or over a limit.
    #[error("field {field}: {why}")]
    Wrong {
        /// Its number.
        field: u64,
        /// What it should be.
        why: String,
    },
}

/// The fields of a map. Those with unknown numbers are left for later versions.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Vec<(u64, Value<'a>)>);

impl<'a> Fields<'a> {
    /// The fields of a map; other keys than numbers are refused.
    pub(crate) fn of(value: Value<'a>) -> Result<Self, BadShape> {
        let Value::Map(entries) = value else { return Err(BadShape::NotAMap) };
        let numbered = |(key, value)| match key {
            Value::Unsigned(number) => Ok((number, value)),
            _ => Err(BadShape::NotAMap),
        };
        entries.into_iter().map(numbered).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a field is there.
    pub(crate) fn has(&self, field: u64) -> bool {
        self.0.binary_search_by_key(&field, |(number, _)| *number).is_ok()
    }

    /// A field, if it is there, read by a function that says what is wrong.
    pub(crate) fn optional<T, E: ToString>(
        &mut self,
        field: u64,
        read: impl FnOnce(Value<'a>) -> Result<T, E>,
    ) -> Result<Option<T>, BadShape> {
        let Ok(at) = self.0.binary_search_by_key(&field, |(number, _)| *number) else {
            return Ok(None);
        };
        let value = std::mem::replace(&mut self.0[at].1, Value::Null);
        let wrong = |why: E| BadShape::Wrong { field, why: why.to_string() };
        read(value).map(Some).map_err(wrong)
    }

    /// A field that must be there.
    pub(crate) fn required<T, E: ToString>(
        &mut self,
        field: u64,
        read: impl FnOnce(Value<'a>) -> Result<T, E>,
    ) -> Result<T, BadShape> {
        self.optional(field, read)?.ok_or(BadShape::Missing(field))
    }
}

impl<'a> Value<'a> {
    pub(crate) fn unsigned(self) -> Result<u64, &'static str> {
        if let Self::Unsigned(number) = self { Ok(number) } else { Err("a number is expected") }
    }

    /// A number that fits.
    pub(crate) fn number<N: TryFrom<u64>>(self) -> Result<N, &'static str> {
        N::try_from(self.unsigned()?).map_err(|_| "the number is too large")
    }

    pub(crate) fn bytes(self) -> Result<&'a [u8], &'static str> {
        if let Self::Bytes(bytes) = self { Ok(bytes) } else { Err("bytes are expected") }
    }

    pub(crate) fn array_of<const N: usize>(self) -> Result<[u8; N], &'static str> {
        self.bytes()?.try_into().map_err(|_| "the bytes are too few or too many")
    }

    pub(crate) fn text(self) -> Result<&'a str, &'static str> {
        if let Self::Text(text) = self { Ok(text) } else { Err("a text is expected") }
    }

    /// An array with at most so many members.
    pub(crate) fn list(self, most: usize) -> Result<Vec<Self>, &'static str> {
        match self {
            Self::Array(values) if values.len() <= most => Ok(values),
            Self::Array(_) => Err("the list is too long"),
            _ => Err("a list is expected"),
        }
    }

    /// An array with exactly so many members.
    pub(crate) fn tuple<const N: usize>(self) -> Result<[Self; N], &'static str> {
        self.list(N)?.try_into().map_err(|_| "the list is too short")
    }

    /// The entries of a map, at most so many.
    pub(crate) fn entries(self, most: usize) -> Result<Vec<(Self, Self)>, &'static str> {
        match self {
            Self::Map(entries) if entries.len() <= most => Ok(entries),
            Self::Map(_) => Err("the map is too large"),
            _ => Err("a map is expected"),
        }
    }

    /// A text that a checked type takes.
    pub(crate) fn checked<T>(self) -> Result<T, String>
    where
        T: TryFrom<String>,
        T::Error: ToString,
    {
        let text = self.text()?.to_owned();
        T::try_from(text).map_err(|why| why.to_string())
    }

    /// A list of at most so many, each read by a function.
    pub(crate) fn each<T, E: ToString>(
        self,
        most: usize,
        read: impl FnMut(Self) -> Result<T, E>,
    ) -> Result<Vec<T>, String> {
        let values = self.list(most)?;
        values.into_iter().map(read).collect::<Result<_, _>>().map_err(|why| why.to_string())
    }
}

/// A map of the fields that are there.
pub(crate) fn map_of<'a>(fields: impl IntoIterator<Item = (u64, Option<Value<'a>>)>) -> Value<'a> {
    let there = |(number, value): (u64, Option<Value<'a>>)| Some((Value::Unsigned(number), value?));
    Value::Map(fields.into_iter().filter_map(there).collect())
}
