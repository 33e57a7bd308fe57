//! `fumehood serve`, `fumehood token` and `fumehood config`.

mod settings;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::settings::ServeSettings;
use crate::cli::{ConfigArgs, ConfigCommand, Exit, ServeArgs, TokenArgs, TokenCommand};
use crate::config;
use crate::doctor;
use crate::http::audit::Audit;
use crate::http::{App, routes, server};
use crate::jobs::store;
use crate::metrics::Metrics;
use crate::scanners::Compiled;
use crate::service::{Service, keeper};
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
    // All of it before the first request: nothing is compiled while somebody waits for an answer.
    let artefacts = settings.artefacts()?;
    let scanners = Compiled::prepare(&artefacts, &settings.rules.scanners)?;
    let scanning = Arc::new(settings.scanning(args, &artefacts)?);
    store::make_data(&data)?;
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    runtime.block_on(async {
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
        let stopping = stopping()?;
        let app = App::new(Arc::clone(&service), data, tokens, metrics, audit);
        // Followers and waiting clients are let go when the service stops, not after their time.
        let stop = async {
            let mut stopping = stopping.clone();
            let _stopping = stopping.wait_for(|stopping| *stopping).await;
            service.stop().await;
        };
        tokio::join!(server::serve(listener, routes::router(app), stopping.clone()), stop);
        keeper.await.context("tidying up failed")
    })?;
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

/// `fumehood config check`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub fn check(args: &ConfigArgs) -> anyhow::Result<Exit> {
    let ConfigCommand::Check { file } = &args.command;
    let settings = config::read(file.as_deref()).and_then(|file| {
        let settings = ServeSettings::new(&ServeArgs::default(), file)?;
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

/// Turns true at the first SIGINT or SIGTERM.
fn stopping() -> anyhow::Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = watch::channel(false);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        sender.send_replace(true);
    });
    Ok(receiver)
}

fn announce(address: SocketAddr, has_tokens: bool, resumed: usize) {
    say(&format!("fumehood: listening on http://{address}"));
    if !has_tokens {
        say("fumehood: no tokens: whoever reaches this machine's loopback may ask for everything");
    }
    if resumed > 0 {
        say(&format!("fumehood: {resumed} jobs of the service before this one go on"));
    }
}

#[expect(clippy::print_stderr, reason = "the command's own words")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// `fumehood token`.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub fn token(args: &TokenArgs) -> anyhow::Result<Exit> {
    let data = config::data_dir(args.data_dir.as_deref())?;
    let mut tokens = Tokens::load(&data)?;
    match &args.command {
        TokenCommand::Create { tenant, scopes, expires } => {
            let token = tokens.create(tenant.clone(), scopes.clone(), *expires);
            tokens.save(&data)?;
            println!("{token}");
        }
        TokenCommand::List => {
            for token in tokens.all() {
                let end = token.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
                println!(
                    "{}  {}  {:?}  made {}  expires {end}",
                    token.id, token.tenant, token.scopes, token.created_at
                );
            }
        }
        TokenCommand::Revoke { id } => {
            if !tokens.revoke(id) {
                bail!("there is no token {id}");
            }
            tokens.save(&data)?;
        }
    }
    Ok(Exit::Success)
}
