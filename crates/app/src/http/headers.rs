//! The headers every answer carries, so that a browser helps us keep strangers out.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

/// What the page may do: its own files and nothing else, no inline code, one Trusted Types policy (Svelte's).
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; \
    worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// What bytes from strangers may do when a browser shows them by themselves: nothing.
const BYTES_POLICY: &str = "default-src 'none'; sandbox";

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=(), \
    clipboard-read=()";

/// Which policy an answer's content falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The page's own files.
    Page,
    /// API answers and bytes that strangers made.
    Bytes,
}

/// Adds what is missing; an answer may set a stricter `Cache-Control` or a longer one of its own.
pub(super) fn harden(response: &mut Response, kind: Kind) {
    let headers = response.headers_mut();
    let policy = if kind == Kind::Page { PAGE_POLICY } else { BYTES_POLICY };
    set(headers, header::CONTENT_SECURITY_POLICY, policy);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::X_FRAME_OPTIONS, "DENY");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-embedder-policy"), "require-corp");
    set(headers, HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(headers, HeaderName::from_static("origin-agent-cluster"), "?1");
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Makes harmless what has no policy of its own: the gate's own refusals, before anybody else was asked.
pub(super) fn harden_bare(response: &mut Response) {
    if !response.headers().contains_key(header::CONTENT_SECURITY_POLICY) {
        harden(response, Kind::Bytes);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
