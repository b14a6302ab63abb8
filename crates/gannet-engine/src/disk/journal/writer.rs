//! Appending to a journal so that each record is on disk before it is believed.

use std::io::{self, IoSlice};
use std::sync::Arc;

use super::codec::{self, Record};
use super::{JournalState, VALIDATOR_BYTES_MAX};
use crate::disk::part_file::read_up_to;
use crate::disk::storage::{Directory, StorageFile};
use crate::range::RangeSet;

/// A journal longer than this is begun anew with its last state alone.
const COMPACT_ABOVE_BYTES: u64 = 1 << 20;

/// So much of a journal is written at once, with zeros behind its records: a disk that is full meanwhile has room for the record
/// of what was written last. Reading stops at the first zero.
const ROOM_BYTES: u64 = 32 << 10;

/// More room is made before less than this is left.
const ROOM_LEFT_MIN_BYTES: u64 = 8 << 10;

/// What is hung on a journal's name until it is whole, each as short as `.new`: names have their limit.
const ASIDE_SUFFIXES: [&str; 4] = [".new", ".ne2", ".ne3", ".ne4"];

/// The names that the journal `name` may bear while it is written; a crash leaves it under one of them. Whether a file of
/// such a name is ours, [`may_be_torn`](super::may_be_torn) tells.
pub fn aside_names(name: &str) -> [String; 4] {
    ASIDE_SUFFIXES.map(|suffix| format!("{name}{suffix}"))
}

/// How much of a file that bears such a name is looked at to know whose it is.
const TORN_LOOK_BYTES: u64 = 4096;

/// Writes one part file's journal. The caller has synced what a record claims before it records it.
pub struct JournalWriter {
    directory: Arc<dyn Directory>,
    name: String,
    state: JournalState,
    /// What of the part file its last good record claims.
    recorded_bytes: u64,
    file: Box<dyn StorageFile>,
    salt: u64,
    end: u64,
    /// So long is the file by now: what is between is room.
    room_end: u64,
    /// An append failed: what is on disk behind it is unknown, so the next record goes into a new file.
    suspect: bool,
}

impl JournalWriter {
    /// Begins the journal `name` with `state`, atomically in place of an older one, and returns once
    /// that, the part file's name included, survives a loss of power.
    pub fn begin(directory: Arc<dyn Directory>, name: &str, state: JournalState) -> io::Result<Self> {
        if state.validator.len() > VALIDATOR_BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the validator is too long for a journal",
            ));
        }
        let salt = fastrand::u64(..);
        let Fresh { file, end, room_end } = write_anew(&*directory, name, salt, &state)?;
        Ok(Self {
            directory,
            name: name.to_owned(),
            recorded_bytes: state.written.bytes(),
            state,
            file,
            salt,
            end,
            room_end,
            suspect: false,
        })
    }

    /// Records all ranges that are safe on disk; on success the record itself is too.
    ///
    /// After a failure the journal still says what it said before, and may be tried again.
    pub fn record_written(&mut self, written: &RangeSet) -> io::Result<()> {
        self.state.written = written.clone();
        self.append(Record::Written(written))
    }

    /// Records that the file is whole, synced, and about to bear `name`.
    pub fn record_publishing(&mut self, name: &str) -> io::Result<()> {
        self.state.written = RangeSet::whole(self.state.complete_length);
        self.state.publishing = Some(name.to_owned());
        self.append(Record::Publishing(name))
    }

    /// What the journal says once its last record is on disk.
    pub fn state(&self) -> &JournalState {
        &self.state
    }

    /// How many bytes the last record claims that is known to be on disk.
    pub fn recorded_bytes(&self) -> u64 {
        self.recorded_bytes
    }

    fn append(&mut self, record: Record<'_>) -> io::Result<()> {
        if self.suspect || self.end > COMPACT_ABOVE_BYTES {
            self.start_over()?;
        } else {
            self.append_to_the_same(record)?;
        }
        self.recorded_bytes = self.state.written.bytes();
        Ok(())
    }

    fn append_to_the_same(&mut self, record: Record<'_>) -> io::Result<()> {
        let bytes = codec::encode(self.salt, self.end, record);
        self.make_room();
        self.suspect = true;
        self.file.write_all_at(self.end, &mut [IoSlice::new(&bytes)])?;
        self.file.sync_data()?;
        self.suspect = false;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn start_over(&mut self) -> io::Result<()> {
        // A new salt: no record of the old file can be taken for one of the new.
        let salt = fastrand::u64(..);
        let fresh = write_anew(&*self.directory, &self.name, salt, &self.state)?;
        Fresh {
            file: self.file,
            end: self.end,
            room_end: self.room_end,
        } = fresh;
        (self.salt, self.suspect) = (salt, false);
        Ok(())
    }

    /// Writes zeros ahead of the records. Where that fails, the record to come may still find its place.
    fn make_room(&mut self) {
        if self.room_end.saturating_sub(self.end) >= ROOM_LEFT_MIN_BYTES {
            return;
        }
        let zeros = vec![0; ROOM_BYTES as usize];
        let from = self.room_end.max(self.end);
        if self.file.write_all_at(from, &mut [IoSlice::new(&zeros)]).is_ok() {
            self.room_end = from + ROOM_BYTES;
        }
    }
}

/// A journal that was written anew.
struct Fresh {
    file: Box<dyn StorageFile>,
    /// Behind its last record.
    end: u64,
    room_end: u64,
}

/// Writes a whole journal aside, and puts it in place once it is safe on disk.
fn write_anew(directory: &dyn Directory, name: &str, salt: u64, state: &JournalState) -> io::Result<Fresh> {
    let mut bytes = codec::header(salt);
    let mut push = |record| bytes.extend(codec::encode(salt, bytes.len() as u64, record));
    push(Record::Identity {
        complete_length: state.complete_length,
        validator: &state.validator,
        part: state.part,
    });
    push(Record::Written(&state.written));
    if let Some(name) = &state.publishing {
        push(Record::Publishing(name));
    }

    let end = bytes.len() as u64;
    let room_end = end.next_multiple_of(ROOM_BYTES).max(end + ROOM_LEFT_MIN_BYTES);
    bytes.resize(room_end as usize, 0);

    let (aside, file) = create_aside(directory, name)?;
    file.write_all_at(0, &mut [IoSlice::new(&bytes)])?;
    file.sync_data()?;
    directory.rename_over(&aside, name)?;
    directory.sync()?;
    Ok(Fresh { file, end, room_end })
}

/// Creates a file beside the journal. What bears its name already is removed where a crash in the middle of
/// [`write_anew`] left it; somebody else's file stays, and another name is taken.
fn create_aside(directory: &dyn Directory, name: &str) -> io::Result<(String, Box<dyn StorageFile>)> {
    for aside in aside_names(name) {
        let ours = match directory.open(&aside) {
            Ok(file) => codec::may_be_torn(&read_up_to(&*file, TORN_LOOK_BYTES)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            // A link, a folder, a pipe; or a file that this user may not even read.
            Err(error) if is_somebody_elses(&error) => continue,
            Err(error) => return Err(error),
        };
        if ours {
            directory.remove(&aside)?;
        }
        match directory.create_new(&aside) {
            Ok(file) => return Ok((aside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("{name}{} and the names like it are taken", ASIDE_SUFFIXES[0]),
    ))
}

fn is_somebody_elses(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied
    )
}
