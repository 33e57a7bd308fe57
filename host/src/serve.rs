//! `fumehood serve` and `fumehood token`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::{Exit, ServeArgs, TokenArgs, TokenCommand};
use crate::http::{App, routes, server};
use crate::jobs::fair::Share;
use crate::service::{Quotas, Service};
use crate::tenants::Tokens;
use crate::{config, limits, scan};

/// The whole command.
pub fn main(args: &ServeArgs) -> anyhow::Result<Exit> {
    let data = config::data_dir(args.data_dir.as_deref())?;
    let tokens = Some(Tokens::load(&data)?).filter(|tokens| !tokens.all().is_empty());
    if tokens.is_none() && !args.listen.ip().is_loopback() {
        bail!("without tokens the service listens on this machine only; make one with `fumehood token create`");
    }
    let settings = Arc::new(scan::service_settings(args)?);
    let runtime = tokio::runtime::Runtime::new().context("no runtime")?;
    runtime.block_on(async {
        let places = args.jobs.map_or_else(cores, std::num::NonZero::get);
        let quotas = Quotas {
            share: Share { weight: 1, at_once: places },
            jobs_at_once: limits::JOBS_AT_ONCE,
            repositories: limits::REPOSITORIES_MAX,
        };
        let service = Service::new(&data, settings, places, quotas, args.local_root.clone());
        let resumed = service.resume();
        let listener =
            TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
        announce(listener.local_addr()?, tokens.is_some(), resumed);
        let stopping = stopping()?;
        let app = App::new(Arc::clone(&service), data, tokens);
        server::serve(listener, routes::router(app), stopping).await;
        service.stop().await;
        anyhow::Ok(())
    })?;
    Ok(Exit::Success)
}

fn cores() -> usize {
    available_parallelism().map_or(1, std::num::NonZero::get)
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

#[expect(clippy::print_stderr, reason = "the service's own words")]
fn announce(address: SocketAddr, has_tokens: bool, resumed: usize) {
    eprintln!("fumehood: listening on http://{address}");
    if !has_tokens {
        eprintln!("fumehood: no tokens: whoever reaches this machine's loopback may ask for everything");
    }
    if resumed > 0 {
        eprintln!("fumehood: {resumed} jobs of the service before this one go on");
    }
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
