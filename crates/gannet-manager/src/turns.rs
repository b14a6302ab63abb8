//! Who has his turn: asks the schedule whenever something changed, and does what it says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_schema::{DownloadId, LimitHour};

use crate::desk::{Desk, Item, Run};
use crate::entry::Intent;
use crate::inner::Inner;
use crate::runner;
use crate::schedule::{Action, Contender, Now, Plan, Turn, decide};
use crate::time;

/// Asked at least this often: clocks jump, and computers sleep.
const ASK_AGAIN: Duration = Duration::from_mins(1);

/// Asks and acts until the manager closes.
pub(crate) async fn take_turns(inner: Arc<Inner>) {
    loop {
        let wait = {
            let mut desk = inner.desk.lock().await;
            if desk.closing {
                return;
            }
            let now = time::now();
            let wake_at_ms = desk.gives_turns.then(|| act(&inner, &mut desk, now)).flatten();
            wake_at_ms.map_or(ASK_AGAIN, |at_ms| {
                Duration::from_millis(at_ms.saturating_sub(now.at_ms)).min(ASK_AGAIN)
            })
        };
        tokio::select! {
            () = inner.turn.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Does what the schedule says. Returns when to ask again.
fn act(inner: &Arc<Inner>, desk: &mut Desk, now: Now) -> Option<u64> {
    let instant = Instant::now();
    let contenders: Vec<_> = desk
        .items
        .values()
        .map(|item| contender(item, now, instant))
        .collect();
    let plan = decide(now, desk.hold, &desk.settings, &desk.queues, &contenders);
    drop(contenders);
    inner.network.pacer_is(plan.limit_bytes_per_s);
    let mut changed = take_in_gates(desk, &plan);
    for action in &plan.actions {
        match *action {
            Action::Start(id) => {
                runner::start(inner, desk, id);
                changed.push(id);
            }
            Action::Stop(id, reason) => {
                tracing::debug!(id = id.0, ?reason, "a download gives its turn back");
                if let Some(running) = desk.items.get(&id).and_then(Item::running) {
                    running.stop();
                }
                changed.push(id);
            }
        }
    }
    if !changed.is_empty() {
        let event = desk.changed(&changed, now.at_ms);
        inner.feed.tell(event);
    }
    plan.wake_at_ms
}

/// Takes in how it stands with the queues; returns who stands elsewhere by that.
fn take_in_gates(desk: &mut Desk, plan: &Plan) -> Vec<DownloadId> {
    for (id, queue) in &plan.queues {
        let pacer = desk.queue_pacer(*id);
        if pacer.rate_bytes_per_s() != queue.limit_bytes_per_s {
            pacer.set_rate(queue.limit_bytes_per_s);
        }
    }
    let is_off = plan.hour == LimitHour::Off;
    let told = desk.told_hold;
    if desk.gates == plan.queues && desk.is_off_hour == is_off && told == desk.hold {
        return Vec::new();
    }
    let of_changed_queue = |item: &Item| {
        let queue = item.entry.queue;
        desk.is_off_hour != is_off || told != desk.hold || desk.gates.get(&queue) != plan.queues.get(&queue)
    };
    let changed = desk
        .items
        .values()
        .filter(|item| item.wants_to_run() && !item.is_busy() && of_changed_queue(item))
        .map(|item| item.entry.id)
        .collect();
    desk.gates.clone_from(&plan.queues);
    desk.is_off_hour = is_off;
    desk.told_hold = desk.hold;
    changed
}

fn contender(item: &Item, now: Now, instant: Instant) -> Contender<'_> {
    Contender {
        id: item.entry.id,
        queue: item.entry.queue,
        position: item.entry.position,
        priority: item.entry.priority,
        host: &item.entry.host,
        turn: turn(item, now, instant),
    }
}

/// A start time is one of the clock on the wall. What is waited for between two tries is not: set back by a year, that
/// clock would hold it for a year.
fn turn(item: &Item, now: Now, instant: Instant) -> Turn {
    let Intent::Fetch { not_before_ms } = item.entry.intent else {
        return Turn::Held;
    };
    match &item.run {
        _ if item.taken => Turn::Held,
        Run::Running(running) if !running.is_stopping() => Turn::Running,
        Run::Running(_) => Turn::Held,
        Run::Waiting { due, .. } => {
            let left = due.saturating_duration_since(instant);
            Turn::NotBefore {
                at_ms: now.at_ms.saturating_add(left.as_millis() as u64),
            }
        }
        Run::Idle => not_before_ms.map_or(Turn::Ready, |at_ms| Turn::NotBefore { at_ms }),
    }
}

#[cfg(test)]
mod tests {
    use gannet_schema::{Failure, FailureCode, WaitReason};

    use super::*;
    use crate::schedule::WeekMinute;

    #[test]
    fn a_clock_that_is_set_holds_no_try_and_hurries_none() {
        const NOW_MS: u64 = 1_700_000_000_000;
        const YEAR_MS: u64 = 31_536_000_000;
        let wait = Duration::from_secs(30);
        let mut item = Item::new(crate::entry::tests::entry());
        item.run = Run::waits(
            WaitReason::Retry,
            wait,
            Failure::new(FailureCode::GaveOut, "no answer"),
        );
        let Run::Waiting { due, .. } = item.run else {
            unreachable!("it waits");
        };
        for at_ms in [NOW_MS - YEAR_MS, NOW_MS, NOW_MS + YEAR_MS] {
            let now = Now {
                at_ms,
                week: WeekMinute::new(0, 0),
            };
            let turn = |instant| turn(&item, now, instant);
            let in_10_s = Turn::NotBefore {
                at_ms: at_ms + 10_000,
            };
            let before = due.checked_sub(Duration::from_secs(10)).unwrap();
            assert_eq!(turn(before), in_10_s);
            assert_eq!(turn(due), Turn::NotBefore { at_ms }, "it is due");
            assert_eq!(turn(due + wait), Turn::NotBefore { at_ms });
        }
    }
}
