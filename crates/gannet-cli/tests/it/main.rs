//! The real `gannet` binary against the misbehaving origin, over loopback.

mod adding;
mod connecting;
mod downloading;
mod failing;
mod killing;
mod managing;
mod options;
mod printing;
mod proxies;
mod scene;
mod served;
mod serving;
mod stopping;
#[cfg(target_os = "linux")]
mod terminal;
