//! The real `gannet` binary against the misbehaving origin, over loopback.

mod downloading;
mod failing;
mod options;
mod printing;
mod proxies;
mod scene;
mod stopping;
#[cfg(target_os = "linux")]
mod terminal;
