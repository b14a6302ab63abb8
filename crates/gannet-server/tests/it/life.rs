//! The life of a download, over HTTP alone.

use std::time::Duration;

use gannet_schema::{
    Command, DownloadId, DuplicateChoice, FailureCode, FileChoice, FinishedPage, Reply, Row, Standing, State,
};
use gannet_testkit::Origin;
use serde_json::json;

use crate::attacks::download;
use crate::house::House;
use crate::wire::PATIENCE;

pub(crate) async fn state(house: &House) -> State {
    let request = house
        .request("GET", "/api/state")
        .header("Authorization", format!("Bearer {}", house.token));
    serde_json::from_value(house.send(request).await.json()).expect("a state")
}

async fn finished(house: &House) -> Vec<Row> {
    let page = FinishedPage {
        offset: 0,
        count: 100,
        search: None,
        category: None,
    };
    match house.execute(&Command::ListFinished { page }).await {
        Reply::Finished { rows, .. } => rows,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            // polls: a program that asks over HTTP hears of nothing by itself.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("in vain: {what}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_added_paused_resumed_finished_and_removed() {
    let origin = Origin::builder()
        .size(8 << 20)
        .rate_total(4 << 20)
        .start()
        .await
        .expect("an origin");
    let house = House::new().await;
    let add = |url: String| Command::Add {
        downloads: vec![download(&url, None)],
        duplicates: DuplicateChoice::Ask,
    };
    let Reply::Added { ids, .. } = house.execute(&add(origin.url("a.bin"))).await else {
        panic!("not added");
    };
    let id = ids[0];
    let Reply::Added {
        ids: again,
        duplicates,
    } = house.execute(&add(origin.url("a.bin"))).await
    else {
        panic!("not answered");
    };
    assert!(again.is_empty());
    assert_eq!(duplicates[0].id, id);

    let row = async |id: DownloadId| state(&house).await.rows.into_iter().find(|row| row.id == id);
    until("bytes come", async || {
        let state = state(&house).await;
        state
            .snapshot
            .moving
            .iter()
            .any(|moving| moving.bytes > 0)
            .then_some(())
    })
    .await;
    assert_eq!(
        house.execute(&Command::Pause { ids: vec![id] }).await,
        Reply::Done
    );
    until("it is paused", async || {
        row(id).await.filter(|row| row.standing == Standing::Paused)
    })
    .await;
    assert_eq!(
        house.execute(&Command::Resume { ids: vec![id] }).await,
        Reply::Done
    );
    let done = until("it is finished", async || {
        finished(&house).await.into_iter().find(|row| row.id == id)
    })
    .await;
    let path = std::path::Path::new(&done.folder).join(&done.name);
    let bytes = std::fs::read(&path).expect("the file");
    assert_eq!(bytes.len() as u64, origin.content().length());
    assert_eq!(origin.content().check(0, &bytes), Ok(()));

    let remove = Command::Remove {
        ids: vec![id],
        files: FileChoice::Keep,
    };
    assert!(matches!(house.execute(&remove).await, Reply::Removed { .. }));
    assert!(finished(&house).await.is_empty());
    assert!(path.exists());
    house.stop().await;
}

#[tokio::test]
async fn a_failure_has_its_status_and_its_reply() {
    let house = House::new().await;
    let answer = house
        .send(house.command(&json!({"action": "copy_links", "ids": [99]})))
        .await;
    assert_eq!(answer.status, 404);
    let reply: Reply = serde_json::from_value(answer.json()).expect("a reply");
    assert!(matches!(reply, Reply::Failed { failure } if failure.code == FailureCode::NotFound));

    for body in [
        "",
        "{",
        "[]",
        r#"{"action":"explode"}"#,
        r#"{"action":"pause"}"#,
        "\u{0}",
    ] {
        let answer = house
            .send(house.command(&json!({})).without("Content-Length").body(body))
            .await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["failure"]["code"], "invalid_request", "{body}");
    }
}

#[tokio::test]
async fn a_bad_command_is_not_repeated_in_the_answer() {
    let house = House::new().await;
    let body = json!({"action": "hunter2", "options": {"cookies": "hunter2"}});
    let answer = house.send(house.command(&body)).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.text().contains("hunter2"), "{}", answer.text());
}

#[tokio::test]
async fn to_quit_ends_the_program() {
    let house = House::new().await;
    assert_eq!(house.execute(&Command::Quit).await, Reply::Done);
    tokio::time::timeout(PATIENCE, house.manager.quit_requested())
        .await
        .expect("asked");
    house.stop().await;
}
