//! Names for things, as numbers that JavaScript holds exactly.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! identifier {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        pub struct $name(pub u32);
    };
}

identifier!(
    /// One download, for as long as the store remembers it; never given twice.
    DownloadId
);
identifier!(
    /// One queue. 1 is the main queue, which always exists.
    QueueId
);
identifier!(
    /// One category.
    CategoryId
);
identifier!(
    /// Digests of a file's pieces that a Metalink file named, kept for the download that is added of it.
    PieceSet
);

impl QueueId {
    /// The main queue: it always exists and takes whatever names no other.
    pub const MAIN: Self = Self(1);
}
