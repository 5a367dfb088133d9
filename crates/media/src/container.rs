//! Which container a file is, by its first bytes, and what it is called in HTTP.

/// How far into a file [`sniff`] looks, in bytes. Less is fine, and finds less.
pub const SNIFF_LEN: usize = 1024;

/// A file format that holds video, audio and subtitles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Container {
    /// ISO base media (ISO/IEC 14496-12), `.mp4`, `.m4v`, `.m4a`.
    Mp4,
    /// QuickTime, the ancestor of MP4.
    Mov,
    /// Matroska (RFC 9559).
    Matroska,
    /// The web's profile of Matroska.
    WebM,
    /// RIFF AVI.
    Avi,
    /// MPEG transport stream (ISO/IEC 13818-1), 188- or 192-byte packets.
    MpegTs,
    /// MPEG program stream.
    MpegPs,
    /// Ogg (RFC 3533).
    Ogg,
    /// Flash video.
    Flv,
    /// Windows Media.
    Asf,
    /// MPEG audio layer III.
    Mp3,
    /// AAC in ADTS frames.
    Aac,
    /// Free lossless audio (RFC 9639).
    Flac,
    /// RIFF WAVE.
    Wav,
}

/// Names the container of a file that begins with `head`; `None` for everything else, text included.
#[must_use]
pub fn sniff(head: &[u8]) -> Option<Container> {
    sniff_boxes(head)
        .or_else(|| sniff_ebml(head))
        .or_else(|| sniff_riff(head))
        .or_else(|| sniff_prefix(head))
        .or_else(|| is_transport_stream(head).then_some(Container::MpegTs))
        .or_else(|| sniff_audio_frame(head))
}

fn sniff_boxes(head: &[u8]) -> Option<Container> {
    match head.get(4..8)? {
        b"ftyp" if head.get(8..12) == Some(b"qt  ") => Some(Container::Mov),
        b"ftyp" => Some(Container::Mp4),
        // Before `ftyp` existed, QuickTime files began with one of these.
        b"moov" | b"mdat" | b"wide" | b"skip" | b"pnot" => Some(Container::Mov),
        _ => None,
    }
}

fn sniff_ebml(head: &[u8]) -> Option<Container> {
    let header = head.strip_prefix(&[0x1A, 0x45, 0xDF, 0xA3])?;
    let header = &header[..header.len().min(64)];
    let is_webm = header.windows(4).any(|four| four == b"webm");
    Some(if is_webm { Container::WebM } else { Container::Matroska })
}

fn sniff_riff(head: &[u8]) -> Option<Container> {
    match (head.get(..4)?, head.get(8..12)?) {
        (b"RIFF", b"AVI ") => Some(Container::Avi),
        (b"RIFF" | b"RF64", b"WAVE") => Some(Container::Wav),
        _ => None,
    }
}

fn sniff_prefix(head: &[u8]) -> Option<Container> {
    const PREFIXES: [(&[u8], Container); 6] = [
        (b"OggS", Container::Ogg),
        (b"fLaC", Container::Flac),
        (b"ID3", Container::Mp3),
        (b"FLV\x01", Container::Flv),
        (&[0x00, 0x00, 0x01, 0xBA], Container::MpegPs),
        (&[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], Container::Asf),
    ];
    PREFIXES.iter().find(|(prefix, _)| head.starts_with(prefix)).map(|&(_, found)| found)
}

fn is_transport_stream(head: &[u8]) -> bool {
    packet_layout(head).is_some()
}

/// Where the first packet of a transport stream begins and how far apart packets are.
pub(crate) fn packet_layout(head: &[u8]) -> Option<(usize, usize)> {
    const LAYOUTS: [(usize, usize); 2] = [(0, 188), (4, 192)];
    LAYOUTS.into_iter().find(|&(first, stride)| {
        (0..3).all(|packet| head.get(first + packet * stride) == Some(&0x47))
    })
}

fn sniff_audio_frame(head: &[u8]) -> Option<Container> {
    let (&first, &second) = (head.first()?, head.get(1)?);
    if first != 0xFF {
        return None;
    }
    match second {
        0xF0 | 0xF1 | 0xF8 | 0xF9 => Some(Container::Aac),
        0xE2 | 0xE3 | 0xF2 | 0xF3 | 0xFA | 0xFB => Some(Container::Mp3),
        _ => None,
    }
}

/// Guesses the container by a file's name, for lists made before a byte was fetched.
#[must_use]
pub fn by_name(name: &str) -> Option<Container> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "mp4" | "m4v" | "m4a" | "3gp" => Container::Mp4,
        "mov" | "qt" => Container::Mov,
        "mkv" | "mka" | "mk3d" => Container::Matroska,
        "webm" | "weba" => Container::WebM,
        "avi" | "divx" => Container::Avi,
        "ts" | "mts" | "m2ts" => Container::MpegTs,
        "mpg" | "mpeg" | "vob" => Container::MpegPs,
        "ogv" | "ogg" | "oga" | "opus" => Container::Ogg,
        "flv" => Container::Flv,
        "wmv" | "asf" | "wma" => Container::Asf,
        "mp3" => Container::Mp3,
        "aac" => Container::Aac,
        "flac" => Container::Flac,
        "wav" => Container::Wav,
        _ => return None,
    })
}

/// The media type without codecs, for a `Content-Type` header.
#[must_use]
pub fn mime(container: Container) -> &'static str {
    match container {
        Container::Mp4 => "video/mp4",
        Container::Mov => "video/quicktime",
        Container::Matroska => "video/x-matroska",
        Container::WebM => "video/webm",
        Container::Avi => "video/x-msvideo",
        Container::MpegTs => "video/mp2t",
        Container::MpegPs => "video/mpeg",
        Container::Ogg => "video/ogg",
        Container::Flv => "video/x-flv",
        Container::Asf => "video/x-ms-asf",
        Container::Mp3 => "audio/mpeg",
        Container::Aac => "audio/aac",
        Container::Flac => "audio/flac",
        Container::Wav => "audio/wav",
    }
}

impl Container {
    /// Whether it holds sound alone.
    #[must_use]
    pub fn is_audio(self) -> bool {
        matches!(self, Self::Mp3 | Self::Aac | Self::Flac | Self::Wav)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_container_is_known_by_its_first_bytes() {
        let mut transport = vec![0; 600];
        [0, 188, 376].iter().for_each(|&at| transport[at] = 0x47);
        let cases: [(&[u8], Container); 9] = [
            (b"\0\0\0\x18ftypisom\0\0\0\0", Container::Mp4),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", Container::Mov),
            (b"\x1A\x45\xDF\xA3\x9F\x42\x82\x84webm", Container::WebM),
            (b"\x1A\x45\xDF\xA3\x9F\x42\x82\x88matroska", Container::Matroska),
            (b"RIFF\0\0\0\0AVI LIST", Container::Avi),
            (b"RIFF\0\0\0\0WAVEfmt ", Container::Wav),
            (b"OggS\0", Container::Ogg),
            (b"ID3\x04\0", Container::Mp3),
            (&transport, Container::MpegTs),
        ];
        for (head, container) in cases {
            assert_eq!(sniff(head), Some(container), "{head:02x?}");
        }
    }

    #[test]
    fn text_and_archives_are_no_container() {
        for head in
            [&b"#EXTM3U\n/etc/passwd"[..], b"ffconcat version 1.0", b"PK\x03\x04", b"", b"<svg>"]
        {
            assert_eq!(sniff(head), None);
        }
    }
}
