//! Case 46: several addresses of one file, and what becomes of those that are not of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gannet_engine::{Digest, DigestAlgorithm, ErrorCode, PieceDigests, Verification};
use gannet_testkit::{ClosedPort, Content, ETag, Fault, Origin, OriginBuilder, Redirect, Target, When};

use crate::support::{SIZE, assert_file_is, at_each_count, download_from, download_with, request_from};

/// So slow that every address gets its share.
fn slow() -> OriginBuilder {
    Origin::builder().size(SIZE).rate_per_connection(3_000_000)
}

fn sha256(content: &Content) -> String {
    format!("sha256:{}", content.sha256_hex())
}

const PIECE_BYTES: u64 = 256 << 10;

/// Digests of the file's pieces.
fn pieces(content: &Content) -> PieceDigests {
    use sha2::Digest as _;
    let digests = (0..SIZE.div_ceil(PIECE_BYTES)).map(|index| {
        let start = index * PIECE_BYTES;
        let bytes = content.bytes(start, PIECE_BYTES.min(SIZE - start) as usize);
        Digest::new(DigestAlgorithm::Sha256, &sha2::Sha256::digest(bytes)).unwrap()
    });
    PieceDigests::new(PIECE_BYTES, digests.collect()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_digest_all_addresses_deliver_whatever_their_validators() {
    let origin = slow().start().await.unwrap();
    let mirror = slow()
        .with(|profile| profile.etag = ETag::Literal("\"of-the-mirror\"".to_owned()))
        .start()
        .await
        .unwrap();
    let digest = sha256(&origin.content());
    download_with(&origin, 4, |request| {
        request
            .mirror(&mirror.url("elsewhere"))
            .unwrap()
            .checksum(&digest)
            .unwrap()
    })
    .await
    .whole(&origin.content());
    assert!(origin.log().bytes_sent() > 0 && mirror.log().bytes_sent() > 0);
    let conditions = mirror.log().headers_seen("if-range");
    let own = "\"of-the-mirror\"".to_owned();
    assert!(
        conditions.iter().all(|tag| *tag == own),
        "each is held to its own word: {conditions:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_digest_no_two_hosts_are_spliced() {
    at_each_count(|connections| async move {
        let origin = slow().start().await.unwrap();
        let mirror = slow().seed(99).start().await.unwrap();
        download_with(&origin, connections, |request| {
            request.mirror(&mirror.url("file.bin")).unwrap()
        })
        .await
        .said("the mirrors only stand by")
        .whole(&origin.content());
        assert_eq!(mirror.log().request_count(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_of_another_length_or_without_ranges_is_dropped() {
    let digest_of = |origin: &Origin| sha256(&origin.content());
    for mirror in [
        slow().size(SIZE + 1),
        slow().with(|profile| profile.ranges = gannet_testkit::Ranges::Ignored),
        slow().fault(When::Always, Fault::Status(404)),
        slow().fault(When::Always, Fault::Range(gannet_testkit::RangeLie::Shifted(5))),
    ] {
        let (origin, mirror) = (slow().start().await.unwrap(), mirror.start().await.unwrap());
        let digest = digest_of(&origin);
        let download = download_with(&origin, 4, |request| {
            request
                .mirror(&mirror.url("file.bin"))
                .unwrap()
                .checksum(&digest)
                .unwrap()
        })
        .await;
        assert_eq!(download.witness.count("Restarted"), 0);
        assert!(mirror.log().request_count() > 0, "it was tried");
        download.whole(&origin.content());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_pieces_of_a_mirror_are_fetched_again_and_the_mirror_is_dropped() {
    at_each_count(|connections| async move {
        let origin = slow().start().await.unwrap();
        let mirror = slow().seed(99).start().await.unwrap();
        let pieces = pieces(&origin.content());
        let download = download_with(&origin, connections, |request| {
            request
                .mirror(&mirror.url("file.bin"))
                .unwrap()
                .piece_digests(pieces)
        })
        .await;
        if connections > 1 {
            assert!(mirror.log().bytes_sent() > 0, "it was never asked");
            let events = download.witness.events();
            assert_eq!(download.witness.count("MirrorDropped"), 1, "{events:?}");
            assert!(download.witness.count("Retracted") > 0, "{events:?}");
        }
        download.whole(&origin.content());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_that_does_not_match_is_repaired_from_the_first_address() {
    let origin = slow().start().await.unwrap();
    let mirror = slow().seed(99).start().await.unwrap();
    let digest = sha256(&origin.content());
    let download = download_with(&origin, 4, |request| {
        request
            .mirror(&mirror.url("file.bin"))
            .unwrap()
            .checksum(&digest)
            .unwrap()
    })
    .await;
    assert!(mirror.log().bytes_sent() > 0, "it was used");
    let events = download.witness.events();
    assert_eq!(download.witness.count("Retracted"), 1, "{events:?}");
    download.whole(&origin.content());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_takes_the_place_of_an_address_that_is_gone() {
    let origin = slow()
        .fault(When::Always, Fault::Status(404))
        .start()
        .await
        .unwrap();
    let mirror = slow().start().await.unwrap();
    let download = download_with(&origin, 4, |request| {
        request.mirror(&mirror.url("file.bin")).unwrap()
    })
    .await;
    assert_eq!(download.witness.count("MirrorDropped"), 1);
    download.whole(&mirror.content());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_gets_none_of_the_users_headers() {
    let (origin, mirror) = (slow().start().await.unwrap(), slow().start().await.unwrap());
    let digest = sha256(&origin.content());
    download_with(&origin, 4, |request| {
        let request = request.header("X-Api-Key", "secret").unwrap();
        let request = request.header("Cookie", "a=b").unwrap();
        request
            .mirror(&mirror.url("file.bin"))
            .unwrap()
            .checksum(&digest)
            .unwrap()
    })
    .await
    .whole(&origin.content());
    for name in ["x-api-key", "cookie", "authorization"] {
        assert_eq!(mirror.log().headers_seen(name), [""; 0], "{name}");
    }
    assert!(!origin.log().headers_seen("x-api-key").is_empty());
}

fn behind(user: &str, password: &str) -> OriginBuilder {
    slow().with(|profile| profile.basic_auth = Some((user.to_owned(), password.to_owned())))
}

fn with_login(url: &str, login: &str) -> String {
    url.replacen("//", &format!("//{login}@"), 1)
}

/// The logins that an origin saw.
fn logins_seen(origin: &Origin) -> BTreeSet<String> {
    origin.log().headers_seen("authorization").into_iter().collect()
}

fn basic(login: &str) -> BTreeSet<String> {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(login);
    BTreeSet::from([format!("Basic {encoded}")])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_address_gets_its_own_login_and_no_other() {
    let (origin, mirror) = (
        behind("ann", "one").start().await.unwrap(),
        behind("bob", "t@o").start().await.unwrap(),
    );
    // It sends its visitors on to where no login is wanted: none may come along.
    let onward = slow().start().await.unwrap();
    let target = Target::Base(format!("http://{}", onward.address()));
    let sending_on = behind("cy", "three")
        .with(|profile| profile.redirect = Some(Redirect::once(target)))
        .start()
        .await
        .unwrap();
    let digest = sha256(&origin.content());
    let first = with_login(&origin.url("file.bin"), "ann:one");
    download_from(&first, 6, |request| {
        request
            .mirror(&with_login(&mirror.url("file.bin"), "bob:t%40o"))
            .unwrap()
            .mirror(&with_login(&sending_on.url("file.bin"), "cy:three"))
            .unwrap()
            .checksum(&digest)
            .unwrap()
    })
    .await
    .whole(&origin.content());
    assert!(mirror.log().bytes_sent() > 0 && onward.log().bytes_sent() > 0);
    assert_eq!(logins_seen(&origin), basic("ann:one"));
    assert_eq!(logins_seen(&mirror), basic("bob:t@o"));
    assert_eq!(logins_seen(&sending_on), basic("cy:three"));
    assert_eq!(logins_seen(&onward), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_takes_the_firsts_place_gets_its_own_login() {
    let origin = behind("ann", "one")
        .rate_per_connection(300_000)
        .start()
        .await
        .unwrap();
    let other = behind("bob", "two").start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = with_login(&origin.url("file.bin"), "ann:one");
    let transfer = request_from(&first, folder.path(), 4).start(Arc::new(gannet_engine::Silent));
    origin.wait_until(|log| log.bytes_sent() > 100_000).await.unwrap();
    let next = with_login(&other.url("file.bin"), "bob:two");
    transfer.handle().replace_url(&next).unwrap();
    let finished = transfer.finished().await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert_eq!(logins_seen(&other), basic("bob:two"));
    assert_eq!(logins_seen(&origin), basic("ann:one"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_is_asked_as_soon_as_the_first_address_does_not_answer() {
    let closed = ClosedPort::take().unwrap();
    let dead = format!("http://{}/nope", closed.address);
    let silent = slow()
        .fault(When::Always, Fault::SilentBeforeHeaders)
        .start()
        .await
        .unwrap();
    let busy = slow()
        .fault(When::Always, Fault::Status(503))
        .start()
        .await
        .unwrap();
    for first in [dead, silent.url("file.bin"), busy.url("file.bin")] {
        let mirror = slow().start().await.unwrap();
        let began = std::time::Instant::now();
        let download = download_from(&first, 4, |request| {
            request
                .retry_for(Duration::from_mins(1))
                .mirror(&mirror.url("file.bin"))
                .unwrap()
                .checksum(&sha256(&mirror.content()))
                .unwrap()
        })
        .await;
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        download.said("does not answer").whole(&mirror.content());
    }
}

/// The first address serves for a while, and then no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_goes_on_where_the_first_address_gave_out() {
    at_each_count(|connections| async move {
        for status in [404, 410, 403] {
            let origin = slow()
                .fault(When::First(1), Fault::CutAfter(600_000))
                .fault(When::After(1), Fault::Status(status))
                .start()
                .await
                .unwrap();
            let mirror = slow().start().await.unwrap();
            let digest = sha256(&origin.content());
            let with_digest = download_with(&origin, connections, |request| {
                let request = request.mirror(&mirror.url("file.bin")).unwrap();
                request.checksum(&digest).unwrap()
            })
            .await;
            assert_eq!(with_digest.witness.count("Restarted"), 0, "{status}");
            with_digest.whole(&origin.content());
        }
    })
    .await;
}

/// As above, and nothing would tell right from wrong: the mirror's file is fetched, from its beginning.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_digest_a_mirror_begins_anew_where_the_first_address_gave_out() {
    at_each_count(|connections| async move {
        let origin = slow()
            .fault(When::First(1), Fault::CutAfter(600_000))
            .fault(When::After(1), Fault::Status(404))
            .start()
            .await
            .unwrap();
        let mirror = slow().seed(99).start().await.unwrap();
        let download = download_with(&origin, connections, |request| {
            request.mirror(&mirror.url("file.bin")).unwrap()
        })
        .await;
        assert_eq!(download.witness.count("MirrorDropped"), 1);
        download.whole(&mirror.content());
    })
    .await;
}

/// One digest in a list of pieces is not the file's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_that_is_never_what_its_digest_says_is_not_fetched_for_ever() {
    at_each_count(|connections| async move {
        for wrong in [3, SIZE.div_ceil(PIECE_BYTES) as usize - 1] {
            let origin = slow().start().await.unwrap();
            let mut digests = pieces(&origin.content()).digests().to_vec();
            digests[wrong] = digests[0].clone();
            let pieces = PieceDigests::new(PIECE_BYTES, digests).unwrap();
            let download = download_with(&origin, connections, |request| request.piece_digests(pieces)).await;
            let error = download.failed(ErrorCode::Integrity).to_string();
            assert!(error.contains("sha256 given for bytes"), "{error}");
            assert!(origin.log().bytes_sent() < SIZE + 8 * PIECE_BYTES);
        }
    })
    .await;
}

/// Digests of pieces of a file of another length prove nothing, and splice nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digests_of_pieces_of_another_file_are_no_proof() {
    let origin = slow().start().await.unwrap();
    let mirror = slow().seed(99).start().await.unwrap();
    let mut digests = pieces(&origin.content()).digests().to_vec();
    digests.pop();
    let pieces = PieceDigests::new(PIECE_BYTES, digests).unwrap();
    let finished = download_with(&origin, 4, |request| {
        request
            .mirror(&mirror.url("file.bin"))
            .unwrap()
            .piece_digests(pieces)
    })
    .await
    .whole(&origin.content());
    assert!(matches!(finished.verification, Verification::Unverified { .. }));
    assert_eq!(mirror.log().request_count(), 0);
}
