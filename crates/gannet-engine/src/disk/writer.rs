//! The consumer of all that the workers produce: one thread per transfer that puts bytes in their place.
//!
//! Workers hand over the buffers that the network filled, uncopied. The queue is bounded in bytes, and who finds it
//! full waits, so that a slow disk is felt by the senders and by nobody's memory.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore};

use super::storage::StorageFile;
use super::written::{Standing, Written};
use crate::error::Error;
use crate::range::{ByteRange, RangeSet};

/// Bytes between network and disk for one transfer.
const QUEUE_MAX_BYTES: usize = 6 << 20;
/// With less than this left of a budget, the disk is what everything waits for.
const ROOM_MIN_BYTES: usize = QUEUE_MAX_BYTES / 8;
/// Slices in one system call; the limit of Linux (`IOV_MAX`) is 1024.
const SLICES_MAX: usize = 256;
/// The smallest buffer that the network side allocates.
const BUFFER_MIN_BYTES: usize = 8 << 10;
/// The largest.
const BUFFER_MAX_BYTES: usize = 512 << 10;

/// Writes one part file. Dropped or [`PartWriter::close`]d, it writes what is queued and ends.
pub(crate) struct PartWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Where workers put what they received.
#[derive(Clone)]
pub(crate) struct Sink {
    shared: Arc<Shared>,
}

struct Shared {
    part: Arc<dyn StorageFile>,
    path: PathBuf,
    queue: Mutex<Queue>,
    ready: Condvar,
    room: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    memory_max: usize,
    written: Arc<Written>,
    failure: Mutex<Option<Error>>,
    failed: AtomicBool,
    length: Option<u64>,
    /// Tells the transfer that the file is whole, or that writing failed.
    news: Arc<Notify>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
    idle: bool,
}

enum Job {
    Write(Piece),
    /// Bytes that were written and then rejected: they leave the set, behind all writes before.
    Retract(ByteRange),
    /// Bytes that were written in question and proved right.
    Believe(ByteRange),
}

struct Piece {
    offset: u64,
    bytes: Bytes,
    standing: Standing,
    /// What it holds of the budgets.
    charged: u32,
}

/// Room in the queue, reserved before bytes are claimed: whoever claims can then hand over without waiting.
pub(crate) struct Room {
    charged: u32,
    shared: Arc<Shared>,
    spent: bool,
}

impl PartWriter {
    /// A writer for `part`, in which `held` lies already. `news` is told when `length` bytes are there, or on failure.
    pub(crate) fn start(
        part: Arc<dyn StorageFile>,
        path: PathBuf,
        held: RangeSet,
        length: Option<u64>,
        memory: Arc<Semaphore>,
        news: Arc<Notify>,
    ) -> Result<Self, Error> {
        // Other transfers may hold some of it now: what is to be had in all is the bound for one piece.
        let memory_max = memory.available_permits().max(QUEUE_MAX_BYTES / 4);
        let shared = Arc::new(Shared {
            part,
            path,
            queue: Mutex::default(),
            ready: Condvar::new(),
            room: Arc::new(Semaphore::new(QUEUE_MAX_BYTES)),
            memory,
            memory_max,
            written: Arc::new(Written::new(held)),
            failure: Mutex::new(None),
            failed: AtomicBool::new(false),
            length,
            news,
        });
        let thread = std::thread::Builder::new()
            .name("gannet-writer".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.run()
            })
            .map_err(|error| Error::Internal(format!("no thread for the writer: {error}")))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// A way in for a worker.
    pub(crate) fn sink(&self) -> Sink {
        Sink {
            shared: Arc::clone(&self.shared),
        }
    }

    /// What is in the file.
    pub(crate) fn written(&self) -> &Arc<Written> {
        &self.shared.written
    }

    /// Whether writing failed; [`PartWriter::close`] says how.
    pub(crate) fn has_failed(&self) -> bool {
        self.shared.failed.load(Ordering::Acquire)
    }

    /// Whether nothing waits to be written.
    pub(crate) fn is_idle(&self) -> bool {
        let queue = self.shared.queue();
        queue.idle && queue.jobs.is_empty()
    }

    /// Whether the queue is nearly full: the disk is slower than the network.
    pub(crate) fn is_congested(&self) -> bool {
        self.shared.is_congested()
    }

    /// Writes what is queued and ends. Blocks until then.
    pub(crate) fn close(mut self) -> Result<(), Error> {
        self.stop();
        let failure = lock(&self.shared.failure).take();
        failure.map_or(Ok(()), Err)
    }

    fn stop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.ready.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            self.shared
                .fail(Error::Internal("the writer thread panicked".to_owned()));
        }
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Sink {
    /// Whether the queue is nearly full: the disk is slower than the network.
    pub(crate) fn is_congested(&self) -> bool {
        self.shared.is_congested()
    }

    /// Room for whatever comes next.
    pub(crate) async fn reserve_ahead(&self) -> Room {
        self.reserve(BUFFER_MAX_BYTES).await
    }

    /// Room for a buffer of `bytes`, where there is some at once.
    pub(crate) fn try_reserve(&self, bytes: usize) -> Option<Room> {
        let charged = self.shared.charge_for(bytes);
        let room = self.shared.room.try_acquire_many(charged).ok()?;
        let memory = self.shared.memory.try_acquire_many(charged).ok()?;
        room.forget();
        memory.forget();
        Some(Room {
            charged,
            shared: Arc::clone(&self.shared),
            spent: false,
        })
    }

    /// Room for a buffer of `bytes`; waits while the disk has not caught up.
    pub(crate) async fn reserve(&self, bytes: usize) -> Room {
        if let Some(room) = self.try_reserve(bytes) {
            return room;
        }
        let charged = self.shared.charge_for(bytes);
        let closed = "the budgets are never closed";
        // Each is a guard until both are there: dropped in between, nothing is lost.
        let room = self.shared.room.acquire_many(charged).await.expect(closed);
        let memory = self.shared.memory.acquire_many(charged).await.expect(closed);
        room.forget();
        memory.forget();
        Room {
            charged,
            shared: Arc::clone(&self.shared),
            spent: false,
        }
    }

    /// Hands over bytes that were claimed. Never waits.
    pub(crate) fn push(&self, mut room: Room, offset: u64, bytes: Bytes, standing: Standing) {
        room.spent = true;
        self.shared.enqueue(Job::Write(Piece {
            offset,
            bytes,
            standing,
            charged: room.charged,
        }));
    }

    /// Takes rejected bytes out of the set again.
    pub(crate) fn retract(&self, range: ByteRange) {
        self.shared.enqueue(Job::Retract(range));
    }

    /// Bytes that were in question are right.
    pub(crate) fn believe(&self, range: ByteRange) {
        self.shared.enqueue(Job::Believe(range));
    }
}

impl Room {
    /// Gives back what `bytes` do not need of it; `None`, and all of it is given back, where it does not do for them.
    pub(crate) fn fit(mut self, bytes: usize) -> Option<Self> {
        let needed = self.shared.charge_for(bytes);
        let spare = self.charged.checked_sub(needed)?;
        self.shared.give_back(spare as usize);
        self.charged = needed;
        Some(self)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if !self.spent {
            self.shared.give_back(self.charged as usize);
        }
    }
}

impl Shared {
    fn run(&self) {
        let mut batch = VecDeque::new();
        while self.next_batch(&mut batch) {
            let mut pieces = Vec::with_capacity(batch.len());
            for job in batch.drain(..) {
                match job {
                    Job::Write(piece) => pieces.push(piece),
                    Job::Retract(range) => {
                        self.write(std::mem::take(&mut pieces));
                        self.written.remove(range);
                    }
                    Job::Believe(range) => {
                        self.write(std::mem::take(&mut pieces));
                        self.written.believe(range);
                    }
                }
            }
            self.write(pieces);
        }
    }

    /// Waits for work; `false` when there is none and none will come.
    fn next_batch(&self, batch: &mut VecDeque<Job>) -> bool {
        let mut queue = self.queue();
        while queue.jobs.is_empty() {
            queue.idle = true;
            if queue.closed {
                return false;
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.idle = false;
        std::mem::swap(&mut queue.jobs, batch);
        true
    }

    /// Writes pieces, neighbours in one call, and adds what is in the file to the set.
    fn write(&self, mut pieces: Vec<Piece>) {
        pieces.sort_unstable_by_key(|piece| piece.offset);
        let mut rest = pieces.as_slice();
        while let Some(first) = rest.first() {
            let mut end = first.offset;
            let count = rest
                .iter()
                .take(SLICES_MAX)
                .take_while(|piece| {
                    let joins = piece.offset == end && piece.standing == first.standing;
                    end += if joins { piece.bytes.len() as u64 } else { 0 };
                    joins
                })
                .count();
            let (neighbours, others) = rest.split_at(count);
            self.write_neighbours(neighbours, first.offset, end, first.standing);
            rest = others;
        }
        let charged: usize = pieces.iter().map(|piece| piece.charged as usize).sum();
        drop(pieces);
        self.give_back(charged);
    }

    fn write_neighbours(&self, neighbours: &[Piece], start: u64, end: u64, standing: Standing) {
        if self.failed.load(Ordering::Acquire) {
            return;
        }
        let mut slices: Vec<IoSlice<'_>> = neighbours
            .iter()
            .map(|piece| IoSlice::new(&piece.bytes))
            .collect();
        match self.part.write_all_at(start, &mut slices) {
            Ok(()) => {
                let Some(range) = ByteRange::new(start, end) else {
                    return;
                };
                let mut state = self.written.state();
                let frontier = state.set.frontier();
                state.set.insert(range);
                if standing == Standing::InQuestion {
                    state.in_question.insert(range);
                }
                let (grown, whole) = (
                    state.set.frontier() > frontier,
                    self.length.is_some_and(|length| state.set.is_whole(length)),
                );
                drop(state);
                if grown {
                    self.written.wake();
                }
                if whole {
                    self.news.notify_one();
                }
            }
            Err(error) => self.fail(Error::disk("write", self.path.clone(), error)),
        }
    }

    fn fail(&self, error: Error) {
        lock(&self.failure).get_or_insert(error);
        self.failed.store(true, Ordering::Release);
        self.news.notify_one();
    }

    fn enqueue(&self, job: Job) {
        let mut queue = self.queue();
        queue.jobs.push_back(job);
        // One wake for many pieces: a writer at work looks again by itself.
        let wake = std::mem::take(&mut queue.idle);
        drop(queue);
        if wake {
            self.ready.notify_one();
        }
    }

    fn is_congested(&self) -> bool {
        // The lesser budget is used up first: of all transfers together there may be less than one may have.
        let left = self.room.available_permits().min(self.memory.available_permits());
        left < ROOM_MIN_BYTES
    }

    /// What a buffer of `bytes` pins. The network side reads into buffers of powers of two that grow and shrink with
    /// what arrives, and a piece keeps its whole buffer alive.
    fn charge_for(&self, bytes: usize) -> u32 {
        let pinned = bytes.next_power_of_two().max(BUFFER_MIN_BYTES);
        pinned.min(QUEUE_MAX_BYTES).min(self.memory_max) as u32
    }

    fn give_back(&self, charged: usize) {
        self.room.add_permits(charged);
        self.memory.add_permits(charged);
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
