//! Who fetches what, decided without a socket, a disk or a clock.
//!
//! [`queue::Plan`] hands out runs, splits what would end last and lets two workers race for the last bytes;
//! [`segment::Segment`] sees to it that a byte is taken from one of them only; [`crew::Crew`] says how many workers
//! are worth their connection; [`tiers`] how finely a file is cut.

pub(crate) mod crew;
pub(crate) mod queue;
pub(crate) mod segment;
pub(crate) mod tiers;
