//! The life of a transfer: probe → allocate → fetch → verify → publish.

mod fetch;
mod inbox;
mod life;
mod opening;
mod part;
mod patience;
mod probe;
mod resumption;
mod sample;
mod stream;
mod tally;
mod target;
mod tries;

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::error::Error;
use crate::progress::{Finished, Reporter};
use crate::request::{CONNECTIONS_MAX, Request, parse_url};
use inbox::Mailbox;
use url::Url;

pub use opening::Opened;

/// A transfer that runs. Dropped, it stops, and keeps what is there.
pub struct Transfer {
    handle: Handle,
    outcome: oneshot::Receiver<Result<Finished, Error>>,
}

/// Steers a running transfer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    mailbox: Arc<Mailbox>,
}

/// What a [`Handle`] asks for.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Pause,
    Resume,
    Cancel,
    SetLimit(Option<u64>),
    SetConnections(u32),
    ReplaceUrl(Url),
    AddMirror(Url),
}

impl Request {
    /// Begins the transfer on the current tokio runtime.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(self, reporter: Arc<dyn Reporter>) -> Transfer {
        let mailbox = Arc::new(Mailbox::default());
        Transfer::run(Arc::clone(&mailbox), life::run(self, reporter, mailbox))
    }
}

impl Transfer {
    fn run(
        mailbox: Arc<Mailbox>,
        life: impl Future<Output = Result<Finished, Error>> + Send + 'static,
    ) -> Self {
        let (tell, outcome) = oneshot::channel();
        tokio::spawn(async move {
            let _ = tell.send(life.await);
        });
        Self {
            handle: Handle { mailbox },
            outcome,
        }
    }

    /// Steers it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits for its end.
    pub async fn finished(self) -> Result<Finished, Error> {
        let mut this = self;
        let outcome = (&mut this.outcome).await;
        outcome.unwrap_or_else(|_| {
            Err(Error::Internal(
                "the transfer's task ended without a word".to_owned(),
            ))
        })
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.handle.cancel();
    }
}

impl Handle {
    /// Stops all connections and keeps what is there, until [`Handle::resume`].
    pub fn pause(&self) {
        self.send(Command::Pause);
    }

    /// Goes on after [`Handle::pause`].
    pub fn resume(&self) {
        self.send(Command::Resume);
    }

    /// Ends the transfer with [`crate::ErrorCode::Cancelled`]. What is there is kept, for the same request to go on.
    pub fn cancel(&self) {
        self.send(Command::Cancel);
    }

    /// Limits this transfer's byte rate; `None` is no limit.
    pub fn set_limit(&self, rate_bytes_per_s: Option<u64>) {
        self.send(Command::SetLimit(rate_bytes_per_s));
    }

    /// Changes how many connections there may be at once.
    pub fn set_connections(&self, connections: u32) {
        self.send(Command::SetConnections(connections.clamp(1, CONNECTIONS_MAX)));
    }

    /// Goes on from another address of the same file, for links that have expired. The new one is held against what is
    /// known of the file before a byte of it is used.
    pub fn replace_url(&self, url: &str) -> Result<(), Error> {
        self.send(Command::ReplaceUrl(parse_url(url)?));
        Ok(())
    }

    /// Adds another address of the same file.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] where it is no address, or dozens wait to be taken up already.
    pub fn add_mirror(&self, url: &str) -> Result<(), Error> {
        self.mailbox.post(Command::AddMirror(parse_url(url)?))
    }

    fn send(&self, command: Command) {
        let posted = self.mailbox.post(command);
        debug_assert!(posted.is_ok(), "only mirrors can be too many");
    }
}
