//! What a host was seen to allow is known after a restart.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gannet_schema::{DownloadId, Start};
use gannet_testkit::{Beyond, Cap, Origin, Refusal};

use crate::child::Process;
use crate::scene::*;

/// So many connections are served at once; the next one is refused.
const CAP: usize = 3;
/// So much comes long before the first connection has done its work, and long after the last one was opened.
const A_WHILE_BYTES: u64 = 700_000;

async fn capped_origin() -> Origin {
    Origin::builder()
        .size(200_000_000)
        .rate_per_connection(500_000)
        .with(|profile| {
            profile.cap = Some(Cap {
                at_most: CAP,
                beyond: Beyond::Refuse(Refusal::status(503)),
            });
        })
        .start()
        .await
        .unwrap()
}

/// What the store knows of the one host.
fn learned(scene: &Scene) -> Option<u32> {
    let store = rusqlite::Connection::open(scene.data_dir().join("gannet.db")).ok()?;
    let row = store.query_row("SELECT connections FROM hosts", [], |row| row.get(0));
    row.ok()
}

/// The time for one connection more is far away, however slow this machine is.
fn postpone_the_next_try(scene: &Scene) {
    let store = rusqlite::Connection::open(scene.data_dir().join("gannet.db")).unwrap();
    let changed = store.execute("UPDATE hosts SET retry_after_ms = 900000", []);
    assert_eq!(changed.unwrap(), 1);
}

/// Goes on with the download, and sees that not one connection is refused.
async fn assert_known(scene: &Scene, origin: &Origin, id: DownloadId) {
    let cap = learned(scene).unwrap();
    assert!((1..=CAP as u32).contains(&cap), "{cap} connections");
    postpone_the_next_try(scene);
    wait_until("the origin has its places free again", || {
        origin.log().open_connections() == 0
    })
    .await;
    let (refusals, sent) = (origin.log().refusals(), origin.log().bytes_sent());
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    until_bytes(&mut subscription, id, 1).await;
    origin
        .wait_until(|log| log.bytes_sent() >= sent + A_WHILE_BYTES)
        .await
        .unwrap();
    assert_eq!(origin.log().refusals() - refusals, 0, "the cap is known");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_that_was_learned_is_known_after_a_restart() {
    let origin = capped_origin().await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("large.bin"))).await;
    until_bytes(&mut subscription, id, A_WHILE_BYTES).await;
    assert!(origin.log().refusals() > 0, "nothing was to be learned");
    manager.close().await;
    drop((manager, subscription));
    assert_known(&scene, &origin, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_that_was_written_survives_a_kill() {
    let origin = capped_origin().await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut download = new_download(origin.url("large.bin"));
    let soon = SystemTime::now() + Duration::from_secs(2);
    let at_ms = soon.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    download.start = Start::At { at_ms };
    let id = add(&manager, download).await;
    manager.close().await;
    drop(manager);
    assert_eq!(
        origin.log().request_count(),
        0,
        "the process to be killed is to learn it"
    );

    let process = Process::start(&scene.data_dir(), &scene.downloads());
    wait_until("a host in the store", || learned(&scene).is_some()).await;
    process.kill();
    assert_known(&scene, &origin, id).await;
}
