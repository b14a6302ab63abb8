//! A hundred thousand finished downloads.

use std::time::{Duration, Instant};

use gannet_manager::Manager;
use gannet_schema::{Command, DuplicateChoice, FinishedPage, Reply, Start};

use crate::scene::*;

/// What the tests demand is ten times what is promised: they run beside others, without optimisation. What is promised
/// is measured by the benchmark.
const SLACK: u32 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_finished_downloads_are_no_burden() {
    let scene = Scene::new();
    let manager = scene.open().await;
    import_finished(&manager, &scene, 100_000).await;
    manager.close().await;

    let began = Instant::now();
    let manager = Manager::open(scene.options()).await.unwrap();
    let state = state(&manager).await;
    let opened = began.elapsed();
    assert_eq!(state.counts.finished, 100_000);
    println!("first usable list after {opened:?}");
    assert!(opened < Duration::from_millis(300) * SLACK, "{opened:?}");

    let page = |offset, search: Option<&str>| Command::ListFinished {
        page: FinishedPage {
            offset,
            count: 100,
            search: search.map(str::to_owned),
            category: None,
        },
    };
    let mut paused = new_download("http://127.0.0.1:1/a.bin");
    paused.start = Start::Paused;
    let add = Command::Add {
        downloads: vec![paused],
        duplicates: DuplicateChoice::Add,
    };
    for (what, command, total) in [
        ("first page", page(0, None), 100_000),
        ("last page", page(99_900, None), 100_000),
        ("search for many", page(0, Some("FILE")), 100_000),
        ("search for one", page(0, Some("file-77777.")), 1),
        ("search for none", page(0, Some("nothing")), 0),
        ("add", add, 0),
        ("pause all", Command::PauseAll, 0),
    ] {
        // The first of each prepares its statement.
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let began = Instant::now();
            let reply = manager.execute(command.clone()).await;
            best = best.min(began.elapsed());
            match reply {
                Reply::Finished { total: found, .. } => assert_eq!(found, total, "{what}"),
                Reply::Added { .. } | Reply::Done => {}
                other => panic!("{what}: {other:?}"),
            }
        }
        println!("{what}: {best:?}");
        assert!(best < Duration::from_millis(20) * SLACK, "{what}: {best:?}");
    }
    manager.close().await;
}

async fn import_finished(manager: &Manager, scene: &Scene, count: usize) {
    use std::fmt::Write as _;
    let folder = serde_json::to_string(&scene.downloads()).unwrap();
    let mut text = r#"{"gannet_list":1,"downloads":["#.to_owned();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"url":"http://host-{}.example/{number}","name":"file-{number}.bin","folder":{folder},
            "added_at_ms":1,"finished":{{"kind":"finished","at_ms":{number},"bytes":1,"verified":{{"kind":"unverified"}}}}}}"#,
            number % 100
        )
        .unwrap();
    }
    text.push_str("]}");
    match manager.execute(Command::Import { text }).await {
        Reply::Added { ids, .. } => assert_eq!(ids.len(), count),
        other => panic!("{other:?}"),
    }
}
