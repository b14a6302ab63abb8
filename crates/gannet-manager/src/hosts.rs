//! What hosts were seen to allow outlives the program: the next run needs not be refused to learn it again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::inner::Inner;
use crate::store;
use crate::time::now_ms;

/// How often it is looked whether something was learned. What a kill takes is learned again.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Keeps what is learned of hosts, until the manager closes.
pub(crate) async fn keep(inner: Arc<Inner>) {
    let mut closed = inner.closed.subscribe();
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closed.wait_for(|closed| *closed) => return,
        }
        note(&inner).await;
    }
}

/// Writes what is known of hosts to the store, where something was learned since.
pub(crate) async fn note(inner: &Inner) {
    let mut noted = inner.hosts_noted.lock().await;
    let hosts = &inner.network.hosts;
    // Asked before the knowledge itself: what comes in between is written twice rather than never.
    let lessons = hosts.lessons();
    if *noted == lessons {
        return;
    }
    let knowledge = hosts.knowledge(Instant::now());
    let written = inner
        .store
        .run(move |connection| store::save_hosts(connection, &knowledge, now_ms()))
        .await;
    match written {
        Ok(()) => *noted = lessons,
        // Nothing is lost but the time to learn it again.
        Err(error) => tracing::warn!(%error, "what hosts allow could not be noted"),
    }
}
