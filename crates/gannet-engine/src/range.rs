//! Byte ranges and sets of them: the vocabulary of planning, writing and journaling.

use std::collections::BTreeMap;
use std::fmt;

/// A range of bytes of a file, `start..end`, never empty and never reversed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteRange {
    start: u64,
    end: u64,
}

impl ByteRange {
    /// The range `start..end`; `None` where that would hold no byte.
    pub const fn new(start: u64, end: u64) -> Option<Self> {
        if start < end {
            Some(Self { start, end })
        } else {
            None
        }
    }

    /// The first byte's offset.
    pub const fn start(self) -> u64 {
        self.start
    }

    /// The offset just behind the last byte.
    pub const fn end(self) -> u64 {
        self.end
    }

    /// The last byte's offset, as HTTP counts it (RFC 9110 §14.1.2).
    pub const fn last(self) -> u64 {
        self.end - 1
    }

    /// How many bytes; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a ByteRange is never empty")]
    pub const fn len(self) -> u64 {
        self.end - self.start
    }

    /// What both ranges hold.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }
}

impl fmt::Debug for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.last())
    }
}

/// A set of bytes of a file, kept as ranges that neither touch nor overlap.
///
/// Its size is the progress of a transfer: a byte is in it once or not at all.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RangeSet {
    /// start → end.
    ranges: BTreeMap<u64, u64>,
    bytes: u64,
}

impl RangeSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of all bytes of a file of `length` bytes.
    pub fn whole(length: u64) -> Self {
        ByteRange::new(0, length)
            .map(|range| Self::from_iter([range]))
            .unwrap_or_default()
    }

    /// Adds a range; returns how many of its bytes are new.
    pub fn insert(&mut self, range: ByteRange) -> u64 {
        let before = self.bytes;
        let (mut start, mut end) = (range.start, range.end);
        // Everything that touches the new range is absorbed by it.
        while let Some((&other_start, &other_end)) = self.ranges.range(..=end).next_back() {
            if other_end < start {
                break;
            }
            self.ranges.remove(&other_start);
            self.bytes -= other_end - other_start;
            start = start.min(other_start);
            end = end.max(other_end);
        }
        self.ranges.insert(start, end);
        self.bytes += end - start;
        self.bytes - before
    }

    /// Takes a range out; returns how many bytes left the set.
    pub fn remove(&mut self, range: ByteRange) -> u64 {
        let before = self.bytes;
        while let Some((&start, &end)) = self.ranges.range(..range.end).next_back() {
            if end <= range.start {
                break;
            }
            self.ranges.remove(&start);
            self.bytes -= end - start;
            for rest in [
                ByteRange::new(start, range.start),
                ByteRange::new(range.end.max(start), end),
            ]
            .into_iter()
            .flatten()
            {
                self.ranges.insert(rest.start, rest.end);
                self.bytes += rest.len();
            }
        }
        before - self.bytes
    }

    /// How many bytes the set holds.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it holds no byte.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// How many separate ranges it consists of.
    pub fn count(&self) -> usize {
        self.ranges.len()
    }

    /// Whether it holds exactly `0..length`: the gatekeeper's question.
    pub fn is_whole(&self, length: u64) -> bool {
        self.bytes == length
            && match self.ranges.first_key_value() {
                None => length == 0,
                Some((&start, &end)) => start == 0 && end == length,
            }
    }

    /// Whether every byte of `range` is in it.
    pub fn contains(&self, range: ByteRange) -> bool {
        self.ranges
            .range(..=range.start)
            .next_back()
            .is_some_and(|(_, &end)| end >= range.end)
    }

    /// The end of the contiguous run that begins at 0; 0 where byte 0 is missing.
    pub fn frontier(&self) -> u64 {
        self.ranges.get(&0).copied().unwrap_or(0)
    }

    /// Its ranges in ascending order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = ByteRange> + '_ {
        self.ranges.iter().map(|(&start, &end)| ByteRange { start, end })
    }

    /// What it lacks of `0..length`, as a set.
    #[must_use]
    pub fn missing(&self, length: u64) -> Self {
        let mut missing = Self::whole(length);
        for range in self.iter() {
            missing.remove(range);
        }
        missing
    }

    /// What of `range` is in it, in ascending order.
    pub fn overlapping(&self, range: ByteRange) -> impl Iterator<Item = ByteRange> + '_ {
        let from = self
            .ranges
            .range(..=range.start)
            .next_back()
            .map_or(range.start, |(&start, _)| start);
        self.ranges
            .range(from..range.end)
            .filter_map(move |(&start, &end)| ByteRange { start, end }.intersection(range))
    }

    /// The first range in it, shortened to at most `bytes`.
    pub fn first(&self, bytes: u64) -> Option<ByteRange> {
        let (&start, &end) = self.ranges.first_key_value()?;
        ByteRange::new(start, end.min(start.saturating_add(bytes)))
    }

    /// Takes out everything at or behind `length`.
    pub fn truncate(&mut self, length: u64) {
        if let Some(behind) = ByteRange::new(length, u64::MAX) {
            self.remove(behind);
        }
    }
}

impl FromIterator<ByteRange> for RangeSet {
    fn from_iter<I: IntoIterator<Item = ByteRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        set.extend(ranges);
        set
    }
}

impl Extend<ByteRange> for RangeSet {
    fn extend<I: IntoIterator<Item = ByteRange>>(&mut self, ranges: I) {
        for range in ranges {
            self.insert(range);
        }
    }
}

impl fmt::Debug for RangeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
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
    fn neighbours_become_one() {
        let set: RangeSet = [range(0, 10), range(20, 30), range(10, 20)].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [range(0, 30)]);
        assert!(set.is_whole(30) && !set.is_whole(31) && !set.is_whole(29));
    }

    #[test]
    fn the_empty_file_is_whole_from_the_start() {
        assert!(RangeSet::new().is_whole(0));
        assert!(!RangeSet::new().is_whole(1));
    }

    proptest! {
        #[test]
        fn a_set_agrees_with_a_table_of_flags(steps in prop::collection::vec((any::<bool>(), 0u64..64, 1u64..24), 0..60)) {
            let mut set = RangeSet::new();
            let mut flags = [false; 96];
            for (add, start, len) in steps {
                let r = range(start, start + len);
                let slots = &mut flags[start as usize..(start + len) as usize];
                let differ = slots.iter().filter(|&&held| held != add).count() as u64;
                let changed = if add { set.insert(r) } else { set.remove(r) };
                prop_assert_eq!(changed, differ);
                slots.fill(add);
            }
            prop_assert_eq!(set.bytes(), flags.iter().filter(|&&held| held).count() as u64);
            for i in 0..96u64 {
                prop_assert_eq!(set.contains(range(i, i + 1)), flags[i as usize]);
                prop_assert_eq!(set.missing(96).contains(range(i, i + 1)), !flags[i as usize]);
            }
            let frontier = flags.iter().take_while(|&&held| held).count() as u64;
            prop_assert_eq!(set.frontier(), frontier);
            let mut last_end = None;
            for r in set.iter() {
                prop_assert!(last_end.is_none_or(|end| end < r.start()), "ranges touch");
                last_end = Some(r.end());
            }
        }
    }
}
