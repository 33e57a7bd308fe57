//! `fumehood submit`: has a service scan repositories, and shows it as `scan` would.

mod connection;
mod follow;

use std::io;

use anyhow::{Context as _, bail};
use fumehood_contract::master::JobState;
use serde::{Deserialize, Serialize};

use self::connection::Connection;
use crate::cli::{Exit, SubmitArgs};
use crate::{config, output};

#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    group_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repositories: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scanner: Option<&'a str>,
}

#[derive(Deserialize)]
struct Taken {
    job_id: String,
}

#[derive(Deserialize)]
struct Ended {
    status: JobState,
    error: Option<String>,
}

/// The whole command.
#[expect(clippy::print_stdout, reason = "the job's id is the answer of the command")]
pub fn main(args: &SubmitArgs) -> anyhow::Result<Exit> {
    let token = config::service_token(args.token_file.as_deref())?;
    let service = Connection::open(&args.server, token, args.ca_file.as_deref(), args.quiet)?;
    let taken: Taken = service.post("/scan", &request(args)?)?;
    // It comes from outside, and goes into paths.
    let id = uuid::Uuid::try_parse(&taken.job_id).context("the service answered without a job's id")?;
    if !args.wait {
        println!("{id}");
        return Ok(Exit::Success);
    }
    if !args.quiet {
        say(&format!("fumehood: job {id}, which goes on if this command is interrupted"));
    }
    follow::to_its_end(&service, &id, args.quiet)?;
    let ended: Ended = service.get_json(&format!("/scan/{id}"))?;
    if let Some(error) = &ended.error {
        bail!("job {id}: {}", crate::text::clean(error));
    }
    let (mut report, is_restricted) = service.report(&format!("/scan/{id}/report?format={}", args.format.name()))?;
    output::write(args.output.as_deref(), &mut |out| io::copy(&mut report, out).map(drop))?;
    Ok(if is_restricted { Exit::Restricted } else { exit(ended.status) })
}

/// URLs are for the forges; one name that is no URL is a folder on the service's machine.
fn request(args: &SubmitArgs) -> anyhow::Result<Vec<u8>> {
    let is_url = |source: &String| source.contains("://");
    let (webhook_url, scanner) = (args.webhook.as_deref(), args.scanner.as_deref());
    let mut request = Request { group_url: None, repositories: None, path: None, webhook_url, scanner };
    match args.sources.as_slice() {
        [one] if is_url(one) => request.group_url = Some(one),
        [one] => request.path = Some(one),
        many if many.iter().all(is_url) => request.repositories = Some(many),
        _ => bail!("give https URLs, or one folder on the service's machine"),
    }
    Ok(serde_json::to_vec(&request)?)
}

#[expect(clippy::print_stderr, reason = "the command's own words")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn exit(status: JobState) -> Exit {
    match status {
        JobState::Completed => Exit::Success,
        JobState::Cancelled => Exit::Interrupted,
        JobState::Initializing | JobState::InProgress | JobState::CompletedWithErrors | JobState::Failed => {
            Exit::Failed
        }
    }
}
