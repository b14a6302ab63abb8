//! Who listens, and what he has still to be told.
//!
//! Every listener has a line of his own, bounded. Of snapshots only the last one waits in it; where events outrun him, the
//! line is dropped and he is given the whole state anew. So nobody waits for a listener, slow or dead.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use gannet_schema::{DownloadId, Event, Message, Snapshot, State};
use tokio::sync::Notify;

/// Events that may wait for a listener, before he is given the whole state instead.
const EVENTS_MAX: usize = 256;

/// All listeners.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    lines: Mutex<Vec<Weak<Line>>>,
}

/// What one listener has still to be told.
#[derive(Debug)]
pub(crate) struct Line {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug)]
struct Waiting {
    items: VecDeque<Item>,
    needs_state: bool,
    closed: bool,
    sequence: u64,
    watched: Option<DownloadId>,
    looking: bool,
}

#[derive(Debug)]
enum Item {
    Event(Arc<Event>),
    Snapshot(Box<Snapshot>),
}

/// What a listener is to do next.
pub(crate) enum Next {
    Message(Message),
    /// He is to be given the whole state.
    State,
    Closed,
    Wait,
}

impl Feed {
    /// A new listener; the whole state comes first.
    pub(crate) fn join(&self) -> Arc<Line> {
        let line = Arc::new(Line {
            waiting: Mutex::new(Waiting {
                items: VecDeque::new(),
                needs_state: true,
                closed: false,
                sequence: 0,
                watched: None,
                looking: true,
            }),
            news: Notify::new(),
        });
        lock(&self.lines).push(Arc::downgrade(&line));
        line
    }

    /// Tells everybody. Called with the desk locked, so that a state and the events after it fit together.
    pub(crate) fn tell(&self, event: Event) {
        let event = Arc::new(event);
        self.each(|line| line.push(Item::Event(Arc::clone(&event))));
    }

    /// Gives everybody who looks a snapshot, made for what he watches.
    pub(crate) fn show(&self, mut snapshot_for: impl FnMut(Option<DownloadId>) -> Snapshot) {
        self.each(|line| {
            let watched = {
                let waiting = lock(&line.waiting);
                (waiting.looking && !waiting.needs_state).then_some(waiting.watched)
            };
            if let Some(watched) = watched {
                line.push(Item::Snapshot(Box::new(snapshot_for(watched))));
            }
        });
    }

    /// Whether anybody looks.
    pub(crate) fn is_looked_at(&self) -> bool {
        let mut looked_at = false;
        self.each(|line| looked_at |= lock(&line.waiting).looking);
        looked_at
    }

    /// Nothing comes any more, once what waits was told.
    pub(crate) fn close(&self) {
        self.each(|line| {
            lock(&line.waiting).closed = true;
            line.news.notify_one();
        });
    }

    fn each(&self, mut what: impl FnMut(&Line)) {
        lock(&self.lines).retain(|line| {
            let line = line.upgrade();
            line.inspect(|line| what(line)).is_some()
        });
    }
}

impl Line {
    /// What comes next.
    pub(crate) fn next(&self) -> Next {
        let mut waiting = lock(&self.waiting);
        if waiting.needs_state && !waiting.closed {
            return Next::State;
        }
        match waiting.items.pop_front() {
            Some(item) => {
                waiting.sequence += 1;
                Next::Message(item.numbered(waiting.sequence))
            }
            None if waiting.closed => Next::Closed,
            None => Next::Wait,
        }
    }

    /// The whole state, as it is in this moment: called with the desk locked.
    pub(crate) fn state(&self, state: State) -> Message {
        let mut waiting = lock(&self.waiting);
        waiting.items.clear();
        waiting.needs_state = false;
        waiting.sequence += 1;
        Message::State {
            sequence: waiting.sequence,
            state: Box::new(state),
        }
    }

    /// Waits until there may be something.
    pub(crate) async fn wait(&self) {
        self.news.notified().await;
    }

    pub(crate) fn watch(&self, id: Option<DownloadId>) {
        lock(&self.waiting).watched = id;
    }

    pub(crate) fn look(&self, looking: bool) {
        let mut waiting = lock(&self.waiting);
        waiting.looking = looking;
        if !looking {
            waiting.items.retain(|item| matches!(item, Item::Event(_)));
        }
    }

    pub(crate) fn watched(&self) -> Option<DownloadId> {
        lock(&self.waiting).watched
    }

    fn push(&self, item: Item) {
        let mut waiting = lock(&self.waiting);
        if waiting.needs_state || waiting.closed {
            return;
        }
        if matches!(item, Item::Snapshot(_)) {
            waiting.items.retain(|item| matches!(item, Item::Event(_)));
        }
        if waiting.items.len() >= EVENTS_MAX {
            waiting.items.clear();
            waiting.needs_state = true;
        } else {
            waiting.items.push_back(item);
        }
        drop(waiting);
        self.news.notify_one();
    }
}

impl Item {
    fn numbered(self, sequence: u64) -> Message {
        match self {
            Self::Event(event) => Message::Event {
                sequence,
                event: Box::new(Arc::unwrap_or_clone(event)),
            },
            Self::Snapshot(snapshot) => Message::Snapshot { sequence, snapshot },
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use gannet_schema::Notice;

    use super::*;

    fn event() -> Event {
        Event::Notice {
            notice: Notice::Quitting,
        }
    }

    fn state() -> State {
        State {
            schema_version: 1,
            program_version: String::new(),
            rows: Vec::new(),
            queues: Vec::new(),
            categories: Vec::new(),
            settings: gannet_schema::Settings::default(),
            roots: Vec::new(),
            counts: gannet_schema::Counts::default(),
            snapshot: Snapshot::default(),
        }
    }

    fn drain(line: &Line) -> Vec<u64> {
        let mut numbers = Vec::new();
        while let Next::Message(message) = line.next() {
            numbers.push(match message {
                Message::State { sequence, .. }
                | Message::Snapshot { sequence, .. }
                | Message::Event { sequence, .. } => sequence,
            });
        }
        numbers
    }

    #[test]
    fn of_snapshots_only_the_last_one_waits() {
        let feed = Feed::default();
        let line = feed.join();
        line.state(state());
        for at_ms in 1..=5 {
            feed.tell(event());
            feed.show(|_| Snapshot {
                at_ms,
                ..Snapshot::default()
            });
        }
        assert_eq!(drain(&line), [2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn who_is_too_slow_is_given_the_whole_state_and_others_are_not_held_up() {
        let feed = Feed::default();
        let (slow, quick) = (feed.join(), feed.join());
        slow.state(state());
        quick.state(state());
        for number in 0..EVENTS_MAX as u64 * 3 {
            feed.tell(event());
            assert_eq!(drain(&quick), [number + 2]);
        }
        assert!(matches!(slow.next(), Next::State));
        assert!(matches!(slow.state(state()), Message::State { sequence: 2, .. }));
        feed.tell(event());
        assert_eq!(drain(&slow), [3]);
    }

    #[test]
    fn who_does_not_look_gets_events_alone() {
        let feed = Feed::default();
        let line = feed.join();
        line.state(state());
        line.look(false);
        feed.show(|_| Snapshot::default());
        feed.tell(event());
        assert_eq!(drain(&line), [2]);
        assert!(!feed.is_looked_at());
    }

    #[test]
    fn who_left_is_forgotten() {
        let feed = Feed::default();
        drop(feed.join());
        feed.tell(event());
        assert!(lock(&feed.lines).is_empty());
    }
}
