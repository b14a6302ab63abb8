//! Changes on the way: other names, folders, links; probes that become downloads; lists that come and go.

use gannet_manager::Manager;
use gannet_schema::{
    Candidate, Command, DuplicateChoice, FailureCode, FileChoice, OnChange, Remedy, Reply, Standing, Start,
};
use gannet_testkit::{Fault, Origin, When};

use crate::scene::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_a_probe_becomes_the_transfers_first() {
    let origin = Origin::builder().size(300_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let url = origin.url("film.mkv");
    let options = gannet_schema::RequestOptions::default();
    let Reply::Probed { probed } = manager
        .execute(Command::Probe {
            url: url.clone(),
            options,
        })
        .await
    else {
        panic!("not probed");
    };
    assert_eq!(
        (probed.name.as_str(), probed.length, probed.resumable),
        ("film.mkv", Some(300_000), true)
    );
    assert_eq!(probed.file_kind, gannet_schema::FileKind::Video);
    assert!(probed.folder.ends_with("Video"), "{}", probed.folder);
    assert!(probed.free_bytes.is_some() && !probed.name_taken && probed.duplicates.is_empty());
    let mut subscription = manager.subscribe();
    let mut download = new_download(url);
    download.ticket = Some(probed.ticket);
    download.connections = Some(1);
    let id = add(&manager, download).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    assert_eq!(origin.log().request_count(), 1, "the link was spent once");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_link_is_asked_about() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut download = new_download("http://127.0.0.1:1/a.bin?token=1");
    download.start = Start::Paused;
    let id = add(&manager, download.clone()).await;
    let ask = |duplicates| Command::Add {
        downloads: vec![download.clone()],
        duplicates,
    };
    match manager.execute(ask(DuplicateChoice::Ask)).await {
        Reply::Added { ids, duplicates } => {
            assert!(ids.is_empty());
            assert_eq!((duplicates[0].id, duplicates[0].finished), (id, false));
            assert_eq!(duplicates[0].url, "http://127.0.0.1:1/a.bin");
        }
        other => panic!("{other:?}"),
    }
    let Reply::Added { ids, .. } = manager.execute(ask(DuplicateChoice::Add)).await else {
        panic!("not added");
    };
    assert_eq!(ids.len(), 1);
    // Twice in one command: the second is asked about as well.
    let mut other = new_download("http://127.0.0.1:1/b.bin");
    other.start = Start::Paused;
    let twice = Command::Add {
        downloads: vec![other.clone(), other],
        duplicates: DuplicateChoice::Ask,
    };
    let Reply::Added { ids, duplicates } = manager.execute(twice).await else {
        panic!("not added");
    };
    assert_eq!((ids.len(), duplicates.len()), (1, 1));
    assert_eq!(duplicates[0].id, ids[0]);
    let Reply::Links { candidates } = manager
        .execute(Command::ReadLinks {
            text: "http://127.0.0.1:1/a.bin?token=1 http://b/[1-3].zip".to_owned(),
        })
        .await
    else {
        panic!("no links");
    };
    let known = candidates
        .iter()
        .filter(|candidate| matches!(candidate, Candidate::Link { link } if link.duplicate.is_some()));
    assert_eq!((candidates.len(), known.count()), (4, 1));
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_file_is_renamed_and_moved_and_goes_on() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1_000_000).await;
    done(
        &manager,
        Command::Rename {
            id,
            name: "other.mkv".to_owned(),
        },
    )
    .await;
    let folder = scene.downloads().join("deep/er").to_string_lossy().into_owned();
    done(
        &manager,
        Command::MoveFiles {
            ids: vec![id],
            folder: folder.clone(),
        },
    )
    .await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_eq!(
        (row.folder.as_str(), row.name.as_str()),
        (folder.as_str(), "other.mkv")
    );
    assert_file_is(&path_of(&row), &origin.content());
    assert!(
        origin.log().bytes_sent() < 11_000_000,
        "what was there came along"
    );
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing is left behind"
    );
    // And a finished one.
    done(
        &manager,
        Command::Rename {
            id,
            name: "third.mkv".to_owned(),
        },
    )
    .await;
    done(
        &manager,
        Command::MoveFiles {
            ids: vec![id],
            folder: scene.downloads().to_string_lossy().into_owned(),
        },
    )
    .await;
    let row = finished(&manager).await.remove(0);
    assert_file_is(&scene.downloads().join("third.mkv"), &origin.content());
    assert!(!row.missing);
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_goes_on_where_the_old_one_expired_and_another_file_is_refused() {
    let old = Origin::builder()
        .size(4_000_000)
        .rate_per_connection(200_000)
        .start()
        .await
        .unwrap();
    let dead = Origin::builder()
        .fault(When::Always, Fault::Status(410))
        .start()
        .await
        .unwrap();
    let other = Origin::builder().size(4_000_000).seed(77).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(old.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1_000_000).await;
    done(
        &manager,
        Command::ReplaceUrl {
            id,
            url: dead.url("film.mkv"),
        },
    )
    .await;
    let failure = failure_of(&mut subscription, id).await;
    assert_eq!(failure.remedy, Some(Remedy::NewLink), "{failure:?}");
    done(
        &manager,
        Command::ReplaceUrl {
            id,
            url: other.url("film.mkv"),
        },
    )
    .await;
    assert_eq!(
        failure_of(&mut subscription, id).await.code,
        FailureCode::OtherFile
    );
    done(
        &manager,
        Command::ReplaceUrl {
            id,
            url: old.url("film.mkv?signed=again"),
        },
    )
    .await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &old.content());
    assert!(old.log().bytes_sent() < 6_000_000, "what was there was kept");
    manager.close().await;
}

/// The old run ends after the new link came, and it brought bytes: they prove nothing of the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_link_for_what_is_at_work_drops_nothing() {
    let right = Origin::builder()
        .size(4_000_000)
        .rate_per_connection(200_000)
        .start()
        .await
        .unwrap();
    let other = Origin::builder().size(4_000_000).seed(77).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    change_settings(&manager, |settings| {
        settings.integrity.on_change = OnChange::Restart;
    })
    .await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(right.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1_000_000).await;
    let url = other.url("film.mkv");
    done(&manager, Command::ReplaceUrl { id, url }).await;
    assert_eq!(
        failure_of(&mut subscription, id).await.code,
        FailureCode::OtherFile
    );
    let url = right.url("film.mkv?signed=again");
    done(&manager, Command::ReplaceUrl { id, url }).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &right.content());
    assert!(right.log().bytes_sent() < 6_000_000, "what was there was kept");
    manager.close().await;
}

async fn failure_of(
    subscription: &mut gannet_manager::Subscription,
    id: gannet_schema::DownloadId,
) -> gannet_schema::Failure {
    until(subscription, "a failure", |message| {
        let row = rows(message).iter().find(|row| row.id == id)?;
        match &row.standing {
            Standing::Failed { failure } => Some(failure.clone()),
            _ => None,
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_from_the_first_byte_drops_what_is_there() {
    let origin = slow_origin(4_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 200_000).await;
    done(&manager, Command::Restart { ids: vec![id] }).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    assert!(origin.log().bytes_sent() >= 4_200_000);
    // A finished one is fetched once more, beside the old one.
    done(&manager, Command::Restart { ids: vec![id] }).await;
    let again = until_standing(&mut subscription, id, "finished again", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&again), &origin.content());
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_tried_again_and_one_that_stays_is_said() {
    let gone = Origin::builder()
        .fault(When::Always, Fault::Status(404))
        .start()
        .await
        .unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    change_settings(&manager, |settings| settings.network.retry_for_s = 5).await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(gone.url("a.bin"))).await;
    assert_eq!(failure_of(&mut subscription, id).await.code, FailureCode::Refused);
    // Nobody listens there.
    let away = add(&manager, new_download("http://127.0.0.1:9/a.bin")).await;
    let row = until_standing(&mut subscription, away, "the next try", |standing| {
        matches!(
            standing,
            Standing::Waiting {
                retry_at_ms: Some(_),
                failure: Some(_),
                ..
            }
        )
    })
    .await;
    let Standing::Waiting { failure, .. } = row.standing else {
        unreachable!("it waits")
    };
    assert_eq!(failure.unwrap().code, FailureCode::GaveOut);
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_files_go_as_it_was_chosen() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let slow = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let downloads = ["keep.bin", "delete.bin"].map(|name| new_download(origin.url(name)));
    let ids = add_all(&manager, downloads.to_vec()).await;
    let mut paths = Vec::new();
    for id in &ids {
        paths.push(path_of(&row_of_finished(&mut subscription, &manager, *id).await));
    }
    let part = add(&manager, new_download(slow.url("part.bin"))).await;
    until_bytes(&mut subscription, part, 1_000_000).await;
    for (id, files) in [
        (ids[0], FileChoice::Keep),
        (ids[1], FileChoice::Delete),
        (part, FileChoice::Keep),
    ] {
        manager.execute(Command::Remove { ids: vec![id], files }).await;
    }
    let folder = scene.downloads();
    wait_until("what is to go is gone", || {
        !paths[1].exists() && names_in(&folder) == ["keep.bin"]
    })
    .await;
    assert!(paths[0].exists());
    let failure = failed(&manager, Command::UndoRemove { ids }).await;
    assert_eq!(failure.code, FailureCode::NotFound);
    manager.close().await;
}

async fn row_of_finished(
    subscription: &mut gannet_manager::Subscription,
    manager: &Manager,
    id: gannet_schema::DownloadId,
) -> gannet_schema::Row {
    loop {
        if let Some(row) = finished(manager).await.into_iter().find(|row| row.id == id) {
            return row;
        }
        subscription.next().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finished_in_a_category_is_in_none_once_that_is_gone_and_stays_so() {
    let origin = Origin::builder().size(3_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    let category = row.category.expect("films have one");
    done(&manager, Command::RemoveCategory { id: category }).await;
    let after = finished(&manager).await.remove(0);
    assert_eq!((after.category, &after.name), (None, &row.name));
    manager.close().await;
    let manager = Manager::open(scene.options()).await.unwrap();
    assert_eq!(finished(&manager).await, [after]);
    manager.close().await;
}
