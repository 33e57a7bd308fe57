use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use reqwest::blocking::Client;
use serde::Deserialize;

/// Where the vault answers; see <https://vault.example/docs>.
const VAULT: &str = "https://vault.example/api/v2";
const HELP: &str = "run `backup login`, or see https://vault.example/help";

#[derive(Deserialize)]
struct Snapshot {
    id: String,
    size: u64,
}

pub struct Backup {
    client: Client,
    token: String,
    sizes: HashMap<String, u64>,
}

impl Backup {
    pub fn snapshots(&mut self, host: &str) -> Result<Vec<String>> {
        let snapshots: Vec<Snapshot> = self
            .client
            .get(format!("{VAULT}/hosts/{host}/snapshots"))
            .bearer_auth(&self.token)
            .send()
            .context(HELP)?
            .error_for_status()?
            .json()?;
        for snapshot in &snapshots {
            self.sizes.insert(snapshot.id.clone(), snapshot.size);
        }
        Ok(snapshots.into_iter().map(|snapshot| snapshot.id).collect())
    }

    pub fn upload(&self, host: &str, archive: &Path) -> Result<()> {
        let body = std::fs::File::open(archive)?;
        let url = format!("{}/hosts/{}/snapshots", VAULT, host);
        self.client.post(&url).bearer_auth(&self.token).body(body).send()?.error_for_status()?;
        Ok(())
    }

    pub fn remove(&self, id: &str) -> Result<()> {
        self.client.delete(format!("{VAULT}/snapshots/{id}")).bearer_auth(&self.token).send()?;
        Ok(())
    }

    pub fn size(&self, id: &str) -> Option<&u64> {
        self.sizes.get(id)
    }
}

pub fn ping(job: &str) -> Result<()> {
    let url = format!("https://heartbeat.example/ping/{job}");
    ureq::head(&url).call()?;
    Ok(())
}
