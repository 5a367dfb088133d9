//! Cue text: from tags of many kinds to the few that WebVTT shows safely.
//!
//! The result is built from nothing: characters are escaped one by one, and the only tags in it are the ones
//! written here, closed in order.

/// Characters that one cue may show; more is no subtitle but an attack on the layout.
const CHARS_MAX: usize = 2_000;
/// Lines that one cue may show.
const LINES_MAX: usize = 16;

/// A style that survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Bold,
    Italic,
    Underlined,
}

impl Style {
    fn letter(self) -> char {
        match self {
            Self::Bold => 'b',
            Self::Italic => 'i',
            Self::Underlined => 'u',
        }
    }

    /// The style of an HTML tag's name.
    fn named(name: &str) -> Option<Self> {
        match name {
            "b" | "strong" => Some(Self::Bold),
            "i" | "em" => Some(Self::Italic),
            "u" => Some(Self::Underlined),
            _ => None,
        }
    }
}

/// A cue's text under construction.
#[derive(Debug, Default)]
pub(super) struct CueText {
    text: String,
    open: Vec<Style>,
    chars: usize,
    visible: usize,
    lines: usize,
    /// A line break that is written before the next character.
    breaks: bool,
}

impl CueText {
    /// Adds one character, escaped; controls are dropped, and nothing is added beyond the limits.
    pub(super) fn push(&mut self, c: char) {
        if self.chars >= CHARS_MAX {
            return;
        }
        match c {
            '\n' => {
                self.breaks = !self.text.is_empty();
                return;
            }
            c if c.is_control() && c != '\t' => return,
            _ => self.break_line(),
        }
        match c {
            '&' => self.text.push_str("&amp;"),
            '<' => self.text.push_str("&lt;"),
            '>' => self.text.push_str("&gt;"),
            '\t' => self.text.push(' '),
            c => self.text.push(c),
        }
        self.chars += 1;
        self.visible += usize::from(!c.is_whitespace());
    }

    /// Writes the line break that was asked for, now that something follows it: an empty line would end the
    /// cue.
    fn break_line(&mut self) {
        if std::mem::take(&mut self.breaks) {
            let within = self.lines + 1 < LINES_MAX;
            self.text.push(if within { '\n' } else { ' ' });
            self.lines += 1;
        }
    }

    /// Begins a style, unless it is on already.
    pub(super) fn open(&mut self, style: Style) {
        if !self.open.contains(&style) {
            self.break_line();
            self.open.push(style);
            self.text.extend(['<', style.letter(), '>']);
        }
    }

    /// Ends a style; styles opened inside it end with it and begin again, so that tags stay nested.
    pub(super) fn close(&mut self, style: Style) {
        let Some(at) = self.open.iter().position(|&open| open == style) else { return };
        let inner = self.open.split_off(at);
        inner.iter().rev().for_each(|style| self.write_end(*style));
        inner.into_iter().skip(1).for_each(|style| self.open(style));
    }

    fn write_end(&mut self, style: Style) {
        self.text.extend(['<', '/', style.letter(), '>']);
    }

    /// The finished text; empty if nothing can be seen.
    pub(super) fn finish(mut self) -> String {
        while let Some(style) = self.open.pop() {
            self.write_end(style);
        }
        if self.visible == 0 {
            return String::new();
        }
        let lines = self.text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Cue text from SRT or WebVTT: `<i>`, `<b>`, `<u>` and their ASS cousins kept, every other tag left out.
pub(super) fn from_html(raw: &str) -> String {
    let mut out = CueText::default();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '<' => tag(rest).map(|name| apply_tag(&mut out, name)),
            '&' => entity(rest).map(|(c, len)| {
                out.push(c);
                len
            }),
            // ASS overrides occur in SRT files: position, style, colour.
            '{' if rest.starts_with("{\\") => rest.find('}').map(|end| end + 1),
            _ => None,
        };
        if skipped.is_none() {
            out.push(c);
        }
        rest = &rest[skipped.unwrap_or(c.len_utf8())..];
    }
    out.finish()
}

/// The inside of the tag at the beginning of the text, if what stands there is one.
fn tag(text: &str) -> Option<&str> {
    let inside = &text[1..];
    let first = inside.chars().next()?;
    let opens = first.is_ascii_alphanumeric() || matches!(first, '/' | '!' | '?');
    // A tag that never ends hides nothing: its text is shown.
    let end = inside.find('>').filter(|_| opens)?;
    Some(&inside[..end])
}

/// Applies a tag, and returns the length of it with its brackets.
fn apply_tag(out: &mut CueText, inside: &str) -> usize {
    let (name, closes) = inside.strip_prefix('/').map_or((inside, false), |name| (name, true));
    let name = name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    let name = name.to_ascii_lowercase();
    match (Style::named(&name), closes) {
        (Some(style), false) => out.open(style),
        (Some(style), true) => out.close(style),
        (None, _) if name == "br" => out.push('\n'),
        (None, _) => {}
    }
    inside.len() + 2
}

/// The character that an entity stands for, and the entity's length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(10).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "#39" => '\'',
        "nbsp" => '\u{A0}',
        "lrm" => '\u{200E}',
        "rlm" => '\u{200F}',
        _ => numeric(name)?,
    };
    Some((c, end + 1))
}

fn numeric(name: &str) -> Option<char> {
    let digits = name.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    char::from_u32(code.ok()?)
}
