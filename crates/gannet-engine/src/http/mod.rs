//! What HTTP answers mean, decided without a socket.
//!
//! Everything here but the client is pure: headers and time go in, decisions come out. [`response`] says whether an
//! answer is what was asked for, [`validator`] whether it is still the same file, [`redirect`] where to go next and
//! which secrets may come along, [`retry`] how long to wait.

pub(crate) mod content_range;
pub(crate) mod media_type;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod validator;
