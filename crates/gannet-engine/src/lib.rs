//! One download, whole and fast: many connections, one preallocated file, no merge.

mod diagnose;
pub mod disk;
mod error;
mod hosts;
mod pace;
mod progress;
mod range;
mod verify;

pub use diagnose::Cause;
pub use error::{Error, ErrorCode};
pub use hosts::{HostBudget, HostPermit};
pub use pace::Pacer;
pub use progress::{
    Event, Finished, Outcome, Phase, Reporter, Silent, Snapshot, WaitReason, WorkerSnapshot, WorkerState,
};
pub use range::{ByteRange, RangeSet};
pub use verify::{DigestSource, Verification};
