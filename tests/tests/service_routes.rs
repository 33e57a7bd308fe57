//! Every route, driven by the API's own document: none without its documentation, none without its lock.

use e2e::Repo;
use e2e::service::Service;
use serde_json::{Value, json};

/// Method, path and whether it needs a token, of every route.
fn routes(document: &Value) -> Vec<(String, String, bool)> {
    let paths = document["paths"].as_object().unwrap();
    let routes = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            (method.to_uppercase(), path.clone(), operation["security"].as_array().is_some_and(|all| !all.is_empty()))
        })
    });
    routes.collect()
}

/// What the token of each route must be able to.
fn scope(method: &str, path: &str) -> &'static str {
    match (method, path) {
        (_, "/metrics") => "admin",
        ("GET", _) => "read",
        _ => "scan",
    }
}

#[test]
fn e01_e02_e03_every_route_is_closed_to_strangers() {
    let repo = Repo::with_package("secret-lib");
    let service = Service::new().arg("--local-root").arg(repo.path().display().to_string());
    let mine = service.token("acme", "scan,read,admin");
    let theirs = service.token("other", "scan,read,admin");
    let poor = |scope: &str| service.token("acme", if scope == "scan" { "read" } else { "scan" });
    let tokens = [("scan", poor("scan")), ("read", poor("read")), ("admin", poor("admin"))];
    let service = service.start();
    let id = service.scan(Some(&mine), &json!({ "path": "." }));
    service.ended(Some(&mine), &id);
    let random = "6a0b3a51-6a2e-4f0c-9d34-0f3c5d0f7b11";

    let document = service.ask("GET", "/openapi.json", None, "").json();
    let routes = routes(&document);
    assert!(routes.len() >= 15, "{routes:?}");
    let open: Vec<_> = routes.iter().filter(|(.., locked)| !locked).map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(open, ["/docs", "/healthz", "/openapi.json", "/readyz"]);
    for (method, path, _) in routes.iter().filter(|(.., locked)| *locked) {
        let at = |id: &str| path.replace("{job_id}", id).replace("{repo_index}", "0");
        let ask = |id: &str, token: Option<&str>| service.ask(method, &at(id), token, r#"{"path":"."}"#);
        let route = format!("{method} {path}");
        assert_eq!(ask(&id, None).status, 401, "{route}");
        for bad in ["", "x", "fh__", "fh_x_y", &mine[..mine.len() - 1], &format!("{mine}x")] {
            let refused = ask(&id, Some(bad));
            assert_eq!(
                (refused.status, refused.json()["code"].as_str()),
                (401, Some("unauthenticated")),
                "{route} {bad}"
            );
        }
        let poor = tokens.iter().find(|(scope_of, _)| *scope_of == scope(method, path)).unwrap();
        assert_eq!(ask(&id, Some(&poor.1)).status, 403, "{route}");
        if path.contains("{job_id}") {
            let (foreign, unknown) = (ask(&id, Some(&theirs)), ask(random, Some(&theirs)));
            assert_eq!((foreign.status, &foreign.body), (404, &unknown.body), "{route}");
            for odd in ["..%2f..%2fetc%2fpasswd", "x", "%00", "-1", "%F0%9F%92%A9", "6a0b3a51"] {
                assert_eq!(ask(odd, Some(&mine)).status, 404, "{route} {odd}");
            }
        }
    }
}

#[test]
fn a_path_with_another_method_says_which() {
    let service = Service::new().start();
    let refused = service.ask("PUT", "/scan", None, "{}");
    assert_eq!((refused.status, refused.json()["code"].as_str()), (405, Some("method")));
    assert!(refused.header("allow").unwrap().contains("POST"), "{refused:?}");
}

#[test]
fn the_documentation_needs_nothing_from_elsewhere() {
    let service = Service::new().start();
    let page = service.ask("GET", "/docs", None, "");
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert!(page.body.contains("/scan/{job_id}/events") && page.body.contains("Idempotency-Key"));
    for elsewhere in ["http://", "https://", "<script", "<img", "<link"] {
        assert!(!page.body.contains(elsewhere), "{elsewhere}");
    }
}

/// A page in a browser on the same machine is no client.
#[test]
fn without_tokens_only_json_for_loopback_is_taken() {
    let service = Service::new().start();
    let request = |host: &str, kind: &str| {
        format!(
            "POST /scan HTTP/1.1\r\nhost: {host}\r\ncontent-type: {kind}\r\ncontent-length: 2\r\n\
             connection: close\r\n\r\n{{}}"
        )
    };
    for host in ["rebound.example", "rebound.example:8080", "127.0.0.1.example", ""] {
        assert_eq!(service.raw(&request(host, "application/json")).json()["code"], "host", "{host}");
    }
    for host in ["localhost", "localhost:1", "127.0.0.1", "[::1]:80"] {
        assert_eq!(service.raw(&request(host, "application/json")).json()["code"], "invalid", "{host}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        assert_eq!(service.raw(&request("localhost", kind)).status, 415, "{kind}");
    }
}
