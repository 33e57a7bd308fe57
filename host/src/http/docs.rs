//! The API as a page for people, made from the OpenAPI document: no script, and nothing from anywhere else.

use std::fmt::Write as _;

use serde_json::Value;

use super::problem::Code;

/// Nothing may be loaded, and nothing may run.
pub(super) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--soft:#8883;--muted:#777}\
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}\
h1{margin-bottom:.2rem}h2{margin-top:2.2rem;text-transform:capitalize}\
details{border:1px solid var(--soft);border-radius:.5rem;margin:.5rem 0;padding:.4rem .8rem}\
summary{cursor:pointer;display:flex;gap:.8rem;align-items:baseline;flex-wrap:wrap}\
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.6rem;border-radius:.4rem;overflow:auto}\
.method{display:inline-block;min-width:4.2rem;font-weight:700}.get{color:#1a7f4b}.post{color:#1f6feb}.delete{color:#cf4a3c}\
.what{color:var(--muted)}table{border-collapse:collapse;width:100%}\
td{border-top:1px solid var(--soft);padding:.3rem .6rem .3rem 0;vertical-align:top}td:first-child{white-space:nowrap}";

/// The page.
pub(super) fn page(openapi: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Fumehood: API</title><style>{STYLE}</style><h1>Fumehood</h1><p>{}</p>\
         <p>For programs: <a href=/openapi.json>openapi.json</a>. Tokens go into the header \
         <code>Authorization: Bearer …</code>.</p>",
        text(openapi, &["info", "description"])
    );
    for tag in ["jobs", "repositories", "reports", "events", "operation"] {
        // Writing to a string does not fail, here and below.
        let _written = write!(page, "<h2>{tag}</h2>");
        for (path, method, operation) in
            operations(openapi).filter(|(.., operation)| operation.pointer("/tags/0").is_some_and(|found| found == tag))
        {
            page.push_str(&entry(path, method, operation, openapi));
        }
    }
    problems(&mut page);
    page
}

/// The codes of problem documents.
fn problems(page: &mut String) {
    page.push_str(
        "<h2>problems</h2><p>What is wrong is said as <code>application/problem+json</code> (RFC 9457). \
         Its <code>code</code> is stable, its <code>detail</code> is for people.</p>",
    );
    let rows = Code::ALL.iter().map(|code| {
        let (status, title) = code.about();
        format!("<tr><td><code>{}</code><td>{}<td>{}", code.name(), status.as_u16(), escaped(title))
    });
    let _written = write!(page, "<table>{}</table>", rows.collect::<String>());
}

fn operations(openapi: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = openapi.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn entry(path: &str, method: &str, operation: &Value, openapi: &Value) -> String {
    let mut out = format!(
        "<details><summary><code><span class=\"method {method}\">{}</span>{}</code>\
         <span class=what>{}</span></summary>",
        method.to_uppercase(),
        escaped(path),
        text(operation, &["summary"]),
    );
    let description = text(operation, &["description"]);
    if !description.is_empty() {
        let _written = write!(out, "<p>{description}</p>");
    }
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let rows = parameters.map(|parameter| {
        row(&format!("<code>{}</code> ({})", text(parameter, &["name"]), text(parameter, &["in"])), parameter)
    });
    table(&mut out, "Parameters", rows);
    if let Some(body) = operation.pointer("/requestBody/content").and_then(Value::as_object) {
        for (kind, content) in body {
            let _written = write!(out, "<h4>Body: {}</h4>", escaped(kind));
            out.push_str(&fields(content.get("schema").unwrap_or(&Value::Null), openapi));
        }
    }
    let answers = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    table(&mut out, "Answers", answers.map(|(code, answer)| row(&format!("<code>{}</code>", escaped(code)), answer)));
    if let Some(schema) = operation.pointer("/responses/200/content/application~1json/schema") {
        out.push_str(&fields(schema, openapi));
    }
    out + "</details>"
}

fn row(name: &str, of: &Value) -> String {
    format!("<tr><td>{name}<td>{}", text(of, &["description"]))
}

fn table(out: &mut String, title: &str, rows: impl Iterator<Item = String>) {
    let rows: String = rows.collect();
    if !rows.is_empty() {
        let _written = write!(out, "<h4>{title}</h4><table>{rows}</table>");
    }
}

/// The fields of an object, one level deep.
fn fields(schema: &Value, openapi: &Value) -> String {
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
    let schema = named.and_then(|pointer| openapi.pointer(pointer)).unwrap_or(schema);
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut out = String::new();
    let rows = properties
        .map(|(name, property)| row(&format!("<code>{}</code> {}", escaped(name), escaped(&kind(property))), property));
    table(&mut out, "Fields", rows);
    out
}

/// What sort of value a field has, as far as that is one word.
fn kind(schema: &Value) -> String {
    let named = |schema: &Value| {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
        name.map(str::to_owned)
    };
    let word = |word: &Value| word.as_str().filter(|word| *word != "null").map(str::to_owned);
    match schema.get("type") {
        Some(Value::Array(words)) => words.iter().filter_map(word).collect::<Vec<_>>().join(" or "),
        Some(one) => word(one).unwrap_or_default(),
        None => {
            let some = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten().find_map(named);
            named(schema).or(some).unwrap_or_default()
        }
    }
}

fn text(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, key| value.get(*key));
    let text = escaped(found.and_then(Value::as_str).unwrap_or_default());
    // What stands between two backticks is code.
    let part = |(number, part): (usize, &str)| {
        if number % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }
    };
    text.split('`').enumerate().map(part).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
