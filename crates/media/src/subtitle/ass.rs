//! ASS and SSA shown as text: the dialogue lines, their bold, italics and underlines; no drawings, no fonts.

use super::{
    BadSubtitle,
    cue::{self, Cue},
    text::{CueText, Style},
};

/// The fields of a dialogue line before its text, when no `Format:` line says otherwise.
const FIELDS: [&str; 10] =
    ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"];
/// Fields that a `Format:` line may name.
const FIELDS_MAX: usize = 32;

/// Where the interesting fields of a dialogue line are.
struct Columns {
    start: usize,
    end: usize,
    count: usize,
}

impl Columns {
    fn new<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let names: Vec<_> =
            names.take(FIELDS_MAX).map(|name| name.trim().to_ascii_lowercase()).collect();
        let at = |wanted| names.iter().position(|name| name == wanted);
        // The text is last, because commas in it do not count.
        (at("text")? + 1 == names.len()).then_some(Self {
            start: at("start")?,
            end: at("end")?,
            count: names.len(),
        })
    }
}

/// Reads all dialogue lines.
pub(super) fn cues(file: &str) -> Result<Vec<Cue>, BadSubtitle> {
    let mut cues = Vec::new();
    let mut in_events = true;
    let mut columns = Columns::new(FIELDS.into_iter()).ok_or(BadSubtitle::Empty)?;
    for line in file.lines().map(str::trim) {
        if line.starts_with('[') {
            in_events = line.eq_ignore_ascii_case("[events]");
        } else if let Some(names) = line.strip_prefix("Format:").filter(|_| in_events) {
            columns = Columns::new(names.split(',')).unwrap_or(columns);
        } else if let Some(cue) = line
            .strip_prefix("Dialogue:")
            .filter(|_| in_events)
            .and_then(|fields| dialogue(fields, &columns))
        {
            cue::push(&mut cues, cue)?;
        }
    }
    Ok(cues)
}

fn dialogue(line: &str, columns: &Columns) -> Option<Cue> {
    let fields: Vec<_> = line.splitn(columns.count, ',').collect();
    Some(Cue {
        start_ms: stamp(fields.get(columns.start)?)?,
        end_ms: stamp(fields.get(columns.end)?)?,
        text: from_ass(fields.get(columns.count - 1)?),
    })
}

/// `H:MM:SS.cc`, in milliseconds.
fn stamp(text: &str) -> Option<u64> {
    let mut fields = text.trim().splitn(3, ':');
    let whole = |field: &str| field.parse::<u32>().ok().map(u64::from);
    let (hours, minutes) = (whole(fields.next()?)?, whole(fields.next()?)?);
    let (seconds, cents) = fields.next()?.split_once('.')?;
    let cents = cents.get(..2).unwrap_or(cents);
    Some(((hours * 60 + minutes) * 60 + whole(seconds)?) * 1000 + whole(cents)? * 10)
}

/// Cue text: `\N`, `\n`, `\h` and override blocks understood.
fn from_ass(raw: &str) -> String {
    let mut out = CueText::default();
    let mut drawing = false;
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let block =
            rest.strip_prefix('{').and_then(|inside| inside.find('}').map(|end| &inside[..end]));
        if let Some(block) = block {
            apply_overrides(&mut out, block, &mut drawing);
            rest = &rest[block.len() + 2..];
            continue;
        }
        let (shown, len) = escape(rest).unwrap_or((c, c.len_utf8()));
        if !drawing {
            out.push(shown);
        }
        rest = &rest[len..];
    }
    out.finish()
}

fn escape(text: &str) -> Option<(char, usize)> {
    match text.get(..2)? {
        "\\N" | "\\n" => Some(('\n', 2)),
        "\\h" => Some(('\u{A0}', 2)),
        _ => None,
    }
}

/// Overrides like `\i1\b0\p1`; all others are for a renderer.
fn apply_overrides(out: &mut CueText, block: &str, drawing: &mut bool) {
    for tag in block.split('\\').skip(1) {
        let Some(name) = tag.chars().next() else { continue };
        // Only a number may follow: `\be1` and `\pos(…)` are other tags.
        let Ok(value) = tag[name.len_utf8()..].trim().parse::<u32>() else { continue };
        let style = match name {
            'b' => Style::Bold,
            'i' => Style::Italic,
            'u' => Style::Underlined,
            'p' => {
                *drawing = value > 0;
                continue;
            }
            _ => continue,
        };
        if value == 0 { out.close(style) } else { out.open(style) }
    }
}
