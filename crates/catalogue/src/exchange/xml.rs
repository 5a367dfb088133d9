//! Elements of XML files of strangers: no document types, no entities of their own, bounded in depth and length.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    RECORD_MAX, Unreadable,
    entry::{Lines, shortened},
};

/// Elements within elements that are kept.
const DEPTH_MAX: usize = 16;
/// Elements of one record.
const ELEMENTS_MAX: usize = 4096;
/// Attributes of one element that are looked at.
const ATTRIBUTES_MAX: usize = 64;

/// An element with everything in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name with its prefix.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// The text directly in it.
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The children of these names, in their order.
    pub(super) fn all<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(|child| names.contains(&child.name.as_str()))
    }

    /// The text of the first child of one of these names that has any, the first name preferred.
    pub(super) fn text_of(&self, names: &[&str]) -> Option<&str> {
        let text = |name: &&str| {
            let found = self.children.iter().find(|one| one.name == **name);
            found.map(|one| one.text.trim()).filter(|text| !text.is_empty())
        };
        names.iter().find_map(text)
    }
}

/// Reads elements out of a text, one after the other.
pub(super) struct Elements<'a> {
    text: &'a str,
    /// Elements around that have not ended.
    around: usize,
    reader: Reader<&'a [u8]>,
    lines: Lines,
}

/// An element and the line it begins in; a text if only this element cannot be used.
pub(super) type Placed = (u64, Result<Element, String>);

/// Why an element is none that can be used.
pub(super) enum Bad {
    /// It is too large, too deep, or names an entity: the rest of the file may be used.
    Record(String),
    /// The file is no XML from here on.
    File(Unreadable),
}

impl<'a> Elements<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, around: 0, reader: Reader::from_str(text), lines: Lines::default() }
    }

    /// Goes on to the next element of one of these names and reads it; with its line. None at the end of the file.
    pub(super) fn next(&mut self, names: &[&str]) -> Result<Option<Placed>, Unreadable> {
        loop {
            let begins = self.reader.buffer_position();
            match self.event()? {
                Event::Eof if self.around > 0 => return Err(self.torn()),
                Event::Eof => return Ok(None),
                Event::DocType(_) => return Err(Unreadable::DocumentType),
                Event::Decl(decl) => {
                    check_encoding(decl.encoding().and_then(Result::ok).as_deref())?;
                }
                Event::Start(start) if is_named(&start, names) => {
                    let line = self.line(begins);
                    return self.element(&start).map(|element| Some((line, element)));
                }
                Event::Empty(start) if is_named(&start, names) => {
                    let line = self.line(begins);
                    return Ok(Some((line, opened(&start))));
                }
                Event::Start(_) => self.around += 1,
                Event::End(_) => self.around = self.around.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// What is torn is used in no part.
    fn torn(&mut self) -> Unreadable {
        let line = self.line(self.text.len() as u64);
        Unreadable::Malformed { line, why: "it ends too early".to_owned() }
    }

    fn line(&mut self, place: u64) -> u64 {
        self.lines.line(self.text.as_bytes(), usize::try_from(place).unwrap_or(usize::MAX))
    }

    fn event(&mut self) -> Result<Event<'a>, Unreadable> {
        let read = self.reader.read_event();
        read.map_err(|error| {
            let place = self.reader.error_position();
            Unreadable::Malformed { line: self.line(place), why: shortened(&error.to_string()) }
        })
    }

    fn element(&mut self, start: &BytesStart<'a>) -> Result<Result<Element, String>, Unreadable> {
        let begins = self.reader.buffer_position();
        match self.tree(start, begins) {
            Ok(element) => Ok(Ok(element)),
            Err(Bad::File(unreadable)) => Err(unreadable),
            Err(Bad::Record(why)) => Ok(Err(why)),
        }
    }

    /// Reads an element to its end without recursion; what is wrong in it is told after its end was reached.
    fn tree(&mut self, start: &BytesStart<'a>, begins: u64) -> Result<Element, Bad> {
        let mut wrong = None;
        let mut open = vec![opened(start).unwrap_or_else(|why| {
            wrong = Some(why);
            Element::default()
        })];
        let (mut depth, mut elements) = (1_usize, 1_usize);
        loop {
            let event = self.event().map_err(Bad::File)?;
            elements += usize::from(matches!(event, Event::Start(_) | Event::Empty(_)));
            if self.reader.buffer_position() - begins > RECORD_MAX as u64 {
                wrong.get_or_insert_with(|| "it is longer than 256 KiB".to_owned());
            } else if depth > DEPTH_MAX || elements > ELEMENTS_MAX {
                wrong.get_or_insert_with(|| "it has too many elements within elements".to_owned());
            }
            match event {
                Event::Eof => return Err(Bad::File(self.torn())),
                Event::DocType(_) => return Err(Bad::File(Unreadable::DocumentType)),
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return finished(open, wrong);
            }
            if wrong.is_none() {
                wrong = grow(&mut open, &event).err();
            }
        }
    }
}

fn finished(mut open: Vec<Element>, wrong: Option<String>) -> Result<Element, Bad> {
    match (wrong, open.pop()) {
        (None, Some(element)) => Ok(element),
        (wrong, _) => Err(Bad::Record(wrong.unwrap_or_default())),
    }
}

/// Puts what comes next where it belongs.
fn grow(open: &mut Vec<Element>, event: &Event<'_>) -> Result<(), String> {
    match event {
        Event::Start(start) => open.push(opened(start)?),
        Event::Empty(start) => {
            let child = opened(start)?;
            if let Some(parent) = open.last_mut() {
                parent.children.push(child);
            }
        }
        Event::End(_) if open.len() > 1 => {
            let child = open.pop().unwrap_or_default();
            if let Some(parent) = open.last_mut() {
                parent.children.push(child);
            }
        }
        Event::Text(text) => push(open, &text.xml10_content().map_err(|why| why.to_string())?),
        Event::CData(text) => push(open, &text.xml10_content().map_err(|why| why.to_string())?),
        Event::GeneralRef(reference) => push(open, &resolved(reference)?),
        _ => {}
    }
    Ok(())
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// What `&…;` stands for: the five that XML knows, and characters by number. Nothing else is looked up.
fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    let name = reference.decode().map_err(|why| why.to_string())?;
    let number = |text: &str| match text.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    let known = match &*name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        other => other.strip_prefix('#').and_then(number).and_then(char::from_u32),
    };
    let unknown = || format!("it names the entity `{}`, which is not read", shortened(&name));
    known.map(String::from).ok_or_else(unknown)
}

fn is_named(start: &BytesStart<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| name.as_bytes() == start.name().as_ref())
}

/// An element with its attributes and nothing in it yet.
fn opened(start: &BytesStart<'_>) -> Result<Element, String> {
    if start.len() > RECORD_MAX {
        return Err("it is longer than 256 KiB".to_owned());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut element = Element { name: text(start.name().as_ref()), ..Element::default() };
    for attribute in start.attributes().take(ATTRIBUTES_MAX) {
        let attribute = attribute.map_err(|why| why.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|why| why.to_string())?.into_owned();
        element.attributes.push((text(attribute.key.as_ref()), value));
    }
    Ok(element)
}

fn check_encoding(named: Option<&[u8]>) -> Result<(), Unreadable> {
    match named {
        Some(named)
            if !named.eq_ignore_ascii_case(b"utf-8")
                && !named.eq_ignore_ascii_case(b"us-ascii") =>
        {
            Err(Unreadable::Encoding)
        }
        _ => Ok(()),
    }
}
