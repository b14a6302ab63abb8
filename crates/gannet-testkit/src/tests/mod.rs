//! The origin seen over the wire, by a client that knows nothing but sockets.

mod answers;
mod client;
mod flow;
mod http2;
mod lying;
