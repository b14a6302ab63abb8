//! Folders that a person chose in a dialog, and took back.

use gannet_manager::Manager;
use gannet_schema::{Command, FailureCode, FileChoice, NewDownload, Root, Standing};
use gannet_testkit::Origin;

use crate::scene::*;

/// Chooses a folder beside the downloads.
async fn choose(scene: &Scene, manager: &Manager) -> String {
    let folder = scene.path().join("chosen");
    std::fs::create_dir_all(&folder).unwrap();
    manager.admit_folder(&folder).await.unwrap()
}

fn into(folder: &str, url: String) -> NewDownload {
    NewDownload {
        folder: Some(folder.to_owned()),
        ..new_download(url)
    }
}

async fn refused(manager: &Manager, download: NewDownload) -> FailureCode {
    let add = Command::Add {
        downloads: vec![download],
        duplicates: gannet_schema::DuplicateChoice::Add,
    };
    failed(manager, add).await.code
}

async fn chosen_roots(manager: &Manager) -> Vec<String> {
    let roots = state(manager).await.roots;
    let chosen = roots.into_iter().filter(|root| root.chosen);
    chosen.map(|Root { path, .. }| path).collect()
}

fn dismiss(folder: &str) -> Command {
    Command::DismissFolder {
        folder: folder.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_a_person_chose_takes_files_from_then_on() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let chosen = scene.path().join("chosen");
    assert_eq!(
        manager.admit_folder(&chosen).await.unwrap_err().code,
        FailureCode::NotFound,
        "it is not made by being chosen"
    );
    std::fs::create_dir(&chosen).unwrap();
    let folder = manager.admit_folder(&chosen).await.unwrap();
    assert_eq!(
        manager.admit_folder(&chosen).await.as_deref(),
        Ok(folder.as_str())
    );
    let beneath_root = manager.admit_folder(&scene.downloads()).await.unwrap();
    assert_eq!(beneath_root, scene.downloads().to_string_lossy());
    let roots = state(&manager).await.roots;
    assert_eq!(roots.iter().filter(|root| root.path == folder).count(), 1);
    assert_eq!(roots.len(), 2);
    manager.close().await;

    let manager = scene.open().await;
    let mut download = new_download(origin.url("/file.bin"));
    download.folder = Some(folder);
    let mut subscription = manager.subscribe();
    let id = add(&manager, download).await;
    until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert!(chosen.join("file.bin").exists());
    let failure = failed(
        &manager,
        Command::ListFolders {
            folder: scene.path().to_string_lossy().into_owned(),
        },
    )
    .await;
    assert_eq!(
        failure.code,
        FailureCode::OutsideRoots,
        "nothing else is opened by it"
    );
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_taken_back_takes_nothing_new() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let folder = choose(&scene, &manager).await;
    assert_eq!(chosen_roots(&manager).await, [folder.as_str()]);
    let nobody_chose = scene.downloads().to_string_lossy().into_owned();
    assert_eq!(
        failed(&manager, dismiss(&nobody_chose)).await.code,
        FailureCode::NotFound,
        "the configuration's own stays"
    );
    change_settings(&manager, |settings| {
        settings.general.folder = Some(folder.clone());
    })
    .await;
    let mut category = state(&manager).await.categories[0].clone();
    category.folder = Some(format!("{folder}/films"));
    done(&manager, Command::ChangeCategory { category }).await;

    done(&manager, dismiss(&folder)).await;
    assert_nothing_goes_to(&manager, &folder).await;
    // What is set can still be changed.
    change_settings(&manager, |settings| settings.network.retry_for_s += 1).await;
    manager.close().await;

    let manager = scene.open().await;
    assert_nothing_goes_to(&manager, &folder).await;
    assert_eq!(choose(&scene, &manager).await, folder, "it may be chosen again");
    assert_eq!(chosen_roots(&manager).await, [folder]);
    manager.close().await;
}

async fn assert_nothing_goes_to(manager: &Manager, folder: &str) {
    let now = state(manager).await;
    assert_eq!(now.settings.general.folder, None);
    assert_eq!(now.categories[0].folder, None);
    assert!(chosen_roots(manager).await.is_empty());
    let download = into(folder, "http://127.0.0.1:1/a.bin".to_owned());
    assert_eq!(refused(manager, download).await, FailureCode::OutsideRoots);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_its_way_to_a_folder_is_finished_there_after_it_was_taken_back() {
    let origin = slow_origin(600_000, 30_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let folder = choose(&scene, &manager).await;
    let mut subscription = manager.subscribe();
    let running = add(&manager, into(&folder, origin.url("running.bin"))).await;
    let waiting = add(
        &manager,
        NewDownload {
            start: gannet_schema::Start::Paused,
            ..into(&folder, origin.url("waiting.bin"))
        },
    )
    .await;
    until_bytes(&mut subscription, running, 1).await;
    done(&manager, dismiss(&folder)).await;
    manager.close().await;

    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    done(&manager, Command::ResumeAll).await;
    let mut left = vec![running, waiting];
    until(&mut subscription, "both are finished", |message| {
        for row in rows(message) {
            left.retain(|id| row.id != *id || row.standing != Standing::Finished);
        }
        left.is_empty().then_some(())
    })
    .await;
    for (id, name) in [(running, "running.bin"), (waiting, "waiting.bin")] {
        let place = manager.place(id).await.unwrap();
        assert_eq!(
            place.file,
            Some(scene.path().canonicalize().unwrap().join("chosen").join(name))
        );
        assert_file_is(&place.file.unwrap(), &origin.content());
    }
    assert!(finished(&manager).await.iter().all(|row| !row.missing));

    // They can be taken out of there, and deleted.
    let elsewhere = Command::MoveFiles {
        ids: vec![running],
        folder: scene.downloads().to_string_lossy().into_owned(),
    };
    done(&manager, elsewhere).await;
    assert!(scene.downloads().join("running.bin").exists());
    manager
        .execute(Command::Remove {
            ids: vec![waiting],
            files: FileChoice::Delete,
        })
        .await;
    wait_until("the file is deleted", || {
        names_in(&scene.path().join("chosen")).is_empty()
    })
    .await;
    manager.close().await;
}
