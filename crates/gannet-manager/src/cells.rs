//! The range map of a row: at most 256 cells, each as full as its part of the file.

use gannet_engine::RangeSet;
use gannet_schema::Cells;

/// Cells in a row's map.
const CELLS_MAX: u64 = 256;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The map of a file of `length` bytes. A cell is 255 only when it is whole, and 0 only when it is empty.
pub(crate) fn cells(written: &RangeSet, length: Option<u64>) -> Cells {
    let Some(length) = length.filter(|&length| length > 0) else {
        return Cells::default();
    };
    let count = CELLS_MAX.min(length);
    let edge = |cell: u64| (u128::from(length) * u128::from(cell) / u128::from(count)) as u64;
    let mut filled = vec![0_u64; count as usize];
    for range in written.iter() {
        let (start, end) = (range.start(), range.end().min(length));
        let mut cell = (u128::from(start) * u128::from(count) / u128::from(length)) as u64;
        while cell < count && edge(cell) < end {
            let held = end.min(edge(cell + 1)).saturating_sub(start.max(edge(cell)));
            filled[cell as usize] += held;
            cell += 1;
        }
    }
    let mut text = String::with_capacity(count as usize * 2);
    for (cell, held) in filled.into_iter().enumerate() {
        let size = edge(cell as u64 + 1) - edge(cell as u64);
        let level = match held {
            0 => 0,
            held if held >= size => 255,
            held => (u128::from(held) * 255 / u128::from(size)).clamp(1, 254) as usize,
        };
        text.push(char::from(DIGITS[level >> 4]));
        text.push(char::from(DIGITS[level & 15]));
    }
    Cells(text)
}

#[cfg(test)]
mod tests {
    use gannet_engine::ByteRange;

    use super::*;

    fn set(ranges: &[(u64, u64)]) -> RangeSet {
        let mut set = RangeSet::new();
        for &(start, end) in ranges {
            set.insert(ByteRange::new(start, end).unwrap());
        }
        set
    }

    #[test]
    fn a_cell_is_full_only_when_it_is_whole() {
        let map = cells(
            &set(&[(0, 1 << 20), ((1 << 20) + 1, (2 << 20) - 1)]),
            Some(512 << 20),
        )
        .0;
        assert_eq!(map.len(), 512);
        assert_eq!(&map[..4], "fe00");
        assert_eq!(
            cells(&set(&[(0, 512 << 20)]), Some(512 << 20)).0,
            "ff".repeat(256)
        );
        assert_eq!(
            cells(&set(&[(5, 6)]), Some(1 << 40)).0,
            format!("01{}", "00".repeat(255))
        );
    }

    #[test]
    fn small_and_unknown_files_have_what_fits() {
        assert_eq!(cells(&set(&[(1, 2)]), Some(3)).0, "00ff00");
        assert_eq!(cells(&set(&[]), None).0, "");
        assert_eq!(cells(&set(&[]), Some(0)).0, "");
    }

    #[test]
    fn all_lengths_have_their_bytes_in_some_cell() {
        for length in [1, 2, 255, 256, 257, 1000, 65_537, u64::MAX / 2] {
            let map = cells(&set(&[(length - 1, length)]), Some(length)).0;
            assert_ne!(&map[map.len() - 2..], "00", "{length}");
        }
    }
}
