//! Cuts bencoded text into a flat list of tokens.

use std::ops::Range;

use thiserror::Error;

/// How forgiving reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only the canonical form: sorted unique keys, no superfluous zeros, nothing after the value.
    Strict,
    /// Also what old torrent files hold: any order of keys, repeated keys, superfluous zeros, trailing bytes.
    Lenient,
}

/// How much a stranger's text may ask for. A token costs 12 bytes of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text in bytes; never more than `u32::MAX`.
    pub bytes: usize,
    /// Containers within containers.
    pub depth: usize,
    /// Values, keys counted.
    pub tokens: usize,
}

impl Limits {
    /// For messages between programs, which are short and flat.
    pub const MESSAGE: Self = Self { bytes: 1 << 20, depth: 16, tokens: 10_000 };
}

/// Text that is not bencoding, or asks for too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("byte {offset}: {flaw}")]
pub struct BadBencode {
    /// Where reading stopped.
    pub offset: usize,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// What is wrong with bencoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Flaw {
    /// More bytes than the limit.
    #[error("{found} bytes are too long; at most {allowed} are read")]
    TooLong {
        /// The text's length.
        found: usize,
        /// The limit.
        allowed: usize,
    },
    /// More containers within containers than the limit.
    #[error("lists and dictionaries are nested deeper than {allowed} levels")]
    TooDeep {
        /// The limit.
        allowed: usize,
    },
    /// More values than the limit.
    #[error("there are more than {allowed} values")]
    TooManyValues {
        /// The limit.
        allowed: usize,
    },
    /// The text stops within a value.
    #[error("the data ends in the middle of a value")]
    Truncated,
    /// A byte that cannot start or end anything here.
    #[error("unexpected byte 0x{0:02x}")]
    Unexpected(u8),
    /// An integer without digits, or with something else between its ends.
    #[error("a damaged number")]
    BadInteger,
    /// A number with superfluous zeros or a minus before zero (strict mode).
    #[error("a number that is not written in the shortest way")]
    NotCanonical,
    /// A string's length that does not fit a computer.
    #[error("a text length out of range")]
    BadLength,
    /// A dictionary key that is not a string.
    #[error("a dictionary key that is not a text")]
    KeyNotText,
    /// A key without a value.
    #[error("a dictionary key without a value")]
    MissingValue,
    /// A key not after the one before it (strict mode).
    #[error("dictionary keys out of order or repeated")]
    KeyOrder,
    /// Bytes after the value (strict mode).
    #[error("bytes after the end")]
    Trailing,
}

/// One value: its bytes, and the place in the list of the first token after everything within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) next: u32,
}

impl Token {
    pub(super) fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The tokens of the value at the start of `bytes`. The first token spans the whole value.
pub(super) fn tokenize(
    bytes: &[u8],
    mode: Mode,
    limits: &Limits,
) -> Result<Vec<Token>, BadBencode> {
    let allowed = limits.bytes.min(u32::MAX as usize);
    if bytes.len() > allowed {
        return Err(BadBencode { offset: 0, flaw: Flaw::TooLong { found: bytes.len(), allowed } });
    }
    let mut tokenizer =
        Tokenizer { bytes, at: 0, mode, limits, tape: Vec::new(), open: Vec::new() };
    match tokenizer.run() {
        Ok(()) => Ok(tokenizer.tape),
        Err(flaw) => Err(BadBencode { offset: tokenizer.at, flaw }),
    }
}

struct Tokenizer<'a> {
    bytes: &'a [u8],
    at: usize,
    mode: Mode,
    limits: &'a Limits,
    tape: Vec<Token>,
    open: Vec<Open<'a>>,
}

/// A container whose end was not met yet.
struct Open<'a> {
    token: usize,
    dict: Option<Keys<'a>>,
}

/// Where reading stands in a dictionary.
struct Keys<'a> {
    last: Option<&'a [u8]>,
    awaits_value: bool,
}

impl<'a> Tokenizer<'a> {
    fn run(&mut self) -> Result<(), Flaw> {
        loop {
            self.step()?;
            if self.open.is_empty() {
                break;
            }
        }
        if self.mode == Mode::Strict && self.at < self.bytes.len() {
            return Err(Flaw::Trailing);
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Flaw> {
        let byte = self.peek()?;
        if self.expects_key() {
            return match byte {
                b'0'..=b'9' => self.key(),
                b'e' => self.close(),
                _ => Err(Flaw::KeyNotText),
            };
        }
        match byte {
            b'0'..=b'9' => self.string().map(|_| self.value_is_over()),
            b'i' => self.integer().map(|()| self.value_is_over()),
            b'l' => self.open_container(None),
            b'd' => self.open_container(Some(Keys { last: None, awaits_value: false })),
            b'e' if !self.open.is_empty() => self.close(),
            other => Err(Flaw::Unexpected(other)),
        }
    }

    fn peek(&self) -> Result<u8, Flaw> {
        self.bytes.get(self.at).copied().ok_or(Flaw::Truncated)
    }

    fn expects_key(&self) -> bool {
        self.open.last().and_then(|open| open.dict.as_ref()).is_some_and(|keys| !keys.awaits_value)
    }

    /// A value within a dictionary has ended: a key comes next.
    fn value_is_over(&mut self) {
        if let Some(Keys { awaits_value, .. }) =
            self.open.last_mut().and_then(|open| open.dict.as_mut())
        {
            *awaits_value = false;
        }
    }

    fn key(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        let key = self.string()?;
        let strict = self.mode == Mode::Strict;
        if let Some(keys) = self.open.last_mut().and_then(|open| open.dict.as_mut()) {
            if strict && keys.last.is_some_and(|last| last >= key) {
                self.at = start;
                return Err(Flaw::KeyOrder);
            }
            keys.last = Some(key);
            keys.awaits_value = true;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<&'a [u8], Flaw> {
        let start = self.at;
        let digits = self.digits();
        if self.peek()? != b':' {
            return Err(Flaw::Unexpected(self.bytes[self.at]));
        }
        self.check_canonical(digits)?;
        let len = decimal(digits).ok_or(Flaw::BadLength)?;
        let text = self.at + 1;
        let end = text.checked_add(len).ok_or(Flaw::BadLength)?;
        let content = self.bytes.get(text..end).ok_or(Flaw::Truncated)?;
        self.at = end;
        self.push(start, end)?;
        Ok(content)
    }

    fn integer(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        self.at += 1;
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let digits = self.digits();
        if self.peek()? != b'e' || digits.is_empty() {
            return Err(Flaw::BadInteger);
        }
        self.check_canonical(digits)?;
        if self.mode == Mode::Strict && negative && digits == b"0" {
            return Err(Flaw::NotCanonical);
        }
        self.at += 1;
        self.push(start, self.at)
    }

    /// Steps over decimal digits.
    fn digits(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += len;
        &rest[..len]
    }

    fn check_canonical(&self, digits: &[u8]) -> Result<(), Flaw> {
        let superfluous = digits.len() > 1 && digits[0] == b'0';
        if self.mode == Mode::Strict && superfluous {
            return Err(Flaw::NotCanonical);
        }
        Ok(())
    }

    fn open_container(&mut self, dict: Option<Keys<'a>>) -> Result<(), Flaw> {
        if self.open.len() >= self.limits.depth {
            return Err(Flaw::TooDeep { allowed: self.limits.depth });
        }
        self.open.push(Open { token: self.tape.len(), dict });
        let start = self.at;
        self.at += 1;
        self.push(start, start)
    }

    fn close(&mut self) -> Result<(), Flaw> {
        let missing =
            self.open.last().and_then(|open| open.dict.as_ref()).is_some_and(|k| k.awaits_value);
        if missing {
            return Err(Flaw::MissingValue);
        }
        self.at += 1;
        let next = narrow(self.tape.len());
        if let Some(token) = self.open.pop().and_then(|open| self.tape.get_mut(open.token)) {
            token.end = narrow(self.at);
            token.next = next;
        }
        self.value_is_over();
        Ok(())
    }

    fn push(&mut self, start: usize, end: usize) -> Result<(), Flaw> {
        if self.tape.len() >= self.limits.tokens {
            return Err(Flaw::TooManyValues { allowed: self.limits.tokens });
        }
        if self.tape.len() == self.tape.capacity() {
            // By half, and not beyond the limit: doubling would hold much that is never used.
            let more = (self.tape.len() / 2).max(16).min(self.limits.tokens - self.tape.len());
            self.tape.reserve_exact(more);
        }
        let next = narrow(self.tape.len() + 1);
        self.tape.push(Token { start: narrow(start), end: narrow(end), next });
        Ok(())
    }
}

/// A place in the text or in the token list: the limit on the text keeps both within 32 bits.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// A string's length; superfluous zeros do not matter.
fn decimal(digits: &[u8]) -> Option<usize> {
    digits
        .iter()
        .try_fold(0_usize, |sum, digit| sum.checked_mul(10)?.checked_add(usize::from(digit - b'0')))
}
