//! A page around a text: what it is called, the way to the others, and its language.

use catalogue::channel::{Files, PagePath, Theme};
use html_escape::{encode_double_quoted_attribute, encode_text};

use super::{Book, book::name_of, markdown::inside};

/// Where a browser finds the style: no file of a site has such a name.
pub(in super::super) const STYLE: &str = "/.theme.css";
/// Languages that are written from right to left (Unicode CLDR).
const RIGHT_TO_LEFT: [&str; 12] =
    ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"];

/// A text that is shown.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Page<'a> {
    /// What the site is called.
    pub(in super::super) site: &'a str,
    /// How it looks.
    pub(in super::super) theme: &'a Theme,
    /// Which text it is.
    pub(in super::super) here: &'a PagePath,
    /// The files of the site.
    pub(in super::super) files: &'a Files,
    /// What its texts are called.
    pub(in super::super) book: &'a Book,
    /// What the link over the navigation says, and in which language.
    pub(in super::super) skip: (&'a str, &'a str),
}

/// The page of a text.
pub(in super::super) fn draw(text: &str, page: &Page<'_>) -> String {
    let inside = inside(text, page.here, page.files);
    let name = name_of(page.here);
    let heading = match &inside.title {
        Some(_) => String::new(),
        None => format!("<h1 dir=\"auto\">{}</h1>", encode_text(&name)),
    };
    let title = inside.title.as_deref().unwrap_or(&name);
    let language = page.theme.language.primary();
    let direction = if RIGHT_TO_LEFT.contains(&language) { "rtl" } else { "ltr" };
    let (skip, skip_language) = page.skip;
    format!(
        "<!doctype html><html lang=\"{}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <title>{} – {site}</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"{STYLE}\"></head><body>\
         <a class=\"skip\" href=\"#_text\" lang=\"{skip_language}\" dir=\"ltr\">{skip}</a>\
         <header><a href=\"/\" dir=\"auto\">{site}</a></header>{}\
         <main id=\"_text\" tabindex=\"-1\">{heading}{}</main></body></html>",
        encode_double_quoted_attribute(&*page.theme.language),
        encode_text(title),
        navigation(page),
        inside.html,
        site = encode_text(page.site),
    )
}

/// The way to the other texts; nothing if there is none.
fn navigation(page: &Page<'_>) -> String {
    let links = page.book.beside(page.here).map(|(path, title)| {
        let current = if path == page.here { " aria-current=\"page\"" } else { "" };
        let title = encode_text(title);
        format!("<li><a href=\"/{}\" dir=\"auto\"{current}>{title}</a></li>", &**path)
    });
    let links: Vec<String> = links.collect();
    match links.len() {
        0 | 1 => String::new(),
        _ => format!("<nav aria-label=\"Pages\"><ul>{}</ul></nav>", links.concat()),
    }
}
