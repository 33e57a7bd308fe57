//! The one HTTP client: for the forges' APIs and for git itself.
//!
//! It speaks to one origin, at addresses that [`crate::guard`] resolved and checked before; another host is
//! not even looked up. It follows no redirect by itself, knows no proxy, keeps no cookies, asks for no
//! compression (a bomb needs one), and every phase of an exchange has its limit.

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};
use url::Url;

use crate::limits::{CA_FILE_BYTES_MAX, HTTP_CONNECT, HTTP_HEADER_BYTES_MAX, HTTP_SILENCE};

/// Whom we believe to be who they say they are.
#[derive(Clone, Debug)]
pub struct Trust(Arc<Vec<Certificate<'static>>>);

/// The certificates cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the certificates in {file} cannot be used: {error}")]
pub struct TrustError {
    /// Which file.
    pub file: String,
    /// Why.
    pub error: io::Error,
}

impl Trust {
    /// The authorities that this system trusts, and those in `ca_file` (PEM).
    pub fn load(ca_file: Option<&Path>) -> Result<Self, TrustError> {
        let system = rustls_native_certs::load_native_certs().certs;
        let mut certificates: Vec<_> =
            system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        if let Some(path) = ca_file {
            let wrong = |error| TrustError { file: path.display().to_string(), error };
            let before = certificates.len();
            let pem = read_bounded(path).map_err(wrong)?;
            certificates.extend(parse_pem(&pem).filter_map(Result::ok).filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate),
                PemItem::PrivateKey(_) | _ => None,
            }));
            if certificates.len() == before {
                return Err(wrong(io::Error::new(io::ErrorKind::InvalidData, "it holds no PEM certificate")));
            }
        }
        Ok(Self(Arc::new(certificates)))
    }
}

#[expect(clippy::disallowed_methods, reason = "a file that the operator names")]
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(CA_FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A client of the origin of `url`, which lies at `addresses`. Speaks https and nothing else.
pub fn agent(url: &Url, addresses: &[SocketAddr], trust: &Trust) -> Agent {
    build(url, addresses, trust, true)
}

/// The same, which speaks http where the URL says so: for a service on this machine.
pub fn local_agent(url: &Url, addresses: &[SocketAddr], trust: &Trust) -> Agent {
    build(url, addresses, trust, false)
}

fn build(url: &Url, addresses: &[SocketAddr], trust: &Trust, https_only: bool) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::clone(&trust.0)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Config::builder()
        .https_only(https_only)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("fumehood/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .max_response_header_size(HTTP_HEADER_BYTES_MAX)
        .timeout_connect(Some(HTTP_CONNECT))
        .timeout_send_request(Some(HTTP_SILENCE))
        .timeout_send_body(Some(HTTP_SILENCE))
        .timeout_recv_response(Some(HTTP_SILENCE))
        .timeout_per_read(Some(HTTP_SILENCE))
        .max_idle_age(Duration::from_secs(5))
        .tls_config(tls)
        .build();
    let pinned = Pinned { origin: origin(url), addresses: addresses.to_vec() };
    Agent::with_parts(config, DefaultConnector::default(), pinned)
}

/// Scheme, host and port: what two URLs must share to be of one origin.
pub fn origin(url: &Url) -> Origin {
    Origin {
        scheme: url.scheme().to_owned(),
        host: url.host_str().unwrap_or_default().to_ascii_lowercase(),
        port: url.port_or_known_default(),
    }
}

/// See [`origin`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// Knows one origin's addresses and nothing else: no name is looked up while a request is made.
#[derive(Debug)]
struct Pinned {
    origin: Origin,
    addresses: Vec<SocketAddr>,
}

impl Resolver for Pinned {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let asked = Url::parse(&uri.to_string()).map_err(|_| ureq::Error::HostNotFound)?;
        if origin(&asked) != self.origin {
            return Err(ureq::Error::HostNotFound);
        }
        let mut found = self.empty();
        self.addresses.iter().take(16).for_each(|address| found.push(*address));
        if found.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(found) }
    }
}
