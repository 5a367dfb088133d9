//! Reads values one after the other, each within the limits that are left.

use super::{BadCbor, Limits, Value};

/// A place in a run of values.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    /// At the first of some values.
    pub(crate) fn new(bytes: &'a [u8], limits: Limits) -> Result<Self, BadCbor> {
        if bytes.len() > limits.bytes {
            return Err(BadCbor::TooLong);
        }
        Ok(Self { rest: bytes, depth: limits.depth, values: limits.values })
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next value. The stack is as deep as the limit allows and no deeper.
    pub(crate) fn value(&mut self) -> Result<Value<'a>, BadCbor> {
        self.values = self.values.checked_sub(1).ok_or(BadCbor::TooMany)?;
        let first = self.byte()?;
        let (major, info) = (first >> 5, first & 0x1f);
        if major == 7 {
            return simple(info);
        }
        let argument = self.argument(info)?;
        match major {
            0 => Ok(Value::Unsigned(argument)),
            1 => Ok(Value::Negative(argument)),
            2 => Ok(Value::Bytes(self.take(argument)?)),
            3 => std::str::from_utf8(self.take(argument)?)
                .map(Value::Text)
                .map_err(|_| BadCbor::Utf8),
            4 => self.nested(|reader| reader.array(argument)),
            5 => self.nested(|reader| reader.map(argument)),
            _ => Err(BadCbor::Unused),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value<'a>, BadCbor>,
    ) -> Result<Value<'a>, BadCbor> {
        self.depth = self.depth.checked_sub(1).ok_or(BadCbor::TooDeep)?;
        let value = read(self)?;
        self.depth += 1;
        Ok(value)
    }

    fn array(&mut self, len: u64) -> Result<Value<'a>, BadCbor> {
        let len = self.fitting(len)?;
        (0..len).map(|_| self.value()).collect::<Result<_, _>>().map(Value::Array)
    }

    fn map(&mut self, len: u64) -> Result<Value<'a>, BadCbor> {
        let len = self.fitting(len)?;
        let mut entries = Vec::new();
        let mut last: &[u8] = &[];
        for _ in 0..len {
            let start = self.rest;
            let key = self.value()?;
            let encoded = &start[..start.len() - self.rest.len()];
            match last.cmp(encoded) {
                std::cmp::Ordering::Less => last = encoded,
                std::cmp::Ordering::Equal => return Err(BadCbor::Repeated),
                std::cmp::Ordering::Greater => return Err(BadCbor::Unsorted),
            }
            entries.push((key, self.value()?));
        }
        Ok(Value::Map(entries))
    }

    /// A number of values that the limit still allows. Room is made as they come.
    fn fitting(&self, len: u64) -> Result<usize, BadCbor> {
        usize::try_from(len).ok().filter(|len| *len <= self.values).ok_or(BadCbor::TooMany)
    }

    fn argument(&mut self, info: u8) -> Result<u64, BadCbor> {
        let (argument, least) = match info {
            0..24 => return Ok(u64::from(info)),
            24 => (u64::from(self.byte()?), 24),
            25 => (self.number(2)?, 0x100),
            26 => (self.number(4)?, 0x1_0000),
            27 => (self.number(8)?, 0x1_0000_0000),
            31 => return Err(BadCbor::Indefinite),
            _ => return Err(BadCbor::Unused),
        };
        if argument < least { Err(BadCbor::NotShortest) } else { Ok(argument) }
    }

    fn number(&mut self, len: u64) -> Result<u64, BadCbor> {
        Ok(self.take(len)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn byte(&mut self) -> Result<u8, BadCbor> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], BadCbor> {
        let len = usize::try_from(len).map_err(|_| BadCbor::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(BadCbor::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn simple(info: u8) -> Result<Value<'static>, BadCbor> {
    match info {
        20 => Ok(Value::Bool(false)),
        21 => Ok(Value::Bool(true)),
        22 => Ok(Value::Null),
        31 => Err(BadCbor::Indefinite),
        _ => Err(BadCbor::Unused),
    }
}
