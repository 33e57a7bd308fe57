//! Follows a job: the same events as Server-Sent Events and over a WebSocket.
//!
//! First comes `snapshot`, the whole document; then `repository` and `job`; at last `end`. Each has an id: who comes
//! back with the last one it saw (`Last-Event-ID`, or `?after=`) goes on from there, or gets a snapshot if what came
//! after it is not kept any more. Nothing is queued for a slow client: it reads at its own pace from what is kept.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::IntoParams;
use uuid::Uuid;

use super::App;
use super::auth::Reader;
use super::notes::Notes;
use super::path::JobId;
use super::problem::{OfJob, Problem};
use super::scans::look_up;
use super::waiting::Waiter;
use crate::jobs::live::{Shared, read};
use crate::limits::{FOLLOW_HEARTBEAT, FOLLOW_MAX};
use crate::service::Job;
use crate::tenants::Tenant;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The id of the last event that was seen
    after: Option<String>,
}

/// Follow a job: Server-Sent Events
#[utoipa::path(get, path = "/scan/{job_id}/events", tag = "events", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"), After,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was seen")),
    responses(
        (status = 200, description = "Events: snapshot, repository, job, end", content(("text/event-stream"))),
        OfJob,
    ))]
pub(super) async fn stream(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    Extension(notes): Extension<Notes>,
    query: Result<Query<After>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let seen = last.or(query?.0.after);
    let follower = Follower::new(app, (tenant, notes.token()), id, seen).await?;
    let events = futures_stream(follower);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(FOLLOW_HEARTBEAT)).into_response())
}

fn futures_stream(follower: Follower) -> impl futures_core::Stream<Item = Result<SseEvent, Infallible>> {
    futures_util::stream::unfold(follower, async |mut follower| {
        let told = follower.next().await?;
        let text = String::from_utf8_lossy(&told.data).into_owned();
        let event = SseEvent::default().event(told.name).id(told.id).data(text);
        Some((Ok(event), follower))
    })
}

/// Follow a job: WebSocket
///
/// Each message is an object with `id`, `event` and `data`. What the client sends is not listened to.
#[utoipa::path(get, path = "/scan/{job_id}/ws", tag = "events", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"), After),
    responses(
        (status = 101, description = "Messages follow"),
        OfJob,
    ))]
pub(super) async fn socket(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    Extension(notes): Extension<Notes>,
    query: Result<Query<After>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let follower = Follower::new(app, (tenant, notes.token()), id, query?.0.after).await?;
    let upgrade = upgrade.map_err(|error| Problem::Invalid(error.body_text()))?;
    Ok(upgrade.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| tell(socket, follower)))
}

/// What a client may send; nothing of it is used.
const MESSAGE_BYTES_MAX: usize = 4 * 1024;

async fn tell(mut socket: WebSocket, mut follower: Follower) {
    let mut heartbeat = tokio::time::interval(FOLLOW_HEARTBEAT);
    loop {
        let message = tokio::select! {
            told = follower.next() => match told {
                Some(told) => Message::Text(told.message().into()),
                None => break,
            },
            _ = heartbeat.tick() => Message::Ping(Bytes::new()),
            heard = socket.recv() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => continue,
            },
        };
        // A client that does not take it in time is not there any more.
        match tokio::time::timeout(FOLLOW_HEARTBEAT * 2, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    // It has been told everything.
    let _closed = socket.send(Message::Close(None)).await;
}

/// Something to tell.
struct Told {
    id: String,
    name: &'static str,
    /// JSON.
    data: Bytes,
}

impl Told {
    fn message(&self) -> String {
        let data = String::from_utf8_lossy(&self.data);
        format!(r#"{{"id":"{}","event":"{}","data":{data}}}"#, self.id, self.name)
    }
}

/// Events that are copied at a time out of what is kept.
const BATCH: usize = 32;

/// A client that follows a job.
struct Follower {
    app: App,
    tenant: Tenant,
    /// The id of its token: one that is revoked while it follows ends that.
    token: Option<String>,
    job: Uuid,
    /// Epoch and number of the last event that it was told.
    seen: Option<(String, u64)>,
    queue: VecDeque<Told>,
    /// The job as it was seen to run: its last events are told before its end.
    last: Option<Shared>,
    is_over: bool,
    until: Instant,
    _waiter: Waiter,
}

impl Follower {
    async fn new(
        app: App,
        (tenant, token): (Tenant, Option<String>),
        job: Uuid,
        seen: Option<String>,
    ) -> Result<Self, Problem> {
        look_up(&app, &tenant, job).await?;
        let full = || Problem::Unavailable("as many wait or follow jobs as can; ask now and then instead".to_owned());
        let waiter = app.waiting.begin(&tenant).ok_or_else(full)?;
        let seen = seen.and_then(|id| {
            let (epoch, number) = id.rsplit_once('-')?;
            Some((epoch.to_owned(), number.parse().ok()?))
        });
        let until = Instant::now() + FOLLOW_MAX;
        let (queue, last, is_over) = (VecDeque::new(), None, false);
        Ok(Self { app, tenant, token, job, seen, queue, last, is_over, until, _waiter: waiter })
    }

    /// What to tell next; `None` when there is nothing more.
    async fn next(&mut self) -> Option<Told> {
        let mut stopping = self.app.service.stopping();
        loop {
            if let Some(told) = self.queue.pop_front() {
                return Some(told);
            }
            let is_welcome = self.app.tokens.is_still_good(self.token.as_deref());
            if self.is_over || !is_welcome || Instant::now() >= self.until {
                return None;
            }
            match look_up(&self.app, &self.tenant, self.job).await.ok()? {
                Job::Ended(job) => {
                    if let Some(live) = self.last.clone() {
                        self.collect(&live);
                        if !self.queue.is_empty() {
                            continue;
                        }
                    }
                    self.is_over = true;
                    let data = Bytes::from_owner(std::sync::Arc::clone(&job.body));
                    let id = job.etag.trim_matches('"').to_owned() + "-0";
                    return Some(Told { id, name: "end", data });
                }
                Job::Running { live, mut version } => {
                    version.mark_unchanged();
                    self.collect(&live);
                    self.last = Some(live);
                    if self.queue.is_empty() {
                        tokio::select! {
                            // The sender is gone when the job is over.
                            _ = version.changed() => {}
                            () = tokio::time::sleep(Duration::from_secs(1)) => {}
                            _ = stopping.wait_for(|stopping| *stopping) => return None,
                        }
                    }
                }
            }
        }
    }

    fn collect(&mut self, live: &Shared) {
        let live = read(live);
        let epoch = live.epoch();
        let since = self.seen.as_ref().filter(|(known, _)| known == epoch).map(|(_, number)| *number);
        match since.and_then(|number| live.events.after(number, BATCH)) {
            Some(events) => {
                for (number, event) in events {
                    // Strings, numbers and lists: nothing in it can fail to be written.
                    let data = serde_json::to_vec(&event).unwrap_or_default().into();
                    self.queue.push_back(Told { id: format!("{epoch}-{number}"), name: event.name(), data });
                    self.seen = Some((epoch.to_owned(), number));
                }
            }
            None => {
                let number = live.events.last();
                let data = Bytes::from_owner(live.rendered().body);
                self.queue.push_back(Told { id: format!("{epoch}-{number}"), name: "snapshot", data });
                self.seen = Some((epoch.to_owned(), number));
            }
        }
    }
}
