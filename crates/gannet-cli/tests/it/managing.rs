//! The whole program with many downloads: how queues end, how it ends itself, and what its log says.

use std::fs;
use std::process::Stdio;

use gannet_schema::{Command, Queue, QueueId, WhenDone};

use crate::scene::{Scene, wait_until};
use crate::served::{SERVE, Serving};

/// The main queue, with what happens when it is done.
fn main_queue(when_done: WhenDone) -> Command {
    Command::ChangeQueue {
        queue: Queue {
            id: QueueId::MAIN,
            name: "Main".to_owned(),
            running: true,
            at_once: 64,
            limit_bytes_per_s: None,
            schedule: None,
            retries: 3,
            when_done,
        },
    }
}

fn has_finished(serving: &Serving<'_>, count: usize) -> bool {
    serving.objects(&["list", "--finished", "--json"]).len() == count
}

#[test]
fn a_queue_that_is_done_ends_the_program_where_that_was_wanted() {
    let scene = Scene::new(|origin| origin.size(1 << 20).rate_total(4 << 20));
    let serving = Serving::start(&scene);
    assert_eq!(serving.command(&main_queue(WhenDone::Quit))["kind"], "done");
    serving.ask_well(&["add", "--paused", &scene.url("resting.bin")]);
    serving.ask_well(&["add", &scene.url("a.bin"), &scene.url("b.bin")]);
    let ended = serving.ended();
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    for name in ["downloads/a.bin", "downloads/b.bin"] {
        scene.assert_whole(name);
    }
    assert!(
        !scene.path("data/runtime.json").exists(),
        "it cleaned up behind itself"
    );
    // It was the end of that run only.
    let serving = Serving::start(&scene);
    assert!(has_finished(&serving, 2));
}

#[cfg(unix)]
#[test]
fn a_queue_that_is_done_runs_the_command_of_the_config_file_and_no_other() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let (marker, other) = (scene.path("marker"), scene.path("other"));
    let program = |path: &std::path::Path| {
        serde_json::json!(["sh", "-c", format!("echo $# >> {}", path.display()), "name"])
    };
    fs::write(
        scene.path("config.toml"),
        format!("when_done_command = {}\n", program(&marker)),
    )
    .expect("written");
    let serving = Serving::start_with(&scene, &["--config", "config.toml"]);

    // Whoever talks to it chooses that it runs, and not what.
    let change = serde_json::to_value(main_queue(WhenDone::Command)).expect("JSON");
    let mut with_words = change.clone();
    with_words["queue"]["when_done"] = serde_json::json!({ "command": program(&other) });
    let (status, reply) = serving.send(&with_words.to_string());
    assert!(status >= 400 && reply["kind"] != "done", "{status} {reply}");
    let mut beside = change;
    beside["queue"]["when_done_command"] = program(&other);
    beside["when_done_command"] = program(&other);
    serving.send(&beside.to_string());
    assert_eq!(serving.command(&main_queue(WhenDone::Command))["kind"], "done");

    serving.ask_well(&["add", &scene.url("a.bin")]);
    wait_until("the command ran", || {
        fs::read_to_string(&marker).is_ok_and(|said| said.ends_with('\n'))
    });
    let said = fs::read_to_string(&marker).expect("written");
    assert_eq!(said, "0\n", "it ran once, and nothing was passed to it");
    scene.assert_whole("downloads/a.bin");
    assert!(!other.exists());
}

#[test]
fn a_queue_runs_nothing_where_the_config_file_names_no_command() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start(&scene);
    assert_eq!(serving.command(&main_queue(WhenDone::Command))["kind"], "done");
    serving.ask_well(&["add", &scene.url("a.bin")]);
    wait_until("it is finished", || has_finished(&serving, 1));
    serving.ask_well(&["add", &scene.url("b.bin")]);
    wait_until("it lives on", || has_finished(&serving, 2));
}

/// Every line that any part of the program would ever log, over the whole life of a download that bears secrets.
#[test]
fn the_most_talkative_log_holds_no_secret() {
    const SECRETS: [&str; 6] = [
        "hunter-one",
        "hunter-two",
        "hunter-three",
        "hunter-four",
        "hunter-five",
        "hunter-six",
    ];
    let scene = Scene::new(|origin| {
        origin
            .size(8 << 20)
            .rate_total(4 << 20)
            .with(|profile| profile.basic_auth = Some(("ann".to_owned(), SECRETS[0].to_owned())))
    });
    let log = scene.path("log");
    let mut arguments = SERVE.to_vec();
    arguments.push("--verbose");
    let serve = |log: fs::File| {
        let mut command = scene.gannet(&arguments);
        command.env("GANNET_LOG", "trace").stderr(Stdio::from(log));
        Serving::of(&scene, &mut command)
    };
    let serving = serve(fs::File::create(&log).expect("made"));
    let user = format!("ann:{}", SECRETS[0]);
    fs::write(
        scene.path("cookies.txt"),
        format!(
            "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t{}\n",
            SECRETS[1]
        ),
    )
    .expect("written");
    let header = format!("X-Key: {}", SECRETS[2]);
    let url = scene.url(&format!("a.bin?token={}", SECRETS[3]));
    serving.ask_well(&[
        "add",
        "--user",
        &user,
        "--cookies",
        "cookies.txt",
        "--header",
        &header,
        &url,
    ]);
    let gone = scene
        .url(&format!("b.bin?token={}", SECRETS[4]))
        .replace("http://", &format!("http://bob:{}@", SECRETS[5]));
    serving.ask_well(&["add", &gone]);
    wait_until("the cookie was sent", || {
        let seen = scene.origin.log().headers_seen("cookie");
        seen.iter().any(|cookie| cookie.contains(SECRETS[1]))
    });
    wait_until("a part is there", || scene.origin.log().bytes_sent() > 3 << 20);
    serving.ask_well(&["pause", "1"]);
    wait_until("it rests", || {
        let rows = serving.objects(&["list", "--json"]);
        rows.iter()
            .any(|row| row["id"] == 1 && row["standing"]["kind"] == "paused")
    });
    serving.kill();

    let again = scene.path("log-2");
    let serving = serve(fs::File::create(&again).expect("made"));
    serving.ask_well(&["resume", "1"]);
    wait_until("it is finished", || has_finished(&serving, 1));
    scene.assert_whole("downloads/a.bin");
    wait_until("the other one failed", || {
        let rows = serving.objects(&["list", "--json"]);
        rows.iter()
            .any(|row| row["id"] == 2 && row["standing"]["kind"] == "failed")
    });
    serving.ask_well(&["remove", "1", "2"]);
    let token = fs::read_to_string(scene.path("data/token")).expect("a token");
    #[cfg(unix)]
    serving.terminate();
    #[cfg(not(unix))]
    serving.kill();
    for log in [log, again] {
        let said = fs::read_to_string(&log).expect("a log");
        assert!(
            said.contains("TRACE") && said.contains("gannet_engine"),
            "it says much: {}",
            said.len()
        );
        // The login goes over the wire in this form.
        let basic = "YW5uOmh1bnRlci1vbmU";
        for secret in SECRETS.iter().copied().chain([basic, token.trim()]) {
            let line = said.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} stands in {}", log.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn fifty_running_downloads_end_within_five_seconds_and_go_on_where_they_were() {
    use std::time::Duration;

    use gannet_engine::disk::journal::decode;
    use gannet_engine::{ByteRange, RangeSet};

    const DOWNLOADS: usize = 50;
    const LENGTH: u64 = 2 << 20;
    const CONNECTIONS: u64 = 2;
    // What the two ends of a connection hold at most, at this pace.
    const SOCKET_BYTES: u64 = 128 << 10;
    let scene = Scene::new(|origin| origin.size(LENGTH).rate_total(10 << 20));
    let serving = Serving::start(&scene);
    serving.command(&main_queue(WhenDone::Nothing));
    let mut settings = gannet_schema::Settings::default();
    settings.network.proxy = gannet_schema::ProxyChoice::Direct;
    settings.network.downloads_at_once = 64;
    settings.network.downloads_per_host = 64;
    settings.network.connections = CONNECTIONS as u32;
    settings.network.connections_per_host = 200;
    settings.general.folders_by_category = false;
    let settings = Box::new(settings);
    assert_eq!(
        serving.command(&Command::ChangeSettings { settings })["kind"],
        "done"
    );
    let urls: Vec<String> = (0..DOWNLOADS)
        .map(|number| scene.url(&format!("{number}.bin")))
        .collect();
    let mut add = vec!["add"];
    add.extend(urls.iter().map(String::as_str));
    serving.ask_well(&add);
    wait_until("nearly all of them run", || {
        let rows = serving.objects(&["list", "--json"]);
        let running = rows.iter().filter(|row| row["standing"]["kind"] == "downloading");
        running.count() >= DOWNLOADS * 9 / 10
    });
    wait_until("a third is sent", || {
        scene.origin.log().bytes_sent() > DOWNLOADS as u64 * LENGTH / 3
    });
    let (ended, took) = serving.terminate();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);

    // What was whole by then needs no journal any more.
    let journaled: Vec<RangeSet> = (0..DOWNLOADS)
        .map(|number| {
            let journal = fs::read(scene.path(format!("downloads/{number}.bin.part.journal")));
            let state = journal.map(|journal| decode(&journal).expect("a record"));
            state.map_or_else(|_| RangeSet::whole(LENGTH), |state| state.written)
        })
        .collect();
    let held: u64 = journaled.iter().map(RangeSet::bytes).sum();
    assert!(
        held > DOWNLOADS as u64 * LENGTH / 4,
        "{held} bytes are in the journals"
    );
    scene.origin.log().clear();
    let serving = Serving::start(&scene);
    wait_until("all are finished", || has_finished(&serving, DOWNLOADS));
    for number in 0..DOWNLOADS {
        scene.assert_whole(&format!("downloads/{number}.bin"));
    }
    // Of what the journals had, no more than what was on its way when an answer that led beyond a gap was cut.
    let twice: u64 = scene
        .origin
        .log()
        .requests()
        .iter()
        .filter_map(|entry| {
            let number: usize = entry.path.strip_prefix('/')?.strip_suffix(".bin")?.parse().ok()?;
            let start = entry.answered.as_ref()?.start;
            let sent = ByteRange::new(start, start + entry.body_bytes)?;
            let held = journaled[number].overlapping(sent);
            Some(
                held.filter_map(|range| range.intersection(sent))
                    .map(ByteRange::len)
                    .sum::<u64>(),
            )
        })
        .sum();
    let on_its_way = DOWNLOADS as u64 * CONNECTIONS * SOCKET_BYTES;
    assert!(
        twice <= on_its_way.min(held / 2),
        "{twice} of {held} bytes were fetched twice"
    );
}
