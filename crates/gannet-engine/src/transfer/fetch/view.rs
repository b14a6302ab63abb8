//! What is shown of it all: the phase, why it is not faster, and the report that carries both.

use std::time::{Duration, Instant};

use super::Fetch;
use super::workers::Worker;
use crate::diagnose::Cause;
use crate::progress::{Phase, WaitReason};
use crate::transfer::tally::Moving;

impl Fetch<'_> {
    pub(super) fn report(&mut self, phase: Phase, now: Instant) {
        let moving = Moving {
            phase,
            written: self.f.part.written().picture(),
            hashed_bytes: self.f.part.hashed_bytes(),
            connections: self.answered(),
            workers: self.workers.iter().filter_map(Worker::snapshot).collect(),
        };
        self.f.tally.report(moving, now);
    }

    pub(super) fn phase(&self, now: Instant) -> Phase {
        if self.paused_since.is_some() {
            Phase::Paused
        } else if self.network_missing {
            Phase::Waiting(WaitReason::Network)
        } else if self.workers.is_empty() && self.f.sources.all_rest_by_order(now) {
            let until = self
                .f
                .sources
                .entries()
                .filter_map(|entry| entry.rest_until)
                .min();
            let wait = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
            Phase::Waiting(WaitReason::Server { wait })
        } else if self.workers.is_empty() && self.waits_for_its_turn(now) {
            let reason = "its host is busy with other downloads".to_owned();
            Phase::Waiting(WaitReason::Retry { reason })
        } else if self.workers.is_empty() {
            Phase::Waiting(WaitReason::Retry {
                reason: self.last_reason.clone(),
            })
        } else {
            Phase::Downloading
        }
    }

    /// Why it is not faster: one cause, from evidence.
    pub(super) fn diagnose(&self, now: Instant) -> Option<Cause> {
        if self.f.part.is_congested() && !self.workers.is_empty() {
            // Before all else: whom the disk holds back all of the time has no speed of its own.
            return Some(Cause::Disk);
        }
        let mut rates: Vec<f64> = self
            .workers
            .iter()
            .filter_map(|worker| worker.rate(now))
            .filter(|&rate| rate > 0.0)
            .collect();
        if rates.is_empty() {
            return None;
        }
        let sum: f64 = rates.iter().sum();
        if let Some(limit) = Cause::of_limits(&self.f.pacers, sum) {
            return Some(limit);
        }
        let primary = self.f.sources.primary();
        let learned = self.f.request.hosts.learned(&primary.authority(), now);
        if let Some(connections) = learned.filter(|&learned| learned < self.f.inbox.connections) {
            return Some(Cause::HostLimit { connections });
        }
        if self.crew.line_is_full() {
            let rate_bytes_per_s = self.sum.bytes_per_s();
            return Some(if self.f.sources.through_proxy() {
                Cause::Proxy
            } else {
                Cause::LineFull { rate_bytes_per_s }
            });
        }
        Cause::of_even_rates(&mut rates, self.answered())
    }
}
