//! What HTTP answers mean, decided without a socket.
//!
//! Everything here but the client is pure: headers and time go in, decisions come out. [`response`] says whether an
//! answer is what was asked for, [`validator`] whether it is still the same file, [`redirect`] where to go next and
//! whether secrets may come along, [`retry`] how long to wait. [`cookies`] and [`netrc`] read what the user hands over.

pub(crate) mod client;
pub(crate) mod content_range;
pub(crate) mod cookies;
pub(crate) mod credential_file;
pub(crate) mod digest_headers;
pub(crate) mod fault;
pub(crate) mod identity;
pub(crate) mod media_type;
pub(crate) mod netrc;
mod proxy;
pub(crate) mod redirect;
pub(crate) mod response;
pub(crate) mod retry;
mod route;
pub(crate) mod secret;
pub(crate) mod source;
mod trust;
pub(crate) mod validator;
