//! What stands behind the door: the desk, the store, the listeners, and how a change goes through all three.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use gannet_schema::{DownloadId, Event, Failure, Notice, Queue, QueueId, WaitReason, WhenDone};
use tokio::sync::{Mutex, Notify, watch};

use crate::desk::{Desk, Held, Item, Run};
use crate::entry::{Entry, Intent, Name};
use crate::feed::Feed;
use crate::folders::Roots;
use crate::network::Network;
use crate::options::{ManagerOptions, OpenError};
use crate::outcome::Outcome;
use crate::pieces::ReadPieces;
use crate::probe::Probes;
use crate::runner::{Done, Running, changed, store_failure};
use crate::schedule::next_retry;
use crate::store::{self, Store, Write};
use crate::time::now_ms;

/// A missing or full disk is looked at again after this.
const DISK_AGAIN: Duration = Duration::from_secs(10);

/// What stands behind the door.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) desk: Mutex<Desk>,
    pub(crate) feed: Feed,
    pub(crate) network: Network,
    /// The last lesson about hosts that the store has; held while another is written.
    pub(crate) hosts_noted: Mutex<u64>,
    pub(crate) roots: Roots,
    pub(crate) probes: Probes,
    pub(crate) pieces: ReadPieces,
    /// Held while a download gets its name.
    pub(crate) settling: Mutex<()>,
    /// Who has his turn is to be asked again.
    pub(crate) turn: Notify,
    /// Somebody wants the program to end.
    pub(crate) quit: watch::Sender<bool>,
    /// Everything was stopped.
    pub(crate) closed: watch::Sender<bool>,
    pub(crate) options: ManagerOptions,
    /// The snapshot before this one had nothing in it, and that was told.
    pub(crate) was_still: AtomicBool,
}

impl Inner {
    /// Opens the store and reads it.
    pub(crate) async fn open(options: ManagerOptions) -> Result<Arc<Self>, OpenError> {
        if options.roots.is_empty() {
            return Err(OpenError::NoRoots);
        }
        let data_dir = options.data_dir.clone();
        let configured = options.roots.clone();
        let broke_off = |error| OpenError::Store(store::StoreError::File(std::io::Error::other(error)));
        let opened = tokio::task::spawn_blocking(move || Store::open(&data_dir));
        let store = opened.await.map_err(broke_off)??;
        let chosen = store.run(store::chosen_folders).await?;
        let remembered = store.run(store::remembered_roots).await?;
        let resolved = tokio::task::spawn_blocking(move || {
            let roots = Roots::new(&configured, &chosen, &remembered);
            let is_news = roots.to_remember() != remembered;
            (roots, is_news)
        });
        let (roots, is_news) = resolved.await.map_err(broke_off)?;
        // Mostly it is none, and a start that writes nothing waits for no disk.
        if is_news {
            crate::room::remember(&store, &roots).await?;
        }
        crate::moving::settle_all(&store, &roots).await?;
        let mut desk = store.run(read_desk).await?;
        crate::chosen::forget_lost_folders(&store, &mut desk, &roots).await?;
        desk = crate::rest::look_at_parts(desk, roots.clone()).await;
        crate::rest::remember(&store, &mut desk).await?;
        desk.roots = crate::room::measure(&roots, &[]);
        desk.gives_turns = !options.waits_for_face;
        let network = Network::new(&desk.settings.network, desk.proxy_url.as_ref())?;
        let knowledge = store.run(|connection| store::hosts(connection, now_ms())).await?;
        network.hosts.remember(knowledge, Instant::now());
        Ok(Arc::new(Self {
            store,
            desk: Mutex::new(desk),
            feed: Feed::default(),
            hosts_noted: Mutex::new(network.hosts.lessons()),
            network,
            roots,
            probes: Probes::default(),
            pieces: ReadPieces::default(),
            settling: Mutex::new(()),
            turn: Notify::new(),
            quit: watch::Sender::new(false),
            closed: watch::Sender::new(false),
            options,
            was_still: AtomicBool::new(false),
        }))
    }

    /// Writes to the store.
    pub(crate) async fn write(&self, writes: Vec<Write>) -> Result<(), Failure> {
        self.store
            .run(move |connection| store::write(connection, &writes))
            .await
            .map_err(|error| store_failure(&error))
    }

    /// Puts changed entries into the store, then onto the desk, and tells. Nothing is changed where that fails.
    pub(crate) async fn save(&self, desk: &mut Desk, entries: Vec<Entry>) -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        self.write(entries.iter().map(changed).collect()).await?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        for entry in entries {
            if let Some(item) = desk.items.get_mut(&entry.id) {
                item.entry = entry;
            }
        }
        self.tell_changed(desk, &ids);
        Ok(())
    }

    /// Tells that downloads are not as they were, and lets the schedule look at them.
    pub(crate) fn tell_changed(&self, desk: &mut Desk, ids: &[DownloadId]) {
        let event = desk.changed(ids, now_ms());
        self.feed.tell(event);
        self.turn.notify_one();
    }

    /// A download is no longer at work.
    pub(crate) async fn run_ended(&self, id: DownloadId, result: Result<Done, Outcome>) {
        let left = if result.is_err() {
            self.left_by(id).await
        } else {
            None
        };
        let mut desk = self.desk.lock().await;
        let desk = &mut *desk;
        if let Some(removed) = desk.removed.get_mut(&id) {
            if let Some(item) = &mut removed.item {
                rest(item, left);
                if let Ok(done) = result {
                    // It was whole before it could be stopped: it comes back finished, or its file goes.
                    let entry = finished_entry(&item.entry, done);
                    removed.removed.entry = entry.clone();
                    removed.item = None;
                    if let Err(failure) = self.write(vec![changed(&entry)]).await {
                        tracing::error!(%failure.message, "a finished download could not be noted");
                    }
                }
            }
            return;
        }
        let Some(item) = desk.items.get_mut(&id) else {
            return;
        };
        // An error that was on its way when it was stopped is of what it was stopped for: of its old address, perhaps.
        let was_stopped = item.running().is_some_and(Running::is_stopping);
        let moved = rest(item, left);
        if moved {
            item.tries = 0;
        }
        let before = item.entry.clone();
        match result {
            Ok(done) => return self.finish(desk, id, done).await,
            Err(Outcome::Stopped) => {}
            Err(_) if was_stopped => {}
            Err(outcome) => went_wrong(desk, id, outcome),
        }
        let Some(item) = desk.items.get(&id) else { return };
        let entry = item.entry.clone();
        if entry != before || moved {
            // Where that cannot be kept, it holds until the program ends: nothing is lost by it.
            if let Err(failure) = self.write(vec![changed(&entry)]).await {
                tracing::error!(%failure.message, "how a download stands could not be noted");
            }
        }
        self.tell_changed(desk, &[id]);
        if let Intent::Failed { failure } = entry.intent {
            self.feed.tell(Event::Notice {
                notice: Notice::Failed {
                    id,
                    name: entry.name.as_str().to_owned(),
                    failure,
                },
            });
            self.look_whether_done(desk, entry.queue);
        }
    }

    /// What a transfer that ended before its time left in its file.
    async fn left_by(&self, id: DownloadId) -> Option<Held> {
        let entry = {
            let desk = self.desk.lock().await;
            let removed = desk.removed.get(&id).and_then(|removed| removed.item.as_ref());
            desk.items.get(&id).or(removed)?.entry.clone()
        };
        crate::rest::look_at_part(entry, self.roots.clone()).await
    }

    /// A download is there, whole.
    async fn finish(&self, desk: &mut Desk, id: DownloadId, done: Done) {
        let Some(item) = desk.items.get(&id) else { return };
        let entry = finished_entry(&item.entry, done);
        if let Err(failure) = self.write(vec![changed(&entry)]).await {
            // At the next start it is found to be there.
            tracing::error!(%failure.message, "a finished download could not be noted");
        }
        let live = desk.items.remove(&id).and_then(|item| item.live);
        desk.remember_finished(id, live);
        desk.count_finished(entry.category, 1);
        let row = entry.row(
            gannet_schema::Standing::Finished,
            0,
            gannet_schema::Cells::default(),
        );
        let name = row.name.clone();
        self.feed.tell(Event::Changed {
            rows: vec![row],
            counts: desk.counts(),
        });
        self.feed.tell(Event::Notice {
            notice: Notice::Finished { id, name },
        });
        self.turn.notify_one();
        self.look_whether_done(desk, entry.queue);
    }

    /// Whether that was the queue's last download, and what happens then.
    fn look_whether_done(&self, desk: &mut Desk, id: QueueId) {
        let has_more = desk
            .items
            .values()
            .any(|item| item.entry.queue == id && (item.wants_to_run() || item.is_busy()));
        if has_more || !desk.busy_queues.remove(&id) {
            return;
        }
        let Some(Queue { name, when_done, .. }) = desk.queue(id).cloned() else {
            return;
        };
        if when_done != WhenDone::Nothing {
            self.feed.tell(Event::Notice {
                notice: Notice::QueueDone { id, name },
            });
        }
        match when_done {
            WhenDone::Nothing | WhenDone::Notify => {}
            WhenDone::Quit => self.ask_to_quit(),
            WhenDone::Command => self.run_command(),
        }
    }

    pub(crate) fn ask_to_quit(&self) {
        self.feed.tell(Event::Notice {
            notice: Notice::Quitting,
        });
        self.quit.send_replace(true);
    }

    /// Runs the command that the configuration file names; nothing of a download is passed to it.
    fn run_command(&self) {
        let Some((program, arguments)) = self
            .options
            .when_done_command
            .as_deref()
            .and_then(<[String]>::split_first)
        else {
            tracing::warn!("a queue is done, but the configuration names no command to run then");
            return;
        };
        let mut command = std::process::Command::new(program);
        command
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        match command.spawn() {
            Ok(mut child) => {
                // Somebody has to wait for it, or it stays on the list of processes.
                tokio::task::spawn_blocking(move || child.wait());
            }
            Err(error) => tracing::error!(%error, "the command for a queue that is done did not start"),
        }
    }
}

/// What follows of a run that did not end well.
fn went_wrong(desk: &mut Desk, id: DownloadId, outcome: Outcome) {
    let Some(item) = desk.items.get(&id).filter(|item| item.wants_to_run()) else {
        // Somebody paused it meanwhile; that counts.
        return;
    };
    let retries = desk.queue(item.entry.queue).map_or(0, |queue| queue.retries);
    let tries = item.tries;
    let Some(item) = desk.items.get_mut(&id) else {
        return;
    };
    let failed = match outcome {
        Outcome::Stopped => return,
        Outcome::Fails(failure) => failure,
        Outcome::Waits(reason, failure) => {
            item.run = Run::waits(reason, DISK_AGAIN, failure);
            return;
        }
        Outcome::MayPass(failure) => match next_retry(tries, retries, fastrand::f64()) {
            Some(wait) => {
                item.tries += 1;
                item.run = Run::waits(WaitReason::Retry, wait, failure);
                return;
            }
            None => failure,
        },
    };
    item.entry.intent = Intent::Failed { failure: failed };
}

/// A download rests: keeps what was seen of it, and what it left. Returns whether bytes came.
fn rest(item: &mut Item, left: Option<Held>) -> bool {
    let ran_from = item.running().map(|running| running.address_digest);
    item.run = Run::Idle;
    let Some(live) = &item.live else { return false };
    item.entry.active_ms += live.end();
    item.entry.found_digest = live.found_digest();
    let before = item.held.bytes;
    if let Some(held) = left.or_else(|| live.held()) {
        item.held = held;
        item.entry.last_held.clone_from(&item.held);
    }
    let moved = item.held.bytes > before;
    if moved {
        item.entry.start_over = false;
        // The new address proved right, unless it came while the old one was at work.
        item.entry.new_address &= ran_from != Some(item.entry.address_digest);
    }
    moved
}

fn finished_entry(entry: &Entry, done: Done) -> Entry {
    let mut entry = entry.clone();
    entry.name = Name::Settled(done.name);
    entry.length = Some(done.bytes);
    entry.start_over = false;
    entry.new_address = false;
    entry.may_replace = false;
    entry.last_held = Held::default();
    entry.intent = Intent::Finished {
        at_ms: now_ms(),
        bytes: done.bytes,
        verified: done.verified,
    };
    entry
}

fn read_desk(connection: &mut rusqlite::Connection) -> Result<Desk, store::StoreError> {
    let organisation = store::read_organisation(connection)?;
    let entries = store::unfinished(connection)?;
    let removed = store::removed(connection)?;
    let finished: HashMap<_, _> = store::counts(connection)?.by_category.into_iter().collect();
    let last_id = store::last_id(connection)?;
    Ok(Desk::new(organisation, entries, removed, finished, last_id))
}
