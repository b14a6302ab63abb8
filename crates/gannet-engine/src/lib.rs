//! One download, whole and fast: many connections, one preallocated file, no merge.

pub mod disk;
mod error;
#[cfg_attr(not(test), expect(dead_code, reason = "the transfer that uses it comes next"))]
mod filename;
#[expect(dead_code, reason = "the transfer that uses it comes next")]
pub(crate) mod http;
mod range;

pub use error::{Error, ErrorCode};
pub use filename::SafeFileName;
pub use range::{ByteRange, RangeSet};
