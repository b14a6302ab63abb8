//! The misbehaving origin and the disk that loses power.

pub mod disk;
