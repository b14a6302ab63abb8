//! Real processes that are killed, stopped, or meet at one target: faults F1, F2, F14 and F16.
#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use gannet_engine::RangeSet;
use gannet_testkit::{Claims, Content, Network, Origin, OriginBuilder, UNDER_WAY_MAX_BYTES};

use crate::faults_child::{Errand, signal};
use crate::support::{assert_file_is, names_in, seed};

const CONNECTIONS: u32 = 2;

fn errand<'a>(url: &'a str, folder: &'a Path) -> Errand<'a> {
    Errand {
        url,
        folder,
        connections: CONNECTIONS,
        retry_for: Duration::from_mins(1),
        dies_before_call: None,
    }
}

/// What the journal in a folder claims to be in the part file. All of it must be right.
fn claimed(folder: &Path, content: &Content) -> RangeSet {
    let journal = std::fs::read(folder.join("file.bin.part.journal")).unwrap_or_default();
    // Between the rename and the journal's removal the bytes are under the final name.
    let part = std::fs::read(folder.join("file.bin.part"))
        .or_else(|_| std::fs::read(folder.join("file.bin")))
        .unwrap_or_default();
    let Claims { all, wrong } = Claims::of(&journal, &part, content);
    assert_eq!(wrong, [], "claimed, and not right");
    all
}

async fn until_nobody_is_connected(origin: &Origin) {
    origin
        .wait_until(|log| log.open_connections() == 0)
        .await
        .expect("connections leaked");
}

/// What a chain of kills came to.
#[derive(Default)]
struct Chain {
    kills: u32,
    /// Kills late enough for a record to be due.
    late: u32,
    /// Of those, how often the journal had grown.
    grown: u32,
}

/// Kills a process again and again, at moments of the seed's choice, and lets the last one finish.
async fn kill_again_and_again(seed: u64, kills_max: u32) -> Chain {
    const RATE_BYTES_PER_S: u64 = 3_000_000;
    let origin = Origin::builder()
        .size(26_000_003)
        .seed(seed)
        .rate_total(RATE_BYTES_PER_S)
        .start()
        .await
        .unwrap();
    let (content, url) = (origin.content(), origin.url("file.bin"));
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut chain = Chain::default();
    let mut safe = RangeSet::new();
    loop {
        origin.log().clear();
        let mut process = errand(&url, folder.path()).start();
        let life = Duration::from_millis(random.u64(50..2_500));
        let ended = if chain.kills < kills_max {
            process.ends_within(life).await
        } else {
            Some(process.ended().await)
        };
        if ended.is_none() {
            process.kill();
        }
        until_nobody_is_connected(&origin).await;
        let again = origin.log().bytes_sent_of(&safe);
        assert!(
            again <= UNDER_WAY_MAX_BYTES * u64::from(CONNECTIONS),
            "seed {seed}, kill {}: {again} bytes came again that a completed sync had made safe",
            chain.kills
        );
        if let Some(status) = ended {
            assert!(
                status.success(),
                "seed {seed}, kill {}: {}",
                chain.kills,
                process.said()
            );
            break;
        }
        chain.kills += 1;
        assert_eq!(
            names_in(folder.path())
                .iter()
                .filter(|name| *name == "file.bin")
                .count(),
            0,
            "seed {seed}: published early"
        );
        let now_safe = claimed(folder.path(), &content);
        assert_eq!(
            safe.iter().find(|range| !now_safe.contains(*range)),
            None,
            "seed {seed}: what was safe is lost"
        );
        // A second from the first byte to the record, and time for the process to start and the disk to sync.
        if life > Duration::from_millis(2_200) {
            chain.late += 1;
            chain.grown += u32::from(now_safe.bytes() > safe.bytes());
        }
        safe = now_safe;
    }
    assert_file_is(&folder.path().join("file.bin"), &content);
    assert_eq!(names_in(folder.path()), ["file.bin"], "seed {seed}");
    chain
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_moment_goes_on_from_its_last_sync() {
    let base = seed();
    let chains: Vec<_> = (0..7)
        .map(|number| tokio::spawn(kill_again_and_again(base + number, 8)))
        .collect();
    let mut total = Chain::default();
    for chain in chains {
        let Chain { kills, late, grown } = chain.await.unwrap();
        total.kills += kills;
        total.late += late;
        total.grown += grown;
    }
    assert!(total.kills >= 50, "only {} kills", total.kills);
    assert!(
        total.grown * 2 >= total.late,
        "of {} late kills only {} had a newer record",
        total.late,
        total.grown
    );
}

/// Lets a process die before each call in turn that changes the disk, and looks at what the next one makes of it.
async fn killed_before_every_call(origin: OriginBuilder, calls_max: u64) {
    let origin = origin.start().await.unwrap();
    let (content, url) = (origin.content(), origin.url("file.bin"));
    let one = async |call: u64| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.bin");
        let mut first = Errand {
            dies_before_call: Some(call),
            ..errand(&url, folder.path())
        }
        .start();
        let died = !first.ended().await.success();
        assert!(
            !first.said().contains("failed: "),
            "call {call}: it failed instead of dying"
        );
        claimed(folder.path(), &content);
        if path.exists() {
            assert_file_is(&path, &content);
        }
        let mut second = errand(&url, folder.path()).start();
        let status = second.ended().await;
        assert!(status.success(), "call {call}: {}", second.said());
        assert_file_is(&path, &content);
        assert_eq!(names_in(folder.path()), ["file.bin"], "call {call}");
        died
    };
    let died = futures_util::future::join_all((1..=calls_max).map(one)).await;
    let deaths = died.iter().take_while(|died| **died).count();
    assert!(
        deaths >= 5,
        "only {deaths} calls were reached: nothing of the finish was cut"
    );
    assert_eq!(
        died.last(),
        Some(&false),
        "there are more calls than were looked at"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_transfer_killed_before_any_call_of_its_finish_leaves_the_old_state_or_the_file() {
    killed_before_every_call(Origin::builder().size(300_000).seed(21), 9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journaled_transfer_killed_before_any_call_of_its_finish_leaves_the_old_state_or_the_file() {
    // Two seconds and more: records at one second and at two.
    killed_before_every_call(
        Origin::builder()
            .size(2_600_000)
            .seed(22)
            .rate_per_connection(600_000),
        24,
    )
    .await;
}

async fn until_it_receives(origin: &Origin) {
    origin.wait_until(|log| log.bytes_sent() > 200_000).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_at_the_same_target_is_refused_and_a_dead_owner_is_not_in_the_way() {
    let origin = Origin::builder()
        .size(3_000_000)
        .seed(23)
        .rate_total(1_500_000)
        .start()
        .await
        .unwrap();
    let url = origin.url("file.bin");
    let folder = tempfile::tempdir().unwrap();
    let mut owner = errand(&url, folder.path()).start();
    until_it_receives(&origin).await;
    let mut late = errand(&url, folder.path()).start();
    assert!(!late.ended().await.success());
    let said = late.said();
    assert!(said.contains("failed: target_busy"), "{said}");
    if cfg!(target_os = "linux") {
        let holder = format!("process {}", owner.id());
        assert!(said.contains(&holder), "{said} does not name {holder}");
    }
    owner.kill();
    let mut heir = errand(&url, folder.path()).start();
    assert!(heir.ended().await.success(), "{}", heir.said());
    assert_file_is(&folder.path().join("file.bin"), &origin.content());
    assert_eq!(names_in(folder.path()), ["file.bin"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_suspended_goes_on_without_a_storm_of_expiries() {
    let origin = Origin::builder()
        .size(12_000_000)
        .seed(24)
        .rate_per_connection(500_000)
        .start()
        .await
        .unwrap();
    let url = origin.url("file.bin");
    let folder = tempfile::tempdir().unwrap();
    let mut process = Errand {
        connections: 8,
        retry_for: Duration::from_secs(3),
        ..errand(&url, folder.path())
    }
    .start();
    origin
        .wait_until(|log| log.bytes_sent() > 2_000_000)
        .await
        .unwrap();
    // As where a machine goes to sleep: the network goes first, and is there again a little after the process.
    origin.set_network(Network::Stalled);
    // paces: what is under way arrives before
    tokio::time::sleep(Duration::from_millis(300)).await;
    signal("-STOP", process.id());
    // paces: the process sleeps for longer than it bears that nothing comes
    tokio::time::sleep(Duration::from_secs(5)).await;
    signal("-CONT", process.id());
    // paces: it notices that nothing comes
    tokio::time::sleep(Duration::from_millis(500)).await;
    origin.set_network(Network::Up);
    let status = process.ended().await;
    assert!(status.success(), "{}", process.said());
    assert_file_is(&folder.path().join("file.bin"), &origin.content());
    let said = process.said();
    let retries = said
        .split("retries ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let retries: u64 = retries.and_then(|number| number.parse().ok()).unwrap();
    assert!(retries <= 3, "{retries} requests were given up and sent again");
}
