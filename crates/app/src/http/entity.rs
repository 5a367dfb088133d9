//! A file as HTTP gives it: the whole, or the part that was asked for (RFC 9110, section 14).

use std::ops::Range;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
};

use super::{
    listener::Endless,
    range::{self, Wanted},
};

/// What is told of a file besides its bytes.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Bytes.
    pub len: u64,
    /// What it is.
    pub media_type: &'static str,
    /// Its strong entity tag, with the quotes.
    pub etag: String,
}

impl Entity {
    /// Answers a GET or HEAD. `open` gives the bytes of a part; without them the file is gone (410).
    #[must_use]
    pub fn answer(
        &self,
        method: &Method,
        headers: &HeaderMap,
        open: impl FnOnce(Range<u64>) -> Option<Body>,
    ) -> Response<Body> {
        let (status, part) = match self.wanted(headers) {
            Wanted::Whole => (StatusCode::OK, 0..self.len),
            Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
            Wanted::Unsatisfiable => return self.unsatisfiable(),
        };
        let len = part.end - part.start;
        let place = format!("bytes {}-{}/{}", part.start, part.end.saturating_sub(1), self.len);
        let body = if *method == Method::HEAD { Some(Body::empty()) } else { open(part) };
        let Some(body) = body else { return self.answer_with(StatusCode::GONE, Body::empty()) };
        let mut answer = self.answer_with(status, body);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_LENGTH, len.into());
        if status == StatusCode::PARTIAL_CONTENT {
            headers.extend(place.parse().ok().map(|place| (header::CONTENT_RANGE, place)));
        }
        answer.extensions_mut().insert(Endless);
        answer
    }

    /// What the headers ask for: `If-Range` decides whether `Range` counts.
    fn wanted(&self, headers: &HeaderMap) -> Wanted {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let stands =
            text(header::IF_RANGE).is_none_or(|tag| range::if_range_holds(tag, &self.etag));
        match text(header::RANGE).filter(|_| stands) {
            Some(range) => range::wanted(range, self.len),
            None => Wanted::Whole,
        }
    }

    fn answer_with(&self, status: StatusCode, body: Body) -> Response<Body> {
        let mut answer = Response::new(body);
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.extend(self.etag.parse().ok().map(|etag| (header::ETAG, etag)));
        answer
    }

    fn unsatisfiable(&self) -> Response<Body> {
        let mut answer = self.answer_with(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty());
        let all = format!("bytes */{}", self.len);
        answer.headers_mut().extend(all.parse().ok().map(|all| (header::CONTENT_RANGE, all)));
        answer
    }
}
