//! The manager against a real origin: whole lives of downloads, restarts, limits, attacks.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod asking;
mod attacks;
mod changes;
mod child;
mod chosen;
mod disks;
mod hosts;
mod life;
mod limits;
mod lists;
mod many;
mod metalink;
mod removals;
mod replacing;
mod restarts;
mod scene;
