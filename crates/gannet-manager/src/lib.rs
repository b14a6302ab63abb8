//! Many downloads: the queue, the store, and the one door that every face goes through.

pub mod kinds;
pub mod links;
pub mod schedule;
