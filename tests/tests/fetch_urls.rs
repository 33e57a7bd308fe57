//! Rows C14, C15 and D01 to D07 of the catalogue of attacks: URLs that mean something else than they seem
//! to, and an environment that would send git elsewhere.

#![expect(clippy::disallowed_methods, reason = "a test")]

use e2e::forge::{Canary, ForgeKind};
use e2e::{Finished, Forge, Fumehood, Repo};

/// Refused before anything was made of it.
fn refused(source: &str) -> Finished {
    // Behind two dashes, so that what begins with one is a source too.
    let scan = Fumehood::new().arg("--").arg(source).scan(&[&Repo::new()]);
    let folder = scan.data().join("tenants");
    let scan = scan.exits(64);
    assert!(!folder.exists(), "a job was made for {source}");
    scan
}

/// As the URL of a repository and as that of a group: neither is connected to.
fn never_reached(host: &str) {
    let scan = Fumehood::new().scan(&[&format!("https://{host}/acme/a.git")]).exits(2);
    scan.outcome(0, "fetch_failed").error_says(0, "not a public address");
    Fumehood::new().scan(&[&format!("https://{host}/acme")]).exits(64).says("not a public address");
}

#[test]
fn d01_odd_spellings_of_loopback_are_not_reached() {
    let canary = Canary::new();
    let port = canary.host().replace("localhost:", "");
    let odd = [
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0",
        "0.0.0.0",
        "127.0.0.1",
        "127.0.0.1.",
    ];
    odd.iter().for_each(|host| never_reached(&format!("{host}:{port}")));
    // Full-width digits, a full stop of another script, an escape: all are 127.0.0.1 in the end.
    ["１２７.0.0.1", "127。0。0。1", "%31%32%37.0.0.1", "①②⑦.0.0.1"]
        .iter()
        .for_each(|host| never_reached(&format!("{host}:{port}")));
    canary.stays_silent();
}

#[test]
fn d02_addresses_inside_others_are_not_reached() {
    let canary = Canary::new();
    let port = canary.host().replace("localhost:", "");
    let inside = [
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
    ];
    inside.iter().for_each(|host| never_reached(&format!("[{host}]:{port}")));
    canary.stays_silent();
}

#[test]
fn d03_addresses_that_are_not_public_are_not_reached() {
    let special = [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ];
    special.iter().for_each(|host| never_reached(host));
}

#[test]
fn d03_a_network_is_allowed_for_the_host_that_names_it_and_no_other() {
    let Some(forge) = Forge::start() else { return };
    let (canary, other) = (Canary::new(), forge.neighbour());
    forge.repositories("acme", 1);
    other.repositories("acme", 1);
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git));
    let urls = [forge.url("acme/repo-00"), other.url("acme/repo-00"), format!("https://{}/a.git", canary.host())];
    let by_address = forge.url("acme/repo-00").replace("localhost", "127.0.0.1");
    let scan = scan.scan(&[&urls[0], &urls[1], &urls[2], &by_address]).exits(2).outcome(0, "completed");
    (1..4).fold(scan, |scan, index| scan.outcome(index, "fetch_failed").error_says(index, "not a public address"));
    assert_eq!(other.connections(), 0);
    canary.stays_silent();

    // And where the network that is allowed is another.
    let config = forge
        .config_of(&forge.entry(ForgeKind::Git).replace("127.0.0.0/8", "10.0.0.0/8").replace("::1/128", "fd00::/8"));
    let before = forge.connections();
    Fumehood::new().config(config).scan(&[&urls[0]]).exits(2).outcome(0, "fetch_failed");
    assert_eq!(forge.connections(), before);
}

#[test]
fn d03_a_certificate_must_be_of_an_authority_that_is_trusted() {
    let (Some(forge), Some(stranger)) = (Forge::start(), Forge::start()) else { return };
    forge.repositories("acme", 1);
    let (ours, theirs) = (forge.ca_file().display().to_string(), stranger.ca_file().display().to_string());
    let config = forge.config_of(&forge.entry(ForgeKind::GitLab).replace(&ours, &theirs));
    let scan = Fumehood::new().config(&config).scan(&[&forge.url("acme/repo-00")]).exits(2);
    scan.outcome(0, "fetch_failed").error_says(0, "certificate");
    Fumehood::new().config(&config).scan(&[&forge.group_url("acme")]).exits(64).says("certificate");
    assert!(forge.requests().is_empty());
}

#[test]
fn d06_other_schemes_commands_and_arguments_are_refused() {
    let sources = [
        "http://localhost/a.git",
        "git://localhost/a.git",
        "ssh://git@localhost/a.git",
        "git+ssh://localhost/a",
        "git@localhost:a.git",
        "ext::sh -c id",
        "fd::7",
        "ftp://localhost/a",
        "HTTP://localhost/a",
        "--upload-pack=touch owned",
        "-oProxyCommand=id",
        "https://localhost/a.git#--upload-pack=id",
        "https://localhost/a.git#a..b",
        "https://localhost/a.git#refs/heads/*",
        "https://localhost/a.git#+main:main",
    ];
    for source in sources {
        refused(source);
    }
}

#[test]
fn c15_files_are_not_fetched() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1);
    let bare = forge.bare("acme/repo-00").display().to_string();
    for source in [format!("file://{bare}"), format!("FILE://localhost{bare}"), format!("file://localhost/../{bare}")] {
        refused(&source);
    }
}

#[test]
fn d07_users_and_confusing_hosts_are_refused() {
    let Some(forge) = Forge::start() else { return };
    let canary = Canary::new();
    let (good, evil) = (forge.host(), canary.host());
    let sources = [
        format!("https://user@{good}/a.git"),
        format!("https://user:pass@{good}/a.git"),
        format!("https://:@{good}/a.git"),
        format!("https://@{good}/a.git"),
        format!("https://{good}@{evil}/a.git"),
        format!("https://{good}\\@{evil}/a.git"),
        format!("https://{good}#@{evil}/a.git"),
        format!("https://{good}?@{evil}/a.git"),
        format!("https://{good}%2f@{evil}/a.git"),
        format!("https://{good}\t@{evil}/a.git"),
        format!("https://{evil}\\.{good}/a.git"),
        format!("https:\\\\{good}\\a.git"),
        format!("https://{good}/a.git?ref=main"),
        format!("https://{good} {evil}/a.git"),
        format!("https://{good}/a\n.git"),
        format!("https://{good}:99999/a.git"),
        "https://".to_owned(),
        format!("https://localhost/{}", "a".repeat(5_000)),
    ];
    for source in sources {
        let scan = refused(&source);
        assert!(!scan.stderr().contains("pass@"), "{}", scan.stderr());
    }
    canary.stays_silent();
    assert_eq!(forge.connections(), 0);
}

/// A list of sources is as little believed as an argument.
#[test]
fn d06_a_list_is_held_to_the_same_rules() {
    for line in ["file:///etc", "ext::sh -c id", "--upload-pack=id", "http://localhost/a.git"] {
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), line).unwrap();
        Fumehood::new().arg(&format!("--from={}", list.path().display())).scan(&[]).exits(64);
    }
}

#[test]
fn c14_a_planted_gitconfig_and_proxies_are_ignored() {
    let Some(forge) = Forge::start() else { return };
    let (canary, home) = (Canary::new(), tempfile::tempdir().unwrap());
    forge.repositories("acme", 2);
    let config = format!(
        "[url \"{canary}/\"]\n\tinsteadOf = {forge}/\n\tinsteadOf = https://\n[http]\n\tproxy = {canary}\n\tsslVerify = false\n\
         \tcookieFile = /etc/passwd\n[core]\n\tgitProxy = touch owned\n\tsshCommand = touch owned\n[credential]\n\thelper = !touch owned\n",
        canary = canary.origin(),
        forge = forge.origin()
    );
    std::fs::create_dir_all(home.path().join("git")).unwrap();
    std::fs::write(home.path().join(".gitconfig"), &config).unwrap();
    std::fs::write(home.path().join("git/config"), &config).unwrap();
    let folder = home.path().to_str().unwrap();
    let file = format!("{folder}/.gitconfig");
    let mut scan = Fumehood::new().config(forge.config(ForgeKind::GitLab));
    for (name, value) in [
        ("HOME", folder),
        ("XDG_CONFIG_HOME", folder),
        ("GIT_CONFIG_GLOBAL", &file),
        ("GIT_CONFIG_SYSTEM", &file),
        ("GIT_CONFIG", &file),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "http.proxy"),
        ("GIT_CONFIG_VALUE_0", &canary.origin()),
        ("GIT_SSL_NO_VERIFY", "1"),
        ("GIT_PROXY_COMMAND", "touch owned"),
        ("GIT_SSH_COMMAND", "touch owned"),
        ("GIT_ASKPASS", "/bin/false"),
        ("https_proxy", &canary.origin()),
        ("HTTPS_PROXY", &canary.origin()),
        ("http_proxy", &canary.origin()),
        ("ALL_PROXY", &canary.origin()),
        ("GIT_DIR", folder),
        ("GIT_WORK_TREE", folder),
    ] {
        scan = scan.env(name, value);
    }
    let scan = scan.scan(&[&forge.group_url("acme")]).exits(0);
    scan.packages(0, &["repo-00"]).packages(1, &["repo-01"]);
    canary.stays_silent();
    let mut left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort_unstable();
    assert_eq!(left, [".gitconfig", "git"]);
}
