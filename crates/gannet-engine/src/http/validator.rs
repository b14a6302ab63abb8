//! The signs by which two answers are known to be of one version of a file (RFC 9110 §8.8, §13.1.5).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{DATE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED};

/// A longer entity tag is ignored: it would have to be sent with every request and kept in the journal.
const ENTITY_TAG_MAX_BYTES: usize = 1024;

/// How much later than `Last-Modified` the `Date` must be for the date to be a strong validator (RFC 9110 §8.8.2.2).
const STRONG_DATE_AGE: Duration = Duration::from_secs(1);

/// What the first answer said about its version: an entity tag, a date, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Validator {
    entity_tag: Option<EntityTag>,
    last_modified: Option<LastModified>,
}

/// The one sign under which parts may be combined (RFC 9110 §15.3.7.3): a strong entity tag, else a strong date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StrongValidator<'a>(Strong<'a>);

/// What a later answer's signs say beside the first one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// The same strong validator: the same bytes.
    Same,
    /// Equal signs, none of them strong: probably the same bytes.
    WeaklySame,
    /// A sign differs: another version, or another node that names it otherwise.
    Different,
    /// There is no sign that both carry.
    Unknown,
}

/// How much the signs of an answer prove about the version of its file (RFC 9110 §8.8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidatorStrength {
    /// All of it, by its entity tag.
    StrongTag,
    /// All of it, by its date. A 206 to `If-Range` may leave the date out (RFC 9110 §15.3.7).
    StrongDate,
    /// Something: they may stay equal although bytes changed.
    Weak,
    /// Nothing: there are none.
    None,
}

/// The stored form of a validator cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored validator is damaged")]
pub(crate) struct DamagedValidator;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strong<'a> {
    Tag(&'a [u8]),
    Date(SystemTime),
}

/// An entity tag as sent, quotes included, `W/` not.
#[derive(Debug, Clone, PartialEq, Eq)]
enum EntityTag {
    Strong(Box<[u8]>),
    /// Marked `W/`, or not a well-formed tag at all: compared, never sent.
    Weak(Box<[u8]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastModified {
    Strong(SystemTime),
    Weak(SystemTime),
}

impl Validator {
    /// The validator of an answer. A field that is repeated with other values, too long or unreadable counts as absent.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            entity_tag: the_one_value(headers, &ETAG).and_then(EntityTag::from_header),
            last_modified: LastModified::from_headers(headers),
        }
    }

    /// What `If-Range` may carry; `None` where no sign is strong (RFC 9110 §13.1.5).
    pub(crate) fn strong(&self) -> Option<StrongValidator<'_>> {
        match (&self.entity_tag, self.last_modified) {
            (Some(EntityTag::Strong(tag)), _) => Some(StrongValidator(Strong::Tag(tag))),
            // A date may be sent only where there is no entity tag at all, not even a weak one (§13.1.5).
            (None, Some(LastModified::Strong(date))) => Some(StrongValidator(Strong::Date(date))),
            _ => None,
        }
    }

    /// How much this validator can prove.
    pub(crate) fn strength(&self) -> ValidatorStrength {
        match self.strong() {
            Some(StrongValidator(Strong::Tag(_))) => ValidatorStrength::StrongTag,
            Some(StrongValidator(Strong::Date(_))) => ValidatorStrength::StrongDate,
            None if *self == Self::default() => ValidatorStrength::None,
            None => ValidatorStrength::Weak,
        }
    }

    /// Holds the signs of a later answer against these.
    pub(crate) fn compare(&self, later: &HeaderMap) -> Likeness {
        self.compare_with(&Self::from_headers(later))
    }

    /// Holds the signs of a later answer against these.
    pub(crate) fn compare_with(&self, later: &Self) -> Likeness {
        let dates = match (self.last_modified, later.last_modified) {
            (Some(first), Some(second)) => Some(first.date() == second.date()),
            _ => None,
        };
        match (&self.entity_tag, &later.entity_tag) {
            (Some(EntityTag::Strong(first)), Some(EntityTag::Strong(second))) if first == second => {
                // The nodes of a CDN often disagree about the date of equal bytes; the strong tag decides.
                Likeness::Same
            }
            (Some(first), Some(second)) if first.opaque() != second.opaque() => Likeness::Different,
            (Some(_), Some(_)) if dates == Some(false) => Likeness::Different,
            (Some(_), Some(_)) => Likeness::WeaklySame,
            _ => match dates {
                Some(false) => Likeness::Different,
                Some(true) if self.strength() == ValidatorStrength::StrongDate => Likeness::Same,
                Some(true) => Likeness::WeaklySame,
                None => Likeness::Unknown,
            },
        }
    }

    /// A compact form for the journal; [`Validator::from_bytes`] reads it back.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut stored = Vec::new();
        match &self.entity_tag {
            Some(EntityTag::Strong(tag)) => put_field(&mut stored, field::STRONG_TAG, tag),
            Some(EntityTag::Weak(tag)) => put_field(&mut stored, field::WEAK_TAG, tag),
            None => {}
        }
        if let Some(last_modified) = self.last_modified {
            let kind = match last_modified {
                LastModified::Strong(_) => field::STRONG_DATE,
                LastModified::Weak(_) => field::WEAK_DATE,
            };
            put_field(&mut stored, kind, &unix_seconds(last_modified.date()));
        }
        stored
    }

    /// Reads what [`Validator::to_bytes`] wrote; no bytes are the validator without any sign.
    pub(crate) fn from_bytes(mut stored: &[u8]) -> Result<Self, DamagedValidator> {
        let mut validator = Self::default();
        while let Some((kind, value, rest)) = take_field(stored)? {
            match kind {
                field::STRONG_TAG | field::WEAK_TAG if validator.entity_tag.is_none() => {
                    validator.entity_tag = Some(EntityTag::from_stored(kind, value)?);
                }
                field::STRONG_DATE | field::WEAK_DATE if validator.last_modified.is_none() => {
                    validator.last_modified = Some(LastModified::from_stored(kind, value)?);
                }
                _ => return Err(DamagedValidator),
            }
            stored = rest;
        }
        Ok(validator)
    }
}

impl StrongValidator<'_> {
    /// The value of `If-Range`.
    pub(crate) fn if_range_value(self) -> HeaderValue {
        match self.0 {
            Strong::Tag(tag) => {
                HeaderValue::from_bytes(tag).expect("a strong tag was checked to be a header value")
            }
            Strong::Date(date) => {
                HeaderValue::from_str(&httpdate::fmt_http_date(date)).expect("an HTTP date is ASCII")
            }
        }
    }
}

impl EntityTag {
    fn from_header(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        if bytes.is_empty() || bytes.len() > ENTITY_TAG_MAX_BYTES {
            return None;
        }
        Some(match bytes.strip_prefix(b"W/") {
            Some(opaque) => Self::Weak(opaque.into()),
            None if is_opaque_tag(bytes) => Self::Strong(bytes.into()),
            // Servers that forget the quotes exist. Sent back in `If-Range` such a tag could be taken for a date.
            None => Self::Weak(bytes.into()),
        })
    }

    fn from_stored(kind: u8, value: &[u8]) -> Result<Self, DamagedValidator> {
        if value.len() > ENTITY_TAG_MAX_BYTES {
            return Err(DamagedValidator);
        }
        match kind {
            field::STRONG_TAG if is_opaque_tag(value) => Ok(Self::Strong(value.into())),
            field::WEAK_TAG => Ok(Self::Weak(value.into())),
            _ => Err(DamagedValidator),
        }
    }

    fn opaque(&self) -> &[u8] {
        match self {
            Self::Strong(opaque) | Self::Weak(opaque) => opaque,
        }
    }
}

impl LastModified {
    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let modified = date_of(headers, &LAST_MODIFIED)?;
        let is_strong = date_of(headers, &DATE)
            .and_then(|date| date.duration_since(modified).ok())
            .is_some_and(|age| age >= STRONG_DATE_AGE);
        Some(if is_strong {
            Self::Strong(modified)
        } else {
            Self::Weak(modified)
        })
    }

    fn from_stored(kind: u8, value: &[u8]) -> Result<Self, DamagedValidator> {
        let seconds = u64::from_le_bytes(value.try_into().map_err(|_| DamagedValidator)?);
        if seconds > LAST_HTTP_SECOND {
            return Err(DamagedValidator);
        }
        let date = UNIX_EPOCH + Duration::from_secs(seconds);
        Ok(if kind == field::STRONG_DATE {
            Self::Strong(date)
        } else {
            Self::Weak(date)
        })
    }

    fn date(self) -> SystemTime {
        match self {
            Self::Strong(date) | Self::Weak(date) => date,
        }
    }
}

/// The field's value where it has exactly one, or the same one several times.
pub(super) fn the_one_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

/// The field as an HTTP date (RFC 9110 §5.6.7), where it is one.
pub(super) fn date_of(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(the_one_value(headers, name)?.to_str().ok()?).ok()
}

/// `opaque-tag = DQUOTE *etagc DQUOTE` (RFC 9110 §8.8.3).
fn is_opaque_tag(bytes: &[u8]) -> bool {
    let Some(inner) = bytes
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
    else {
        return false;
    };
    inner
        .iter()
        .all(|byte| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..=0xff))
}

/// 31 December 9999: the last moment an HTTP date can name.
const LAST_HTTP_SECOND: u64 = 253_402_300_799;

mod field {
    pub(super) const STRONG_TAG: u8 = 1;
    pub(super) const WEAK_TAG: u8 = 2;
    pub(super) const STRONG_DATE: u8 = 3;
    pub(super) const WEAK_DATE: u8 = 4;
}

/// Kind, length (`u16`, little-endian), value.
fn put_field(stored: &mut Vec<u8>, kind: u8, value: &[u8]) {
    let length = u16::try_from(value.len()).expect("a tag is at most ENTITY_TAG_MAX_BYTES long");
    stored.push(kind);
    stored.extend_from_slice(&length.to_le_bytes());
    stored.extend_from_slice(value);
}

type Field<'a> = (u8, &'a [u8], &'a [u8]);

fn take_field(stored: &[u8]) -> Result<Option<Field<'_>>, DamagedValidator> {
    let Some((kind, rest)) = stored.split_first() else {
        return Ok(None);
    };
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(DamagedValidator)?;
    let length = usize::from(u16::from_le_bytes(*length));
    let (value, rest) = rest.split_at_checked(length).ok_or(DamagedValidator)?;
    Ok(Some((*kind, value, rest)))
}

fn unix_seconds(date: SystemTime) -> [u8; 8] {
    // HTTP dates before 1970 are refused by the parser, so that nothing is lost here.
    date.duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_secs())
        .to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: &str = "Sun, 22 Nov 2026 12:00:00 GMT";
    const NOON_AND_1_S: &str = "Sun, 22 Nov 2026 12:00:01 GMT";

    fn validator(fields: &[(&'static str, &str)]) -> Validator {
        Validator::from_headers(&headers(fields))
    }

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_a_strong_tag_or_an_old_enough_date_goes_into_if_range() {
        for (fields, expected) in [
            (&[("etag", "\"a\"")][..], Some("\"a\"")),
            (&[("etag", "\"\"")], Some("\"\"")),
            (&[("etag", "W/\"a\"")], None),
            (&[("etag", "a")], None),
            (&[("etag", "\"a b\"")], None),
            (&[("etag", "\"a\"b\"")], None),
            (&[("etag", "\"")], None),
            (&[("etag", "\"a\""), ("etag", "\"b\"")], None),
            (&[("etag", "\"a\""), ("etag", "\"a\"")], Some("\"a\"")),
            (&[("last-modified", NOON), ("date", NOON)], None),
            (&[("last-modified", NOON), ("date", NOON_AND_1_S)], Some(NOON)),
            (&[("last-modified", NOON_AND_1_S), ("date", NOON)], None),
            (&[("last-modified", NOON)], None),
            (&[("last-modified", "yesterday"), ("date", NOON)], None),
            (
                &[
                    ("etag", "W/\"a\""),
                    ("last-modified", NOON),
                    ("date", NOON_AND_1_S),
                ],
                None,
            ),
            (
                &[("etag", "\"a\""), ("last-modified", NOON), ("date", NOON)],
                Some("\"a\""),
            ),
            (&[], None),
        ] {
            let validator = validator(fields);
            let sent = validator.strong().map(StrongValidator::if_range_value);
            assert_eq!(
                sent.as_ref().map(|value| value.to_str().unwrap()),
                expected,
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_later_answer_is_held_against_the_first() {
        use Likeness::{Different, Same, Unknown, WeaklySame};
        let old = [("last-modified", NOON), ("date", NOON_AND_1_S)];
        let fresh = [("last-modified", NOON), ("date", NOON)];
        for (first, later, expected) in [
            (&[("etag", "\"a\"")][..], &[("etag", "\"a\"")][..], Same),
            (&[("etag", "\"a\"")], &[("etag", "\"b\"")], Different),
            (&[("etag", "\"a\"")], &[("etag", "W/\"a\"")], WeaklySame),
            (&[("etag", "W/\"a\"")], &[("etag", "W/\"a\"")], WeaklySame),
            (&[("etag", "W/\"a\"")], &[("etag", "W/\"b\"")], Different),
            (&[("etag", "a")], &[("etag", "a")], WeaklySame),
            (&[("etag", "\"a\"")], &[], Unknown),
            (&[], &[("etag", "\"a\"")], Unknown),
            (&[], &[], Unknown),
            (&old, &old, Same),
            (&old, &fresh, Same),
            (&fresh, &old, WeaklySame),
            (&old, &[("last-modified", NOON_AND_1_S)], Different),
            (
                &[("etag", "\"a\""), ("last-modified", NOON)],
                &[("etag", "\"a\""), ("last-modified", NOON_AND_1_S)],
                Same,
            ),
            (
                &[("etag", "W/\"a\""), ("last-modified", NOON)],
                &[("etag", "W/\"a\""), ("last-modified", NOON_AND_1_S)],
                Different,
            ),
            (
                &[("etag", "\"a\""), ("last-modified", NOON)],
                &[("etag", "\"b\""), ("last-modified", NOON)],
                Different,
            ),
            (
                &[("etag", "\"a\""), ("last-modified", NOON)],
                &[("last-modified", NOON)],
                WeaklySame,
            ),
            (
                &[("etag", "\"a\""), ("last-modified", NOON)],
                &[("last-modified", NOON_AND_1_S)],
                Different,
            ),
        ] {
            assert_eq!(
                validator(first).compare(&headers(later)),
                expected,
                "{first:?} then {later:?}"
            );
        }
    }

    #[test]
    fn the_stored_form_reads_back_as_it_was() {
        for fields in [
            &[][..],
            &[("etag", "\"a\"")],
            &[("etag", "W/\"a\"")],
            &[("last-modified", NOON)],
            &[("etag", "\"ü\""), ("last-modified", NOON), ("date", NOON_AND_1_S)],
        ] {
            let validator = validator(fields);
            assert_eq!(
                Validator::from_bytes(&validator.to_bytes()),
                Ok(validator),
                "{fields:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn damaged_stored_forms_are_refused_or_read_never_worse(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(validator) = Validator::from_bytes(&bytes) {
                let _ = validator.strong().map(StrongValidator::if_range_value);
                prop_assert_eq!(Validator::from_bytes(&validator.to_bytes()), Ok(validator));
            }
        }

        #[test]
        fn no_tag_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let validator = Validator::from_headers(&HeaderMap::from_iter([(ETAG, value)]));
                let _ = validator.strong().map(StrongValidator::if_range_value);
            }
        }
    }
}
