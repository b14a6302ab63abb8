//! One download, whole and fast: many connections, one preallocated file, no merge.

pub mod disk;
mod error;
mod range;

pub use error::{Error, ErrorCode};
pub use range::{ByteRange, RangeSet};
