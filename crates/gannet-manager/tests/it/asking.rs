//! Who asks, and with which headers: what is changed of it, and what stays.

use gannet_manager::Manager;
use gannet_schema::{
    Change, Command, Credentials, DownloadId, FailureCode, OptionChanges, RequestOptions, Secret, Standing,
    Start,
};
use gannet_testkit::{Entry, Origin};

use crate::scene::*;

fn options() -> RequestOptions {
    RequestOptions {
        headers: vec![
            ("X-Key".to_owned(), Secret::new("one")),
            ("X-Other".to_owned(), Secret::new("two")),
        ],
        cookies: Some(Secret::new("session=three")),
        referer: Some("http://127.0.0.1/page".to_owned()),
        ..RequestOptions::default()
    }
}

/// How a download is asked for after its options were changed.
async fn asked_after(changes: OptionChanges) -> Entry {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let id = add_paused(&manager, &origin).await;
    done(&manager, Command::SetOptions { id, options: changes }).await;
    // What was changed is what is kept.
    manager.close().await;
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    done(&manager, Command::Resume { ids: vec![id] }).await;
    until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    manager.close().await;
    origin.log().requests().remove(0)
}

async fn add_paused(manager: &Manager, origin: &Origin) -> DownloadId {
    let mut download = new_download(origin.url("a.bin"));
    download.start = Start::Paused;
    download.options = options();
    add(manager, download).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_stays() {
    let entry = asked_after(OptionChanges {
        credentials: Change::Set(Credentials::Bearer {
            token: Secret::new("four"),
        }),
        ..OptionChanges::default()
    })
    .await;
    for (name, value) in [
        ("authorization", "Bearer four"),
        ("x-key", "one"),
        ("x-other", "two"),
        ("cookie", "session=three"),
        ("referer", "http://127.0.0.1/page"),
    ] {
        assert_eq!(entry.header(name), Some(value), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_is_another_or_gone() {
    let entry = asked_after(OptionChanges {
        headers: Change::Set(vec![
            ("x-key".to_owned(), Secret::new("")),
            ("X-OTHER".to_owned(), Secret::new("new")),
        ]),
        cookies: Change::Remove,
        referer: Change::Set(String::new()),
        ..OptionChanges::default()
    })
    .await;
    for (name, value) in [
        ("x-key", None),
        ("x-other", Some("new")),
        ("cookie", None),
        ("referer", None),
    ] {
        assert_eq!(entry.header(name), value, "{name}");
    }

    let entry = asked_after(OptionChanges {
        headers: Change::Remove,
        ..OptionChanges::default()
    })
    .await;
    assert_eq!((entry.header("x-key"), entry.header("x-other")), (None, None));
    assert_eq!(entry.header("cookie"), Some("session=three"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_changes_nothing() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let id = add_paused(&manager, &origin).await;
    let many = (0..100).map(|number| (format!("x-{number}"), Secret::new("v")));
    for (headers, code) in [
        (many.collect(), FailureCode::TooMany),
        (
            vec![("no header".to_owned(), Secret::new("v"))],
            FailureCode::InvalidRequest,
        ),
    ] {
        let options = OptionChanges {
            headers: Change::Set(headers),
            cookies: Change::Remove,
            ..OptionChanges::default()
        };
        assert_eq!(
            failed(&manager, Command::SetOptions { id, options }).await.code,
            code
        );
    }
    let mut subscription = manager.subscribe();
    done(&manager, Command::Resume { ids: vec![id] }).await;
    until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_eq!(origin.log().requests()[0].header("cookie"), Some("session=three"));
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_link_to_another_server_tells_it_nothing_of_the_old_one() {
    let (old, other) = (
        Origin::builder().size(1_000).start().await.unwrap(),
        Origin::builder().size(1_000).start().await.unwrap(),
    );
    for (to, is_told) in [(&old, true), (&other, false)] {
        let scene = Scene::new();
        let manager = scene.open().await;
        let mut subscription = manager.subscribe();
        let id = add_paused(&manager, &old).await;
        let credentials = Change::Set(Credentials::Bearer {
            token: Secret::new("four"),
        });
        let changes = OptionChanges {
            credentials,
            ..OptionChanges::default()
        };
        done(&manager, Command::SetOptions { id, options: changes }).await;
        let url = to.url("a.bin?signed=again");
        done(&manager, Command::ReplaceUrl { id, url }).await;
        done(&manager, Command::Resume { ids: vec![id] }).await;
        until_standing(&mut subscription, id, "finished", |standing| {
            *standing == Standing::Finished
        })
        .await;
        manager.close().await;
        let asked = to.log().requests().remove(0);
        for name in ["x-key", "x-other", "cookie", "authorization", "referer"] {
            assert_eq!(asked.header(name).is_some(), is_told, "{name}");
        }
    }
}
