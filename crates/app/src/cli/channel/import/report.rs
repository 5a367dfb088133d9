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
use crate::{failure::Failure, importing::NoPicture};

/// So many are shown to a person who names no file.
const SHOWN: u64 = 20;

/// How many were left out, by the words for the reasons.
pub(super) struct LeftOut {
    pub(super) records: BTreeMap<String, u64>,
    pub(super) pictures: BTreeMap<String, u64>,
}

/// Notes what is left out.
pub(super) struct Report {
    file: Option<(PathBuf, BufWriter<File>)>,
    output: Output,
    counts: BTreeMap<String, u64>,
    no_pictures: BTreeMap<String, u64>,
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
        let name = place.map_or_else(|| dropped.name.clone(), |place| place.display().to_string());
        self.left_out(dropped.line, &name, dropped.why.code(), &dropped.why.to_string());
    }

    /// Notes a record by its line and name.
    pub(super) fn left_out(&mut self, line: u64, name: &str, code: &str, why: &str) {
        *self.counts.entry(code.to_owned()).or_default() += 1;
        self.write(line, name, code, why);
        let object =
            json!({"event": "dropped", "line": line, "name": name, "code": code, "why": why});
        self.output.object(&object);
        self.show(self.total(), &format!("left out: line {line}: {name}: {why}"));
    }

    /// Notes a picture; its title stays.
    pub(super) fn no_picture(&mut self, one: &NoPicture) {
        let NoPicture { line, name, picture, file, code, why } = one;
        *self.no_pictures.entry(code.clone()).or_default() += 1;
        self.write(*line, name, &format!("{picture}_{code}"), &format!("{file}: {why}"));
        self.output.object(&json!({
            "event": "picture_left_out", "line": line, "name": name, "picture": picture, "file": file,
            "code": code, "why": why,
        }));
        let total = self.no_pictures.values().sum();
        self.show(total, &format!("without {picture}: line {line}: {name}: {file}: {why}"));
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
