//! What the caller asked for and is still to be done.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;
use url::Url;

use super::Command;
use super::tally::Tally;
use crate::error::Error;
use crate::pace::Pacer;
use crate::progress::Phase;

/// Mirrors that may wait to be taken in.
const MIRRORS_WAITING_MAX: usize = 64;

/// Commands on their way to a transfer. A later one takes the place of an earlier one of its kind, so that there is
/// always room and none is lost, however many come.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    cancelled: bool,
    paused: Option<bool>,
    limit: Option<NewLimit>,
    connections: Option<u32>,
    new_address: Option<Url>,
    new_mirrors: VecDeque<Url>,
}

/// A limit that was asked for; `None` is to have none.
#[derive(Debug, Clone, Copy)]
struct NewLimit {
    rate_bytes_per_s: Option<u64>,
}

impl Mailbox {
    /// Takes a command along. A mirror is the only thing that there can be too many of.
    pub(crate) fn post(&self, command: Command) -> Result<(), Error> {
        let mut waiting = self.waiting();
        match command {
            Command::Pause => waiting.paused = Some(true),
            Command::Resume => waiting.paused = Some(false),
            Command::Cancel => waiting.cancelled = true,
            Command::SetLimit(rate_bytes_per_s) => waiting.limit = Some(NewLimit { rate_bytes_per_s }),
            Command::SetConnections(connections) => waiting.connections = Some(connections),
            Command::ReplaceUrl(url) => waiting.new_address = Some(url),
            Command::AddMirror(_) if waiting.new_mirrors.len() >= MIRRORS_WAITING_MAX => {
                return Err(Error::InvalidRequest {
                    what: format!("more than {MIRRORS_WAITING_MAX} mirrors wait to be used"),
                });
            }
            Command::AddMirror(url) => waiting.new_mirrors.push_back(url),
        }
        drop(waiting);
        self.news.notify_one();
        Ok(())
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Receives commands in every phase: what concerns all phases is done at once, the rest is kept for the fetch.
pub(crate) struct Inbox {
    mailbox: Arc<Mailbox>,
    /// This transfer's own limit, which [`Command::SetLimit`] sets.
    pub(crate) pacer: Pacer,
    pub(crate) connections: u32,
    pub(crate) paused: bool,
    pub(crate) cancelled: bool,
    pub(crate) new_mirrors: VecDeque<Url>,
    pub(crate) new_address: Option<Url>,
}

impl Inbox {
    pub(crate) fn new(mailbox: Arc<Mailbox>, connections: u32) -> Self {
        Self {
            mailbox,
            pacer: Pacer::unlimited(),
            connections,
            paused: false,
            cancelled: false,
            new_mirrors: VecDeque::new(),
            new_address: None,
        }
    }

    /// Waits for commands and takes them in.
    pub(crate) async fn next(&mut self) {
        self.mailbox.news.notified().await;
        let Waiting {
            cancelled,
            paused,
            limit,
            connections,
            new_address,
            new_mirrors,
        } = self.mailbox.take();
        self.cancelled |= cancelled;
        self.paused = paused.unwrap_or(self.paused);
        if let Some(NewLimit { rate_bytes_per_s }) = limit {
            self.pacer.set_rate(rate_bytes_per_s);
        }
        self.connections = connections.unwrap_or(self.connections);
        self.new_address = new_address.or(self.new_address.take());
        self.new_mirrors.extend(new_mirrors);
    }

    /// Runs `work`, taking commands in meanwhile; ends it when the caller cancels.
    pub(crate) async fn or_cancelled<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::pin!(work);
        while !self.cancelled {
            tokio::select! {
                done = &mut work => return Ok(done),
                () = self.next() => {}
            }
        }
        Err(Error::Cancelled)
    }

    /// As [`Inbox::or_cancelled`]; ends `work` with `None` also when the caller pauses.
    pub(crate) async fn unless_paused<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Error> {
        tokio::pin!(work);
        while !self.cancelled {
            if self.paused {
                return Ok(None);
            }
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                () = self.next() => {}
            }
        }
        Err(Error::Cancelled)
    }

    /// As [`Inbox::or_cancelled`]; ends `work` also when the caller gives another address or pauses.
    pub(crate) async fn unless_interrupted<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<Heard<T>, Error> {
        tokio::pin!(work);
        while !self.cancelled {
            if self.new_address.is_some() {
                return Ok(Heard::NewAddress);
            }
            if self.paused {
                return Ok(Heard::Paused);
            }
            tokio::select! {
                done = &mut work => return Ok(Heard::Done(done)),
                () = self.next() => {}
            }
        }
        Err(Error::Cancelled)
    }

    /// Stands still for as long as the caller wants it to. The time is nobody's fault.
    pub(crate) async fn until_resumed(&mut self, tally: &mut Tally, hashed_bytes: u64) -> Result<(), Error> {
        if !self.paused {
            return Ok(());
        }
        let since = Instant::now();
        tally.report_phase(Phase::Paused, hashed_bytes);
        while self.paused && !self.cancelled {
            self.next().await;
        }
        tally.paused_for += since.elapsed();
        if self.cancelled {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// How work ended that the caller may interrupt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<T> {
    /// Not at all: it is done.
    Done(T),
    /// The caller gave another address.
    NewAddress,
    /// The caller paused.
    Paused,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_command_is_lost_however_many_come() {
        let mailbox = Arc::new(Mailbox::default());
        for rate in 1..=1000 {
            mailbox.post(Command::SetLimit(Some(rate))).unwrap();
        }
        for command in [Command::SetConnections(3), Command::Pause, Command::Cancel] {
            mailbox.post(command).unwrap();
        }
        let mut inbox = Inbox::new(mailbox, 8);
        inbox.next().await;
        assert_eq!(inbox.pacer.rate_bytes_per_s(), Some(1000));
        assert_eq!(
            (inbox.connections, inbox.paused, inbox.cancelled),
            (3, true, true)
        );
    }

    #[tokio::test]
    async fn the_last_word_on_pausing_counts() {
        let mailbox = Arc::new(Mailbox::default());
        let mut inbox = Inbox::new(Arc::clone(&mailbox), 8);
        mailbox.post(Command::Pause).unwrap();
        mailbox.post(Command::Resume).unwrap();
        inbox.next().await;
        assert!(!inbox.paused);
    }
}
