//! The whole life of a download.

use gannet_manager::{Hold, Manager};
use gannet_schema::{
    Command, Detail, DownloadId, FileChoice, Message, Reply, Secret, Standing, Validator, Verified,
    WaitReason,
};
use gannet_testkit::{Dates, DigestField, DigestKind, ETag, Origin, Truth};

use crate::scene::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_added_watched_and_finished() {
    let origin = slow_origin(4_000_037, 400_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    let mut last = 0;
    let row = until(&mut subscription, "finished", |message| {
        if let Message::Snapshot { snapshot, .. } = message {
            for moving in &snapshot.moving {
                assert!(moving.bytes >= last, "progress went back");
                last = moving.bytes;
            }
        }
        let row = rows(message).iter().find(|row| row.id == id)?;
        (row.standing == Standing::Finished).then(|| row.clone())
    })
    .await;
    assert!(last > 0, "snapshots showed it on its way");
    assert_file_is(&path_of(&row), &origin.content());
    assert!(state(&manager).await.rows.is_empty());
    assert_eq!(finished(&manager).await[0].id, id);
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_that_the_source_names_is_told_of_while_it_runs_after_a_restart_and_at_the_end() {
    let origin = Origin::builder()
        .size(3_000_000)
        .rate_per_connection(100_000)
        .with(|profile| {
            profile.digests.push(DigestField {
                kind: DigestKind::ReprSha256,
                truth: Truth::Right,
            });
        })
        .start()
        .await
        .unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1).await;
    let told = digests_of(&manager, id).await;
    let [
        Verified::By {
            algorithm,
            digest,
            given: false,
        },
    ] = told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!((algorithm.as_str(), digest.len()), ("sha256", 64));

    manager.close().await;
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    assert_eq!(digests_of(&manager, id).await, told);
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_eq!(row.verified.as_ref(), told.first());
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_told_every_source_and_the_names_of_headers_while_it_runs() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let mut download = new_download(origin.url("film.mkv"));
    download.mirrors = vec![format!("{}?key=secret", origin.url("same.mkv"))];
    download.options.headers = vec![("X-Key".to_owned(), Secret::new("one"))];
    let id = add(&manager, download).await;
    subscription.watch(Some(id));
    let told = |message: &Message, sources: usize| {
        let Message::Snapshot { snapshot, .. } = message else {
            return None;
        };
        let detail = snapshot.detail.as_ref()?;
        (detail.sources.len() == sources).then(|| (**detail).clone())
    };
    let detail = until(&mut subscription, "two sources", |message| told(message, 2)).await;
    assert_eq!(detail.sources[1].url, origin.url("same.mkv"));
    assert_eq!(detail.header_names, ["X-Key"]);
    let url = origin.url("another.mkv");
    done(&manager, Command::AddMirror { id, url }).await;
    until(&mut subscription, "three sources", |message| told(message, 3)).await;
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_what_a_version_is_told_from_another_is_told_while_it_runs_and_after_a_restart() {
    for (etag, dates, expected) in [
        (ETag::Strong, Dates::LongAgo, Validator::StrongEntityTag),
        (ETag::None, Dates::LongAgo, Validator::StrongDate),
        (ETag::Weak, Dates::LongAgo, Validator::Weak),
        (ETag::None, Dates::NoLastModified, Validator::None),
    ] {
        let origin = Origin::builder()
            .size(8_000_000)
            .rate_per_connection(100_000)
            .with(|profile| {
                profile.etag = etag;
                profile.dates = dates;
            })
            .start()
            .await
            .unwrap();
        let scene = Scene::new();
        let manager = scene.open().await;
        let mut subscription = manager.subscribe();
        let id = add(&manager, new_download(origin.url("film.mkv"))).await;
        until_bytes(&mut subscription, id, 1).await;
        assert_eq!(detail_of(&manager, id).await.validator, Some(expected));
        done(&manager, Command::Pause { ids: vec![id] }).await;
        manager.close().await;
        let manager = scene.open().await;
        assert_eq!(detail_of(&manager, id).await.validator, Some(expected));
        manager.close().await;
    }
}

async fn digests_of(manager: &Manager, id: DownloadId) -> Vec<Verified> {
    detail_of(manager, id).await.digests
}

async fn detail_of(manager: &Manager, id: DownloadId) -> Detail {
    match manager.execute(Command::GetDetail { id }).await {
        Reply::Detail { detail } => *detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_on_before_the_face_has_told_what_it_has_to() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1).await;
    manager.close().await;
    let asked_before = origin.log().requests().len();

    let mut options = scene.options();
    options.waits_for_face = true;
    let manager = Manager::open(options).await.unwrap();
    // Whoever asks for turns does not get them sooner.
    manager.execute(Command::ResumeAll).await;
    assert_eq!(state(&manager).await.rows[0].standing, Standing::Queued);
    manager.hold(Some(Hold::Metered)).await;
    manager.give_turns().await;
    let mut subscription = manager.subscribe();
    let is_held = |standing: &Standing| {
        matches!(
            standing,
            Standing::Waiting {
                reason: WaitReason::Metered,
                ..
            }
        )
    };
    until_standing(&mut subscription, id, "held", is_held).await;
    assert_eq!(origin.log().requests().len(), asked_before);
    manager.hold(None).await;
    until_standing(&mut subscription, id, "goes on", |standing| {
        *standing == Standing::Finished
    })
    .await;
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_to_be_spared_downloads_nothing_until_it_is_not() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let running = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, running, 1).await;
    manager.hold(Some(Hold::Battery)).await;
    let waits = |standing: &Standing| {
        matches!(
            standing,
            Standing::Waiting {
                reason: WaitReason::Battery,
                ..
            }
        )
    };
    until_standing(&mut subscription, running, "held", waits).await;
    let added = add(&manager, new_download(origin.url("other.mkv"))).await;
    until_standing(&mut subscription, added, "held from the first", waits).await;
    manager.hold(None).await;
    let mut left = vec![running, added];
    until(&mut subscription, "both are finished", |message| {
        for row in rows(message) {
            left.retain(|id| row.id != *id || row.standing != Standing::Finished);
        }
        left.is_empty().then_some(())
    })
    .await;
    for row in finished(&manager).await {
        assert_file_is(&path_of(&row), &origin.content());
    }
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_download_keeps_what_is_there_and_goes_on() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1_000_000).await;
    done(&manager, Command::Pause { ids: vec![id] }).await;
    until_standing(&mut subscription, id, "paused", |standing| {
        *standing == Standing::Paused
    })
    .await;
    done(&manager, Command::Resume { ids: vec![id] }).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    let sent = origin.log().bytes_sent();
    assert!(sent < 11_000_000, "what was there was not fetched again: {sent}");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_everything_and_goes_on() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    let paused = add(&manager, new_download(origin.url("other.mkv"))).await;
    done(&manager, Command::Pause { ids: vec![paused] }).await;
    let seen = until_bytes(&mut subscription, id, 2_000_000).await;
    manager.close().await;
    assert!(subscription_ends(subscription).await);

    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let first = subscription.next().await.unwrap();
    let row = rows(&first).iter().find(|row| row.id == id).unwrap();
    assert!(row.bytes >= seen, "{} of {seen}", row.bytes);
    assert!(!row.cells.0.is_empty());
    let other = rows(&first).iter().find(|row| row.id == paused).unwrap();
    assert_eq!(other.standing, Standing::Paused);
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    manager.close().await;
}

async fn subscription_ends(mut subscription: gannet_manager::Subscription) -> bool {
    let ending = async { while subscription.next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, ending).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_downloads_of_one_name_never_meet() {
    let one = slow_origin(1_000_000, 200_000).await;
    let other = Origin::builder().size(500_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let first = add(&manager, new_download(one.url("film.mkv"))).await;
    let second = add(&manager, new_download(other.url("film.mkv"))).await;
    for (id, origin) in [(second, &other), (first, &one)] {
        let row = loop {
            if let Some(row) = finished(&manager).await.into_iter().find(|row| row.id == id) {
                break row;
            }
            subscription.next().await.unwrap();
        };
        assert_file_is(&path_of(&row), &origin.content());
    }
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_can_be_undone_even_after_a_restart() {
    let origin = slow_origin(8_000_000, 100_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_bytes(&mut subscription, id, 1_000_000).await;
    let files = FileChoice::Keep;
    manager.execute(Command::Remove { ids: vec![id], files }).await;
    assert!(state(&manager).await.rows.is_empty());
    manager.close().await;

    let manager = scene.open().await;
    assert!(state(&manager).await.rows.is_empty());
    done(&manager, Command::UndoRemove { ids: vec![id] }).await;
    let row = &state(&manager).await.rows[0];
    assert!(row.bytes >= 1_000_000, "{row:?}");
    let mut subscription = manager.subscribe();
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_server_ordered_is_told_and_cut_short_by_hand() {
    let refusal = gannet_testkit::Refusal {
        status: 503,
        retry_after: gannet_testkit::RetryAfter::Seconds(300),
    };
    let origin = Origin::builder()
        .size(100_000)
        .fault(
            gannet_testkit::When::Only(1),
            gannet_testkit::Fault::Refuse(refusal),
        )
        .start()
        .await
        .unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    until_standing(&mut subscription, id, "the server's time", |standing| {
        matches!(
            standing,
            Standing::Waiting {
                reason: WaitReason::Server,
                retry_at_ms: Some(_),
                ..
            }
        )
    })
    .await;
    done(&manager, Command::Resume { ids: vec![id] }).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());
    manager.close().await;
}
