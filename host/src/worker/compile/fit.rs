//! What a scanner must be: a component of the world in `wit/scanner.wit`, or a command, as a component of
//! `wasi:cli/command` or as the module that compilers make for wasm32-wasip1, which becomes one here.
//!
//! What it imports is looked at before it is compiled, so that a refusal is quick and names the import.

use std::borrow::Cow;
use std::collections::BTreeSet;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as PREVIEW1, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER as ADAPTER,
};
use wasmparser::{ComponentTypeRef, Parser, Payload};
use wasmtime::component::Component;
use wasmtime::{Engine, Module};
use wit_component::ComponentEncoder;

use crate::worker::sandbox;

/// The component that this WebAssembly is, or becomes. `Err` says what it is instead.
pub(super) fn component<'a>(engine: &Engine, wasm: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
    if Parser::is_component(wasm) {
        let outside = outside(wasm)?;
        check_component(&outside)?;
        return Ok(Cow::Borrowed(wasm));
    }
    if !Parser::is_core_wasm(wasm) {
        return Err("it is no WebAssembly".to_owned());
    }
    // Memory of 64 bits and shared memory end here.
    Module::validate(engine, wasm).map_err(|error| format!("it does not fit this sandbox: {error:#}"))?;
    check_module(&outside(wasm)?)?;
    wrap(wasm).map(Cow::Owned)
}

/// Whether everything that compiled `code` imports is there, of the right type. Runs nothing of it.
#[expect(unsafe_code, reason = "wasmtime cannot check that compiled code is its own")]
pub(super) fn linked(engine: &Engine, code: &[u8]) -> Result<(), String> {
    // SAFETY: these bytes come straight from `Engine::precompile_component` of this engine.
    let component = unsafe { Component::deserialize(engine, code) };
    let component = component.map_err(|error| format!("it cannot be loaded: {error:#}"))?;
    sandbox::fits(&component).map_err(|error| format!("it does not fit this sandbox: {error:#}"))
}

/// What a module or component shows to the outside.
#[derive(Default)]
struct Outside {
    /// Of a module with the name of the other module, of a component whole.
    imports: Vec<(String, String)>,
    exports: BTreeSet<String>,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "there are many sections, and four that are of interest")]
fn outside(wasm: &[u8]) -> Result<Outside, String> {
    let broken = |error: wasmparser::BinaryReaderError| format!("it is broken: {error}");
    let mut found = Outside::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(broken)? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            // What lies inside of a component is its own affair.
            _ if depth != 1 => {}
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(broken)?;
                    found.imports.push((import.module.to_owned(), import.name.to_owned()));
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let import = import.map_err(broken)?;
                    // A type is nothing that anybody could call; those of the world in `wit/` are such.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        found.imports.push((import.name.name.to_owned(), String::new()));
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    found.exports.insert(export.map_err(broken)?.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    found.exports.insert(export.map_err(broken)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn check_component(outside: &Outside) -> Result<(), String> {
    if let Some((name, _)) = outside.imports.iter().find(|(name, _)| !is_linked(name)) {
        return Err(format!("it imports {name}, which does not exist in this sandbox"));
    }
    let exports = |wanted: &str| outside.exports.iter().any(|name| name.split('@').next() == Some(wanted));
    if ["formats", "select", "scan"].into_iter().all(exports) || exports("wasi:cli/run") {
        return Ok(());
    }
    Err("it exports neither formats, select and scan, as a scanner does, nor wasi:cli/run, as a command does"
        .to_owned())
}

/// The interfaces that `sandbox::link` links, of any version that fits; [`linked`] has the last word.
fn is_linked(import: &str) -> bool {
    let name = import.split('@').next().unwrap_or(import);
    match name.strip_prefix("wasi:").and_then(|name| name.split_once('/')) {
        Some(("io", name)) => matches!(name, "error" | "poll" | "streams"),
        Some(("clocks", name)) => matches!(name, "wall-clock" | "monotonic-clock"),
        Some(("random", name)) => name == "random",
        Some(("filesystem", name)) => matches!(name, "types" | "preopens"),
        Some(("cli", name)) => {
            matches!(name, "environment" | "exit" | "stdin" | "stdout" | "stderr") || name.starts_with("terminal-")
        }
        Some(_) => false,
        // Of our own world: the types, which need nothing of the host, and the other sandboxes of a repository.
        None => matches!(name, "fumehood:scanner/types" | "fumehood:scanner/shards"),
    }
}

fn check_module(outside: &Outside) -> Result<(), String> {
    let known = self::outside(ADAPTER)?.exports;
    let is_known = |(module, name): &&(String, String)| module == PREVIEW1 && known.contains(name);
    if let Some((module, name)) = outside.imports.iter().find(|import| !is_known(import)) {
        return Err(format!(
            "it imports {name} of {module}, which does not exist in this sandbox: only {PREVIEW1} is there"
        ));
    }
    match ["_start", "memory"].into_iter().find(|name| !outside.exports.contains(*name)) {
        Some(missing) => Err(format!("it exports no {missing}, as a command for wasm32-wasip1 does")),
        None => Ok(()),
    }
}

fn wrap(module: &[u8]) -> Result<Vec<u8>, String> {
    let encoder = ComponentEncoder::default().validate(true).module(module);
    let component = encoder.and_then(|encoder| encoder.adapter(PREVIEW1, ADAPTER)?.encode());
    component.map_err(|error| format!("it cannot be made a command: {error:#}"))
}
