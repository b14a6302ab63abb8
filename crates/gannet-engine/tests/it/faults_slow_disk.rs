//! Disks that take less than the network brings: what is held in memory stays bounded, nobody is blamed for it but the disk, and
//! no socket waits for a sync.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gannet_engine::disk::real::RealDirectory;
use gannet_engine::disk::storage::Directory;
use gannet_engine::{Cause, MemoryBudget};
use gannet_testkit::Origin;
use gannet_testkit::disk::Call;

use crate::faults_hooked::{HookedDisk, Pass, When};
use crate::support::{assert_file_is, request, run_watched};

const PART: &str = "file.bin.part";

/// A folder whose part file is touched only after `before` was asked.
fn watched(
    folder: &std::path::Path,
    before: impl Fn(When, Call) + Send + Sync + 'static,
) -> Arc<dyn Directory> {
    let disk: Arc<dyn Directory> = Arc::new(RealDirectory::open(folder).unwrap());
    HookedDisk::over(disk, move |when, call, name| {
        if name == PART {
            before(when, call);
        }
        Pass::Through
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_slower_than_the_network_holds_the_senders_back_and_is_named() {
    const SIZE_BYTES: u64 = 48 << 20;
    const MEMORY_BYTES: u64 = 2 << 20;
    /// What both ends of one connection may hold in the system.
    const IN_SOCKETS_MAX_BYTES: u64 = 16 << 20;
    let origin = Origin::builder().size(SIZE_BYTES).seed(51).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ahead = Arc::new(Mutex::new(Vec::new()));
    let disk = watched(folder.path(), {
        let (log, ahead, writes) = (origin.log().clone(), Arc::clone(&ahead), Mutex::new(0_u64));
        move |when, call| {
            if (when, call) == (When::Before, Call::Write) {
                // paces: a disk of 20 MB/s at best
                std::thread::sleep(Duration::from_millis(100));
                let mut writes = writes.lock().unwrap();
                // No write is larger than what may be held.
                let written_max = *writes * MEMORY_BYTES;
                *writes += 1;
                ahead
                    .lock()
                    .unwrap()
                    .push(log.bytes_sent().saturating_sub(written_max));
            }
        }
    });
    let request = request(&origin, folder.path(), 1)
        .storage(disk)
        .memory_budget(MemoryBudget::new(MEMORY_BYTES as usize));
    let (result, witness) = run_watched(request).await;
    let finished = result.unwrap();
    assert_file_is(&finished.path, &origin.content());
    let most = ahead.lock().unwrap().iter().copied().max().unwrap();
    assert!(
        most <= MEMORY_BYTES * 2 + IN_SOCKETS_MAX_BYTES,
        "{most} bytes were sent and not written"
    );
    assert_eq!(finished.cause, Some(Cause::Disk));
    assert_eq!(
        (finished.requests, finished.retries),
        (1, 0),
        "{:?}",
        witness.events()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_to_a_slow_disk_are_replaced_by_no_others() {
    let origin = Origin::builder().size(32 << 20).seed(52).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let disk = watched(folder.path(), |when, call| {
        if (when, call) == (When::Before, Call::Write) {
            // paces: longer than any silence that a server is forgiven
            std::thread::sleep(Duration::from_millis(250));
        }
    });
    let request = request(&origin, folder.path(), 8)
        .storage(disk)
        .memory_budget(MemoryBudget::new(4 << 20));
    let (result, witness) = run_watched(request).await;
    let finished = result.unwrap();
    assert_file_is(&finished.path, &origin.content());
    let events = witness.events();
    let blamed = events.iter().find(|event| event.starts_with("Retried"));
    assert_eq!(blamed, None, "no server is to blame");
    assert_eq!(finished.cause, Some(Cause::Disk));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_socket_waits_for_a_sync() {
    const RATE_BYTES_PER_S: u64 = 8_000_000;
    const SYNC: Duration = Duration::from_millis(1500);
    let origin = Origin::builder()
        .size(3 * RATE_BYTES_PER_S)
        .seed(53)
        .rate_total(RATE_BYTES_PER_S)
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let came = Arc::new(Mutex::new(Vec::new()));
    let disk = watched(folder.path(), {
        let (log, came) = (origin.log().clone(), Arc::clone(&came));
        move |when, call| {
            if (when, call) == (When::Before, Call::Sync) {
                let before = log.bytes_sent();
                // paces: a sync that takes long
                std::thread::sleep(SYNC);
                came.lock().unwrap().push(log.bytes_sent() - before);
            }
        }
    });
    let (result, _) = run_watched(request(&origin, folder.path(), 4).storage(disk)).await;
    assert_file_is(&result.unwrap().path, &origin.content());
    let came = came.lock().unwrap();
    let meanwhile = RATE_BYTES_PER_S as f64 * SYNC.as_secs_f64();
    assert!(
        came.iter().any(|&bytes| bytes as f64 > 0.7 * meanwhile),
        "{came:?} came during syncs, of {meanwhile} that the line carries"
    );
}
