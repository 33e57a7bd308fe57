//! The client libraries of each language.

mod csharp;
mod go;
mod java;
mod javascript;
mod php;
mod python;
mod ruby;
mod rust;
mod swift;

use super::language::Language;
use super::library::Library;

/// The libraries of a language. Those of the shell are commands, see [`super::shell`].
pub(crate) fn libraries(language: Language) -> &'static [Library] {
    match language {
        Language::Python => python::LIBRARIES,
        Language::JavaScript => javascript::LIBRARIES,
        Language::Go => go::LIBRARIES,
        Language::Java | Language::Kotlin | Language::Scala => java::LIBRARIES,
        Language::CSharp => csharp::LIBRARIES,
        Language::Ruby => ruby::LIBRARIES,
        Language::Php => php::LIBRARIES,
        Language::Rust => rust::LIBRARIES,
        Language::Swift => swift::LIBRARIES,
        Language::Shell => &[],
    }
}
