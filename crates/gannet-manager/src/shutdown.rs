//! The end: everything stops, journals are synced, the store is given back.

use std::time::Duration;

use crate::desk::Item;
use crate::inner::Inner;

/// Transfers have so long to sync their journals where nobody is in a hurry. What a journal does not say by then is
/// fetched again.
pub(crate) const PATIENCE: Duration = Duration::from_millis(4_500);

/// Stops everything, and gives the store back. Transfers have `patience` to sync their journals.
pub(crate) async fn close(inner: &Inner, patience: Duration) {
    let ending: Vec<_> = {
        let mut desk = inner.desk.lock().await;
        desk.closing = true;
        inner.turn.notify_one();
        let removed = desk.removed.values().filter_map(|removed| removed.item.as_ref());
        desk.items
            .values()
            .chain(removed)
            .filter_map(Item::running)
            .map(|running| {
                running.stop();
                running.ended()
            })
            .collect()
    };
    inner.probes.clear();
    let all_ended = async {
        for mut ended in ending {
            // Where the one who tells is gone, it has ended too.
            let _ = ended.wait_for(|ended| *ended).await;
        }
    };
    if tokio::time::timeout(patience, all_ended).await.is_err() {
        tracing::warn!("some downloads took too long to stop; their last second is fetched again");
    }
    inner.closed.send_replace(true);
    inner.feed.close();
    crate::hosts::note(inner).await;
    inner.store.close().await;
}
