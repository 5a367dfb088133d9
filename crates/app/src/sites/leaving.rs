//! The way out of a site: a page of ours that names where a link leads, and from which nobody goes on but by its button.
//!
//! A page of a site cannot go anywhere else: neither the frame nor the page's own policy lets it. This page stands at an
//! address of the site's own origin, so that links of its pages may lead to it, and is the only one that may open a tab. What a
//! script sends with such a link stays here as well, until somebody has read it and presses the button.

use std::borrow::Cow;

use catalogue::channel::Address;
use html_escape::{encode_double_quoted_attribute, encode_text};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::frame::{Words, words};
use crate::http::token::Token;

/// Where the page is. No file of a site has such a name.
pub(super) const PATH: &str = "/.leave";
/// Where its style is.
pub(super) const STYLE_PATH: &str = "/.leave.css";
/// Its style.
pub(super) const STYLE: &str = include_str!("leaving.css");
/// Where the frame's origin leads to the household's page: no script of the site can read what comes from there, and it can
/// neither open a tab nor leave the frame.
pub(super) const HOME_PATH: &str = "/.home";
/// The longest address that is shown, bytes.
const ADDRESS_MAX: usize = 2000;

/// Where a link leads that leaves a site.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Goal {
    /// To a web server elsewhere, over TLS.
    Web(Url),
    /// To a channel, or to one of its titles, in the household's own page.
    Kinora(Address),
}

impl Goal {
    /// Reads a link as a browser does. Nothing else than these two is ever led to: no other scheme, and no name or password,
    /// which make an address look like that of somebody else.
    fn read(link: &str) -> Option<Self> {
        if link.len() > ADDRESS_MAX {
            return None;
        }
        let url = Url::parse(link).ok()?;
        match url.scheme() {
            "https" if url.username().is_empty() && url.password().is_none() => {
                Some(Self::Web(url)).filter(|goal| goal.to_string().len() <= ADDRESS_MAX)
            }
            "kinora" => link.parse().ok().map(Self::Kinora),
            _ => None,
        }
    }

    /// What its button leads to; `frame` is the frame's origin, if the household has a page.
    fn href(&self, frame: Option<&str>) -> Option<String> {
        match self {
            Self::Web(url) => Some(url.to_string()),
            Self::Kinora(address) => {
                let to = escaped(&address.to_string());
                frame.map(|frame| format!("{frame}{HOME_PATH}?to={to}"))
            }
        }
    }
}

/// The household's own page.
#[derive(Debug, Clone)]
pub struct Home {
    /// Its origin, `http://127.0.0.1:PORT`.
    pub origin: String,
    /// What a new tab of it is let in with.
    pub token: Token,
}

impl Home {
    /// What a tab is sent to that was opened for this question; nothing if it is about no channel.
    pub(super) fn follow(&self, query: &str) -> Option<String> {
        let Goal::Kinora(address) = Goal::read(&field(query, "to")?)? else { return None };
        let place = format!("/follow/{}", escaped(&address.to_string()));
        Some(format!("{}/#token={}&{}", self.origin, self.token.reveal(), escaped(&place)))
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Web(url) => url.fmt(f),
            Self::Kinora(address) => address.fmt(f),
        }
    }
}

/// What a link on the page `from` becomes that leads out of the site; nothing if it is only to be read. It needs no escaping.
pub(super) fn way_out(link: &str, from: &str) -> Option<String> {
    let goal = Goal::read(link)?.to_string();
    Some(format!("{PATH}?from={}&to={}", escaped(from), escaped(&goal)))
}

/// The page for what was asked of it, nothing if the link leads nowhere. `frame` is the frame's origin if the household has a
/// page, and `is_here` says whether a path is one of the site's.
pub(super) fn page(
    query: &str,
    languages: &str,
    frame: Option<&str>,
    is_here: impl Fn(&str) -> bool,
) -> Option<String> {
    let goal = Goal::read(&field(query, "to")?)?;
    let back = field(query, "from").filter(|path| is_here(path));
    let words = words(languages);
    let href = goal.href(frame);
    let button = href.map(|href| {
        format!(
            "<a class=\"button\" href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">{}</a>",
            encode_double_quoted_attribute(&href),
            words.leave_open,
        )
    });
    Some(format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\"></head><body><main><h1>{title}</h1>\
         <p><code dir=\"ltr\">{}</code></p><p>{}</p><p class=\"buttons\">{} <a class=\"button\" href=\"{}\">{}</a></p>\
         </main></body></html>",
        words.language,
        encode_text(&goal.to_string()),
        sentence(&goal, button.is_some(), words),
        button.unwrap_or_default(),
        encode_double_quoted_attribute(back.as_deref().unwrap_or("/")),
        words.leave_back,
        title = words.leave,
    ))
}

fn sentence(goal: &Goal, leads: bool, words: &'static Words) -> &'static str {
    match goal {
        Goal::Web(_) => words.leave_web,
        Goal::Kinora(_) if leads => words.leave_kinora,
        Goal::Kinora(_) => words.leave_copy,
    }
}

fn field<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    percent_decode_str(value).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";

    /// The page that a link leads to, as its reader gets it.
    fn shown(link: &str, frame: Option<&str>) -> Option<String> {
        let way = way_out(link, "/a.html")?;
        page(way.strip_prefix("/.leave?").unwrap(), "en", frame, |path| path == "/a.html")
    }

    #[test]
    fn a_link_to_the_web_is_shown_whole_and_opens_a_tab_that_knows_nothing_of_the_site() {
        let page = shown("https://example.org/a?b=c&d=\"<e>#f", None).unwrap();
        assert!(
            page.contains("<code dir=\"ltr\">https://example.org/a?b=c&amp;d=%22%3Ce%3E#f</code>")
        );
        assert!(page.contains(
            "href=\"https://example.org/a?b=c&amp;d=%22%3Ce%3E#f\" target=\"_blank\" rel=\"noopener noreferrer\""
        ));
        assert!(page.contains("href=\"/a.html\""), "the way back");
    }

    #[test]
    fn a_host_is_shown_in_letters_that_cannot_be_mistaken() {
        let page = shown("https://ex\u{430}mple.org/", None).unwrap();
        assert!(page.contains("https://xn--exmple-4nf.org/"), "{page}");
        for hidden in ["https://good.example@evil.test/", "https://a:b@evil.test/"] {
            assert_eq!(way_out(hidden, "/"), None, "{hidden}");
        }
    }

    #[test]
    fn a_channel_or_a_film_opens_in_the_page_of_the_household() {
        let film = format!("kinora:{KEY}.the-end");
        let page = shown(&film, Some("http://site.localhost:7")).unwrap();
        assert!(page.contains(&format!("<code dir=\"ltr\">{film}</code>")), "{page}");
        assert!(
            page.contains(&format!(
                "href=\"http://site.localhost:7/.home?to=kinora%3A{KEY}%2Ethe%2Dend\""
            )),
            "{page}"
        );
        let home = Home { origin: "http://127.0.0.1:7".into(), token: Token::random().unwrap() };
        assert_eq!(
            home.follow(&format!("to=kinora%3A{KEY}%2Ethe%2Dend")).unwrap(),
            format!(
                "http://127.0.0.1:7/#token={}&%2Ffollow%2Fkinora%253A{KEY}%252Ethe%252Dend",
                home.token.reveal()
            )
        );
        for nowhere in ["", "to=", "to=https%3A%2F%2Fexample.org", "to=%2F"] {
            assert_eq!(home.follow(nowhere), None, "{nowhere}");
        }
        let alone = shown(&film, None).unwrap();
        assert!(!alone.contains("_blank") && alone.contains("Copy"), "{alone}");
    }

    #[test]
    fn nothing_else_is_led_to() {
        let long = format!("https://example.org/{}", "a".repeat(2000));
        let grows = format!("https://example.org/{}", "\"".repeat(1000));
        for link in [
            "",
            "/",
            "a.html",
            "http://example.org/",
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,a",
            "magnet:?xt=urn:btih:00",
            "mailto:a@example.org",
            "blob:https://example.org/a",
            "file:///etc/passwd",
            "kinora:tkrq",
            "https://",
            &long,
            &grows,
        ] {
            assert_eq!(way_out(link, "/"), None, "{link}");
            let asked = format!("to={}", utf8_percent_encode(link, NON_ALPHANUMERIC));
            assert_eq!(page(&asked, "en", None, |_| true), None, "{link}");
        }
        for nonsense in ["", "to", "to=%ff", "from=/"] {
            assert_eq!(page(nonsense, "en", None, |_| true), None, "{nonsense}");
        }
    }

    #[test]
    fn the_way_back_is_a_page_of_the_site() {
        let to = "to=https%3A%2F%2Fexample.org";
        for from in ["//evil.test", "https:evil", "\"><b>", "/no.html"] {
            let page = page(&format!("from={from}&{to}"), "en", None, |path| path == "/a.html");
            let page = page.unwrap();
            assert!(
                page.contains("class=\"button\" href=\"/\"") && !page.contains("evil"),
                "{page}"
            );
        }
    }
}
