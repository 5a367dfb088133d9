//! What texts become, and what hostile ones do not.

use std::time::{Duration, Instant};

use catalogue::channel::{Level, Palette, SITE_MARKDOWN_MAX, SiteFile, Theme, Typeface};
use proptest::prelude::*;

use super::*;

fn path(raw: &str) -> PagePath {
    raw.to_owned().try_into().unwrap()
}

fn files() -> Files {
    let language = "en".to_owned().try_into().unwrap();
    let level = Level::Text(Theme { palette: Palette::Paper, typeface: Typeface::Sans, language });
    let all = ["index.md", "a.md", "p.png", "d.svg"];
    Files::new(&level, all.map(|raw| (path(raw), SiteFile::of(b""))).into()).unwrap()
}

fn drawn(text: &str) -> Inside {
    inside(text, &path("index.md"), &files())
}

fn html(text: &str) -> String {
    drawn(text).html
}

#[test]
fn what_markdown_says_becomes_plain_elements() {
    for (text, html_of_it) in [
        ("# One *two*", "<h1 id=\"one-two\" dir=\"auto\">One <em>two</em></h1>"),
        (
            "a **b** ~~c~~ `d`",
            "<p dir=\"auto\">a <strong>b</strong> <del>c</del> <code dir=\"ltr\">d</code></p>",
        ),
        ("- a\n- b", "<ul><li dir=\"auto\">a</li><li dir=\"auto\">b</li></ul>"),
        ("3. a", "<ol start=\"3\"><li dir=\"auto\">a</li></ol>"),
        ("> a", "<blockquote><p dir=\"auto\">a</p></blockquote>"),
        ("```rust\na < b\n```", "<pre tabindex=\"0\" dir=\"ltr\"><code>a &lt; b\n</code></pre>"),
        ("---", "<hr>"),
        ("a  \nb", "<p dir=\"auto\">a<br>b</p>"),
        ("[a](a.md#b)", "<p dir=\"auto\"><a href=\"/a.md#b\">a</a></p>"),
        (
            "![A \"still\"](p.png)",
            "<p dir=\"auto\"><img src=\"/p.png\" alt=\"A &quot;still&quot;\" loading=\"lazy\"></p>",
        ),
        (
            "|a|b|\n|-|-:|\n|c|d|",
            "<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th scope=\"col\" dir=\"auto\">a</th>\
             <th scope=\"col\" dir=\"auto\" class=\"end\">b</th></tr></thead><tbody><tr><td dir=\"auto\">c</td>\
             <td dir=\"auto\" class=\"end\">d</td></tr></tbody></table></div>",
        ),
    ] {
        assert_eq!(html(text), html_of_it, "{text}");
    }
}

#[test]
fn html_of_the_publisher_is_text() {
    for (text, shown) in [
        ("<script>a()</script>", "&lt;script&gt;a()&lt;/script&gt;"),
        ("a <img src=//evil.test onerror=a()> b", "&lt;img src=//evil.test onerror=a()&gt;"),
        ("<!-- a -->", "&lt;!-- a --&gt;"),
        ("`<b>`", "&lt;b&gt;"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("# <b>", "&lt;b&gt;"),
        ("![<b>](https://a.test)", "&lt;b&gt;"),
    ] {
        assert!(html(text).contains(shown), "{text} became {}", html(text));
        assert_no_stranger(&html(text));
    }
    let described = html("![\" onerror=\"a()](p.png)");
    assert!(described.contains("alt=\"&quot; onerror=&quot;a()\""), "{described}");
}

#[test]
fn a_link_out_leads_to_our_page_and_is_named_and_a_picture_from_elsewhere_is_its_description() {
    let way = "<a href=\"/.leave?from=%2Findex%2Emd&to=https%3A%2F%2Fevil%2Etest%2F";
    let named = "<span class=\"out\" dir=\"ltr\">[https://evil.test/?a&amp;b]</span></p>";
    let out = html("[x](https://evil.test/?a&b)");
    assert_eq!(out, format!("<p dir=\"auto\">{way}%3Fa%26b\">x</a> {named}"));
    assert_eq!(html("![x](https://evil.test/?a&b)"), format!("<p dir=\"auto\">x {named}"));
    let bare = html("<https://evil.test/>");
    assert_eq!(bare, format!("<p dir=\"auto\">{way}\">https://evil.test/</a></p>"));
    let magnet = "<p dir=\"auto\">x <span class=\"out\" dir=\"ltr\">[magnet:?xt=a]</span></p>";
    assert_eq!(html("[x](magnet:?xt=a)"), magnet);
    for nowhere in ["javascript:a()", "data:a", "//evil.test", "no.md", "file:///a"] {
        assert_eq!(html(&format!("[x](<{nowhere}>)")), "<p dir=\"auto\">x</p>", "{nowhere}");
        assert_eq!(html(&format!("![x](<{nowhere}>)")), "<p dir=\"auto\">x</p>", "{nowhere}");
    }
    assert_eq!(html("![x](a.md)"), "<p dir=\"auto\">x</p>", "a page is no picture");
}

#[test]
fn the_first_heading_is_the_title_and_parts_have_names_of_their_own() {
    let page = drawn("a\n\n## Über *uns*\n\n# B\n\n# b\n\n# b-2\n\n# ?\n\n# !");
    assert_eq!(page.title.as_deref(), Some("Über uns"));
    let names: Vec<_> =
        page.html.split("id=\"").skip(1).map(|rest| rest.split('"').next()).collect();
    assert_eq!(names, ["über-uns", "b", "b-1", "b-2", "-1", "-2"].map(Some));
    assert_eq!(title("a\n\n## Über *uns*\n\n# B").as_deref(), Some("Über uns"));
    assert_eq!((drawn("a").title, title("a"), title("#"), title("")), (None, None, None, None));
}

/// Every element is one of ours with attributes of ours, and all are closed in turn.
fn assert_no_stranger(html: &str) {
    const ELEMENTS: [&str; 25] = [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "code",
        "ul",
        "ol",
        "li",
        "em",
        "strong",
        "del",
        "a",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
    ];
    let mut open: Vec<&str> = vec![];
    for part in html.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
            continue;
        }
        if !["br", "hr", "img"].contains(&name) {
            assert!(ELEMENTS.contains(&name), "{name} in {html}");
            open.push(name);
        }
        for attribute in attributes.split("\" ").filter(|text| !text.is_empty()) {
            let (key, value) = attribute.split_once("=\"").expect("a value");
            let value = value.trim_end_matches('"');
            match key {
                "href" | "src" => {
                    assert!(value.starts_with('/') && !value.starts_with("//"), "{value}");
                }
                "alt" | "id" | "class" | "dir" | "start" | "tabindex" | "loading" | "scope" => {}
                _ => panic!("{key} in {html}"),
            }
        }
    }
    assert!(open.is_empty(), "{open:?} in {html}");
}

#[test]
fn a_table_that_is_too_deep_is_its_words() {
    for depth in DEPTH_MAX - 6..DEPTH_MAX + 2 {
        let quotes = "> ".repeat(depth);
        let html = html(&format!("{quotes}|a|\n{quotes}|-|\n{quotes}|b|"));
        assert_no_stranger(&html);
        assert_eq!(html.contains("<table>"), html.contains("<td"), "{html}");
        assert!(html.contains('a') && html.contains('b'), "{html}");
    }
}

#[test]
fn no_text_is_deeper_longer_or_slower_than_it_may_be() {
    let length = usize::try_from(SITE_MARKDOWN_MAX).unwrap();
    let links = "[a]: https://evil.test/".to_owned() + &"b".repeat(1900) + "\n\n";
    let table = "|a".repeat(2000) + "\n" + &"|-".repeat(2000) + "\n";
    for (start, part) in [
        ("", "> "),
        ("", "- "),
        ("", "["),
        ("", "!["),
        ("", "*a **b "),
        ("", "`a"),
        ("", "<a "),
        ("", "<!--"),
        ("", "&amp"),
        ("", "# a\n"),
        ("", "\\"),
        ("", "[a](<"),
        ("", "- a\n"),
        ("", "1. "),
        (&*links, "[a]"),
        (&*table, "|\n"),
    ] {
        let text = start.to_owned() + &part.repeat((length - start.len()) / part.len());
        let since = Instant::now();
        let html = html(&text);
        assert!(since.elapsed() < Duration::from_secs(20), "{part} takes {:?}", since.elapsed());
        assert!(html.len() < PAGE_MAX + (1 << 20), "{part} becomes {}", html.len());
        let deepest = html.split('<').scan(0_i32, |depth, tag| {
            *depth += if tag.starts_with('/') { -1 } else { i32::from(!tag.is_empty()) };
            Some(*depth)
        });
        let flat = html.matches("<br>").count() + html.matches("<hr>").count();
        assert!(deepest.max() <= Some(2 * DEPTH_MAX as i32 + flat as i32), "{part}");
    }
}

proptest! {
    #[test]
    fn whatever_a_text_is_nothing_but_our_elements_comes_of_it(
        text in "([a-z <>&\"'\\[\\]()!#*_`~|:\\-\\\\\n\t/.0-9é\u{202e}]|<script>|javascript:|\\]\\(|\\|-\\|\n|    |p\\.png|a\\.md|https://){0,60}"
    ) {
        assert_no_stranger(&html(&text));
    }

    #[test]
    fn any_letters_are_a_text(text in any::<String>()) {
        assert_no_stranger(&html(&text));
        title(&text);
    }
}
