//! The engine against the misbehaving origin: real sockets, real files.

mod basics;
mod support;
