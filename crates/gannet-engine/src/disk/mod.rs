//! The disk: one preallocated part file, a journal beside it, and the rename that publishes.

pub mod storage;
