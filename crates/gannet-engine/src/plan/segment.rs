//! A range in work: one or more workers take its bytes, in ascending order, each byte once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::range::ByteRange;

/// A range that workers fetch. Everything before its cursor is taken; its end may be lowered while they work.
///
/// Two workers that race hold the same segment: each claims what it received, and only what lies beyond the cursor
/// is its own to write. So a byte is written once, by whoever had it first.
#[derive(Debug)]
pub(crate) struct Segment {
    began_at: u64,
    bounds: Mutex<Bounds>,
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    cursor: u64,
    end: u64,
}

/// What of a received piece is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Bytes at its front that another worker took before.
    pub(crate) skip: u64,
    /// Bytes behind those that are the claimer's to write.
    pub(crate) take: u64,
    /// Whether the segment has nothing left.
    pub(crate) exhausted: bool,
}

impl Segment {
    pub(crate) fn new(range: ByteRange) -> Self {
        Self {
            began_at: range.start(),
            bounds: Mutex::new(Bounds {
                cursor: range.start(),
                end: range.end(),
            }),
        }
    }

    /// Where it began.
    pub(crate) fn began_at(&self) -> u64 {
        self.began_at
    }

    /// Where it ends, as things stand.
    pub(crate) fn end(&self) -> u64 {
        self.bounds().end
    }

    /// What nobody has taken yet.
    pub(crate) fn remaining(&self) -> Option<ByteRange> {
        let bounds = self.bounds();
        ByteRange::new(bounds.cursor, bounds.end)
    }

    /// How many of the `bytes` received from `position` on are still free: what a claim would take, as things stand.
    pub(crate) fn free(&self, position: u64, bytes: u64) -> u64 {
        let bounds = self.bounds();
        let end = position.saturating_add(bytes).min(bounds.end);
        end.saturating_sub(position.max(bounds.cursor))
    }

    /// Takes what is still free of the `bytes` received from `position` on. What is taken must be written.
    pub(crate) fn claim(&self, position: u64, bytes: u64) -> Claim {
        let mut bounds = self.bounds();
        debug_assert!(
            position <= bounds.cursor,
            "a worker cannot be ahead of its segment's cursor"
        );
        let start = position.max(bounds.cursor);
        let end = position.saturating_add(bytes).min(bounds.end);
        let take = end.saturating_sub(start);
        if take > 0 {
            bounds.cursor = end;
        }
        Claim {
            skip: (start - position).min(bytes),
            take,
            exhausted: bounds.cursor >= bounds.end,
        }
    }

    /// Lowers the end to `at`, or to the cursor where that is further; returns what was cut off.
    pub(crate) fn cut(&self, at: u64) -> Option<ByteRange> {
        let mut bounds = self.bounds();
        let at = at.max(bounds.cursor);
        let tail = ByteRange::new(at, bounds.end);
        bounds.end = bounds.end.min(at);
        tail
    }

    /// Ends it: nothing can be claimed from now on. Returns what nobody took.
    pub(crate) fn close(&self) -> Option<ByteRange> {
        self.cut(0)
    }

    /// Lets the workers go on into `next`, where that begins at the end and the segment was not ended meanwhile.
    pub(crate) fn extend(&self, next: ByteRange) -> bool {
        let mut bounds = self.bounds();
        let adjacent = bounds.end == next.start() && bounds.cursor < bounds.end;
        if adjacent {
            bounds.end = next.end();
        }
        adjacent
    }

    fn bounds(&self) -> MutexGuard<'_, Bounds> {
        self.bounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange::new(start, end).expect("a test's range holds a byte")
    }

    #[test]
    fn the_second_of_two_racers_gets_only_what_is_new() {
        let segment = Segment::new(range(100, 200));
        assert_eq!(
            segment.claim(100, 60),
            Claim {
                skip: 0,
                take: 60,
                exhausted: false
            }
        );
        assert_eq!(
            segment.claim(100, 70),
            Claim {
                skip: 60,
                take: 10,
                exhausted: false
            }
        );
        assert_eq!(
            segment.claim(100, 20),
            Claim {
                skip: 20,
                take: 0,
                exhausted: false
            }
        );
        assert_eq!(
            segment.claim(160, 50),
            Claim {
                skip: 10,
                take: 30,
                exhausted: true
            }
        );
        assert_eq!(
            segment.claim(170, 30),
            Claim {
                skip: 30,
                take: 0,
                exhausted: true
            }
        );
    }

    #[test]
    fn a_cut_never_takes_back_what_was_claimed() {
        let segment = Segment::new(range(0, 100));
        segment.claim(0, 50);
        assert_eq!(
            (segment.free(0, 60), segment.free(0, 40), segment.free(90, 60)),
            (10, 0, 10)
        );
        assert_eq!(segment.cut(20), Some(range(50, 100)));
        assert_eq!(
            segment.claim(50, 10),
            Claim {
                skip: 0,
                take: 0,
                exhausted: true
            }
        );
        assert_eq!(segment.close(), None);
    }

    #[test]
    fn a_finished_segment_is_not_extended() {
        let segment = Segment::new(range(0, 10));
        assert!(segment.extend(range(10, 20)));
        segment.claim(0, 20);
        assert!(!segment.extend(range(20, 30)));
    }

    proptest! {
        /// Two racers and a thief in any interleaving: every byte is claimed exactly once.
        #[test]
        fn a_stolen_or_raced_byte_is_claimed_exactly_once(steps in prop::collection::vec((0u8..5, 1u64..40), 1..80)) {
            let whole = range(0, 300);
            let segment = Segment::new(whole);
            let mut tails = vec![];
            let mut taken = vec![0u8; 300];
            let mut positions = [0u64; 2];
            for (who, amount) in steps {
                if who < 4 {
                    let position = &mut positions[usize::from(who % 2)];
                    let bytes = amount.min(300 - *position);
                    let claim = segment.claim(*position, bytes);
                    let from = (*position + claim.skip) as usize;
                    for slot in &mut taken[from..from + claim.take as usize] { *slot += 1; }
                    *position += claim.skip + claim.take;
                } else if let Some(rest) = segment.remaining() {
                    tails.extend(segment.cut(rest.end().saturating_sub(amount)));
                }
            }
            tails.extend(segment.close());
            for tail in tails {
                for slot in &mut taken[tail.start() as usize..tail.end() as usize] { *slot += 1; }
            }
            prop_assert!(taken.iter().all(|&times| times == 1), "{taken:?}");
        }
    }
}
