//! A channel as an add-on for Stremio: a listener of its own that answers what is public anyway, and nothing else.
//!
//! Stremio runs in a browser under its own address, so these answers may be read by every web page (the add-on protocol
//! asks for `Access-Control-Allow-Origin: *`). Nothing of the household is behind this door: one channel's titles.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, Request, Response, StatusCode, header},
    response::IntoResponse as _,
};
use catalogue::{Catalogue, exchange::stremio};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

use crate::http::{
    gate::{Gate, Hosts},
    listener::{self, Limits},
};

/// Answers until it is dropped.
pub async fn serve(listener: TcpListener, port: u16, catalogue: Catalogue) {
    let router = Router::new().fallback(answer).with_state(Arc::new(catalogue));
    let gate = Gate::of_strangers(router, Hosts::new(port, &[]));
    let (_stop, stopped) = watch::channel(false);
    listener::serve(vec![listener], gate, Limits::default(), stopped).await;
}

async fn answer(State(catalogue): State<Arc<Catalogue>>, request: Request<Body>) -> Response<Body> {
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Method::GET | Method::HEAD => match found(&catalogue, request.uri().path()) {
            Some(value) => {
                ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], value.to_string())
                    .into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, header::HeaderValue::from_static("*"));
    response
}

/// `/manifest.json`, `/catalog/TYPE/LIST[/EXTRA].json`, `/meta/TYPE/ID.json`, `/stream/TYPE/ID.json`.
fn found(catalogue: &Catalogue, path: &str) -> Option<Value> {
    let path = path.strip_prefix('/')?.strip_suffix(".json")?;
    let parts: Result<Vec<_>, _> =
        path.split('/').map(|part| percent_decode_str(part).decode_utf8()).collect();
    let parts = parts.ok()?;
    let parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
    match parts[..] {
        ["manifest"] => Some(stremio::manifest(catalogue)),
        ["catalog", kind, stremio::LIST] => Some(stremio::list(catalogue, kind, None, 0)),
        ["catalog", kind, stremio::LIST, extra] => {
            let said = |name: &str| {
                let mut pairs = extra.split('&').filter_map(|pair| pair.split_once('='));
                pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
            };
            let skip = said("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
            Some(stremio::list(catalogue, kind, said("search"), skip))
        }
        ["meta", kind, id] => stremio::meta(catalogue, kind, id),
        ["stream", _, id] => stremio::streams(catalogue, id),
        _ => None,
    }
}
