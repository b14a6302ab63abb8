//! What the bytes of an earlier run are worth for the file that the server has now: a pure decision.

use crate::disk::part_file::{Adoption, Held};
use crate::http::response::KnownFile;
use crate::http::validator::{Likeness, Validator};
use crate::range::RangeSet;
use crate::request::Resume;

/// What to do with what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resumption {
    /// Nothing is held, or it is not wanted.
    Nothing,
    /// A strong validator vouches for it.
    Keep(RangeSet),
    /// Only a sample can tell.
    Sample(RangeSet),
    /// It belongs to another version.
    Changed { reason: String },
}

/// How the server sends the file now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Served {
    /// In ranges.
    InRanges,
    /// As a whole.
    WholeOnly,
    /// As a whole, in an encoded form that may be another one each time (case 32).
    Encoded,
}

/// Decides by length and validator (RFC 9110 §15.3.7.3).
pub(crate) fn decide(held: &Held, known: &KnownFile, resume: Resume, served: Served) -> Resumption {
    let Held::Bytes { state, adoption } = held else {
        return Resumption::Nothing;
    };
    if resume == Resume::StartOver || state.written.is_empty() {
        return Resumption::Nothing;
    }
    if state.complete_length != known.complete_length {
        let reason = format!(
            "it was {} bytes long and is {} now",
            state.complete_length, known.complete_length
        );
        return Resumption::Changed { reason };
    }
    let likeness = match Validator::from_bytes(&state.validator) {
        Ok(before) if before.strong().is_some() => before.compare_with(&known.validator),
        _ => Likeness::Unknown,
    };
    match (likeness, adoption, served) {
        (_, _, Served::Encoded) => Resumption::Changed {
            reason: "the server sends it in an encoded form, with which nothing can be gone on".to_owned(),
        },
        (Likeness::Same, Adoption::SameFile, _) => Resumption::Keep(state.written.clone()),
        (_, _, Served::InRanges) => Resumption::Sample(state.written.clone()),
        // Without ranges there is no sample, and without a sample no proof.
        (_, _, Served::WholeOnly) => Resumption::Changed {
            reason: "the server sends no ranges, so what is held cannot be compared".to_owned(),
        },
    }
}
