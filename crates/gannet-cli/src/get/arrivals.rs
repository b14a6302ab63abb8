//! How much of a file that goes to standard output has arrived, and whether what went out of it is still right.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The most that is copied without a look at whether it is still right: a reader that waits holds up no more.
const PORTION_MAX_BYTES: u64 = 1 << 20;
/// Why nothing may follow what was given out.
const PROVED_WRONG: &str = "what was given out turned out to be wrong";
const BEGAN_ANEW: &str = "it had to begin anew, and what was given out cannot be taken back";

/// How far the file has arrived without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// So many bytes from the front; more will come.
    UpTo(u64),
    /// All of its bytes.
    Complete(u64),
    /// No more will come, and the file is not whole.
    Ended,
}

/// The present [`Arrival`], to be waited for by a thread.
#[derive(Debug)]
pub(super) struct Arrivals {
    present: Mutex<Present>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Present {
    arrival: Arrival,
    /// Bytes before this are given out, or about to be.
    given_bytes: u64,
    /// Why what was given out is not to be relied on. It stays, whatever comes after it.
    contradiction: Option<&'static str>,
}

/// What is to be copied next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portion {
    /// So many bytes more.
    Bytes(u64),
    /// All is given out.
    Over,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            present: Mutex::new(Present {
                arrival: Arrival::UpTo(0),
                given_bytes: 0,
                contradiction: None,
            }),
            changed: Condvar::new(),
        }
    }
}

impl Arrivals {
    pub(super) fn set(&self, arrival: Arrival) {
        let mut present = self.lock();
        if let Arrival::UpTo(bytes) | Arrival::Complete(bytes) = arrival {
            present.take_back_from(bytes, PROVED_WRONG);
        }
        present.arrival = arrival;
        drop(present);
        self.changed.notify_one();
    }

    /// Bytes from here on may have been wrong, though right ones may be there by now.
    pub(super) fn take_back_from(&self, offset: u64) {
        let mut present = self.lock();
        present.take_back_from(offset, PROVED_WRONG);
        drop(present);
        self.changed.notify_one();
    }

    /// The file begins anew, from its first byte on.
    pub(super) fn begin_anew(&self) {
        let mut present = self.lock();
        present.take_back_from(0, BEGAN_ANEW);
        drop(present);
        self.changed.notify_one();
    }

    /// Waits for something to copy, and takes it as given out.
    pub(super) fn next(&self) -> io::Result<Portion> {
        let mut present = self
            .changed
            .wait_while(self.lock(), |present| {
                present.contradiction.is_none() && present.arrival == Arrival::UpTo(present.given_bytes)
            })
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = present.contradiction {
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let until = match present.arrival {
            Arrival::UpTo(bytes) | Arrival::Complete(bytes) => bytes,
            Arrival::Ended => return Ok(Portion::Over),
        };
        let portion = (until - present.given_bytes).min(PORTION_MAX_BYTES);
        present.given_bytes += portion;
        Ok(if portion == 0 {
            Portion::Over
        } else {
            Portion::Bytes(portion)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// What is given out cannot be taken back; what is not, waits until it is there again.
    fn take_back_from(&mut self, offset: u64, reason: &'static str) {
        if offset < self.given_bytes {
            self.contradiction.get_or_insert(reason);
        }
        if let Arrival::UpTo(bytes) = &mut self.arrival {
            *bytes = offset.min(*bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_back_is_not_given_out_before_it_is_there_again() {
        let arrivals = Arrivals::default();
        arrivals.set(Arrival::UpTo(4));
        assert_eq!(arrivals.next().expect("right"), Portion::Bytes(4));
        arrivals.set(Arrival::UpTo(8));
        arrivals.take_back_from(6);
        assert_eq!(arrivals.next().expect("right"), Portion::Bytes(2));
    }
}
