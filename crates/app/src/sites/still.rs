//! Pages without scripts: what is not text, pictures or style is taken out before a browser sees it.
//!
//! The policy of the answer forbids scripts as well. What it cannot forbid is why this is here: connecting ahead of time,
//! refreshing to another address, a base for all links.

use html_escape::decode_html_entities;
use lol_html::{
    RewriteStrSettings, element,
    html_content::{ContentType, Element},
    rewrite_str,
};

use super::leaving::way_out;

/// Elements that go with all that is in them.
const TAKEN_OUT: [&str; 12] = [
    "script",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "portal",
    "fencedframe",
    "base",
    "template",
    "noscript",
];
/// What a link to another file may be.
const LINKS: [&str; 4] = ["stylesheet", "icon", "shortcut icon", "apple-touch-icon"];
/// Attributes that send, open or prefetch, whatever they are on.
const ATTRIBUTES: [&str; 7] =
    ["ping", "srcdoc", "formaction", "action", "manifest", "attributionsrc", "target"];

/// A page that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the page is too deep or broken to be shown without scripts")]
pub(super) struct Unreadable;

/// The page without anything that acts. `here` is its own path.
pub(super) fn still(page: &[u8], here: &str) -> Result<String, Unreadable> {
    let settings =
        RewriteStrSettings::new().append_element_content_handler(element!("*", |element| {
            calm(element, here);
            Ok(())
        }));
    rewrite_str(&String::from_utf8_lossy(page), settings).map_err(|_| Unreadable)
}

fn calm(element: &mut Element<'_, '_>, here: &str) {
    let name = element.tag_name();
    if TAKEN_OUT.contains(&name.as_str()) || !may_stay(&name, element) {
        element.remove();
        return;
    }
    let attributes: Vec<String> = element.attributes().iter().map(|one| one.name()).collect();
    for attribute in attributes {
        if attribute.starts_with("on") || ATTRIBUTES.contains(&attribute.as_str()) {
            element.remove_attribute(&attribute);
        }
    }
    for attribute in ["href", "xlink:href"] {
        let Some(to) = element.get_attribute(attribute).filter(|to| leads_out(to)) else {
            continue;
        };
        element.remove_attribute(attribute);
        if name == "a" {
            // Whoever wants to go there can read where that is, and perhaps be led there.
            let to = decode_html_entities(to.trim());
            element.append(&format!(" [{to}]"), ContentType::Text);
            if let Some(way) = way_out(&to, here) {
                // Never fails: what is set is a name of letters.
                element.set_attribute("href", &way).ok();
            }
        }
    }
}

/// Whether an element of this kind, as it is, stays in the page.
fn may_stay(name: &str, element: &Element<'_, '_>) -> bool {
    match name {
        "meta" => element.get_attribute("http-equiv").is_none(),
        "link" => element.get_attribute("rel").is_some_and(|rel| {
            LINKS.contains(
                &rel.split_ascii_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().as_str(),
            )
        }),
        // A link that leads somewhere else after a moment.
        "animate" | "set" => element.get_attribute("attributename").is_some_and(|moved| {
            let is_plain = moved.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
            is_plain && !moved.eq_ignore_ascii_case("href")
        }),
        _ => true,
    }
}

/// Whether a link leaves the site: it has a scheme, or another host. Browsers skip spaces and control characters in it, and
/// read character references, with or without their semicolons: `&#58` is a colon. So where a scheme or a host begins, any
/// `&` counts as the worst that it can stand for; no path of a site has one.
fn leads_out(link: &str) -> bool {
    let link: String =
        link.chars().filter(|letter| !letter.is_control() && *letter != ' ').collect();
    let begins_with_host =
        link.strip_prefix(['/', '\\']).is_some_and(|rest| rest.starts_with(['/', '\\', '&']));
    let scheme = link.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    begins_with_host || scheme.contains([':', '&'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> String {
        still(html.as_bytes(), "/a.html").unwrap()
    }

    #[test]
    fn text_pictures_styles_and_links_within_the_site_stay() {
        let html = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A</title>\
            <link rel=\"stylesheet\" href=\"/s.css\"></head><body><h1 class=\"big\">Hi</h1>\
            <a href=\"/b.html#c\">b</a><img src=\"p.png\" alt=\"\"><style>p { color: red }</style></body></html>";
        assert_eq!(page(html), html);
    }

    #[test]
    fn what_acts_goes_with_all_that_is_in_it() {
        for taken in [
            "<script>alert(1)</script>",
            "<SCRIPT src=/a.js></SCRIPT>",
            "<svg><script>alert(1)</script></svg>",
            "<iframe src=//evil.test></iframe>",
            "<object data=a></object>",
            "<embed src=a>",
            "<base href=//evil.test>",
            "<meta http-equiv=refresh content='0;url=//evil.test'>",
            "<link rel=preconnect href=//evil.test>",
            "<link rel='dns-prefetch' href=//evil.test>",
            "<link rel=\"stylesheet preload\" href=//evil.test>",
            "<link href=//evil.test>",
            "<link rel='pre&#99;onnect' href=//evil.test>",
            "<svg><a><set attributeName=href to=//evil.test></a></svg>",
            "<svg><a><animate attributeName='xlink:href' values=//evil.test></a></svg>",
            "<svg><a><set attributeName='hre&#102;' to=//evil.test></a></svg>",
        ] {
            let still = page(&format!("<p>a</p>{taken}<p>b</p>"));
            assert!(!still.contains("evil") && !still.contains("alert"), "{taken} became {still}");
            assert!(still.contains("<p>a</p>"), "{still}");
        }
    }

    #[test]
    fn handlers_and_senders_are_taken_off() {
        let still =
            page("<p onclick='x()' ONLOAD=y() class=k>a</p><a href=b.html ping=//evil.test>c</a>");
        assert!(
            still.contains("class=k") && !still.contains("x()") && !still.contains("y()"),
            "{still}"
        );
        assert!(still.contains("b.html") && !still.contains("evil"), "{still}");
    }

    #[test]
    fn a_link_that_may_lead_out_leads_to_our_page_and_says_where_to() {
        let still = page("<a target=_top href=\" https://evil.test/a?b&amp;c\">x</a>");
        let way = "/.leave?from=%2Fa%2Ehtml&to=https%3A%2F%2Fevil%2Etest%2Fa%3Fb%26c";
        assert_eq!(still, format!("<a href=\"{way}\">x [https://evil.test/a?b&amp;c]</a>"));
        let film = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy.a";
        let still = page(&format!("<a href='{film}'>x</a>"));
        assert!(still.contains("/.leave?") && still.contains(&format!("x [{film}]")), "{still}");
    }

    #[test]
    fn a_link_that_leads_out_otherwise_is_text() {
        for out in [
            "http://evil.test/a",
            "//evil.test",
            "\\\\evil.test",
            "/\\evil.test",
            " http://evil.test",
            "java\tscript:alert(1)",
            "data:text/html,evil",
            "mailto:a@evil.test",
        ] {
            let still = page(&format!("<a href=\"{out}\">x</a>"));
            assert!(!still.contains("href"), "{still}");
            assert!(still.contains(&format!("[{}]", out.trim())), "{still}");
        }
        for within in ["?a=b:c", "b.html?c=d&amp;e=f&g", "/b.html#c&amp;d", "/", "#", ""] {
            let link = format!("<a href=\"{within}\">x</a>");
            assert_eq!(page(&link), link);
        }
    }

    #[test]
    fn a_link_that_leads_out_in_other_letters_does_not_either() {
        for out in [
            "http&#58;//evil.test",
            "http&#58//evil.test",
            "http&#x3a;//evil.test",
            "http&colon;//evil.test",
            "&#104;ttp://evil.test",
            "&#47;/evil.test",
            "/&#47;evil.test",
            "/&sol;evil.test",
            "&bsol;&bsol;evil.test",
            "/&Tab;/evil.test",
            " &NewLine;//evil.test",
        ] {
            for html in
                [format!("<a href=\"{out}\">x</a>"), format!("<svg><use xlink:href='{out}'/>")]
            {
                let still = page(&html);
                assert!(!still.contains("href"), "{html} became {still}");
            }
        }
        let still = page("<a href=\"http&#58;//evil.test?a&amp;b\">x</a>");
        assert_eq!(still, "<a>x [http://evil.test?a&amp;b]</a>");
    }

    #[test]
    fn what_is_written_for_a_reader_is_not_markup() {
        let still = page("<a href=\"https://a/&lt;script&gt;\">x</a>");
        assert!(!still.contains("<script"), "{still}");
    }

    #[test]
    fn broken_pages_do_no_harm() {
        for broken in
            ["", "<", "<a", "<a href=", "<!--", "<scr\0ipt>x</script>", "</p></p>", "<p <p <p"]
        {
            still(broken.as_bytes(), "/").ok();
        }
        still(&[0xff; 100], "/").unwrap();
    }
}
