//! Answers of lines of JSON: what is told while work goes on, then how it ended.

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::http::{
    listener::Endless,
    problem::{Code, Problem},
};

/// News that wait for whoever listens.
pub(super) const NEWS_WAITING: usize = 64;

/// Tells what comes of work, which ends without an end to tell if nobody listens to it. Whoever closes the connection, or
/// stops the program, listens no longer.
pub(super) fn answer<Line, News, End>(
    news: mpsc::Receiver<News>,
    work: JoinHandle<Option<End>>,
    stopping: watch::Receiver<bool>,
) -> Response
where
    Line: Serialize + From<News> + From<End> + 'static,
    News: Send + 'static,
    End: From<Problem> + Send + 'static,
{
    let told = Told { news, work: Some(work), stopping };
    let body = Body::from_stream(stream::unfold(told, |mut told| async move {
        let line: Line = told.next().await?;
        Some((Ok::<_, std::convert::Infallible>(as_line(&line)), told))
    }));
    let mut response = ([(header::CONTENT_TYPE, "application/jsonl")], body).into_response();
    response.extensions_mut().insert(Endless);
    response
}

struct Told<News, End> {
    news: mpsc::Receiver<News>,
    /// There until its end is told.
    work: Option<JoinHandle<Option<End>>>,
    stopping: watch::Receiver<bool>,
}

impl<News, End: From<Problem>> Told<News, End> {
    async fn next<Line: From<News> + From<End>>(&mut self) -> Option<Line> {
        let news = tokio::select! {
            news = self.news.recv() => news,
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
        };
        if let Some(news) = news {
            return Some(news.into());
        }
        let ended = self.work.take()?.await;
        let end = ended.unwrap_or_else(|_| Some(Problem::from(Code::Internal).into()));
        end.map(Line::from)
    }
}

fn as_line(line: &impl Serialize) -> Bytes {
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    text.into()
}
