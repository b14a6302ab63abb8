//! Where downloads stand, as far as tray and power ask. It is counted as it changes: the list may be long, and is asked about
//! often.

use std::collections::HashMap;

use gannet_schema::{DownloadId, Row, Standing, WaitReason};

/// How downloads stand that are not at their end.
#[derive(Debug, Default)]
pub(crate) struct Stances {
    of: HashMap<DownloadId, Stance>,
    /// How many there are of each.
    counts: HashMap<Stance, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stance {
    /// It brings bytes now.
    Works,
    Waits(Wait),
    /// A person paused it.
    Paused,
}

/// What a download waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wait {
    /// Something outside.
    For(WaitReason),
    /// Its turn in the queue.
    Turn,
    /// An hour of the clock.
    Time,
}

/// What is neither at work nor at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Left {
    /// How many wait.
    pub(crate) waiting: usize,
    /// For what, where all of them wait for the same.
    pub(crate) why: Option<Wait>,
    /// How many were paused.
    pub(crate) paused: usize,
}

impl Stances {
    /// Where downloads stand now.
    pub(crate) fn see(&mut self, rows: &[Row]) {
        for row in rows {
            self.set(row.id, stance(&row.standing));
        }
    }

    /// They are gone.
    pub(crate) fn forget(&mut self, ids: &[DownloadId]) {
        for id in ids {
            self.set(*id, None);
        }
    }

    /// How many bring bytes now.
    pub(crate) fn at_work(&self) -> usize {
        self.count(Stance::Works)
    }

    /// How many wait for this.
    pub(crate) fn waiting_for(&self, reason: WaitReason) -> usize {
        self.count(Stance::Waits(Wait::For(reason)))
    }

    /// What is neither at work nor at its end.
    pub(crate) fn left(&self) -> Left {
        let mut left = Left {
            paused: self.count(Stance::Paused),
            ..Left::default()
        };
        for (stance, count) in &self.counts {
            let Stance::Waits(wait) = *stance else { continue };
            left.why = (left.waiting == 0).then_some(wait);
            left.waiting += count;
        }
        left
    }

    fn count(&self, stance: Stance) -> usize {
        self.counts.get(&stance).copied().unwrap_or(0)
    }

    fn set(&mut self, id: DownloadId, stance: Option<Stance>) {
        let before = match stance {
            Some(stance) => {
                *self.counts.entry(stance).or_default() += 1;
                self.of.insert(id, stance)
            }
            None => self.of.remove(&id),
        };
        let Some(before) = before else { return };
        if let Some(count) = self.counts.get_mut(&before) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&before);
            }
        }
    }
}

const fn stance(standing: &Standing) -> Option<Stance> {
    match standing {
        Standing::Probing | Standing::Downloading | Standing::Verifying => Some(Stance::Works),
        Standing::Queued => Some(Stance::Waits(Wait::Turn)),
        Standing::Scheduled { .. } => Some(Stance::Waits(Wait::Time)),
        Standing::Waiting { reason, .. } => Some(Stance::Waits(Wait::For(*reason))),
        Standing::Paused => Some(Stance::Paused),
        Standing::Finished | Standing::Failed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(stances: &mut Stances, id: u32, standing: &Standing) {
        stances.set(DownloadId(id), stance(standing));
    }

    fn waiting(reason: WaitReason) -> Standing {
        Standing::Waiting {
            reason,
            retry_at_ms: None,
            failure: None,
        }
    }

    #[test]
    fn what_is_left_is_counted_and_a_reason_is_named_where_all_share_it() {
        let mut stances = Stances::default();
        assert_eq!(stances.left(), Left::default());
        for id in 1..=2 {
            set(&mut stances, id, &waiting(WaitReason::DiskFull));
        }
        set(&mut stances, 3, &Standing::Paused);
        let full = Left {
            waiting: 2,
            why: Some(Wait::For(WaitReason::DiskFull)),
            paused: 1,
        };
        assert_eq!(stances.left(), full);
        set(&mut stances, 4, &Standing::Queued);
        let mixed = Left {
            waiting: 3,
            why: None,
            paused: 1,
        };
        assert_eq!(stances.left(), mixed);
        set(&mut stances, 4, &Standing::Finished);
        assert_eq!(stances.left(), full);
        stances.forget(&[1, 2, 3, 3].map(DownloadId));
        assert_eq!(stances.left(), Left::default());
    }

    #[test]
    fn one_that_goes_on_is_at_work_once() {
        let mut stances = Stances::default();
        for standing in [
            waiting(WaitReason::Server),
            Standing::Probing,
            Standing::Downloading,
            Standing::Downloading,
            Standing::Verifying,
        ] {
            set(&mut stances, 1, &standing);
        }
        assert_eq!((stances.at_work(), stances.left()), (1, Left::default()));
        assert_eq!(stances.waiting_for(WaitReason::Server), 0);
    }
}
