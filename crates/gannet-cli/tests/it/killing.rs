//! `kill -9` of the real binary, over and over.

use std::fs;
use std::thread;

use gannet_engine::RangeSet;
use gannet_testkit::{Claims, UNDER_WAY_MAX_BYTES};

use crate::scene::{Scene, wait_until};

const CONNECTIONS: u64 = 4;

/// Fifty kills, half of them before anything could be recorded, half of them after something was.
#[test]
fn kill_9_fifty_times_does_no_harm_and_what_was_safe_does_not_come_again() {
    let chains: Vec<_> = (0..5)
        .map(|chain| thread::spawn(move || kill_ten_times(chain)))
        .collect();
    for chain in chains {
        chain.join().expect("a chain of kills that ended well");
    }
}

fn kill_ten_times(chain: u64) {
    let scene = Scene::new(|origin| origin.size(20 << 20).seed(chain).rate_total(2 << 20));
    let url = scene.url("a.bin");
    let mut safe = RangeSet::new();
    for kill in 0..10 {
        let case = format!("chain {chain}, kill {kill}");
        scene.origin.log().clear();
        let mut child = scene
            .get(&["-x", &CONNECTIONS.to_string(), &url])
            .spawn()
            .expect("the binary runs");
        if kill % 2 == 0 {
            wait_until("bytes are sent", || {
                scene.origin.log().bytes_sent() > 20_000 * (chain + kill + 1)
            });
        } else {
            wait_until("a record", || claimed(&scene, &case).bytes() > safe.bytes());
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        assert!(
            !scene.path("a.bin").exists(),
            "{case}: nothing is published early"
        );
        assert_little_came_again(&scene, &safe, &case);
        let now_safe = claimed(&scene, &case);
        let lost = safe.iter().find(|range| !now_safe.contains(*range));
        assert_eq!(lost, None, "{case}: what was safe is lost");
        safe = now_safe;
    }
    assert!(
        safe.bytes() > 5 << 20,
        "chain {chain}: little was ever safe: {safe:?}"
    );
    scene.origin.log().clear();
    let ended = scene.run_well(&[&url]);
    scene.assert_whole("a.bin");
    assert_eq!(scene.names(), ["a.bin"], "chain {chain}");
    assert!(
        ended.stderr.contains("from before"),
        "it went on: {}",
        ended.stderr
    );
    assert_little_came_again(&scene, &safe, &format!("chain {chain}, the end"));
}

/// What the journal says is in the part file. All of it must be right.
fn claimed(scene: &Scene, case: &str) -> RangeSet {
    let journal = fs::read(scene.path("a.bin.part.journal")).unwrap_or_default();
    let part = fs::read(scene.path("a.bin.part")).unwrap_or_default();
    let Claims { all, wrong } = Claims::of(&journal, &part, &scene.origin.content());
    assert_eq!(wrong, [], "{case}: claimed, and not right");
    all
}

/// By the origin's log, hardly anything of what was safe was sent again.
fn assert_little_came_again(scene: &Scene, safe: &RangeSet, case: &str) {
    let log = scene.origin.log();
    wait_until("nobody is connected", || log.open_connections() == 0);
    let again = log.bytes_sent_of(safe);
    assert!(
        again <= UNDER_WAY_MAX_BYTES * CONNECTIONS,
        "{case}: {again} bytes came again that a completed sync had made safe"
    );
}
