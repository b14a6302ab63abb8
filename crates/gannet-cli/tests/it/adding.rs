//! `gannet add`, as far as it is more than an address; and what is said of numbers that nobody has.

use std::fs;

use crate::scene::{Scene, end, wait_until};
use crate::served::{Serving, ask};

/// What the server tells of each unfinished download.
fn rows(serving: &Serving<'_>) -> Vec<serde_json::Value> {
    serving.objects(&["list", "--json"])
}

#[test]
fn a_metalink_file_is_added_with_all_that_it_says() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start(&scene);
    let (good, bad) = (scene.origin.content().sha256_hex(), "0".repeat(64));
    for (file, digest) in [("good.meta4", &good), ("bad.metalink", &bad)] {
        let name = format!("{file}.bin");
        let text = format!(
            r#"<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="{name}"><hash type="sha-256">{digest}</hash>
            <url>{}</url><url>{}</url></file></metalink>"#,
            scene.url(&name),
            scene.url(&format!("mirror/{name}"))
        );
        fs::write(scene.path(file), text).expect("written");
    }
    let added = serving.ask_well(&["add", "good.meta4", "./bad.metalink"]);
    assert_eq!(added.lines().count(), 2, "{added}");
    wait_until("the one is whole, the other is not what was named", || {
        scene.path("downloads/good.meta4.bin").exists()
            && rows(&serving)
                .iter()
                .any(|row| row["standing"]["kind"] == "failed")
    });
    assert_eq!(rows(&serving)[0]["mirrors"], 1);
    assert!(!scene.path("downloads/bad.metalink.bin").exists());

    for wrong in [["missing.meta4", "--paused"], ["good.meta4", "-o=x"]] {
        let refused = serving.ask(&["add", wrong[0], wrong[1]]);
        assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    }
}

#[test]
fn a_relative_folder_lies_beneath_the_other_servers_and_no_proxy_is_asked_for_this_machine() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start(&scene);
    let arguments = [
        "add",
        "-d",
        "films/new",
        "--server",
        &serving.url,
        "--token-file",
        "data/token",
        &scene.url("a.bin"),
    ];
    let mut command = scene.gannet(&arguments);
    // A proxy that nobody answers at.
    command
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1");
    let ended = end(command.spawn().expect("the binary runs"));
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    wait_until("it is there", || scene.path("downloads/films/new/a.bin").exists());
    assert!(
        !scene.path("films").exists(),
        "this machine's folders say nothing there"
    );
}

#[test]
fn a_file_that_is_there_is_treated_as_it_was_said() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start(&scene);
    let folder = scene.path("downloads");
    fs::create_dir_all(&folder).expect("made");
    for name in ["over.bin", "kept.bin"] {
        fs::write(folder.join(name), "old").expect("written");
    }
    serving.ask_well(&["add", "--overwrite", &scene.url("over.bin")]);
    serving.ask_well(&["add", "--skip-existing", &scene.url("kept.bin")]);
    serving.ask_well(&["add", "--rename", "--if-listed", "add", &scene.url("kept.bin")]);
    wait_until("the one replaced, the other beside", || {
        folder
            .join("over.bin")
            .metadata()
            .is_ok_and(|over| over.len() == 1 << 20)
            && folder.join("kept (1).bin").exists()
            && rows(&serving)
                .iter()
                .any(|row| row["standing"]["failure"]["code"] == "target_exists")
    });
    scene.assert_whole("downloads/over.bin");
    assert_eq!(fs::read(folder.join("kept.bin")).expect("kept"), b"old");
}

#[test]
fn a_proxy_of_the_settings_is_passed_by_where_that_is_said() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start_with_environment(&scene, &[("ALL_PROXY", "http://127.0.0.1:1")]);
    serving.ask_well(&["add", "--proxy", "direct", &scene.url("a.bin")]);
    wait_until("it is there", || scene.path("downloads/a.bin").exists());
}

#[test]
fn what_a_download_in_a_list_cannot_have_is_said_with_its_reason() {
    let scene = Scene::new(|origin| origin);
    for (option, reason) in [
        (["--cacert", "ca.pem"], "certificates"),
        (["--retry-for", "5s"], "settings"),
        (["--jobs", "3"], "at once"),
        (["--paused", "--no-resume"], "first byte"),
        (["--paused", "--sequential"], "front to the back"),
    ] {
        let refused = ask(&scene, &["add", option[0], option[1], &scene.url("a.bin")]);
        assert_eq!(refused.status, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(reason), "{}", refused.stderr);
    }
}

#[test]
fn numbers_that_nobody_has_are_said() {
    let scene = Scene::new(|origin| origin.size(1 << 20));
    let serving = Serving::start(&scene);
    serving.ask_well(&["add", &scene.url("a.bin")]);
    wait_until("it is finished", || {
        !serving.objects(&["list", "--finished", "--json"]).is_empty()
    });
    serving.ask_well(&["add", "--paused", &scene.url("b.bin")]);
    for command in ["pause", "resume"] {
        let ended = serving.ask(&[command, "2", "99", "1"]);
        assert_eq!(ended.status, Some(2), "{}", ended.stderr);
        assert_eq!(
            ended.stderr, "error: there is no download 99\ndownload 1 is finished\n",
            "{command}"
        );
    }
    assert!(serving.ask(&["pause", "1"]).stderr.contains("finished"));
}
