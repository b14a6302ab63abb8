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

/// Decides by length and validator (RFC 9110 §15.3.7.3). `ranged` is whether the server still sends ranges.
pub(crate) fn decide(held: &Held, known: &KnownFile, resume: Resume, ranged: bool) -> Resumption {
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
    match (likeness, adoption, ranged) {
        (Likeness::Same, Adoption::SameFile, _) => Resumption::Keep(state.written.clone()),
        (_, _, true) => Resumption::Sample(state.written.clone()),
        // Without ranges there is no sample, and without a sample no proof.
        (_, _, false) => Resumption::Changed {
            reason: "the server sends no ranges, so what is held cannot be compared".to_owned(),
        },
    }
}
