//! What is told, and when. Pure: what happened and the time come in, what is to be told comes out.
//!
//! News waits a moment, since it seldom comes alone; what comes together is told as one, and what follows soon takes the
//! place of what was told. When nothing is left to do, that one sentence stands for all.

use std::collections::HashSet;

use gannet_schema::{DownloadId, FailureCode, Notice, Notifications, Row, Standing};

/// News that comes within so long of the one before is told with it.
const QUIET_MS: u64 = 800;
/// The first one does not wait longer, however much follows.
const WAIT_MAX_MS: u64 = 3_000;
/// News that follows what was told within so long takes its place.
const REPLACE_WITHIN_MS: u64 = 20_000;

/// A download that something is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) id: DownloadId,
    pub(crate) name: String,
}

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// Downloads are finished.
    Finished {
        last: Subject,
        count: usize,
        /// It stands for an earlier one of its sort, and counts what that one counted.
        replaces: bool,
    },
    /// Downloads failed.
    Failed {
        last: Subject,
        code: FailureCode,
        count: usize,
        replaces: bool,
    },
    /// Nothing is left to do.
    AllDone { finished: usize, failed: usize },
    /// The window was closed where no tray shows that the program goes on.
    GoesOn,
}

/// Gathers news until it is time.
#[derive(Debug, Default)]
pub(crate) struct Gatherer {
    finished: Group<Subject>,
    failed: Group<(Subject, FailureCode)>,
    /// Downloads that will go on by themselves.
    left: HashSet<DownloadId>,
    /// Told or not, since there was last nothing left.
    since_idle: (usize, usize),
}

#[derive(Debug)]
struct Group<T> {
    /// What is not told yet: the last one of how many, and since when they come.
    waiting: Option<Waiting<T>>,
    /// How many the notification that was shown last counted, and when that was.
    told: Option<(usize, u64)>,
}

#[derive(Debug)]
struct Waiting<T> {
    last: T,
    count: usize,
    first_at_ms: u64,
    last_at_ms: u64,
}

impl Gatherer {
    /// Everything that is in the list now.
    pub(crate) fn begin(&mut self, rows: &[Row]) {
        self.left.clear();
        self.see(rows);
    }

    /// Where downloads stand now.
    pub(crate) fn see(&mut self, rows: &[Row]) {
        for row in rows {
            if goes_on(&row.standing) {
                self.left.insert(row.id);
            } else {
                self.left.remove(&row.id);
            }
        }
    }

    /// Downloads are gone.
    pub(crate) fn forget(&mut self, ids: &[DownloadId]) {
        for id in ids {
            self.left.remove(id);
        }
    }

    /// Something happened.
    pub(crate) fn hear(&mut self, notice: &Notice, now_ms: u64) {
        match notice {
            Notice::Finished { id, name } => {
                self.since_idle.0 += 1;
                let name = name.clone();
                self.finished.add(Subject { id: *id, name }, now_ms);
            }
            Notice::Failed { id, name, failure } => {
                self.since_idle.1 += 1;
                let name = name.clone();
                self.failed.add((Subject { id: *id, name }, failure.code), now_ms);
            }
            Notice::QueueDone { .. } | Notice::Quitting => {}
        }
    }

    /// When to ask what is due.
    pub(crate) fn wake_at_ms(&self) -> Option<u64> {
        let at = [self.finished.due_at_ms(), self.failed.due_at_ms()];
        at.into_iter().flatten().min()
    }

    /// What is to be told now. Nothing is told to who looks at the list.
    pub(crate) fn due(&mut self, now_ms: u64, choices: Notifications, looking: bool) -> Vec<Note> {
        if self.wake_at_ms().is_none_or(|at_ms| at_ms > now_ms) {
            return Vec::new();
        }
        let is_idle = self.left.is_empty();
        let (finished_in_all, failed_in_all) = self.since_idle;
        if is_idle {
            self.since_idle = (0, 0);
        }
        if looking {
            self.finished.drop_all();
            self.failed.drop_all();
            return Vec::new();
        }
        if is_idle && choices.all_done && finished_in_all > 0 && finished_in_all + failed_in_all > 1 {
            self.finished.drop_all();
            self.failed.drop_all();
            return vec![Note::AllDone {
                finished: finished_in_all,
                failed: failed_in_all,
            }];
        }
        let mut notes = Vec::new();
        if let Some((last, count, replaces)) = self.finished.take_due(now_ms)
            && choices.finished
        {
            notes.push(Note::Finished {
                last,
                count,
                replaces,
            });
        }
        if let Some(((last, code), count, replaces)) = self.failed.take_due(now_ms)
            && choices.failed
        {
            notes.push(Note::Failed {
                last,
                code,
                count,
                replaces,
            });
        }
        notes
    }
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self {
            waiting: None,
            told: None,
        }
    }
}

impl<T> Group<T> {
    fn add(&mut self, last: T, now_ms: u64) {
        let before = self.waiting.take();
        self.waiting = Some(Waiting {
            last,
            count: before.as_ref().map_or(0, |before| before.count) + 1,
            first_at_ms: before.map_or(now_ms, |before| before.first_at_ms),
            last_at_ms: now_ms,
        });
    }

    fn due_at_ms(&self) -> Option<u64> {
        let waiting = self.waiting.as_ref()?;
        Some((waiting.last_at_ms + QUIET_MS).min(waiting.first_at_ms + WAIT_MAX_MS))
    }

    /// The last one, how many it stands for, and whether it stands for what was told before.
    fn take_due(&mut self, now_ms: u64) -> Option<(T, usize, bool)> {
        self.due_at_ms().filter(|at_ms| *at_ms <= now_ms)?;
        let Waiting { last, count, .. } = self.waiting.take()?;
        let before = self
            .told
            .filter(|(_, at_ms)| now_ms.saturating_sub(*at_ms) < REPLACE_WITHIN_MS);
        let count = count + before.map_or(0, |(count, _)| count);
        self.told = Some((count, now_ms));
        Some((last, count, before.is_some()))
    }

    fn drop_all(&mut self) {
        *self = Self::default();
    }
}

/// Whether a download will end some time without anybody's doing.
fn goes_on(standing: &Standing) -> bool {
    match standing {
        Standing::Queued
        | Standing::Scheduled { .. }
        | Standing::Probing
        | Standing::Downloading
        | Standing::Verifying
        | Standing::Waiting { .. } => true,
        Standing::Paused | Standing::Finished | Standing::Failed { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use gannet_schema::Failure;

    use super::*;

    const ALL: Notifications = Notifications {
        finished: true,
        failed: true,
        all_done: true,
    };

    fn finished(id: u32) -> Notice {
        Notice::Finished {
            id: DownloadId(id),
            name: format!("file{id}"),
        }
    }

    fn failed(id: u32) -> Notice {
        Notice::Failed {
            id: DownloadId(id),
            name: format!("file{id}"),
            failure: Failure::new(FailureCode::Refused, ""),
        }
    }

    /// Somebody with other things still to do.
    fn busy() -> Gatherer {
        let mut gatherer = Gatherer::default();
        gatherer.left.insert(DownloadId(1000));
        gatherer
    }

    fn counts(notes: &[Note]) -> Vec<(usize, bool)> {
        notes
            .iter()
            .map(|note| match note {
                Note::Finished { count, replaces, .. } | Note::Failed { count, replaces, .. } => {
                    (*count, *replaces)
                }
                other => panic!("{other:?} does not count some"),
            })
            .collect()
    }

    #[test]
    fn one_is_told_after_a_moment() {
        let mut gatherer = busy();
        gatherer.hear(&finished(1), 1000);
        assert_eq!(gatherer.wake_at_ms(), Some(1800));
        assert_eq!(gatherer.due(1799, ALL, false), []);
        let told = gatherer.due(1800, ALL, false);
        assert_eq!(
            told,
            [Note::Finished {
                last: Subject {
                    id: DownloadId(1),
                    name: "file1".to_owned()
                },
                count: 1,
                replaces: false
            }]
        );
        assert_eq!(
            (gatherer.wake_at_ms(), gatherer.due(9000, ALL, false)),
            (None, vec![])
        );
    }

    #[test]
    fn many_at_once_become_one_and_the_first_does_not_wait_for_ever() {
        let mut gatherer = busy();
        for step in 0..20 {
            gatherer.hear(&finished(step), 1000 + u64::from(step) * 200);
        }
        assert_eq!(gatherer.wake_at_ms(), Some(4000));
        assert_eq!(counts(&gatherer.due(4000, ALL, false)), [(20, false)]);
    }

    #[test]
    fn what_follows_soon_takes_the_place_of_what_was_told() {
        let mut gatherer = busy();
        gatherer.hear(&finished(1), 0);
        assert_eq!(counts(&gatherer.due(800, ALL, false)), [(1, false)]);
        gatherer.hear(&finished(2), 10_000);
        assert_eq!(counts(&gatherer.due(10_800, ALL, false)), [(2, true)]);
        gatherer.hear(&finished(3), 60_000);
        assert_eq!(counts(&gatherer.due(60_800, ALL, false)), [(1, false)]);
    }

    #[test]
    fn when_nothing_is_left_that_stands_for_all() {
        let mut gatherer = busy();
        gatherer.hear(&finished(1), 0);
        gatherer.due(800, ALL, false);
        gatherer.hear(&failed(2), 30_000);
        gatherer.due(30_800, ALL, false);
        gatherer.hear(&finished(3), 60_000);
        gatherer.forget(&[DownloadId(1000)]);
        assert_eq!(
            gatherer.due(60_800, ALL, false),
            [Note::AllDone {
                finished: 2,
                failed: 1
            }]
        );
        gatherer.hear(&finished(4), 61_000);
        assert_eq!(
            counts(&gatherer.due(61_800, ALL, false)),
            [(1, false)],
            "a single one is told as such"
        );
    }

    #[test]
    fn who_looks_is_told_nothing_and_what_is_not_wanted_is_not_told() {
        let mut gatherer = busy();
        gatherer.hear(&finished(1), 0);
        assert_eq!(gatherer.due(800, ALL, true), []);
        gatherer.hear(&finished(2), 1000);
        gatherer.hear(&failed(3), 1000);
        let none_finished = Notifications {
            finished: false,
            ..ALL
        };
        let told = gatherer.due(1800, none_finished, false);
        assert!(matches!(told[..], [Note::Failed { count: 1, .. }]), "{told:?}");
    }

    #[test]
    fn failures_alone_are_never_all_done() {
        let mut gatherer = Gatherer::default();
        gatherer.hear(&failed(1), 0);
        gatherer.hear(&failed(2), 0);
        assert_eq!(counts(&gatherer.due(800, ALL, false)), [(2, false)]);
    }
}
