//! Every error the API can answer with, in one table: status, stable code, sentence, hint (RFC 9457).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! problems {
    ($($name:ident = $status:literal $code:literal $title:literal, $hint:literal;)*) => {
        /// The stable name of an error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $(#[doc = $title] $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its stable word.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.row().1
            }

            /// The code with this stable word.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }

            fn row(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($status, $code, $title, $hint),)* }
            }
        }
    };
}

problems! {
    BadRequest = 400 "bad_request" "The request could not be understood.",
        "Compare it with /api/v1/openapi.json.";
    TokenMissing = 401 "token_missing" "This address needs the token of this Kinora.",
        "Open the address that `kinora` printed when it started.";
    TokenWrong = 401 "token_wrong" "The token is not the one of this Kinora.",
        "Open the address that `kinora` printed when it started.";
    CrossSite = 403 "cross_site" "The request comes from another site.",
        "Only Kinora's own page may ask this.";
    LinkForged = 403 "link_forged" "This link was not given out by the Kinora that is running.",
        "Start the title again from the page: links end when Kinora restarts.";
    LinkExpired = 403 "link_expired" "This link has expired.",
        "Start the title again from the page.";
    Blocked = 403 "blocked" "This title is blocked in this household.",
        "Unblock it in the settings to see it again.";
    Withdrawn = 410 "withdrawn" "Its publisher has withdrawn this title.",
        "Nothing can be fetched; your own marks and positions stay.";
    Filtered = 403 "filtered" "A filter that this household follows blocks this.",
        "Show the title all the same on its page, or switch the filter off in the list of channels.";
    PathUnknown = 404 "path_unknown" "There is nothing at this address.",
        "Addresses of the API are listed in /api/v1/openapi.json.";
    TitleUnknown = 404 "title_unknown" "There is no such title.",
        "It may have left the catalogue: go back and choose again.";
    ItemUnknown = 404 "item_unknown" "There is no such film or episode.",
        "It may have left the catalogue: go back and choose again.";
    ReleaseUnknown = 404 "release_unknown" "This film or episode has no such release.",
        "Choose one of the listed qualities.";
    PlaybackUnknown = 404 "playback_unknown" "There is no such playback.",
        "It has ended: start the title again.";
    DownloadUnknown = 404 "download_unknown" "There is no such download.",
        "It may have been removed: reload the list.";
    FileUnknown = 404 "file_unknown" "The torrent has no such file.",
        "Choose one of the files in its list.";
    ImageUnknown = 404 "image_unknown" "There is no such picture.",
        "Draw the title's name instead.";
    SubtitleUnknown = 404 "subtitle_unknown" "There is no such subtitle.",
        "Choose another language.";
    NotFollowed = 404 "not_followed" "This channel is not here.",
        "Follow it with its address; `kinora channels` lists those that are here.";
    ChannelUnknown = 404 "channel_unknown" "Nobody knows this channel.",
        "Check the address, or try again when its publisher or a follower is online.";
    NotOurs = 404 "not_ours" "This machine does not have its keys.",
        "Publish it from the machine that has them, or make a channel of your own.";
    MirrorUnknown = 404 "mirror_unknown" "The channel names no such mirror.",
        "It may have been taken off: reload the list.";
    SiteUnknown = 404 "site_unknown" "This site is not here, and nobody gave it.",
        "Check the address, or try again when its publisher or a visitor is online.";
    MasterUnknown = 404 "master_unknown" "There is no such film to publish.",
        "It may have been removed: reload the list.";
    FfmpegMissing = 404 "ffmpeg_missing" "ffmpeg is not installed: films cannot be converted, and no frames taken out of them.",
        "Install it (`apt install ffmpeg`, `brew install ffmpeg`, `winget install ffmpeg`), or publish an MP4, WebM or Matroska file as it is.";
    MethodWrong = 405 "method_wrong" "This address does not take this method.",
        "Methods are listed in /api/v1/openapi.json.";
    TooSlow = 408 "too_slow" "The request's body came too slowly.",
        "Send it again.";
    ConsentNeeded = 409 "consent_needed" "Nobody here has agreed to sharing yet, so no peer is contacted.",
        "Agree on the page, or start Kinora with --consent where there is no screen.";
    MasterPublished = 409 "master_published" "This film is published already.",
        "Withdraw the title from its channel, and publish the film anew.";
    TitleIsSeries = 409 "title_is_series" "A film cannot take the place of a series.",
        "Import the series again, or add the film as one more title.";
    MasterBusy = 409 "master_busy" "Something is being done with this film.",
        "Wait until that is done, or stop it.";
    MasterUnconverted = 409 "master_unconverted" "This film cannot be published as it is.",
        "Choose qualities that ffmpeg makes of it; with `kinora channel add` say --convert.";
    NameTaken = 409 "name_taken" "Another channel is called that in this household.",
        "Choose another name: one of yours means one channel.";
    AlreadyHere = 409 "already_here" "This machine has the keys of this channel already.",
        "Publish from here; nothing needs to be restored.";
    HandedOver = 409 "handed_over" "This channel was handed over to another key.",
        "Publish in the channel of the new key.";
    NoDomain = 409 "no_domain" "This channel claims no domain.",
        "Ask its publisher, by another way, whether it is theirs.";
    DomainSilent = 409 "domain_silent" "The domain that this channel claims does not vouch for it.",
        "Ask its publisher by another way. The channel itself is the same as before.";
    DomainOther = 409 "domain_other" "The domain that this channel claims vouches for another channel.",
        "Ask its publisher by another way: this may not be their channel.";
    NamesUnreachable = 503 "names_unreachable" "The domain cannot be asked.",
        "The detail says why. Try again when the connection is there.";
    SitesBusy = 409 "sites_busy" "Another command of Kinora uses the sites of this household.",
        "End it, then try again.";
    SecretAway = 409 "secret_away" "Its secret was taken off this machine.",
        "Give its 24 words.";
    SiteMoved = 409 "site_moved" "Its publisher handed this site over to a new address.",
        "The detail says which one; open that.";
    SiteOurs = 409 "site_ours" "This site is yours: its keys lie on this machine.",
        "Its folder can be deleted by hand.";
    DhtOff = 409 "dht_off" "Channels and sites are found through the DHT, which is switched off.",
        "Start Kinora without --no-dht, or name a node with --dht-bootstrap.";
    NotNewest = 409 "not_newest" "A newer version of this channel is known.",
        "Check this machine's clock, or publish from the machine that has it.";
    ChannelBlocked = 403 "channel_blocked" "This channel is blocked in this household.",
        "Unblock it in the list of channels to follow it.";
    PeersUnmet = 503 "peers_unmet" "Peers cannot be met on this machine as it is set.",
        "The detail says why; change the settings file or the flags and start Kinora again.";
    LengthMissing = 411 "length_missing" "A request with a body must say its length.",
        "Send Content-Length; chunked requests are not taken.";
    TooLarge = 413 "too_large" "The request is larger than this address takes.",
        "A .torrent may have 10 MiB, everything else 64 KiB.";
    TypeWrong = 415 "type_wrong" "This address does not take this kind of content.",
        "Send application/json, or application/x-bittorrent where a torrent is meant.";
    RangeWrong = 416 "range_wrong" "The file has no such part.",
        "Content-Range says how long it is.";
    HostWrong = 421 "host_wrong" "This name is not one of Kinora's.",
        "Use http://127.0.0.1 with the port, or add the name to `server.names` in the settings file.";
    BodyWrong = 422 "body_wrong" "A value in the request is missing or out of its limits.",
        "The detail says which one.";
    EntriesBad = 422 "entries_bad" "This is no list of what a filter marks.",
        "A line is an infohash, a channel's address or a title's id in a channel, then an action and a reason.";
    ChannelKindWrong = 422 "channel_kind_wrong" "This channel is of another kind.",
        "A filter has entries and no titles, a catalogue has titles and no entries.";
    MagnetBad = 422 "magnet_bad" "This is not a magnet link that Kinora can use.",
        "It must begin with magnet:? and name an infohash (xt=urn:btih: or urn:btmh:).";
    TorrentBad = 422 "torrent_bad" "This torrent file is damaged or breaks the rules.",
        "Fetch it again from where you found it.";
    NothingPlayable = 422 "nothing_playable" "There is no film or sound in this torrent that Kinora knows.",
        "It can still be downloaded.";
    FileUnreadable = 422 "file_unreadable" "This file cannot be read.",
        "Give the whole path of a file that Kinora may read.";
    MasterBad = 422 "master_bad" "This is no film that Kinora can publish.",
        "Choose a film with a picture: MP4, WebM or Matroska, and with ffmpeg installed most others.";
    MasterDamaged = 422 "master_damaged" "This film is damaged: it ends earlier than it says.",
        "Copy it again from where it came, or export it anew.";
    ConversionFailed = 422 "conversion_failed" "ffmpeg could not convert this film.",
        "Export the film anew, or publish it as it is.";
    QualityUnknown = 422 "quality_unknown" "The film cannot be made in this quality.",
        "Choose one of those that are offered: none is larger than the film.";
    LanguageBad = 422 "language_bad" "This is no language.",
        "Name it as en, pt-BR or zh-Hant.";
    FrameFailed = 422 "frame_failed" "No frame could be taken out of this film.",
        "Choose a picture of your own.";
    ImageBad = 422 "image_bad" "This is no picture that Kinora shows.",
        "Choose a JPEG, PNG or WebP file of at most 10 MiB.";
    NotAgreed = 422 "not_agreed" "Nobody has said that this film may be shared.",
        "Say so only if it is true.";
    SiteUnfit = 422 "site_unfit" "This folder cannot be a site.",
        "Change the folder and publish it again.";
    AddressBad = 422 "bad_address" "This is no channel's address.",
        "Copy the whole address again: `kinora:` and 52 letters.";
    ChannelWrong = 422 "bad_channel" "A channel cannot be made of this.",
        "The detail says what is missing.";
    DomainBad = 422 "domain_bad" "This is no domain.",
        "Write it as example.org.";
    MirrorBad = 422 "mirror_bad" "This cannot be a mirror of the channel.",
        "Give the address of a folder, https://…/, and at most four.";
    WordsBad = 422 "bad_words" "These are not the 24 words of a channel.",
        "Compare them with the paper, one by one.";
    WordsMixed = 422 "words_mixed" "Each of these words exists, but they do not belong together.",
        "One of them is another, or two changed places. Compare them with the paper, one by one.";
    WordsOther = 422 "other_words" "These are the words of another channel.",
        "Check the address, or take the paper of this channel.";
    PassphraseWrong = 422 "passphrase" "The channel's secret is locked, and this does not open it.",
        "Give the passphrase that was chosen when the channel was made.";
    CatalogueBad = 422 "catalogue_bad" "These titles cannot be read.",
        "Correct the file.";
    NoValidTitle = 422 "no_valid_title" "No title has a recognised open licence, an attribution and a source.",
        "Complete the records; nothing was added.";
    TakenBack = 422 "taken_back" "What was to be added was taken back before, for ever.",
        "Give a new title an id of its own; nothing was added.";
    WithdrawalBad = 422 "bad_withdrawal" "This cannot be taken back.",
        "Name the title and one of the reasons.";
    SubtitleBad = 422 "subtitle_bad" "This subtitle could not be read.",
        "Choose another one.";
    Locked = 429 "locked" "Too many wrong tokens came from this address.",
        "Wait a minute, then open the address that `kinora` printed.";
    ReadersFull = 429 "readers_full" "This player holds too many connections to one film.",
        "Close some of them; eight are allowed.";
    Internal = 500 "internal" "Something went wrong inside Kinora.",
        "Try again; the log on standard error says more.";
    ChannelDamaged = 500 "channel_damaged" "What is kept of the channel is damaged.",
        "Unfollow the channel and follow it again; bring an own one back from a backup.";
    NoRandomness = 500 "no_randomness" "The operating system gives no random numbers.",
        "Restart the machine.";
    ChannelBad = 502 "channel_bad" "What came of the channel is not what its publisher signed.",
        "Tell its publisher. What was here before stays.";
    ChannelOtherKind = 502 "channel_other_kind" "What is published under this address is neither a catalogue of titles nor a filter.",
        "Kinora cannot follow it. If it is a site, open it as one.";
    SiteBad = 502 "site_bad" "What is published under this address is no site that can be shown.",
        "Tell its publisher. If it is a channel, follow it.";
    ShuttingDown = 503 "shutting_down" "Kinora is stopping.",
        "Start it again.";
    MetadataLate = 504 "metadata_late" "Nobody could say yet what is in this torrent.",
        "It goes on looking: try again in a while, or look for a torrent with more peers.";
    ChannelUnreachable = 504 "channel_unreachable" "Nobody who has its files was found in time.",
        "Try again when its publisher or somebody else who has it is online.";
    DhtUnreachable = 504 "dht_unreachable" "No node of the DHT answered.",
        "Check the connection, or name a node with --dht-bootstrap.";
    Late = 504 "late" "The answer took too long.",
        "Try again.";
    TorrentFailed = 507 "torrent_failed" "A torrent of the channel cannot be stored.",
        "Check the data folder and its disk.";
    ChannelsFull = 507 "channels_full" "Followed channels may take no more of the disk.",
        "Raise the limit for channels in the settings, or unfollow one.";
    DiskFull = 507 "disk_full" "The disk is full.",
        "Free some space, or lower the quota in the settings.";
    DiskDenied = 507 "disk_denied" "Kinora may not write into its data folder.",
        "Check the folder's permissions, or choose another with --data-dir.";
    DiskBroken = 507 "disk_broken" "The disk did not take or give bytes.",
        "Check the disk; nothing that was confirmed is lost.";
}

/// An error as a person and a program read it (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A stable word for programs.
    pub code: &'static str,
    /// What happened.
    pub title: &'static str,
    /// What exactly, in this case.
    pub detail: Option<String>,
    /// What to do next.
    pub hint: &'static str,
    /// Seconds after which it may be tried again.
    #[serde(skip)]
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// The same problem with what exactly happened.
    #[must_use]
    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// The same problem with the time after which to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: std::time::Duration) -> Self {
        self.retry_after_s = Some(wait.as_secs() + 1);
        self
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        let (status, code, title, hint) = code.row();
        Self { status, code, title, detail: None, hint, retry_after_s: None }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for Code {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_every_status_is_an_error() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.row().1).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (400..600).contains(&code.row().0)));
    }
}
