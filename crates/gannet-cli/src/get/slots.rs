//! How many files at once: those whose bytes are under way count, not those that are only being made safe on disk.
//!
//! A small file waits longer for the disk to say that it is there than for its bytes. The disk makes many safe in the time
//! that it takes for one, so the next files come meanwhile.

use std::sync::{Arc, Mutex, PoisonError};

use gannet_engine::{Event, Phase, Reporter, Snapshot};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::printer::FileReporter;

/// The places of files under way. Clones share them.
#[derive(Clone)]
pub(crate) struct Slots {
    free: Arc<Semaphore>,
    at_once: usize,
}

/// The place of one file.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

/// Tells the printer what a transfer tells, and frees its place once all of its bytes are there.
pub(crate) struct SlotReporter {
    inner: FileReporter,
    slot: Mutex<Option<Slot>>,
}

impl Slots {
    /// Places for `at_once` files.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(at_once)),
            at_once,
        }
    }

    /// The most files that there are, with those being made safe: as many again as have a place.
    pub(crate) fn files_max(&self) -> usize {
        self.at_once.saturating_mul(2)
    }

    /// A place, when one is free.
    pub(crate) async fn take(&self) -> Slot {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        Slot {
            _permit: permit.expect("the places are never closed"),
        }
    }
}

impl SlotReporter {
    pub(crate) fn new(inner: FileReporter, slot: Slot) -> Self {
        Self {
            inner,
            slot: Mutex::new(Some(slot)),
        }
    }
}

impl Reporter for SlotReporter {
    fn snapshot(&self, snapshot: &Snapshot) {
        if snapshot.phase == Phase::Publishing {
            drop(self.slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        self.inner.snapshot(snapshot);
    }

    fn event(&self, event: &Event) {
        self.inner.event(event);
    }
}

#[cfg(test)]
mod tests {
    use gannet_engine::RangeSet;

    use super::*;
    use crate::printer::{Desk, FileId};

    fn reporter(slots: &Slots) -> SlotReporter {
        let printing = FileReporter {
            desk: Desk::default(),
            file: FileId(0),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let slot = runtime.expect("a runtime").block_on(slots.take());
        SlotReporter::new(printing, slot)
    }

    fn snapshot(phase: Phase) -> Snapshot {
        Snapshot {
            phase,
            name: None,
            length: None,
            written: Arc::new(RangeSet::new()),
            hashed_bytes: 0,
            rate_bytes_per_s: 0.0,
            time_left: None,
            connections: 0,
            connections_peak: 0,
            workers: Vec::new(),
            requests: 0,
            retries: 0,
            bytes_discarded: 0,
            cause: None,
        }
    }

    #[test]
    fn a_file_whose_bytes_are_all_there_makes_room_for_the_next() {
        let slots = Slots::new(2);
        let (one, two) = (reporter(&slots), reporter(&slots));
        assert_eq!(slots.free.available_permits(), 0);
        one.snapshot(&snapshot(Phase::Downloading));
        one.snapshot(&snapshot(Phase::Verifying));
        assert_eq!(
            slots.free.available_permits(),
            0,
            "its bytes may yet have to come again"
        );
        one.snapshot(&snapshot(Phase::Publishing));
        assert_eq!(slots.free.available_permits(), 1);
        drop(one);
        assert_eq!(slots.free.available_permits(), 1, "a place is given back once");
        drop(two);
        assert_eq!(
            slots.free.available_permits(),
            2,
            "one that failed gives it back too"
        );
    }
}
