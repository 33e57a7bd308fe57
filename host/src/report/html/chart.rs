//! Bars: how much is of which ecosystem and of which category.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Xml;
use crate::policy::{CategoryStatus, Rollup, kind};
use crate::report::RepoReport;

/// Bars of one chart; the smallest are added up in the last.
const BARS_MAX: usize = 12;

/// Letters of a bar's name.
const NAME_LETTERS_MAX: usize = 22;

/// A bar: what it stands for, how much of it, and its class of the style.
struct Bar {
    name: String,
    value: u64,
    class: &'static str,
}

/// Both charts, side by side where there is room.
pub(super) fn write(out: &mut dyn Write, reports: &[RepoReport], rollup: Option<&Rollup>) -> io::Result<()> {
    writeln!(out, "<div class=\"charts\">")?;
    chart(out, "Packages by ecosystem", ecosystems(reports))?;
    if let Some(rollup) = rollup {
        chart(out, "Found by category", categories(rollup))?;
    }
    writeln!(out, "</div>")
}

fn ecosystems(reports: &[RepoReport]) -> Vec<Bar> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (_, package) in reports.iter().flat_map(RepoReport::packages) {
        *counts.entry(kind(&package.purl)).or_default() += 1;
    }
    counts.into_iter().map(|(name, value)| Bar { name, value, class: "plain" }).collect()
}

fn categories(rollup: &Rollup) -> Vec<Bar> {
    let present = rollup.categories.iter().filter(|category| category.present);
    let mut bars: Vec<Bar> = present
        .map(|category| Bar {
            name: category.name.clone(),
            value: category.found.dependencies + category.found.api_calls,
            class: match category.status {
                CategoryStatus::Allowed => "allowed",
                CategoryStatus::Restricted => "restricted",
            },
        })
        .collect();
    if rollup.counts.cannot_determine > 0 {
        bars.push(Bar { name: "cannot determine".to_owned(), value: rollup.counts.cannot_determine, class: "unknown" });
    }
    bars
}

fn chart(out: &mut dyn Write, title: &str, mut bars: Vec<Bar>) -> io::Result<()> {
    bars.sort_by(|left, right| right.value.cmp(&left.value).then_with(|| left.name.cmp(&right.name)));
    if bars.len() > BARS_MAX {
        let rest = bars.split_off(BARS_MAX - 1);
        let name = format!("{} others", rest.len());
        bars.push(Bar { name, value: rest.iter().map(|bar| bar.value).sum(), class: "plain" });
    }
    let largest = bars.iter().map(|bar| bar.value).max().unwrap_or(1).max(1);
    let height = bars.len().max(1) * 26;
    writeln!(out, "<figure>\n<figcaption>{}</figcaption>", Xml(title))?;
    writeln!(out, "<svg viewBox=\"0 0 560 {height}\" role=\"img\" aria-label=\"{}\">", Xml(title))?;
    if bars.is_empty() {
        writeln!(out, "<text class=\"name\" x=\"0\" y=\"17\">nothing</text>")?;
    }
    for (at, bar) in bars.iter().enumerate() {
        self::bar(out, bar, at * 26, largest)?;
    }
    writeln!(out, "</svg>\n</figure>")
}

fn bar(out: &mut dyn Write, bar: &Bar, top: usize, largest: u64) -> io::Result<()> {
    // The widest bar leaves room for a number of seven digits.
    let width = (u128::from(bar.value) * 320 / u128::from(largest)).max(2);
    let (text, name) = (top + 17, shortened(&bar.name));
    writeln!(
        out,
        "<g><title>{}: {}</title><text class=\"name\" x=\"160\" y=\"{text}\" text-anchor=\"end\">{}</text>\
         <rect class=\"{}\" x=\"170\" y=\"{}\" width=\"{width}\" height=\"18\" rx=\"3\"/>\
         <text class=\"value\" x=\"{}\" y=\"{text}\">{}</text></g>",
        Xml(&bar.name),
        bar.value,
        Xml(&name),
        bar.class,
        top + 4,
        width + 178,
        bar.value
    )
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_LETTERS_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_LETTERS_MAX - 1).chain(['…']).collect()
}
