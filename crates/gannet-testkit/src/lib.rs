//! The misbehaving origin and the disk that loses power.
