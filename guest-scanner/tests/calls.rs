//! The analysis of API calls: the written corpus, masking, any bytes, linear time.

#![expect(clippy::disallowed_methods, clippy::panic, clippy::unwrap_used, reason = "tests over folders of their own")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fumehood_contract::calls::Authentication;
use guest_scanner::calls::{Analyzer, Found, Language};
use proptest::prelude::*;

/// A file name of every language and configuration format.
const NAMES: &[&str] = &[
    "a.py",
    "a.ts",
    "a.go",
    "a.java",
    "a.kt",
    "a.scala",
    "a.cs",
    "a.rb",
    "a.php",
    "a.rs",
    "a.swift",
    "a.sh",
    "a.yml",
    "a.json",
    "a.toml",
    "a.properties",
    "a.env",
    "a.tf",
    "a.proto",
    "Dockerfile",
];

fn found(name: &str, text: &str) -> Found {
    Analyzer::new().calls(name, text).unwrap_or_else(|| panic!("{name} is not looked at"))
}

fn urls(name: &str, text: &str) -> Vec<String> {
    found(name, text).calls.into_iter().map(|call| call.url).collect()
}

#[test]
fn the_written_corpus_is_understood() {
    let analyzer = Analyzer::new();
    let (mut right, mut wrong, mut missed) = (0u32, 0u32, 0u32);
    for labels in labels(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api-corpus")) {
        let source = labels.with_extension("");
        let text = std::fs::read_to_string(&source).unwrap();
        let mut expected: Vec<String> = std::fs::read_to_string(&labels)
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect();
        for call in analyzer.calls(&source.display().to_string(), &text).map(|found| found.calls).unwrap_or_default() {
            let kind = format!("{:?}", call.kind).to_lowercase();
            let line = format!("{} {} {kind} {}", call.line, call.method.as_deref().unwrap_or("-"), call.url);
            match expected.iter().position(|expected| *expected == line) {
                Some(at) => {
                    expected.remove(at);
                    right += 1;
                }
                None => wrong += 1,
            }
        }
        missed += u32::try_from(expected.len()).unwrap();
    }
    let goal = |other: u32| f64::from(right) / f64::from(right + other) >= 0.9;
    assert!(right > 100 && goal(wrong) && goal(missed), "{right} right, {wrong} wrong, {missed} missed");
}

#[test]
fn a_file_is_looked_at_where_an_address_may_be_a_text() {
    let analyzer = Analyzer::new();
    let held = [
        ("a.py", "API_URL = 'https://h.dev'"),
        ("a.go", "var apiURL = `https://h.dev`"),
        ("a.rb", "API_URL = %q(https://h.dev)"),
        ("a.js", "import got from 'got'; got('/x')"),
        ("a.sh", "curl h.dev"),
        ("a.js", "const api = {\n  baseUrl:\n    'https://h.dev' }"),
    ];
    for (name, text) in held {
        assert!(analyzer.hints(name, text.as_bytes()).is_some(), "{name}: {text}");
    }
    let dismissed = [
        ("a.py", "# GNU, see https://www.gnu.org/licenses/"),
        ("a.rs", "/// <https://h.dev>"),
        ("a.js", "got('/x') // forgotten in the sky"),
        ("a.txt", "https://h.dev"),
        ("a.py", "see = 'https://h.dev/api'\napi_requests.append(see)"),
        ("a.go", "var apiURL string\n\n// Above is\nconst page = \"https://h.dev\""),
    ];
    for (name, text) in dismissed {
        assert!(analyzer.hints(name, text.as_bytes()).is_none(), "{name}: {text}");
    }
    assert!(analyzer.hints("a.py", b"\xFF\xFEi\0").is_some(), "has to be decoded first");
}

fn labels(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(labels(&path));
        } else if path.extension().is_some_and(|extension| extension == "expected") {
            found.push(path);
        }
    }
    found
}

#[test]
fn secrets_do_not_leave_the_source() {
    let secrets = [
        ("a.py", "import requests\nrequests.get('https://u:hunter2@h.dev/x')", "hunter2"),
        (
            "a.py",
            "import requests\nrequests.get('https://h.dev/x?api_key=hunter2', headers={'Authorization': 'Bearer hunter2'})",
            "hunter2",
        ),
        ("a.ts", "const T = 'ghp_abcdefghij0123456789';\nfetch(`https://h.dev/${T}/x`)", "ghp_abc"),
        ("a.sh", "curl -H 'X-Api-Key: hunter2' -u me:hunter2 'https://h.dev/?token=hunter2'", "hunter2"),
        ("a.env", "API_URL=https://u:hunter2@h.dev", "hunter2"),
        ("a.yml", "webhook: https://hooks.slack.com/services/T0/B0/hunter2", "hunter2"),
    ];
    for (name, text, secret) in secrets {
        let found = found(name, text);
        assert!(!found.calls.is_empty(), "{name}: {text}");
        assert!(!format!("{found:?}").contains(secret), "{found:?}");
    }
}

#[test]
fn authentication_is_seen() {
    let cases = [
        ("a.py", "import requests\nrequests.get('https://h.dev', auth=('a', b))", Authentication::Basic),
        ("a.py", "import requests\nrequests.get('https://h.dev', cert=('a', 'b'))", Authentication::Mtls),
        ("a.py", "import requests\nrequests.get('https://h.dev', headers={'X-API-Key': k})", Authentication::ApiKey),
        ("a.ts", "fetch('https://h.dev', { headers: { Authorization: `Bearer ${t}` } })", Authentication::Bearer),
        (
            "a.rs",
            "fn f() { reqwest::Client::new().get(\"https://h.dev\").basic_auth(a, b).send(); }",
            Authentication::Basic,
        ),
        ("a.sh", "curl --cert c.pem https://h.dev", Authentication::Mtls),
        ("a.sh", "curl https://h.dev", Authentication::None),
    ];
    for (name, text, expected) in cases {
        let calls = found(name, text).calls;
        assert_eq!(calls.first().map(|call| call.authentication), Some(expected), "{text}");
    }
}

#[test]
fn a_constant_is_that_of_its_place() {
    let text = "import requests\ndef a():\n    url = 'https://a.dev'\n    requests.get(url)\ndef b(url):\n    requests.get(url)\n";
    assert_eq!(urls("a.py", text), ["https://a.dev", "{url}"]);
    let shadow = "import requests\nURL = 'https://a.dev'\nURL = URL + '/v1'\nrequests.get(URL)\n";
    assert_eq!(urls("a.py", shadow), ["https://a.dev/v1"]);
}

#[test]
fn constants_in_circles_end() {
    assert_eq!(urls("a.py", "import requests\na = b + '/x'\nb = a + '/y'\nrequests.get(a)\n").len(), 1);
}

#[test]
fn minified_files_are_left_out() {
    let bundle = format!("{}fetch('https://h.dev')", "var a=1;".repeat(2000));
    assert_eq!(urls("a.js", &bundle), [""; 0]);
}

#[test]
fn every_language_has_a_name() {
    for name in NAMES.iter().take(12) {
        assert!(Language::of(name).is_some(), "{name}");
    }
}

/// What lexers and readers stumble over: openings without ends, each in its thousands.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "`",
    "${",
    "#{",
    "\\(",
    "{",
    "(",
    "[",
    "\\\"",
    "/*",
    "<<A ",
    "<<<A\n",
    "r#\"",
    "f\"{",
    "'''",
    "\"\"\"",
    "=/[",
    "a=",
    "a=b+",
    "x.y(",
    "get(",
    "requests.get(",
    "fetch(`${",
    "$(",
    "\"$(",
    "<T",
    "a.",
    "=> {",
    "curl ",
    "url: [",
    "-\n",
    "import a,",
    "a=(b=",
    "def f(a=",
    "new URL(",
    "?",
    "|| ",
    "f(f(",
    "a=[a,",
];

#[test]
fn hostile_files_take_linear_time() {
    let analyzer = Analyzer::new();
    let hints =
        "import requests\nhttps://h.dev fetch( curl reqwest:: Net::HTTP <? URLSession net/http HttpClient okhttp\n";
    for piece in PIECES {
        for newline in ["", "\n"] {
            let unit = format!("{piece}{newline}");
            let text = format!("{hints}{}", unit.repeat(60_000 / unit.len()));
            // Lines of moderate length, or the file would be taken for a bundle.
            let text = format!("{}{text}", "\n".repeat(text.len() / 200));
            for name in NAMES {
                let begin = Instant::now();
                analyzer.calls(name, &text);
                let took = begin.elapsed();
                assert!(took < Duration::from_secs(60), "{name} {unit:?}: {took:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_taken(name in proptest::sample::select(NAMES), pieces in proptest::collection::vec(prop_oneof![
        proptest::sample::select(PIECES).prop_map(str::to_owned),
        proptest::sample::select(&["import requests\n", "https://h.dev/x", " = ", ".get(", ")", "}", "\n", ", ", "URL", "é", "http", "axios", "curl "][..]).prop_map(str::to_owned),
        ".{0,8}",
    ], 0..60)) {
        let text = pieces.concat();
        let lines = text.lines().count().max(1);
        for call in found(name, &text).calls {
            prop_assert!(!call.url.is_empty() && call.url.len() <= 2048);
            prop_assert!(call.line as usize >= 1 && call.line as usize <= lines + 1, "{} of {lines}", call.line);
            prop_assert!(call.method.is_none_or(|method| method.len() <= 16));
        }
    }
}
