//! Which downloads run now. Pure: the time and everything else are passed in, and what to do comes out.
//!
//! A round goes over the queues that are open. Each offers its first download (priority, then position) whose host has
//! room; the queue with the fewest running gets the next slot, and between equals the smaller position. So a long
//! queue cannot keep a short one waiting, and nothing that is ready waits for ever while others finish.
//!
//! What runs is not stopped for what waits: only where its queue closes, the weekly grid says so, or a limit was
//! lowered beneath what runs, and then the last in order stop.

mod clock;
mod retry;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use gannet_schema::{DownloadId, LimitHour, Priority, Queue, QueueId, Settings};

pub use clock::{Now, WeekMinute};
pub use retry::{RETRY_WAIT_MAX, next_retry, retry_wait};

use clock::{hour_of, is_within, minutes_until_open};

/// A download that is not finished, as far as its turn depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contender<'a> {
    /// Which one.
    pub id: DownloadId,
    /// The queue it stands in.
    pub queue: QueueId,
    /// Its place in all queues: smaller goes first.
    pub position: f64,
    /// Before others in its queue, or after them.
    pub priority: Priority,
    /// The host that it burdens.
    pub host: &'a str,
    /// Whether it wants a turn, or has it.
    pub turn: Turn,
}

/// Whether a download wants a turn, or has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It wants one.
    Ready,
    /// It has it.
    Running,
    /// It wants one, but not before a time: a start time, or the wait before another try.
    NotBefore {
        /// When, in milliseconds since 1970.
        at_ms: u64,
    },
    /// It wants none: paused, failed, or waiting for something outside.
    Held,
}

/// What is to be done and what holds, until something changes or [`wake_at_ms`](Self::wake_at_ms) comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What to do: first what stops, then what starts, in order.
    pub actions: Vec<Action>,
    /// What the weekly grid says now; [`LimitHour::Off`] closes every queue.
    pub hour: LimitHour,
    /// Bytes per second over all downloads.
    pub limit_bytes_per_s: Option<u64>,
    /// How it stands with each queue.
    pub queues: BTreeMap<QueueId, QueueNow>,
    /// When to decide again, though nobody did anything. Always later than now.
    pub wake_at_ms: Option<u64>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The download has its turn.
    Start(DownloadId),
    /// It gives its turn back; what is there is kept, and it is ready again.
    Stop(DownloadId, StopReason),
}

/// Why a running download stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Its queue was stopped, or is gone.
    QueueStopped,
    /// The hours of its queue are over.
    OutsideHours,
    /// Nothing is downloaded in this hour of the week.
    OffHour,
    /// The machine is to be spared.
    Held(Hold),
    /// More run than a limit allows: in all, in the queue, or from the host.
    TooMany,
}

/// Why nothing is downloaded though it is everybody's hour: what the face that runs on the machine found out about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It runs on its battery.
    Battery,
    /// Its line is paid by what goes through it.
    Metered,
}

/// How it stands with a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueNow {
    /// Whether it gives turns.
    pub gate: Gate,
    /// Bytes per second over its downloads.
    pub limit_bytes_per_s: Option<u64>,
}

/// Whether a queue gives turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It does.
    Open,
    /// A person stopped it.
    Stopped,
    /// Its hours have not come.
    Closed {
        /// When they come; none where it has no days. A change of the clocks until then moves it.
        opens_at_ms: Option<u64>,
    },
}

/// Decides who runs. Applied, the same question is answered by no action.
pub fn decide(
    now: Now,
    hold: Option<Hold>,
    settings: &Settings,
    queues: &[Queue],
    contenders: &[Contender<'_>],
) -> Plan {
    let network = &settings.network;
    let hour = hour_of(network.weekly_limits.as_ref(), now.week);
    let gates: BTreeMap<QueueId, QueueNow> = queues
        .iter()
        .map(|queue| {
            let now = QueueNow {
                gate: gate_of(queue, now),
                limit_bytes_per_s: queue.limit_bytes_per_s,
            };
            (queue.id, now)
        })
        .collect();

    let mut actions = Vec::new();
    let mut may_run = Vec::new();
    for contender in contenders.iter().filter(|one| one.turn == Turn::Running) {
        match reason_to_stop(hour, hold, gates.get(&contender.queue)) {
            Some(reason) => actions.push(Action::Stop(contender.id, reason)),
            None => may_run.push(contender),
        }
    }

    let mut slots = Slots::new(settings, queues);
    let (_, surplus) = slots.fill(may_run);
    actions.extend(
        surplus
            .into_iter()
            .map(|id| Action::Stop(id, StopReason::TooMany)),
    );
    if slots.is_any_free() {
        let waiting = contenders.iter().filter(|one| {
            is_due(one.turn, now) && reason_to_stop(hour, hold, gates.get(&one.queue)).is_none()
        });
        let (starting, _) = slots.fill(waiting.collect());
        actions.extend(starting.into_iter().map(Action::Start));
    }

    Plan {
        actions,
        hour,
        limit_bytes_per_s: limit_in_all(settings, hour),
        queues: gates,
        wake_at_ms: wake_at_ms(now, settings, queues, contenders),
    }
}

fn is_due(turn: Turn, now: Now) -> bool {
    match turn {
        Turn::Ready => true,
        Turn::NotBefore { at_ms } => at_ms <= now.at_ms,
        Turn::Running | Turn::Held => false,
    }
}

fn gate_of(queue: &Queue, now: Now) -> Gate {
    match &queue.schedule {
        _ if !queue.running => Gate::Stopped,
        Some(schedule) if !is_within(schedule, now.week) => Gate::Closed {
            opens_at_ms: minutes_until_open(schedule, now.week).map(|minutes| now.minutes_later_ms(minutes)),
        },
        _ => Gate::Open,
    }
}

fn reason_to_stop(hour: LimitHour, hold: Option<Hold>, queue: Option<&QueueNow>) -> Option<StopReason> {
    match queue.map(|queue| queue.gate) {
        None | Some(Gate::Stopped) => Some(StopReason::QueueStopped),
        Some(Gate::Closed { .. }) => Some(StopReason::OutsideHours),
        Some(Gate::Open) if hour == LimitHour::Off => Some(StopReason::OffHour),
        Some(Gate::Open) => hold.map(StopReason::Held),
    }
}

/// The lower one of the limit that a person switches and that of the hour.
fn limit_in_all(settings: &Settings, hour: LimitHour) -> Option<u64> {
    let network = &settings.network;
    let switched = network.limit_bytes_per_s.filter(|_| network.limit_on);
    let weekly = network
        .weekly_limits
        .as_ref()
        .filter(|_| hour == LimitHour::Limited)
        .map(|weekly| weekly.limit_bytes_per_s);
    switched.into_iter().chain(weekly).min()
}

/// When the answer may change by itself.
///
/// What depends on the clock on the wall is looked at again each full hour as well, since that is when clocks are put
/// forward and back.
fn wake_at_ms(now: Now, settings: &Settings, queues: &[Queue], contenders: &[Contender<'_>]) -> Option<u64> {
    let due = contenders
        .iter()
        .filter_map(|one| match one.turn {
            Turn::NotBefore { at_ms } if at_ms > now.at_ms => Some(at_ms),
            _ => None,
        })
        .min();

    let weekly = settings.network.weekly_limits.as_ref();
    let schedules: Vec<_> = queues
        .iter()
        .filter(|queue| queue.running)
        .filter_map(|queue| queue.schedule.as_ref())
        .collect();
    let by_the_clock = (weekly.is_some() || !schedules.is_empty()).then(|| {
        let minutes_to_hour = now.week.minutes_to_next_hour();
        let changes_in = (1..minutes_to_hour).find(|&minutes| {
            let then = now.week.later(minutes);
            schedules
                .iter()
                .any(|schedule| is_within(schedule, then) != is_within(schedule, now.week))
        });
        now.minutes_later_ms(changes_in.unwrap_or(minutes_to_hour))
    });
    due.into_iter().chain(by_the_clock).min()
}

/// Who may still run: counts what runs against every limit.
struct Slots<'a> {
    in_all: u32,
    per_host: u32,
    /// At most, and running.
    queues: BTreeMap<QueueId, (u32, u32)>,
    hosts: HashMap<&'a str, u32>,
}

impl<'a> Slots<'a> {
    fn new(settings: &Settings, queues: &[Queue]) -> Self {
        Self {
            in_all: settings.network.downloads_at_once,
            // Each has a connection at least.
            per_host: settings
                .network
                .downloads_per_host
                .min(settings.network.connections_per_host),
            queues: queues
                .iter()
                .map(|queue| (queue.id, (queue.at_once, 0)))
                .collect(),
            hosts: HashMap::new(),
        }
    }

    fn is_any_free(&self) -> bool {
        self.in_all > 0
    }

    /// Gives slots to as many as fit, fairly: those that got one, and those that did not, each in order.
    fn fill(&mut self, contenders: Vec<&Contender<'a>>) -> (Vec<DownloadId>, Vec<DownloadId>) {
        let mut lines: BTreeMap<QueueId, Vec<&Contender<'a>>> = BTreeMap::new();
        for contender in contenders {
            lines.entry(contender.queue).or_default().push(contender);
        }
        // Backwards, so that the first is popped at no cost.
        for line in lines.values_mut() {
            line.sort_unstable_by(|one, other| order(other, one));
        }

        let (mut chosen, mut passed_over) = (Vec::new(), Vec::new());
        while self.in_all > 0 {
            for line in lines.values_mut() {
                // Within one filling a host only gets fuller: who does not fit now does not fit later.
                while let Some(head) = line.pop_if(|head| !self.host_has_room(head.host)) {
                    passed_over.push(head.id);
                }
            }
            let next = lines
                .iter()
                .filter_map(|(queue, line)| {
                    let (at_once, running) = *self.queues.get(queue)?;
                    (running < at_once).then_some((running, line.last()?.position, *queue))
                })
                .min_by(|one, other| {
                    one.0
                        .cmp(&other.0)
                        .then(one.1.total_cmp(&other.1))
                        .then(one.2.cmp(&other.2))
                });
            let Some(contender) = next.and_then(|(_, _, queue)| lines.get_mut(&queue)?.pop()) else {
                break;
            };
            self.take(contender);
            chosen.push(contender.id);
        }
        for line in lines.into_values() {
            passed_over.extend(line.into_iter().rev().map(|contender| contender.id));
        }
        (chosen, passed_over)
    }

    fn host_has_room(&self, host: &str) -> bool {
        self.hosts
            .get(host)
            .is_none_or(|&running| running < self.per_host)
            && self.per_host > 0
    }

    fn take(&mut self, contender: &Contender<'a>) {
        self.in_all -= 1;
        *self.hosts.entry(contender.host).or_default() += 1;
        if let Some((_, running)) = self.queues.get_mut(&contender.queue) {
            *running += 1;
        }
    }
}

/// The order within a queue.
fn order(one: &Contender<'_>, other: &Contender<'_>) -> std::cmp::Ordering {
    one.priority
        .cmp(&other.priority)
        .then(one.position.total_cmp(&other.position))
        .then(one.id.cmp(&other.id))
}
