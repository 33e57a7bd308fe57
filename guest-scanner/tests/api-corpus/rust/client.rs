use reqwest::{Client, Method};
use serde::Deserialize;

const API: &str = "https://registry.example/api";

#[derive(Deserialize)]
struct Package {
    name: String,
}

pub struct Registry {
    client: Client,
    token: Option<String>,
}

impl Registry {
    pub async fn package(&self, name: &str) -> reqwest::Result<Package> {
        // self.client.get("https://comment.example.rs")
        let url = format!("{API}/packages/{name}");
        self.client.get(&url).send().await?.json().await
    }

    pub async fn publish(&self, body: Vec<u8>) -> reqwest::Result<()> {
        let mut request = self.client.request(Method::PUT, format!("{}/packages", API));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request.body(body).send().await?.error_for_status()?;
        Ok(())
    }
}

pub fn mirror() -> Result<String, ureq::Error> {
    ureq::get("https://mirror.example.rs/list").call()?.into_string().map_err(Into::into)
}

#[cfg(test)]
mod tests {
    #[test]
    fn map() {
        let map = std::collections::HashMap::from([("https://registry.example", 1)]);
        assert_eq!(map.get("https://registry.example"), Some(&1));
    }
}
