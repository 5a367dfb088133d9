//! Codec strings (RFC 6381 and the registrations behind it) out of decoder configurations.

use std::fmt::Write as _;

use super::fields::Fields;

/// `avc1.PPCCLL` from an AVCDecoderConfigurationRecord (ISO/IEC 14496-15).
pub(super) fn avc(entry: &str, record: &[u8]) -> Option<String> {
    let &[_, profile, constraints, level, ..] = record else { return None };
    Some(format!("{entry}.{profile:02x}{constraints:02x}{level:02x}"))
}

/// `hvc1.1.6.L93.B0` from an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, annex E.3).
pub(super) fn hevc(entry: &str, record: &[u8]) -> Option<String> {
    let mut fields = Fields(record.get(1..)?);
    let profile = fields.u8()?;
    let compatibility = fields.u32()?.reverse_bits();
    let constraints = fields.take(6)?;
    let level = fields.u8()?;
    let space = ["", "A", "B", "C"][usize::from(profile >> 6)];
    let tier = if profile & 0x20 == 0 { 'L' } else { 'H' };
    let mut codec = format!("{entry}.{space}{}.{compatibility:X}.{tier}{level}", profile & 0x1F);
    let used = constraints.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    constraints[..used].iter().for_each(|byte| {
        write!(codec, ".{byte:X}").expect("writing to a String cannot fail");
    });
    Some(codec)
}

/// `av01.P.LLT.DD` from an AV1CodecConfigurationRecord (AV1 in ISOBMFF, section 2.3).
pub(super) fn av1(record: &[u8]) -> Option<String> {
    let &[_, profile_level, depth, ..] = record else { return None };
    let tier = if depth & 0x80 == 0 { 'M' } else { 'H' };
    let bits = match (depth & 0x40 != 0, depth & 0x20 != 0) {
        (false, _) => 8,
        (true, false) => 10,
        (true, true) => 12,
    };
    Some(format!("av01.{}.{:02}{tier}.{bits:02}", profile_level >> 5, profile_level & 0x1F))
}

/// `vp09.PP.LL.DD` from a VPCodecConfigurationRecord without its box header (VP codecs in ISOBMFF).
pub(super) fn vp9(record: &[u8]) -> Option<String> {
    let &[profile, level, depth, ..] = record else { return None };
    Some(format!("vp09.{profile:02}.{level:02}.{:02}", depth >> 4))
}

/// `vp09.PP.LL.DD` from Matroska's CodecPrivate for VP9: a list of id, length, value.
pub(super) fn vp9_features(private: &[u8]) -> Option<String> {
    let mut values = [0_u8, 10, 8];
    let mut fields = Fields(private);
    while let (Some(id), Some(length)) = (fields.u8(), fields.u8()) {
        let value = *fields.take(usize::from(length))?.first()?;
        if let Some(slot) = values.get_mut(usize::from(id).checked_sub(1)?) {
            *slot = value;
        }
    }
    let [profile, level, depth] = values;
    Some(format!("vp09.{profile:02}.{level:02}.{depth:02}"))
}

/// `mp4a.40.N` from an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
pub(super) fn aac(config: &[u8]) -> Option<String> {
    Some(format!("mp4a.40.{}", audio_object_type(config)?))
}

fn audio_object_type(config: &[u8]) -> Option<u8> {
    let &first = config.first()?;
    let kind = first >> 3;
    if kind != 31 {
        return Some(kind);
    }
    let &second = config.get(1)?;
    Some(32 + ((first & 7) << 3 | second >> 5))
}

/// Channels of an AudioSpecificConfig (ISO/IEC 14496-3, table 1.19), if it is of the short kind.
pub(super) fn aac_channels(config: &[u8]) -> Option<u32> {
    let &[first, second, ..] = config else { return None };
    let rate = (first & 7) << 1 | second >> 7;
    if first >> 3 == 31 || rate == 15 {
        return None;
    }
    match second >> 3 & 0xF {
        channels @ 1..=6 => Some(u32::from(channels)),
        7 => Some(8),
        _ => None,
    }
}

/// What an ES descriptor says.
pub(super) struct Elementary<'a> {
    /// `mp4a.OO[.A]` or `mp4v.OO[.P]`.
    pub(super) codec: String,
    /// The decoder's configuration.
    pub(super) config: &'a [u8],
}

/// Reads an ES descriptor (ISO/IEC 14496-1, 7.2.6.5), the box header left out.
pub(super) fn elementary_stream<'a>(entry: &str, descriptor: &'a [u8]) -> Option<Elementary<'a>> {
    let mut stream = Fields(tagged(&mut Fields(descriptor), 0x03)?);
    stream.skip(2)?;
    let flags = stream.u8()?;
    stream.skip(if flags & 0x80 == 0 { 0 } else { 2 })?;
    if flags & 0x40 != 0 {
        let length = usize::from(stream.u8()?);
        stream.skip(length)?;
    }
    stream.skip(if flags & 0x20 == 0 { 0 } else { 2 })?;
    let mut decoder = Fields(tagged(&mut stream, 0x04)?);
    let object = decoder.u8()?;
    decoder.skip(12)?;
    let config = tagged(&mut decoder, 0x05).unwrap_or(&[]);
    let detail = match object {
        0x40 => audio_object_type(config).map(|kind| format!(".{kind}")),
        0x20 => visual_profile(config).map(|profile| format!(".{profile}")),
        _ => None,
    };
    let codec = format!("{entry}.{object:02x}{}", detail.unwrap_or_default());
    Some(Elementary { codec, config })
}

/// The profile of MPEG-4 Visual: the byte behind the visual object sequence's start code.
fn visual_profile(config: &[u8]) -> Option<u8> {
    config.strip_prefix(&[0, 0, 1, 0xB0])?.first().copied()
}

/// The body of a descriptor with this tag; its length is in up to four bytes of seven bits.
fn tagged<'a>(fields: &mut Fields<'a>, tag: u8) -> Option<&'a [u8]> {
    if fields.u8()? != tag {
        return None;
    }
    let mut length = 0_usize;
    for _ in 0..4 {
        let byte = fields.u8()?;
        length = length << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            break;
        }
    }
    // Some muxers write a length that ends beyond the box.
    fields.take(length.min(fields.0.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_agree_with_the_registrations() {
        assert_eq!(avc("avc1", &[1, 0x64, 0, 0x1F, 0xFF]).as_deref(), Some("avc1.64001f"));
        let main10 = [1, 2, 0x20, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 120];
        assert_eq!(hevc("hvc1", &main10).as_deref(), Some("hvc1.2.4.L120.90"));
        assert_eq!(av1(&[0x81, 0x08, 0x4C, 0]).as_deref(), Some("av01.0.08M.10"));
        assert_eq!(vp9(&[0, 31, 0x82, 2, 2]).as_deref(), Some("vp09.00.31.08"));
        assert_eq!(vp9_features(&[1, 1, 2, 2, 1, 41, 3, 1, 10]).as_deref(), Some("vp09.02.41.10"));
        assert_eq!(aac(&[0x12, 0x10]).as_deref(), Some("mp4a.40.2"));
        assert_eq!(aac(&[0xF8, 0xE0]).as_deref(), Some("mp4a.40.39"));
    }

    #[test]
    fn short_records_have_no_string() {
        for len in 0..3 {
            let record = vec![0xFF; len];
            assert_eq!(avc("avc1", &record), None);
            assert_eq!(hevc("hvc1", &record), None);
            assert!(elementary_stream("mp4a", &record).is_none());
        }
    }
}
