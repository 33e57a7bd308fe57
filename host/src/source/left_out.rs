//! Folders that hold what was installed or built, not what somebody wrote: they repeat the
//! dependencies that lockfiles name, a hundred times over.

/// Left out wherever they are: nobody keeps sources under these names.
const ALWAYS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".bzr",
    ".jj",
    "node_modules",
    "bower_components",
    "jspm_packages",
    ".pnpm-store",
    "__pycache__",
    ".tox",
    ".nox",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
    ".terraform",
    ".terragrunt-cache",
    ".dart_tool",
    ".stack-work",
    "dist-newstyle",
];

/// Left out only beside (or around) a file that proves what they are: these are ordinary words too.
const WITH_PROOF: &[(&str, Proof)] = &[
    ("target", Proof::Beside(&["Cargo.toml", "pom.xml", "build.sbt", "project.clj"])),
    ("target", Proof::Inside("CACHEDIR.TAG")),
    ("venv", Proof::Inside("pyvenv.cfg")),
    ("env", Proof::Inside("pyvenv.cfg")),
    ("Pods", Proof::Beside(&["Podfile"])),
    ("Carthage", Proof::Beside(&["Cartfile"])),
    ("_build", Proof::Beside(&["mix.exs", "rebar.config", "gleam.toml"])),
    ("deps", Proof::Beside(&["mix.exs"])),
    (".build", Proof::Beside(&["Package.swift"])),
    ("elm-stuff", Proof::Beside(&["elm.json"])),
    ("zig-cache", Proof::Beside(&["build.zig"])),
];

#[derive(Clone, Copy, Debug)]
enum Proof {
    /// One of these lies in the same folder.
    Beside(&'static [&'static str]),
    /// This lies in it.
    Inside(&'static str),
}

/// Whether a folder is one of those. `beside` tells whether a name is in the same folder, `inside`
/// whether it is in the folder itself.
pub(super) fn is_left_out(name: &str, beside: impl Fn(&str) -> bool, inside: impl Fn(&str) -> bool) -> bool {
    ALWAYS.contains(&name)
        || WITH_PROOF.iter().filter(|(folder, _)| *folder == name).any(|(_, proof)| match proof {
            Proof::Beside(files) => files.iter().any(|file| beside(file)),
            Proof::Inside(file) => inside(file),
        })
}

#[cfg(test)]
mod tests {
    use super::is_left_out;

    #[test]
    fn ordinary_words_need_a_proof() {
        let no = |_: &str| false;
        assert!(is_left_out("node_modules", no, no));
        assert!(!is_left_out("target", no, no));
        assert!(is_left_out("target", |name| name == "Cargo.toml", no));
        assert!(is_left_out("target", no, |name| name == "CACHEDIR.TAG"));
        assert!(!is_left_out("venv", |name| name == "pyvenv.cfg", no));
        assert!(!is_left_out("src", |_| true, |_| true));
    }
}
