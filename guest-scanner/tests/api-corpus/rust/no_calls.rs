use std::collections::HashMap;

/// See <https://docs.rs/reqwest>.
pub struct Client<'a> {
    names: HashMap<&'a str, char>,
}

impl<'a> Client<'a> {
    pub fn get(&self, url: &str) -> Option<&char> {
        let _quote = '"';
        self.names.get(url)
    }
}

pub const LICENSE: &str = "https://www.apache.org/licenses/LICENSE-2.0";
