//! EBML elements (RFC 8794).

use super::fields::Fields;

/// The longest element header: four bytes of id, eight of size.
pub(super) const HEADER_LEN_MAX: u64 = 12;

/// An element's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) id: u32,
    /// Bytes of the header itself.
    pub(super) len: usize,
    /// Bytes of the body; `None` if its writer did not know.
    pub(super) size: Option<u64>,
}

/// Reads an element's header; `None` if the bytes end in it or are none.
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let mut fields = Fields(bytes);
    let id = id(&mut fields)?;
    let size = size(&mut fields)?;
    Some(Header { id, len: bytes.len() - fields.0.len(), size })
}

fn id(fields: &mut Fields<'_>) -> Option<u32> {
    let &first = fields.0.first()?;
    let len = first.leading_zeros() as usize + 1;
    if len > 4 {
        return None;
    }
    Some(fields.take(len)?.iter().fold(0, |id, &byte| id << 8 | u32::from(byte)))
}

fn size(fields: &mut Fields<'_>) -> Option<Option<u64>> {
    let first = fields.u8()?;
    let extra = first.leading_zeros() as usize;
    if extra > 7 {
        return None;
    }
    let marker = 0x80_u64 >> extra;
    let start = u64::from(first) & (marker - 1);
    let value = fields.take(extra)?.iter().fold(start, |size, &byte| size << 8 | u64::from(byte));
    let unknown = (1_u64 << (7 * (extra + 1))) - 1;
    Some((value != unknown).then_some(value))
}

/// The elements inside an element's body: id and body, until the bytes end.
pub(super) fn elements(mut rest: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let header = header(rest)?;
        let mut fields = Fields(rest.get(header.len..)?);
        let len =
            header.size.map_or(fields.0.len(), |size| usize::try_from(size).unwrap_or(usize::MAX));
        let body = fields.take(len)?;
        rest = fields.0;
        Some((header.id, body))
    })
}

/// The first element with an id.
pub(super) fn element(body: &[u8], id: u32) -> Option<&[u8]> {
    elements(body).find(|&(found, _)| found == id).map(|(_, body)| body)
}

/// An unsigned integer of up to eight bytes.
pub(super) fn unsigned(body: &[u8]) -> Option<u64> {
    (body.len() <= 8).then(|| body.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

/// A float of four or eight bytes.
pub(super) fn float(body: &[u8]) -> Option<f64> {
    match body.len() {
        4 => Some(f64::from(f32::from_be_bytes(body.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(body.try_into().ok()?)),
        _ => None,
    }
}

/// A string; padding zeros cut, damaged UTF-8 replaced.
pub(super) fn text(body: &[u8]) -> String {
    let end = body.iter().position(|&byte| byte == 0).unwrap_or(body.len());
    String::from_utf8_lossy(&body[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_every_width_are_read() {
        assert_eq!(header(&[0xEC, 0x85]).and_then(|h| h.size), Some(5));
        assert_eq!(header(&[0xEC, 0x40, 0x05]).and_then(|h| h.size), Some(5));
        assert_eq!(header(&[0xEC, 1, 0, 0, 0, 0, 0, 0, 5]).and_then(|h| h.size), Some(5));
    }

    #[test]
    fn all_ones_is_an_unknown_size() {
        assert_eq!(header(&[0xEC, 0xFF]).map(|h| h.size), Some(None));
        assert_eq!(
            header(&[0xEC, 1, 255, 255, 255, 255, 255, 255, 255]).map(|h| h.size),
            Some(None)
        );
    }

    #[test]
    fn a_body_beyond_the_end_ends_the_walk() {
        assert_eq!(elements(&[0xEC, 0x81, 7, 0xEC, 0x89, 7]).count(), 1);
    }
}
