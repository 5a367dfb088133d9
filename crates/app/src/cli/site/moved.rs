//! Whether to go along with a site that moved: said once, and kept as the page's answer is.

use catalogue::channel::{Address, Key};
use channels::SiteError;
use serde_json::{Value, json};

use super::{
    super::{
        follow,
        served::{self, Served},
        visit::{self, Visit},
    },
    Found, OpenArgs, Sites, here_or_newest, of_site,
};
use crate::{
    failure::Failure,
    sites::{Answer, Answers},
};

/// A site that moves more often than that leads nowhere.
const MOVES_MAX: usize = 8;

/// What is done if a site has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum IfMoved {
    /// The new address is opened, now and whenever the old one is asked for
    Go,
    /// The old one is opened as it was, and nobody is asked again
    Stay,
    /// What was said before is forgotten
    Ask,
}

/// The site that is asked for, or the one that it moved to if somebody goes along.
pub(super) async fn settled(
    visit: &Visit,
    sites: &Sites,
    asked: &Address,
    args: &OpenArgs,
) -> Result<Found, Failure> {
    let answers = Answers::new(&sites.root);
    let note = |key: &Key, answer| {
        answers.note(key, answer).map_err(|error| visit::denied(&sites.root, &error))
    };
    match args.if_moved {
        Some(IfMoved::Stay) => note(&asked.key, Some(Answer::Stays))?,
        Some(IfMoved::Ask) => note(&asked.key, None)?,
        Some(IfMoved::Go) | None => {}
    }
    // Whoever said once that they go along with a site that moved is not asked again.
    let goal = answers.goal(asked.key);
    let first = if goal == asked.key { asked.clone() } else { Address::new(goal) };
    let mut found = here_or_newest(visit, sites, &first, args).await;
    if args.if_moved == Some(IfMoved::Go) {
        let mut seen = vec![first.key];
        while let Some(next) = successor(&found).filter(|next| !seen.contains(next)) {
            found = here_or_newest(visit, sites, &Address::new(next), args).await;
            // A site that nobody has now is no reason to forget the old one.
            if let (Some(last), Ok(_) | Err(SiteError::Moved(_))) = (seen.last(), &found) {
                note(last, Some(Answer::Goes(next)))?;
            }
            seen.push(next);
            if seen.len() > MOVES_MAX {
                break;
            }
        }
    }
    found.map_err(|error| of_site(&error))
}

/// Where a site goes on.
fn successor(found: &Result<Found, SiteError>) -> Option<Key> {
    match found {
        Ok(Found::Newest(visited) | Found::Kept(visited) | Found::Here(visited)) => {
            visited.successor
        }
        Err(SiteError::Moved(next)) => Some(*next),
        Err(_) => None,
    }
}

/// The same through a server.
pub(super) async fn opened(args: &OpenArgs, server: &Served) -> Result<Value, Failure> {
    let asked = follow::parse(&args.address)?;
    match args.if_moved {
        Some(IfMoved::Stay) => server.answer_moved(&asked, Some(&Value::Null)).await?,
        Some(IfMoved::Ask) => server.answer_moved(&asked, None).await?,
        Some(IfMoved::Go) | None => {}
    }
    let mut at = asked;
    let open = async |at: &Address| server.open_site(at, args.timeout, args.is_newest()).await;
    let mut answer = open(&at).await?;
    for _ in 0..MOVES_MAX {
        let next = match &answer {
            Ok(site) => {
                // An earlier answer may have led on already.
                at = follow::parse(site["address"].as_str().unwrap_or_default())?;
                site["successor"].as_str()
            }
            Err(moved) => moved["detail"].as_str(),
        };
        let Some(next) = next.filter(|_| args.if_moved == Some(IfMoved::Go)) else { break };
        let next = follow::parse(next)?;
        answer = open(&next).await?;
        server.answer_moved(&at, Some(&json!(next.to_string()))).await?;
        at = next;
    }
    answer.map_err(|problem| served::failure(&problem))
}
