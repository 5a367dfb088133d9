//! The page: files that `web/` built, embedded in release builds and read from disk in debug builds.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{Embed, EmbeddedFile};

use super::problem::Code;

#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Shown instead of a page that was not built (never in release builds: `build.rs` refuses them).
const NOT_BUILT: &str = include_str!("page/not_built.html");

/// Answers every address that is no route: a file of the page, or the page itself for the places it draws
/// (`/title/…`, `/settings`).
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Code::MethodWrong.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Dist::get(path) {
        return answer(path, file, &headers);
    }
    if !is_place(path) {
        return Code::PathUnknown.into_response();
    }
    match Dist::get("index.html") {
        Some(index) => answer("index.html", index, &headers),
        None => html(NOT_BUILT.into()),
    }
}

/// A place of the page: short plain words without a file's dot, outside the addresses of data.
fn is_place(path: &str) -> bool {
    let plain = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let data = ["api", "stream", "image", "subtitle", "assets"];
    let first = path.split('/').next().unwrap_or_default();
    path.split('/').all(plain) && !data.contains(&first)
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", blake3::hash(&file.data).to_hex());
    let fresh =
        headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(file.data.into_owned()))
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    // Vite puts a hash of the content into the names below assets/.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn html(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "ftl" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_plain_words_and_never_data_or_files() {
        for place in ["", "title/abc-1", "settings", "play/x_y"] {
            assert!(is_place(place), "{place}");
        }
        for other in
            ["api/v1/none", "stream/x", "assets/x", "favicon.ico", "a/..;/b", "C:", "x%2e", "~"]
        {
            assert!(!is_place(other), "{other}");
        }
    }
}
