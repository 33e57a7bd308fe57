//! A file that is made and written, in the status folder.

#[cfg(not(target_family = "wasm"))]
#[path = "new_file/native.rs"]
mod file;
#[cfg(target_family = "wasm")]
#[path = "new_file/wasi.rs"]
mod file;

pub(crate) use file::NewFile;
