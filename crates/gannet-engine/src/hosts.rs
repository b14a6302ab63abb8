//! What each host allows: one budget of connections per host, shared by all transfers that are given it.
//!
//! What was learned outlives the budget where its owner keeps it: [`HostBudget::knowledge`] tells it,
//! [`HostBudget::remember`] takes it back, in another process or on another day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a refusal the next connection beyond what the host took is tried this much later; doubled each time.
const FIRST_RETRY: Duration = Duration::from_secs(6);
/// The longest wait between two tries for one more.
const LONGEST_RETRY: Duration = Duration::from_mins(15);
/// What was learned is forgotten after this: hosts change.
const MEMORY: Duration = Duration::from_hours(24);
/// How long a host counts as one that serves, after it was last seen to.
const BETWEEN_RUNS: Duration = Duration::from_secs(2);
/// Hosts remembered at most; the one unused longest goes first.
const HOSTS_MAX: usize = 1024;

/// A budget of connections per host. Clones share it.
#[derive(Clone, Debug)]
pub struct HostBudget {
    shared: Arc<Mutex<Hosts>>,
}

/// What a host was seen to allow, fit to be kept. Times are lengths, so that it means the same to another clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKnowledge {
    /// `name:port`.
    pub host: String,
    /// The most connections that it took at once.
    pub connections: u32,
    /// How long ago that was seen.
    pub age: Duration,
    /// At which age one more is tried.
    pub retry_after: Duration,
}

#[derive(Debug)]
struct Hosts {
    limit: u32,
    by_name: HashMap<String, Host>,
    /// How often something was learned.
    lessons: u64,
}

#[derive(Debug, Default)]
struct Host {
    /// Permits that are out.
    held: u32,
    /// Those of them whose connections were served.
    served: u32,
    /// When one was last known to be.
    served_at: Option<Instant>,
    /// The most it takes, as learned from a refusal.
    learned: Option<Learned>,
    /// What it ordered by `Retry-After` while it served others.
    order: Option<Order>,
    used_at: Option<Instant>,
}

/// Until then no connection is opened beside so many.
#[derive(Debug, Clone, Copy)]
struct Order {
    connections: u32,
    until: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Learned {
    connections: u32,
    at: Instant,
    /// How old it was by then: a clock that began when the machine did knows no earlier instant.
    age_then: Duration,
    retry_after: Duration,
}

/// The right to one connection to a host; it is given back when dropped.
#[derive(Debug)]
pub struct HostPermit {
    shared: Arc<Mutex<Hosts>>,
    host: String,
    /// Whether it goes beyond what the host took before: the try for one more.
    beyond: bool,
    /// Whether its connection was served.
    served: bool,
}

impl HostBudget {
    /// At most `limit` connections to each host.
    pub fn new(limit: u32) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Hosts {
                limit: limit.max(1),
                by_name: HashMap::new(),
                lessons: 0,
            })),
        }
    }

    /// Changes how many connections each host gets; those that are out already stay.
    pub fn set_limit(&self, limit: u32) {
        lock(&self.shared).limit = limit.max(1);
    }

    /// A connection to `host` (`name:port`), if the budget has one left.
    pub fn acquire(&self, host: &str, now: Instant) -> Option<HostPermit> {
        let beyond = lock(&self.shared).acquire(host, now)?;
        Some(self.permit(host, beyond))
    }

    /// The right to a connection to `host` that is open already. It counts whatever the budget has left, since one is the
    /// least that a transfer can have: the others get fewer.
    pub fn hold(&self, host: &str, now: Instant) -> HostPermit {
        let mut hosts = lock(&self.shared);
        let beyond = hosts.acquire(host, now).unwrap_or_else(|| {
            hosts.by_name.entry(host.to_owned()).or_default().held += 1;
            false
        });
        drop(hosts);
        self.permit(host, beyond)
    }

    fn permit(&self, host: &str, beyond: bool) -> HostPermit {
        HostPermit {
            shared: Arc::clone(&self.shared),
            host: host.to_owned(),
            beyond,
            served: false,
        }
    }

    /// Whether the host serves connections of any transfer that shares this budget, or did a moment ago: between two
    /// runs there may be none.
    pub(crate) fn is_serving(&self, host: &str, now: Instant) -> bool {
        let is_recent = |at: Instant| now.saturating_duration_since(at) < BETWEEN_RUNS;
        lock(&self.shared)
            .by_name
            .get(host)
            .is_some_and(|host| host.served > 0 || host.served_at.is_some_and(is_recent))
    }

    /// The host refused a connection while it served `delivering` others of the same transfer, beside those of others
    /// that share this budget. Returns what it is taken to allow.
    pub fn refused(&self, host: &str, delivering: u32, now: Instant) -> u32 {
        lock(&self.shared).refused(host, delivering, now)
    }

    /// The host turned a connection away and said for how long, while it served `delivering` others of the same transfer:
    /// until then none is opened beside those that it serves, whatever it takes otherwise.
    pub fn ordered(&self, host: &str, delivering: u32, wait: Duration, now: Instant) {
        lock(&self.shared).ordered(host, delivering, wait, now);
    }

    /// What the host is known to allow, where it ever refused.
    pub fn learned(&self, host: &str, now: Instant) -> Option<u32> {
        lock(&self.shared)
            .by_name
            .get(host)?
            .learned(now)
            .map(|learned| learned.connections)
    }

    /// A number that is another one whenever something was learned since: then [`knowledge`](Self::knowledge) is worth
    /// keeping anew.
    pub fn lessons(&self) -> u64 {
        lock(&self.shared).lessons
    }

    /// What is known of all hosts, in no order: at most 1,024, nothing older than a day.
    pub fn knowledge(&self, now: Instant) -> Vec<HostKnowledge> {
        let hosts = lock(&self.shared);
        let known = |(name, host): (&String, &Host)| {
            let learned = host.learned(now)?;
            Some(HostKnowledge {
                host: name.clone(),
                connections: learned.connections,
                age: learned.age(now),
                retry_after: learned.retry_after,
            })
        };
        hosts.by_name.iter().filter_map(known).collect()
    }

    /// Takes back what was known before. What is known by now counts more; what is older than a day counts for nothing;
    /// of more than there is room for, the latest stays.
    pub fn remember(&self, knowledge: impl IntoIterator<Item = HostKnowledge>, now: Instant) {
        let mut knowledge: Vec<_> = knowledge.into_iter().filter(|known| known.age < MEMORY).collect();
        knowledge.sort_by_key(|known| known.age);
        let mut hosts = lock(&self.shared);
        for known in knowledge {
            hosts.remember(known, now);
        }
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
        let mut hosts = lock(&self.shared);
        if std::mem::take(&mut self.beyond) {
            hosts.served_beyond(&self.host, now);
        }
        if !std::mem::replace(&mut self.served, true)
            && let Some(host) = hosts.by_name.get_mut(&self.host)
        {
            host.served += 1;
            host.served_at = Some(now);
        }
    }
}

impl Drop for HostPermit {
    fn drop(&mut self) {
        if let Some(host) = lock(&self.shared).by_name.get_mut(&self.host) {
            host.held = host.held.saturating_sub(1);
            if self.served {
                host.served = host.served.saturating_sub(1);
                host.served_at = Some(Instant::now());
            }
        }
    }
}

impl Host {
    fn learned(&self, now: Instant) -> Option<Learned> {
        self.learned.filter(|learned| learned.age(now) < MEMORY)
    }

    /// The most connections that it may have for now, where it ordered so.
    fn ordered(&self, now: Instant) -> Option<Order> {
        self.order.filter(|order| now < order.until)
    }
}

impl Learned {
    fn new(connections: u32, retry_after: Duration, now: Instant) -> Self {
        Self {
            connections,
            at: now,
            age_then: Duration::ZERO,
            retry_after,
        }
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at)
            .saturating_add(self.age_then)
    }
}

impl Hosts {
    /// Whether the permit goes beyond what the host is known to take; `None` where there is none to be had.
    fn acquire(&mut self, name: &str, now: Instant) -> Option<bool> {
        self.forget_oldest(name);
        let limit = self.limit;
        let host = self.by_name.entry(name.to_owned()).or_default();
        host.used_at = Some(now);
        let learned = host.learned(now);
        let beyond = match learned {
            Some(learned) if host.held >= learned.connections => {
                let due = learned.age(now) >= learned.retry_after;
                if host.held > learned.connections || !due {
                    return None;
                }
                true
            }
            _ => false,
        };
        let limit = host
            .ordered(now)
            .map_or(limit, |order| limit.min(order.connections));
        if host.held >= limit {
            return None;
        }
        host.held += 1;
        Some(beyond)
    }

    fn refused(&mut self, name: &str, delivering: u32, now: Instant) -> u32 {
        let host = self.by_name.entry(name.to_owned()).or_default();
        let connections = delivering.max(host.served).max(1);
        let retry_after = match host.learned(now) {
            // One wave of refusals is one lesson.
            Some(before) if before.age(now) < Duration::from_secs(1) => before.retry_after,
            Some(before) => (before.retry_after * 2).min(LONGEST_RETRY),
            None => FIRST_RETRY,
        };
        let connections = match host.learned(now) {
            Some(before) => connections.min(before.connections),
            None => connections,
        };
        host.learned = Some(Learned::new(connections, retry_after, now));
        self.lessons += 1;
        connections
    }

    fn ordered(&mut self, name: &str, delivering: u32, wait: Duration, now: Instant) {
        let host = self.by_name.entry(name.to_owned()).or_default();
        // One is the least there can be: where nobody is served, it is the address that rests.
        let (connections, until) = (delivering.max(host.served).max(1), now + wait);
        host.order = Some(match host.ordered(now) {
            Some(before) => Order {
                connections: connections.min(before.connections),
                until: until.max(before.until),
            },
            None => Order { connections, until },
        });
    }

    fn served_beyond(&mut self, name: &str, now: Instant) {
        if let Some(learned) = self.by_name.get_mut(name).and_then(|host| host.learned.as_mut()) {
            // It gave way once, so it may again: the next try comes as soon as after the first refusal.
            *learned = Learned::new(learned.connections + 1, FIRST_RETRY, now);
            self.lessons += 1;
        }
    }

    fn remember(&mut self, known: HostKnowledge, now: Instant) {
        if self.by_name.len() >= HOSTS_MAX && !self.by_name.contains_key(&known.host) {
            return;
        }
        let host = self.by_name.entry(known.host).or_default();
        if host.learned(now).is_none() {
            host.learned = Some(Learned {
                connections: known.connections.max(1),
                at: now,
                age_then: known.age,
                retry_after: known.retry_after.clamp(FIRST_RETRY, LONGEST_RETRY),
            });
        }
    }

    fn forget_oldest(&mut self, coming: &str) {
        if self.by_name.len() < HOSTS_MAX || self.by_name.contains_key(coming) {
            return;
        }
        let oldest = self
            .by_name
            .iter()
            .filter(|(_, host)| host.held == 0)
            .min_by_key(|(_, host)| host.used_at)
            .map(|(name, _)| name.clone());
        if let Some(name) = oldest {
            self.by_name.remove(&name);
        }
    }
}

fn lock(shared: &Mutex<Hosts>) -> MutexGuard<'_, Hosts> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
