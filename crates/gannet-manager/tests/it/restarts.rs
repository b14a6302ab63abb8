//! Restarts, orderly and by kill -9: no download is lost, none is doubled, and no journaled byte is fetched again.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;

use gannet_engine::disk::journal::decode;
use gannet_manager::{Manager, OpenError};
use gannet_schema::{Command, DownloadId, QueueId, QueueRun, Standing, Start};

use crate::child::Process;
use crate::scene::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_downloads_survive_a_hundred_restarts() {
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
    let downloads = (0..1_000)
        .map(|number| {
            let mut download = new_download(format!("http://127.0.0.1:1/{number}.bin?token={number}"));
            if number % 3 == 0 {
                download.start = Start::Paused;
            }
            download
        })
        .collect();
    add_all(&manager, downloads).await;
    let before = state(&manager).await;
    assert_eq!(before.rows.len(), 1_000);
    manager.close().await;
    for _ in 0..100 {
        let manager = Manager::open(scene.options()).await.unwrap();
        let now = state(&manager).await;
        assert_eq!(now.rows, before.rows);
        assert_eq!(
            (now.queues, now.settings),
            (before.queues.clone(), before.settings.clone())
        );
        manager.close().await;
    }
}

/// A write is synced, and beside a busy disk whoever starts the program would wait for that.
#[tokio::test]
async fn a_start_that_has_nothing_new_writes_nothing() {
    let scene = Scene::new();
    scene.open().await.close().await;
    let manager = Manager::open(scene.options()).await.unwrap();
    let log = scene.data_dir().join("gannet.db-wal");
    assert_eq!(std::fs::metadata(log).unwrap().len(), 0);
    manager.close().await;
}

/// What a transfer told last is a moment older than what it left.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_row_says_what_is_there_after_a_restart_too() {
    let scene = Scene::new();
    let origin = slow_origin(60_000_000, 100_000).await;
    let mut manager = scene.open().await;
    let id = add(&manager, new_download(origin.url("film.mkv"))).await;
    for run in 1..=5 {
        let mut subscription = manager.subscribe();
        done(&manager, Command::Resume { ids: vec![id] }).await;
        until_bytes(&mut subscription, id, run * 1_500_000).await;
        done(&manager, Command::Pause { ids: vec![id] }).await;
        manager.close().await;
        let mut told = None;
        while let Some(message) = subscription.next().await {
            told = rows(&message).iter().find(|row| row.id == id).cloned().or(told);
        }
        let told = told.expect("it was told of");
        assert_eq!(told.standing, Standing::Paused);
        manager = scene.open().await;
        let found = state(&manager).await.rows;
        assert_eq!(
            (found[0].bytes, &found[0].cells),
            (told.bytes, &told.cells),
            "run {run}"
        );
    }
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_has_one_owner() {
    let scene = Scene::new();
    let manager = scene.open().await;
    match Manager::open(scene.options()).await {
        Err(OpenError::Busy { holder }) => {
            let holder = holder.unwrap_or_default();
            assert!(holder.contains(&std::process::id().to_string()), "{holder:?}");
        }
        other => panic!("{other:?}"),
    }
    manager.close().await;
    scene.open().await.close().await;
}

/// What the journals in a folder vouch for, by name.
fn journaled(folder: &Path) -> BTreeMap<String, u64> {
    let names = names_in(folder).into_iter();
    names
        .filter_map(|name| {
            let target = name.strip_suffix(".part.journal")?.to_owned();
            let state = decode(&std::fs::read(folder.join(&name)).ok()?)?;
            Some((target, state.written.bytes()))
        })
        .collect()
}

/// 100 times, 200 downloads. Each life lasts a random while: most less than a journal takes to be written, some longer.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_no_download_and_no_journaled_byte() {
    const DOWNLOADS: usize = 200;
    const KILLS: u32 = 100;
    const AT_ONCE: u32 = 10;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let origin = slow_origin(120_000, 40_000).await;
    let scene = Scene::new();
    let manager = scene.open().await;
    change_settings(&manager, |settings| {
        settings.network.connections = 2;
        settings.network.downloads_at_once = AT_ONCE;
        settings.network.downloads_per_host = AT_ONCE;
        settings.general.folders_by_category = false;
    })
    .await;
    let mut queue = state(&manager).await.queues.remove(0);
    queue.at_once = 64;
    done(&manager, Command::ChangeQueue { queue }).await;
    let downloads = (0..DOWNLOADS)
        .map(|number| new_download(origin.url(&format!("{number}.bin"))))
        .collect();
    let ids: HashSet<DownloadId> = add_all(&manager, downloads).await.into_iter().collect();
    manager.close().await;

    let folder = scene.downloads();
    let mut before = journaled(&folder);
    for kill in 0..KILLS {
        let mut process = Process::start(&scene.data_dir(), &folder);
        if kill % 10 != 0 {
            process.wait_until_open();
        }
        let life_ms = if kill % 8 == 7 {
            random.u64(1_000..1_600)
        } else {
            random.u64(0..250)
        };
        // paces: the moment of death is what is tried.
        tokio::time::sleep(Duration::from_millis(life_ms)).await;
        process.kill();
        let now = journaled(&folder);
        for (name, bytes) in &before {
            let is_finished = folder.join(name).exists();
            assert!(
                is_finished || now.get(name).is_some_and(|now| now >= bytes),
                "kill {kill}, seed {seed}: {name} had {bytes} bytes, now {:?}",
                now.get(name)
            );
        }
        before = now;
    }

    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let first = subscription.next().await.unwrap();
    for row in rows(&first) {
        let journaled = before.get(&row.name).copied().unwrap_or(0);
        assert!(row.bytes >= journaled, "{row:?}: {journaled} were journaled");
    }
    let known: HashSet<DownloadId> = rows(&first)
        .iter()
        .map(|row| row.id)
        .chain(finished(&manager).await.iter().map(|row| row.id))
        .collect();
    assert_eq!(known, ids, "none lost, none doubled; seed {seed}");
    change_settings(&manager, |settings| {
        settings.network.connections_per_host = 256;
        settings.network.downloads_at_once = 64;
        settings.network.downloads_per_host = 64;
    })
    .await;
    loop {
        let rows = state(&manager).await.rows;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            assert!(!matches!(row.standing, Standing::Failed { .. }), "{row:?}");
        }
        tokio::time::timeout(PATIENCE, subscription.next())
            .await
            .unwrap()
            .unwrap();
    }
    for row in finished(&manager).await {
        assert_file_is(&path_of(&row), &origin.content());
    }
    assert_eq!(
        names_in(&folder).len(),
        DOWNLOADS,
        "each file once, and nothing else"
    );
    manager.close().await;
}
