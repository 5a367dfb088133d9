//! Films in the words of schema.org, as JSON-LD: read from any of the usual wrappings, and written so that everything but
//! the order of people comes back.

mod reader;
mod writer;

pub use self::{reader::read, writer::write};

/// What schema.org has no word for is written with this prefix.
const OWN: &str = "kinora:";

/// The properties of schema.org for our roles; every other role is a `contributor` with a `roleName`.
const ROLES: [(&str, &str); 5] = [
    ("director", "director"),
    ("actor", "cast"),
    ("author", "writer"),
    ("musicBy", "music"),
    ("producer", "producer"),
];

/// Our containers and their media types.
const TYPES: [(&str, &str); 6] = [
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("matroska", "video/x-matroska"),
    ("ogg", "video/ogg"),
    ("mov", "video/quicktime"),
    ("mpegts", "video/mp2t"),
];

/// Our subtitle formats and their media types.
const SUBTITLES: [(&str, &str); 3] =
    [("vtt", "text/vtt"), ("srt", "application/x-subrip"), ("ass", "text/x-ssa")];
