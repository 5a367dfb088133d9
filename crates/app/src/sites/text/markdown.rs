//! A text as the inside of a page: headings, paragraphs, lists, quotes, code, tables, links and pictures. What is HTML in
//! it is shown as text.
//!
//! The parser is linear in what it reads and calls itself for nothing; a text has a largest length, and what is made of it
//! has a largest length and depth.

use std::collections::BTreeMap;

use catalogue::channel::{Files, PagePath};
use html_escape::{encode_double_quoted_attribute, encode_text};
use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
};

use super::{
    super::leaving::way_out,
    links::{self, Way},
};

/// Elements that are open at one time; what lies deeper is in the innermost of them.
const DEPTH_MAX: usize = 32;
/// The longest page, bytes. A text that makes more of itself ends there.
const PAGE_MAX: usize = 8 << 20;
/// The longest name of a part of a page, characters.
const NAME_MAX: usize = 80;
/// The longest title, characters.
const TITLE_MAX: usize = 200;

/// What a text became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inside {
    /// Its first heading.
    pub(super) title: Option<String>,
    /// The elements.
    pub(super) html: String,
}

/// Draws a text that is at this place of a site.
pub(super) fn inside(text: &str, here: &PagePath, files: &Files) -> Inside {
    let mut drawing = Drawing::new(here, files);
    for event in read(text) {
        drawing.take(event);
        if drawing.html.len() > PAGE_MAX {
            break;
        }
    }
    drawing.finish()
}

/// The first heading of a text.
pub(super) fn title(text: &str) -> Option<String> {
    let mut heading: Option<String> = None;
    for event in read(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(title)) => return shortened(title),
            (Event::Text(words) | Event::Code(words), Some(title)) => title.push_str(&words),
            (Event::SoftBreak | Event::HardBreak, Some(title)) => title.push(' '),
            _ => {}
        }
    }
    None
}

fn shortened(title: &str) -> Option<String> {
    let title: String = title.trim().chars().take(TITLE_MAX).collect();
    (!title.is_empty()).then_some(title)
}

fn read(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// A page that is being made.
struct Drawing<'a> {
    here: &'a PagePath,
    files: &'a Files,
    html: String,
    /// How to close each open element, from the outermost; nothing for those that are not shown.
    open: Vec<Option<String>>,
    /// The heading that is open, and where it begins.
    heading: Option<(usize, String)>,
    title: Option<String>,
    /// How often a name of a part was given.
    names: BTreeMap<String, usize>,
    picture: Option<Picture<'a>>,
    table: Table,
}

/// A picture whose description is read.
struct Picture<'a> {
    link: CowStr<'a>,
    description: String,
    /// Elements that are open inside the description.
    depth: usize,
}

/// The table that is open.
#[derive(Default)]
struct Table {
    alignment: Vec<Alignment>,
    column: usize,
    is_head: bool,
}

impl<'a> Drawing<'a> {
    fn new(here: &'a PagePath, files: &'a Files) -> Self {
        Self {
            here,
            files,
            html: String::new(),
            open: vec![],
            heading: None,
            title: None,
            names: BTreeMap::new(),
            picture: None,
            table: Table::default(),
        }
    }

    fn finish(mut self) -> Inside {
        while let Some(closing) = self.open.pop() {
            self.html.push_str(&closing.unwrap_or_default());
        }
        Inside { title: self.title, html: self.html }
    }

    fn take(&mut self, event: Event<'a>) {
        if let Some(picture) = &mut self.picture {
            if picture.take(&event) {
                self.show_picture();
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) => {
                self.html.push_str("<code dir=\"ltr\">");
                self.text(&code);
                self.html.push_str("</code>");
            }
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.html.push_str("<br>"),
            Event::Rule => self.html.push_str("<hr>"),
            // Nothing of it is asked for.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, words)) = &mut self.heading {
            words.push_str(text);
        }
        self.html.push_str(&encode_text(text));
    }

    fn open(&mut self, opening: &str, closing: impl Into<String>) {
        self.open_with_room(0, opening, closing);
    }

    /// Opens an element that is nothing without so many others in it.
    fn open_with_room(&mut self, room: usize, opening: &str, closing: impl Into<String>) {
        let is_in_shown = self.open.last().is_none_or(Option::is_some);
        let fits = is_in_shown && self.open.len() + room < DEPTH_MAX;
        self.html.push_str(if fits { opening } else { "" });
        self.open.push(fits.then(|| closing.into()));
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.open("<p dir=\"auto\">", "</p>"),
            Tag::Heading { .. } => {
                self.heading = Some((self.html.len(), String::new()));
                self.open("", "");
            }
            Tag::BlockQuote(_) => self.open("<blockquote>", "</blockquote>"),
            Tag::CodeBlock(_) => {
                self.open("<pre tabindex=\"0\" dir=\"ltr\"><code>", "</code></pre>");
            }
            Tag::List(None) => self.open("<ul>", "</ul>"),
            Tag::List(Some(first)) => self.open(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::Item => self.open("<li dir=\"auto\">", "</li>"),
            Tag::Emphasis => self.open("<em>", "</em>"),
            Tag::Strong => self.open("<strong>", "</strong>"),
            Tag::Strikethrough => self.open("<del>", "</del>"),
            Tag::Link { link_type, dest_url, .. } => self.link(link_type, &dest_url),
            Tag::Image { dest_url, .. } => {
                let description = String::new();
                self.picture = Some(Picture { link: dest_url, description, depth: 0 });
            }
            Tag::Table(alignment) => {
                self.table = Table { alignment, ..Table::default() };
                let closing = "</tbody></table></div>";
                self.open_with_room(3, "<div class=\"wide\" tabindex=\"0\"><table>", closing);
            }
            Tag::TableHead => {
                (self.table.column, self.table.is_head) = (0, true);
                self.open("<thead><tr>", "</tr></thead><tbody>");
            }
            Tag::TableRow => {
                (self.table.column, self.table.is_head) = (0, false);
                self.open("<tr>", "</tr>");
            }
            Tag::TableCell => self.cell(),
            _ => self.open("", ""),
        }
    }

    fn cell(&mut self) {
        let alignment = self.table.alignment.get(self.table.column);
        self.table.column += 1;
        let class = match alignment {
            Some(Alignment::Center) => " class=\"middle\"",
            Some(Alignment::Right) => " class=\"end\"",
            _ => "",
        };
        match self.table.is_head {
            true => self.open(&format!("<th scope=\"col\" dir=\"auto\"{class}>"), "</th>"),
            false => self.open(&format!("<td dir=\"auto\"{class}>"), "</td>"),
        }
    }

    fn link(&mut self, kind: LinkType, link: &str) {
        match links::way(link, self.here, self.files) {
            Way::Within(to) => self.open(&format!("<a href=\"{to}\">"), "</a>"),
            Way::Out(address) => {
                let (open, close) = match way_out(&address, &format!("/{}", &**self.here)) {
                    Some(way) => (format!("<a href=\"{way}\">"), "</a>"),
                    None => (String::new(), ""),
                };
                // One that is written as it is needs no other name.
                let named = kind != LinkType::Autolink;
                let address = if named { outward(&address) } else { String::new() };
                self.open(&open, format!("{close}{address}"));
            }
            Way::Nowhere => self.open("", ""),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        let closing = self.open.pop().flatten();
        self.html.push_str(&closing.unwrap_or_default());
        if let TagEnd::Heading(level) = tag {
            self.end_heading(level);
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let Some((from, words)) = self.heading.take() else { return };
        let inner = self.html.split_off(from);
        let name = self.name(&words);
        self.title = self.title.take().or_else(|| shortened(&words));
        self.html.push_str(&format!("<{level} id=\"{name}\" dir=\"auto\">{inner}</{level}>"));
    }

    /// A name for a part of the page, by its heading: letters and digits alone, and no two the same.
    fn name(&mut self, heading: &str) -> String {
        let letters = heading.trim().chars().take(NAME_MAX).filter_map(|letter| match letter {
            letter if letter.is_alphanumeric() => Some(letter),
            letter if letter.is_whitespace() || "-_".contains(letter) => Some('-'),
            _ => None,
        });
        let name = letters.collect::<String>().to_lowercase();
        let mut count =
            self.names.get(&name).copied().unwrap_or_else(|| usize::from(name.is_empty()));
        let mut free = if count == 0 { name.clone() } else { format!("{name}-{count}") };
        while count > 0 && self.names.contains_key(&free) {
            count += 1;
            free = format!("{name}-{count}");
        }
        self.names.insert(name, count + 1);
        self.names.entry(free.clone()).or_insert(1);
        free
    }

    fn show_picture(&mut self) {
        let Some(Picture { link, description, .. }) = self.picture.take() else { return };
        let file = links::file(&link, self.here, self.files);
        if let Some(file) = file.filter(|file| file.media().is_picture()) {
            let described = encode_double_quoted_attribute(&description);
            let picture =
                format!("<img src=\"/{}\" alt=\"{described}\" loading=\"lazy\">", &**file);
            self.html.push_str(&picture);
            return;
        }
        self.text(&description);
        if let Way::Out(address) = links::way(&link, self.here, self.files) {
            self.html.push_str(&outward(&address));
        }
    }
}

/// Whoever wants to go there can read where that is.
fn outward(address: &str) -> String {
    format!(" <span class=\"out\" dir=\"ltr\">[{}]</span>", encode_text(address))
}

impl Picture<'_> {
    /// Reads on; says whether the description ends.
    fn take(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) if self.depth == 0 => return true,
            Event::End(_) => self.depth -= 1,
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.description.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => self.description.push(' '),
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests;
