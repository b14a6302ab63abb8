//! Digests of pieces, from the Metalink file that was read to the download that is added of it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use gannet_engine::{Digest, PieceDigests};
use serde::{Deserialize, Serialize};

use crate::address::AddressDigest;

/// Files whose pieces are remembered until they are added.
const REMEMBERED_MAX: usize = 1_000;

/// Pieces of files that were read and may be added.
#[derive(Debug, Default)]
pub(crate) struct ReadPieces {
    read: Mutex<VecDeque<(AddressDigest, PieceDigests)>>,
}

impl ReadPieces {
    pub(crate) fn remember(&self, address: AddressDigest, pieces: PieceDigests) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.retain(|(known, _)| *known != address);
        if read.len() == REMEMBERED_MAX {
            read.pop_front();
        }
        read.push_back((address, pieces));
    }

    pub(crate) fn of(&self, address: AddressDigest) -> Option<StoredPieces> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, pieces) = read.iter().find(|(known, _)| *known == address)?;
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
