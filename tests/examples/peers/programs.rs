//! The programs that are compared, each as it is told to write an SBOM of a tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use e2e::measure::{self, Cost};

/// A program with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Ours, dependencies only.
    Dependencies,
    /// Ours, with API calls.
    WithCalls,
    /// Ours in one process without walls, dependencies only.
    Native,
    /// The same with API calls.
    NativeWithCalls,
    Trivy,
    Syft,
}

impl Program {
    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dependencies => "dependencies only",
            Self::WithCalls => "with API calls",
            Self::Native => "native, dependencies only",
            Self::NativeWithCalls => "native, with API calls",
            Self::Trivy => "Trivy",
            Self::Syft => "Syft",
        }
    }

    /// Whether it can be run here. The recipe names the peers in variables.
    pub fn is_there(self) -> bool {
        match self {
            Self::Dependencies | Self::WithCalls => true,
            Self::Native | Self::NativeWithCalls => named("FUMEHOOD_NATIVE").is_some(),
            Self::Trivy => named("FUMEHOOD_TRIVY").is_some(),
            Self::Syft => named("FUMEHOOD_SYFT").is_some(),
        }
    }

    /// Runs it once on a tree.
    pub fn run(self, tree: &Path) -> Cost {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = self.command(tree, folder.path());
        measure::run(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()), None)
    }

    fn command(self, tree: &Path, folder: &Path) -> Command {
        let (output, peer) = (folder.join("sbom.json"), |name| Command::new(named(name).unwrap_or_default()));
        match self {
            Self::Dependencies => {
                let mut command = ours(tree, folder, &output);
                command.arg("--no-api-calls");
                command
            }
            Self::WithCalls => ours(tree, folder, &output),
            Self::Native | Self::NativeWithCalls => {
                let mut command = peer("FUMEHOOD_NATIVE");
                command.arg(tree).arg(&output);
                if self == Self::Native {
                    command.arg("--no-api-calls");
                }
                command
            }
            Self::Trivy => {
                let mut command = peer("FUMEHOOD_TRIVY");
                // Without these it asks for databases of vulnerabilities, which no SBOM needs.
                command.args(["fs", "--offline-scan", "--skip-db-update", "--skip-version-check", "--quiet"]);
                // Its cache is kept, as on a machine that it is used on.
                command.args(["--format", "cyclonedx", "--cache-dir"]).arg(std::env::temp_dir().join("trivy-cache"));
                command.arg("--output").arg(output).arg(tree);
                command
            }
            Self::Syft => {
                let mut command = peer("FUMEHOOD_SYFT");
                command.env("SYFT_CHECK_FOR_APP_UPDATE", "false");
                command.args(["scan", "--quiet", "--output"]).arg(format!("cyclonedx-json={}", output.display()));
                command.arg(format!("dir:{}", tree.display()));
                command
            }
        }
    }
}

fn ours(tree: &Path, folder: &Path, output: &Path) -> Command {
    let mut command = Command::new(e2e::binary());
    command.args(["scan", "--quiet", "--format", "cyclonedx", "--data-dir"]).arg(folder);
    command.arg("--output").arg(output).arg(tree);
    command
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}
