//! Many downloads: the queue, the store, and the one door that every face goes through.

pub mod schedule;
