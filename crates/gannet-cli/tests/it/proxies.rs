//! Proxies that the environment names.

use gannet_testkit::{ClosedPort, OriginBuilder, ProxySpeaks, TestProxy};

use crate::scene::{Ended, Scene, end};

fn run(scene: &Scene, environment: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let mut command = scene.get(&[&["--retry-for", "500ms", "--cacert", "ca.pem"], arguments].concat());
    command.envs(environment.iter().copied());
    end(command.spawn().expect("the binary runs"))
}

fn scene() -> Scene {
    let scene = Scene::new(OriginBuilder::tls);
    std::fs::write(scene.path("ca.pem"), scene.origin.ca_pem()).expect("written");
    scene
}

#[test]
fn the_environments_proxies_are_used_for_what_they_are_for() {
    let scene = scene();
    let (plain, secure) = (scene.url("a.bin"), scene.origin.https_url("a.bin"));
    for (speaks, login) in [
        (ProxySpeaks::Http, Some("gannet:dives")),
        (ProxySpeaks::Http, None),
        (ProxySpeaks::Socks5, None),
    ] {
        let proxy = scene.beside(TestProxy::start(speaks, login)).expect("a proxy");
        let proxy_url = proxy.url(login.unwrap_or_default());
        for (name, url) in [
            ("http_proxy", &plain),
            ("https_proxy", &secure),
            ("HTTPS_PROXY", &secure),
            ("all_proxy", &plain),
            ("ALL_PROXY", &secure),
        ] {
            let before = proxy.passed();
            let ended = run(&scene, &[(name, &proxy_url)], &["--overwrite", url]);
            assert_eq!(ended.status, Some(0), "{name} {speaks:?}: {}", ended.stderr);
            assert!(proxy.passed() > before, "{name} {speaks:?}");
            scene.assert_whole("a.bin");
        }
        // Each is for its own scheme.
        for (name, url) in [("http_proxy", &secure), ("https_proxy", &plain)] {
            let before = proxy.passed();
            let ended = run(&scene, &[(name, &proxy_url)], &["--overwrite", url]);
            assert_eq!(ended.status, Some(0), "{name} {speaks:?}: {}", ended.stderr);
            assert_eq!(proxy.passed(), before, "{name} {speaks:?}");
        }
    }
}

#[test]
fn hosts_that_are_to_have_no_proxy_have_none() {
    let scene = scene();
    let nobody = ClosedPort::take().expect("a port");
    let dead = format!("http://{}", nobody.address);
    let url = scene.url("a.bin");
    let ended = run(&scene, &[("http_proxy", &dead)], &[&url]);
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    assert_eq!(
        scene.origin.log().request_count(),
        0,
        "it does not go past its proxy"
    );
    for exempt in ["127.0.0.1", "other.example,127.0.0.0/8", "*"] {
        let environment = [("http_proxy", dead.as_str()), ("no_proxy", exempt)];
        let ended = run(&scene, &environment, &["--overwrite", &url]);
        assert_eq!(ended.status, Some(0), "{exempt}: {}", ended.stderr);
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_no_reason_to_go_without() {
    let scene = scene();
    for variable in ["http_proxy", "all_proxy"] {
        let ended = run(
            &scene,
            &[(variable, "sock5://ann:hunter2@127.0.0.1:1")],
            &[&scene.url("a.bin")],
        );
        assert_eq!(ended.status, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(variable), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
    assert_eq!(scene.origin.log().request_count(), 0);
}

#[test]
fn a_proxy_that_turns_us_away_is_named_and_its_password_is_not() {
    let scene = scene();
    let nobody = ClosedPort::take().expect("a port");
    let dead = format!("http://ann:hunter2@{}", nobody.address);
    let ended = run(&scene, &[], &["--proxy", &dead, &scene.url("a.bin")]);
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    let port = dead.rsplit(':').next().expect("a port");
    assert!(
        ended
            .stderr
            .contains(&format!("the proxy 127.0.0.1:{port}: check --proxy")),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn a_proxy_of_the_environment_that_turns_us_away_is_named_with_where_it_comes_from() {
    let scene = scene();
    let nobody = ClosedPort::take().expect("a port");
    let dead = format!("http://ann:hunter2@{}", nobody.address);
    let port = dead.rsplit(':').next().expect("a port");
    for (variable, url) in [
        ("http_proxy", scene.url("a.bin")),
        ("all_proxy", scene.origin.https_url("a.bin")),
    ] {
        let ended = run(&scene, &[(variable, &dead)], &[&url]);
        assert_eq!(ended.status, Some(3), "{}", ended.stderr);
        let expected = format!("the proxy 127.0.0.1:{port}, which the environment names");
        assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[test]
fn a_proxy_that_was_given_counts_more_than_the_environments() {
    let scene = scene();
    let nobody = ClosedPort::take().expect("a port");
    let dead = format!("http://{}", nobody.address);
    let environment = [("http_proxy", dead.as_str()), ("no_proxy", "127.0.0.1")];
    let proxy = scene
        .beside(TestProxy::start(ProxySpeaks::Http, None))
        .expect("a proxy");
    let url = scene.url("a.bin");
    let ended = run(&scene, &environment, &["--proxy", &proxy.url(""), &url]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let passed = proxy.passed();
    assert!(passed > 0);

    let ended = run(
        &scene,
        &environment[..1],
        &["--proxy", "direct", "--overwrite", &url],
    );
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_eq!(proxy.passed(), passed);
}
