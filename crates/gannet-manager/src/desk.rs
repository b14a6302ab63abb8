//! All that is in memory: every download that is not finished, and what orders them.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::{Opened, Pacer};
use gannet_schema::{
    Category, CategoryId, Cells, Counts, DownloadId, Event, Failure, Queue, QueueId, Row, SCHEMA_VERSION,
    Settings, Standing, State, WaitReason,
};

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Intent};
use crate::live::Live;
use crate::runner::Running;
use crate::schedule::{Gate, Hold, QueueNow};
use crate::store::{Organisation, Removed};

/// All that is in memory.
pub(crate) struct Desk {
    /// Every download that is not finished.
    pub(crate) items: BTreeMap<DownloadId, Item>,
    /// Removed ones that may come back, with what runs of them.
    pub(crate) removed: HashMap<DownloadId, RemovedItem>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) categories: Vec<Category>,
    pub(crate) settings: Settings,
    /// The proxy's address with its userinfo.
    pub(crate) proxy_url: Option<gannet_schema::Secret>,
    /// How many are finished, by category.
    pub(crate) finished: HashMap<Option<CategoryId>, u32>,
    /// How it stands with the queues, as last decided.
    pub(crate) gates: BTreeMap<QueueId, QueueNow>,
    /// Nothing is downloaded in this hour of the week.
    pub(crate) is_off_hour: bool,
    /// The machine is to be spared.
    pub(crate) hold: Option<Hold>,
    /// Whether the schedule is asked at all: the face may have something to tell before.
    pub(crate) gives_turns: bool,
    /// What of that the rows were told with.
    pub(crate) told_hold: Option<Hold>,
    pub(crate) queue_pacers: HashMap<QueueId, Pacer>,
    /// Queues in which something was downloaded since they were last done.
    pub(crate) busy_queues: HashSet<QueueId>,
    pub(crate) last_id: u32,
    pub(crate) closing: bool,
    pub(crate) roots: Vec<gannet_schema::Root>,
    /// Where files are on their way to: nobody else gets that name there.
    pub(crate) moving_to: HashMap<DownloadId, MovingTo>,
    /// What was seen of those that finished last.
    pub(crate) finished_lives: VecDeque<(DownloadId, Arc<Live>)>,
}

/// Where a download's files will be.
#[derive(Debug, Clone)]
pub(crate) struct MovingTo {
    pub(crate) folder: String,
    pub(crate) name: String,
}

/// Finished downloads of which it is still known what was seen.
const FINISHED_LIVES_MAX: usize = 50;

/// A download that is not finished.
pub(crate) struct Item {
    pub(crate) entry: Entry,
    pub(crate) run: Run,
    /// A command is at work on its files: it gets no turn.
    pub(crate) taken: bool,
    /// Tries that failed since bytes last came.
    pub(crate) tries: u32,
    /// What was in the file when it was last looked at.
    pub(crate) held: Held,
    /// What was seen of it since the program began.
    pub(crate) live: Option<Arc<Live>>,
    /// The probe's answer that is still open.
    pub(crate) opened: Option<Box<Opened>>,
    /// Where it stood when that was last told.
    pub(crate) told: Option<Standing>,
}

/// What is in a file that rests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) bytes: u64,
    pub(crate) cells: Cells,
}

/// What happens with a download just now.
pub(crate) enum Run {
    /// Nothing.
    Idle,
    /// It tries again after a time.
    Waiting {
        reason: WaitReason,
        /// When, by the clock that nobody sets.
        due: Instant,
        /// The same, as it is told.
        retry_at_ms: u64,
        failure: Failure,
    },
    /// A transfer is at work.
    Running(Running),
}

impl Run {
    /// It tries again after so long.
    pub(crate) fn waits(reason: WaitReason, wait: Duration, failure: Failure) -> Self {
        Self::Waiting {
            reason,
            due: Instant::now() + wait,
            retry_at_ms: crate::time::now_ms().saturating_add(wait.as_millis() as u64),
            failure,
        }
    }
}

/// A removed download that may come back.
pub(crate) struct RemovedItem {
    pub(crate) removed: Removed,
    /// Until when, by the clock that nobody sets.
    pub(crate) until: Instant,
    pub(crate) burial: Burial,
    /// `None` for a finished one.
    pub(crate) item: Option<Item>,
}

/// How far it is with the files of a removed download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Burial {
    /// They go when its time has come, and where their disk was away, not before it is looked again.
    Due { not_before: Option<Instant> },
    /// They are just being deleted: it keeps its name, and cannot come back.
    UnderWay,
}

impl Burial {
    pub(crate) fn is_due(self, now: Instant) -> bool {
        matches!(self, Self::Due { not_before } if not_before.is_none_or(|time| time <= now))
    }
}

impl RemovedItem {
    pub(crate) fn new(removed: Removed, until: Instant, item: Option<Item>) -> Self {
        Self {
            removed,
            until,
            burial: Burial::Due { not_before: None },
            item,
        }
    }
}

impl Desk {
    pub(crate) fn new(
        organisation: Organisation,
        entries: Vec<Entry>,
        removed: Vec<Removed>,
        finished: HashMap<Option<CategoryId>, u32>,
        last_id: u32,
    ) -> Self {
        let Organisation {
            queues,
            categories,
            settings,
            proxy_url,
        } = organisation;
        let now_ms = crate::time::now_ms();
        let queue_pacers = queues
            .iter()
            .map(|queue| (queue.id, Pacer::new(queue.limit_bytes_per_s)))
            .collect();
        Self {
            items: entries
                .into_iter()
                .map(|entry| (entry.id, Item::new(entry)))
                .collect(),
            removed: removed
                .into_iter()
                .map(|removed| {
                    let item = (!removed.entry.is_finished()).then(|| Item::new(removed.entry.clone()));
                    let until = Instant::now() + crate::tombs::time_left(removed.until_ms, now_ms);
                    (removed.entry.id, RemovedItem::new(removed, until, item))
                })
                .collect(),
            queues,
            categories,
            settings,
            proxy_url,
            finished,
            gates: BTreeMap::new(),
            is_off_hour: false,
            hold: None,
            gives_turns: true,
            told_hold: None,
            queue_pacers,
            busy_queues: HashSet::new(),
            last_id,
            closing: false,
            roots: Vec::new(),
            moving_to: HashMap::new(),
            finished_lives: VecDeque::new(),
        }
    }

    pub(crate) fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    pub(crate) fn queue_pacer(&mut self, id: QueueId) -> Pacer {
        self.queue_pacers.entry(id).or_default().clone()
    }

    /// The position behind all others.
    pub(crate) fn last_position(&self) -> f64 {
        self.items
            .values()
            .map(|item| item.entry.position)
            .fold(0.0, f64::max)
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut categories: BTreeMap<CategoryId, u32> = BTreeMap::new();
        for category in self.items.values().filter_map(|item| item.entry.category) {
            *categories.entry(category).or_default() += 1;
        }
        let mut finished = 0;
        for (category, count) in &self.finished {
            finished += count;
            if let Some(category) = category {
                *categories.entry(*category).or_default() += count;
            }
        }
        Counts {
            all: self.items.len() as u32 + finished,
            finished,
            categories: categories.into_iter().collect(),
        }
    }

    /// One more or one less is finished.
    pub(crate) fn count_finished(&mut self, category: Option<CategoryId>, by: i32) {
        let count = self.finished.entry(category).or_default();
        *count = count.saturating_add_signed(by);
    }

    /// Everything, as it is in this moment.
    pub(crate) fn state(&self, watched: Option<DownloadId>) -> State {
        let now_ms = crate::time::now_ms();
        State {
            schema_version: SCHEMA_VERSION,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            rows: self.items.values().map(|item| self.row(item, now_ms)).collect(),
            queues: self.queues.clone(),
            categories: self.categories.clone(),
            settings: self.settings.clone(),
            roots: self.roots.clone(),
            counts: self.counts(),
            snapshot: crate::ticker::snapshot(self, watched),
        }
    }

    /// Keeps what was seen of a download that is finished now.
    pub(crate) fn remember_finished(&mut self, id: DownloadId, live: Option<Arc<Live>>) {
        if self.finished_lives.len() == FINISHED_LIVES_MAX {
            self.finished_lives.pop_front();
        }
        self.finished_lives.extend(live.map(|live| (id, live)));
    }

    /// The row of a download, where it stands now.
    pub(crate) fn row(&self, item: &Item, now_ms: u64) -> Row {
        let standing = self.standing(item, now_ms);
        let held = match &item.run {
            Run::Running(running) => running.live.held().unwrap_or_else(|| item.held.clone()),
            _ => item.held.clone(),
        };
        let mut row = item.entry.row(standing, held.bytes, held.cells);
        if let Run::Running(running) = &item.run {
            row.length = running.live.length().or(row.length);
            row.active_ms += running.live.active_ms();
        }
        row
    }

    pub(crate) fn standing(&self, item: &Item, now_ms: u64) -> Standing {
        match &item.entry.intent {
            Intent::Finished { .. } => return Standing::Finished,
            Intent::Failed { failure } => {
                return Standing::Failed {
                    failure: failure.clone(),
                };
            }
            Intent::Pause => return Standing::Paused,
            Intent::Fetch { .. } => {}
        }
        match &item.run {
            Run::Running(running) if !running.is_stopping() => running.live.standing(),
            Run::Waiting {
                reason,
                retry_at_ms,
                failure,
                ..
            } => Standing::Waiting {
                reason: *reason,
                retry_at_ms: Some(*retry_at_ms),
                failure: Some(failure.clone()),
            },
            Run::Idle | Run::Running(_) => self.turn(item, now_ms),
        }
    }

    /// Where a download stands that waits for its turn.
    fn turn(&self, item: &Item, now_ms: u64) -> Standing {
        if let Intent::Fetch {
            not_before_ms: Some(at_ms),
        } = item.entry.intent
            && at_ms > now_ms
        {
            return Standing::Scheduled { at_ms: Some(at_ms) };
        }
        match self.gates.get(&item.entry.queue).map(|queue| queue.gate) {
            Some(Gate::Closed { opens_at_ms }) => Standing::Scheduled { at_ms: opens_at_ms },
            Some(Gate::Open) if self.is_off_hour => Standing::Scheduled { at_ms: None },
            Some(Gate::Open) => self.hold.map_or(Standing::Queued, |hold| Standing::Waiting {
                reason: match hold {
                    Hold::Battery => WaitReason::Battery,
                    Hold::Metered => WaitReason::Metered,
                },
                retry_at_ms: None,
                failure: None,
            }),
            _ => Standing::Queued,
        }
    }

    /// The news that these downloads are not as they were.
    pub(crate) fn changed(&mut self, ids: &[DownloadId], now_ms: u64) -> Event {
        for id in ids {
            let standing = self.items.get(id).map(|item| self.standing(item, now_ms));
            if let Some(item) = self.items.get_mut(id) {
                item.told = standing;
            }
        }
        let rows = ids
            .iter()
            .filter_map(|id| self.items.get(id))
            .map(|item| self.row(item, now_ms))
            .collect();
        Event::Changed {
            rows,
            counts: self.counts(),
        }
    }

    /// Names in a folder that belong to a download, in lower case: many file systems tell no other difference.
    pub(crate) fn names_taken(&self, folder: &str, but: DownloadId) -> HashSet<String> {
        let removed = self.removed.values().map(|removed| &removed.removed.entry);
        let there = self
            .items
            .values()
            .map(|item| &item.entry)
            .chain(removed)
            .filter(|entry| entry.id != but && entry.folder.as_str() == folder)
            .filter_map(|entry| entry.name.settled());
        let on_their_way = self
            .moving_to
            .iter()
            .filter(|(id, to)| **id != but && to.folder == folder)
            .map(|(_, to)| to.name.as_str());
        there.chain(on_their_way).map(str::to_lowercase).collect()
    }
}

impl Item {
    pub(crate) fn new(entry: Entry) -> Self {
        Self {
            held: entry.last_held.clone(),
            entry,
            run: Run::Idle,
            taken: false,
            tries: 0,
            live: None,
            opened: None,
            told: None,
        }
    }

    pub(crate) fn wants_to_run(&self) -> bool {
        matches!(self.entry.intent, Intent::Fetch { .. })
    }

    pub(crate) fn running(&self) -> Option<&Running> {
        match &self.run {
            Run::Running(running) => Some(running),
            _ => None,
        }
    }

    /// Whether it is at work, and its work is to wait: for the network, the server, or another try.
    pub(crate) fn waits_at_work(&self) -> bool {
        let live = self.live.as_ref().filter(|_| self.running().is_some());
        live.is_some_and(|live| matches!(live.standing(), Standing::Waiting { .. }))
    }

    /// Whether a transfer is at work, or a command.
    pub(crate) fn is_busy(&self) -> bool {
        self.taken || matches!(self.run, Run::Running(_))
    }
}
