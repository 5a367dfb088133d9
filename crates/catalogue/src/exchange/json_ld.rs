//! Films in the words of schema.org, as JSON-LD: read from any of the usual wrappings, and written so that everything but
//! the order of people comes back.

mod reader;
mod writer;

pub use self::{reader::read, writer::write};
use crate::title::Kind;

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

/// What schema.org calls kinds that are finer than a film, ours first. An event is what a film was recorded at.
const KINDS: [(Kind, &[&str]); 4] = [
    (Kind::Concert, &["MusicEvent", "Festival"]),
    (Kind::Performance, &["TheaterEvent", "DanceEvent", "ComedyEvent"]),
    (Kind::Lecture, &["EducationEvent", "CourseInstance", "LearningResource"]),
    (Kind::Newsreel, &["NewsArticle", "ReportageNewsArticle"]),
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
