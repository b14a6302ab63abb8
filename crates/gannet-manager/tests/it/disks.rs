//! Disks that are full, or gone: downloads wait, keep what they have, and go on by themselves.

use gannet_schema::{Command, Standing, WaitReason};
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
