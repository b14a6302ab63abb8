//! The journal beside a part file: which of its bytes are safe on disk, and of which file they are.
//!
//! A header, then records, each of which stands for the whole truth at its time:
//!
//! ```text
//! header   magic (8 bytes) · version (u32) · salt (u64)
//! record   length (u32) · payload (length bytes) · CRC-32C (u32)
//! payload  1 · complete length · device · inode · born_ns · validator
//!          2 · (gap to the last range's end · length)…      all ranges, ascending
//!          3 · name                                        the file is whole and about to bear this name
//! ```
//!
//! Fixed-width numbers are little-endian, those in payloads LEB128. A checksum covers the salt and the
//! record's position too: blocks of an older journal, which a file system may leave behind a torn
//! append, are no records of this one. Reading stops at the first record that is not in order; what
//! stood before it holds. Behind the last one stand zeros: room that is there though the disk is full by
//! then. It names no URL and no secret.

mod codec;
mod writer;

pub use codec::{decode, may_be_torn};
pub(super) use codec::{foreign_version, is_journal};
pub use writer::{JournalWriter, aside_names};

use super::storage::FileIdentity;
use crate::range::RangeSet;

/// The longest validator that is kept; callers do without one that is longer.
pub const VALIDATOR_BYTES_MAX: usize = 4 * 1024;

/// The largest journal that is read. Writers begin a new file long before.
pub const JOURNAL_BYTES_MAX: u64 = 4 << 20;

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalState {
    /// The length of the complete file, in bytes.
    pub complete_length: u64,
    /// What tells this version of the file from others; opaque here, at most [`VALIDATOR_BYTES_MAX`].
    pub validator: Vec<u8>,
    /// The part file that the ranges are in.
    pub part: FileIdentity,
    /// The bytes that are safe on disk.
    pub written: RangeSet,
    /// The file was found whole and right, and was about to get this name; `written` is all of it then.
    pub publishing: Option<String>,
}
