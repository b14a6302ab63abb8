//! The list as a file: what goes out, what comes in, and that nothing comes in by halves.

use gannet_schema::{
    Command, Credentials, FailureCode, LimitScope, OnExisting, Priority, Reply, RequestOptions, Secret,
    Standing, Start,
};
use gannet_testkit::Origin;

use crate::scene::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_exported_and_taken_in_elsewhere() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    let id = add(&manager, new_download(origin.url("done.bin"))).await;
    until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    add(&manager, paused("http://127.0.0.1:1/to-do.zip")).await;
    let text = exported(&manager).await;
    manager.close().await;
    std::fs::remove_dir_all(scene.data_dir()).unwrap();
    let manager = scene.open().await;
    assert_eq!(imported(&manager, &text).await.len(), 2);
    let state = state(&manager).await;
    assert_eq!((state.rows.len(), state.counts.finished), (1, 1));
    assert_eq!(state.rows[0].standing, Standing::Paused);
    assert!(!finished(&manager).await[0].missing);
    assert!(imported(&manager, &text).await.is_empty(), "twice is once");
    manager.close().await;
}

/// Two signed links differ in their queries alone, and are worth nothing without them.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_download_was_to_be_comes_back_and_its_secrets_are_said_to_be_left_out() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let mut signed = paused("http://ann:hunter2@127.0.0.1:1/film.mkv?signature=one");
    signed.mirrors = vec!["http://127.0.0.1:2/film.mkv?signature=mirror".to_owned()];
    signed.connections = Some(7);
    signed.limit_bytes_per_s = Some(70_000);
    signed.on_existing = Some(OnExisting::Fail);
    signed.options = RequestOptions {
        headers: vec![("X-Key".to_owned(), Secret::new("hunter2"))],
        cookies: Some(Secret::new("hunter2")),
        credentials: Some(Credentials::Bearer {
            token: Secret::new("hunter2"),
        }),
        proxy: Some(Secret::new("http://ann:hunter2@127.0.0.1:3")),
        ..RequestOptions::default()
    };
    let ids = add_all(
        &manager,
        vec![signed, paused("http://127.0.0.1:1/film.mkv?signature=two")],
    )
    .await;
    let priority = Priority::High;
    done(
        &manager,
        Command::SetPriority {
            ids: ids[..1].to_vec(),
            priority,
        },
    )
    .await;
    let text = exported(&manager).await;
    assert!(!text.contains("hunter2"), "{text}");
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        list["downloads"][0]["left_out"],
        serde_json::json!(["login", "headers", "cookies", "proxy"])
    );
    assert!(list["downloads"][1].get("left_out").is_none());
    manager.close().await;

    std::fs::remove_dir_all(scene.data_dir()).unwrap();
    let manager = scene.open().await;
    let ids = imported(&manager, &text).await;
    let Reply::Addresses { urls } = manager.execute(Command::CopyLinks { ids }).await else {
        panic!("no addresses");
    };
    assert_eq!(
        urls,
        [
            "http://127.0.0.1:1/film.mkv?signature=one",
            "http://127.0.0.1:1/film.mkv?signature=two"
        ]
    );
    let row = state(&manager).await.rows.remove(0);
    assert_eq!(
        (
            row.mirrors,
            row.connections_limit,
            row.limit_bytes_per_s,
            row.priority
        ),
        (1, Some(7), Some(70_000), priority)
    );
    let again = exported(&manager).await;
    assert!(
        again.contains("http://127.0.0.1:2/film.mkv?signature=mirror"),
        "{again}"
    );
    assert!(again.contains(r#""on_existing": "fail""#), "{again}");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_wrong_somewhere_adds_nothing() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let good = |number: u32| {
        format!(r#"{{"url":"http://127.0.0.1:1/{number}","name":"{number}","folder":"/","added_at_ms":1}}"#)
    };
    let was_finished = format!(
        r#"{{"url":"http://127.0.0.1:1/f","name":"f","folder":{},"added_at_ms":1,
            "finished":{{"kind":"finished","at_ms":1,"bytes":1,"verified":{{"kind":"unverified"}}}}}}"#,
        serde_json::to_string(&scene.downloads()).unwrap()
    );
    for wrong in [
        r#"{"url":"no address","name":"a","folder":"/","added_at_ms":1}"#,
        r#"{"url":"http://127.0.0.1:1/x","mirrors":["ftp://a/b"],"name":"a","folder":"/","added_at_ms":1}"#,
        r#"{"url":"http://127.0.0.1:1/x","checksums":["sha256:zz"],"name":"a","folder":"/","added_at_ms":1}"#,
        r#"{"url":"http://127.0.0.1:1/x","connections":65,"name":"a","folder":"/","added_at_ms":1}"#,
        r#"{"url":"http://127.0.0.1:1/x","name":"a","folder":"/","added_at_ms":1,"finished":{"kind":"pause"}}"#,
    ] {
        // More than are written in one go.
        let mut downloads: Vec<String> = (0..1_500).map(good).collect();
        downloads.push(was_finished.clone());
        downloads.push(wrong.to_owned());
        let text = format!(r#"{{"gannet_list":2,"downloads":[{}]}}"#, downloads.join(","));
        let failure = failed(&manager, Command::Import { text }).await;
        assert_eq!(failure.code, FailureCode::InvalidRequest, "{wrong}");
        let counts = state(&manager).await.counts;
        assert_eq!(counts.all, 0, "{wrong}");
    }
    let text = format!(r#"{{"gannet_list":3,"downloads":[{}]}}"#, good(1));
    failed(&manager, Command::Import { text }).await;
    manager.close().await;
}

/// One command for as many rows as are chosen: each by itself would be one too many for the server's rate.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_many_is_one_command() {
    let scene = Scene::new();
    let manager = scene.open().await;
    let many = (0..2_000)
        .map(|number| paused(&format!("http://127.0.0.1:1/{number}")))
        .collect();
    let ids = add_all(&manager, many).await;
    let scope = LimitScope::Downloads { ids: ids.clone() };
    done(
        &manager,
        Command::SetLimit {
            scope,
            limit_bytes_per_s: Some(9_000),
        },
    )
    .await;
    done(
        &manager,
        Command::SetConnections {
            ids: ids.clone(),
            connections: Some(3),
        },
    )
    .await;
    for row in state(&manager).await.rows {
        assert_eq!(
            (row.limit_bytes_per_s, row.connections_limit),
            (Some(9_000), Some(3))
        );
    }
    match manager.execute(Command::CopyLinks { ids: ids.clone() }).await {
        Reply::Addresses { urls } => assert_eq!(urls.len(), ids.len()),
        other => panic!("{other:?}"),
    }
    let connections = Some(65);
    let refused = failed(&manager, Command::SetConnections { ids, connections }).await;
    assert_eq!(refused.code, FailureCode::InvalidRequest);
    manager.close().await;
}

fn paused(url: &str) -> gannet_schema::NewDownload {
    let mut download = new_download(url);
    download.start = Start::Paused;
    download
}

async fn exported(manager: &gannet_manager::Manager) -> String {
    match manager.execute(Command::Export).await {
        Reply::Exported { text } => text,
        other => panic!("{other:?}"),
    }
}

async fn imported(manager: &gannet_manager::Manager, text: &str) -> Vec<gannet_schema::DownloadId> {
    let text = text.to_owned();
    match manager.execute(Command::Import { text }).await {
        Reply::Added { ids, .. } => ids,
        other => panic!("{other:?}"),
    }
}
