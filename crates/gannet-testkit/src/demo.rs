//! Hostile examples under `/hostile/`, for trying a download program without a network.

use std::fmt::Write as _;
use std::time::Duration;

use crate::profile::{
    Beyond, Cap, DigestField, DigestKind, Fault, Pace, Profile, RangeLie, Ranges, Refusal, RetryAfter,
};
use crate::profile::{Truth, When};
use crate::redirect::{Redirect, Target, Tokens};
use crate::script::Framing;

/// The path prefixes of the examples and how each behaves.
pub fn routes(seed: u64) -> Vec<(&'static str, Profile)> {
    EXAMPLES
        .iter()
        .map(|example| (example.prefix, (example.profile)(base(seed))))
        .collect()
}

/// The list of examples, as the server's start page.
pub fn help() -> String {
    let mut text = "Every path is a file. /10MB/NAME has the size it says. GET /.log, POST /.reset.\n\n\
        Hostile examples, 64 MB each:\n"
        .to_owned();
    for example in EXAMPLES {
        writeln!(text, "  {}file.bin\n      {}", example.prefix, example.text)
            .expect("writing to a String cannot fail");
    }
    text
}

struct Example {
    prefix: &'static str,
    text: &'static str,
    profile: fn(Profile) -> Profile,
}

fn base(seed: u64) -> Profile {
    let pace = Pace {
        per_connection_bytes_per_s: Some(4_000_000),
        ..Pace::default()
    };
    Profile {
        size_bytes: 64_000_000,
        seed,
        pace,
        ..Profile::default()
    }
}

fn faulty(profile: Profile, faults: &[(When, Fault)]) -> Profile {
    Profile {
        faults: faults.to_vec(),
        ..profile
    }
}

const EXAMPLES: &[Example] = &[
    Example {
        prefix: "/hostile/paced/",
        text: "4 MB/s for each connection, and nothing worse",
        profile: |base| base,
    },
    Example {
        prefix: "/hostile/slow/",
        text: "every fourth connection crawls at 8 kB/s",
        profile: |base| faulty(base, &[(When::EveryConnection(4), SLOW)]),
    },
    Example {
        prefix: "/hostile/silent/",
        text: "every fourth answer goes silent after its headers",
        profile: |base| faulty(base, &[(When::Every(4), Fault::SilentAfterHeaders)]),
    },
    Example {
        prefix: "/hostile/cuts/",
        text: "half of all answers are cut somewhere",
        profile: |base| faulty(base, &[(When::Chance(0.5), Fault::CutSomewhere)]),
    },
    Example {
        prefix: "/hostile/busy/",
        text: "at most 3 connections, 503 for the rest",
        profile: |base| Profile {
            cap: Some(Cap {
                at_most: 3,
                beyond: Beyond::Refuse(BUSY),
            }),
            ..base
        },
    },
    Example {
        prefix: "/hostile/no-ranges/",
        text: "no ranges, chunked, length unknown",
        profile: |base| Profile {
            ranges: Ranges::Refused,
            framing: Framing::Chunked,
            ..base
        },
    },
    Example {
        prefix: "/hostile/lies/",
        text: "every third range is another one than asked",
        profile: |base| faulty(base, &[(When::Every(3), Fault::Range(RangeLie::Shifted(1000)))]),
    },
    Example {
        prefix: "/hostile/portal/",
        text: "every third answer is a sign-in page",
        profile: |base| faulty(base, &[(When::Every(3), Fault::Html)]),
    },
    Example {
        prefix: "/hostile/expiring/",
        text: "a redirect to a signed address that expires after 5 answers",
        profile: |base| Profile {
            redirect: Some(Redirect::once(Target::Same)),
            tokens: Some(Tokens::valid_for(5, 403)),
            ..base
        },
    },
    Example {
        prefix: "/hostile/wrong-digest/",
        text: "a Repr-Digest that no download can match",
        profile: |base| Profile {
            digests: vec![DigestField {
                kind: DigestKind::ReprSha256,
                truth: Truth::Wrong,
            }],
            ..base
        },
    },
    Example {
        prefix: "/hostile/all/",
        text: "slow, silent, late, cut, reset, 503, sign-in pages and wrong ranges, a little of each",
        profile: |base| {
            faulty(
                base,
                &[
                    (When::EveryConnection(5), SLOW),
                    (When::Chance(0.05), Fault::SilentAfterHeaders),
                    (When::Chance(0.05), Fault::SilentBeforeHeaders),
                    (When::Chance(0.05), Fault::Late(Duration::from_secs(1))),
                    (When::Chance(0.10), Fault::CutSomewhere),
                    (When::Chance(0.05), Fault::ResetSomewhere),
                    (When::Chance(0.05), Fault::Refuse(BUSY)),
                    (When::Chance(0.05), Fault::Html),
                    (When::Chance(0.05), Fault::Range(RangeLie::Shifted(512))),
                ],
            )
        },
    },
];

const SLOW: Fault = Fault::Slow { bytes_per_s: 8_000 };
const BUSY: Refusal = Refusal {
    status: 503,
    retry_after: RetryAfter::Absent,
};
