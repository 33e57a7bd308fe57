//! Makes the corpus of each family out of the fixtures: a file of a format, behind the byte that chooses it. That of
//! `calls` is the written half of the corpus of API calls.

use std::fs;
use std::io;
use std::path::Path;

use guest_scanner::select::Selector;
use guest_scanner_fuzz::{FAMILIES, SOURCES};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let selector = Selector::new();
    let mut files = Vec::new();
    list(&root.join("../tests/fixtures"), &mut files)?;
    for (number, file) in files.iter().enumerate() {
        let Some(extractor) = file.to_str().and_then(|path| selector.extractor(path)) else { continue };
        let found = FAMILIES.iter().find_map(|(family, ids)| {
            let position = ids.iter().position(|id| *id == extractor.id)?;
            Some((family, u8::try_from(position).ok()?))
        });
        let Some((family, choice)) = found else { continue };
        let folder = root.join("corpus").join(family);
        fs::create_dir_all(&folder)?;
        let mut bytes = vec![choice];
        bytes.extend(fs::read(file)?);
        fs::write(folder.join(format!("fixture-{number}")), bytes)?;
    }
    calls(root)
}

fn calls(root: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    list(&root.join("../tests/api-corpus"), &mut files)?;
    let folder = root.join("corpus/calls");
    fs::create_dir_all(&folder)?;
    for (number, file) in files.iter().enumerate() {
        let extension = file.extension();
        let position = SOURCES.iter().position(|source| Path::new(source).extension() == extension);
        let Some(choice) = position.and_then(|position| u8::try_from(position).ok()) else { continue };
        let mut bytes = vec![choice];
        bytes.extend(fs::read(file)?);
        fs::write(folder.join(format!("fixture-{number}")), bytes)?;
    }
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
