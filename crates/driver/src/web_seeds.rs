//! Fetching from web servers: content (BEP 19), of which one range becomes one request per file it touches, or a description.

#[cfg(test)]
mod tests;

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use engine::{FetchFault, Input, OpId};
use hyper::{
    Response, StatusCode,
    body::Incoming,
    header::{self, HeaderMap, HeaderValue},
};
use tokio::{sync::mpsc::Sender, time::timeout};
use torrent::{FileSlice, Info, Metainfo, web_seed};

use crate::{
    connections::Event,
    http::{HttpClient, HttpFault, body, next_bytes},
};

/// How long all of a description may take.
const DESCRIPTION_PATIENCE: Duration = Duration::from_secs(45);
/// What padding reads as.
static ZEROS: [u8; 16 * 1024] = [0; 16 * 1024];

/// One fetch: bytes go to the engine as they come, in order.
pub(crate) struct Fetch {
    pub(crate) op: OpId,
    pub(crate) metainfo: Arc<Metainfo>,
    /// The web seed's own URL.
    pub(crate) url: String,
    /// What to fetch of the content.
    pub(crate) range: Range<u64>,
    pub(crate) events: Sender<Event>,
}

impl Fetch {
    /// Fetches everything, and says how it ended.
    pub(crate) async fn run(self, http: HttpClient) {
        let mut ended = Ok(());
        for slice in self.metainfo.info.slices(self.range.clone()) {
            ended = self.slice(&http, &slice).await;
            if ended.is_err() {
                break;
            }
        }
        self.tell(Input::FetchEnded(self.op, ended)).await;
    }

    async fn slice(&self, http: &HttpClient, slice: &FileSlice) -> Result<(), FetchFault> {
        match slice.file {
            Some(file) => self.file(http, file, slice).await,
            None => {
                self.zeros(slice.len).await;
                Ok(())
            }
        }
    }

    async fn zeros(&self, mut left: u64) {
        while left > 0 {
            let here = ZEROS.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.tell(Input::Fetched(self.op, Bytes::from_static(&ZEROS[..here]))).await;
            left -= here as u64;
        }
    }

    async fn file(
        &self,
        http: &HttpClient,
        file: usize,
        slice: &FileSlice,
    ) -> Result<(), FetchFault> {
        let info = &self.metainfo.info;
        let url = web_seed::file_url(&self.url, info, file).ok_or(FetchFault::Unfit)?;
        let mut answer = http.get(&url, range_header(slice)).await.map_err(fetch_fault)?;
        expect_bytes(&answer, info, file, slice)?;
        let mut left = slice.len;
        while left > 0 {
            let bytes = next_bytes(&mut answer).await.ok_or(FetchFault::CutShort)?;
            let mut bytes = bytes.map_err(cut_short)?;
            // A whole file was sent where its beginning was asked for: the rest is not taken.
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= bytes.len() as u64;
            self.tell(Input::Fetched(self.op, bytes)).await;
        }
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            // Only a connection whose answer was read to its end is used again.
            next_bytes(&mut answer).await;
        }
        Ok(())
    }

    async fn tell(&self, input: Input) {
        // Nobody listens: the session is ending.
        self.events.send(Event::Input(input)).await.ok();
    }
}

/// A metainfo file of at most `len_max` bytes.
pub(crate) async fn description(
    http: &HttpClient,
    url: &str,
    len_max: u32,
) -> Result<Bytes, FetchFault> {
    let fetch = async {
        let answer = http.get(url, None).await.map_err(fetch_fault)?;
        if answer.status() != StatusCode::OK {
            return Err(refusal(&answer));
        }
        if content_length(answer.headers()).is_some_and(|len| len > u64::from(len_max)) {
            return Err(FetchFault::Unfit);
        }
        body(answer, len_max as usize).await.map_err(fetch_fault)
    };
    timeout(DESCRIPTION_PATIENCE, fetch).await.unwrap_or(Err(FetchFault::Late))
}

/// What a server says that does not give what it was asked for.
fn refusal(answer: &Response<Incoming>) -> FetchFault {
    let retry_after = retry_after(answer.headers(), SystemTime::now());
    FetchFault::Status { status: answer.status().as_u16(), retry_after }
}

/// The range of a slice as HTTP writes it (RFC 9110 14.1.2), its end included.
fn range_header(slice: &FileSlice) -> Option<HeaderValue> {
    let FileSlice { offset_in_file: start, len, .. } = slice;
    HeaderValue::from_str(&format!("bytes={start}-{}", start + len - 1)).ok()
}

/// Whether an answer's body is what was asked for: a part that starts where it should, or a whole file
/// where its beginning was asked for, and of a file of the right length in either case.
fn expect_bytes(
    answer: &Response<Incoming>,
    info: &Info,
    file: usize,
    slice: &FileSlice,
) -> Result<(), FetchFault> {
    let headers = answer.headers();
    let len = info.files().get(file).map_or(0, |file| file.length);
    let fits = match answer.status() {
        StatusCode::PARTIAL_CONTENT => content_range(headers).is_some_and(|(start, of)| {
            start == slice.offset_in_file && of.is_none_or(|of| of == len)
        }),
        StatusCode::OK => {
            slice.offset_in_file == 0 && content_length(headers).is_none_or(|found| found == len)
        }
        StatusCode::RANGE_NOT_SATISFIABLE => false,
        _ => return Err(refusal(answer)),
    };
    if fits { Ok(()) } else { Err(FetchFault::Unfit) }
}

/// Where a part starts, and how long the whole is if the server says (RFC 9110 14.4).
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let whole = if whole == "*" { None } else { Some(whole.parse().ok()?) };
    Some((start.parse().ok()?, whole))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// When the server wants to be asked again: seconds, or a date (RFC 9110 10.2.3).
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    match text.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}

/// What it means where the answer has begun.
fn cut_short(why: HttpFault) -> FetchFault {
    match fetch_fault(why) {
        FetchFault::NotReached => FetchFault::CutShort,
        other => other,
    }
}

fn fetch_fault(why: HttpFault) -> FetchFault {
    match why {
        HttpFault::Forbidden => FetchFault::Forbidden,
        HttpFault::NotReached => FetchFault::NotReached,
        HttpFault::TooLong => FetchFault::Unfit,
    }
}
