//! A network that is really not there, and really comes back: in a namespace of its own, where the loopback interface is down
//! until the test takes it up.
//!
//! It is this very test program, run again for the one test below.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet_engine::{Phase, Request, WaitReason};
use gannet_testkit::Origin;

use crate::faults_unreachable;
use crate::support::{Witness, assert_file_is, request_from, wait_until};

const INSIDE: &str = "GANNET_TEST_INSIDE_A_NAMESPACE";
/// The flags of the loopback interface are to be found there, once the namespace has its own view of the system.
const FLAGS: &str = "/sys/class/net/lo/flags";

/// A shell in a namespace of its own, whose commands are given as `script`.
fn inside(script: &str) -> Command {
    let mut command = Command::new("unshare");
    let script = format!("mount -t sysfs none /sys && {script}");
    command.args(["--map-root-user", "--net", "--mount", "sh", "-c", &script]);
    command
}

/// Where nobody is given a namespace, it says so.
#[test]
fn a_network_that_was_away_is_gone_on_with_when_it_is_back() {
    let probed = inside(&format!("test -w {FLAGS}")).output();
    if !probed.as_ref().is_ok_and(|probed| probed.status.success()) {
        println!(
            "no namespace is given here ({probed:?}): a network that is only said to be missing stands in"
        );
        faults_unreachable::a_missing_network_is_waited_for_and_not_for_ever();
        return;
    }
    let ran = inside("exec \"$0\" --exact faults_away::in_a_namespace --nocapture")
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, "yes")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

const UP: &str = "0x9";
const DOWN: &str = "0x8";

/// Takes the network up or down.
fn set_network(flags: &str) {
    std::fs::write(FLAGS, flags).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_namespace() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    from_the_beginning().await;
    in_mid_file().await;
}

async fn start() -> (Origin, String) {
    let anywhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
    let origin = Origin::builder()
        .size(6_000_000)
        .rate_per_connection(1_000_000)
        .listen(anywhere)
        .start()
        .await
        .unwrap();
    let url = format!("http://127.0.0.1:{}/file.bin", origin.address().port());
    (origin, url)
}

fn waits_for_network(witness: &Witness) -> bool {
    let last = witness.last.lock().unwrap();
    last.as_ref()
        .is_some_and(|snapshot| snapshot.phase == Phase::Waiting(WaitReason::Network))
}

/// For longer than a server would be forgiven.
async fn from_the_beginning() {
    const RETRY_FOR: Duration = Duration::from_secs(1);
    let (origin, url) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let witness = Arc::new(Witness::default());
    let began = Instant::now();
    let request: Request = request_from(&url, folder.path(), 4).retry_for(RETRY_FOR);
    let transfer = request.start(witness.clone());
    wait_until("it waits for a network", || waits_for_network(&witness)).await;
    wait_until("it would have given up a server", || {
        began.elapsed() > RETRY_FOR * 2
    })
    .await;
    assert!(waits_for_network(&witness), "{:?}", witness.events());
    set_network(UP);
    let back_at = Instant::now();
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    let took = back_at.elapsed();
    assert!(
        took < Duration::from_secs(5),
        "{took:?} after it was back, for 1.5 s of bytes"
    );
}

/// What is open falls silent, and is gone on with: nothing that is held is lost.
async fn in_mid_file() {
    const AWAY: Duration = Duration::from_secs(3);
    let (origin, url) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let witness = Arc::new(Witness::default());
    let transfer = request_from(&url, folder.path(), 4).start(witness.clone());
    origin
        .wait_until(|log| log.bytes_sent() > 2_000_000)
        .await
        .unwrap();
    set_network(DOWN);
    let away_at = Instant::now();
    wait_until("it was away for long enough to be missed", || {
        away_at.elapsed() > AWAY
    })
    .await;
    set_network(UP);
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert_eq!(witness.count("Restarted"), 0, "{:?}", witness.events());
    assert!(finished.elapsed > AWAY, "it never was away: {finished:?}");
}
