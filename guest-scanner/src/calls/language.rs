//! The languages whose calls are understood.

use crate::path;

/// A language, or a group of languages that are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript, also within Vue and Svelte components.
    JavaScript,
    /// Go.
    Go,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// Scala.
    Scala,
    /// C#.
    CSharp,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Rust.
    Rust,
    /// Swift.
    Swift,
    /// The Bourne shell and its heirs.
    Shell,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 12] = [
        Self::Python,
        Self::JavaScript,
        Self::Go,
        Self::Java,
        Self::Kotlin,
        Self::Scala,
        Self::CSharp,
        Self::Ruby,
        Self::Php,
        Self::Rust,
        Self::Swift,
        Self::Shell,
    ];

    /// The language of the file at `path`, judged by its name.
    pub fn of(path: &str) -> Option<Self> {
        Some(match path::extension(path::name(path))? {
            "py" | "pyw" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "vue" | "svelte" => Self::JavaScript,
            "go" => Self::Go,
            "java" => Self::Java,
            "kt" | "kts" => Self::Kotlin,
            "scala" | "sc" => Self::Scala,
            "cs" => Self::CSharp,
            "rb" | "rake" => Self::Ruby,
            "php" => Self::Php,
            "rs" => Self::Rust,
            "swift" => Self::Swift,
            "sh" | "bash" | "zsh" | "ksh" => Self::Shell,
            _ => return None,
        })
    }

    /// As it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::Java => "java",
            Self::Kotlin => "kotlin",
            Self::Scala => "scala",
            Self::CSharp => "csharp",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Rust => "rust",
            Self::Swift => "swift",
            Self::Shell => "shell",
        }
    }
}
