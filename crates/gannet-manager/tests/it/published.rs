//! A file that was published, and not noted yet when the program ended: at the next start it is known for what it is, and
//! no other file of its name and length is taken for it.

use std::path::{Path, PathBuf};

use gannet_schema::{DownloadId, FailureCode, OnExisting, Row, Standing};
use gannet_testkit::Origin;

use crate::scene::*;

const LENGTH: u64 = 600_000;

fn is_finished(standing: &Standing) -> bool {
    *standing == Standing::Finished
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in names_in(from) {
        std::fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

/// A file that is whole, and a store that knows it as half of one.
async fn published(scene: &Scene, origin: &Origin) -> (DownloadId, PathBuf) {
    let manager = scene.open().await;
    change_settings(&manager, |settings| settings.network.connections = 1).await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1).await;
    manager.close().await;
    drop(manager);
    let before = scene.path().join("before");
    copy_files(&scene.data_dir(), &before);

    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let row = until_standing(&mut subscription, id, "published", is_finished).await;
    manager.close().await;
    drop(manager);
    for name in names_in(&scene.data_dir()) {
        std::fs::remove_file(scene.data_dir().join(name)).unwrap();
    }
    copy_files(&before, &scene.data_dir());
    (id, path_of(&row))
}

/// What becomes of it at the next start.
async fn found(scene: &Scene, id: DownloadId, on_existing: OnExisting) -> Row {
    let mut options = scene.options();
    options.waits_for_face = true;
    let manager = gannet_manager::Manager::open(options).await.unwrap();
    change_settings(&manager, |settings| settings.general.on_existing = on_existing).await;
    let mut subscription = manager.subscribe();
    manager.give_turns().await;
    let row = until_standing(&mut subscription, id, "it is decided", |standing| {
        matches!(standing, Standing::Finished | Standing::Failed { .. })
    })
    .await;
    manager.close().await;
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_known_for_what_it_is_and_not_fetched_again() {
    for on_existing in [OnExisting::Rename, OnExisting::Overwrite, OnExisting::Fail] {
        let origin = slow_origin(LENGTH, 300_000).await;
        let scene = Scene::new();
        let (id, file) = published(&scene, &origin).await;
        let sent = origin.log().bytes_sent();
        let row = found(&scene, id, on_existing).await;
        assert_eq!(
            (row.standing, row.bytes),
            (Standing::Finished, LENGTH),
            "{on_existing:?}"
        );
        assert_eq!(names_in(file.parent().unwrap()), ["film.mkv"]);
        assert_file_is(&file, &origin.content());
        let sent = origin.log().bytes_sent() - sent;
        assert!(sent < LENGTH / 2, "{on_existing:?}: {sent} bytes were sent again");
    }
}

/// Somebody put another file of that length in its place while the program did not run.
#[tokio::test(flavor = "multi_thread")]
async fn another_file_of_its_name_and_length_is_treated_as_any_that_was_there() {
    for on_existing in [OnExisting::Rename, OnExisting::Overwrite, OnExisting::Fail] {
        let origin = slow_origin(LENGTH, 300_000).await;
        let scene = Scene::new();
        let (id, file) = published(&scene, &origin).await;
        let mine = vec![7; LENGTH as usize];
        std::fs::write(&file, &mine).unwrap();
        let row = found(&scene, id, on_existing).await;
        let is_mine = || std::fs::read(&file).unwrap() == mine;
        match on_existing {
            OnExisting::Rename => {
                assert_eq!(
                    (&*row.name, row.standing.clone()),
                    ("film (1).mkv", Standing::Finished)
                );
                assert_file_is(&path_of(&row), &origin.content());
                assert!(is_mine());
            }
            OnExisting::Overwrite => {
                assert_eq!((&*row.name, row.standing), ("film.mkv", Standing::Finished));
                assert_file_is(&file, &origin.content());
            }
            OnExisting::Fail => {
                let Standing::Failed { failure } = row.standing else {
                    panic!("{row:?}");
                };
                assert_eq!(failure.code, FailureCode::TargetExists);
                assert!(is_mine());
            }
        }
    }
}
