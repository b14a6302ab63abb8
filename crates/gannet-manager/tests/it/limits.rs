//! At most so many at once, and so fast.

use std::time::Duration;

use gannet_schema::{
    Command, DownloadId, LimitScope, Message, Place, Queue, QueueId, QueueRun, Reply, Snapshot, Standing,
    WhenDone,
};

use crate::scene::*;

/// The greatest number that ever moved at once, until all are finished.
async fn most_at_once(subscription: &mut gannet_manager::Subscription, count: usize) -> usize {
    let mut most = 0;
    let mut finished = 0;
    until(subscription, "all finished", |message| {
        if let Message::Snapshot { snapshot, .. } = message {
            most = most.max(snapshot.moving.len());
        }
        let done = rows(message)
            .iter()
            .filter(|row| row.standing == Standing::Finished);
        finished += done.count();
        (finished == count).then_some(())
    })
    .await;
    most
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_run_at_once_than_the_settings_allow() {
    let origin = slow_origin(300_000, 400_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    change_settings(&manager, |settings| {
        settings.network.downloads_at_once = 3;
        settings.network.connections = 1;
    })
    .await;
    let mut subscription = manager.subscribe();
    let downloads = (0..8)
        .map(|number| new_download(origin.url(&format!("{number}.bin"))))
        .collect();
    add_all(&manager, downloads).await;
    assert_eq!(most_at_once(&mut subscription, 8).await, 3);
    assert!(origin.log().peak_serving() <= 3);
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_run_from_one_host_than_the_settings_allow() {
    let one = slow_origin(300_000, 300_000).await;
    let other = slow_origin(300_000, 300_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    change_settings(&manager, |settings| {
        settings.network.downloads_per_host = 1;
        settings.network.connections = 1;
    })
    .await;
    let mut subscription = manager.subscribe();
    let downloads = (0..6)
        .map(|number| {
            let origin = if number < 4 { &one } else { &other };
            new_download(origin.url(&format!("{number}.bin")))
        })
        .collect();
    add_all(&manager, downloads).await;
    assert_eq!(most_at_once(&mut subscription, 6).await, 2);
    assert!(one.log().peak_serving() <= 1);
    assert!(other.log().peak_serving() <= 1);
    manager.close().await;
}

/// The mean speed of a second and a half, from snapshots.
async fn measured(subscription: &mut gannet_manager::Subscription, id: DownloadId) -> f64 {
    let mut first: Option<(u64, u64)> = None;
    until(subscription, "a second and a half of snapshots", |message| {
        let Message::Snapshot { snapshot, .. } = message else {
            return None;
        };
        let Snapshot { at_ms, moving, .. } = &**snapshot;
        let bytes = moving.iter().find(|moving| moving.id == id)?.bytes;
        let (began_ms, had) = *first.get_or_insert((*at_ms, bytes));
        let elapsed_ms = at_ms - began_ms;
        (elapsed_ms >= 1_500).then(|| (bytes - had) as f64 * 1_000.0 / elapsed_ms as f64)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_one_of_a_queue_and_of_all_hold_at_once_and_while_it_runs() {
    let origin = slow_origin(1 << 30, 4_000_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let id = add(&manager, new_download(origin.url("large.bin"))).await;
    let mut subscription = manager.subscribe();
    until_bytes(&mut subscription, id, 1).await;
    let scopes = [
        LimitScope::Downloads { ids: vec![id] },
        LimitScope::Queue { id: QueueId::MAIN },
        LimitScope::All,
    ];
    for scope in scopes {
        let limit = |limit_bytes_per_s| Command::SetLimit {
            scope: scope.clone(),
            limit_bytes_per_s,
        };
        done(&manager, limit(Some(500_000))).await;
        // paces: what was read before the limit still has to reach the file.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let rate = measured(&mut manager.subscribe(), id).await;
        assert!((250_000.0..800_000.0).contains(&rate), "{scope:?}: {rate}");
        done(&manager, limit(None)).await;
    }
    let rate = measured(&mut manager.subscribe(), id).await;
    assert!(rate > 1_500_000.0, "without limits: {rate}");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_queue_stops_its_downloads_and_they_go_on() {
    let origin = slow_origin(2_000_000, 200_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    let queue = Queue {
        id: QueueId(0),
        name: "Nights".to_owned(),
        running: true,
        at_once: 1,
        limit_bytes_per_s: None,
        schedule: None,
        retries: 0,
        when_done: WhenDone::Notify,
    };
    let Reply::Queue { id: queue } = manager.execute(Command::AddQueue { queue }).await else {
        panic!("no queue");
    };
    let mut subscription = manager.subscribe();
    let mut download = new_download(origin.url("film.mkv"));
    download.queue = Some(queue);
    let id = add(&manager, download).await;
    until_bytes(&mut subscription, id, 100_000).await;
    let run = |run| Command::RunQueue { id: queue, run };
    done(&manager, run(QueueRun::Stop)).await;
    until_standing(&mut subscription, id, "queued again", |standing| {
        *standing == Standing::Queued
    })
    .await;
    done(&manager, run(QueueRun::Start)).await;
    until(&mut subscription, "the queue is done", |message| {
        let Message::Event { event, .. } = message else {
            return None;
        };
        matches!(
            &**event,
            gannet_schema::Event::Notice {
                notice: gannet_schema::Notice::QueueDone { id, .. }
            } if *id == queue
        )
        .then_some(())
    })
    .await;
    done(&manager, Command::RemoveQueue { id: queue }).await;
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_to_the_front_goes_first() {
    let origin = slow_origin(100_000, 1_000_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    done(
        &manager,
        Command::RunQueue {
            id: QueueId::MAIN,
            run: QueueRun::Stop,
        },
    )
    .await;
    change_settings(&manager, |settings| settings.network.downloads_at_once = 1).await;
    let downloads = (0..4)
        .map(|number| new_download(origin.url(&format!("{number}.bin"))))
        .collect();
    let ids = add_all(&manager, downloads).await;
    let place = Place::First;
    done(
        &manager,
        Command::MoveInOrder {
            ids: vec![ids[3]],
            queue: None,
            place,
        },
    )
    .await;
    let place = Place::Before { id: ids[1] };
    done(
        &manager,
        Command::MoveInOrder {
            ids: vec![ids[2]],
            queue: None,
            place,
        },
    )
    .await;
    let mut subscription = manager.subscribe();
    done(
        &manager,
        Command::RunQueue {
            id: QueueId::MAIN,
            run: QueueRun::Start,
        },
    )
    .await;
    let mut order = Vec::new();
    until(&mut subscription, "all finished", |message| {
        let done = rows(message)
            .iter()
            .filter(|row| row.standing == Standing::Finished);
        order.extend(done.map(|row| row.id));
        (order.len() == 4).then_some(())
    })
    .await;
    assert_eq!(order, [ids[3], ids[0], ids[2], ids[1]]);
    manager.close().await;
}
