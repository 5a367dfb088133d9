//! `kinora channel add` of a film that the channel has already: what is said, and what may be meant.

use catalogue::{BadText, Id, channel::RecordId};
use channels::IfThere;
use serde_json::{Value, json};

use super::super::output::printable;
use crate::{
    failure::{Exit, Failure},
    masters::FilmThere,
};

/// What is meant if the channel has the film already.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct DoubleArgs {
    /// Describe this title anew, by its id, in place of making one; what you do not say of it stays
    #[arg(long, value_name = "TITLE", conflicts_with = "again", value_parser = id)]
    update: Option<Id>,
    /// Make one more title even if the channel has the film already
    #[arg(long)]
    again: bool,
}

fn id(written: &str) -> Result<Id, BadText> {
    Id::try_from(written.to_owned())
}

impl DoubleArgs {
    pub(super) fn if_there(&self) -> IfThere {
        match &self.update {
            Some(title) => IfThere::Update(RecordId::of(title)),
            None if self.again => IfThere::Add,
            None => IfThere::Tell,
        }
    }

    /// The same for a server.
    pub(super) fn put_into(&self, body: &mut Value) {
        body["update"] = json!(self.update.as_deref());
        body["again"] = json!(self.again);
    }
}

/// The channel has the film, and nobody said what is meant.
pub(super) fn there(titles: Vec<FilmThere>) -> Failure {
    let named: Vec<_> = titles
        .iter()
        .map(|one| {
            let part = if one.episode.is_some() { "an episode of " } else { "" };
            format!("{part}\"{}\" ({})", printable(&one.name), one.title)
        })
        .collect();
    let message = format!("The channel has this film already: {}.", named.join(", "));
    // A film cannot take the place of a series.
    let single = titles.iter().find(|one| one.episode.is_none());
    let update = single.map(|one| {
        format!(
            "--update {} to change that title, which viewers keep their place in, or ",
            one.title
        )
    });
    let hint = format!("Say {}--again to add one more title.", update.unwrap_or_default());
    Failure { titles, ..Failure::new(Exit::Refused, "film_there", message, hint) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_series_is_offered_to_be_updated() {
        let one = |title: &str, episode: Option<&str>| FilmThere {
            title: title.to_owned(),
            name: "Harbour".to_owned(),
            episode: episode.map(str::to_owned),
            waiting: false,
        };
        let failure = there(vec![one("a", Some("e")), one("b", None)]);
        assert!(failure.message.contains("an episode of \"Harbour\" (a), \"Harbour\" (b)"));
        assert!(failure.hint.contains("--update b "), "{}", failure.hint);
        let failure = there(vec![one("a", Some("e"))]);
        assert!(!failure.hint.contains("--update"), "{}", failure.hint);
    }
}
