//! What must not be: files outside the roots, links that are followed, secrets that come out.

use gannet_schema::{
    Command, Credentials, DuplicateChoice, FailureCode, FileChoice, Message, ProxyChoice, Reply,
    RequestOptions, Secret, Standing, Start,
};
use gannet_testkit::Origin;

use crate::scene::*;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_put_outside_the_roots() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let root = scene.downloads();
    let outside = scene.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let root_text = root.to_string_lossy().into_owned();
    for folder in [
        "/etc".to_owned(),
        "relative".to_owned(),
        String::new(),
        format!("{root_text}/../outside"),
        format!("{root_text}/a/../../outside"),
        format!("{root_text}x"),
        outside.to_string_lossy().into_owned(),
        format!("{root_text}/a\0b"),
    ] {
        let mut download = new_download("http://127.0.0.1:1/a");
        download.folder = Some(folder.clone());
        let add = Command::Add {
            downloads: vec![download],
            duplicates: DuplicateChoice::Add,
        };
        for command in [
            add,
            Command::MakeFolder {
                folder: folder.clone(),
            },
            Command::ListFolders {
                folder: folder.clone(),
            },
        ] {
            let failure = failed(&manager, command).await;
            assert_eq!(failure.code, FailureCode::OutsideRoots, "{folder:?}");
        }
    }
    manager.close().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn symbolic_links_are_not_followed() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let root = scene.downloads();
    let outside = scene.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, root.join("link")).unwrap();
    let through = root.join("link/deeper").to_string_lossy().into_owned();
    for command in [
        Command::MakeFolder {
            folder: through.clone(),
        },
        Command::ListFolders {
            folder: root.join("link").to_string_lossy().into_owned(),
        },
    ] {
        assert_eq!(failed(&manager, command).await.code, FailureCode::OutsideRoots);
    }
    let mut subscription = manager.subscribe();
    let mut download = new_download(origin.url("a.bin"));
    download.folder = Some(through);
    let id = add(&manager, download).await;
    until_standing(&mut subscription, id, "failed", |standing| {
        matches!(standing, Standing::Failed { failure } if failure.code == FailureCode::OutsideRoots)
    })
    .await;
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    manager.close().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_the_place_of_a_finished_file_is_not_deleted_through() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("a.bin"))).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    let precious = scene.path().join("precious");
    std::fs::write(&precious, "mine").unwrap();
    std::fs::remove_file(path_of(&row)).unwrap();
    std::os::unix::fs::symlink(&precious, path_of(&row)).unwrap();
    assert!(finished(&manager).await[0].missing, "a link is not the file");
    let files = FileChoice::Delete;
    manager.execute(Command::Remove { ids: vec![id], files }).await;
    manager.close().await;
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let manager = scene.open().await;
    add(&manager, paused("http://127.0.0.1:1/a")).await;
    for entry in std::fs::read_dir(scene.data_dir()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
    let mode = std::fs::metadata(scene.data_dir()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    manager.close().await;
}

fn paused(url: &str) -> gannet_schema::NewDownload {
    let mut download = new_download(url);
    download.start = Start::Paused;
    download
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_never_come_out() {
    let origin = slow_origin(400_000, 400_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let mut said = Vec::new();
    change_settings(&manager, |settings| {
        settings.network.proxy = ProxyChoice::Url {
            url: "http://user:hunter2@127.0.0.1:1".to_owned(),
            has_password: false,
        };
    })
    .await;
    change_settings(&manager, |settings| settings.network.proxy = ProxyChoice::Direct).await;
    let secret = || Secret::new("hunter2");
    let address =
        |path: &str| origin.url(path).replace("http://", "http://user:hunter2@") + "?token=hunter2#hunter2";
    let mut download = new_download(address("a.bin"));
    download.options = RequestOptions {
        headers: vec![("X-Key".to_owned(), secret())],
        cookies: Some(secret()),
        credentials: Some(Credentials::Bearer { token: secret() }),
        ..RequestOptions::default()
    };
    download.mirrors = vec![address("mirror.bin")];
    let gone = new_download("http://user:hunter2@127.0.0.1:1/gone.bin?token=hunter2");
    let ids = add_all(&manager, vec![download.clone(), gone.clone()]).await;
    for id in &ids {
        subscription.watch(Some(*id));
    }
    let mut is_finished = false;
    let mut waits = false;
    until(&mut subscription, "one finished, one waits", |message| {
        said.push(serde_json::to_string(message).unwrap());
        said.push(format!("{message:?}"));
        for row in rows(message) {
            is_finished |= row.standing == Standing::Finished;
            waits |= row.id == ids[1] && matches!(row.standing, Standing::Waiting { .. });
        }
        if let Message::Snapshot { snapshot, .. } = message {
            waits |= snapshot
                .moving
                .iter()
                .any(|moving| moving.id == ids[1] && matches!(moving.standing, Standing::Waiting { .. }));
        }
        (is_finished && waits).then_some(())
    })
    .await;
    let mut replies = Vec::new();
    for command in [
        Command::GetDetail { id: ids[0] },
        Command::GetDetail { id: ids[1] },
        Command::Add {
            downloads: vec![download, gone.clone()],
            duplicates: DuplicateChoice::Ask,
        },
        Command::Probe {
            url: gone.url.clone(),
            options: RequestOptions::default(),
        },
    ] {
        said.push(
            format!("{command:?}")
                .replace("?token=hunter2", "")
                .replace("user:hunter2@", "")
                .replace("#hunter2", ""),
        );
        replies.push(manager.execute(command).await);
    }
    said.push(serde_json::to_string(&replies).unwrap());
    said.push(serde_json::to_string(&finished(&manager).await).unwrap());
    said.push(format!(
        "{manager:?} {subscription:?} {:?}",
        state(&manager).await
    ));
    for text in said {
        assert!(!text.contains("hunter2"), "{text}");
    }
    let links = manager
        .execute(Command::CopyLinks {
            ids: ids[..1].to_vec(),
        })
        .await;
    assert!(
        format!("{links:?}").contains("token=hunter2"),
        "asked for, it is given: {links:?}"
    );
    let Reply::Exported { text } = manager.execute(Command::Export).await else {
        panic!("not exported");
    };
    assert!(
        !text
            .replace("?token=hunter2#hunter2", "")
            .replace("?token=hunter2", "")
            .contains("hunter2"),
        "addresses are whole, and that is all: {text}"
    );
    assert!(text.contains(r#""left_out""#), "it says so: {text}");
    manager.close().await;
}

/// Folders that lie elsewhere, or pretend to lie beneath the root.
fn folders_elsewhere(root: &str, outside: &str) -> Vec<String> {
    vec![
        "/etc".to_owned(),
        "..".to_owned(),
        format!("{root}/../outside"),
        format!("{root}/a/../../outside"),
        format!("{root}/./../outside"),
        format!("{root}x"),
        outside.to_owned(),
        format!("{root}/a\0b"),
        format!("{root}/{}", "long".repeat(1_250)),
        "C:\\Windows".to_owned(),
        "\\\\server\\share".to_owned(),
    ]
}

/// What a file could be called to end elsewhere, or nowhere.
fn names_of_harm(outside: &str) -> Vec<String> {
    let mut names: Vec<String> = [
        "..",
        ".",
        "",
        "/",
        "../outside/a.bin",
        "..\\outside\\a.bin",
        "a/b.bin",
        "a\0.bin",
        "a\n.bin",
        "CON",
        "con.txt",
        "NUL",
        "COM1.bin",
        "LPT9",
        "AUX.tar.gz",
        "CONIN$",
        "a.bin.",
        "a.bin ",
        "a:b",
        "a.bin.part",
        "a.bin.part.journal",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(format!("{outside}/a.bin"));
    names.push("long".repeat(1_250));
    names
}

/// What Windows takes for a device, whatever follows the first dot.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest: &str| rest.len() == 1)
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&&*stem) || numbered("COM") || numbered("LPT")
}

/// A plain name in a folder beneath the root, fit for every system.
fn assert_harmless(row: &gannet_schema::Row, root: &std::path::Path) {
    let name = &row.name;
    let folder = std::path::Path::new(&row.folder);
    assert!(folder.starts_with(root) && !row.folder.contains(".."), "{row:?}");
    assert!(!name.is_empty() && name.len() <= 255, "{row:?}");
    assert!(
        !name.contains(|character: char| "/\\:\0".contains(character) || character.is_control()),
        "{row:?}"
    );
    assert!(!name.ends_with(['.', ' ']) && !name.starts_with(".."), "{row:?}");
    assert!(!is_device(name), "{row:?}");
    let ending = std::path::Path::new(name).extension();
    assert!(
        ending.is_none_or(|ending| ending != "part" && ending != "journal"),
        "{row:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_leads_a_file_outside_the_roots() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let root = scene.downloads();
    let outside = scene.path().canonicalize().unwrap().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let (root_text, outside_text) = (root.to_str().unwrap(), outside.to_str().unwrap());
    let mut subscription = manager.subscribe();
    let whole = add(&manager, new_download(origin.url("a.bin"))).await;
    until_standing(&mut subscription, whole, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    let resting = add(&manager, paused("http://127.0.0.1:1/b.bin")).await;

    let category = state(&manager).await.categories[0].clone();
    for folder in folders_elsewhere(root_text, outside_text) {
        let with_folder = gannet_schema::Category {
            folder: Some(folder.clone()),
            ..category.clone()
        };
        let mut settings = state(&manager).await.settings;
        settings.general.folder = Some(folder.clone());
        for command in [
            Command::MoveFiles {
                ids: vec![whole, resting],
                folder: folder.clone(),
            },
            Command::ChangeCategory {
                category: with_folder.clone(),
            },
            Command::AddCategory {
                category: gannet_schema::Category {
                    name: "Other".to_owned(),
                    ..with_folder
                },
            },
            Command::ChangeSettings {
                settings: Box::new(settings),
            },
        ] {
            let failure = failed(&manager, command).await;
            assert_eq!(failure.code, FailureCode::OutsideRoots, "{folder:?}");
        }
    }
    for name in names_of_harm(outside_text) {
        for id in [whole, resting] {
            let name = name.clone();
            // Made a plain one, or refused.
            manager.execute(Command::Rename { id, name }).await;
        }
        let rows = state(&manager).await.rows;
        for row in rows.iter().chain(&finished(&manager).await) {
            assert_harmless(row, &root);
        }
        assert!(
            finished(&manager).await.iter().all(|row| !row.missing),
            "{name:?}"
        );
    }
    // A category's name becomes a folder's.
    for name in ["..", "../outside", "a/../../outside", "NUL"] {
        let named = gannet_schema::Category {
            name: name.to_owned(),
            folder: None,
            ..category.clone()
        };
        manager.execute(Command::ChangeCategory { category: named }).await;
        let mut download = paused(&origin.url("c.bin"));
        download.category = Some(category.id);
        let id = add(&manager, download).await;
        let rows = state(&manager).await.rows;
        assert_harmless(rows.iter().find(|row| row.id == id).unwrap(), &root);
    }
    assert!(names_in(&outside).is_empty());
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_list_leads_no_file_outside_the_roots() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let root = scene.downloads();
    let outside = scene.path().canonicalize().unwrap().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let (root_text, outside_text) = (root.to_str().unwrap(), outside.to_str().unwrap());
    let mut wanted = Vec::new();
    for folder in folders_elsewhere(root_text, outside_text) {
        wanted.push((folder, "a.bin".to_owned()));
    }
    for name in names_of_harm(outside_text) {
        wanted.push((root_text.to_owned(), name));
    }
    let mut downloads = Vec::new();
    for (number, (folder, name)) in wanted.into_iter().enumerate() {
        let unfinished = serde_json::json!({
            "url": origin.url(&format!("{number}.bin")),
            "name": name,
            "folder": folder,
            "added_at_ms": 1,
        });
        let mut finished = unfinished.clone();
        finished["url"] = origin.url(&format!("finished-{number}.bin")).into();
        finished["length"] = 3.into();
        finished["finished"] = serde_json::json!({
            "kind": "finished", "at_ms": 1, "bytes": 3, "verified": { "kind": "unverified" },
        });
        downloads.extend([unfinished, finished]);
    }
    // What a finished one of such a list would point at.
    std::fs::write(outside.join("a.bin"), "abc").unwrap();
    // A name that makes a list unfit must not hide what the others do: each comes alone.
    let mut taken = 0;
    for download in downloads {
        let text = serde_json::json!({ "gannet_list": 2, "downloads": [download] }).to_string();
        let reply = manager.execute(Command::Import { text }).await;
        taken += usize::from(matches!(reply, Reply::Added { ids, .. } if !ids.is_empty()));
    }
    assert!(taken > 20, "{taken} of them were taken at all");
    let mut subscription = manager.subscribe();
    done(&manager, Command::ResumeAll).await;
    until(&mut subscription, "all are there", |message| {
        let is_still = match message {
            Message::State { state, .. } => state.rows.is_empty(),
            Message::Event { event, .. } => match &**event {
                gannet_schema::Event::Changed { counts, .. } => counts.all == counts.finished,
                _ => false,
            },
            Message::Snapshot { .. } => false,
        };
        is_still.then_some(())
    })
    .await;
    let rows = finished(&manager).await;
    for row in &rows {
        assert_harmless(row, &root);
    }
    // What is removed with its file removes nothing elsewhere.
    let ids = rows.iter().map(|row| row.id).collect();
    let files = FileChoice::Delete;
    manager.execute(Command::Remove { ids, files }).await;
    manager.close().await;
    assert_eq!(names_in(&outside), ["a.bin"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn files_are_moved_through_no_link() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let root = scene.downloads();
    let outside = scene.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, root.join("link")).unwrap();
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("a.bin"))).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    for folder in [root.join("link"), root.join("link/deeper")] {
        let folder = folder.to_str().unwrap().to_owned();
        let failure = failed(
            &manager,
            Command::MoveFiles {
                ids: vec![id],
                folder,
            },
        )
        .await;
        assert_eq!(failure.code, FailureCode::OutsideRoots);
    }
    assert_file_is(&path_of(&row), &origin.content());
    assert!(names_in(&outside).is_empty());
    manager.close().await;
}
