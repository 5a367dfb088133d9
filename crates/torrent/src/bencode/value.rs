//! Walks through tokenized bencoding.

use std::{collections::BTreeSet, fmt, ops::Range, str};

use super::tokenizer::{BadBencode, Limits, Mode, Token, tokenize};

/// Bencoded text and where its values lie.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    bytes: &'a [u8],
    tape: Vec<Token>,
}

impl<'a> Document<'a> {
    /// Reads the value at the start of `bytes`; in strict mode nothing may follow it.
    ///
    /// # Errors
    /// Where and why reading stopped.
    pub fn parse(bytes: &'a [u8], mode: Mode, limits: &Limits) -> Result<Self, BadBencode> {
        Ok(Self { bytes, tape: tokenize(bytes, mode, limits)? })
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value { bytes: self.bytes, tape: &self.tape, at: 0 }
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `i…e`
    Integer,
    /// `3:abc`
    Text,
    /// `l…e`
    List,
    /// `d…e`
    Dictionary,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Dictionary => "a dictionary",
        })
    }
}

/// One value of a [`Document`].
#[derive(Clone, Copy)]
pub struct Value<'d> {
    bytes: &'d [u8],
    tape: &'d [Token],
    at: usize,
}

impl<'d> Value<'d> {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.raw().first() {
            Some(b'i') => Kind::Integer,
            Some(b'l') => Kind::List,
            Some(b'd') => Kind::Dictionary,
            _ => Kind::Text,
        }
    }

    /// Where it lies in the text.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.tape[self.at].span()
    }

    /// The exact bytes it was read from.
    #[must_use]
    pub fn raw(&self) -> &'d [u8] {
        &self.bytes[self.span()]
    }

    /// The integer, if it is one and fits 64 bits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        let digits = self.raw().strip_prefix(b"i")?.strip_suffix(b"e")?;
        str::from_utf8(digits).ok()?.parse().ok()
    }

    /// The bytes of a string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&'d [u8]> {
        if self.kind() != Kind::Text {
            return None;
        }
        let raw = self.raw();
        let colon = raw.iter().position(|byte| *byte == b':')?;
        Some(&raw[colon + 1..])
    }

    /// A string that is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&'d str> {
        str::from_utf8(self.as_bytes()?).ok()
    }

    /// The values of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<ListIter<'d>> {
        (self.kind() == Kind::List).then(|| ListIter { rest: self.children() })
    }

    /// The entries of a dictionary, in the order of the text.
    #[must_use]
    pub fn as_dict(&self) -> Option<DictIter<'d>> {
        (self.kind() == Kind::Dictionary).then(|| DictIter { rest: self.children() })
    }

    /// A dictionary's value for a key: the first one, if the key is repeated. `None` also for what is no dictionary.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Self> {
        self.as_dict()?.find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// A key that stands in this dictionary more than once.
    #[must_use]
    pub fn repeated_key(&self) -> Option<&'d [u8]> {
        let mut seen = BTreeSet::new();
        self.as_dict()?.map(|(key, _)| key).find(|key| !seen.insert(*key))
    }

    fn children(&self) -> Children<'d> {
        let end = self.tape[self.at].next as usize;
        Children { bytes: self.bytes, tape: self.tape, at: self.at + 1, end }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw().escape_ascii())
    }
}

#[derive(Clone)]
struct Children<'d> {
    bytes: &'d [u8],
    tape: &'d [Token],
    at: usize,
    end: usize,
}

impl<'d> Children<'d> {
    fn next(&mut self) -> Option<Value<'d>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value { bytes: self.bytes, tape: self.tape, at: self.at };
        self.at = self.tape[self.at].next as usize;
        Some(value)
    }
}

/// The values of a list.
#[derive(Clone)]
pub struct ListIter<'d> {
    rest: Children<'d>,
}

impl<'d> Iterator for ListIter<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        self.rest.next()
    }
}

/// The entries of a dictionary.
#[derive(Clone)]
pub struct DictIter<'d> {
    rest: Children<'d>,
}

impl<'d> Iterator for DictIter<'d> {
    type Item = (&'d [u8], Value<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.rest.next()?.as_bytes()?;
        Some((key, self.rest.next()?))
    }
}
