//! What browsers are told about pages of strangers, and about the frame around them.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use catalogue::channel::Key;

/// No device, no sensor, no full screen, no payment: a page of a stranger is for reading.
const NO_PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(), \
    display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), \
    screen-wake-lock=(), serial=(), usb=(), web-share=(), xr-spatial-tracking=()";

/// What the pages of a site may load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// They are drawn here: pictures of the site, and our style.
    Drawn,
    /// What is on the site and does not act.
    Still,
    /// Scripts of the site as well.
    Scripts,
}

/// The policy of a site's files. `shell` is the origin that may show them.
pub(super) fn page_policy(shell: &str, rights: Rights) -> String {
    const STILL: &str = "img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self'; media-src 'self' blob:";
    let (loads, own, rights) = match rights {
        Rights::Drawn => ("img-src 'self'; style-src 'self'", "'none'", "allow-same-origin"),
        Rights::Still => (STILL, "'none'", "allow-same-origin"),
        Rights::Scripts => (STILL, "'self'", "allow-scripts allow-same-origin"),
    };
    format!(
        "default-src 'none'; {loads}; script-src {own}; connect-src {own}; worker-src 'none'; frame-src 'none'; \
         object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {shell}; webrtc 'block'; \
         sandbox {rights}"
    )
}

/// The policy of the page that leads out of a site: its style, and tabs that its button opens.
pub(super) fn leaving_policy(shell: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {shell}; \
         webrtc 'block'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )
}

/// The policy of the frame, whose own origin is `ours`: nothing but its style and its one script, and one origin inside. Its
/// button may lead to the site that this one was handed over to, and it hands on what scripts ask, if they run.
pub(super) fn frame_policy(
    ours: &str,
    site: &str,
    successor: Option<&Key>,
    scripts: bool,
) -> String {
    let on =
        successor.map(|next| format!(" http://{next}.site.localhost:* http://site.localhost:*"));
    let on = on.unwrap_or_default();
    let ask = if scripts { format!(" {ours}/.ask") } else { String::new() };
    format!(
        "default-src 'none'; style-src 'self'; script-src {ours}/.frame.js; connect-src {ours}/.newer{ask}; \
         require-trusted-types-for 'script'; frame-src {site}; form-action 'self'{on}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Sets the policy of an answer, and everything else that every answer has.
pub(super) fn dress(mut response: Response, policy: &str) -> Response {
    let headers = response.headers_mut();
    // Keys and ports are ASCII, so that this never fails; without it nothing may be loaded or shown.
    let policy = HeaderValue::from_str(policy);
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::X_DNS_PREFETCH_CONTROL, "off");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(headers, HeaderName::from_static("permissions-policy"), NO_PERMISSIONS);
    set(headers, HeaderName::from_static("origin-agent-cluster"), "?1");
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
