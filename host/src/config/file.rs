//! The configuration file: TOML, unknown keys refused.
//!
//! ```toml
//! [[forges]]
//! host = "git.example.com"                 # as in its URLs, with :port where that is not 443
//! kind = "gitlab"                          # gitlab, github or git (a plain server of repositories)
//! api = "https://git.example.com/api/v4"   # if not where it usually is
//! token_file = "/run/secrets/git-token"    # or token_env = "GIT_TOKEN"
//! ca_file = "/etc/ssl/our-authority.pem"
//! allow_addresses = ["10.0.0.0/8"]         # networks that it may lie in although they are not public
//! ```

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::scanners::ScannerFile;
use super::service::{ServiceFile, TenantFile};
use super::token_in;
use crate::forges::{Forge, Kind};
use crate::secret::{SECRET_BYTES_MAX, Secret};
use crate::service::rules::Rules;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    #[serde(default)]
    forges: Vec<ForgeSettings>,
    #[serde(default)]
    service: ServiceFile,
    #[serde(default)]
    tenants: Vec<TenantFile>,
    #[serde(default)]
    scanners: Vec<ScannerFile>,
}

/// A configuration file that was read.
#[derive(Debug)]
pub struct Config {
    /// The servers that it tells of.
    pub forges: Vec<Forge>,
    /// `[service]`, with absolute paths.
    pub service: ServiceFile,
    tenants: Vec<TenantFile>,
    scanners: Vec<ScannerFile>,
    path: Option<PathBuf>,
}

impl Config {
    /// What the operator allows, where the pool has `workers`.
    pub fn rules(&self, workers: usize) -> anyhow::Result<Rules> {
        let folder = self.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
        let scanners = super::scanners::registered(&self.scanners, folder);
        scanners
            .and_then(|scanners| super::service::rules(&self.service, &self.tenants, scanners, folder, workers))
            .with_context(|| {
                self.path.as_ref().map_or("the configuration".to_owned(), |path| path.display().to_string())
            })
    }

    /// Where it was read, if there is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForgeSettings {
    host: String,
    kind: Option<Kind>,
    api: Option<String>,
    token_file: Option<PathBuf>,
    token_env: Option<String>,
    ca_file: Option<PathBuf>,
    #[serde(default)]
    allow_addresses: Vec<IpNet>,
}

/// A configuration is a page; this is a book.
const CONFIGURATION_BYTES_MAX: u64 = 1024 * 1024;

/// Reads the file at `path`; nothing is there if there is none.
pub(super) fn config(path: Option<&Path>) -> anyhow::Result<Config> {
    let Some(path) = path else {
        return Ok(Config {
            forges: Vec::new(),
            service: ServiceFile::default(),
            tenants: Vec::new(),
            scanners: Vec::new(),
            path: None,
        });
    };
    let shown = path.display();
    let text = read(path, CONFIGURATION_BYTES_MAX).with_context(|| format!("cannot read {shown}"))?;
    let configuration: Configuration = toml::from_str(&text).with_context(|| format!("{shown} is wrong"))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut forges: Vec<Forge> = Vec::new();
    for settings in configuration.forges {
        let host = settings.host.clone();
        let forge = forge(settings, folder).with_context(|| format!("{shown}: forge {host}"))?;
        if forges.iter().any(|other| other.host == forge.host) {
            bail!("{shown}: forge {host} stands there twice");
        }
        forges.push(forge);
    }
    let service = configuration.service.beside(folder).with_context(|| format!("{shown}: [service]"))?;
    Ok(Config {
        forges,
        service,
        tenants: configuration.tenants,
        scanners: configuration.scanners,
        path: Some(path.to_owned()),
    })
}

/// Relative paths begin where the file lies.
fn forge(settings: ForgeSettings, folder: &Path) -> anyhow::Result<Forge> {
    let host = settings.host.to_ascii_lowercase();
    let url = Url::parse(&format!("https://{host}/")).ok();
    if url.is_none_or(|url| crate::forges::authority(&url) != host) {
        bail!("host must be a name, or a name and a port, as in URLs: git.example.com");
    }
    let token = match (settings.token_file, settings.token_env) {
        (Some(_), Some(_)) => bail!("give token_file or token_env, not both"),
        (Some(path), None) => Some(token(&folder.join(path))?),
        (None, Some(variable)) => {
            Some(token_in(&variable)?.with_context(|| format!("token_env: {variable} is not set"))?)
        }
        (None, None) => None,
    };
    let api = settings.api.map(|api| Url::parse(&api).with_context(|| format!("api: {api}"))).transpose()?;
    if api.as_ref().is_some_and(|api| api.scheme() != "https") {
        bail!("api must be an https URL");
    }
    Ok(Forge {
        host,
        kind: settings.kind,
        api,
        token,
        ca_file: settings.ca_file.map(|path| std::path::absolute(folder.join(path))).transpose()?,
        allow_addresses: settings.allow_addresses,
    })
}

/// The token in a file.
pub(super) fn token(path: &Path) -> anyhow::Result<Secret> {
    let shown = path.display();
    let text = read(path, SECRET_BYTES_MAX as u64 + 2).with_context(|| format!("cannot read the token in {shown}"))?;
    Secret::new(&text).with_context(|| format!("{shown} holds no token"))
}

#[expect(clippy::disallowed_methods, reason = "files that the operator names")]
fn read(path: &Path, bytes_max: u64) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(bytes_max).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test")]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let rules = config(Some(&path)).and_then(|config| config.rules(2));
        rules.map_or_else(|error| format!("{error:#}"), |_| "none".to_owned())
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(problem("[[forges]]\nhost = \"git.example.com:8443\"\nkind = \"gitlab\"\n"), "none");
        assert!(problem("[[forges]]\nhost = \"h.example\"\ntokn_file = \"x\"\n").contains("unknown field `tokn_file`"));
        assert!(problem("[[forges]]\nhost = \"https://h.example/\"\n").contains("host must be a name"));
        assert!(problem("[[forges]]\nhost = \"h.example\"\napi = \"http://h.example\"\n").contains("https"));
        assert!(
            problem("[[forges]]\nhost = \"h.example\"\ntoken_file = \"nowhere\"\n").contains("cannot read the token")
        );
        let twice = "[[forges]]\nhost = \"h.example\"\n".repeat(2);
        assert!(problem(&twice).contains("twice"));
        assert_eq!(problem("[service]\nlisten = \"0.0.0.0:80\"\n[service.quotas]\njobs = 3\n"), "none");
        assert!(problem("[service]\ntimeout = 3\n").contains("unknown field `timeout`"));
        assert!(problem("[service.quotas]\nworkers = 0\n").contains("nonzero"));
        let tenant = "[[tenants]]\nname = \"acme\"\n";
        assert!(problem(&tenant.repeat(2)).contains("twice"));
        assert!(problem("[[tenants]]\nname = \"A/../b\"\n").contains("lower-case"));

        let hash = blake3::hash(b"x").to_hex().to_string();
        let scanner = |name: &str, blake3: &str| {
            format!("[[scanners]]\nname = \"{name}\"\nfile = \"s.wasm\"\nblake3 = \"{blake3}\"\n")
        };
        assert_eq!(problem(&scanner("a", &hash)), "none");
        assert!(problem(&scanner("a", &hash.to_uppercase())).contains("64 lower-case"));
        assert!(problem(&scanner("a", "abc")).contains("64 lower-case"));
        assert!(problem(&scanner("a", &hash).repeat(2)).contains("twice"));
        let may = |hash: &str| format!("{tenant}scanners = [\"{hash}\"]\n");
        assert_eq!(problem(&format!("{}{}", scanner("a", &hash), may(&hash))), "none");
        assert!(problem(&may(&hash)).contains("no [[scanners]] with the hash"));
    }
}
