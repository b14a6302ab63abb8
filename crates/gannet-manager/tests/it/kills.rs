//! kill -9 while commands are under way: files that move, downloads that are removed, paused and slowed down.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gannet_schema::{Command, DownloadId, FileChoice, LimitScope, Standing};
use gannet_testkit::{Content, Origin, Pace, Profile};

use crate::child::Process;
use crate::scene::*;

const SIZE: u64 = 150_000;
const DOWNLOADS: usize = 24;

/// Each download's content is another one.
fn content(number: usize) -> Content {
    Content::new(number as u64 + 100, SIZE)
}

async fn origin() -> Origin {
    let mut builder = Origin::builder();
    for number in 0..DOWNLOADS {
        let profile = Profile {
            size_bytes: SIZE,
            seed: number as u64 + 100,
            pace: Pace {
                per_connection_bytes_per_s: Some(60_000),
                ..Pace::default()
            },
            ..Profile::default()
        };
        builder = builder.route(&format!("/{number}/"), profile);
    }
    builder.start().await.unwrap()
}

/// Every fourth one may be removed.
fn may_go(number: usize) -> bool {
    number.is_multiple_of(4)
}

/// What somebody does with the list in one life.
fn commands(ids: &[DownloadId], folders: &[PathBuf], random: &mut fastrand::Rng) -> Vec<Command> {
    let mut commands = Vec::new();
    for _ in 0..80 {
        let number = random.usize(..ids.len());
        let id = ids[number];
        let ids = vec![id];
        commands.push(match random.u8(..10) {
            0 => Command::Pause { ids },
            1 | 2 => Command::Resume { ids },
            3..=5 => Command::MoveFiles {
                ids,
                folder: folders[random.usize(..folders.len())]
                    .to_str()
                    .unwrap()
                    .to_owned(),
            },
            6 => Command::Rename {
                id,
                name: format!("{number}-{}.bin", random.u8(..3)),
            },
            7 => Command::SetLimit {
                scope: LimitScope::Downloads { ids },
                limit_bytes_per_s: random.bool().then_some(50_000),
            },
            8 if may_go(number) => Command::Remove {
                ids,
                files: if random.bool() {
                    FileChoice::Keep
                } else {
                    FileChoice::Delete
                },
            },
            9 if may_go(number) => Command::UndoRemove { ids },
            _ => Command::ResumeAll,
        });
    }
    commands
}

/// All files beneath a folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names_in(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_commands_are_under_way_it_keeps_each_file_for_what_it_is() {
    const KILLS: u32 = 40;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let origin = origin().await;
    let scene = Scene::new();
    let root = scene.downloads();
    let folders = [root.clone(), root.join("a"), root.join("b/c")];
    let manager = scene.open().await;
    change_settings(&manager, |settings| {
        settings.network.connections = 2;
        settings.network.downloads_at_once = 8;
        settings.network.downloads_per_host = 8;
        settings.general.folders_by_category = false;
    })
    .await;
    let mut queue = state(&manager).await.queues.remove(0);
    queue.at_once = 64;
    done(&manager, Command::ChangeQueue { queue }).await;
    let downloads = (0..DOWNLOADS)
        .map(|number| new_download(origin.url(&format!("{number}/{number}.bin"))))
        .collect();
    let ids = add_all(&manager, downloads).await;
    manager.close().await;
    drop(manager);

    for _ in 0..KILLS {
        let commands = commands(&ids, &folders, &mut random);
        let mut process = Process::start_with(&scene.data_dir(), &root, &commands);
        process.wait_until_open();
        // paces: the moment of death is what is tried.
        tokio::time::sleep(Duration::from_millis(random.u64(0..400))).await;
        process.kill();
    }

    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    // Whatever can come back does; the others are gone for good.
    manager.execute(Command::UndoRemove { ids: ids.clone() }).await;
    let scope = LimitScope::Downloads { ids: ids.clone() };
    let limit_bytes_per_s = None;
    manager
        .execute(Command::SetLimit {
            scope,
            limit_bytes_per_s,
        })
        .await;
    done(&manager, Command::ResumeAll).await;
    loop {
        let rows = state(&manager).await.rows;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            assert!(
                !matches!(row.standing, Standing::Failed { .. }),
                "seed {seed}: {row:?}"
            );
        }
        let told = tokio::time::timeout(PATIENCE, subscription.next()).await;
        told.unwrap_or_else(|_| panic!("seed {seed}: nothing moves: {rows:?}"))
            .unwrap();
    }
    let finished = finished(&manager).await;
    for (number, id) in ids.iter().enumerate() {
        let rows: Vec<_> = finished.iter().filter(|row| row.id == *id).collect();
        assert!(
            rows.len() == 1 || may_go(number) && rows.is_empty(),
            "seed {seed}: {number} is lost"
        );
        for row in rows {
            assert_file_is(&path_of(row), &content(number));
        }
    }
    let known: HashSet<PathBuf> = finished.iter().map(path_of).collect();
    for file in files_in(&root).into_iter().filter(|file| !known.contains(file)) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let number: usize = name.split(['-', '.', ' ']).next().unwrap().parse().unwrap();
        // A finished one that was removed may have left its file.
        let is_whole = file.extension().is_some_and(|ending| ending == "bin");
        assert!(may_go(number) && is_whole, "seed {seed}: {name} is left behind");
        assert_file_is(&file, &content(number));
    }
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_before_a_kill_can_be_brought_back_after_it() {
    const LENGTH: u64 = 12_000_000;
    let slow = slow_origin(LENGTH, 250_000).await;
    let quick = Origin::builder().size(10_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let whole = add(&manager, new_download(quick.url("letter.pdf"))).await;
    let is_finished = |standing: &Standing| *standing == Standing::Finished;
    let letter = until_standing(&mut subscription, whole, "finished", is_finished).await;
    let half = add(&manager, new_download(slow.url("film.mkv"))).await;
    until_bytes(&mut subscription, half, LENGTH / 2).await;
    manager.close().await;
    drop((manager, subscription));

    let ids = vec![half, whole];
    let files = FileChoice::Delete;
    let remove = Command::Remove {
        ids: ids.clone(),
        files,
    };
    let mut process = Process::start_with(&scene.data_dir(), &scene.downloads(), &[remove]);
    process.wait_until_all_is_done();
    process.kill();

    let manager = scene.open().await;
    assert!(state(&manager).await.rows.is_empty() && finished(&manager).await.is_empty());
    done(&manager, Command::UndoRemove { ids }).await;
    let mut subscription = manager.subscribe();
    let film = until_standing(&mut subscription, half, "it goes on", is_finished).await;
    assert_file_is(&path_of(&film), &slow.content());
    assert_file_is(&path_of(&letter), &quick.content());
    let twice = slow.log().bytes_sent() - LENGTH;
    assert!(twice < LENGTH / 3, "{twice} bytes were fetched twice");
    assert_eq!(finished(&manager).await.len(), 2);
    manager.close().await;
}
