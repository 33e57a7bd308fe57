//! `fumehood token`.

use std::path::Path;

use anyhow::bail;
use comfy_table::Table;
use comfy_table::presets::NOTHING;

use crate::cli::{Exit, TokenArgs, TokenCommand};
use crate::config;
use crate::http::audit;
use crate::tenants::{StoredToken, Tokens};

/// The whole command.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub fn main(args: &TokenArgs) -> anyhow::Result<Exit> {
    // Where the service that has this configuration keeps its own.
    let configured = config::read(args.config.as_deref())?.service.data_dir;
    let data = config::data_dir(args.data_dir.as_deref().or(configured.as_deref()))?;
    match &args.command {
        TokenCommand::Create { tenant, scopes, expires } => {
            let made = Tokens::change(&data, |tokens| {
                let token = tokens.create(tenant.clone(), scopes.clone(), *expires);
                (token, tokens.all().last().cloned())
            })?;
            note(&data, "create", made.1.as_ref());
            println!("{}", made.0);
        }
        TokenCommand::List => println!("{}", table(Tokens::load(&data)?.all())),
        TokenCommand::Revoke { id } => {
            // Whoever has the token at hand need not look for its id.
            let id = id.strip_prefix("fh_").and_then(|token| token.split('_').next()).unwrap_or(id);
            let revoked = Tokens::change(&data, |tokens| tokens.revoke(id))?;
            if revoked.is_none() {
                bail!("there is no token {id} in {}; see fumehood token list", data.display());
            }
            note(&data, "revoke", revoked.as_ref());
        }
    }
    Ok(Exit::Success)
}

fn table(tokens: &[StoredToken]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["ID", "TENANT", "SCOPES", "MADE", "EXPIRES"]);
    for token in tokens {
        let scopes: Vec<_> = token.scopes.iter().map(ToString::to_string).collect();
        let end = token.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
        let made = token.created_at.to_string();
        table.add_row([token.id.as_str(), token.tenant.as_str(), &scopes.join(","), &made, &end]);
    }
    table
}

/// Writes it into the audit log. What was done counts, whether or not that can be written down.
#[expect(clippy::print_stderr, reason = "the command's own words")]
fn note(data: &Path, doing: &str, token: Option<&StoredToken>) {
    if let Some(Err(error)) = token.map(|token| audit::token_changed(data, doing, token)) {
        eprintln!("fumehood: the audit log cannot be written: {error}");
    }
}
