//! wasi:filesystem, narrowed to what scanners need, with a budget for what they write.
//!
//! Left out, and refused as not permitted: hard and symbolic links, and times. What reads goes to wasmtime-wasi as it is;
//! what writes asks the [`Budget`] first. The repository is read-only before any of that: wasmtime-wasi opened it so.

use std::sync::Arc;

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread};
use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::filesystem::{Descriptor, File, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream, ErrorCode, Filesize,
    Host, HostDescriptor, HostDirectoryEntryStream, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

use super::budget::Budget;
use super::streams::{FileReader, FileWriter};
use crate::limits::GUEST_TRANSFER_BYTES;

/// What the rules of this module are for one guest.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Whether functions are left out.
    pub(crate) is_narrowed: bool,
    /// What may be written.
    pub(crate) budget: Budget,
}

/// The host's side of wasi:filesystem/types for one call.
pub(crate) struct Files<'a> {
    pub(crate) wasi: WasiFilesystemCtxView<'a>,
    pub(crate) rules: &'a Rules,
}

impl HasData for Files<'static> {
    type Data<'a> = Files<'a>;
}

type Fd = Resource<Descriptor>;

impl Files<'_> {
    fn only_unnarrowed(&self) -> FsResult<()> {
        if self.rules.is_narrowed { Err(ErrorCode::NotPermitted.into()) } else { Ok(()) }
    }

    /// Counts an entry that is about to be made, unless `path` is there already.
    async fn count_new(&mut self, fd: &Fd, path: &str) -> FsResult<Counted> {
        if self.is_there(fd, path).await {
            return Ok(Counted::NoMore);
        }
        if self.rules.budget.add() { Ok(Counted::OneMore) } else { Err(ErrorCode::InsufficientSpace.into()) }
    }

    async fn is_there(&mut self, fd: &Fd, path: &str) -> bool {
        self.wasi.stat_at(same(fd), PathFlags::empty(), path.to_owned()).await.is_ok()
    }

    /// What was counted and then not made does not count.
    fn made<T>(&self, counted: Counted, result: FsResult<T>) -> FsResult<T> {
        if result.is_err() && counted == Counted::OneMore {
            self.rules.budget.remove();
        }
        result
    }

    fn file(&self, fd: &Fd) -> FsResult<&File> {
        match self.wasi.table.get(fd)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(ErrorCode::IsDirectory.into()),
        }
    }

    fn writer(&mut self, fd: &Fd, position: Option<Filesize>) -> FsResult<Resource<DynOutputStream>> {
        let file = self.file(fd)?;
        if file.perms.write_not_permitted() {
            return Err(ErrorCode::NotPermitted.into());
        }
        let file = Arc::clone(&file.file);
        let writer: DynOutputStream = Box::new(FileWriter { file, position, budget: self.rules.budget.clone() });
        Ok(self.wasi.table.push(writer)?)
    }
}

/// Whether an entry was counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    OneMore,
    NoMore,
}

/// The same handle for a second call.
fn same(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

fn no_space() -> FsError {
    ErrorCode::InsufficientSpace.into()
}

impl Host for Files<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        self.wasi.convert_error_code(error)
    }

    fn filesystem_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.wasi.filesystem_error_code(error)
    }
}

impl HostDescriptor for Files<'_> {
    // What changes something.

    async fn open_at(
        &mut self,
        fd: Fd,
        follow: PathFlags,
        path: String,
        how: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        let counted = if how.contains(OpenFlags::CREATE) { self.count_new(&fd, &path).await? } else { Counted::NoMore };
        let opened = self.wasi.open_at(fd, follow, path, how, flags).await;
        self.made(counted, opened)
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        let counted = self.count_new(&fd, &path).await?;
        let made = self.wasi.create_directory_at(fd, path).await;
        self.made(counted, made)
    }

    async fn rename_at(&mut self, fd: Fd, from: String, to_fd: Fd, to: String) -> FsResult<()> {
        let replaces = self.is_there(&to_fd, &to).await;
        self.wasi.rename_at(same(&fd), from.clone(), to_fd, to).await?;
        // Renamed to itself, it is there once, as before.
        if replaces && !self.is_there(&fd, &from).await {
            self.rules.budget.remove();
        }
        Ok(())
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.wasi.unlink_file_at(fd, path).await?;
        self.rules.budget.remove();
        Ok(())
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.wasi.remove_directory_at(fd, path).await?;
        self.rules.budget.remove();
        Ok(())
    }

    async fn set_size(&mut self, fd: Fd, size: Filesize) -> FsResult<()> {
        if !self.rules.budget.may_measure(size) {
            return Err(no_space());
        }
        self.wasi.set_size(fd, size).await
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        if !self.rules.budget.write(bytes.len() as u64) {
            return Err(no_space());
        }
        self.wasi.write(fd, bytes, offset).await
    }

    fn write_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynOutputStream>> {
        self.writer(&fd, Some(offset))
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        self.writer(&fd, None)
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.wasi.sync(fd).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.wasi.sync_data(fd).await
    }

    // What is left out.

    async fn link_at(&mut self, fd: Fd, follow: PathFlags, from: String, to_fd: Fd, to: String) -> FsResult<()> {
        self.only_unnarrowed()?;
        self.wasi.link_at(fd, follow, from, to_fd, to).await
    }

    async fn symlink_at(&mut self, fd: Fd, target: String, path: String) -> FsResult<()> {
        self.only_unnarrowed()?;
        self.wasi.symlink_at(fd, target, path).await
    }

    async fn set_times(&mut self, fd: Fd, accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<()> {
        self.only_unnarrowed()?;
        self.wasi.set_times(fd, accessed, modified).await
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        follow: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        self.only_unnarrowed()?;
        self.wasi.set_times_at(fd, follow, path, accessed, modified).await
    }

    /// Advice, which nobody has to take.
    async fn advise(&mut self, fd: Fd, offset: Filesize, length: Filesize, advice: Advice) -> FsResult<()> {
        if self.rules.is_narrowed { Ok(()) } else { self.wasi.advise(fd, offset, length, advice).await }
    }

    // What reads.

    async fn read(&mut self, fd: Fd, length: Filesize, offset: Filesize) -> FsResult<(Vec<u8>, bool)> {
        let file = self.file(&fd)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(GUEST_TRANSFER_BYTES);
        let mut bytes = Vec::with_capacity(length);
        let read = loop {
            match pread(&file.file, spare_capacity(&mut bytes), offset) {
                Err(Errno::INTR) => {}
                other => break other.map_err(std::io::Error::from)?,
            }
        };
        // A file gives less than it is asked for at its end only.
        Ok((bytes, read < length || read == 0))
    }

    fn read_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        let file = Arc::clone(&self.file(&fd)?.file);
        let reader: DynInputStream = Box::new(FileReader { file, position: offset });
        Ok(self.wasi.table.push(reader)?)
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<DirectoryEntryStream>> {
        self.wasi.read_directory(fd).await
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.wasi.readlink_at(fd, path).await
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        self.wasi.stat(fd).await
    }

    async fn stat_at(&mut self, fd: Fd, follow: PathFlags, path: String) -> FsResult<DescriptorStat> {
        self.wasi.stat_at(fd, follow, path).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        self.wasi.get_flags(fd).await
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        self.wasi.get_type(fd).await
    }

    async fn is_same_object(&mut self, fd: Fd, other: Fd) -> wasmtime::Result<bool> {
        self.wasi.is_same_object(fd, other).await
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        self.wasi.metadata_hash(fd).await
    }

    async fn metadata_hash_at(&mut self, fd: Fd, follow: PathFlags, path: String) -> FsResult<MetadataHashValue> {
        self.wasi.metadata_hash_at(fd, follow, path).await
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        HostDescriptor::drop(&mut self.wasi, fd)
    }
}

impl HostDirectoryEntryStream for Files<'_> {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.wasi.read_directory_entry(stream).await
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        HostDirectoryEntryStream::drop(&mut self.wasi, stream)
    }
}
