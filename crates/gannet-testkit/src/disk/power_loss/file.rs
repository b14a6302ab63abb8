//! The calls on one file.

use std::io::{self, IoSlice};
use std::sync::Mutex;
use std::time::Duration;

use gannet_engine::ByteRange;
use gannet_engine::disk::storage::{Allocation, FileIdentity, LockAttempt, StorageFile};

use super::inode::Inode;
use super::{PowerLossDisk, identity};

/// A file on a disk that can lose power, open.
pub(super) struct SimulatedFile {
    pub(super) disk: PowerLossDisk,
    pub(super) number: u64,
    pub(super) holds_lock: Mutex<bool>,
}

impl SimulatedFile {
    /// One call that changes the file, as far as memory goes.
    fn change(&self, change: impl FnOnce(&mut Inode)) -> io::Result<()> {
        let mut world = self.disk.world();
        world.begin_call()?;
        change(world.inode(self.number));
        world.end_call()
    }
}

impl StorageFile for SimulatedFile {
    fn write_all_at(&self, offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.change(|inode| inode.write(offset as usize, bytes))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut world = self.disk.world();
        world.check_power()?;
        let content = world.inode(self.number).content();
        let rest = content.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn length(&self) -> io::Result<u64> {
        let mut world = self.disk.world();
        world.check_power()?;
        Ok(world.inode(self.number).content().len() as u64)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.change(|inode| inode.set_length(length as usize))
    }

    fn allocate(&self, length: u64) -> io::Result<Allocation> {
        self.set_length(length)?;
        Ok(Allocation::Sparse)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut world = self.disk.world();
        world.begin_call()?;
        world.end_call()?;
        world.inode(self.number).sync();
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        let mut world = self.disk.world();
        world.begin_call()?;
        world.end_call()?;
        world.inode(self.number).sync_all();
        Ok(())
    }

    fn start_writeback(&self, _range: ByteRange) {
        // Whatever was not synced may have reached the platter or not: that is how it is here anyway.
    }

    fn try_lock(&self) -> io::Result<LockAttempt> {
        let mut world = self.disk.world();
        world.check_power()?;
        let mut holds_lock = self
            .holds_lock
            .lock()
            .expect("no thread panics while it holds this");
        if !*holds_lock && !world.locked.insert(self.number) {
            return Ok(LockAttempt::HeldBy(Some("this process".to_owned())));
        }
        *holds_lock = true;
        Ok(LockAttempt::Locked)
    }

    fn identity(&self) -> io::Result<FileIdentity> {
        self.disk.world().check_power()?;
        Ok(identity(self.number))
    }

    fn mark_origin(&self, _url: &str) -> io::Result<()> {
        self.change(|_| {})
    }

    fn remember_version(&self, version: &[u8]) -> io::Result<()> {
        self.change(|inode| inode.remember_version(version.to_vec()))
    }

    fn recall_version(&self) -> io::Result<Option<Vec<u8>>> {
        let mut world = self.disk.world();
        world.check_power()?;
        Ok(world.inode(self.number).version().map(<[u8]>::to_vec))
    }

    fn set_modified(&self, _since_epoch: Duration) -> io::Result<()> {
        self.change(|_| {})
    }
}

impl Drop for SimulatedFile {
    fn drop(&mut self) {
        if self.holds_lock.get_mut().is_ok_and(|held| *held)
            && let Ok(mut world) = self.disk.world.lock()
        {
            world.locked.remove(&self.number);
        }
    }
}
