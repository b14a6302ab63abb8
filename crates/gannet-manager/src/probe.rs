//! Answers of probes that are held open: the next one to add the same address takes his up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gannet_engine::Opened;
use gannet_schema::Ticket;

use crate::address::{Address, AddressDigest};

/// An answer is let go after this.
pub(crate) const HELD_FOR: Duration = Duration::from_secs(30);
/// Answers that are held open at most; each is a connection.
const HELD_MAX: usize = 64;

/// All answers that are held open.
#[derive(Clone, Default)]
pub(crate) struct Probes {
    held: Arc<Mutex<HashMap<Ticket, Held>>>,
    last: Arc<AtomicU32>,
}

struct Held {
    address: AddressDigest,
    opened: Box<Opened>,
}

impl Probes {
    /// Holds an answer open, for 30 s. Where too many are, the oldest is let go.
    pub(crate) fn hold(&self, address: &Address, opened: Opened) -> Ticket {
        let ticket = Ticket(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let mut held = self.lock();
        if held.len() >= HELD_MAX
            && let Some(oldest) = held.keys().copied().min_by_key(|ticket| ticket.0)
        {
            held.remove(&oldest);
        }
        held.insert(
            ticket,
            Held {
                address: address.digest(),
                opened: Box::new(opened),
            },
        );
        drop(held);
        let probes = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(HELD_FOR).await;
            probes.release(ticket);
        });
        ticket
    }

    /// Takes an answer up, where it is one of this address.
    pub(crate) fn take(&self, ticket: Ticket, address: &Address) -> Option<Box<Opened>> {
        let mut held = self.lock();
        if held.get(&ticket)?.address != address.digest() {
            return None;
        }
        held.remove(&ticket).map(|held| held.opened)
    }

    /// Lets an answer go.
    pub(crate) fn release(&self, ticket: Ticket) {
        self.lock().remove(&ticket);
    }

    /// Lets all go.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Ticket, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
