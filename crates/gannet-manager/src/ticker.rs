//! Four times a second: what moves, for those who look.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gannet_schema::{Detail, DownloadId, Moving, Snapshot, Standing};

use crate::desk::{Desk, Item, Run};
use crate::inner::Inner;
use crate::live::empty_detail;
use crate::time::now_ms;

/// Between two snapshots.
const EVERY: Duration = Duration::from_millis(250);

/// Shows what moves until the manager closes.
pub(crate) async fn tick(inner: Arc<Inner>) {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut closed = inner.closed.subscribe();
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = closed.wait_for(|closed| *closed) => return,
        }
        let mut desk = inner.desk.lock().await;
        tell_new_standings(&inner, &mut desk);
        if inner.feed.is_looked_at() {
            show(&inner, &desk);
        }
    }
}

/// A download that is at work stands elsewhere: that is an event, for those too who do not look.
fn tell_new_standings(inner: &Inner, desk: &mut Desk) {
    let now_ms = now_ms();
    let changed: Vec<DownloadId> = desk
        .items
        .values()
        .filter(|item| item.running().is_some() && item.told.as_ref() != Some(&desk.standing(item, now_ms)))
        .map(|item| item.entry.id)
        .collect();
    if !changed.is_empty() {
        let event = desk.changed(&changed, now_ms);
        inner.feed.tell(event);
    }
}

fn show(inner: &Inner, desk: &Desk) {
    let common = common(desk);
    // When nothing moves, that is told once; who watches a download goes on being told.
    let is_still = common.moving.is_empty();
    let was_still = inner.was_still.swap(is_still, Ordering::Relaxed);
    if is_still && was_still {
        return;
    }
    inner.feed.show(|watched| Snapshot {
        detail: watched.and_then(|id| live_detail(desk, id)).map(Box::new),
        ..common.clone()
    });
}

/// All that moves now, for somebody who watches.
pub(crate) fn snapshot(desk: &Desk, watched: Option<DownloadId>) -> Snapshot {
    Snapshot {
        detail: watched.and_then(|id| live_detail(desk, id)).map(Box::new),
        ..common(desk)
    }
}

fn common(desk: &Desk) -> Snapshot {
    let moving: Vec<Moving> = desk.items.values().filter_map(moving).collect();
    Snapshot {
        at_ms: now_ms(),
        rate_bytes_per_s: moving.iter().map(|moving| moving.rate_bytes_per_s).sum(),
        moving,
        detail: None,
    }
}

fn moving(item: &Item) -> Option<Moving> {
    match &item.run {
        Run::Running(running) if !running.is_stopping() => Some(running.live.moving(&item.entry, &item.held)),
        _ => None,
    }
}

/// How much is at work, for those who show no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pulse {
    /// Downloads at work.
    pub at_work: usize,
    /// Their speed together.
    pub rate_bytes_per_s: f64,
    /// Bytes that they have, of those whose length is known.
    pub bytes: u64,
    /// Their lengths together.
    pub length: u64,
}

pub(crate) fn pulse(desk: &Desk) -> Pulse {
    let mut pulse = Pulse::default();
    for moving in desk.items.values().filter_map(moving) {
        pulse.at_work += 1;
        pulse.rate_bytes_per_s += moving.rate_bytes_per_s;
        if let Some(length) = moving.length {
            pulse.length = pulse.length.saturating_add(length);
            pulse.bytes = pulse.bytes.saturating_add(moving.bytes.min(length));
        }
    }
    pulse
}

/// Of a download that was seen at work. What is known of another one lies in the store and beside its file, and is asked for.
fn live_detail(desk: &Desk, id: DownloadId) -> Option<Detail> {
    desk.items.get(&id)?.live.as_ref()?;
    detail(desk, id)
}

/// Everything about a download, as far as it is in memory.
pub(crate) fn detail(desk: &Desk, id: DownloadId) -> Option<Detail> {
    let item = desk.items.get(&id)?;
    Some(match &item.live {
        Some(live) => {
            let mut detail = live.detail(&item.entry);
            if item.running().is_none() || desk.standing(item, 0) == Standing::Paused {
                detail.workers.clear();
            }
            detail
        }
        None => empty_detail(&item.entry),
    })
}
