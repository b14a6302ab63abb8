//! What is told, and when. Pure: what happened and the time come in, what is to be told comes out.
//!
//! News waits a moment, since it seldom comes alone; what comes together is told as one, and what follows soon takes the
//! place of what was told. When nothing is left to do, that one sentence stands for all.

use std::collections::{HashMap, HashSet};

use gannet_schema::{
    DownloadId, FailureCode, Notice, Notifications, Queue, QueueId, Row, Standing, WaitReason,
};

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
    /// Downloads wait for their disk, which only a person can help.
    Stuck {
        last: Subject,
        why: NoDisk,
        count: usize,
        replaces: bool,
    },
    /// Nothing is left to do.
    AllDone { finished: usize, failed: usize },
    /// The window was closed where no tray shows that the program goes on.
    GoesOn,
}

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum NoDisk {
    Full,
    Gone,
}

/// Gathers news until it is time.
#[derive(Debug, Default)]
pub(crate) struct Gatherer {
    finished: Group<Subject>,
    failed: Group<(Subject, FailureCode)>,
    disk_full: Group<Subject>,
    disk_gone: Group<Subject>,
    /// Downloads that wait for their disk, or did: each is told once, however often it tries.
    stuck: HashSet<DownloadId>,
    /// Downloads that are not at their end.
    left: HashMap<DownloadId, Left>,
    /// Queues that give turns.
    running: HashSet<QueueId>,
    /// Told or not, since there was last nothing left to do.
    since_idle: (usize, usize),
}

/// How a download comes to its end without anybody's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// It is at work, or begins at its time.
    Sure,
    /// It waits for its turn, which never comes in a queue that a person stopped.
    InTurn(QueueId),
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
    pub(crate) fn begin(&mut self, rows: &[Row], queues: &[Queue], now_ms: u64) {
        let there: HashSet<DownloadId> = rows.iter().map(|row| row.id).collect();
        self.stuck.retain(|id| there.contains(id));
        self.hear_stuck(rows, now_ms);
        self.change(|gatherer| {
            gatherer.left.clear();
            gatherer.take_in(rows);
            gatherer.running = running(queues);
        });
    }

    /// Where downloads stand now.
    pub(crate) fn see(&mut self, rows: &[Row], now_ms: u64) {
        self.hear_stuck(rows, now_ms);
        self.change(|gatherer| gatherer.take_in(rows));
    }

    /// Which queues give turns now.
    pub(crate) fn see_queues(&mut self, queues: &[Queue]) {
        self.change(|gatherer| gatherer.running = running(queues));
    }

    /// Downloads are gone.
    pub(crate) fn forget(&mut self, ids: &[DownloadId]) {
        for id in ids {
            self.left.remove(id);
            self.stuck.remove(id);
        }
    }

    /// What waits for its disk: nothing else comes to say so.
    fn hear_stuck(&mut self, rows: &[Row], now_ms: u64) {
        for row in rows {
            let Some(why) = no_disk(&row.standing) else {
                if left(row).is_none() {
                    self.stuck.remove(&row.id);
                }
                continue;
            };
            if self.stuck.insert(row.id) {
                let group = match why {
                    NoDisk::Full => &mut self.disk_full,
                    NoDisk::Gone => &mut self.disk_gone,
                };
                let name = row.name.clone();
                group.add(Subject { id: row.id, name }, now_ms);
            }
        }
    }

    /// Changes what is left. Where that gives an idle program something to do, what was counted before is over: the rest of
    /// it was paused or removed, and no news came to say so.
    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        let was_idle = self.is_idle();
        change(self);
        if was_idle && !self.is_idle() && self.wake_at_ms().is_none() {
            self.since_idle = (0, 0);
        }
    }

    fn take_in(&mut self, rows: &[Row]) {
        for row in rows {
            match left(row) {
                Some(left) => self.left.insert(row.id, left),
                None => self.left.remove(&row.id),
            };
        }
    }

    /// Whether everything came to its end, and was told.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.is_idle() && self.wake_at_ms().is_none()
    }

    /// Whether nothing is left that comes to its end without anybody's doing.
    fn is_idle(&self) -> bool {
        !self.left.values().any(|left| match left {
            Left::Sure => true,
            Left::InTurn(queue) => self.running.contains(queue),
        })
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
        let at = [
            self.finished.due_at_ms(),
            self.failed.due_at_ms(),
            self.disk_full.due_at_ms(),
            self.disk_gone.due_at_ms(),
        ];
        at.into_iter().flatten().min()
    }

    /// What is to be told now. Nothing is told to who looks at the list.
    pub(crate) fn due(&mut self, now_ms: u64, choices: Notifications, looking: bool) -> Vec<Note> {
        if self.wake_at_ms().is_none_or(|at_ms| at_ms > now_ms) {
            return Vec::new();
        }
        let is_idle = self.is_idle();
        let (finished_in_all, failed_in_all) = self.since_idle;
        if is_idle {
            self.since_idle = (0, 0);
        }
        if looking {
            self.finished.drop_all();
            self.failed.drop_all();
            self.disk_full.drop_all();
            self.disk_gone.drop_all();
            return Vec::new();
        }
        let all_done = is_idle && choices.all_done && finished_in_all > 0;
        let is_the_only_one = finished_in_all + failed_in_all == 1;
        if all_done && !is_the_only_one {
            self.finished.drop_all();
            self.failed.drop_all();
            return vec![Note::AllDone {
                finished: finished_in_all,
                failed: failed_in_all,
            }];
        }
        let mut notes = Vec::new();
        // That all is done is told of a single one by its own name.
        if let Some((last, count, replaces)) = self.finished.take_due(now_ms)
            && (choices.finished || all_done)
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
        for (why, group) in [
            (NoDisk::Full, &mut self.disk_full),
            (NoDisk::Gone, &mut self.disk_gone),
        ] {
            if let Some((last, count, replaces)) = group.take_due(now_ms)
                && choices.failed
            {
                notes.push(Note::Stuck {
                    last,
                    why,
                    count,
                    replaces,
                });
            }
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

fn left(row: &Row) -> Option<Left> {
    match row.standing {
        Standing::Queued => Some(Left::InTurn(row.queue)),
        Standing::Scheduled { .. }
        | Standing::Probing
        | Standing::Downloading
        | Standing::Verifying
        | Standing::Waiting { .. } => Some(Left::Sure),
        Standing::Paused | Standing::Finished | Standing::Failed { .. } => None,
    }
}

const fn no_disk(standing: &Standing) -> Option<NoDisk> {
    match standing {
        Standing::Waiting {
            reason: WaitReason::DiskFull,
            ..
        } => Some(NoDisk::Full),
        Standing::Waiting {
            reason: WaitReason::DiskGone,
            ..
        } => Some(NoDisk::Gone),
        _ => None,
    }
}

fn running(queues: &[Queue]) -> HashSet<QueueId> {
    queues
        .iter()
        .filter(|queue| queue.running)
        .map(|queue| queue.id)
        .collect()
}

#[cfg(test)]
mod tests;
