//! In which order the bytes of a file come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gannet_engine::{ErrorCode, Event, Order, Reporter, Snapshot};
use gannet_testkit::Origin;

use crate::support::{request, wait_until};

/// Keeps how much is in the file, and the most that ever lay behind a gap.
#[derive(Default)]
struct Follower {
    written_bytes: AtomicU64,
    behind_gap_bytes: AtomicU64,
}

impl Reporter for Follower {
    fn snapshot(&self, snapshot: &Snapshot) {
        let written = snapshot.bytes();
        self.behind_gap_bytes
            .fetch_max(written - snapshot.written.frontier(), Ordering::Relaxed);
        self.written_bytes.fetch_max(written, Ordering::Relaxed);
    }

    fn event(&self, _: &Event) {}
}

/// A large file is planned in units that take one connection ten seconds and more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_sequence_the_beginning_of_a_large_file_grows_with_all_connections() {
    const CONNECTIONS: u32 = 8;
    const RATE_BYTES_PER_S: u64 = 300_000;
    let origin = Origin::builder()
        .size(120_000_000)
        .rate_per_connection(RATE_BYTES_PER_S)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let follower = Arc::new(Follower::default());
    let transfer = request(&origin, folder.path(), CONNECTIONS)
        .order(Order::Sequential)
        .start(follower.clone());
    // Four seconds of all connections.
    let enough = 4 * u64::from(CONNECTIONS) * RATE_BYTES_PER_S;
    wait_until("enough has come to see gaps", || {
        follower.written_bytes.load(Ordering::Relaxed) >= enough
    })
    .await;
    transfer.handle().cancel();
    assert_eq!(
        transfer.finished().await.unwrap_err().code(),
        ErrorCode::Cancelled
    );
    let behind_gap = follower.behind_gap_bytes.load(Ordering::Relaxed);
    assert!(
        behind_gap < enough * 5 / 8,
        "{behind_gap} of {enough} lay behind a gap"
    );
}
