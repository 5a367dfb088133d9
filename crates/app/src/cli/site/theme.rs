//! How a site of Markdown is to look: `kinora site publish --markdown`.

use catalogue::channel::{Palette, Typeface};
use clap::builder::PossibleValuesParser;

use crate::{
    cli::household::sentence,
    failure::{Exit, Failure},
    sites::{BadTheme, ThemeWish},
};

/// What is given about the theme.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The folder has Markdown and pictures alone; the visitors' Kinora draws its pages
    #[arg(long, conflicts_with = "scripts")]
    markdown: bool,
    /// The colours of the texts, in light and in dark; those of the last version if left out
    #[arg(long, value_name = "NAME", requires = "markdown", value_parser = names(&Palette::ALL))]
    palette: Option<String>,
    /// The letters of the texts
    #[arg(long, value_name = "NAME", requires = "markdown", value_parser = names(&Typeface::ALL))]
    typeface: Option<String>,
    /// The language of the texts, as `en` or `pt-BR`
    #[arg(long, value_name = "TAG", requires = "markdown")]
    language: Option<String>,
}

fn names<T>(all: &[(&'static str, T)]) -> PossibleValuesParser {
    all.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

impl Args {
    /// The theme that is wished for, if it is a site of Markdown.
    pub(super) fn wish(&self) -> Option<ThemeWish> {
        let Self { palette, typeface, language, .. } = self.clone();
        self.markdown.then_some(ThemeWish { palette, typeface, language })
    }
}

/// There is no such theme.
pub(super) fn refused(why: &BadTheme) -> Failure {
    let hint = "`kinora site publish --help` names what there is.";
    Failure::new(Exit::BadInput, "bad_theme", sentence(why), hint)
}
