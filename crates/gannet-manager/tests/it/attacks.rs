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
