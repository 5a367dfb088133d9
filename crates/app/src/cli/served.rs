//! Commands about channels while a server holds the data folder: the server does them, and this tells what it said.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use catalogue::channel::Address;
use hyper::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    Shared,
    follow::warn_of_another,
    output::{Output, printable},
};
use crate::{
    failure::{Exit, Failure},
    folder_lock::FolderLock,
    http::{
        client::{Client, ClientError, Lines},
        problem::Code,
    },
    importing::{Imported, News},
};

/// How often the server is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The server that holds the data folder.
pub(super) struct Served(Client);

impl Served {
    /// It, if there is one and it says where.
    pub(super) fn find(shared: &Shared) -> Result<Option<Self>, Failure> {
        let folder = shared.settings(&[])?.data_dir()?;
        let client = FolderLock::holder(&folder).and_then(|url| Client::of_launch(&url));
        Ok(client.map(Self))
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        self.0.ask(method, path, body).await.map_err(refused)
    }

    /// Follows a channel, and waits until it is here.
    pub(super) async fn follow(
        &self,
        address: &Address,
        patience: Duration,
        output: Output,
    ) -> Result<(), Failure> {
        let end = Instant::now() + patience;
        let mut address = address.clone();
        let mut path = format!("/api/v1/channels/{}", address.key);
        let body = json!({"address": address.to_string(), "patience_s": patience.as_secs().max(1)});
        let mut channel = self.ask(Method::POST, "/api/v1/channels", Some(body)).await?;
        loop {
            if !channel["problem"].is_null() {
                return Err(failure(&channel["problem"]));
            }
            if channel["followed"] == true && channel["progress"].is_null() {
                break;
            }
            // It was handed over, and is here under its new address.
            let successor = channel["successor"].as_str().and_then(|text| text.parse().ok());
            if let Some(next) = successor.filter(|_| channel["followed"] == false) {
                address = next;
                path = format!("/api/v1/channels/{}", address.key);
            }
            // The server ends by itself at the same time, and says why.
            if Instant::now() > end + LOOK_EVERY * 10 {
                self.ask(Method::DELETE, &path, None).await?;
                return Err(failure(&json!({"code": Code::ChannelUnreachable.name()})));
            }
            sleep(LOOK_EVERY).await;
            channel = self.ask(Method::GET, &path, None).await?;
        }
        let halted = channel["state"] == "two_versions";
        let object = json!({
            "event": "followed", "address": Address::new(address.key).to_string(),
            "name": channel["name"], "version": channel["version"], "titles": channel["titles"],
            "kind": channel["kind"], "entries": channel["filter"]["entries"], "halted": halted,
        });
        output.say(&object, || {
            let name = printable(channel["name"].as_str().unwrap_or_default());
            let what = match channel["filter"]["entries"].as_u64() {
                Some(entries) => format!("a filter of {entries} entries"),
                None => format!("{} titles", channel["titles"]),
            };
            format!("{name}: version {}, {what}.", channel["version"])
        });
        if let (Some(name), Some(id)) =
            (channel["resembles"]["name"].as_str(), channel["resembles"]["id"].as_str())
        {
            warn_of_another(name, id, output);
        }
        output.note("The server that runs keeps it up to date and alive for others.");
        Ok(())
    }

    /// Ends following a channel.
    pub(super) async fn unfollow(&self, address: &Address) -> Result<(), Failure> {
        let path = format!("/api/v1/channels/{}", address.key);
        self.ask(Method::DELETE, &path, None).await.map(drop)
    }

    /// Takes updates of a channel again in spite of a contradiction.
    pub(super) async fn forgive(&self, address: &Address) -> Result<(), Failure> {
        let path = format!("/api/v1/channels/{}/forgiven", address.key);
        self.ask(Method::POST, &path, None).await.map(drop)
    }

    /// Takes updates of a site again in spite of a contradiction.
    pub(super) async fn forgive_site(&self, address: &Address) -> Result<(), Failure> {
        let path = format!("/api/v1/sites/{}/forgiven", address.key);
        self.ask(Method::POST, &path, None).await.map(drop)
    }

    /// Puts a filter into force, or out of it.
    pub(super) async fn switch(&self, address: &Address, on: bool) -> Result<(), Failure> {
        let path = format!("/api/v1/channels/{}/applied", address.key);
        let method = if on { Method::PUT } else { Method::DELETE };
        self.ask(method, &path, None).await.map(drop)
    }

    /// The channels of the household.
    pub(super) async fn channels(&self) -> Result<Vec<Value>, Failure> {
        let list = self.ask(Method::GET, "/api/v1/channels", None).await?;
        let here = |channel: &&Value| channel["followed"] == true || channel["own"] == true;
        Ok(list["channels"].as_array().into_iter().flatten().filter(here).cloned().collect())
    }

    /// Titles that fit some words.
    pub(super) async fn search(&self, words: &str, limit: usize) -> Result<Vec<Value>, Failure> {
        let words =
            percent_encoding::utf8_percent_encode(words, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/api/v1/search?q={words}&limit={limit}");
        let found = self.ask(Method::GET, &path, None).await?;
        Ok(found["titles"].as_array().cloned().unwrap_or_default())
    }

    /// Something about films that are published: `GET` without a body, `POST` with one.
    pub(super) async fn masters(&self, rest: &str, body: Option<Value>) -> Result<Value, Failure> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        self.ask(method, &format!("/api/v1/masters{rest}"), body).await
    }

    /// Removes a film that is not published.
    pub(super) async fn remove_master(&self, id: &str) -> Result<(), Failure> {
        self.ask(Method::DELETE, &format!("/api/v1/masters/{id}"), None).await.map(drop)
    }

    /// Gives a film its poster.
    pub(super) async fn put_poster(&self, id: &str, picture: Vec<u8>) -> Result<(), Failure> {
        let path = format!("/api/v1/masters/{id}/poster");
        let kind = "application/octet-stream";
        self.0.send_bytes(Method::PUT, &path, kind, picture).await.map_err(refused).map(drop)
    }

    /// Changes something about an own channel.
    pub(super) async fn change_own(
        &self,
        method: Method,
        rest: &str,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        self.ask(method, &format!("/api/v1/own-channels{rest}"), body).await
    }

    /// The folder that films are stored in, if it is not the usual one.
    pub(super) async fn media(&self) -> Result<Option<PathBuf>, Failure> {
        let settings = self.ask(Method::GET, "/api/v1/settings", None).await?;
        Ok(settings["cache"]["path"].as_str().map(PathBuf::from))
    }

    /// The channels that followed ones vouch for.
    pub(super) async fn found_channels(&self) -> Result<Vec<Value>, Failure> {
        let found = self.ask(Method::GET, "/api/v1/found-channels", None).await?;
        Ok(found["channels"].as_array().cloned().unwrap_or_default())
    }

    /// Asks the domain that a channel claims.
    pub(super) async fn ask_domain(&self, address: &Address) -> Result<Value, Failure> {
        let path = format!("/api/v1/channels/{}/vouched", address.key);
        self.ask(Method::POST, &path, None).await
    }

    /// Gives a film a subtitle, whose file is called `name`.
    pub(super) async fn put_subtitle(
        &self,
        id: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), Failure> {
        let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/api/v1/masters/{id}/subtitles?name={name}");
        let kind = "application/octet-stream";
        self.0.send_bytes(Method::PUT, &path, kind, bytes).await.map_err(refused).map(drop)
    }

    /// Brings a channel back from its words, and waits until it is here.
    pub(super) async fn restore(&self, body: Value) -> Result<Value, Failure> {
        let mut now = self.ask(Method::POST, "/api/v1/restorations", Some(body)).await?;
        let path = format!("/api/v1/restorations/{}", now["id"].as_str().unwrap_or_default());
        while now["channel"].is_null() {
            if !now["problem"].is_null() {
                return Err(failure(&now["problem"]));
            }
            sleep(LOOK_EVERY).await;
            now = self.ask(Method::GET, &path, None).await?;
        }
        Ok(now)
    }

    /// Hands over a picture or subtitle for titles of an own channel.
    pub(super) async fn pack(
        &self,
        channel: &str,
        sort: &str,
        bytes: Vec<u8>,
    ) -> Result<Value, Failure> {
        let path = format!("/api/v1/own-channels{channel}/files/{sort}");
        let kind = "application/octet-stream";
        self.0.send_bytes(Method::POST, &path, kind, bytes).await.map_err(refused)
    }

    /// Has a film taken in, which the server keeps as long as the lines are there, or once it is published.
    pub(super) async fn hold_master(&self, film: &Path) -> Result<(Value, Lines), Failure> {
        let body = json!({"path": film});
        let mut lines = self.0.lines("/api/v1/masters/held", &body).await.map_err(refused)?;
        match lines.next().await.map_err(refused)? {
            Some(mut line) if line["event"] == "taken" => Ok((line["master"].take(), lines)),
            Some(line) => Err(failure(&line["problem"])),
            None => Err(cut_short("the film was taken in", "Add it again.")),
        }
    }

    /// Has a list taken into an own channel, and hears how far it is.
    pub(super) async fn import(
        &self,
        channel: &str,
        body: Value,
        mut hear: impl FnMut(News),
    ) -> Result<Imported, Failure> {
        let path = format!("/api/v1/own-channels{channel}/imports");
        let mut lines = self.0.lines(&path, &body).await.map_err(refused)?;
        drop(body);
        while let Some(line) = lines.next().await.map_err(refused)? {
            match line["event"].as_str() {
                Some("failed") => return Err(failure(&line["problem"])),
                Some("imported") => {
                    return serde_json::from_value(line).map_err(|_| import_cut_short());
                }
                // A newer server may tell more.
                _ => serde_json::from_value(line).map(&mut hear).unwrap_or_default(),
            }
        }
        Err(import_cut_short())
    }

    /// Calls a channel something of this household's own, or nothing.
    pub(super) async fn name_channel(&self, address: &Address, name: &str) -> Result<(), Failure> {
        let path = format!("/api/v1/channels/{}/petname", address.key);
        self.ask(Method::PUT, &path, Some(json!({"name": name}))).await.map(drop)
    }

    /// Opens a site, its newest version or at once what is here, and says where.
    pub(super) async fn open_site(
        &self,
        address: &Address,
        patience_s: u64,
        newest: bool,
    ) -> Result<Result<Value, Value>, Failure> {
        let address = address.to_string();
        let body = json!({"address": address, "patience_s": patience_s, "newest": newest});
        match self.0.ask(Method::POST, "/api/v1/sites", Some(body)).await {
            Ok(site) => Ok(Ok(site)),
            Err(ClientError::Refused { body, .. }) if body["code"] == "site_moved" => Ok(Err(body)),
            Err(other) => Err(refused(other)),
        }
    }

    /// Says whether the household goes along with a site that moved: to this address, nowhere (null), or it is asked again.
    pub(super) async fn answer_moved(
        &self,
        moved: &Address,
        next: Option<&Value>,
    ) -> Result<(), Failure> {
        let path = format!("/api/v1/sites/{}/successor", moved.key);
        let method = if next.is_some() { Method::PUT } else { Method::DELETE };
        let body = next.map(|next| json!({"address": next}));
        self.ask(method, &path, body).await.map(drop)
    }

    /// Something about own sites: `GET` without a body, `POST` with one.
    pub(super) async fn own_sites(&self, body: Option<Value>) -> Result<Value, Failure> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        self.ask(method, "/api/v1/own-sites", body).await
    }

    /// Changes an own site, or brings one back.
    pub(super) async fn own_site(
        &self,
        method: Method,
        rest: &str,
        body: Value,
    ) -> Result<Value, Failure> {
        self.ask(method, &format!("/api/v1/own-sites{rest}"), Some(body)).await
    }

    /// Publishes a site, and waits until it is out. The server stops if nobody waits, as long as nothing is signed.
    pub(super) async fn publish_site(&self, id: &str, body: &Value) -> Result<Value, Failure> {
        let path = format!("/api/v1/own-sites/{id}/publish");
        let mut lines = self.0.lines(&path, body).await.map_err(refused)?;
        while let Some(line) = lines.next().await.map_err(refused)? {
            match line["event"].as_str() {
                Some("failed") => return Err(failure(&line["problem"])),
                Some("published") => return Ok(line),
                _ => {}
            }
        }
        Err(cut_short("the site was published", "Publish it again."))
    }

    /// Something about an own channel: `GET` without a body, `POST` with one.
    pub(super) async fn own(&self, rest: &str, body: Option<Value>) -> Result<Value, Failure> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        self.ask(method, &format!("/api/v1/own-channels{rest}"), body).await
    }
}

fn cut_short(before: &str, hint: &str) -> Failure {
    let message = format!("The Kinora that is running ended before {before}.");
    Failure::new(Exit::NotFound, "server_silent", message, hint)
}

fn import_cut_short() -> Failure {
    cut_short("the list was taken in", "Nothing was imported; try again.")
}

fn refused(error: ClientError) -> Failure {
    match error {
        ClientError::Refused { body, .. } if body["code"].is_string() => failure(&body),
        other => Failure::new(
            Exit::NotFound,
            "server_silent",
            format!("The Kinora that is running does not answer: {other}."),
            "See whether it still runs, stop it, or start it again.",
        ),
    }
}

/// A problem of the server as a failure of this command, with the exit code that it has without a server.
pub(super) fn failure(problem: &Value) -> Failure {
    let code = problem["code"].as_str().and_then(Code::by_name).unwrap_or(Code::Internal);
    let known = crate::http::problem::Problem::from(code);
    let message = match problem["detail"].as_str().filter(|detail| !detail.is_empty()) {
        Some(detail) => sentence(detail),
        None => known.title.to_owned(),
    };
    Failure::new(exit(code), code.name(), message, known.hint)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String =
        letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

fn exit(code: Code) -> Exit {
    match code {
        Code::ChannelBad
        | Code::ChannelOtherKind
        | Code::ChannelBlocked
        | Code::NoValidTitle
        | Code::TakenBack
        | Code::NotNewest
        | Code::NotAgreed
        | Code::NoDomain
        | Code::DomainSilent
        | Code::DomainOther
        | Code::HandedOver
        | Code::SiteBad
        | Code::ConsentNeeded => Exit::Refused,
        Code::ChannelDamaged
        | Code::TorrentFailed
        | Code::DiskFull
        | Code::ChannelsFull
        | Code::DiskDenied
        | Code::DiskBroken
        | Code::SitesBusy
        | Code::Internal => Exit::Disk,
        Code::AddressBad
        | Code::TitleIsSeries
        | Code::AlreadyHere
        | Code::DomainBad
        | Code::MirrorBad
        | Code::WordsBad
        | Code::WordsMixed
        | Code::WordsOther
        | Code::ChannelWrong
        | Code::PassphraseWrong
        | Code::CatalogueBad
        | Code::NameTaken
        | Code::WithdrawalBad
        | Code::EntriesBad
        | Code::ChannelKindWrong
        | Code::SiteUnfit
        | Code::DhtOff
        | Code::FileUnreadable
        | Code::MasterBad
        | Code::MasterDamaged
        | Code::MasterUnconverted
        | Code::ConversionFailed
        | Code::QualityUnknown
        | Code::LanguageBad
        | Code::SubtitleBad
        | Code::ImageBad
        | Code::SecretAway
        | Code::BodyWrong => Exit::BadInput,
        _ => Exit::NotFound,
    }
}
