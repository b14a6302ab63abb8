//! What is pasted says more than an address: Metalink files with mirrors and digests of pieces, copied commands with
//! headers. All of it reaches the transfer.

use std::fmt::Write as _;

use gannet_manager::Manager;
use gannet_schema::{Candidate, Command, Link, NewDownload, Reply, Row, SourceState, Standing};
use gannet_testkit::{Content, Fault, Origin, When};

use crate::scene::*;

const SIZE: u64 = 6_000_000;
const PIECE: u64 = 1 << 18;

/// A Metalink file of one file at some addresses, the best one first.
fn metalink(content: &Content, addresses: &[String]) -> String {
    let mut text = format!(
        r#"<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="film.mkv">
        <size>{SIZE}</size><hash type="sha-256">{}</hash><pieces length="{PIECE}" type="sha-256">"#,
        content.sha256_hex()
    );
    for from in (0..SIZE).step_by(PIECE as usize) {
        let length = PIECE.min(SIZE - from) as usize;
        write!(text, "<hash>{}</hash>", sha256_hex(&content.bytes(from, length))).unwrap();
    }
    text.push_str("</pieces>");
    for (address, priority) in addresses.iter().zip(1..) {
        write!(text, r#"<url priority="{priority}">{address}</url>"#).unwrap();
    }
    text.push_str("</file></metalink>");
    text
}

fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

async fn read_link(manager: &Manager, text: String) -> Link {
    match manager.execute(Command::ReadLinks { text }).await {
        Reply::Links { mut candidates } => match candidates.remove(0) {
            Candidate::Link { link } => *link,
            other @ Candidate::Refused { .. } => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// What a face makes of a link.
fn download_of(link: Link) -> NewDownload {
    NewDownload {
        mirrors: link.mirrors,
        name: Some(link.name),
        checksums: link.checksums,
        pieces: link.pieces,
        options: link.options,
        ..new_download(link.url)
    }
}

async fn fetched(manager: &Manager, download: NewDownload) -> Row {
    let mut subscription = manager.subscribe();
    let id = add(manager, download).await;
    until_standing(&mut subscription, id, "finished", |standing| {
        assert!(!matches!(standing, Standing::Failed { .. }), "{standing:?}");
        *standing == Standing::Finished
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_piece_that_is_wrong_is_fetched_again() {
    // So slow that no answer runs far ahead of who reads it.
    let origin = Origin::builder()
        .size(SIZE)
        .rate_per_connection(400_000)
        .fault(When::First(1), Fault::Corrupt(1_000))
        .start()
        .await
        .unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let text = metalink(&origin.content(), &[origin.url("film.mkv")]);
    let link = read_link(&manager, text).await;
    assert_eq!((link.length, link.checksums.len()), (Some(SIZE), 1));
    let row = fetched(&manager, download_of(link)).await;
    assert_eq!(row.name, "film.mkv");
    assert_file_is(&path_of(&row), &origin.content());
    let again = origin.log().bytes_sent() - SIZE;
    assert!(again > 0, "the corrupt byte was sent");
    assert!(again < 4 * PIECE, "{again} bytes were fetched again");
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_sends_wrong_pieces_is_dropped_and_nothing_of_it_stays() {
    let slow = || Origin::builder().size(SIZE).rate_per_connection(600_000);
    let origin = slow().start().await.unwrap();
    let mirror = slow().seed(99).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let addresses = [origin.url("film.mkv"), mirror.url("film.mkv")];
    let link = read_link(&manager, metalink(&origin.content(), &addresses)).await;
    assert_eq!(link.mirrors, addresses[1..]);
    let row = fetched(&manager, download_of(link)).await;
    assert_file_is(&path_of(&row), &origin.content());
    assert!(mirror.log().bytes_sent() > 0, "it was used");
    let Reply::Detail { detail } = manager.execute(Command::GetDetail { id: row.id }).await else {
        panic!("no detail");
    };
    let dropped = detail.sources.iter().find(|source| source.url == addresses[1]);
    assert!(
        dropped.is_some_and(|source| matches!(source.state, SourceState::Dropped { .. })),
        "{:?}",
        detail.sources
    );
    manager.close().await;
}

/// They outlast a restart, and belong to the download that was added with them: not to its address.
#[tokio::test(flavor = "multi_thread")]
async fn pieces_are_those_of_the_download_that_was_added_with_them() {
    let origin = Origin::builder()
        .size(SIZE)
        .fault(When::First(1), Fault::Corrupt(1_000))
        .start()
        .await
        .unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let link = read_link(&manager, metalink(&origin.content(), &[origin.url("film.mkv")])).await;
    let mut download = download_of(link.clone());
    download.start = gannet_schema::Start::Paused;
    let id = add(&manager, download).await;
    manager.close().await;
    let manager = scene.open().await;
    let mut subscription = manager.subscribe();
    done(&manager, Command::Resume { ids: vec![id] }).await;
    let row = until_standing(&mut subscription, id, "finished", |standing| {
        *standing == Standing::Finished
    })
    .await;
    assert_file_is(&path_of(&row), &origin.content());

    // The same address, another file by now, and nobody named its pieces.
    let link = read_link(&manager, metalink(&origin.content(), &[origin.url("film.mkv")])).await;
    origin.set_version(2);
    let row = fetched(&manager, new_download(link.url)).await;
    assert_file_is(&path_of(&row), &origin.content_of(2));
    manager.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_a_browser_copied_is_asked_for_as_the_browser_did() {
    let origin = Origin::builder().size(1_000).start().await.unwrap();
    let scene = Scene::new();
    let manager = scene.open().await;
    let text = format!(
        "curl '{}' -H 'X-Key: one' -b 'session=two' --compressed",
        origin.url("a.bin")
    );
    let link = read_link(&manager, text).await;
    fetched(&manager, download_of(link)).await;
    assert_eq!(origin.log().headers_seen("x-key"), ["one"]);
    assert_eq!(origin.log().headers_seen("cookie"), ["session=two"]);
    manager.close().await;
}
