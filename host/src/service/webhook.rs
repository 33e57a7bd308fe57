//! Tells a client's own server that a job has ended, signed as standard-webhooks says
//! (<https://www.standardwebhooks.com>, specification 1.0.0): `webhook-id`, `webhook-timestamp` and
//! `webhook-signature`.
//!
//! What is still to be told lies in the job's folder, so that a restart forgets nothing. A receiver may get a message
//! twice, always with the same id.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use data_encoding::BASE64;
use fumehood_contract::Timestamp;
use fumehood_contract::master::{JobState, Master, Summary};
use ring::hmac;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::Service;
use super::rules::WebhookReach;
use crate::client::{self, Trust};
use crate::guard;
use crate::jobs::store::JobStore;
use crate::limits::{WEBHOOK_ANSWER, WEBHOOK_URL_BYTES_MAX, WEBHOOK_WAITS};
use crate::secret::Secret;
use crate::tenants::Tenant;

/// What is to be told, and how far that is. `webhook.json` in the job's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Names the message.
    pub id: String,
    /// Whom to tell.
    pub url: Url,
    /// How often it was tried.
    pub tries: u32,
    /// Not before this.
    pub next_try_at: Timestamp,
    /// What came of it; `None` while there is something to be done.
    pub end: Option<End>,
    /// What went wrong at the last try.
    pub last_error: Option<String>,
}

/// What came of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The receiver took it.
    Delivered,
    /// The receiver wants no more, or never took it.
    GivenUp,
}

/// A URL that no webhook is sent to.
#[derive(Debug, thiserror::Error)]
pub enum BadWebhook {
    /// Not an https URL, or one with credentials.
    #[error("webhook_url must be an https URL of at most {WEBHOOK_URL_BYTES_MAX} bytes, without a user in it")]
    Url,
    /// The operator gave the tenant no secret.
    #[error("webhook_url: the operator of this service has set no secret for your webhooks")]
    NoSecret,
}

/// The secret is no key of standard-webhooks.
#[derive(Debug, thiserror::Error)]
#[error("it must be whsec_ and 24 to 64 bytes in base64, as standard-webhooks has it")]
pub struct BadKey;

/// The key behind `whsec_…`.
pub fn key(secret: &Secret) -> Result<hmac::Key, BadKey> {
    let text = secret.reveal();
    let bytes = BASE64.decode(text.strip_prefix("whsec_").ok_or(BadKey)?.as_bytes()).map_err(|_| BadKey)?;
    if !(24..=64).contains(&bytes.len()) {
        return Err(BadKey);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

impl Webhook {
    /// To this URL, about a job that has not ended.
    pub fn new(url: Url) -> Self {
        let id = format!("msg_{}", Uuid::new_v4().simple());
        Self { id, url, tries: 0, next_try_at: Timestamp::now(), end: None, last_error: None }
    }

    /// The URL of a request.
    pub fn url(text: &str) -> Result<Url, BadWebhook> {
        let url = Url::parse(text).map_err(|_| BadWebhook::Url)?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.host().is_some();
        let fits = text.len() <= WEBHOOK_URL_BYTES_MAX && url.scheme() == "https";
        if is_plain && fits { Ok(url) } else { Err(BadWebhook::Url) }
    }

    /// What came of a try.
    fn tried(&mut self, sent: Result<(), (String, bool)>) {
        let wait = WEBHOOK_WAITS.get(self.tries as usize).copied();
        self.tries += 1;
        let Err((error, is_final)) = sent else {
            (self.end, self.last_error) = (Some(End::Delivered), None);
            return;
        };
        self.last_error = Some(error);
        match wait.filter(|_| !is_final) {
            Some(wait) => {
                self.next_try_at = Timestamp::from_unix_seconds(Timestamp::now().unix_seconds() + wait.as_secs());
            }
            None => self.end = Some(End::GivenUp),
        }
    }
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    job_id: &'a str,
    group_url: &'a str,
    status: JobState,
    summary: Summary,
    started_at: Timestamp,
    completed_at: Option<Timestamp>,
    error: Option<&'a str>,
}

fn message(master: &Master) -> Vec<u8> {
    let data = Data {
        job_id: &master.job_id,
        group_url: &master.group_url,
        status: master.status,
        summary: master.summary,
        started_at: master.started_at,
        completed_at: master.completed_at,
        error: master.error.as_deref(),
    };
    let timestamp = master.completed_at.unwrap_or(master.last_aggregation);
    // Strings and numbers: nothing in it can fail to be written.
    serde_json::to_vec(&Message { kind: "scan.ended", timestamp, data }).unwrap_or_default()
}

/// Tells about an ended job until the receiver has taken it, wants no more, the job goes on, or the service stops.
pub(super) async fn deliver(service: Arc<Service>, tenant: Tenant, store: JobStore) {
    let mut stopping = service.stopping.subscribe();
    let work = async {
        let Some(mut webhook) = store.webhook() else { return };
        while webhook.end.is_none() {
            let wait = webhook.next_try_at.seconds_since(Timestamp::now());
            tokio::time::sleep(Duration::from_secs(wait)).await;
            let place = service.webhook_place(&tenant).await;
            // A job that was taken up again is told of at its next end, by another message.
            let Some(master) = store.master().filter(|master| master.completed_at.is_some()) else { return };
            let Some(secret) = service.rules.of(&tenant).webhook_secret.clone() else { return };
            let reach = service.rules.webhooks.clone();
            let sent = tokio::task::spawn_blocking({
                let webhook = webhook.clone();
                move || send(&webhook, &secret, &reach, &message(&master))
            });
            let sent = sent.await.unwrap_or_else(|_| Err(("sending failed".to_owned(), false)));
            drop(place);
            webhook.tried(sent);
            if !is_kept(&service, &store, &webhook) {
                return;
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

/// Whether this is still the message to be sent, and how far it is was written down. Where the disk is full, the next
/// service tells once more.
fn is_kept(service: &Service, store: &JobStore, webhook: &Webhook) -> bool {
    let _alone = service.webhook_files.lock().unwrap_or_else(PoisonError::into_inner);
    store.webhook().is_some_and(|stored| stored.id == webhook.id) && store.write_webhook(webhook).is_ok()
}

/// One try. `Err` says what was wrong, and whether it is of no use to go on.
fn send(webhook: &Webhook, secret: &Secret, reach: &WebhookReach, body: &[u8]) -> Result<(), (String, bool)> {
    let key = key(secret).map_err(|error| (error.to_string(), true))?;
    let later = |error: String| (crate::text::clean(&error).into_owned(), false);
    let addresses = guard::resolve(&webhook.url, &reach.allow_addresses).map_err(|error| later(error.to_string()))?;
    let trust = Trust::load(reach.ca_file.as_deref()).map_err(|error| later(error.to_string()))?;
    let now = Timestamp::now().unix_seconds();
    let answer = client::agent(&webhook.url, &addresses, &trust)
        .post(webhook.url.as_str())
        .config()
        .timeout_global(Some(WEBHOOK_ANSWER))
        .build()
        .header("content-type", "application/json")
        .header("webhook-id", &webhook.id)
        .header("webhook-timestamp", now.to_string())
        .header("webhook-signature", signature(&key, &webhook.id, now, body))
        .send(body);
    let status = answer.map_err(|error| later(error.to_string()))?.status();
    match status.as_u16() {
        200..=299 => Ok(()),
        // The receiver is gone for good, says the specification.
        410 => Err(("the receiver answered 410".to_owned(), true)),
        other => Err((format!("the receiver answered {other}"), false)),
    }
}

fn signature(key: &hmac::Key, id: &str, timestamp: u64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{id}.{timestamp}.").as_bytes());
    context.update(body);
    format!("v1,{}", BASE64.encode(context.sign().as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    /// Computed with another implementation: `printf 'msg_1.1614265330.{"a":1}' | openssl dgst -sha256 -hmac …`.
    #[test]
    fn a_signature_is_what_others_compute() {
        let key = key(&secret("whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0")).unwrap();
        assert_eq!(
            signature(&key, "msg_1", 1_614_265_330, b"{\"a\":1}"),
            "v1,5IKFHywYdWGrDEg4ZYCq/IfhgWhDUyzUv/UC/zQZ6+c="
        );
    }

    #[test]
    fn keys_and_urls_are_checked() {
        for bad in ["x", "whsec_", "whsec_!!", "whsec_YWJj"] {
            assert!(key(&secret(bad)).is_err(), "{bad}");
        }
        for bad in ["http://h.example/", "https://u:p@h.example/", "x", "file:///etc/passwd"] {
            assert!(Webhook::url(bad).is_err(), "{bad}");
        }
        assert!(Webhook::url("https://h.example/hook?x=1").is_ok());
    }

    #[test]
    fn tries_end() {
        let mut webhook = Webhook::new(Url::parse("https://h.example/").unwrap());
        for _ in WEBHOOK_WAITS {
            webhook.tried(Err(("no".to_owned(), false)));
            assert_eq!(webhook.end, None);
        }
        webhook.tried(Err(("no".to_owned(), false)));
        assert_eq!(webhook.end, Some(End::GivenUp));
    }
}
