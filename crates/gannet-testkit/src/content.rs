//! The bytes the origin serves: a function of seed and absolute offset, for a file of any size.
//!
//! Every 64 KiB block is a window into one table of random bytes, at a place drawn from seed and block number, and
//! begins with eight bytes that name the block. So filling a buffer is a plain copy (35 GB cost neither a disk nor
//! much CPU, even without optimisation), and a range that lands in the wrong place, or from another version of the
//! file, differs from what belongs there.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// A file of `length` bytes made from `seed`; copying it costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Content {
    seed: u64,
    length: u64,
}

impl Content {
    /// The file of `length` bytes that belongs to `seed`.
    pub fn new(seed: u64, length: u64) -> Self {
        Self { seed, length }
    }

    /// The length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes the bytes that belong at `offset` and after it. Goes on past the end of the file, with bytes that no
    /// correct download contains, since a lying origin sends those too.
    pub fn fill(&self, offset: u64, buffer: &mut [u8]) {
        self.for_each_run(offset, buffer.len(), |at, bytes| {
            buffer[at..at + bytes.len()].copy_from_slice(bytes);
        });
    }

    /// The bytes of `offset..offset + length`, for short pieces in tests.
    pub fn bytes(&self, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.fill(offset, &mut bytes);
        bytes
    }

    /// Holds `bytes` against what belongs at `offset`.
    ///
    /// # Errors
    /// The absolute offset of the first byte that differs, or that lies past the end of the file.
    pub fn check(&self, offset: u64, bytes: &[u8]) -> Result<(), u64> {
        let mut first_bad = None;
        self.for_each_run(offset, bytes.len(), |at, right| {
            let found = &bytes[at..at + right.len()];
            // Equal slices are the rule, and comparing whole slices is many times faster than byte by byte.
            if first_bad.is_none() && found != right {
                let within = found.iter().zip(right).position(|(a, b)| a != b);
                first_bad = within.map(|within| offset + (at + within) as u64);
            }
        });
        let past_end = (offset + bytes.len() as u64 > self.length).then(|| self.length.max(offset));
        match first_bad.into_iter().chain(past_end).min() {
            Some(bad) => Err(bad),
            None => Ok(()),
        }
    }

    /// Hands the whole file to `consume`, in order, a piece at a time.
    pub fn stream(&self, consume: impl FnMut(&[u8])) {
        self.stream_range(0..self.length, consume);
    }

    /// Hands the bytes of `range` to `consume`, in order, a piece at a time.
    pub fn stream_range(&self, range: std::ops::Range<u64>, mut consume: impl FnMut(&[u8])) {
        let mut buffer = vec![0; BLOCK_BYTES];
        let mut offset = range.start;
        while offset < range.end {
            let length = (range.end - offset).min(BLOCK_BYTES as u64) as usize;
            self.fill(offset, &mut buffer[..length]);
            consume(&buffer[..length]);
            offset += length as u64;
        }
    }

    /// The SHA-256 of the whole file.
    pub fn sha256(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        self.stream(|bytes| hasher.update(bytes));
        hasher.finalize().into()
    }

    /// The SHA-256 of the whole file in lower-case hex, as `sha256sum` prints it.
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256())
    }

    /// Calls `visit(position in the buffer, bytes that belong there)` for each run of bytes that lie side by side.
    fn for_each_run(&self, offset: u64, length: usize, mut visit: impl FnMut(usize, &[u8])) {
        let mut done = 0;
        while done < length {
            let position = offset + done as u64;
            let block = position / BLOCK_BYTES as u64;
            let within = (position % BLOCK_BYTES as u64) as usize;
            let key = mix(self.seed, block);
            if within < STAMP_BYTES {
                let stamp = key.to_le_bytes();
                let end = STAMP_BYTES.min(within + length - done);
                visit(done, &stamp[within..end]);
                done += end - within;
            } else {
                let end = BLOCK_BYTES.min(within + length - done);
                let window = (key % (TABLE_BYTES - BLOCK_BYTES) as u64) as usize;
                visit(done, &TABLE[window + within..window + end]);
                done += end - within;
            }
        }
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
            text
        })
}

/// Two numbers scrambled into one (the finaliser of `splitmix64`): equal inputs give equal outputs, near inputs do not.
pub fn mix(seed: u64, index: u64) -> u64 {
    let mut word = seed.rotate_left(32) ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

const BLOCK_BYTES: usize = 64 * 1024;
/// At the head of each block, so that two blocks that share a window still differ.
const STAMP_BYTES: usize = 8;
/// Small enough for a processor's cache, large enough that few blocks share a window.
const TABLE_BYTES: usize = 1024 * 1024;

static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..TABLE_BYTES as u64 / 8)
        .flat_map(|index| mix(0x6761_6e6e_6574, index).to_le_bytes())
        .collect()
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_piece_does_not_depend_on_how_it_is_cut() {
        let content = Content::new(7, 300_000);
        let whole = content.bytes(0, 300_000);
        for (offset, length) in [
            (0, 1),
            (3, 10),
            (65_530, 20),
            (65_536, 65_536),
            (131_071, 70_000),
            (299_999, 1),
        ] {
            assert_eq!(
                content.bytes(offset, length),
                whole[offset as usize..offset as usize + length],
                "{offset}"
            );
        }
    }

    #[test]
    fn a_misplaced_range_another_seed_and_excess_bytes_are_noticed() {
        let content = Content::new(7, 1 << 40);
        let bytes = content.bytes(1_000_000, 100);
        assert_eq!(content.check(1_000_000, &bytes), Ok(()));
        for elsewhere in [999_999, 1_000_001, 1_000_000 + 65_536, 1_000_000 + 1_048_576] {
            assert!(content.check(elsewhere, &bytes).is_err(), "{elsewhere}");
        }
        assert!(Content::new(8, 1 << 40).check(1_000_000, &bytes).is_err());
        assert_eq!(
            Content::new(7, 1_000_010).check(1_000_000, &bytes),
            Err(1_000_010)
        );
    }

    #[test]
    fn blocks_that_share_a_window_differ_by_their_stamp() {
        let content = Content::new(1, 1 << 40);
        assert_ne!(content.bytes(0, 8), content.bytes(BLOCK_BYTES as u64, 8));
    }

    proptest! {
        #[test]
        fn the_first_wrong_byte_is_named(offset in 0_u64..1_000_000, length in 1_usize..200_000, at in any::<prop::sample::Index>()) {
            let content = Content::new(3, 2_000_000);
            let mut bytes = content.bytes(offset, length);
            prop_assert_eq!(content.check(offset, &bytes), Ok(()));
            let at = at.index(length);
            bytes[at] ^= 0x40;
            prop_assert_eq!(content.check(offset, &bytes), Err(offset + at as u64));
        }
    }
}
