//! What is in the part file, and what of it can be believed: shared by who writes it and who follows.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::range::{ByteRange, RangeSet};

/// What is in the file, shared with those who follow it.
pub(crate) struct Written {
    state: Mutex<State>,
    grown: Condvar,
    /// The lowest byte that was taken out again; `u64::MAX` where none was.
    lowest_retracted: AtomicU64,
    /// The same since the last [`Written::picture`]. Changed under the lock of the set.
    lowest_untold: AtomicU64,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) set: RangeSet,
    /// What of it a digest of its own answer is still to be held against.
    pub(super) in_question: RangeSet,
}

/// Whether bytes that are handed over are what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As far as will ever be known of them alone.
    Believed,
    /// Their answer bears a digest that is still to be held against them: no journal claims them until then.
    InQuestion,
}

/// What is in the file, to be shown.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) set: RangeSet,
    /// The lowest byte that was taken out since the last picture, though it may be there anew by now.
    pub(crate) retracted_from: Option<u64>,
}

impl Written {
    pub(super) fn new(held: RangeSet) -> Self {
        Self {
            state: Mutex::new(State {
                set: held,
                in_question: RangeSet::new(),
            }),
            grown: Condvar::new(),
            lowest_retracted: AtomicU64::new(u64::MAX),
            lowest_untold: AtomicU64::new(u64::MAX),
        }
    }

    /// A copy of the set.
    pub(crate) fn snapshot(&self) -> RangeSet {
        self.state().set.clone()
    }

    /// A copy of what of the set is not in question.
    pub(crate) fn believed(&self) -> RangeSet {
        let state = self.state();
        let mut believed = state.set.clone();
        for range in state.in_question.iter() {
            believed.remove(range);
        }
        believed
    }

    /// How many of the bytes in the file are not in question.
    pub(crate) fn believed_bytes(&self) -> u64 {
        let state = self.state();
        state.set.bytes() - state.in_question.bytes()
    }

    /// Takes out what is in question still: nobody will ever say whether it is right.
    pub(crate) fn remove_what_is_in_question(&self) {
        let in_question = std::mem::take(&mut self.state().in_question);
        for range in in_question.iter() {
            self.remove(range);
        }
    }

    /// A copy of the set, and what left it since the last picture: both of one moment, so that no set with rejected
    /// bytes is shown after the word that they were rejected.
    pub(crate) fn picture(&self) -> Picture {
        let state = self.state();
        let lowest = self.lowest_untold.swap(u64::MAX, Ordering::AcqRel);
        Picture {
            set: state.set.clone(),
            retracted_from: Some(lowest).filter(|&lowest| lowest < u64::MAX),
        }
    }

    /// How many bytes are in the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.state().set.bytes()
    }

    /// Whether exactly `0..length` is in the file.
    pub(crate) fn is_whole(&self, length: u64) -> bool {
        self.state().set.is_whole(length)
    }

    /// The end of the contiguous beginning, once it lies beyond `position`, or after `timeout` whatever it is.
    pub(crate) fn wait_for_frontier(&self, position: u64, timeout: Duration) -> u64 {
        let state = self.state();
        if state.set.frontier() > position {
            return state.set.frontier();
        }
        let (state, _) = self
            .grown
            .wait_timeout(state, timeout)
            .unwrap_or_else(PoisonError::into_inner);
        state.set.frontier()
    }

    /// Wakes those who wait for the frontier.
    pub(crate) fn wake(&self) {
        self.grown.notify_all();
    }

    /// Takes bytes out that a digest rejected.
    pub(crate) fn remove(&self, range: ByteRange) {
        let mut state = self.state();
        state.set.remove(range);
        state.in_question.remove(range);
        self.lowest_untold.fetch_min(range.start(), Ordering::AcqRel);
        drop(state);
        self.lowest_retracted.fetch_min(range.start(), Ordering::AcqRel);
    }

    /// Whether bytes before `position` were taken out since the last call.
    pub(crate) fn take_retracted_before(&self, position: u64) -> bool {
        self.lowest_retracted.swap(u64::MAX, Ordering::AcqRel) < position
    }

    /// Bytes that were in question are right.
    pub(super) fn believe(&self, range: ByteRange) {
        self.state().in_question.remove(range);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
