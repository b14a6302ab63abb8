//! The disk: one preallocated part file, a journal beside it, and the rename that publishes.
//!
//! [`storage`] is the seam: everything above it is written against two traits, and [`real`] is the
//! one implementation that ships.

#[cfg(unix)]
mod allocate;
pub mod journal;
mod lock;
mod marks;
pub mod real;
pub mod storage;
