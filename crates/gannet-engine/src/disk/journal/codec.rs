//! The journal as bytes: pure, and suspicious of what it reads.

use super::{JournalState, VALIDATOR_BYTES_MAX};
use crate::disk::storage::FileIdentity;
use crate::range::{ByteRange, RangeSet};

const MAGIC: [u8; 8] = *b"\x89GANNET\n";
const VERSION: u32 = 1;
/// No format will ever have a higher number: a journal that says so is damaged.
const VERSION_MAX: u32 = 255;
const HEADER_BYTES: usize = MAGIC.len() + 4 + 8;
/// Length and checksum around a payload.
const FRAME_BYTES: usize = 4 + 4;
/// The longest payload: some 10,000 ranges. A longer length is damage, not a record.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
/// Two numbers of at most 10 bytes each.
const RANGE_BYTES_MAX: usize = 20;

const TAG_IDENTITY: u8 = 1;
const TAG_WRITTEN: u8 = 2;
const TAG_PUBLISHING: u8 = 3;

/// One entry of the journal, borrowed from what it tells of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Record<'a> {
    /// Which file, and which part file. Everything said before it is void.
    Identity {
        complete_length: u64,
        validator: &'a [u8],
        part: FileIdentity,
    },
    /// All ranges that are safe on disk.
    Written(&'a RangeSet),
    /// The file is whole, all of it is safe on disk, and it is about to get this name.
    Publishing(&'a str),
}

/// Reads a journal: the state after its last good record; `None` where not even the first one is good.
pub fn decode(bytes: &[u8]) -> Option<JournalState> {
    let (header, mut rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let (magic, numbers) = header.split_at(MAGIC.len());
    let (version, salt) = numbers.split_at(4);
    if magic != MAGIC || version != VERSION.to_le_bytes() {
        return None;
    }
    let salt = u64::from_le_bytes(salt.try_into().ok()?);

    let mut state = None;
    while let Some((payload, behind)) = next_payload(salt, (bytes.len() - rest.len()) as u64, rest) {
        match apply(state.take(), payload) {
            Ok(next) => state = Some(next),
            Err(last_good) => return last_good,
        }
        rest = behind;
    }
    state
}

/// A journal's first bytes. The salt is this journal's own: another one's records do not fit it.
pub(super) fn header(salt: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&salt.to_le_bytes());
    bytes
}

/// Whether a file begins as a journal does, of whatever version.
pub(in crate::disk) fn is_journal(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// The version of a journal of another version of Gannet, newer or older.
pub(in crate::disk) fn foreign_version(bytes: &[u8]) -> Option<u32> {
    let numbers = bytes.strip_prefix(&MAGIC)?;
    let version = u32::from_le_bytes(*numbers.first_chunk()?);
    (version != VERSION && (1..=VERSION_MAX).contains(&version)).then_some(version)
}

/// Whether a file may be a journal that was being written when the power failed: its beginning is a journal's, or never
/// reached the disk. Nobody's own bytes are such.
pub fn may_be_torn(beginning: &[u8]) -> bool {
    let magic = &beginning[..beginning.len().min(MAGIC.len())];
    MAGIC.starts_with(magic) || beginning.iter().all(|&byte| byte == 0)
}

/// A record as it stands at `position` (bytes from the journal's start).
pub(super) fn encode(salt: u64, position: u64, record: Record<'_>) -> Vec<u8> {
    let mut payload = Vec::new();
    match record {
        Record::Identity {
            complete_length,
            validator,
            part,
        } => {
            payload.push(TAG_IDENTITY);
            for number in [complete_length, part.device, part.file, part.born_ns] {
                push_number(&mut payload, number);
            }
            payload.extend_from_slice(validator);
        }
        Record::Written(ranges) => {
            payload.push(TAG_WRITTEN);
            let mut last_end = 0;
            for range in ranges.iter() {
                if payload.len() + RANGE_BYTES_MAX > PAYLOAD_BYTES_MAX {
                    // To claim less than there is costs a little traffic, and is never wrong.
                    tracing::warn!(ranges = ranges.count(), "too many ranges for one journal record");
                    break;
                }
                push_number(&mut payload, range.start() - last_end);
                push_number(&mut payload, range.len());
                last_end = range.end();
            }
        }
        Record::Publishing(name) => {
            payload.push(TAG_PUBLISHING);
            payload.extend_from_slice(name.as_bytes());
        }
    }
    let length = u32::try_from(payload.len())
        .expect("payloads are at most 64 KiB")
        .to_le_bytes();
    let checksum = checksum(salt, position, length, &payload);
    [&length[..], &payload, &checksum.to_le_bytes()].concat()
}

fn checksum(salt: u64, position: u64, length: [u8; 4], payload: &[u8]) -> u32 {
    let place = [&salt.to_le_bytes()[..], &position.to_le_bytes(), &length].concat();
    crc32c::crc32c_append(crc32c::crc32c(&place), payload)
}

/// The payload at the start of `bytes`, and what is behind its record.
fn next_payload(salt: u64, position: u64, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length_bytes, rest) = bytes.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length_bytes) as usize;
    if length > PAYLOAD_BYTES_MAX || length + FRAME_BYTES > bytes.len() {
        return None;
    }
    let (payload, rest) = rest.split_at_checked(length)?;
    let (stored, rest) = rest.split_first_chunk::<4>()?;
    (u32::from_le_bytes(*stored) == checksum(salt, position, *length_bytes, payload))
        .then_some((payload, rest))
}

/// The state after one more record, or the last good one where the record makes no sense.
fn apply(state: Option<JournalState>, payload: &[u8]) -> Result<JournalState, Option<JournalState>> {
    let Some((&tag, body)) = payload.split_first() else {
        return Err(state);
    };
    match (tag, state) {
        (TAG_IDENTITY, state) => parse_identity(body).ok_or(state),
        (TAG_WRITTEN, Some(mut state)) => match parse_ranges(body, state.complete_length) {
            Some(written) => {
                state.written = written;
                Ok(state)
            }
            None => Err(Some(state)),
        },
        (TAG_PUBLISHING, Some(mut state)) => match std::str::from_utf8(body) {
            Ok(name) => {
                state.written = RangeSet::whole(state.complete_length);
                state.publishing = Some(name.to_owned());
                Ok(state)
            }
            Err(_) => Err(Some(state)),
        },
        (_, state) => Err(state),
    }
}

fn parse_identity(mut body: &[u8]) -> Option<JournalState> {
    let mut number = || take_number(&mut body);
    let complete_length = number()?;
    let part = FileIdentity {
        device: number()?,
        file: number()?,
        born_ns: number()?,
    };
    (body.len() <= VALIDATOR_BYTES_MAX).then(|| JournalState {
        complete_length,
        validator: body.to_vec(),
        part,
        written: RangeSet::new(),
        publishing: None,
    })
}

fn parse_ranges(mut body: &[u8], complete_length: u64) -> Option<RangeSet> {
    let mut ranges = RangeSet::new();
    let mut last_end = 0u64;
    while !body.is_empty() {
        let start = last_end.checked_add(take_number(&mut body)?)?;
        let end = start.checked_add(take_number(&mut body)?)?;
        if end > complete_length {
            return None;
        }
        ranges.insert(ByteRange::new(start, end)?);
        last_end = end;
    }
    Some(ranges)
}

/// LEB128: seven bits a byte, the lowest first, the top bit where more follow.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SALT: u64 = 0x5a17_5a17_0123_4567;

    fn set(ranges: &[(u64, u64)]) -> RangeSet {
        ranges
            .iter()
            .filter_map(|&(start, end)| ByteRange::new(start, end))
            .collect()
    }

    /// A journal of the given `Written` records, and what it says after each of its records.
    fn journal(claims: &[RangeSet], publishing: Option<&str>) -> (Vec<u8>, Vec<(usize, JournalState)>) {
        let part = FileIdentity {
            device: 0xfe00,
            file: 10_043_526,
            born_ns: 1_763_824_000_123_456_789,
        };
        let validator = b"\"abc-123\"".to_vec();
        let mut state = JournalState {
            complete_length: 1 << 40,
            validator: validator.clone(),
            part,
            written: RangeSet::new(),
            publishing: None,
        };
        let mut bytes = header(SALT);
        let mut states = Vec::new();
        let mut push = |record: Record<'_>, state: &JournalState| {
            bytes.extend(encode(SALT, bytes.len() as u64, record));
            states.push((bytes.len(), state.clone()));
        };
        push(
            Record::Identity {
                complete_length: 1 << 40,
                validator: &validator,
                part,
            },
            &state,
        );
        for claim in claims {
            state.written = claim.clone();
            push(Record::Written(claim), &state);
        }
        if let Some(name) = publishing {
            state.written = RangeSet::whole(state.complete_length);
            state.publishing = Some(name.to_owned());
            push(Record::Publishing(name), &state);
        }
        (bytes, states)
    }

    fn sample() -> (Vec<u8>, Vec<(usize, JournalState)>) {
        let claims = [
            set(&[(0, 512 << 10)]),
            set(&[(0, 1 << 20), (4 << 20, 5 << 20)]),
            set(&[(0, 1 << 20), (4 << 20, 9 << 20), (1 << 39, (1 << 39) + 1)]),
            // A rejected piece leaves the set.
            set(&[(0, 1 << 20), (1 << 39, (1 << 39) + 1)]),
        ];
        journal(&claims, Some("räuber.iso"))
    }

    #[test]
    fn every_record_is_read_back() {
        let (bytes, states) = sample();
        for (end, state) in &states {
            assert_eq!(decode(&bytes[..*end]).as_ref(), Some(state));
        }
    }

    #[test]
    fn a_cut_at_every_length_leaves_the_last_whole_record() {
        let (bytes, states) = sample();
        for length in 0..bytes.len() {
            let expected = states
                .iter()
                .rev()
                .find(|(end, _)| *end <= length)
                .map(|(_, state)| state);
            assert_eq!(decode(&bytes[..length]).as_ref(), expected, "cut at {length}");
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (bytes, states) = sample();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            // In the header: nothing holds. In a record: what stood before that record holds.
            let expected = states
                .iter()
                .rev()
                .find(|(end, _)| *end <= bit / 8)
                .map(|(_, state)| state);
            let expected = expected.filter(|_| bit / 8 >= HEADER_BYTES);
            assert_eq!(decode(&damaged).as_ref(), expected, "bit {bit}");
        }
    }

    #[test]
    fn a_journal_of_another_version_is_told_from_a_damaged_one() {
        let (mut bytes, _) = sample();
        assert_eq!(foreign_version(&bytes), None);
        bytes[MAGIC.len()] = 2;
        assert_eq!((foreign_version(&bytes), decode(&bytes)), (Some(2), None));
        bytes[MAGIC.len() + 2] = 1;
        assert_eq!(foreign_version(&bytes), None, "damaged");
        assert_eq!(foreign_version(b"\x02\0\0\0"), None, "no journal");
    }

    #[test]
    fn a_torn_journal_is_told_from_somebody_elses_file() {
        let (bytes, _) = sample();
        for beginning in [&bytes[..], &bytes[..20], &bytes[..3], b"", &[0; 512]] {
            assert!(may_be_torn(beginning), "{beginning:?}");
        }
        for beginning in [&b"my notes"[..], b"m", &bytes[1..]] {
            assert!(!may_be_torn(beginning), "{beginning:?}");
        }
    }

    #[test]
    fn the_records_of_another_journal_do_not_count() {
        let (bytes, states) = sample();
        let (first_end, first) = &states[0];
        let mut mixed = header(SALT + 1);
        mixed.extend_from_slice(&bytes[HEADER_BYTES..]);
        assert_eq!(decode(&mixed), None);
        // Nor does a record of this journal at another place of it.
        let mut moved = bytes[..*first_end].to_vec();
        moved.extend_from_slice(&bytes[states[1].0..]);
        assert_eq!(decode(&moved).as_ref(), Some(first));
    }

    #[test]
    fn a_claim_beyond_the_file_is_no_claim() {
        let part = FileIdentity {
            device: 1,
            file: 2,
            born_ns: 3,
        };
        let mut bytes = header(SALT);
        bytes.extend(encode(
            SALT,
            HEADER_BYTES as u64,
            Record::Identity {
                complete_length: 100,
                validator: b"",
                part,
            },
        ));
        bytes.extend(encode(
            SALT,
            bytes.len() as u64,
            Record::Written(&set(&[(0, 101)])),
        ));
        assert!(decode(&bytes).expect("the identity is good").written.is_empty());
    }

    #[test]
    fn more_ranges_than_a_record_holds_claim_less_never_more() {
        let many: RangeSet = (0..200_000)
            .filter_map(|index| ByteRange::new(index * 2, index * 2 + 1))
            .collect();
        let (bytes, _) = journal(std::slice::from_ref(&many), None);
        let claimed = decode(&bytes).expect("a journal").written;
        assert!(claimed.count() > 3_000 && claimed.iter().all(|range| many.contains(range)));
    }

    proptest! {
        #[test]
        fn any_set_survives_the_journal(ranges in prop::collection::vec((0u64..1 << 39, 1u64..1 << 30), 0..40)) {
            let written: RangeSet =
                ranges.into_iter().filter_map(|(start, len)| ByteRange::new(start, start + len)).collect();
            let (bytes, _) = journal(std::slice::from_ref(&written), None);
            prop_assert_eq!(decode(&bytes).expect("a journal").written, written);
        }

        #[test]
        fn no_garbage_upsets_it(garbage in prop::collection::vec(any::<u8>(), 0..200), keep in 0usize..200) {
            let (bytes, states) = sample();
            let keep = keep.min(bytes.len());
            let mut damaged = bytes[..keep].to_vec();
            damaged.extend(garbage);
            let decoded = decode(&damaged);
            prop_assert!(decoded.is_none() || states.iter().any(|(_, state)| Some(state) == decoded.as_ref()));
        }
    }
}
