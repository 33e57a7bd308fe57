//! Answers that never end, each valid as far as it goes.

use super::http::{Body, Request, Response};
use super::pack::{self, Kind};

/// The most a packet of git's may hold, after its four digits and the number of the band.
const BAND_BYTES_MAX: usize = 65_515;

/// A JSON array of projects.
pub(crate) fn json() -> impl Iterator<Item = Vec<u8>> {
    let project =
        |id: usize| format!("{{\"id\":{id},\"path_with_namespace\":\"acme/p{id}\",\"full_name\":\"acme/p{id}\"}},");
    let parts = (0..).step_by(500).map(move |start| (start..start + 500).map(project).collect::<String>().into_bytes());
    std::iter::once(b"[".to_vec()).chain(parts)
}

/// An advertisement of references, of which every one is a branch of the same commit.
pub(crate) fn refs() -> impl Iterator<Item = Vec<u8>> {
    let line = |number: usize| packet(format!("{} refs/heads/b{number:012}\n", "5b".repeat(20)).as_bytes());
    let parts = (0..).step_by(500).map(move |start| (start..start + 500).flat_map(line).collect());
    let first = format!("{} HEAD\0side-band-64k shallow ofs-delta\n", "5b".repeat(20));
    [announcement(), packet(first.as_bytes())].into_iter().chain(parts)
}

/// How an advertisement begins, up to the length of a packet that is as long as it can be.
pub(crate) fn start_of_refs() -> Vec<u8> {
    [announcement().as_slice(), b"fff0"].concat()
}

/// Its headers.
pub(crate) fn advertisement(body: Body) -> Response {
    Response::new(200, "application/x-git-upload-pack-advertisement", body).header("Cache-Control", "no-cache")
}

/// Answers a fetch in version 0 or 1 of the protocol: without history, as the client's `deepen 1` asks for.
pub(crate) fn upload_pack(request: &Request, head: &str, bands: impl Iterator<Item = Vec<u8>> + 'static) -> Response {
    let body = String::from_utf8_lossy(&request.body);
    let mut start = Vec::new();
    if body.contains("deepen ") {
        start.extend(packet(format!("shallow {head}").as_bytes()));
        start.extend(b"0000");
    }
    let body = if body.contains("0009done\n") {
        start.extend(packet(b"NAK\n"));
        Body::Parts(Box::new(std::iter::once(start).chain(bands)))
    } else {
        Body::Whole(start)
    };
    Response::new(200, "application/x-git-upload-pack-result", body).header("Cache-Control", "no-cache")
}

/// Objects that an endless pack says it has: 4 GB of them, and few enough for clients to believe it.
pub(crate) const BELIEVABLE_OBJECTS: u32 = 4_000_000;

/// A pack whose header says that it has so many objects, every one a blob of its own, in the first band.
pub(crate) fn pack(objects: u32) -> impl Iterator<Item = Vec<u8>> {
    let blobs =
        |start: u64| (start..start + 60).flat_map(|number| pack::packed(Kind::Blob, &number.to_be_bytes().repeat(125)));
    let header = std::iter::once(pack::header(objects));
    let parts = header.chain((0..).step_by(60).map(move |start| blobs(start).collect::<Vec<u8>>()));
    parts.flat_map(|part| part.chunks(BAND_BYTES_MAX).map(|chunk| band(1, chunk)).collect::<Vec<_>>())
}

/// Messages of progress, in the second band.
pub(crate) fn progress() -> impl Iterator<Item = Vec<u8>> {
    let message = format!("{}\r", "Counting objects, ".repeat(3000));
    std::iter::repeat_with(move || band(2, message.as_bytes()))
}

fn announcement() -> Vec<u8> {
    [packet(b"# service=git-upload-pack\n"), b"0000".to_vec()].concat()
}

fn band(number: u8, content: &[u8]) -> Vec<u8> {
    packet(&[&[number], content].concat())
}

fn packet(content: &[u8]) -> Vec<u8> {
    [format!("{:04x}", content.len() + 4).as_bytes(), content].concat()
}
