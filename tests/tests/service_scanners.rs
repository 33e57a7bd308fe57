//! Scanners that an operator registers, and tenants that may use them.

#![expect(clippy::disallowed_methods, reason = "tests touch files and processes on their own")]

use std::process::Command;

use e2e::service::Service;
use e2e::{Repo, binary};
use serde_json::json;

/// A program that leaves nothing; its jobs end with a violation, which shows that it was the one.
const MUTE: &str = "(module (memory (export \"memory\") 1) (func (export \"_start\")))";

struct Scanners {
    folder: tempfile::TempDir,
    /// By the hostile guest.
    hostile: String,
    mute: String,
}

fn scanners() -> Scanners {
    let folder = tempfile::tempdir().unwrap();
    let mute = wat::parse_str(MUTE).unwrap();
    std::fs::write(folder.path().join("mute.wasm"), &mute).unwrap();
    std::fs::copy(e2e::hostile_guest(), folder.path().join("hostile.wasm")).unwrap();
    let hostile = std::fs::read(folder.path().join("hostile.wasm")).unwrap();
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    Scanners { hostile: hash(&hostile), mute: hash(&mute), folder }
}

impl Scanners {
    fn entry(&self, name: &str, hash: &str) -> String {
        let file = self.folder.path().join(format!("{name}.wasm"));
        format!("[[scanners]]\nname = \"{name}\"\nfile = \"{}\"\nblake3 = \"{hash}\"\n", file.display())
    }

    /// Both are registered; `acme` may use both, `other` the hostile one.
    fn config(&self) -> String {
        format!(
            "{}{}[[tenants]]\nname = \"acme\"\nscanners = [\"{m}\", \"{h}\"]\n[[tenants]]\nname = \"other\"\nscanners = [\"{h}\"]\n",
            self.entry("hostile", &self.hostile),
            self.entry("mute", &self.mute),
            m = self.mute,
            h = self.hostile
        )
    }
}

fn service(config: &str, repo: &Repo) -> Service {
    Service::new().config(config).arg("--local-root").arg(repo.path().display().to_string())
}

#[test]
fn a_job_names_the_scanner_that_it_wants() {
    let (scanners, repo) = (scanners(), Repo::attack("nothing-but-whole").file("z/Cargo.lock", &e2e::cargo_lock("a")));
    let service = service(&scanners.config(), &repo);
    let token = service.token("acme", "scan,read");
    let service = service.start();
    let ended = |scanner: Option<&str>| {
        let mut request = json!({ "path": "." });
        request.as_object_mut().unwrap().extend(scanner.map(|scanner| ("scanner".to_owned(), json!(scanner))));
        let id = service.scan(Some(&token), &request);
        let document = service.ended(Some(&token), &id);
        assert_eq!(document["scanner"], json!(scanner), "{document}");
        let report = service.ask("GET", &format!("/scan/{id}/report?format=json"), Some(&token), "");
        (document, report.json()["reports"][0].clone())
    };
    let (document, report) = ended(None);
    assert_eq!((&document["status"], &report["files"][0]["packages"][0]["name"]), (&json!("completed"), &json!("a")));
    let (document, report) = ended(Some(&scanners.hostile));
    assert_eq!((&document["status"], &report["files"][0]["extractor"]), (&json!("completed"), &json!("hostile")));
    let (document, _) = ended(Some(&scanners.mute));
    assert_eq!(document["failures"][0]["outcome"], "protocol_violation", "{document}");
}

#[test]
fn a_scanner_that_is_not_for_the_tenant_is_as_one_that_never_was() {
    let (scanners, repo) = (scanners(), Repo::with_package("a"));
    let service = service(&scanners.config(), &repo);
    let tokens = ["acme", "other", "third"].map(|tenant| service.token(tenant, "scan,read"));
    let service = service.start();
    let ask = |token: &str, scanner: &str| {
        let request = json!({ "path": ".", "scanner": scanner });
        let answer = service.ask("POST", "/scan", Some(token), &request.to_string());
        (answer.status, answer.json()["code"].as_str().map(str::to_owned), answer.json()["detail"].clone())
    };
    let never = ask(&tokens[0], &"0".repeat(64));
    assert_eq!((never.0, never.1.as_deref()), (422, Some("no_scanner")), "{never:?}");
    assert_eq!(ask(&tokens[1], &scanners.mute), never);
    for scanner in [scanners.hostile.as_str(), "", "../mute.wasm", "mute", &scanners.hostile.to_uppercase()] {
        assert_eq!(ask(&tokens[2], scanner), never, "{scanner}");
    }
    assert_eq!(ask(&tokens[1], &scanners.hostile).0, 202);
    let schema = service.ask("GET", "/openapi.json", Some(&tokens[0]), "");
    assert!(schema.body.contains("no_scanner"), "the documentation names the code");
    assert!(schema.json()["components"]["schemas"]["ScanRequest"]["properties"]["scanner"].is_object());
}

#[test]
fn a_service_that_starts_again_uses_the_same_scanner() {
    let (scanners, repo) = (scanners(), Repo::attack("until-told"));
    let service = service(&scanners.config(), &repo);
    let token = service.token("acme", "scan,read");
    let service = service.start();
    let id = service.scan(Some(&token), &json!({ "path": ".", "scanner": scanners.hostile }));
    let begun = |service: &Service| service.job_folder("acme", &id).join("repos/0/a1/status/repo_0.json").exists();
    assert!(e2e::soon(std::time::Duration::from_secs(30), || begun(&service)));
    let service = service.again();
    std::fs::write(repo.path().join("stop"), "").unwrap();
    let document = service.ended(Some(&token), &id);
    // Another scanner would not have waited, and would have completed.
    assert_eq!(document["failures"][0]["outcome"], "protocol_violation", "{document}");
    assert_eq!(document["scanner"], json!(scanners.hostile));
}

#[test]
fn a_job_whose_scanner_is_gone_fails_and_says_so() {
    let (scanners, repo) = (scanners(), Repo::attack("until-told"));
    let service = service(&scanners.config(), &repo);
    let token = service.token("acme", "scan,read");
    let service = service.start();
    let id = service.scan(Some(&token), &json!({ "path": ".", "scanner": scanners.hostile }));
    assert_eq!(service.ask("GET", &format!("/scan/{id}"), Some(&token), "").status, 200);
    let service = service.ask_to_end().reconfigured(&scanners.entry("mute", &scanners.mute)).start();
    let document = service.ended(Some(&token), &id);
    let error = document["error"].as_str().unwrap_or_default();
    assert!(document["status"] == "failed" && error.contains("is not there any more"), "{document}");
    let again = service.ask("POST", &format!("/scan/{id}/retry"), Some(&token), "");
    assert_eq!((again.status, again.json()["code"].as_str()), (422, Some("no_scanner")), "{again:?}");
}

#[test]
fn scanners_of_the_configuration_are_checked() {
    let scanners = scanners();
    let folder = tempfile::tempdir().unwrap();
    let check = |command: &[&str], text: &str| {
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let output = Command::new(binary())
            .args(command)
            .env("FUMEHOOD_CONFIG", &file)
            .env("FUMEHOOD_DATA_DIR", folder.path())
            .env("FUMEHOOD_CACHE_DIR", folder.path().join("cache"))
            .env("FUMEHOOD_LISTEN", "127.0.0.1:0")
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    };
    let (code, said) = check(&["config", "check"], &scanners.config());
    assert!(code == Some(0) && said.contains(&scanners.mute) && said.contains("2 further scanners"), "{said}");
    let changed = scanners.entry("mute", &scanners.hostile);
    for command in [&["config", "check"][..], &["serve"]] {
        let (code, said) = check(command, &changed);
        assert!(code != Some(0) && said.contains("has the hash") && said.contains(&scanners.mute), "{said}");
    }
    std::fs::write(scanners.folder.path().join("mute.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
    let hash = blake3::hash(&std::fs::read(scanners.folder.path().join("mute.wasm")).unwrap()).to_hex().to_string();
    let (code, said) = check(&["serve"], &scanners.entry("mute", &hash));
    assert!(code != Some(0) && said.contains("it exports no _start"), "{said}");
}
