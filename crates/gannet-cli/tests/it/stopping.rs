//! Runs that end before their files do.

use std::io::Read as _;
#[cfg(unix)]
use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::process::Child;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use crate::scene::wait_until;
use crate::scene::{Scene, end};

/// A file that takes half a minute.
fn slow() -> Scene {
    Scene::new(|origin| origin.size(64 << 20).rate_total(2 << 20))
}

#[cfg(unix)]
fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).expect("a signal");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_within_a_second_and_keeps_what_is_there() {
    use rustix::process::Signal;
    for kind in [Signal::INT, Signal::TERM] {
        let scene = slow();
        let child = scene
            .get(&[&scene.url("a.bin")])
            .spawn()
            .expect("the binary runs");
        wait_until("bytes are sent", || scene.origin.log().bytes_sent() > 200_000);
        wait_until("the part file", || scene.path("a.bin.part").exists());
        let asked = Instant::now();
        signal(&child, kind);
        let ended = end(child);
        assert!(
            asked.elapsed() < Duration::from_secs(1),
            "{kind:?}: {:?}",
            asked.elapsed()
        );
        assert_eq!(ended.status, Some(130), "{kind:?}: {}", ended.stderr);
        assert_eq!(
            ended.stderr, "Interrupted. What has arrived is kept; run the same command again to go on.\n",
            "{kind:?}"
        );
        assert!(scene.path("a.bin.part").exists(), "{kind:?}");
        assert!(!scene.path("a.bin").exists(), "{kind:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_same_command_goes_on_after_an_interrupt() {
    const HALF: u64 = 2 << 20;
    let scene = Scene::new(|origin| origin.size(2 * HALF).rate_total(2 << 20));
    let url = scene.url("a.bin");
    // In order and over one connection, so that what has come is what is in front.
    let mut child = scene
        .get(&["--json", "--sequential", "-x", "1", &url])
        .spawn()
        .expect("the binary runs");
    let news = BufReader::new(child.stdout.take().expect("piped"));
    let mut news = news.lines().map_while(Result::ok);
    let half_is_there = |line: &String| {
        let object: serde_json::Value = serde_json::from_str(line).expect("an object");
        object["type"] == "progress" && object["bytes"].as_u64() >= Some(HALF)
    };
    assert!(news.any(|line| half_is_there(&line)), "it ended before");
    signal(&child, rustix::process::Signal::INT);
    news.for_each(drop);
    assert_eq!(end(child).status, Some(130));
    scene.origin.log().clear();
    let ended = scene.run_well(&[&url]);
    scene.assert_whole("a.bin");
    assert!(ended.stderr.contains("from before"), "{}", ended.stderr);
    let asked = scene.origin.log().ranges();
    assert!(
        asked.iter().all(|range| range.start >= HALF),
        "half is not fetched again: {asked:?}"
    );
}

#[cfg(unix)]
#[test]
fn files_that_wait_are_not_begun_after_an_interrupt() {
    let scene = slow();
    let urls: Vec<String> = (0..8).map(|file| scene.url(&format!("{file}.bin"))).collect();
    let mut arguments = vec!["-j", "2"];
    arguments.extend(urls.iter().map(String::as_str));
    let child = scene.get(&arguments).spawn().expect("the binary runs");
    wait_until("two come", || {
        scene.path("0.bin.part").exists() && scene.path("1.bin.part").exists()
    });
    signal(&child, rustix::process::Signal::INT);
    let ended = end(child);
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    assert!(!scene.path("2.bin.part").exists());
    assert!(
        !ended.stderr.contains("error:"),
        "what the user stopped did not fail: {}",
        ended.stderr
    );
}

#[test]
fn a_reader_that_goes_away_ends_the_run_without_a_word() {
    let scene = slow();
    let mut child = scene
        .get(&["-o", "-", "-d", "tmp", &scene.url("a.bin")])
        .spawn()
        .expect("the binary runs");
    let mut head = [0; 1000];
    child
        .stdout
        .take()
        .expect("piped")
        .read_exact(&mut head)
        .expect("the first bytes");
    // The pipe is closed now.
    let ended = end(child);
    assert_eq!(scene.origin.content().check(0, &head), Ok(()));
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    assert_eq!(ended.stderr, "");
    let left = std::fs::read_dir(scene.path("tmp")).expect("a folder").count();
    assert_eq!(left, 0, "no copy is left");
}

#[test]
fn a_program_that_stops_reading_objects_ends_the_run() {
    let scene = slow();
    let mut child = scene
        .get(&["--json", &scene.url("a.bin")])
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let ended = end(child);
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
}
