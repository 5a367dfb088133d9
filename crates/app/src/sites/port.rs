//! What the scripts of a site may ask its frame: the titles of the publisher's own channel, and nothing else.
//!
//! The frame's script hands a question on as it picked it out of a message; here it is read again, strictly.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use catalogue::channel::{Key, SiteChannel};
use futures_util::future::BoxFuture;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest words that are looked for, and the longest id, bytes.
const TEXT_MAX: usize = 200;
/// Where posters are on the site's own origin. No file of a site has such a name.
const POSTERS: &str = "/.poster/";

/// Which titles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wanted {
    /// Words that stand in a name; empty for all titles.
    pub text: String,
    /// `film`, `series`, `short`, `concert`, `performance`, `lecture` or `newsreel`.
    pub kind: Option<String>,
    /// A language spoken in it (BCP 47).
    pub language: Option<String>,
    /// How many.
    pub limit: Option<u32>,
    /// How many to skip.
    pub offset: u32,
}

/// Which one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedTitle {
    /// Its id in the channel.
    pub id: String,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "method", content = "params", deny_unknown_fields)]
pub enum Question {
    /// A list of titles.
    #[serde(rename = "catalogue.query")]
    Query(Wanted),
    /// What a page needs to show one.
    #[serde(rename = "title.get")]
    Title(WantedTitle),
    /// Where one is played.
    #[serde(rename = "play")]
    Play(WantedTitle),
}

impl Question {
    /// Reads what the frame's script sends: JSON in a field of a form.
    pub(super) fn read(field: &str) -> Option<Self> {
        let json = percent_decode_str(field).decode_utf8().ok()?;
        let question: Self = serde_json::from_str(&json).ok()?;
        question.is_small().then_some(question)
    }

    fn is_small(&self) -> bool {
        let fits = |text: &str| text.len() <= TEXT_MAX;
        match self {
            Self::Query(Wanted { text, kind, language, .. }) => {
                let words = [kind, language].into_iter().flatten();
                fits(text) && words.into_iter().all(|word| fits(word))
            }
            Self::Title(WantedTitle { id }) | Self::Play(WantedTitle { id }) => fits(id),
        }
    }
}

/// Why there is no answer, as scripts are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotTold {
    /// The question is none.
    BadRequest,
    /// The site has no channel, or one that does not say that they belong together.
    NoChannel,
    /// The household does not follow the channel.
    NotFollowed,
    /// The channel has no such title.
    TitleUnknown,
    /// Something went wrong here.
    Failed,
}

/// Whose titles are asked for: the site's word for a channel, and the site.
pub type Asker = (SiteChannel, Key);

/// What the household answers sites.
pub trait Shelf: Send + Sync {
    /// Answers a question.
    fn answer(
        &self,
        asker: Asker,
        question: Question,
    ) -> BoxFuture<'static, Result<Value, NotTold>>;
    /// The WebP bytes of a title's poster.
    fn poster(&self, asker: Asker, id: String) -> BoxFuture<'static, Result<Bytes, NotTold>>;
}

/// A household's shelf, where there is a household.
#[derive(Clone)]
pub struct Offer(pub Arc<dyn Shelf>);

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer")
    }
}

/// An answer as the frame's script hands it on.
pub(super) fn told(answer: Result<Value, NotTold>) -> Value {
    match answer {
        Ok(result) => json!({"result": result}),
        Err(code) => json!({"error": code}),
    }
}

/// Where a title's poster is for the pages of the site.
#[must_use]
pub fn poster_path(id: &str) -> String {
    format!("{POSTERS}{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
}

/// The title whose poster a path means.
pub(super) fn poster_of(path: &str) -> Option<String> {
    let id = percent_decode_str(path.strip_prefix(POSTERS)?).decode_utf8().ok()?;
    (id.len() <= TEXT_MAX).then(|| id.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Question> {
        Question::read(&utf8_percent_encode(json, NON_ALPHANUMERIC).to_string())
    }

    #[test]
    fn what_a_script_may_ask_is_a_short_list() {
        let query = r#"{"method":"catalogue.query","params":{"text":"a","kind":"film","limit":5}}"#;
        let wanted = Wanted {
            text: "a".to_owned(),
            kind: Some("film".to_owned()),
            limit: Some(5),
            ..Wanted::default()
        };
        assert_eq!(read(query), Some(Question::Query(wanted)));
        let id = WantedTitle { id: "the-end".to_owned() };
        let asked = r#"{"method":"title.get","params":{"id":"the-end"}}"#;
        assert_eq!(read(asked), Some(Question::Title(id)));
        let long = "x".repeat(201);
        for wrong in [
            "",
            "null",
            "[]",
            r#"{"method":"catalogue.query"}"#,
            r#"{"method":"catalogue.query","params":{"sql":"SELECT 1"}}"#,
            r#"{"method":"catalogue.query","params":{"channel":"tkrq"}}"#,
            r#"{"method":"catalogue.query","params":{"text":{}}}"#,
            r#"{"method":"catalogue.query","params":{"limit":-1}}"#,
            r#"{"method":"catalogue.query","params":{"offset":1e99}}"#,
            r#"{"method":"title.get","params":{}}"#,
            r#"{"method":"title.get","params":{"id":"a","more":1}}"#,
            r#"{"method":"downloads.add","params":{"id":"a"}}"#,
            r#"{"method":"play","params":{"id":["a"]}}"#,
            &format!(r#"{{"method":"play","params":{{"id":"{long}"}}}}"#),
            &format!(r#"{{"method":"catalogue.query","params":{{"text":"{long}"}}}}"#),
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(Question::read("%ff"), None);
    }

    #[test]
    fn a_poster_is_found_by_the_path_that_was_told() {
        for id in ["the-end", "a/../b", "%2e", "\u{e9}"] {
            assert_eq!(poster_of(&poster_path(id)).as_deref(), Some(id));
        }
        for wrong in ["/.poster", "/poster/a", "/.poster/%ff"] {
            assert_eq!(poster_of(wrong), None, "{wrong}");
        }
    }
}
