//! The licence gate: a record becomes a title only with licence, attribution and source.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use crate::{licence::Licence, title::Title};

/// Why a record was dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It names no licence.
    #[error("it names no licence")]
    NoLicence,
    /// It names something that is not a recognised open licence.
    #[error("`{0}` is not a recognised open licence")]
    UnknownLicence(String),
    /// The publisher claims the work as theirs but does not write the permission out.
    #[error("its own licence is claimed without a statement")]
    NoStatement,
    /// It credits nobody.
    #[error("it has no attribution")]
    NoAttribution,
    /// It does not say where the licence can be checked.
    #[error("it names no source")]
    NoSource,
    /// An id in it is taken by an earlier record.
    #[error("the id `{0}` is used twice")]
    DuplicateId(String),
    /// It is not of the record's shape, or over a limit.
    #[error("it is malformed: {0}")]
    Malformed(String),
}

impl Rejection {
    /// A stable word for counting.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoLicence | Self::UnknownLicence(_) | Self::NoStatement => "licence",
            Self::NoAttribution => "attribution",
            Self::NoSource => "source",
            Self::DuplicateId(_) => "duplicate_id",
            Self::Malformed(_) => "malformed",
        }
    }
}

/// A record that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its place in the file's list, from 0.
    pub index: usize,
    /// What it called itself, shortened; a stranger's text.
    pub id: Option<String>,
    /// Why it was dropped.
    pub why: Rejection,
}

#[derive(Deserialize)]
struct Claim {
    id: Option<Value>,
    licence: Option<Value>,
    attribution: Option<Value>,
    source: Option<Value>,
}

/// Lets a record in that is written out as JSON.
pub(crate) fn admit_text(record: &str) -> Result<Title, Rejection> {
    let claim: Claim = serde_json::from_str(record).map_err(|error| malformed(&error))?;
    claimed(&claim)?;
    checked(serde_json::from_str(record).map_err(|error| malformed(&error))?)
}

/// Whether a record names its licence, attribution and source.
pub(crate) fn claims(record: &Map<String, Value>) -> Result<(), Rejection> {
    let field = |name: &str| record.get(name).cloned();
    claimed(&Claim {
        id: None,
        licence: field("licence"),
        attribution: field("attribution"),
        source: field("source"),
    })
}

pub(crate) fn admit(index: usize, record: &RawValue) -> Result<Title, Rejected> {
    let claim: Claim = serde_json::from_str(record.get()).map_err(|error| Rejected {
        index,
        id: None,
        why: malformed(&error),
    })?;
    let id = claim.id.as_ref().and_then(|id| id.as_str()).map(shortened);
    claimed(&claim)
        .and_then(|()| serde_json::from_str::<Title>(record.get()).map_err(|e| malformed(&e)))
        .and_then(checked)
        .map_err(|why| Rejected { index, id, why })
}

fn claimed(claim: &Claim) -> Result<(), Rejection> {
    let licence = text(claim.licence.as_ref()).ok_or(Rejection::NoLicence)?;
    Licence::try_from(licence.to_owned()).map_err(|bad| Rejection::UnknownLicence(bad.0))?;
    text(claim.attribution.as_ref()).ok_or(Rejection::NoAttribution)?;
    text(claim.source.as_ref()).ok_or(Rejection::NoSource)?;
    Ok(())
}

fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

pub(crate) fn checked(title: Title) -> Result<Title, Rejection> {
    if title.licence.needs_statement() && title.licence_statement.is_none() {
        return Err(Rejection::NoStatement);
    }
    title.check().map_err(|why| Rejection::Malformed(why.to_owned()))?;
    Ok(title)
}

fn malformed(error: &serde_json::Error) -> Rejection {
    Rejection::Malformed(shortened(&error.to_string()))
}

fn shortened(raw: &str) -> String {
    raw.chars().filter(|c| !c.is_control()).take(200).collect()
}
