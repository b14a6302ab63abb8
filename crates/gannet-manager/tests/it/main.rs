//! The manager against a real origin: whole lives of downloads, restarts, limits, attacks.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod asking;
mod attacks;
mod changes;
mod child;
mod chosen;
mod disks;
mod hosts;
mod kills;
mod life;
mod limits;
mod lists;
mod many;
mod metalink;
mod published;
mod removals;
mod replacing;
mod restarts;
mod scene;
#[cfg(target_os = "linux")]
mod tmpfs;
