//! The engine against real sockets, real files, and disks that fail.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod basics;
mod cases_change;
mod cases_crowd;
mod cases_digests;
mod cases_flow;
mod cases_full_crew;
mod cases_mirrors;
mod cases_names;
mod cases_parts;
mod cases_pause;
mod cases_portals;
mod cases_proxies;
mod cases_redirects;
mod cases_requests;
mod cases_resume;
mod cases_sample;
mod cases_stream;
mod cases_unchecked;
mod cases_validators;
mod causes;
mod disk_claim;
mod disk_driver;
mod disk_faults;
mod disk_power;
mod disk_real;
mod existing;
#[cfg(target_os = "linux")]
mod faults_away;
#[cfg(unix)]
mod faults_child;
mod faults_clock;
mod faults_disk;
mod faults_hooked;
mod faults_kill;
mod faults_network;
mod faults_power;
mod faults_slow_disk;
mod faults_soak;
mod faults_unreachable;
mod order;
mod support;
mod trust;
