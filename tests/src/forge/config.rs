//! The configuration that lets a client speak to a forge.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::Forge;

/// What a forge is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeKind {
    /// With GitLab's API.
    GitLab,
    /// With GitHub's API.
    GitHub,
    /// With git alone.
    Git,
}

impl Forge {
    /// Configurations that are written from now on name a file with this token.
    pub fn with_token(&self, token: &str) -> &Self {
        *self.token.lock().unwrap() = Some(token.to_owned());
        self
    }

    /// A configuration that knows this forge alone, and lets loopback be spoken to.
    pub fn config(&self, kind: ForgeKind) -> PathBuf {
        self.config_of(&self.entry(kind))
    }

    /// A configuration of this text: entries of one or several forges, and whatever else.
    pub fn config_of(&self, text: &str) -> PathBuf {
        self.write("config", "toml", text)
    }

    /// What [`Forge::config`] writes.
    pub fn entry(&self, kind: ForgeKind) -> String {
        let kind = match kind {
            ForgeKind::GitLab => "gitlab",
            ForgeKind::GitHub => "github",
            ForgeKind::Git => "git",
        };
        let token = self.token.lock().unwrap().clone();
        let token = token.map(|token| {
            let file = self.write("token", "txt", &format!("{token}\n"));
            format!("token_file = \"{}\"\n", file.display())
        });
        format!(
            "[[forges]]\nhost = \"{}\"\nkind = \"{kind}\"\nca_file = \"{}\"\n\
             allow_addresses = [\"127.0.0.0/8\", \"::1/128\"]\n{}",
            self.host(),
            self.ca_file().display(),
            token.unwrap_or_default()
        )
    }

    /// Writes a file that only its owner may read.
    fn write(&self, stem: &str, extension: &str, text: &str) -> PathBuf {
        let name = |number: usize| self.folder().join(format!("{stem}-{number}.{extension}"));
        let path = (0..).map(name).find(|path| !path.exists()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    }
}
