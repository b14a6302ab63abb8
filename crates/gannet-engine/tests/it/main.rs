//! The engine against real sockets, real files, and disks that fail.

mod disk_claim;
mod disk_driver;
mod disk_faults;
mod disk_power;
mod disk_real;
