//! Many downloads: the queue, the store, and the one door that every face goes through.
//!
//! A [`Manager`] owns a store and the transfers of all its downloads. Faces ask by [`Manager::execute`] and listen by
//! [`Manager::subscribe`]; what they may ask is the schema's closed menu.
//!
//! ```no_run
//! use gannet_manager::{Manager, ManagerOptions};
//! use gannet_schema::{Command, Message};
//!
//! # async fn example() -> Result<(), gannet_manager::OpenError> {
//! let manager = Manager::open(ManagerOptions::new("/var/lib/gannet", "/srv/downloads")).await?;
//! let mut subscription = manager.subscribe();
//! manager.execute(Command::ResumeAll).await;
//! while let Some(message) = subscription.next().await {
//!     if let Message::State { state, .. } = message {
//!         assert!(state.rows.len() <= state.counts.all as usize);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod cells;
mod chosen;
mod commands;
mod desk;
mod entry;
mod feed;
mod folders;
mod hosts;
mod inner;
pub mod kinds;
mod leftovers;
pub mod links;
mod live;
mod moving;
mod network;
mod options;
mod outcome;
mod pieces;
mod placing;
mod probe;
pub mod programs;
mod rest;
mod room;
mod runner;
pub mod schedule;
mod secrets;
mod shutdown;
mod store;
mod ticker;
mod time;
mod tombs;
mod turns;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gannet_schema::{Command, DownloadId, Failure, FailureCode, Message, Reply, Settings};

pub use commands::list::Place;
use feed::{Line, Next};
pub use gannet_engine::{DesktopProxies, Proxy};
use inner::Inner;
pub use options::{ManagerOptions, OpenError};
pub use schedule::Hold;
pub use store::StoreError;
pub use ticker::Pulse;

/// The owner of a store and of all its downloads. Cheap to clone.
#[derive(Clone)]
pub struct Manager {
    inner: Arc<Inner>,
}

/// A listener: first the whole state, then everything that changes it. Dropped, it is forgotten.
pub struct Subscription {
    line: Arc<Line>,
    inner: Arc<Inner>,
}

impl Manager {
    /// Opens the store, and goes on with whatever ran.
    ///
    /// # Errors
    /// [`OpenError::Busy`] where another process owns the store.
    pub async fn open(options: ManagerOptions) -> Result<Self, OpenError> {
        let inner = Inner::open(options).await?;
        tokio::spawn(turns::take_turns(Arc::clone(&inner)));
        tokio::spawn(ticker::tick(Arc::clone(&inner)));
        tokio::spawn(tombs::bury(Arc::clone(&inner)));
        tokio::spawn(room::watch(Arc::clone(&inner)));
        tokio::spawn(hosts::keep(Arc::clone(&inner)));
        Ok(Self { inner })
    }

    /// Carries a command out. What cannot be done is answered by [`Reply::Failed`]. Once begun it is carried out, even
    /// where nobody waits for the answer any more.
    pub async fn execute(&self, command: Command) -> Reply {
        let inner = Arc::clone(&self.inner);
        let executed = tokio::spawn(async move { commands::execute(&inner, command).await });
        let result = executed.await.unwrap_or_else(|panic| {
            Err(Failure::new(
                FailureCode::Internal,
                format!("the command broke off: {panic}"),
            ))
        });
        result.unwrap_or_else(|failure| Reply::Failed { failure })
    }

    /// Listens. The first message is the whole state.
    pub fn subscribe(&self) -> Subscription {
        Subscription {
            line: self.inner.feed.join(),
            inner: Arc::clone(&self.inner),
        }
    }

    /// Lets files be put beneath a folder that the person at the screen chose in a dialog of the system, from now on and
    /// at every start; no face can ask for it. Answers the folder's path, as [`gannet_schema::NewDownload`] takes it.
    ///
    /// # Errors
    /// [`FailureCode::NotFound`] where there is no such folder, [`FailureCode::TooMany`] where too many were chosen.
    pub async fn admit_folder(&self, folder: &Path) -> Result<String, Failure> {
        chosen::admit(&self.inner, folder).await
    }

    /// What is set now.
    pub async fn settings(&self) -> Settings {
        self.inner.desk.lock().await.settings.clone()
    }

    /// Where the file of a download is, or will be; for faces on the machine where that is.
    ///
    /// # Errors
    /// [`FailureCode::NotFound`] where there is no such download.
    pub async fn place(&self, id: DownloadId) -> Result<Place, Failure> {
        commands::list::place(&self.inner, id).await
    }

    /// Lets nothing have its turn until it is called with none: the machine is to be spared. What runs stops and keeps what
    /// is there.
    pub async fn hold(&self, hold: Option<Hold>) {
        self.inner.desk.lock().await.hold = hold;
        self.inner.turn.notify_one();
    }

    /// Lets downloads have their turns, where the manager was opened to wait for this.
    pub async fn give_turns(&self) {
        self.inner.desk.lock().await.gives_turns = true;
        self.inner.turn.notify_one();
    }

    /// What the desktop's settings say of proxies, from now on; it counts where the settings say "as the system", and the
    /// environment names none.
    ///
    /// # Errors
    /// Where such a proxy cannot be used; then nothing is changed.
    pub async fn desktop_proxies(&self, proxies: DesktopProxies) -> Result<(), Failure> {
        let desk = self.inner.desk.lock().await;
        self.inner
            .network
            .desktop_is(proxies, &desk.settings.network, desk.proxy_url.as_ref())
            .map_err(|error| outcome::failure_of(&error))
    }

    /// Through which proxy downloads go that name none of their own, for what else this program asks of the network. It may
    /// hold a password.
    pub async fn proxy(&self) -> Proxy {
        let desk = self.inner.desk.lock().await;
        self.inner
            .network
            .proxy(&desk.settings.network, desk.proxy_url.as_ref())
    }

    /// How much is at work, without a listener.
    pub async fn pulse(&self) -> Pulse {
        ticker::pulse(&*self.inner.desk.lock().await)
    }

    /// Stops everything, within 5 s, with journals synced, and gives the store back. What ran goes on at the next start.
    pub async fn close(&self) {
        self.close_within(shutdown::PATIENCE).await;
    }

    /// The same for whoever is in a hurry: what transfers have not synced after `patience` is fetched again.
    pub async fn close_within(&self, patience: Duration) {
        shutdown::close(&self.inner, patience).await;
    }

    /// Returns once somebody asked the program to end.
    pub async fn quit_requested(&self) {
        let mut quit = self.inner.quit.subscribe();
        // The sender is alive as long as this manager is.
        let _ = quit.wait_for(|quit| *quit).await;
    }
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manager")
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Subscription {
    /// The next message; `None` once the manager is closed. Nothing is lost where the future is dropped.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            match self.line.next() {
                Next::Message(message) => return Some(message),
                Next::State => {
                    let desk = self.inner.desk.lock().await;
                    let state = desk.state(self.line.watched());
                    return Some(self.line.state(state));
                }
                Next::Closed => return None,
                Next::Wait => self.line.wait().await,
            }
        }
    }

    /// Snapshots carry everything about this download too; none is none.
    pub fn watch(&self, id: Option<DownloadId>) {
        self.line.watch(id);
        self.inner
            .was_still
            .store(false, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether somebody looks: without, there are no snapshots. Events come all the same.
    pub fn look(&self, looking: bool) {
        self.line.look(looking);
        self.inner
            .was_still
            .store(false, std::sync::atomic::Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
