//! A transfer without a network: it claims, writes known content in a random order, syncs, journals
//! and publishes, as the engine's own threads do.

use std::io::{self, IoSlice};
use std::sync::Arc;

use gannet_engine::disk::Publication;
use gannet_engine::disk::journal::{JournalState, JournalWriter};
use gannet_engine::disk::part_file::{Adoption, Claim, ClaimedPart, ExistingFile, Held, claim};
use gannet_engine::disk::storage::Directory;
use gannet_engine::{ByteRange, Error, RangeSet};

/// A version of a file, as a server would hold it.
pub(crate) struct Source {
    pub(crate) seed: u64,
    pub(crate) content: Vec<u8>,
}

/// Whether the driver keeps the order that the journal's promise rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The part file is synced before the record that claims its bytes.
    SyncThenRecord,
    /// It is not synced at all: what a test has to notice.
    RecordOnly,
}

impl Source {
    pub(crate) fn new(seed: u64, length: usize) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        // Never 0, which is what a hole reads as.
        Self {
            seed,
            content: (0..length).map(|_| random.u8(1..)).collect(),
        }
    }

    pub(crate) fn length(&self) -> u64 {
        self.content.len() as u64
    }

    /// Whether what a disk holds is the complete file. (A comparison that fails should not print it.)
    pub(crate) fn is(&self, content: Option<Vec<u8>>) -> bool {
        content.is_some_and(|content| content == self.content)
    }

    pub(crate) fn validator(&self) -> Vec<u8> {
        format!("\"{}\"", self.seed).into_bytes()
    }
}

/// Runs one transfer to its end, or to the first error. Returns the final name.
pub(crate) fn transfer(
    directory: &Arc<dyn Directory>,
    target: &str,
    source: &Source,
    existing: ExistingFile,
    order: Order,
) -> Result<String, Error> {
    let mut part = match claim(directory, target, existing)? {
        Claim::Published { name, .. } => return Ok(name),
        Claim::Part(part) => part,
    };
    let mut random = fastrand::Rng::with_seed(source.seed);
    let mut written = match part.held().clone() {
        Held::Bytes {
            state,
            adoption: Adoption::SameFile,
        } if state.validator == source.validator() => state.written,
        _ => {
            part.start_over()?;
            RangeSet::new()
        }
    };
    allocate(&part, source)?;
    let mut journal: Option<JournalWriter> = None;
    let mut since_record = 0;
    for range in missing_in_random_order(&written, source.length(), &mut random) {
        let bytes = &source.content[range.start() as usize..range.end() as usize];
        let (head, tail) = bytes.split_at(bytes.len() / 3);
        part.file()
            .write_all_at(range.start(), &mut [IoSlice::new(head), IoSlice::new(tail)])
            .map_err(|source| disk(&part, "write", source))?;
        written.insert(range);
        since_record += 1;
        if since_record == 4 {
            since_record = 0;
            record((directory, &part), &mut journal, source, &written, order)?;
        }
    }
    assert!(written.is_whole(source.length()), "the gatekeeper");
    part.publish(
        &mut journal,
        &Publication {
            origin: Some("https://host/file".to_owned()),
            ..Publication::default()
        },
    )
}

/// Begins the journal of a part file, in place of the one that an earlier run left.
pub(crate) fn begin_journal(
    directory: &Arc<dyn Directory>,
    part: &ClaimedPart,
    complete_length: u64,
    validator: Vec<u8>,
    written: RangeSet,
) -> io::Result<JournalWriter> {
    let state = JournalState {
        complete_length,
        validator,
        part: part.file().identity()?,
        written,
        publishing: None,
    };
    JournalWriter::begin(Arc::clone(directory), &part.names().journal, state)
}

fn record(
    (directory, part): (&Arc<dyn Directory>, &ClaimedPart),
    journal: &mut Option<JournalWriter>,
    source: &Source,
    written: &RangeSet,
    order: Order,
) -> Result<(), Error> {
    if order == Order::SyncThenRecord {
        part.file()
            .sync_data()
            .map_err(|source| disk(part, "sync", source))?;
    }
    if let Some(journal) = journal {
        journal
            .record_written(written)
            .map_err(|source| disk(part, "write the journal of", source))?;
    } else {
        let (length, validator) = (source.length(), source.validator());
        let begun = begin_journal(directory, part, length, validator, written.clone());
        *journal = Some(begun.map_err(|source| disk(part, "write the journal of", source))?);
    }
    Ok(())
}

fn allocate(part: &ClaimedPart, source: &Source) -> Result<(), Error> {
    part.file()
        .allocate(source.length())
        .map(drop)
        .map_err(|source| disk(part, "allocate", source))
}

fn missing_in_random_order(written: &RangeSet, length: u64, random: &mut fastrand::Rng) -> Vec<ByteRange> {
    let mut missing = written.missing(length);
    let mut ranges = Vec::new();
    while let Some(range) = missing.first(random.u64(1..2500)) {
        missing.remove(range);
        ranges.push(range);
    }
    random.shuffle(&mut ranges);
    ranges
}

fn disk(part: &ClaimedPart, operation: &'static str, source: io::Error) -> Error {
    Error::Disk {
        operation,
        path: part.names().part.clone().into(),
        source,
    }
}
