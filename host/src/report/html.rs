//! One HTML page that needs nothing else: no request leaves it, and it runs no script but its own.
//!
//! Everything from outside is text, escaped where it is written. A content security policy stands behind that: it names
//! the one style and the one script by their hashes, and forbids everything else.

mod chart;
mod sections;

use std::fmt::{self, Display};
use std::io::{self, Write};

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::junit::Xml;
use super::{RepoReport, sandboxes};
use crate::policy::Rollup;

/// Writes the page for all repositories.
pub fn write(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let rollup = Rollup::of(reports);
    head(out, reports)?;
    sections::tiles(out, reports, rollup.as_ref())?;
    chart::write(out, reports, rollup.as_ref())?;
    sections::repositories(out, reports)?;
    if let Some(rollup) = &rollup {
        sections::categories(out, rollup)?;
        sections::findings(out, reports)?;
    }
    sections::packages(out, reports)?;
    sections::calls(out, reports)?;
    sections::problems(out, reports)?;
    for sandbox in sandboxes(reports) {
        writeln!(out, "<p class=\"note\">{}</p>", Xml(&sandbox.to_string()))?;
    }
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")?;
    out.flush()
}

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

fn head(out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    let title = match reports {
        [report] => report.name.clone(),
        _ => crate::text::count(reports.len() as u64, "repository"),
    };
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · Fumehood</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n\
         <p>What it depends on, as Fumehood {} found it.</p>\n\
         <button id=\"theme\" type=\"button\" hidden>Dark</button>\n</header>\n<main>",
        security_policy(),
        env!("CARGO_PKG_VERSION"),
        title = Xml(&title),
    )
}

fn security_policy() -> String {
    let hash = |text: &str| BASE64.encode(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// A table that the script can sort and filter.
struct Table {
    id: &'static str,
    columns: Vec<Column>,
    rows: usize,
}

/// Rows that are laid out at once; the script shows the rest when somebody wants them. Laying out tens of thousands
/// takes a browser many seconds.
const ROWS_SHOWN: usize = 200;

/// A column: its title, and whether it holds numbers.
#[derive(Clone, Copy)]
struct Column {
    name: &'static str,
    is_number: bool,
}

/// A name of so many letters stays on one line.
const UNBROKEN_LETTERS: usize = 32;

/// A cell.
enum Cell<'a> {
    Text(&'a str),
    /// A name or a path, in the letters of code.
    Code(&'a str),
    Number(u64),
    /// A word with a colour, which is a class of the style.
    Mark(&'static str, &'a str),
}

impl Table {
    fn begin(out: &mut dyn Write, id: &'static str, title: &str, columns: &[&'static str]) -> io::Result<Self> {
        let columns =
            columns.iter().map(|name| Column { name: name.trim_end_matches('#'), is_number: name.ends_with('#') });
        let table = Self { id, columns: columns.collect(), rows: 0 };
        writeln!(out, "<section>\n<h2 id=\"{id}-title\">{}</h2>", Xml(title))?;
        writeln!(out, "<div class=\"scroll\">\n<table id=\"{id}\" aria-labelledby=\"{id}-title\">\n<thead><tr>")?;
        for column in &table.columns {
            let class = if column.is_number { " class=\"number\"" } else { "" };
            writeln!(out, "<th scope=\"col\"{class}>{}</th>", Xml(column.name))?;
        }
        writeln!(out, "</tr></thead>\n<tbody>")?;
        Ok(table)
    }

    fn row<'a>(&mut self, out: &mut dyn Write, cells: impl IntoIterator<Item = Cell<'a>>) -> io::Result<()> {
        if self.rows == ROWS_SHOWN {
            writeln!(out, "<template>")?;
        }
        self.rows += 1;
        write!(out, "<tr>")?;
        for cell in cells {
            write!(out, "{cell}")?;
        }
        writeln!(out, "</tr>")
    }

    fn end(self, out: &mut dyn Write) -> io::Result<()> {
        let (id, rows) = (self.id, self.rows);
        if rows > ROWS_SHOWN {
            writeln!(out, "</template>")?;
        }
        writeln!(out, "</tbody>\n</table>\n</div>")?;
        if rows > ROWS_SHOWN {
            writeln!(
                out,
                "<noscript><p>The first {ROWS_SHOWN} of {rows}; the page's script shows the rest.</p></noscript>"
            )?;
        }
        writeln!(out, "<p class=\"none\" id=\"{id}-none\" hidden>Nothing matches.</p>\n</section>")
    }
}

impl Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "<td>{}</td>", Xml(text)),
            Self::Code("") | Self::Mark(_, "") => write!(f, "<td></td>"),
            Self::Code(text) if text.chars().count() <= UNBROKEN_LETTERS => {
                write!(f, "<td><code class=\"short\">{}</code></td>", Xml(text))
            }
            Self::Code(text) => write!(f, "<td><code>{}</code></td>", Xml(text)),
            Self::Number(number) => write!(f, "<td class=\"number\">{number}</td>"),
            Self::Mark(class, text) => write!(f, "<td><span class=\"mark {class}\">{}</span></td>", Xml(text)),
        }
    }
}

#[cfg(test)]
mod tests;
