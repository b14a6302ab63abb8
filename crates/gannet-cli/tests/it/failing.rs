//! Files that do not arrive, and the status that says why.

use std::fs;

use gannet_testkit::{ClosedPort, Fault, Profile, When};

use crate::scene::{Scene, end, wait_until};

fn refusing(status: u16) -> Scene {
    Scene::new(|origin| origin.fault(When::Always, Fault::Status(status)))
}

#[test]
fn what_the_server_refuses_for_good_is_status_4() {
    for status in [401, 404, 410] {
        let scene = refusing(status);
        let ended = scene.run(&[&scene.url("a.bin")]);
        assert_eq!(ended.status, Some(4), "{status}: {}", ended.stderr);
        let lines: Vec<&str> = ended.stderr.lines().collect();
        assert_eq!(lines.len(), 3, "{}", ended.stderr);
        assert_eq!(lines[0], "error: a.bin was not downloaded");
        assert!(lines[1].contains(&status.to_string()), "{}", ended.stderr);
        assert!(scene.names().is_empty(), "{:?}", scene.names());
    }
}

#[test]
fn a_server_that_is_not_there_is_status_3() {
    let nobody = ClosedPort::take().expect("a port");
    let scene = Scene::new(|origin| origin);
    let ended = scene.run(&[
        "--retry-for",
        "500ms",
        &format!("http://{}/a.bin", nobody.address),
    ]);
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    assert!(!ended.stderr.contains("goes on"), "{}", ended.stderr);
}

#[test]
fn a_folder_that_cannot_be_is_status_5() {
    let scene = Scene::new(|origin| origin);
    fs::write(scene.path("file"), "no folder").expect("written");
    let ended = scene.run(&["-d", "file/sub", &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(5), "{}", ended.stderr);
}

#[test]
fn a_wrong_digest_is_status_6_and_nothing_is_published() {
    let scene = Scene::new(|origin| origin);
    let wrong = format!("sha256:{}", "0".repeat(64));
    let ended = scene.run(&["--checksum", &wrong, &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(6), "{}", ended.stderr);
    assert!(!scene.path("a.bin").exists());

    let right = format!("sha256:{}", scene.origin.content().sha256_hex());
    let ended = scene.run_well(&["--checksum", &right, &scene.url("a.bin")]);
    scene.assert_whole("a.bin");
    assert!(ended.stderr.contains("verified by sha256"), "{}", ended.stderr);
}

#[test]
fn a_target_that_another_process_holds_is_status_7() {
    let scene = Scene::new(|origin| origin.size(64 << 20).rate_total(2 << 20));
    let url = scene.url("a.bin");
    let mut first = scene.get(&[&url]).spawn().expect("the binary runs");
    wait_until("bytes are sent", || scene.origin.log().bytes_sent() > 100_000);
    wait_until("the part file", || scene.path("a.bin.part").exists());
    let second = scene.run(&[&url]);
    assert_eq!(second.status, Some(7), "{}", second.stderr);
    first.kill().expect("killed");
    first.wait().expect("ended");
}

#[test]
fn the_first_failure_decides_and_the_others_arrive() {
    let missing = Profile {
        faults: vec![(When::Always, Fault::Status(404))],
        ..Profile::default()
    };
    let scene = Scene::new(|origin| origin.route("/missing/", missing));
    let wrong = format!("sha256:{}", "0".repeat(64));
    let list = format!(
        "{}\n{}\n{}\n  checksum={wrong}\n",
        scene.url("good.bin"),
        scene.url("missing/a.bin"),
        scene.url("wrong.bin"),
    );
    fs::write(scene.path("list.txt"), list).expect("written");
    let ended = scene.run(&["-i", "list.txt"]);
    assert_eq!(ended.status, Some(4), "{}", ended.stderr);
    scene.assert_whole("good.bin");
    assert!(ended.stderr.contains("\n1 of 3 files"), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("; 2 failed\n"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_asked_is_status_2() {
    let scene = Scene::new(|origin| origin);
    let url = scene.url("a.bin");
    let right = format!("sha256:{}", scene.origin.content().sha256_hex());
    fs::write(scene.path("list.txt"), &url).expect("written");
    for arguments in [
        &[][..],
        &["ftp://127.0.0.1/a"],
        &["--checksum", "sha256:xyz", &url],
        &["--limit", "fast", &url],
        &["-x", "65", &url],
        &["-o", "a", &url, &url],
        &["--header", "no colon", &url],
        &["--json", "-o", "-", &url],
        &["-i", "no-such-list"],
        // What holds for one file may not be lost on the way to a list's.
        &["-i", "list.txt", "--checksum", &right],
        &["-i", "list.txt", "--mirror", &url],
        &["--retry-for", "0", &url],
        &["--connect-timeout", "0", &url],
        &["--proxy", "sock5://127.0.0.1:1", &url],
        &["--proxy", "foo://x", &url],
        &["--overwrite", "--rename", &url],
        &[&url, "not an address"],
    ] {
        let ended = scene.run(arguments);
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stdout.is_empty(), "{arguments:?}");
    }
    assert_eq!(scene.names(), ["list.txt"]);
    assert_eq!(scene.origin.log().request_count(), 0);
}

#[test]
fn a_file_that_does_not_fit_is_status_5_before_it_is_fetched() {
    let scene = Scene::new(|origin| origin.size(1 << 55));
    let ended = scene.run(&[&scene.url("a.bin")]);
    assert_eq!(ended.status, Some(5), "{}", ended.stderr);
    assert!(scene.names().is_empty(), "{:?}", scene.names());
}

#[test]
fn what_is_wrong_with_a_list_is_told_with_its_line() {
    let scene = Scene::new(|origin| origin);
    let list = format!("# mine\n{}\n\nexample.com/file\n", scene.url("a.bin"));
    fs::write(scene.path("list.txt"), list).expect("written");
    let ended = scene.run(&["-i", "list.txt"]);
    assert_eq!(ended.status, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("line 4: ") && ended.stderr.contains("write https://example.com/file"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_stream_with_the_wrong_digest_leaves_nothing_and_names_nothing_of_its_own() {
    let scene = Scene::new(|origin| origin);
    let wrong = format!("sha256:{}", "0".repeat(64));
    let ended = scene.run(&["-o", "-", "-d", "tmp", "--checksum", &wrong, &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(6), "{}", ended.stderr);
    assert!(!ended.stderr.contains("stream"), "{}", ended.stderr);
    assert_eq!(fs::read_dir(scene.path("tmp")).expect("a folder").count(), 0);
}

#[test]
fn no_message_bears_a_secret() {
    let scene = Scene::new(|origin| {
        origin.with(|profile| profile.basic_auth = Some(("ann".to_owned(), "right".to_owned())))
    });
    let url = scene
        .url("a.bin?token=hunter2")
        .replace("http://", "http://bob:hunter2@");
    for option in ["--verbose", "--json", "--quiet"] {
        let child = scene
            .get(&[
                option,
                "--user",
                "ann:hunter2",
                "--header",
                "X-Token: hunter2",
                "--referer",
                "http://h/?hunter2",
                &url,
            ])
            .env("GANNET_LOG", "gannet_engine=trace,gannet=trace")
            .spawn();
        let ended = end(child.expect("the binary runs"));
        assert_eq!(ended.status, Some(4), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{option}: {}", ended.stderr);
        let stdout = String::from_utf8(ended.stdout).expect("UTF-8");
        assert!(!stdout.contains("hunter2"), "{option}: {stdout}");
    }
}

/// Nobody knows whether a second stream is of the same file where the server gives its versions no names.
#[test]
fn a_stream_that_begins_anew_is_not_joined_to_what_was_given_out() {
    use gannet_testkit::{Dates, ETag, Ranges};
    const CUT_AT: u64 = 2 << 20;
    let scene = Scene::new(|origin| {
        origin
            .size(2 * CUT_AT)
            .rate_total(CUT_AT)
            .fault(When::First(1), Fault::CutAfter(CUT_AT))
            .with(|profile| {
                profile.ranges = Ranges::Refused;
                (profile.etag, profile.dates) = (ETag::None, Dates::NoLastModified);
            })
    });
    let ended = scene.run(&["-o", "-", &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(6), "{}", ended.stderr);
    assert!(ended.stderr.contains("begin anew"), "{}", ended.stderr);
    assert!(!ended.stdout.is_empty() && ended.stdout.len() as u64 <= CUT_AT);
    assert_eq!(scene.origin.content().check(0, &ended.stdout), Ok(()));
}
