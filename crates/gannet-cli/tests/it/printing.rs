//! What is printed where.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::scene::Scene;

fn objects(stdout: &[u8]) -> Vec<Value> {
    std::str::from_utf8(stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

#[test]
fn json_is_one_object_a_line_and_nothing_else() {
    let scene = Scene::new(|origin| origin.size(3 << 20).rate_total(2 << 20));
    let ended = scene.run_well(&["--json", &scene.url("a.bin")]);
    let objects = objects(&ended.stdout);
    let types: Vec<&str> = objects
        .iter()
        .filter_map(|object| object["type"].as_str())
        .collect();
    assert_eq!(types.first(), Some(&"started"));
    assert_eq!(types.last(), Some(&"finished"));
    assert!(types.contains(&"progress"), "{types:?}");
    let started = &objects[0];
    assert_eq!(started["name"], "a.bin");
    assert_eq!(started["length"], 3 << 20);
    let finished = objects.last().expect("an object");
    assert_eq!(finished["bytes"], 3 << 20);
    assert_eq!(finished["outcome"], "downloaded");
    assert_eq!(finished["verified"], false);
    assert!(finished["path"].as_str().expect("a path").ends_with("a.bin"));
    assert_eq!(ended.stderr, "");
}

#[test]
fn objects_bear_addresses_without_their_queries() {
    let scene = Scene::new(|origin| origin);
    let ended = scene.run_well(&["--json", &scene.url("a.bin?token=hunter2")]);
    let started = &objects(&ended.stdout)[0];
    assert_eq!(started["final_url"], scene.url("a.bin"));
}

#[test]
fn a_failure_is_an_object_too() {
    let scene =
        Scene::new(|origin| origin.fault(gannet_testkit::When::Always, gannet_testkit::Fault::Status(404)));
    let ended = scene.run(&["--json", &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(4));
    let objects = objects(&ended.stdout);
    assert_eq!(objects.len(), 1, "{objects:?}");
    assert_eq!(objects[0]["type"], "failed");
    assert_eq!(objects[0]["code"], "refused");
    assert_eq!(objects[0]["exit_status"], 4);
}

#[test]
fn quiet_prints_nothing_at_all_when_all_is_well() {
    let scene = Scene::new(|origin| origin);
    let ended = scene.run_well(&["--quiet", &scene.url("a.bin"), &scene.url("b.bin")]);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.is_empty());
}

#[test]
fn a_log_gets_lines_now_and_then_and_no_escapes() {
    let scene = Scene::new(|origin| origin.size(4 << 20).rate_total(1 << 20));
    let ended = scene.run_well(&[&scene.url("a.bin")]);
    assert!(ended.stderr.lines().count() >= 2, "{}", ended.stderr);
    assert!(ended.stderr.lines().count() <= 11, "{}", ended.stderr);
    assert!(ended.stderr.contains("% of 4.19 MB, "), "{}", ended.stderr);
    assert!(!ended.stderr.contains(['\u{1b}', '\r']), "{:?}", ended.stderr);

    let ended = scene.run_well(&["--no-progress", "-o", "b.bin", &scene.url("a.bin")]);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn verbose_logs_what_the_engine_does() {
    let scene = Scene::new(|origin| origin);
    let ended = scene.run_well(&["--verbose", &scene.url("a.bin")]);
    assert!(ended.stderr.contains("gannet_engine"), "{}", ended.stderr);
}

#[test]
fn the_version_comes_at_once() {
    // The quickest of many: on a busy machine most of them wait for a processor first.
    let mut took = (0..300).map(|_| {
        let begun = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_gannet"))
            .arg("--version")
            .output();
        assert!(output.expect("the binary runs").stdout.starts_with(b"gannet "));
        begun.elapsed()
    });
    assert!(took.any(|took| took < Duration::from_millis(10)));
}
