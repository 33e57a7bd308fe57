//! `fumehood serve`, `fumehood token` and `fumehood config`.

mod settings;
mod token;

pub use token::main as token;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::settings::ServeSettings;
use crate::cli::{ConfigArgs, ConfigCommand, Exit, ServeArgs};
use crate::config;
use crate::doctor;
use crate::http::audit::Audit;
use crate::http::{App, routes, server};
use crate::jobs::store;
use crate::limits::{SERVICE_DESCRIPTORS, STOP_WORK};
use crate::metrics::Metrics;
use crate::scanners::Compiled;
use crate::service::{Service, keeper};
use crate::signals;
use crate::tenants::Tokens;
use crate::worker::lockdown::Mode;
use crate::worker::spec::Artefact;

/// The whole command.
pub fn main(args: &ServeArgs) -> anyhow::Result<Exit> {
    let settings = ServeSettings::new(args, config::read(args.config.as_deref())?)?;
    let data = settings.data.clone();
    let tokens = Tokens::load(&data)?;
    let has_tokens = !tokens.all().is_empty();
    if !has_tokens && !settings.listen.ip().is_loopback() {
        bail!("without tokens the service listens on this machine only; make one with `fumehood token create`");
    }
    store::make_data(&data)?;
    let Some(_hold) = store::hold(&data).with_context(|| format!("cannot hold {}", data.display()))? else {
        bail!("another service has the data folder {}; stop it, or name another with --data-dir", data.display());
    };
    // All of it before the first request: nothing is compiled while somebody waits for an answer.
    let artefacts = settings.artefacts()?;
    let scanners = Compiled::prepare(&artefacts, &settings.rules.scanners)?;
    let scanning = Arc::new(settings.scanning(args, &artefacts)?);
    ask_for_descriptors();
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    let served = runtime.block_on(async {
        has_sandbox(&settings, &scanning.artefact).await?;
        let metrics = Arc::new(Metrics::default());
        let audit = Audit::open(&data).context("cannot open the audit log")?;
        let service = Service::new(&data, scanning, scanners, settings.workers, settings.rules, Arc::clone(&metrics));
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("cannot listen on {}", settings.listen))?;
        let resumed = service.resume();
        let keeper = tokio::spawn(keeper::run(Arc::clone(&service)));
        announce(listener.local_addr()?, has_tokens, resumed);
        let stopping = signals::asked_to_end()?;
        let app = App::new(Arc::clone(&service), data, tokens, metrics, audit);
        // Followers and waiting clients are let go when the service stops, not after their time.
        let mut stops = stopping.clone();
        let stop = async {
            let _stopping = stops.wait_for(|stopping| *stopping).await;
            service.stop().await;
            keeper.await.context("tidying up failed")
        };
        tokio::join!(server::serve(listener, routes::router(app), stopping.clone()), within(stopping, stop)).1
    });
    // What asks a forge or sends a webhook in this moment is asked or sent again by the next service.
    runtime.shutdown_timeout(STOP_WORK);
    served?;
    Ok(Exit::Success)
}

/// A service that could not scan anything does not start.
async fn has_sandbox(settings: &ServeSettings, artefact: &Artefact) -> anyhow::Result<()> {
    if settings.sandbox != Mode::Strict {
        say(&format!(
            "fumehood: the sandbox is {}: what this machine lacks of it is left out",
            settings.sandbox.name()
        ));
        return Ok(());
    }
    doctor::demand_all(artefact).await
}

/// Waits for the work, but not for long once the service stops.
async fn within(
    mut stopping: watch::Receiver<bool>,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let late = async {
        let _stopping = stopping.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(STOP_WORK).await;
    };
    tokio::select! {
        done = work => done,
        () = late => Ok(()),
    }
}

/// Connections, workers' pipes and files are more than many systems allow unasked.
fn ask_for_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(SERVICE_DESCRIPTORS, |maximum| maximum.min(SERVICE_DESCRIPTORS));
    if limit.current.is_some_and(|current| current < most) {
        // Where that is not allowed, fewer connections are taken.
        let _fewer = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum });
    }
}

/// `fumehood config check`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub fn check(args: &ConfigArgs) -> anyhow::Result<Exit> {
    let ConfigCommand::Check { file, serve } = &args.command;
    let file = file.as_deref().or(serve.config.as_deref());
    let settings = config::read(file).and_then(|file| {
        let settings = ServeSettings::new(serve, file)?;
        // Whether they are scanners is for `serve` and `scanner check`, which compile them.
        settings.rules.scanners.iter().try_for_each(|scanner| scanner.read().map(drop))?;
        Ok(settings)
    });
    match settings {
        Ok(settings) => {
            print!("{settings}");
            Ok(Exit::Success)
        }
        Err(error) => {
            say(&format!("fumehood: {error:#}"));
            Ok(Exit::Usage)
        }
    }
}

fn announce(address: SocketAddr, has_tokens: bool, resumed: usize) {
    say(&format!("fumehood: listening on http://{address}"));
    if !address.ip().is_loopback() {
        say("fumehood: it speaks plain HTTP, in which tokens can be read: put a proxy with TLS before it");
    }
    if !has_tokens {
        say("fumehood: no tokens: whoever reaches this machine's loopback may ask for everything");
    }
    if resumed > 0 {
        say(&format!("fumehood: going on with {resumed} unfinished jobs of the service before"));
    }
}

#[expect(clippy::print_stderr, reason = "the command's own words")]
fn say(line: &str) {
    eprintln!("{line}");
}
