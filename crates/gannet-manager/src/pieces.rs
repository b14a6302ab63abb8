//! Digests of pieces, from the Metalink file that was read to the download that is added of it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use gannet_engine::{Digest, PieceDigests};
use gannet_schema::PieceSet;
use serde::{Deserialize, Serialize};

/// Files whose pieces are remembered until they are added.
const REMEMBERED_MAX: usize = 1_000;

/// Pieces of files that were read and may be added. They are found by the number that was given with the link, not by the
/// address: what is added of the same address later, without that file, has nothing to do with it.
#[derive(Debug, Default)]
pub(crate) struct ReadPieces {
    read: Mutex<Read>,
}

#[derive(Debug, Default)]
struct Read {
    last: u32,
    sets: VecDeque<(PieceSet, PieceDigests)>,
}

impl ReadPieces {
    pub(crate) fn remember(&self, pieces: PieceDigests) -> PieceSet {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.sets.len() == REMEMBERED_MAX {
            read.sets.pop_front();
        }
        read.last = read.last.wrapping_add(1);
        let set = PieceSet(read.last);
        read.sets.push_back((set, pieces));
        set
    }

    /// `None` where it is forgotten: then only the whole file's digest is left.
    pub(crate) fn of(&self, set: PieceSet) -> Option<StoredPieces> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, pieces) = read.sets.iter().find(|(known, _)| *known == set)?;
        Some(StoredPieces {
            piece_bytes: pieces.piece_bytes(),
            digests: pieces.digests().iter().map(ToString::to_string).collect(),
        })
    }
}

/// Pieces as the store keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredPieces {
    piece_bytes: u64,
    digests: Vec<String>,
}

impl StoredPieces {
    /// As the engine takes them; `None` where one cannot be read.
    pub(crate) fn for_engine(&self) -> Option<PieceDigests> {
        let digests = self.digests.iter().map(|digest| digest.parse::<Digest>().ok());
        PieceDigests::new(self.piece_bytes, digests.collect::<Option<_>>()?)
    }
}
