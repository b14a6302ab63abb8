//! A file that a person agreed to have replaced, and all the others, which nobody did.

use std::fs;

use gannet_schema::{Command, FailureCode, NewDownload, Standing, Start};
use gannet_testkit::Origin;

use crate::scene::*;

/// To be put where `name` is in the downloads folder, in place of what is there.
fn replacing(scene: &Scene, url: String, name: &str) -> NewDownload {
    NewDownload {
        name: Some(name.to_owned()),
        folder: Some(scene.downloads().to_string_lossy().into_owned()),
        replace: true,
        ..new_download(url)
    }
}

fn is_finished(standing: &Standing) -> bool {
    *standing == Standing::Finished
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_that_was_agreed_to_is_replaced_and_no_other() {
    let slow = slow_origin(400_000, 20_000).await;
    let quick = Origin::builder().size(2_000).start().await.unwrap();
    let scene = Scene::new();
    let file = |name: &str| scene.downloads().join(name);
    for name in ["letter.bin", "letter (1).bin"] {
        fs::write(file(name), "old").unwrap();
    }
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();

    let first = add(&manager, replacing(&scene, slow.url("a.bin"), "letter.bin")).await;
    until_bytes(&mut subscription, first, 1).await;
    assert_eq!(
        fs::read(file("letter.bin")).unwrap(),
        b"old",
        "it stays until the new one is whole"
    );

    // The name is another download's by now: a number comes to it, and nobody agreed to that name.
    let second = add(&manager, replacing(&scene, quick.url("b.bin"), "letter.bin")).await;
    let row = until_standing(&mut subscription, second, "beside the first", is_finished).await;
    assert_eq!(row.name, "letter (2).bin");
    assert_file_is(&path_of(&row), &quick.content());
    assert_eq!(fs::read(file("letter (1).bin")).unwrap(), b"old");

    let row = until_standing(&mut subscription, first, "in its place", is_finished).await;
    assert_eq!(row.name, "letter.bin");
    assert_file_is(&path_of(&row), &slow.content());
    assert_eq!(
        names_in(&scene.downloads()),
        ["letter (1).bin", "letter (2).bin", "letter.bin"]
    );
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_to_outlasts_a_restart_but_no_other_name() {
    let origin = Origin::builder().size(2_000).start().await.unwrap();
    let scene = Scene::new();
    let file = |name: &str| scene.downloads().join(name);
    for name in ["kept.bin", "renamed.bin"] {
        fs::write(file(name), "old").unwrap();
    }
    let manager = scene.open().await;
    let paused = |name: &str| NewDownload {
        start: Start::Paused,
        ..replacing(&scene, origin.url(name), name)
    };
    let kept = add(&manager, paused("kept.bin")).await;
    let renamed = add(&manager, paused("renamed.bin")).await;
    let name = "other.bin".to_owned();
    done(&manager, Command::Rename { id: renamed, name }).await;
    fs::write(file("other.bin"), "somebody else's").unwrap();
    manager.close().await;

    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    done(&manager, Command::ResumeAll).await;
    let mut names = Vec::new();
    until(&mut subscription, "both finished", |message| {
        for row in rows(message).iter().filter(|row| is_finished(&row.standing)) {
            names.push((row.id, row.name.clone()));
        }
        (names.len() == 2).then_some(())
    })
    .await;
    names.sort();
    assert_eq!(
        names,
        [
            (kept, "kept.bin".to_owned()),
            (renamed, "other (1).bin".to_owned())
        ]
    );
    assert_eq!(fs::read(file("other.bin")).unwrap(), b"somebody else's");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn which_file_may_be_replaced_has_to_be_said() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let url = || "http://127.0.0.1:1/a.bin".to_owned();
    let unnamed = NewDownload {
        name: None,
        ..replacing(&scene, url(), "a.bin")
    };
    let anywhere = NewDownload {
        folder: None,
        ..replacing(&scene, url(), "a.bin")
    };
    for download in [unnamed, anywhere] {
        let add = Command::Add {
            downloads: vec![download],
            duplicates: gannet_schema::DuplicateChoice::Add,
        };
        assert_eq!(failed(&manager, add).await.code, FailureCode::InvalidRequest);
    }
    manager.close().await;
}
