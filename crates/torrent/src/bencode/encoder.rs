//! Writes bencoding.

/// Writes values one after the other. The caller gives keys in order; debug builds check that.
#[derive(Debug, Clone, Default)]
pub struct Encoder {
    out: Vec<u8>,
    /// One entry per open container: the place of its last key.
    open: Vec<Option<std::ops::Range<usize>>>,
}

impl Encoder {
    /// Nothing written yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `d`; what follows are keys and values until [`Self::end`].
    pub fn begin_dict(&mut self) -> &mut Self {
        self.begin(b'd')
    }

    /// `l`; what follows are values until [`Self::end`].
    pub fn begin_list(&mut self) -> &mut Self {
        self.begin(b'l')
    }

    /// Ends the innermost container.
    pub fn end(&mut self) -> &mut Self {
        debug_assert!(!self.open.is_empty(), "no container is open");
        self.open.pop();
        self.out.push(b'e');
        self
    }

    /// A dictionary's key; its value is written next. Keys come in the order of their bytes.
    pub fn key(&mut self, key: impl AsRef<[u8]>) -> &mut Self {
        let key = key.as_ref();
        self.bytes(key);
        let place = self.out.len() - key.len()..self.out.len();
        if let Some(last) = self.open.last_mut() {
            debug_assert!(
                last.clone().is_none_or(|last| self.out[last] < self.out[place.clone()]),
                "keys are written in order"
            );
            *last = Some(place);
        }
        self
    }

    /// A number.
    pub fn int(&mut self, number: i64) -> &mut Self {
        self.out.extend_from_slice(format!("i{number}e").as_bytes());
        self
    }

    /// A string of bytes or text.
    pub fn bytes(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.out.extend_from_slice(format!("{}:", bytes.len()).as_bytes());
        self.out.extend_from_slice(bytes);
        self
    }

    /// A value that is bencoded already.
    pub fn raw(&mut self, bencoded: &[u8]) -> &mut Self {
        self.out.extend_from_slice(bencoded);
        self
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        debug_assert!(self.open.is_empty(), "every container is ended");
        self.out
    }

    fn begin(&mut self, mark: u8) -> &mut Self {
        self.out.push(mark);
        self.open.push(None);
        self
    }
}
