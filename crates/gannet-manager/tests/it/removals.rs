//! What becomes of files whose downloads were removed, once that cannot be undone any more.

use gannet_manager::Manager;
use gannet_schema::{Command, DownloadId, FileChoice, Standing};

use crate::scene::*;

/// A finished download, removed with its file; the undo is over for all that is tested here.
async fn removed(scene: &Scene, manager: &Manager, name: &str) -> (DownloadId, std::path::PathBuf) {
    let origin = slow_origin(100_000, 10_000_000).await;
    let mut subscription = manager.subscribe();
    let id = add(manager, new_download(origin.url(name))).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    let files = FileChoice::Delete;
    manager.execute(Command::Remove { ids: vec![id], files }).await;
    assert!(path_of(&row).starts_with(scene.root()), "{row:?}");
    (id, path_of(&row))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_on_a_disk_that_is_away_is_deleted_when_it_is_back() {
    let scene = Scene::new();
    let manager = Manager::open(scene.options_of_root()).await.unwrap();
    let (id, file) = removed(&scene, &manager, "film.mkv").await;
    let away = scene.path().join("away");
    std::fs::rename(scene.root(), &away).unwrap();
    manager.close().await;

    // Opened without its disk, and without the folder being made anew in its place.
    std::fs::write(scene.root(), "in the way").unwrap();
    let manager = Manager::open(scene.options_of_root()).await.unwrap();
    // paces: the time for an undo has to pass, and nothing is seen of it.
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    manager.close().await;
    std::fs::remove_file(scene.root()).unwrap();
    std::fs::rename(&away, scene.root()).unwrap();
    assert!(file.exists());

    let manager = Manager::open(scene.options_of_root()).await.unwrap();
    wait_until("the file is gone", || !file.exists()).await;
    assert_eq!(
        failed(&manager, Command::UndoRemove { ids: vec![id] }).await.code,
        gannet_schema::FailureCode::NotFound
    );
    manager.close().await;
}
