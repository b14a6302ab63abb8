//! What a transfer that was killed left, held against what the origin has, and against what it sends again.

use gannet_engine::disk::journal;
use gannet_engine::{ByteRange, RangeSet};

use crate::content::Content;
use crate::log::Log;

/// What one connection may have under way when it ends, beside what the journal knows (fault F1).
pub const UNDER_WAY_MAX_BYTES: u64 = 1 << 20;

/// What a journal claims to be in its part file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// All of it.
    pub all: RangeSet,
    /// What of it is not there, or not right.
    pub wrong: Vec<ByteRange>,
}

impl Claims {
    /// Reads the bytes of a journal, and holds what it claims of the bytes of `part` against the content.
    pub fn of(journal: &[u8], part: &[u8], content: &Content) -> Self {
        let Some(state) = journal::decode(journal) else {
            return Self::default();
        };
        let is_wrong = |range: &ByteRange| {
            let bytes = part.get(range.start() as usize..range.end() as usize);
            bytes.is_none_or(|bytes| content.check(range.start(), bytes).is_err())
        };
        let wrong = state.written.iter().filter(is_wrong).collect();
        Self {
            all: state.written,
            wrong,
        }
    }
}

impl Log {
    /// How many bytes of `set` were sent since the log was cleared.
    pub fn bytes_sent_of(&self, set: &RangeSet) -> u64 {
        let sent = self.requests().into_iter().filter_map(|entry| {
            let start = entry.answered?.start;
            ByteRange::new(start, start + entry.body_bytes)
        });
        sent.map(|range| set.overlapping(range).map(ByteRange::len).sum::<u64>())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_is_none_claims_nothing() {
        let content = Content::new(1, 100);
        assert_eq!(Claims::of(b"", &[], &content), Claims::default());
        assert_eq!(Claims::of(b"something else", &[], &content), Claims::default());
    }
}
