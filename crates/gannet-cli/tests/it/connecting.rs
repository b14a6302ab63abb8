//! Whom we say to be, how long we wait to be let in, and whose word we take for whom we talk to.

use std::fs;

use gannet_testkit::{OriginBuilder, Redirect, Target};

use crate::scene::Scene;

#[test]
fn the_name_and_the_headers_that_were_given_go_with_every_request() {
    let scene = Scene::new(|origin| origin.size(6 << 20).rate_per_connection(4 << 20));
    scene.run_well(&[
        "--user-agent",
        "Diver/1.0 (by hand)",
        "--header",
        "X-Api-Key: let me in",
        "--header",
        "X-Depth:40 m",
        "--referer",
        "https://example.org/list",
        &scene.url("a.bin"),
    ]);
    scene.assert_whole("a.bin");
    let log = scene.origin.log();
    let requests = log.request_count() as usize;
    assert!(requests > 1, "there is more than the first one");
    for (name, value) in [
        ("user-agent", "Diver/1.0 (by hand)"),
        ("x-api-key", "let me in"),
        ("x-depth", "40 m"),
        ("referer", "https://example.org/list"),
    ] {
        assert_eq!(log.headers_seen(name), vec![value; requests], "{name}");
    }

    log.clear();
    scene.run_well(&["-o", "b.bin", &scene.url("a.bin")]);
    let agents = log.headers_seen("user-agent");
    assert!(
        agents.iter().all(|agent| agent.contains("Chrome/")),
        "many servers refuse who they do not know: {agents:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_is_waited_for_as_long_as_was_said() {
    let scene = Scene::new(|origin| origin);
    let silent = gannet_testkit::SilentAddress::on(std::net::Ipv4Addr::LOCALHOST.into()).expect("a listener");
    let url = format!("http://{}/a.bin", silent.address);
    let said = |connect_timeout: &str| {
        let options = ["--retry-for", "1s", "--connect-timeout", connect_timeout, &url];
        let ended = scene.run(&options);
        assert_eq!(ended.status, Some(3), "{}", ended.stderr);
        ended.stderr
    };
    let short = said("1s");
    assert!(short.contains("it took too long to connect"), "{short}");
    // Then it is given up as a request that is not answered, before anybody speaks of connecting.
    let long = said("1min");
    assert!(!long.contains("to connect"), "{long}");
}

/// What one host is forgiven is forgiven to no other.
#[test]
fn a_certificate_that_is_not_checked_is_that_of_the_named_host_alone() {
    let scene = Scene::new(|origin: OriginBuilder| {
        origin
            .tls()
            .with(|profile| profile.redirect = Some(Redirect::once(Target::Localhost)))
    });
    let url = scene.origin.https_url("a.bin");
    let refused = scene.run(&["--insecure", "--retry-for", "1s", &url]);
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    let said = "localhost:";
    assert!(
        refused.stderr.contains(said),
        "it names who is not trusted: {}",
        refused.stderr
    );
    assert_eq!(
        scene.origin.log().request_count(),
        1,
        "it came as far as the redirect, and no further"
    );
    fs::write(scene.path("ca.pem"), scene.origin.ca_pem()).expect("written");
    scene.run_well(&["--cacert", "ca.pem", &url]);
    scene.assert_whole("a.bin");
}
