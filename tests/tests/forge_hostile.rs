//! Do hostile repositories reach the client as they were meant? Git is told not to look too closely.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use e2e::Forge;
use e2e::forge::{GitRepository, Mode, ODD_NAMES};

/// A bare and shallow clone of one hostile repository.
struct Cloned {
    forge: Forge,
    folder: tempfile::TempDir,
}

impl Cloned {
    fn new(describe: impl FnOnce(GitRepository) -> GitRepository) -> Option<Self> {
        let forge = Forge::start()?;
        forge.repository("evil/one", describe);
        let cloned = Self { forge, folder: tempfile::tempdir().unwrap() };
        let clone = ["clone", "--quiet", "--bare", "--depth=1", &cloned.forge.url("evil/one"), "."];
        let output = cloned.git(&clone);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(cloned)
    }

    fn git(&self, args: &[&str]) -> Output {
        let mut git = self.forge.git();
        git.arg("-C").arg(self.folder.path()).args(["-c", "core.maxTreeDepth=1000000"]);
        git.args(args).stdin(Stdio::null()).output().unwrap()
    }

    fn says(&self, args: &[&str]) -> Vec<u8> {
        let output = self.git(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn number(&self, args: &[&str]) -> u64 {
        String::from_utf8(self.says(args)).unwrap().trim().parse().unwrap()
    }

    /// The names at the root, as they are.
    fn names(&self) -> Vec<Vec<u8>> {
        let listing = self.says(&["ls-tree", "-z", "--name-only", "HEAD"]);
        listing.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect()
    }

    fn objects(&self) -> usize {
        self.says(&["cat-file", "--batch-check", "--batch-all-objects"]).split(|byte| *byte == b'\n').count() - 1
    }
}

#[test]
fn a_bomb_is_few_objects() {
    let Some(cloned) = Cloned::new(|repo| repo.package("good").bomb(10, 10)) else { return };
    // Ten folders, two files, the root and the commit.
    assert_eq!(cloned.objects(), 14);
    let deepest = format!("HEAD:bomb/{}f9", "d9/".repeat(9));
    assert_eq!(cloned.says(&["cat-file", "blob", &deepest]), b"version = 4\n");
}

#[test]
fn odd_names_arrive_as_they_are() {
    let Some(cloned) = Cloned::new(|repo| repo.package("good").odd_names("version = 4\n")) else { return };
    let names = cloned.names();
    let missing: Vec<_> = ODD_NAMES.iter().filter(|name| !names.contains(&name.to_vec())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(names.iter().any(|name| name.len() == 4000));
    assert_eq!(names.len(), ODD_NAMES.len() + 2);
}

#[test]
fn links_submodules_and_doubled_names_arrive() {
    let make = |repo: GitRepository| {
        let repo = repo.package("good").link("passwd", "/etc/passwd").submodule("sub", "../../x");
        repo.link_and_folder("a", "/tmp", "owned", "owned").entry(Mode::File, "twice", "1").entry(
            Mode::File,
            "twice",
            "2",
        )
    };
    let Some(cloned) = Cloned::new(make) else { return };
    let listing = String::from_utf8(cloned.says(&["ls-tree", "HEAD"])).unwrap();
    let modes: Vec<(&str, &str)> =
        listing.lines().filter_map(|line| Some((line.split(' ').next()?, line.split('\t').nth(1)?))).collect();
    for expected in [("120000", "passwd"), ("160000", "sub"), ("120000", "a"), ("040000", "a")] {
        assert!(modes.contains(&expected), "{expected:?} in {modes:?}");
    }
    assert_eq!(modes.iter().filter(|(_, name)| *name == "twice").count(), 2);
}

#[test]
fn trees_are_as_deep_and_as_wide_as_asked() {
    let start = Instant::now();
    let Some(cloned) = Cloned::new(|repo| repo.deep(5_000).wide(100_000)) else { return };
    assert_eq!(cloned.says(&["ls-tree", "--name-only", "HEAD:wide"]).split(|byte| *byte == b'\n').count(), 100_001);
    assert!(cloned.objects() > 5_000);
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_gibibyte_of_zeros_is_a_mebibyte_on_the_wire() {
    let Some(cloned) = Cloned::new(|repo| repo.package("good").zeros("Gemfile.lock", 1024)) else { return };
    assert_eq!(cloned.number(&["cat-file", "-s", "HEAD:Gemfile.lock"]), 1 << 30);
    let sent: u64 = cloned.forge.requests().iter().map(e2e::forge::Seen::sent_bytes).sum();
    assert!(sent < 2 << 20, "{sent} bytes");
}

#[test]
fn there_are_as_many_objects_as_asked() {
    let Some(cloned) = Cloned::new(|repo| repo.many_objects(100_000)) else { return };
    // With a hundred folders, the one around them, the root and the commit.
    assert_eq!(cloned.objects(), 100_103);
}

/// Everything but what git itself forbids is well-formed: the packs are right to the last bit.
#[test]
fn what_is_only_large_is_well_formed() {
    let Some(cloned) = Cloned::new(|repo| repo.wide(1_000).many_objects(3_000).bomb(3, 3).zeros("zeros", 16)) else {
        return;
    };
    assert_eq!(cloned.says(&["fsck", "--strict"]), b"");
}
