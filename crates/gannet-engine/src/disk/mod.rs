//! The disk: one preallocated part file, a journal beside it, and the rename that publishes.
//!
//! [`storage`] is the seam: everything above it is written against two traits, and [`real`] is the
//! one implementation that ships. A transfer [claims](part_file::claim) its part file, writes into it
//! and [journals](journal) what is safe on disk, and at the end [publishes](part_file::ClaimedPart::publish) it.

#[cfg(unix)]
mod allocate;
pub mod journal;
mod lock;
mod marks;
pub(crate) mod names;
mod owned;
pub mod part_file;
pub(crate) mod publish;
pub mod real;
pub mod storage;

pub use publish::Publication;

pub(crate) mod sync;
pub(crate) mod writer;
pub(crate) mod written;
