use reqwest::Client;

const API: &str = "https://crates.example.com/api/v1";

/// Calls `reqwest::get("https://doc.example")`.
pub struct Registry {
    client: Client,
}

impl Registry {
    pub async fn krate(&self, name: &str) -> reqwest::Result<String> {
        let url = format!("{API}/crates/{name}");
        self.client.get(&url).send().await?.text().await
    }

    pub async fn yank(&self, name: &str, version: &str, token: &str) -> reqwest::Result<()> {
        self.client
            .delete(format!("{}/crates/{}/{}/yank", API, name, version))
            .bearer_auth(token)
            .send()
            .await?;
        Ok(())
    }
}

pub async fn ping() -> reqwest::Result<()> {
    reqwest::get("https://crates.example.com/ping").await?;
    Ok(())
}
