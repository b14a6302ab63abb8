//! What the options come to at a real server.

use std::fs;

use gannet_testkit::{Asks, Fault, OriginBuilder, Profile, Redirect, Refusal, Target, TlsManners, When};

use crate::scene::{Scene, end};

/// Slow enough to be stopped after its first record, and large enough to be worth going on with.
fn slow(origin: OriginBuilder) -> OriginBuilder {
    origin.size(6 << 20).rate_total(4 << 20)
}

#[test]
fn cookies_of_a_file_go_to_their_host_alone() {
    let scene = Scene::new(|origin| origin);
    let cookies = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tours\n\
        other.example\tFALSE\t/\tFALSE\t0\tsession\tothers\n";
    fs::write(scene.path("cookies.txt"), cookies).expect("written");
    scene.run_well(&["--cookies", "cookies.txt", &scene.url("a.bin")]);
    scene.assert_whole("a.bin");
    let seen = scene.origin.log().headers_seen("cookie");
    assert!(
        !seen.is_empty() && seen.iter().all(|cookie| cookie == "session=ours"),
        "{seen:?}"
    );

    let missing = scene.run(&["--cookies", "no-such-file", &scene.url("b.bin")]);
    assert_eq!(missing.status, Some(2), "{}", missing.stderr);
}

#[test]
fn the_netrc_that_the_environment_names_is_read_and_is_for_its_hosts_alone() {
    let scene = Scene::new(|origin| {
        origin.with(|profile| profile.basic_auth = Some(("ann".to_owned(), "right".to_owned())))
    });
    let run = |entry: &str, output: &str| {
        fs::write(scene.path("logins"), entry).expect("written");
        let mut command = scene.get(&["--netrc", "-o", output, &scene.url("a.bin")]);
        command.env("NETRC", scene.path("logins"));
        end(command.spawn().expect("the binary runs"))
    };
    let ended = run("machine 127.0.0.1 login ann password right\n", "a.bin");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    scene.assert_whole("a.bin");

    scene.origin.log().clear();
    let ended = run("machine other.example login ann password right\n", "b.bin");
    assert_eq!(ended.status, Some(4), "{}", ended.stderr);
    assert_eq!(scene.origin.log().headers_seen("authorization"), [""; 0]);
}

#[test]
fn a_mirror_takes_the_place_of_an_address_that_is_gone() {
    let gone = Profile {
        faults: vec![(When::Always, Fault::Status(404))],
        ..Profile::default()
    };
    let scene = Scene::new(|origin| origin.route("/gone/", gone));
    scene.run_well(&["--mirror", &scene.url("there/a.bin"), &scene.url("gone/a.bin")]);
    scene.assert_whole("a.bin");
}

#[test]
fn a_mirror_delivers_beside_the_first_address_where_a_digest_is_given() {
    let scene = Scene::new(|origin| origin.size(6 << 20).rate_per_connection(1 << 20));
    let digest = format!("sha256:{}", scene.origin.content().sha256_hex());
    let mirror = scene.url("mirror/a.bin");
    let ended = scene.run_well(&[
        "--checksum",
        &digest,
        "--mirror",
        &mirror,
        &scene.url("first/a.bin"),
    ]);
    scene.assert_whole("a.bin");
    assert!(ended.stderr.contains("verified by sha256"), "{}", ended.stderr);
    let requests = scene.origin.log().requests();
    for path in ["/first/a.bin", "/mirror/a.bin"] {
        let sent = requests.iter().filter(|entry| entry.path == path);
        assert!(sent.map(|entry| entry.body_bytes).sum::<u64>() > 0, "{path}");
    }
}

#[test]
fn a_file_that_changed_is_refused_or_begun_again_as_asked() {
    let scene = Scene::new(slow);
    let url = scene.url("a.bin");
    scene.leave_a_beginning("a.bin");
    scene.origin.set_version(2);

    let refused = scene.run(&["--on-change", "fail", &url]);
    assert_eq!(refused.status, Some(6), "{}", refused.stderr);
    assert_eq!(
        scene.names(),
        ["a.bin.part", "a.bin.part.journal"],
        "what came is kept"
    );

    scene.run_well(&["--on-change", "restart", &url]);
    scene.assert_holds("a.bin", scene.origin.content_of(2));
    assert_eq!(scene.names(), ["a.bin"]);
}

#[test]
fn what_an_earlier_run_left_is_dropped_where_that_is_asked_for() {
    let scene = Scene::new(slow);
    let url = scene.url("a.bin");
    scene.leave_a_beginning("a.bin");
    let ended = scene.run_well(&["--no-resume", &url]);
    assert!(!ended.stderr.contains("from before"), "{}", ended.stderr);
    scene.assert_whole("a.bin");
    assert_eq!(scene.names(), ["a.bin"]);
    let asked = scene.origin.log().ranges();
    assert_eq!(asked[0].start, 0, "{asked:?}");

    fs::remove_file(scene.path("a.bin")).expect("removed");
    scene.leave_a_beginning("a.bin");
    let ended = scene.run_well(&[&url]);
    assert!(ended.stderr.contains("from before"), "{}", ended.stderr);
    scene.assert_whole("a.bin");
}

#[test]
fn https_is_left_for_http_only_where_that_is_allowed() {
    let scene = Scene::new(|origin| {
        origin
            .tls()
            .with(|profile| profile.redirect = Some(Redirect::once(Target::Plain)))
    });
    fs::write(scene.path("ca.pem"), scene.origin.ca_pem()).expect("written");
    let url = scene.origin.https_url("a.bin");
    let refused = scene.run(&["--cacert", "ca.pem", &url]);
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(
        scene
            .origin
            .log()
            .requests()
            .iter()
            .all(|entry| entry.status == Some(302))
    );
    scene.run_well(&["--cacert", "ca.pem", "--allow-downgrade", &url]);
    scene.assert_whole("a.bin");
}

#[test]
fn a_client_certificate_is_shown() {
    let scene = Scene::new(|origin| {
        origin.tls().tls_manners(TlsManners {
            asks: Asks::ClientCertificate,
            ..TlsManners::default()
        })
    });
    fs::write(scene.path("ca.pem"), scene.origin.ca_pem()).expect("written");
    fs::write(scene.path("own.pem"), scene.origin.client_pem()).expect("written");
    let url = scene.origin.https_url("a.bin");
    let refused = scene.run(&["--cacert", "ca.pem", &url]);
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("--cert"), "{}", refused.stderr);
    scene.run_well(&["--cacert", "ca.pem", "--cert", "own.pem", &url]);
    scene.assert_whole("a.bin");
}

#[test]
fn in_order_no_byte_is_asked_for_long_before_those_in_front_of_it() {
    const SIZE: u64 = 48 << 20;
    const PER_CONNECTION: u64 = 4 << 20;
    let asked = |order: &[&str]| {
        let scene = Scene::new(|origin| origin.size(SIZE).rate_per_connection(PER_CONNECTION));
        let url = scene.url("a.bin");
        scene.run_well(&[order, &["-x", "4", &url]].concat());
        scene.assert_whole("a.bin");
        // The first asks for everything, and each later one for a segment.
        let asked = scene.origin.log().ranges();
        asked[1..4]
            .iter()
            .map(|range| range.start)
            .max()
            .expect("four workers")
    };
    assert!(asked(&["--sequential"]) < SIZE / 2);
    assert!(asked(&[]) > SIZE / 2, "else this test shows nothing");
}

#[test]
fn a_server_in_trouble_is_asked_again_for_as_long_as_was_said() {
    let refusing = |when| {
        Scene::new(move |origin: OriginBuilder| origin.fault(when, Fault::Refuse(Refusal::status(503))))
    };
    let scene = refusing(When::First(2));
    scene.run_well(&["--retry-for", "1min", &scene.url("a.bin")]);
    scene.assert_whole("a.bin");

    let scene = refusing(When::Always);
    let begun = std::time::Instant::now();
    let ended = scene.run(&["--retry-for", "300ms", &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(30),
        "not the default minute"
    );
    assert!(scene.origin.log().request_count() >= 2, "once is no trying");
}
