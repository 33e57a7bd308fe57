//! Writes git's packs and their indexes by hand: git itself refuses to make most of what hostile
//! repositories hold, and starting it for each object would be slow.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, Crc, FlushCompress};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

const MIB: usize = 1024 * 1024;

/// The name of a gibibyte of zeros, for which one would otherwise wait.
const GIBIBYTE_OF_ZEROS: Id = Id(*b"\x4f\xce\x05\xa4\xe4\xed\x8c\xef\xef\x2d\x99\xf3\x2c\x51\x9b\x2f\xd7\x84\x1b\x74");

/// Below this, deflating costs more than it saves.
const STORED_BYTES_MAX: usize = 1024;

/// The name of an object: its SHA-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(pub(crate) [u8; 20]);

impl std::fmt::Display for Id {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// What an object is; the number is the pack's.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Commit = 1,
    Tree = 2,
    Blob = 3,
    Tag = 4,
}

/// A pack that grows in memory.
#[derive(Default)]
pub(crate) struct Pack {
    objects: Vec<u8>,
    index: Vec<Indexed>,
    known: HashSet<Id>,
}

struct Indexed {
    id: Id,
    crc: u32,
    offset: u32,
}

/// What precedes the objects: `PACK`, the version and the number of objects.
const HEADER_BYTES: usize = 12;

impl Pack {
    /// Adds an object, once.
    pub(crate) fn add(&mut self, kind: Kind, content: &[u8]) -> Id {
        let id = name(kind, content.len(), std::iter::once(content));
        self.insert(id, kind, content.len(), || deflate(content));
        id
    }

    /// Adds a blob of zeros, of which neither we nor the pack ever hold more than a thousandth.
    pub(crate) fn add_zeros(&mut self, mebibytes: usize) -> Id {
        let zeros = vec![0; MIB];
        let length = mebibytes * MIB;
        let id = match mebibytes {
            1024 => GIBIBYTE_OF_ZEROS,
            _ => name(Kind::Blob, length, std::iter::repeat_n(zeros.as_slice(), mebibytes)),
        };
        self.insert(id, Kind::Blob, length, || deflated_zeros(&zeros, mebibytes));
        id
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Writes the pack and its index into the folder.
    pub(crate) fn write(mut self, folder: &Path) {
        let mut pack = header(u32::try_from(self.index.len()).unwrap());
        pack.append(&mut self.objects);
        let checksum = sha1(&pack);
        pack.extend(checksum);
        let stem = format!("pack-{}", Id(checksum));
        fs::write(folder.join(format!("{stem}.pack")), pack).unwrap();
        fs::write(folder.join(format!("{stem}.idx")), self.index_file(checksum)).unwrap();
    }

    fn insert(&mut self, id: Id, kind: Kind, length: usize, deflated: impl FnOnce() -> Vec<u8>) {
        if !self.known.insert(id) {
            return;
        }
        let start = self.objects.len();
        self.objects.extend(object_header(kind, length));
        self.objects.extend(deflated());
        let mut crc = Crc::new();
        crc.update(&self.objects[start..]);
        let offset = u32::try_from(start + HEADER_BYTES).unwrap();
        self.index.push(Indexed { id, crc: crc.sum(), offset });
    }

    /// Version 2 of the format: magic, fan-out, names, checksums, offsets, and the two trailers.
    fn index_file(mut self, pack_checksum: [u8; 20]) -> Vec<u8> {
        self.index.sort_unstable_by_key(|object| object.id);
        let mut file = b"\xfftOc\0\0\0\x02".to_vec();
        let mut below = 0;
        for first in 0..=u8::MAX {
            below += self.index[below..].iter().take_while(|object| object.id.0[0] == first).count();
            file.extend(u32::try_from(below).unwrap().to_be_bytes());
        }
        self.index.iter().for_each(|object| file.extend(object.id.0));
        self.index.iter().for_each(|object| file.extend(object.crc.to_be_bytes()));
        self.index.iter().for_each(|object| file.extend(object.offset.to_be_bytes()));
        file.extend(pack_checksum);
        file.extend(sha1(&file));
        file
    }
}

/// How a pack of so many objects begins.
pub(crate) fn header(objects: u32) -> Vec<u8> {
    let mut header = b"PACK\0\0\0\x02".to_vec();
    header.extend(objects.to_be_bytes());
    header
}

/// A whole object as it stands in a pack, hardly compressed.
pub(crate) fn packed(kind: Kind, content: &[u8]) -> Vec<u8> {
    let mut object = object_header(kind, content.len());
    object.extend(deflate(content));
    object
}

/// Four bits of the length beside the kind, then seven in each byte.
fn object_header(kind: Kind, length: usize) -> Vec<u8> {
    let mut byte = ((kind as u8) << 4) | (length & 0xf) as u8;
    let mut rest = length >> 4;
    let mut header = Vec::new();
    while rest > 0 {
        header.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    header.push(byte);
    header
}

fn name<'a>(kind: Kind, length: usize, parts: impl Iterator<Item = &'a [u8]>) -> Id {
    let word = match kind {
        Kind::Commit => "commit",
        Kind::Tree => "tree",
        Kind::Blob => "blob",
        Kind::Tag => "tag",
    };
    let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(format!("{word} {length}\0").as_bytes());
    parts.for_each(|part| hash.update(part));
    Id(hash.finish().as_ref().try_into().unwrap())
}

fn sha1(bytes: &[u8]) -> [u8; 20] {
    ring::digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().try_into().unwrap()
}

fn deflate(content: &[u8]) -> Vec<u8> {
    if content.len() > STORED_BYTES_MAX {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        return encoder.finish().unwrap();
    }
    let length = u16::try_from(content.len()).unwrap();
    let mut stored = vec![0x78, 0x01, 0x01];
    stored.extend(length.to_le_bytes());
    stored.extend((!length).to_le_bytes());
    stored.extend(content);
    stored.extend(adler32(content.iter().copied()).to_be_bytes());
    stored
}

/// A mebibyte of zeros is deflated once, up to a full flush, after which nothing refers back: so the same
/// bytes may stand there as often as wanted.
fn deflated_zeros(mebibyte: &[u8], times: usize) -> Vec<u8> {
    let mut once = Vec::with_capacity(64 * 1024);
    Compress::new(Compression::best(), false).compress_vec(mebibyte, &mut once, FlushCompress::Full).unwrap();
    let mut stream = vec![0x78, 0x01];
    stream.extend(once.repeat(times));
    stream.extend([0x03, 0x00]); // the last block, empty
    let second = (times * mebibyte.len()) % ADLER;
    stream.extend(((u32::try_from(second).unwrap() << 16) | 1).to_be_bytes());
    stream
}

const ADLER: usize = 65_521;

fn adler32(bytes: impl Iterator<Item = u8>) -> u32 {
    let modulus = u32::try_from(ADLER).unwrap();
    let (first, second) = bytes.fold((1, 0), |(first, second), byte| {
        let first = (first + u32::from(byte)) % modulus;
        (first, (second + first) % modulus)
    });
    (second << 16) | first
}
