//! A disk in memory that loses power.
//!
//! It keeps two truths: what a running system sees, and what is on the platter. Contents and lengths
//! reach the platter by `sync_data` of the file, its marks by `sync_all`, names by `sync` of the folder, and nothing
//! else does.
//! When the power goes, each call since then is decided anew, by a seed:
//!
//! - every 512-byte sector of every write, by itself, is kept, lost or torn, and writes change places;
//! - every change of a length is kept or lost, and what a longer file has gained is zeros or garbage;
//! - marks are kept or lost;
//! - every creation, renaming and removal is kept or lost, for each name in its order. A renaming is
//!   atomic, and says nothing about the contents of what is renamed.

mod file;
mod inode;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use gannet_engine::disk::storage::{Directory, FileIdentity, StorageFile};

use file::SimulatedFile;
use inode::Inode;

/// A folder on a disk that can lose power. Clones are handles of the same disk.
#[derive(Clone, Default)]
pub struct PowerLossDisk {
    world: Arc<Mutex<World>>,
}

#[derive(Default)]
struct World {
    inodes: BTreeMap<u64, Inode>,
    last_inode: u64,
    /// What a running system sees.
    names: BTreeMap<String, u64>,
    /// What is on the platter.
    durable_names: BTreeMap<String, u64>,
    /// What was done to names since the folder was synced, in order.
    pending: Vec<NameChange>,
    locked: BTreeSet<u64>,
    calls: u64,
    crash_at: Option<u64>,
    dead: bool,
}

enum NameChange {
    Create { name: String, inode: u64 },
    Rename { from: String, to: String },
    Remove { name: String },
}

impl PowerLossDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// As many calls that change or sync something were made so far.
    pub fn calls(&self) -> u64 {
        self.world().calls
    }

    /// Lets the power fail during the `call`-th such call, counted from 1: it takes effect as far as one
    /// that was not synced does, and fails; every later one fails.
    pub fn crash_at(&self, call: u64) {
        self.world().crash_at = Some(call);
    }

    /// Lets the power fail now.
    pub fn crash(&self) {
        self.world().dead = true;
    }

    /// Whether the power has failed.
    pub fn is_dead(&self) -> bool {
        self.world().dead
    }

    /// The disk as the next boot finds it. Another seed gives another outcome of the same failure.
    #[must_use]
    pub fn power_on(&self, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let world = self.world();
        let names = world.surviving_names(&mut random);
        let mut inodes = BTreeMap::new();
        for number in names.values() {
            let survived = || world.inodes[number].after_power_loss(&mut random);
            inodes.entry(*number).or_insert_with(survived);
        }
        let next = World {
            inodes,
            last_inode: world.last_inode,
            durable_names: names.clone(),
            names,
            ..World::default()
        };
        Self {
            world: Arc::new(Mutex::new(next)),
        }
    }

    /// A file's content as a running system sees it.
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        let world = self.world();
        world
            .names
            .get(name)
            .map(|number| world.inodes[number].content().to_vec())
    }

    /// All names as a running system sees them.
    pub fn names(&self) -> Vec<String> {
        self.world().names.keys().cloned().collect()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("no thread panics while it holds the disk")
    }

    fn file(&self, number: u64) -> Box<dyn StorageFile> {
        Box::new(SimulatedFile {
            disk: self.clone(),
            number,
            holds_lock: Mutex::new(false),
        })
    }
}

impl World {
    fn check_power(&self) -> io::Result<()> {
        if self.dead { Err(power_lost()) } else { Ok(()) }
    }

    /// Counts a call that does something. It has to look at the power again once it has done it: the
    /// power may fail in its middle.
    fn begin_call(&mut self) -> io::Result<()> {
        self.check_power()?;
        self.calls += 1;
        Ok(())
    }

    fn end_call(&mut self) -> io::Result<()> {
        if self.fails_now() {
            self.dead = true;
        }
        self.check_power()
    }

    fn fails_now(&self) -> bool {
        self.crash_at.is_some_and(|call| self.calls >= call)
    }

    fn inode(&mut self, number: u64) -> &mut Inode {
        self.inodes
            .get_mut(&number)
            .expect("inodes stay for as long as the disk")
    }

    fn number_of(&self, name: &str) -> io::Result<u64> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let number = self.number_of(from)?;
        self.names.remove(from);
        self.names.insert(to.to_owned(), number);
        self.pending.push(NameChange::Rename {
            from: from.to_owned(),
            to: to.to_owned(),
        });
        Ok(())
    }

    /// The names after a loss of power. Once a change of a name is lost, later ones of that name are too.
    fn surviving_names(&self, random: &mut fastrand::Rng) -> BTreeMap<String, u64> {
        let mut names = self.durable_names.clone();
        let mut stuck: BTreeSet<&str> = BTreeSet::new();
        // Some failures come late after the last call, some at once.
        let keep_of_4 = random.u8(0..=4);
        for change in &self.pending {
            let touched: [&str; 2] = match change {
                NameChange::Create { name, .. } | NameChange::Remove { name } => [name, name],
                NameChange::Rename { from, to } => [from, to],
            };
            if touched.iter().any(|name| stuck.contains(name)) || random.u8(0..4) >= keep_of_4 {
                stuck.extend(touched);
                continue;
            }
            match change {
                NameChange::Create { name, inode } => {
                    names.insert(name.clone(), *inode);
                }
                NameChange::Remove { name } => {
                    names.remove(name);
                }
                NameChange::Rename { from, to } => {
                    let number = names
                        .remove(from)
                        .expect("all earlier changes of this name were kept");
                    names.insert(to.clone(), number);
                }
            }
        }
        names
    }
}

impl Directory for PowerLossDisk {
    fn create_new(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        let mut world = self.world();
        world.begin_call()?;
        if world.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        world.last_inode += 1;
        let inode = world.last_inode;
        world.inodes.insert(inode, Inode::default());
        world.names.insert(name.to_owned(), inode);
        world.pending.push(NameChange::Create {
            name: name.to_owned(),
            inode,
        });
        world.end_call()?;
        Ok(self.file(inode))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        let world = self.world();
        world.check_power()?;
        Ok(self.file(world.number_of(name)?))
    }

    fn lookup(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        let world = self.world();
        world.check_power()?;
        Ok(world.names.get(name).map(|&number| identity(number)))
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world();
        world.begin_call()?;
        if world.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        world.rename(from, to)?;
        world.end_call()
    }

    fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world();
        world.begin_call()?;
        world.rename(from, to)?;
        world.end_call()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut world = self.world();
        world.begin_call()?;
        world.number_of(name)?;
        world.names.remove(name);
        world.pending.push(NameChange::Remove {
            name: name.to_owned(),
        });
        world.end_call()
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.world();
        world.begin_call()?;
        world.end_call()?;
        world.durable_names = world.names.clone();
        world.pending.clear();
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        PathBuf::from("simulated").join(name)
    }
}

fn identity(number: u64) -> FileIdentity {
    FileIdentity {
        device: 1,
        file: number,
        born_ns: number,
    }
}

fn power_lost() -> io::Error {
    io::Error::other("the power is gone")
}

#[cfg(test)]
mod tests {
    use std::io::IoSlice;

    use gannet_engine::disk::storage::LockAttempt;

    use super::*;

    const SEEDS: std::ops::Range<u64> = 0..300;

    fn write(file: &dyn StorageFile, offset: u64, bytes: &[u8]) {
        file.write_all_at(offset, &mut [IoSlice::new(bytes)]).unwrap();
    }

    fn outcomes(disk: &PowerLossDisk, name: &str) -> BTreeSet<Option<Vec<u8>>> {
        disk.crash();
        SEEDS.map(|seed| disk.power_on(seed).content(name)).collect()
    }

    #[test]
    fn what_was_synced_survives_every_time() {
        let disk = PowerLossDisk::new();
        let file = disk.create_new("file").unwrap();
        write(&*file, 0, &[7; 3000]);
        file.sync_data().unwrap();
        disk.sync().unwrap();
        assert_eq!(outcomes(&disk, "file"), BTreeSet::from([Some(vec![7; 3000])]));
    }

    #[test]
    fn an_unsynced_name_is_lost_or_kept_whatever_its_file_synced() {
        let disk = PowerLossDisk::new();
        let file = disk.create_new("file").unwrap();
        write(&*file, 0, b"data");
        file.sync_data().unwrap();
        assert_eq!(
            outcomes(&disk, "file"),
            BTreeSet::from([None, Some(b"data".to_vec())])
        );
    }

    #[test]
    fn unsynced_sectors_are_lost_each_by_itself() {
        let disk = PowerLossDisk::new();
        let file = disk.create_new("file").unwrap();
        write(&*file, 0, &[1; 2048]);
        file.sync_data().unwrap();
        disk.sync().unwrap();
        write(&*file, 0, &[2; 2048]);
        let outcomes: Vec<Vec<u8>> = outcomes(&disk, "file").into_iter().flatten().collect();
        let firsts = |content: &Vec<u8>| [content[0], content[512], content[1024], content[1536]];
        let patterns: BTreeSet<[u8; 4]> = outcomes.iter().map(firsts).collect();
        assert_eq!(patterns.len(), 16, "every combination of old and new sectors");
        let torn = |content: &Vec<u8>| content.chunks(512).any(|sector| sector[0] != sector[511]);
        assert!(outcomes.iter().any(torn));
    }

    #[test]
    fn a_later_write_can_survive_an_earlier_one() {
        let disk = PowerLossDisk::new();
        let file = disk.create_new("file").unwrap();
        file.set_length(1024).unwrap();
        file.sync_data().unwrap();
        disk.sync().unwrap();
        write(&*file, 0, &[1; 512]);
        write(&*file, 512, &[1; 512]);
        assert!(outcomes(&disk, "file").contains(&Some([[0; 512], [1; 512]].concat())));
    }

    #[test]
    fn a_rename_is_atomic_but_says_nothing_of_contents() {
        let disk = PowerLossDisk::new();
        let old = disk.create_new("name").unwrap();
        write(&*old, 0, b"old");
        old.sync_data().unwrap();
        let new = disk.create_new("aside").unwrap();
        disk.sync().unwrap();
        write(&*new, 0, b"new");
        disk.rename_over("aside", "name").unwrap();
        let outcomes = outcomes(&disk, "name");
        assert!(outcomes.contains(&Some(b"old".to_vec())) && outcomes.contains(&Some(b"new".to_vec())));
        assert!(
            outcomes.contains(&Some(Vec::new())),
            "renamed before its content was safe"
        );
        assert!(!outcomes.contains(&None), "one of the two always bears the name");
    }

    #[test]
    fn the_call_in_which_the_power_fails_fails_and_so_do_all_later_ones() {
        let disk = PowerLossDisk::new();
        disk.crash_at(2);
        let file = disk.create_new("file").unwrap();
        assert!(file.sync_data().is_err() && file.sync_data().is_err() && disk.sync().is_err());
        assert!(file.read_at(0, &mut [0]).is_err() && disk.open("file").is_err());
        assert_eq!(disk.calls(), 2);
    }

    #[test]
    fn a_lock_ends_with_its_file() {
        let disk = PowerLossDisk::new();
        let first = disk.create_new("file").unwrap();
        let second = disk.open("file").unwrap();
        assert_eq!(first.try_lock().unwrap(), LockAttempt::Locked);
        assert!(matches!(second.try_lock().unwrap(), LockAttempt::HeldBy(_)));
        drop(first);
        assert_eq!(second.try_lock().unwrap(), LockAttempt::Locked);
    }
}
