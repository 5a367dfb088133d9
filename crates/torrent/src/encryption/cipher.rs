//! One direction of a connection: RC4 without the first bytes of its key stream, for as long as was agreed.

use rc4::{KeyInit, Rc4, StreamCipher};

/// The first bytes of the key stream say too much of the key and are not used.
const DROPPED: usize = 1024;

/// Encrypts or decrypts the bytes of one direction, in order; the two are the same.
pub struct Cipher {
    /// `None` when the rest is sent as it is.
    keystream: Option<Box<Rc4>>,
    /// Bytes that are still encrypted; `None` is all.
    left: Option<usize>,
}

impl Cipher {
    /// A fresh key stream.
    pub(super) fn new<const LEN: usize>(key: &[u8; LEN]) -> Self {
        const { assert!(LEN >= 1 && LEN <= 256) };
        let mut keystream = Rc4::new_from_slice(key).expect("RC4 takes keys of 1 to 256 bytes");
        keystream.apply_keystream(&mut [0; DROPPED]);
        Self { keystream: Some(Box::new(keystream)), left: None }
    }

    /// Only this many more bytes are encrypted.
    pub(super) fn until(mut self, left: usize) -> Self {
        self.left = Some(left);
        self.end();
        self
    }

    /// Encrypts or decrypts the next bytes where they lie.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let len = self.left.map_or(bytes.len(), |left| left.min(bytes.len()));
        if let Some(keystream) = &mut self.keystream {
            keystream.apply_keystream(&mut bytes[..len]);
        }
        if let Some(left) = &mut self.left {
            *left -= len;
        }
        self.end();
    }

    /// Whether what follows is sent as it is: nothing need be applied.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.keystream.is_none()
    }

    fn end(&mut self) {
        if self.left == Some(0) {
            self.keystream = None;
        }
    }
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cipher").field("left", &self.left).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key streams from byte 1024 on: RFC 6229, section 2.
    #[test]
    fn the_key_stream_is_that_of_rfc_6229_behind_the_dropped_bytes() {
        let mut short = [0; 16];
        Cipher::new(&[1, 2, 3, 4, 5]).apply(&mut short);
        assert_eq!(u128::from_be_bytes(short), 0x30ab_bcc7_c20b_0160_9f23_ee2d_5f6b_b7df);
        let mut long = [0; 1040];
        let key: [u8; 16] = std::array::from_fn(|at| at as u8 + 1);
        Cipher::new(&key).apply(&mut long);
        let at = |at: usize| u128::from_be_bytes(*long[at..].first_chunk().expect("it is there"));
        assert_eq!(at(0), 0xbdf0_324e_6083_dcc6_d3ce_dd3c_a8c5_3c16);
        assert_eq!(at(512), 0xffa0_b514_647e_c04f_6306_b892_ae66_1181);
        assert_eq!(at(1024), 0x8a44_1264_11ea_a78b_d51e_8d87_a887_9bf5);
    }

    #[test]
    fn what_lies_behind_the_agreed_end_is_left_as_it_is() {
        let mut cipher = Cipher::new(&[1]).until(3);
        let mut bytes = [0; 2];
        cipher.apply(&mut bytes);
        assert!(bytes != [0; 2] && !cipher.is_over());
        let mut bytes = [0; 3];
        cipher.apply(&mut bytes);
        assert!(bytes[0] != 0 && bytes[1..] == [0; 2] && cipher.is_over());
        assert!(Cipher::new(&[1]).until(0).is_over());
    }
}
