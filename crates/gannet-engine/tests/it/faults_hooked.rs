//! A disk in front of another one that tells a hook about every call, before and after it.

use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gannet_engine::ByteRange;
use gannet_engine::disk::storage::{Allocation, Directory, FileIdentity, LockAttempt, StorageFile};
use gannet_testkit::disk::Call;

/// Where in a call the hook is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// What becomes of the call. (Said of [`When::After`], it changes nothing.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// It is carried out.
    Through,
    /// It is not, and said to have succeeded. Only syncs can be left out.
    LeftOut,
}

type Hook = dyn Fn(When, Call, &str) -> Pass + Send + Sync;
type ReadHook = dyn Fn(&str) + Send + Sync;

/// A disk whose calls are watched. Looks and locks are not, and reads only where that is asked for.
pub(crate) struct HookedDisk {
    inner: Arc<dyn Directory>,
    hook: Arc<Hook>,
    before_read: Arc<ReadHook>,
}

struct HookedFile {
    inner: Box<dyn StorageFile>,
    name: String,
    hook: Arc<Hook>,
    before_read: Arc<ReadHook>,
}

impl HookedDisk {
    pub(crate) fn over(
        inner: Arc<dyn Directory>,
        hook: impl Fn(When, Call, &str) -> Pass + Send + Sync + 'static,
    ) -> Arc<dyn Directory> {
        Arc::new(Self {
            inner,
            hook: Arc::new(hook),
            before_read: Arc::new(|_| {}),
        })
    }

    /// Every read waits for `before_read`, which is told the file's name.
    pub(crate) fn over_watching_reads(
        inner: Arc<dyn Directory>,
        before_read: impl Fn(&str) + Send + Sync + 'static,
    ) -> Arc<dyn Directory> {
        Arc::new(Self {
            inner,
            hook: Arc::new(|_, _, _| Pass::Through),
            before_read: Arc::new(before_read),
        })
    }

    fn wrap(&self, name: &str, file: Box<dyn StorageFile>) -> Box<dyn StorageFile> {
        Box::new(HookedFile {
            inner: file,
            name: name.to_owned(),
            hook: Arc::clone(&self.hook),
            before_read: Arc::clone(&self.before_read),
        })
    }
}

fn watched<T>(
    hook: &Hook,
    call: Call,
    name: &str,
    work: impl FnOnce() -> io::Result<T>,
) -> io::Result<Option<T>> {
    let done = match hook(When::Before, call, name) {
        Pass::LeftOut => None,
        Pass::Through => Some(work()?),
    };
    hook(When::After, call, name);
    Ok(done)
}

fn carried_out<T>(done: Option<T>) -> T {
    done.expect("only syncs are left out")
}

impl Directory for HookedDisk {
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        watched(&*self.hook, Call::Create, name, || self.inner.create_new(name))
            .map(|file| self.wrap(name, carried_out(file)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        Ok(self.wrap(name, self.inner.open(name)?))
    }

    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        self.inner.lookup(name)
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        watched(&*self.hook, Call::Rename, to, || self.inner.rename_new(from, to)).map(carried_out)
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        watched(&*self.hook, Call::Rename, to, || self.inner.rename_over(from, to)).map(carried_out)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        watched(&*self.hook, Call::Remove, name, || self.inner.remove(name)).map(carried_out)
    }

    fn sync(&self) -> io::Result<()> {
        watched(&*self.hook, Call::DirectorySync, "", || self.inner.sync()).map(drop)
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        self.inner.free_bytes()
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.inner.path_of(name)
    }
}

impl HookedFile {
    fn watched<T>(&self, call: Call, work: impl FnOnce() -> io::Result<T>) -> io::Result<Option<T>> {
        watched(&*self.hook, call, &self.name, work)
    }
}

impl StorageFile for HookedFile {
    fn write_all_at(&self, offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        self.watched(Call::Write, || self.inner.write_all_at(offset, slices))
            .map(carried_out)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (self.before_read)(&self.name);
        self.inner.read_at(offset, buffer)
    }

    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.watched(Call::Allocate, || self.inner.set_length(length))
            .map(carried_out)
    }

    fn allocate(&self, length: u64) -> io::Result<Allocation> {
        self.watched(Call::Allocate, || self.inner.allocate(length))
            .map(carried_out)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.watched(Call::Sync, || self.inner.sync_data()).map(drop)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.watched(Call::Sync, || self.inner.sync_all()).map(drop)
    }

    fn start_writeback(&self, range: ByteRange) {
        self.inner.start_writeback(range);
    }

    fn try_lock(&self) -> io::Result<LockAttempt> {
        self.inner.try_lock()
    }

    fn identity(&self) -> io::Result<FileIdentity> {
        self.inner.identity()
    }

    fn mark_origin(&self, url: &str) -> io::Result<()> {
        self.inner.mark_origin(url)
    }

    fn remember_version(&self, version: &[u8]) -> io::Result<()> {
        self.inner.remember_version(version)
    }

    fn recall_version(&self) -> io::Result<Option<Vec<u8>>> {
        self.inner.recall_version()
    }

    fn set_modified(&self, since_epoch: Duration) -> io::Result<()> {
        self.inner.set_modified(since_epoch)
    }
}
