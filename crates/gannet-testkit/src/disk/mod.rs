//! Disks that fail the way disks do, behind the engine's storage seam.
//!
//! - [`PowerLossDisk`] forgets, at a chosen call, what was not synced.
//! - [`FaultyDisk`] answers chosen calls with an error, in front of any other disk.
//! - [`DiscardDisk`] checks what is written and keeps none of it.

mod discard;
mod faulty;
mod power_loss;

pub use discard::DiscardDisk;
pub use faulty::{Call, DiskError, Fault, FaultyDisk, Lasting};
pub use power_loss::PowerLossDisk;
