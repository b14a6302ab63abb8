//! Light or dark: as the person chose, or as the system is, for the window's frame and for what the page asks of the system.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

pub(crate) use system::Follower;
