//! What the caller asked for and is still to be done.

use std::collections::VecDeque;
use std::future::Future;

use tokio::sync::mpsc;
use url::Url;

use super::Command;
use crate::error::Error;
use crate::pace::Pacer;

/// Receives commands in every phase: what concerns all phases is done at once, the rest is kept for the fetch.
pub(crate) struct Inbox {
    commands: mpsc::Receiver<Command>,
    /// This transfer's own limit, which [`Command::SetLimit`] sets.
    pub(crate) pacer: Pacer,
    pub(crate) connections: u32,
    pub(crate) paused: bool,
    pub(crate) cancelled: bool,
    pub(crate) new_mirrors: VecDeque<Url>,
    pub(crate) new_address: Option<Url>,
}

impl Inbox {
    pub(crate) fn new(commands: mpsc::Receiver<Command>, connections: u32) -> Self {
        Self {
            commands,
            pacer: Pacer::unlimited(),
            connections,
            paused: false,
            cancelled: false,
            new_mirrors: VecDeque::new(),
            new_address: None,
        }
    }

    /// Waits for the next command and takes it in. Never returns once nobody can send any.
    pub(crate) async fn next(&mut self) {
        match self.commands.recv().await {
            Some(command) => self.take_in(command),
            None => std::future::pending().await,
        }
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

    /// As [`Inbox::or_cancelled`]; ends `work` with `None` also when the caller gives another address.
    pub(crate) async fn unless_readdressed<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Error> {
        tokio::pin!(work);
        while !self.cancelled {
            if self.new_address.is_some() {
                return Ok(None);
            }
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                () = self.next() => {}
            }
        }
        Err(Error::Cancelled)
    }

    fn take_in(&mut self, command: Command) {
        match command {
            Command::Pause => self.paused = true,
            Command::Resume => self.paused = false,
            Command::Cancel => self.cancelled = true,
            Command::SetLimit(rate_bytes_per_s) => self.pacer.set_rate(rate_bytes_per_s),
            Command::SetConnections(connections) => self.connections = connections,
            Command::ReplaceUrl(url) => self.new_address = Some(url),
            Command::AddMirror(url) => self.new_mirrors.push_back(url),
        }
    }
}
