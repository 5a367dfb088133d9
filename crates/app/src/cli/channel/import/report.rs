//! What an import leaves out: each record with its line and the reason, in a file, on standard output, or the first few.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use catalogue::exchange::Dropped;
use serde_json::json;

use super::super::super::{
    output::{Output, printable},
    visit,
};
use crate::failure::Failure;

/// So many are shown to a person who names no file.
const SHOWN: u64 = 20;

/// A picture that a title goes without.
pub(super) struct NoPicture<'a> {
    /// The line of its title.
    pub(super) line: u64,
    /// What its title calls itself, or the file it stands in.
    pub(super) name: &'a str,
    /// Which one: poster, backdrop or still.
    pub(super) which: &'static str,
    /// What the list says of it.
    pub(super) written: &'a str,
    /// A word for the reason.
    pub(super) code: &'static str,
    /// The reason.
    pub(super) why: &'a str,
}

/// How many were left out, by the words for the reasons.
pub(super) struct LeftOut {
    pub(super) records: BTreeMap<&'static str, u64>,
    pub(super) pictures: BTreeMap<&'static str, u64>,
}

/// Notes what is left out.
pub(super) struct Report {
    file: Option<(PathBuf, BufWriter<File>)>,
    output: Output,
    counts: BTreeMap<&'static str, u64>,
    no_pictures: BTreeMap<&'static str, u64>,
    failed: Option<std::io::Error>,
}

impl Report {
    pub(super) fn open(path: Option<&Path>, output: Output) -> Result<Self, Failure> {
        let file = path.map(|path| {
            let file = File::create(path).map_err(|error| visit::denied(path, &error))?;
            let mut file = BufWriter::new(file);
            writeln!(file, "line,name,code,reason").map_err(|error| visit::denied(path, &error))?;
            Ok((path.to_owned(), file))
        });
        Ok(Self {
            file: file.transpose()?,
            output,
            counts: BTreeMap::new(),
            no_pictures: BTreeMap::new(),
            failed: None,
        })
    }

    /// How many were left out.
    pub(super) fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Notes one of them; `place` is the file it stands in, if there are several.
    pub(super) fn drop(&mut self, place: Option<&Path>, dropped: &Dropped) {
        let (code, why) = (dropped.why.code(), dropped.why.to_string());
        *self.counts.entry(code).or_default() += 1;
        let name = place.map_or_else(|| dropped.name.clone(), |place| place.display().to_string());
        let line = dropped.line;
        self.write(line, &name, code, &why);
        let object =
            json!({"event": "dropped", "line": line, "name": name, "code": code, "why": why});
        self.output.object(&object);
        self.show(self.total(), &format!("left out: line {line}: {name}: {why}"));
    }

    /// Notes a picture; its title stays.
    pub(super) fn no_picture(&mut self, one: &NoPicture<'_>) {
        let NoPicture { line, name, which, written, code, why } = *one;
        *self.no_pictures.entry(code).or_default() += 1;
        self.write(line, name, &format!("{which}_{code}"), &format!("{written}: {why}"));
        self.output.object(&json!({
            "event": "picture_left_out", "line": line, "name": name, "picture": which, "file": written,
            "code": code, "why": why,
        }));
        let total = self.no_pictures.values().sum();
        self.show(total, &format!("without {which}: line {line}: {name}: {written}: {why}"));
    }

    fn write(&mut self, line: u64, name: &str, code: &str, why: &str) {
        if let Some((_, file)) = &mut self.file {
            let written = writeln!(file, "{line},{},{code},{}", cell(name), cell(why));
            self.failed = written.err().or(self.failed.take());
        }
    }

    /// Shows the first few to a person who names no file.
    fn show(&self, total: u64, line: &str) {
        match total {
            _ if self.file.is_some() => {}
            total if total <= SHOWN => self.output.note(&printable(line)),
            total if total == SHOWN + 1 => {
                self.output.note("… and more: --report FILE names all of them.");
            }
            _ => {}
        }
    }

    /// Ends the file, and says how many records and pictures were left out for which reasons.
    pub(super) fn close(self) -> Result<LeftOut, Failure> {
        if let Some((path, mut file)) = self.file {
            let ended = self.failed.map_or(Ok(()), Err).and_then(|()| file.flush());
            ended.map_err(|error| visit::denied(&path, &error))?;
        }
        Ok(LeftOut { records: self.counts, pictures: self.no_pictures })
    }
}

/// A cell of a spreadsheet that no program takes for a formula.
fn cell(text: &str) -> String {
    let plain: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let guard = if plain.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", plain.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_cell_and_no_formula() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("a\nb"), "\"ab\"");
    }
}
