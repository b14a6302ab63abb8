//! One file's content: as it is seen, as it is on the platter, and what lies between.

use std::ops::Range;

/// What a drive writes as one.
const SECTOR_BYTES: usize = 512;

/// A file.
#[derive(Default)]
pub(super) struct Inode {
    current: Vec<u8>,
    durable: Vec<u8>,
    /// What turns `durable` into `current`, in order.
    pending: Vec<Change>,
    /// The version noted on it, as it is seen, and as it is on the platter.
    version: Option<Vec<u8>>,
    durable_version: Option<Vec<u8>>,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Inode {
    pub(super) fn content(&self) -> &[u8] {
        &self.current
    }

    pub(super) fn write(&mut self, offset: usize, bytes: Vec<u8>) {
        let end = offset + bytes.len();
        if end > self.current.len() {
            self.current.resize(end, 0);
            self.pending.push(Change::Length(end));
        }
        self.current[offset..end].copy_from_slice(&bytes);
        self.pending.push(Change::Write { offset, bytes });
    }

    pub(super) fn set_length(&mut self, length: usize) {
        self.current.resize(length, 0);
        self.pending.push(Change::Length(length));
    }

    pub(super) fn version(&self) -> Option<&[u8]> {
        self.version.as_deref()
    }

    pub(super) fn remember_version(&mut self, version: Vec<u8>) {
        self.version = Some(version);
    }

    /// Everything that the file bears, too.
    pub(super) fn sync_all(&mut self) {
        self.sync();
        self.durable_version.clone_from(&self.version);
    }

    pub(super) fn sync(&mut self) {
        self.durable.resize(self.current.len(), 0);
        let mut was_cut = false;
        for change in self.pending.drain(..) {
            match change {
                Change::Write { offset, bytes } if !was_cut && offset + bytes.len() <= self.durable.len() => {
                    self.durable[offset..offset + bytes.len()].copy_from_slice(&bytes);
                }
                Change::Write { .. } => {}
                Change::Length(_) => was_cut = true,
            }
        }
        if was_cut {
            // Rare: writes and lengths play together in ways that only `current` knows.
            self.durable.copy_from_slice(&self.current);
        }
    }

    /// The file as the next boot finds it.
    pub(super) fn after_power_loss(&self, random: &mut fastrand::Rng) -> Self {
        let content = if self.pending.is_empty() {
            self.durable.clone()
        } else {
            self.survivors(random)
        };
        let version = if self.version == self.durable_version || random.bool() {
            self.durable_version.clone()
        } else {
            self.version.clone()
        };
        Self {
            current: content.clone(),
            durable: content,
            pending: Vec::new(),
            version: version.clone(),
            durable_version: version,
        }
    }

    fn survivors(&self, random: &mut fastrand::Rng) -> Vec<u8> {
        // Contents are laid on a platter as long as the file ever was; the length is decided apart.
        let mut platter = self.durable.clone();
        platter.resize(self.longest(), 0);
        if random.bool() {
            // What stood in the blocks before: not every file system hides that.
            platter[self.durable.len()..].fill_with(|| random.u8(..));
        }
        let mut length = self.durable.len();
        // Some failures come late after the last call, some at once.
        let keep_of_8 = random.u8(0..=8);
        let mut shuffled: Vec<&Change> = self.pending.iter().collect();
        if random.bool() {
            for run in shuffled.chunk_by_mut(|a, b| is_write(a) && is_write(b)) {
                random.shuffle(run);
            }
        }
        for change in shuffled {
            match change {
                Change::Length(new) => {
                    if random.u8(0..8) < keep_of_8 {
                        if *new < length {
                            platter[*new..].fill(0);
                        }
                        length = *new;
                    }
                }
                Change::Write { offset, bytes } => {
                    for sector in sectors(*offset..*offset + bytes.len()) {
                        let fate = random.u8(0..8);
                        let kept = if fate >= keep_of_8 {
                            continue;
                        } else if fate == 7 || random.u8(0..16) == 0 {
                            // Torn: the head came to rest in the middle of it.
                            sector.start..random.usize(sector.clone())
                        } else {
                            sector
                        };
                        platter[kept.clone()].copy_from_slice(&bytes[kept.start - offset..kept.end - offset]);
                    }
                }
            }
        }
        platter.truncate(length);
        platter
    }

    fn longest(&self) -> usize {
        let lengths = self.pending.iter().map(|change| match change {
            Change::Write { offset, bytes } => offset + bytes.len(),
            Change::Length(length) => *length,
        });
        lengths.fold(self.durable.len(), usize::max)
    }
}

fn is_write(change: &Change) -> bool {
    matches!(change, Change::Write { .. })
}

/// Cuts a range of bytes where sectors meet.
fn sectors(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = range.start;
    std::iter::from_fn(move || {
        let end = range.end.min((start / SECTOR_BYTES + 1) * SECTOR_BYTES);
        let sector = start..end;
        start = end;
        (!sector.is_empty()).then_some(sector)
    })
}
