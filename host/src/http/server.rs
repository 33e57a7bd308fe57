//! Accepts connections: their number, their headers, their idleness and their end are bounded. `axum::serve` sets
//! no timer, so that a client that trickles its header would stay for ever.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::notes::Peer;
use crate::limits::{
    HTTP_CONNECTIONS_MAX, HTTP_HEADER, HTTP_REQUEST_HEADERS_BYTES_MAX, HTTP_UNHEARD, STOP_CONNECTIONS,
};

/// Serves until `stopping` turns true, then lets open requests end.
pub async fn serve(listener: TcpListener, router: Router, mut stopping: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(HTTP_CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of descriptors, for example: others end, then there are some.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let (router, stopping) = (router.clone(), stopping.clone());
        connections.spawn(async move {
            connection(stream, address.ip(), router, stopping).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    // Whoever is still there then is cut off.
    let _cut_off = tokio::time::timeout(STOP_CONNECTIONS, ended).await;
}

async fn connection(stream: TcpStream, peer: IpAddr, router: Router, mut stopping: watch::Receiver<bool>) {
    let unheard = u32::try_from(HTTP_UNHEARD.as_millis()).unwrap_or(u32::MAX);
    // A client that takes nothing would keep its connection for ever. Where the kernel cannot do it, it may.
    let _best_effort = rustix::net::sockopt::set_tcp_user_timeout(&stream, unheard);
    let _at_once = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HTTP_HEADER).max_buf_size(HTTP_REQUEST_HEADERS_BYTES_MAX);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.call(request)
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    // A client that breaks the protocol or goes away ends its own connection and nothing else.
    tokio::select! {
        _ended = connection.as_mut() => return,
        _ = stopping.wait_for(|stopping| *stopping) => connection.as_mut().graceful_shutdown(),
    }
    let _ended = connection.await;
}
