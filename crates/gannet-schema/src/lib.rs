//! The one vocabulary that crosses a process: what a face may ask ([`Command`]), what it is answered ([`Reply`],
//! [`Failure`]), and what it is told by itself ([`Message`]: the whole [`State`], [`Snapshot`]s of all that moves, and
//! [`Event`]s for what happened).
//!
//! Everything is JSON. Enums are tagged: commands by `action`, everything else by `kind`. Field names are `snake_case`.
//! Byte counts and times are JSON numbers: exact between programs of ours for all 64 bits; JavaScript reads them as
//! doubles, exact up to 2^53 (9 petabytes, and 285,000 years of milliseconds) and within one part in 10^15 beyond.
//! Identifiers never leave the exact part. Times are milliseconds since 1970-01-01 UTC.
//!
//! No secret has a place in what a face is told: passwords, cookies and tokens only ever go in, by [`Command`], in
//! [`Secret`]s that no `Debug` shows; addresses come out without userinfo and query, except in the replies that were
//! asked for them ([`Command::CopyLinks`], [`Command::Export`], and what a text that was sent says itself).

mod add;
mod change;
mod command;
mod detail;
mod failure;
mod identifier;
mod message;
mod organise;
mod reply;
mod row;
mod secret;
mod settings;

pub use add::{
    Candidate, Credentials, Duplicate, DuplicateChoice, Link, NewDownload, Probed, RequestOptions, Start,
    Ticket,
};
pub use change::{Change, OptionChanges};
pub use command::{Command, FileChoice, FinishedPage, LimitScope, Place, QueueRun};
pub use detail::{Cause, Detail, LogEntry, LogKind, Source, SourceState, Validator, Worker, WorkerState};
pub use failure::{Failure, FailureCode, Remedy};
pub use identifier::{CategoryId, DownloadId, PieceSet, QueueId};
pub use message::{ClientMessage, Counts, Event, Message, Moving, Notice, Snapshot, State};
pub use organise::{Category, Days, Queue, QueueSchedule, Root, WhenDone};
pub use reply::{Folder, Reply};
pub use row::{Cells, FileKind, Notch, Priority, Row, Standing, Verified, WaitReason};
pub use secret::Secret;
pub use settings::{
    Accent, Appearance, Confirmations, Density, Desktop, General, Identity, Integrity, Language, LimitHour,
    Network, Notifications, OnChange, OnExisting, ProxyChoice, Settings, Theme, WeeklyLimits,
};

/// The version of this vocabulary; a face and an owner that differ say so instead of misunderstanding each other.
pub const SCHEMA_VERSION: u32 = 2;

#[cfg(test)]
mod tests;
