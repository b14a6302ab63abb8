//! Disks that are full, or gone: downloads wait, keep what they have, and go on by themselves.

use std::path::Path;

use gannet_manager::{Manager, ManagerOptions};
use gannet_schema::{
    Category, Command, DownloadId, Event, Message, Reply, RequestOptions, Standing, WaitReason,
};
use gannet_testkit::Origin;

use crate::scene::*;

fn waits_for(wanted: WaitReason) -> impl FnMut(&Standing) -> bool {
    move |standing| matches!(standing, Standing::Waiting { reason, .. } if *reason == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_waits_before_a_byte_is_fetched() {
    let origin = Origin::builder().size(1 << 55).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("huge.bin"))).await;
    let row = until_standing(&mut subscription, id, "no room", waits_for(WaitReason::DiskFull)).await;
    let Standing::Waiting {
        retry_at_ms, failure, ..
    } = row.standing
    else {
        unreachable!("it waits");
    };
    assert!(retry_at_ms.is_some() && failure.is_some());
    assert_eq!(row.length, Some(1 << 55), "how much it is is known meanwhile");
    until(&mut subscription, "it is needed", |message| {
        let Message::Event { event, .. } = message else {
            return None;
        };
        let Event::Roots { roots } = &**event else {
            return None;
        };
        (roots[0].needed_bytes == 1 << 55).then_some(())
    })
    .await;
    let folder = scene.downloads().to_string_lossy().into_owned();
    let Reply::Folders { needed_bytes, .. } = manager.execute(Command::ListFolders { folder }).await else {
        panic!("no folders");
    };
    assert_eq!(needed_bytes, 1 << 55);
    let probe = Command::Probe {
        url: origin.url("other.bin"),
        options: RequestOptions::default(),
    };
    let Reply::Probed { probed } = manager.execute(probe).await else {
        panic!("no answer");
    };
    assert_eq!(probed.needed_bytes, 1 << 55);
    done(&manager, Command::Pause { ids: vec![id] }).await;
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_is_waited_for() {
    let origin = slow_origin(400_000, 400_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let root = scene.downloads();
    std::fs::remove_dir_all(&root).unwrap();
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_standing(
        &mut subscription,
        id,
        "the disk is gone",
        waits_for(WaitReason::DiskGone),
    )
    .await;
    std::fs::create_dir(&root).unwrap();
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    manager.close().await;
}

/// The disk with the root was there when the program ended; now something else is in its place. Nothing is begun again, and
/// nothing is put there, until it is back.
async fn assert_waits_for_its_disk(
    scene: &Scene,
    origin: &Origin,
    id: DownloadId,
    is_as_left: impl Fn() -> bool,
) {
    let sent = origin.log().bytes_sent();
    let manager = Manager::open(scene.options_of_root()).await.unwrap();
    let mut subscription = manager.subscribe();
    let row = until_standing(
        &mut subscription,
        id,
        "the disk is gone",
        waits_for(WaitReason::DiskGone),
    )
    .await;
    assert!(row.bytes >= LENGTH / 2, "what it had is still known: {row:?}");
    assert!(!row.cells.0.is_empty(), "and where in the file: {row:?}");
    assert_eq!(origin.log().bytes_sent(), sent, "nothing is begun again");
    assert!(is_as_left(), "nothing is put where the disk was");
    manager.close().await;
}

/// Goes on, once the disk is back, with what was there.
async fn assert_goes_on(scene: &Scene, origin: &Origin, id: DownloadId) {
    let manager = Manager::open(scene.options_of_root()).await.unwrap();
    let mut subscription = manager.subscribe();
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    let twice = origin.log().bytes_sent() - origin.content().length();
    assert!(
        twice < LENGTH / 3,
        "{twice} bytes were fetched twice: it began anew"
    );
    manager.close().await;
}

const LENGTH: u64 = 12_000_000;

/// A download of which some is there, and its manager closed.
async fn begun(scene: &Scene) -> (Origin, DownloadId) {
    let origin = slow_origin(LENGTH, 250_000).await;
    let manager = Manager::open(scene.options_of_root()).await.unwrap();
    change_settings(&manager, |settings| {
        settings.network.proxy = gannet_schema::ProxyChoice::Direct;
    })
    .await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, LENGTH / 2).await;
    manager.close().await;
    (origin, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_mount_point_is_not_taken_for_the_disk() {
    let scene = Scene::new();
    let root = scene.root();
    std::fs::create_dir(&root).unwrap();
    let (origin, id) = begun(&scene).await;
    // As it would stand in the store, had a disk been mounted there.
    let store = rusqlite::Connection::open(scene.data_dir().join("gannet.db")).unwrap();
    let path = root.to_str().unwrap();
    let remembered = serde_json::json!([{ "given": path, "resolved": path, "disk": path }]);
    let changed = store.execute(
        "UPDATE settings SET value = ?1 WHERE name = 'roots'",
        [remembered.to_string()],
    );
    assert_eq!(changed.unwrap(), 1);
    drop(store);
    let away = scene.path().join("away");
    std::fs::rename(&root, &away).unwrap();
    std::fs::create_dir(&root).unwrap();
    assert_waits_for_its_disk(&scene, &origin, id, || names_in(&root).is_empty()).await;
    std::fs::remove_dir(&root).unwrap();
    assert_waits_for_its_disk(&scene, &origin, id, || !root.exists()).await;
    std::fs::rename(&away, &root).unwrap();
    assert_goes_on(&scene, &origin, id).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_is_a_link_which_leads_nowhere_is_waited_for() {
    let scene = Scene::new();
    let disk = scene.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    std::os::unix::fs::symlink(&disk, scene.root()).unwrap();
    let (origin, id) = begun(&scene).await;
    let away = scene.path().join("away");
    std::fs::rename(&disk, &away).unwrap();
    assert_waits_for_its_disk(&scene, &origin, id, || !disk.exists()).await;
    std::fs::rename(&away, &disk).unwrap();
    assert_goes_on(&scene, &origin, id).await;
}

/// What was chosen beneath a root that the configuration does not name any more is chosen no longer, and is in nobody's way.
#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_the_configuration_lost_takes_its_choices_along() {
    let scene = Scene::new();
    let (kept, lost) = (
        scene.downloads(),
        scene.path().canonicalize().unwrap().join("lost"),
    );
    let with_both = ManagerOptions {
        roots: vec![kept.clone(), lost.clone()],
        ..scene.options()
    };
    let manager = Manager::open(with_both).await.unwrap();
    let chosen = lost.to_str().unwrap().to_owned();
    change_settings(&manager, |settings| {
        settings.general.folder = Some(chosen.clone());
    })
    .await;
    let category = Category {
        folder: Some(chosen),
        ..state(&manager).await.categories.remove(0)
    };
    done(&manager, Command::ChangeCategory { category }).await;
    manager.close().await;
    drop(manager);

    let manager = scene.open().await;
    let now = state(&manager).await;
    assert_eq!(now.settings.general.folder, None);
    assert!(now.categories.iter().all(|category| category.folder.is_none()));
    change_settings(&manager, |settings| settings.network.connections = 5).await;
    let mut category = now.categories[0].clone();
    category.name = "Films".to_owned();
    done(&manager, Command::ChangeCategory { category }).await;
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("a.bin"))).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert!(Path::new(&row.folder).starts_with(&kept), "{row:?}");
    manager.close().await;
}
