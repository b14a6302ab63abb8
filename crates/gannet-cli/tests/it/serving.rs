//! `gannet serve` as a process of its own, and the commands that talk to it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
#[cfg(unix)]
use std::time::Duration;

use gannet_testkit::{Fault, When};
use serde_json::Value;

use crate::scene::{Scene, end, wait_until};
use crate::served::{SERVE, Serving, ask};

/// Asks for a link by hand; the head of the answer.
fn follow(link: &str) -> String {
    let rest = link.strip_prefix("http://").expect("a link");
    let (authority, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(authority).expect("a connection");
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn standing(serving: &Serving<'_>) -> Vec<String> {
    serving
        .objects(&["list", "--json"])
        .iter()
        .map(|row| row["standing"]["kind"].as_str().expect("a word").to_owned())
        .collect()
}

#[test]
fn a_download_is_added_listed_finished_opened_and_removed() {
    let scene = Scene::new(|origin| origin.size(2 << 20));
    let serving = Serving::start(&scene);
    assert_eq!(
        serving
            .ask_well(&[
                "add",
                "-o",
                "sub/b.bin",
                "-d",
                "downloads",
                &scene.url("a.bin?key=hunter2")
            ])
            .trim(),
        format!("1  {}", scene.url("a.bin"))
    );
    wait_until("it is finished", || {
        !serving.objects(&["list", "--finished", "--json"]).is_empty()
    });
    scene.assert_whole("downloads/sub/b.bin");
    let listed = serving.ask_well(&["list", "--finished"]);
    assert!(listed.contains("100 %") && listed.contains("b.bin"), "{listed}");
    let path = serving.ask_well(&["open", "1", "--print"]);
    assert!(path.trim().ends_with("downloads/sub/b.bin"), "{path}");
    let folder = serving.ask_well(&["open", "1", "--folder", "--print"]);
    assert!(folder.trim().ends_with("downloads/sub"), "{folder}");
    serving.ask_well(&["remove", "1"]);
    assert!(serving.objects(&["list", "--finished", "--json"]).is_empty());
    scene.assert_whole("downloads/sub/b.bin");
    let gone = serving.ask(&["open", "1"]);
    assert_eq!(
        (gone.status, gone.stderr.as_str()),
        (Some(2), "error: there is no download 1\n")
    );
}

#[test]
fn what_a_system_would_run_is_not_opened() {
    let scene = Scene::new(|origin| origin.size(2 << 10));
    let serving = Serving::start(&scene);
    serving.ask_well(&["add", &scene.url("letter.pdf.desktop")]);
    wait_until("it is finished", || {
        !serving.objects(&["list", "--finished", "--json"]).is_empty()
    });
    let refused = serving.ask(&["open", "1"]);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert!(
        refused
            .stderr
            .contains("letter.pdf.desktop is something that the system would run"),
        "{}",
        refused.stderr
    );
    let path = serving.ask_well(&["open", "1", "--print"]);
    assert!(path.trim().ends_with("letter.pdf.desktop"), "{path}");
}

#[test]
fn downloads_are_paused_and_resumed() {
    let scene = Scene::new(|origin| origin.size(64 << 20).rate_total(2 << 20));
    let serving = Serving::start(&scene);
    serving.ask_well(&["add", &scene.url("a.bin"), &scene.url("b.bin")]);
    serving.ask_well(&["pause", "1"]);
    wait_until("one is paused", || {
        standing(&serving).contains(&"paused".to_owned())
    });
    serving.ask_well(&["pause", "--all"]);
    wait_until("both are paused", || standing(&serving) == ["paused", "paused"]);
    serving.ask_well(&["resume", "--all"]);
    wait_until("both go on", || {
        standing(&serving) == ["downloading", "downloading"]
    });
    let table = serving.ask_well(&["list"]);
    assert!(table.lines().next().expect("a head").contains("SPEED"), "{table}");
    assert!(table.contains("a.bin") && table.contains("67.1 MB"), "{table}");
    serving.ask_well(&["remove", "1", "2"]);
    assert!(standing(&serving).is_empty());
}

#[cfg(unix)]
#[test]
fn the_systems_request_to_end_is_followed_within_five_seconds_and_all_goes_on_afterwards() {
    let scene = Scene::new(|origin| origin.size(24 << 20).rate_total(8 << 20));
    let serving = Serving::start(&scene);
    serving.ask_well(&["add", &scene.url("a.bin")]);
    wait_until("a third is sent", || scene.origin.log().bytes_sent() > 8 << 20);
    let (ended, took) = serving.terminate();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert!(!scene.path("data/runtime.json").exists());

    scene.origin.log().clear();
    let serving = Serving::start(&scene);
    wait_until("it is finished", || scene.path("downloads/a.bin").exists());
    scene.assert_whole("downloads/a.bin");
    let sent = scene.origin.log().bytes_sent();
    assert!(sent < 20 << 20, "a third is not fetched again: {sent}");
    drop(serving);
}

#[test]
fn a_server_that_was_killed_goes_on_where_it_was() {
    let scene = Scene::new(|origin| origin.size(32 << 20).rate_total(8 << 20));
    let serving = Serving::start(&scene);
    serving.ask_well(&["add", &scene.url("a.bin")]);
    serving.ask_well(&["add", "--paused", &scene.url("b.bin")]);
    wait_until("half is sent", || scene.origin.log().bytes_sent() > 20 << 20);
    serving.kill();

    let stale = ask(&scene, &["list"]);
    assert_eq!(stale.status, Some(8), "{}", stale.stderr);
    scene.origin.log().clear();
    let serving = Serving::start(&scene);
    wait_until("it is finished", || scene.path("downloads/a.bin").exists());
    scene.assert_whole("downloads/a.bin");
    let sent = scene.origin.log().bytes_sent();
    assert!(sent < 28 << 20, "what was journaled is not fetched again: {sent}");
    assert_eq!(standing(&serving), ["paused"]);
}

#[test]
fn where_nothing_runs_it_is_said_how_to_start_it() {
    let scene = Scene::new(|origin| origin);
    for arguments in [&["list"][..], &["add", "http://h/a"], &["pause", "1"], &["open"]] {
        let ended = ask(&scene, arguments);
        assert_eq!(ended.status, Some(8), "{}", ended.stderr);
        assert!(
            ended.stderr.starts_with("error: no Gannet runs here\n"),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("gannet serve"), "{}", ended.stderr);
    }
}

#[test]
fn one_process_owns_the_list() {
    let scene = Scene::new(|origin| origin);
    let _serving = Serving::start(&scene);
    let second = end(scene.gannet(&SERVE).spawn().expect("the binary runs"));
    assert_eq!(second.status, Some(7), "{}", second.stderr);
    assert!(
        second.stderr.contains("gannet serve --login-link"),
        "{}",
        second.stderr
    );
}

#[test]
fn a_login_link_is_printed_where_it_was_asked_for_and_works_once() {
    let scene = Scene::new(|origin| origin);
    let mut serving = Serving::start(&scene);
    // A pipe is no terminal: no link goes into a log.
    let said = serving.line();
    assert!(
        !said.contains("code=") && said.contains("gannet serve --login-link"),
        "{said}"
    );
    let link = end(scene
        .gannet(&["serve", "--login-link", "--data-dir", "data"])
        .spawn()
        .expect("the binary runs"));
    assert_eq!(link.status, Some(0), "{}", link.stderr);
    let link = String::from_utf8(link.stdout).expect("UTF-8");
    assert!(link.starts_with(&serving.url), "{link}");
    assert!(follow(link.trim()).starts_with("HTTP/1.1 303"));
    assert!(follow(link.trim()).starts_with("HTTP/1.1 403"));
    let opened = serving.ask_well(&["open"]);
    assert!(
        opened.contains("/login?code="),
        "without a display the link is printed: {opened}"
    );
}

#[test]
fn a_link_at_the_start_is_there_for_who_asks() {
    let scene = Scene::new(|origin| origin);
    let mut serving = Serving::start_with(&scene, &["--login-link"]);
    let said = serving.line();
    let link = said
        .split(' ')
        .find(|word| word.starts_with("http"))
        .expect("a link");
    assert!(follow(link).contains("set-cookie: gannet-"), "{said}");
}

#[test]
fn another_server_is_reached_by_its_name_and_token() {
    let scene = Scene::new(|origin| origin);
    let serving = Serving::start(&scene);
    let by_name = |token_file: &str| {
        ask(
            &scene,
            &[
                "list",
                "--json",
                "--server",
                &serving.url,
                "--token-file",
                token_file,
            ],
        )
    };
    assert_eq!(by_name("data/token").status, Some(0));
    fs::write(scene.path("wrong"), "0".repeat(64)).expect("written");
    let refused = by_name("wrong");
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert_eq!(by_name("missing").status, Some(2));
    let nobody = ask(
        &scene,
        &[
            "list",
            "--server",
            "http://127.0.0.1:1",
            "--token-file",
            "data/token",
        ],
    );
    assert_eq!(nobody.status, Some(8), "{}", nobody.stderr);
}

#[test]
fn what_cannot_be_added_is_said_with_its_status() {
    let scene = Scene::new(|origin| origin);
    let serving = Serving::start(&scene);
    let outside = serving.ask(&["add", "-d", "elsewhere", &scene.url("a.bin")]);
    assert_eq!(outside.status, Some(2), "{}", outside.stderr);
    assert!(!scene.path("elsewhere").exists());
    let url = scene.url("a.bin");
    serving.ask_well(&["add", "--paused", &url]);
    let again = serving.ask(&["add", &url]);
    assert_eq!(again.status, Some(7), "{}", again.stderr);
    assert!(
        again.stderr.contains("in the list already: 1"),
        "{}",
        again.stderr
    );
    let other = scene.url("b.bin");
    let left_out = serving.ask_well(&["add", "--paused", "--if-listed", "skip", &url, &other]);
    assert_eq!(left_out, format!("2  {other}\n"));
    let added = serving.ask_well(&["add", "--paused", "--if-listed", "add", "--json", &url]);
    let reply: Value = serde_json::from_str(&added).expect("an object");
    assert_eq!(reply["kind"], "added");
    assert_eq!(serving.ask(&["add", "-o", "-", &url]).status, Some(2));
}

#[test]
fn secrets_of_the_command_line_reach_the_origin_and_nothing_else() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start(&scene);
    serving.ask_well(&[
        "add",
        "--header",
        "X-Key: hunter2",
        "--user",
        "me:hunter3",
        &scene.url("a.bin?sig=hunter4"),
    ]);
    wait_until("it is there", || scene.path("downloads/a.bin").exists());
    let said = serving.ask_well(&["list", "--finished", "--json"]);
    assert!(!said.contains("hunter"), "{said}");
}

#[test]
fn each_address_that_is_added_is_looked_up_in_netrc_by_itself() {
    let scene = Scene::new(|origin| {
        origin.with(|profile| profile.basic_auth = Some(("ann".to_owned(), "hunter2".to_owned())))
    });
    fs::write(
        scene.path(".netrc"),
        "machine 127.0.0.1 login ann password hunter2\n",
    )
    .expect("written");
    let gone = Scene::new(|origin| origin.fault(When::Always, Fault::Status(404)));
    let first = gone.url("a.bin").replace("127.0.0.1", "localhost");
    let serving = Serving::start(&scene);
    serving.ask_well(&["add", "--netrc", &first, "--mirror", &scene.url("a.bin")]);
    wait_until("it is there", || scene.path("downloads/a.bin").exists());
    let said = serving.ask_well(&["list", "--finished", "--json"]);
    assert!(!said.contains("hunter"), "{said}");
}

#[test]
fn the_config_file_is_read_and_its_faults_are_named() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let root = scene.path("archive");
    fs::create_dir(&root).expect("made");
    fs::write(
        scene.path("config.toml"),
        format!("listen = \"127.0.0.1:0\"\nroots = [{root:?}]\nhosts = [\"nas.local\"]\n"),
    )
    .expect("written");
    let arguments = ["serve", "--data-dir", "data", "--config", "config.toml"];
    let mut child = scene.gannet(&arguments).spawn().expect("the binary runs");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut first)
        .expect("a line");
    assert_eq!(ask(&scene, &["add", &scene.url("a.bin")]).status, Some(0));
    wait_until("it is there", || root.join("a.bin").exists());
    child.kill().expect("killed");
    child.wait().expect("gone");

    fs::write(scene.path("config.toml"), "lisen = 1\n").expect("written");
    let faulty = end(scene.gannet(&arguments).spawn().expect("the binary runs"));
    assert_eq!(faulty.status, Some(2));
    assert!(
        faulty.stderr.contains("config.toml: unknown field `lisen`"),
        "{}",
        faulty.stderr
    );
}

/// Where the config file says that the list is, the other commands look for its owner too.
#[test]
fn a_data_folder_of_the_config_file_is_everyones() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let (data, root) = (scene.path("elsewhere"), scene.path("archive"));
    fs::create_dir_all(scene.path(".config/gannet")).expect("made");
    fs::create_dir(&root).expect("made");
    fs::write(
        scene.path(".config/gannet/config.toml"),
        format!("listen = \"127.0.0.1:0\"\ndata_dir = {data:?}\nroots = [{root:?}]\n"),
    )
    .expect("written");
    let mut child = scene.gannet(&["serve"]).spawn().expect("the binary runs");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut first)
        .expect("a line");
    let added = end(scene
        .gannet(&["add", &scene.url("a.bin")])
        .spawn()
        .expect("the binary runs"));
    assert_eq!(added.status, Some(0), "{}", added.stderr);
    wait_until("it is there", || root.join("a.bin").exists());
    child.kill().expect("killed");
    child.wait().expect("gone");
}

#[test]
fn listening_beyond_this_machine_is_warned_of() {
    let scene = Scene::new(|origin| origin);
    let mut child = scene
        .gannet(&[
            "serve",
            "--listen",
            "0.0.0.0:0",
            "--data-dir",
            "data",
            "--download-dir",
            "downloads",
        ])
        .spawn()
        .expect("the binary runs");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut first)
        .expect("a line");
    assert!(first.starts_with("listening on http://127.0.0.1:"), "{first}");
    wait_until("commands find it", || ask(&scene, &["list"]).status == Some(0));
    child.kill().expect("killed");
    let ended = end(child);
    assert!(
        ended
            .stderr
            .contains("can be reached from other machines, without TLS"),
        "{}",
        ended.stderr
    );
}
