//! `*.gguf` and `*.safetensors`: the weights of a model, a component that is the file itself.
//!
//! Formats: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md> and
//! <https://github.com/huggingface/safetensors#format>. The name comes from the path: what the header
//! calls itself is often the model that it was made from. Where git keeps a pointer instead of the file
//! (Git LFS), that has the file's hash.

mod gguf;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::yaml::Yaml;

/// The extractor of models.
pub const EXTRACTOR: Extractor = Extractor {
    id: "ai-model",
    ecosystem: "AI models",
    files: &[Pattern::Raw(&Pattern::Affixes("", ".gguf")), Pattern::Raw(&Pattern::Affixes("", ".safetensors"))],
    companions: &[],
    extract,
};

/// What is read of a file. The lists of a model's words are larger, but stand behind what is wanted.
const HEADER_BYTES_MAX: u64 = 1024 * 1024;

/// Names of files that say nothing: then the folder's is taken.
const COMMON_NAMES: [&str; 5] = ["model", "pytorch_model", "adapter_model", "diffusion_pytorch_model", "weights"];

/// What a header says of its model.
#[derive(Debug, Default, PartialEq, Eq)]
struct Metadata {
    version: Option<String>,
    license: Option<String>,
    source: Option<String>,
    checksum: Option<String>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let bytes = match source.tree().head(source.path(), HEADER_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) => return records.problem(ProblemKind::Unreadable, None, &format!("cannot be read: {error}")),
    };
    let read = pointer(&bytes)
        .or_else(|| if source.path().ends_with(".gguf") { gguf::read(&bytes) } else { safetensors(&bytes) });
    if read.is_none() {
        records.problem(ProblemKind::Unparsable, None, "the file does not begin as its format wants it");
    }
    let metadata = read.unwrap_or_default();
    records.package(Package {
        relation: Relation::Direct,
        license: metadata.license,
        checksums: metadata.checksum.into_iter().collect(),
        source: metadata.source,
        ..named(source.path(), metadata.version.as_deref())
    });
}

/// The package that a path stands for. The cache of Hugging Face's tools has owner, name and revision:
/// `models--owner--name/snapshots/revision/…`.
fn named(path: &str, version: Option<&str>) -> Package {
    let mut folders = path.split('/');
    let cached = folders.find_map(|folder| folder.strip_prefix("models--")?.split_once("--"));
    if let Some((owner, name)) = cached {
        let revision = folders.next().filter(|folder| *folder == "snapshots").and_then(|_| folders.next());
        let name = format!("{owner}/{name}");
        return purl::package(Ecosystem::Huggingface, &name, revision.or(version));
    }
    let (folder, file) = path::split(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let stem = without_shard(stem);
    let folder = folder.rsplit('/').next().filter(|folder| !folder.is_empty());
    let name = folder.filter(|_| COMMON_NAMES.contains(&stem)).unwrap_or(stem);
    purl::package(Ecosystem::Generic, name, version)
}

/// `model-00001-of-00005` is a part of `model`.
fn without_shard(stem: &str) -> &str {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = stem.rsplit_once("-of-").filter(|(_, count)| is_number(count));
    let parts = parts.and_then(|(before, _)| before.rsplit_once('-')).filter(|(_, number)| is_number(number));
    parts.map_or(stem, |(name, _)| name)
}

/// Git LFS: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
fn pointer(bytes: &[u8]) -> Option<Metadata> {
    const POINTER_BYTES_MAX: usize = 1024;
    let text = str::from_utf8(bytes).ok().filter(|text| text.len() < POINTER_BYTES_MAX)?;
    text.strip_prefix("version https://git-lfs")?;
    let hash = text.lines().find_map(|line| line.strip_prefix("oid "))?;
    Some(Metadata { checksum: Some(hash.to_owned()), ..Metadata::default() })
}

/// A number of eight bytes, and as many bytes of JSON.
fn safetensors(bytes: &[u8]) -> Option<Metadata> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let header = String::from_utf8_lossy(rest.get(..length.min(rest.len()))?);
    if !header.starts_with('{') {
        return None;
    }
    // JSON is YAML, and of a header that is cut the beginning is kept.
    let yaml = Yaml::read(&header);
    let metadata = yaml.documents().next().and_then(|header| header.get("__metadata__"));
    let value = |keys: [&str; 2]| {
        let value = keys.iter().find_map(|key| metadata?.text_at(key));
        value.map(str::to_owned)
    };
    Some(Metadata {
        version: value(["modelspec.version", "version"]),
        license: value(["modelspec.license", "license"]),
        source: None,
        checksum: None,
    })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_come_from_paths() {
        for (path, purl) in [
            ("a/tiny.Q4_K_M.gguf", "pkg:generic/tiny.Q4_K_M"),
            ("tiny/model-00001-of-00002.safetensors", "pkg:generic/tiny"),
            ("model.safetensors", "pkg:generic/model"),
            ("x/models--fizz--tiny/snapshots/00ff/a/model.safetensors", "pkg:huggingface/fizz/tiny@00ff"),
        ] {
            assert_eq!(named(path, None).purl, purl);
        }
    }
}
