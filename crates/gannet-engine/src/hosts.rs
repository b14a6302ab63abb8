//! What each host allows: one budget of connections per host, shared by all transfers that are given it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a refusal the next connection beyond what the host took is tried this much later; doubled each time.
const FIRST_RETRY: Duration = Duration::from_secs(6);
/// The longest wait between two tries for one more.
const LONGEST_RETRY: Duration = Duration::from_mins(15);
/// What was learned is forgotten after this: hosts change.
const MEMORY: Duration = Duration::from_hours(24);
/// Hosts remembered at most; the one unused longest goes first.
const HOSTS_MAX: usize = 1024;

/// A budget of connections per host. Clones share it.
#[derive(Clone, Debug)]
pub struct HostBudget {
    shared: Arc<Mutex<Hosts>>,
}

#[derive(Debug)]
struct Hosts {
    limit: u32,
    hosts: HashMap<String, Host>,
}

#[derive(Debug, Default)]
struct Host {
    /// Permits that are out.
    held: u32,
    /// The most it takes, as learned from a refusal.
    learned: Option<Learned>,
    used_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Learned {
    connections: u32,
    at: Instant,
    retry_after: Duration,
}

/// The right to one connection to a host; it is given back when dropped.
#[derive(Debug)]
pub struct HostPermit {
    shared: Arc<Mutex<Hosts>>,
    host: String,
    /// Whether it goes beyond what the host took before: the try for one more.
    beyond: bool,
}

impl HostBudget {
    /// At most `limit` connections to each host.
    pub fn new(limit: u32) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Hosts {
                limit: limit.max(1),
                hosts: HashMap::new(),
            })),
        }
    }

    /// Changes how many connections each host gets; those that are out already stay.
    pub fn set_limit(&self, limit: u32) {
        lock(&self.shared).limit = limit.max(1);
    }

    /// A connection to `host` (`name:port`), if the budget has one left.
    pub fn acquire(&self, host: &str, now: Instant) -> Option<HostPermit> {
        let mut hosts = lock(&self.shared);
        let beyond = hosts.acquire(host, now)?;
        Some(HostPermit {
            shared: Arc::clone(&self.shared),
            host: host.to_owned(),
            beyond,
        })
    }

    /// The host refused a connection while it served `delivering` others. Returns what it is taken to allow.
    pub fn refused(&self, host: &str, delivering: u32, now: Instant) -> u32 {
        lock(&self.shared).refused(host, delivering, now)
    }

    /// What the host is known to allow, where it ever refused.
    pub fn learned(&self, host: &str, now: Instant) -> Option<u32> {
        lock(&self.shared)
            .hosts
            .get(host)?
            .learned(now)
            .map(|learned| learned.connections)
    }
}

impl Default for HostBudget {
    /// 64 connections to each host: the most that one transfer may ask for.
    fn default() -> Self {
        Self::new(64)
    }
}

impl HostPermit {
    /// The host served this connection: if it went beyond what was known, that is now the new limit.
    pub fn served(&mut self, now: Instant) {
        if std::mem::take(&mut self.beyond) {
            lock(&self.shared).served_beyond(&self.host, now);
        }
    }
}

impl Drop for HostPermit {
    fn drop(&mut self) {
        if let Some(host) = lock(&self.shared).hosts.get_mut(&self.host) {
            host.held = host.held.saturating_sub(1);
        }
    }
}

impl Host {
    fn learned(&self, now: Instant) -> Option<Learned> {
        self.learned
            .filter(|learned| now.saturating_duration_since(learned.at) < MEMORY)
    }
}

impl Hosts {
    /// Whether the permit goes beyond what the host is known to take; `None` where there is none to be had.
    fn acquire(&mut self, name: &str, now: Instant) -> Option<bool> {
        self.forget_oldest(name);
        let limit = self.limit;
        let host = self.hosts.entry(name.to_owned()).or_default();
        host.used_at = Some(now);
        let learned = host.learned(now);
        let beyond = match learned {
            Some(learned) if host.held >= learned.connections => {
                let due = now.saturating_duration_since(learned.at) >= learned.retry_after;
                if host.held > learned.connections || !due {
                    return None;
                }
                true
            }
            _ => false,
        };
        if host.held >= limit {
            return None;
        }
        host.held += 1;
        Some(beyond)
    }

    fn refused(&mut self, name: &str, delivering: u32, now: Instant) -> u32 {
        let host = self.hosts.entry(name.to_owned()).or_default();
        let connections = delivering.max(1);
        let retry_after = match host.learned(now) {
            // One wave of refusals is one lesson.
            Some(before) if now.saturating_duration_since(before.at) < Duration::from_secs(1) => {
                before.retry_after
            }
            Some(before) => (before.retry_after * 2).min(LONGEST_RETRY),
            None => FIRST_RETRY,
        };
        let connections = match host.learned(now) {
            Some(before) => connections.min(before.connections),
            None => connections,
        };
        host.learned = Some(Learned {
            connections,
            at: now,
            retry_after,
        });
        connections
    }

    fn served_beyond(&mut self, name: &str, now: Instant) {
        if let Some(learned) = self.hosts.get_mut(name).and_then(|host| host.learned.as_mut()) {
            // It gave way once, so it may again: the next try comes as soon as after the first refusal.
            *learned = Learned {
                connections: learned.connections + 1,
                at: now,
                retry_after: FIRST_RETRY,
            };
        }
    }

    fn forget_oldest(&mut self, coming: &str) {
        if self.hosts.len() < HOSTS_MAX || self.hosts.contains_key(coming) {
            return;
        }
        let oldest = self
            .hosts
            .iter()
            .filter(|(_, host)| host.held == 0)
            .min_by_key(|(_, host)| host.used_at)
            .map(|(name, _)| name.clone());
        if let Some(name) = oldest {
            self.hosts.remove(&name);
        }
    }
}

fn lock(shared: &Mutex<Hosts>) -> MutexGuard<'_, Hosts> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_sets_the_limit_and_one_more_is_tried_later() {
        let budget = HostBudget::new(32);
        let start = Instant::now();
        let mut held: Vec<_> = (0..4).filter_map(|_| budget.acquire("h:80", start)).collect();
        let refused = budget.acquire("h:80", start);
        assert_eq!(budget.refused("h:80", 4, start), 4);
        drop(refused);
        assert!(budget.acquire("h:80", start + Duration::from_secs(1)).is_none());
        let later = start + FIRST_RETRY;
        let mut fifth = budget.acquire("h:80", later).expect("one more is tried");
        assert!(budget.acquire("h:80", later).is_none(), "one more, not two");
        fifth.served(later);
        assert_eq!(budget.learned("h:80", later), Some(5));
        held.push(fifth);
    }

    #[test]
    fn a_limit_does_not_oscillate() {
        let budget = HostBudget::new(32);
        let mut now = Instant::now();
        let _held: Vec<_> = (0..3).filter_map(|_| budget.acquire("h:80", now)).collect();
        budget.refused("h:80", 3, now);
        let mut refusals = 0;
        for _ in 0..3600 {
            now += Duration::from_secs(1);
            if budget.acquire("h:80", now).is_some() {
                refusals += 1;
                budget.refused("h:80", 3, now);
            }
        }
        assert!(refusals <= 10, "{refusals} tries in an hour");
        assert_eq!(budget.learned("h:80", now), Some(3));
    }

    #[test]
    fn what_was_learned_decays() {
        let budget = HostBudget::new(8);
        let now = Instant::now();
        budget.refused("h:80", 2, now);
        assert_eq!(budget.learned("h:80", now + MEMORY), None);
    }

    #[test]
    fn transfers_that_share_a_budget_share_the_host() {
        let budget = HostBudget::new(2);
        let now = Instant::now();
        let one = budget.clone().acquire("h:80", now);
        let _two = budget.clone().acquire("h:80", now);
        assert!(budget.acquire("h:80", now).is_none());
        drop(one);
        assert!(budget.acquire("h:80", now).is_some());
        assert!(budget.acquire("other:80", now).is_some());
    }
}
