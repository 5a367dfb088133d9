//! The kinds of files that a site may have, by their extension: what a browser is told they are.

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// Pages.
    Html,
    /// Styles.
    Css,
    /// Scripts: only on sites that may have them.
    Script,
    /// Plain text.
    Plain,
    /// Text with signs for its form: plain text, and a page on a site that has nothing else.
    Markdown,
    /// Data for scripts.
    Json,
    /// Drawings: pictures, but pages of their own where a browser goes to one.
    Drawing,
    /// Pictures, fonts, sounds, films: by their own type.
    Other(&'static str),
}

/// Extensions, and what they are.
const KINDS: [(&str, Media); 26] = [
    ("html", Media::Html),
    ("htm", Media::Html),
    ("css", Media::Css),
    ("js", Media::Script),
    ("mjs", Media::Script),
    ("txt", Media::Plain),
    ("md", Media::Markdown),
    ("vtt", Media::Other("text/vtt; charset=utf-8")),
    ("json", Media::Json),
    ("png", Media::Other("image/png")),
    ("jpg", Media::Other("image/jpeg")),
    ("jpeg", Media::Other("image/jpeg")),
    ("gif", Media::Other("image/gif")),
    ("webp", Media::Other("image/webp")),
    ("avif", Media::Other("image/avif")),
    ("svg", Media::Drawing),
    ("ico", Media::Other("image/x-icon")),
    ("woff", Media::Other("font/woff")),
    ("woff2", Media::Other("font/woff2")),
    ("mp3", Media::Other("audio/mpeg")),
    ("ogg", Media::Other("audio/ogg")),
    ("opus", Media::Other("audio/ogg")),
    ("flac", Media::Other("audio/flac")),
    ("mp4", Media::Other("video/mp4")),
    ("webm", Media::Other("video/webm")),
    ("webmanifest", Media::Json),
];

impl Media {
    /// The kind of a file by its name; none if a site has no such files.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit('/').next()?.rsplit_once('.')?;
        let known = KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
        known.map(|(_, media)| *media)
    }

    /// Whether a site of Markdown may have it.
    #[must_use]
    pub fn is_text_or_picture(self) -> bool {
        self == Self::Markdown || self.is_picture()
    }

    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(self) -> bool {
        self == Self::Drawing || self.content_type().starts_with("image/")
    }

    /// The `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Css => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Plain | Self::Markdown => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Drawing => "image/svg+xml",
            Self::Other(named) => named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts_in_whatever_case() {
        assert_eq!(Media::of("a/b.min.JS"), Some(Media::Script));
        assert_eq!(Media::of("a.b/index.Html"), Some(Media::Html));
        for none in ["", "html", "a.html/b", "a.", ".exe"] {
            assert_eq!(Media::of(none), None, "{none}");
        }
    }
}
