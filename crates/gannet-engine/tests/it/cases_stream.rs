//! One stream from the first byte to the last, and what may come between: ordered waits, links that expire, other
//! addresses, pauses, pages.

use std::sync::Arc;
use std::time::Duration;

use gannet_engine::{Error, ErrorCode, Finished, Handle, Phase, Request, Transfer, WaitReason};
use gannet_testkit::{
    Dates, ETag, Fault, Origin, OriginBuilder, Ranges, Redirect, RetryAfter, Target, Tokens, When,
};
use tempfile::TempDir;

use crate::support::{
    SIZE, Witness, assert_file_is, download, download_with, names_in, paced, refuse, request, wait_until,
};

/// A server without ranges, of two seconds, whose first answer breaks off after half of one.
fn breaking_off() -> OriginBuilder {
    paced()
        .with(|profile| profile.ranges = Ranges::Ignored)
        .rate_per_connection(2_000_000)
        .fault(When::First(1), Fault::CutAfter(1_000_000))
}

/// A server without ranges.
fn one_stream() -> OriginBuilder {
    paced().with(|profile| profile.ranges = Ranges::Ignored)
}

/// As [`breaking_off`], and from then on it orders a wait of ten minutes.
fn leaving() -> OriginBuilder {
    breaking_off().fault(When::After(1), refuse(503, RetryAfter::Seconds(600)))
}

/// A transfer under way.
struct UnderWay {
    folder: TempDir,
    witness: Arc<Witness>,
    transfer: Transfer,
    handle: Handle,
}

fn begin(origin: &Origin, change: impl FnOnce(Request) -> Request) -> UnderWay {
    let folder = tempfile::tempdir().unwrap();
    let witness = Arc::new(Witness::default());
    let transfer = change(request(origin, folder.path(), 4)).start(witness.clone());
    let handle = transfer.handle();
    UnderWay {
        folder,
        witness,
        transfer,
        handle,
    }
}

impl UnderWay {
    /// Waits until it waits as the server ordered.
    async fn waits(&self) {
        wait_until("the transfer waits as ordered", || {
            let last = self.witness.last.lock().unwrap().clone();
            last.is_some_and(|last| matches!(last.phase, Phase::Waiting(WaitReason::Server { .. })))
        })
        .await;
    }

    async fn end(self) -> (TempDir, Arc<Witness>, Result<Finished, Error>) {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.transfer.finished()).await;
        let result = ended.unwrap_or_else(|_| panic!("it did not end: {:?}", self.witness.events()));
        (self.folder, self.witness, result)
    }
}

/// Case 37.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_waits_for_as_long_as_the_server_orders_and_that_costs_no_patience() {
    let origin = breaking_off()
        .fault(When::Only(2), refuse(503, RetryAfter::Seconds(2)))
        .start()
        .await
        .unwrap();
    let patience = Duration::from_millis(700);
    download_with(&origin, 4, |request| request.retry_for(patience))
        .await
        .whole(&origin.content());
    let requests = origin.log().requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(requests[2].at >= requests[1].at + Duration::from_secs(2));
}

/// Case 39.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_behind_an_expired_link_resolves_the_original_one_once() {
    for status in [403, 410, 401] {
        let tokens = Tokens::until_expired(status);
        let origin = breaking_off()
            .with(|profile| {
                profile.redirect = Some(Redirect::once(Target::Same));
                profile.tokens = Some(tokens.clone());
            })
            .start()
            .await
            .unwrap();
        let under_way = begin(&origin, |request| request);
        origin.wait_until(|log| log.bytes_sent() > 300_000).await.unwrap();
        tokens.expire();
        let (_folder, witness, result) = under_way.end().await;
        assert_file_is(&result.unwrap().path, &origin.content());
        assert_eq!(tokens.issued(), 2, "{status}");
        assert_eq!(witness.count("LinkRenewed"), 1, "{:?}", witness.events());
        assert_eq!(witness.count("Restarted"), 0, "{:?}", witness.events());
    }
}

/// Case 39: an address that no renewal helps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_whose_link_is_gone_for_good_fails_at_once_and_keeps_what_came() {
    let origin = breaking_off()
        .fault(When::After(1), Fault::Status(410))
        .with(|profile| profile.redirect = Some(Redirect::once(Target::Same)))
        .start()
        .await
        .unwrap();
    let download = download(&origin, 4).await;
    assert_eq!(
        names_in(download.folder.path()),
        ["file.bin.part", "file.bin.part.journal"]
    );
    download.failed(ErrorCode::Expired);
    // Two to begin with, one to the link that is gone, two to find that a new one is gone as well.
    assert_eq!(origin.log().request_count(), 5);
}

/// Who waits for one address takes another up at once, and what is held is worth what the new one says of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_waits_goes_on_from_a_replaced_address_at_once() {
    let other = || ETag::Literal("\"of-another-host\"".to_owned());
    for (name, new, restarts) in [
        ("the same file by its entity tag", one_stream(), 0),
        (
            "perhaps the same file, and nothing to tell it by",
            one_stream().with(|profile| profile.etag = other()),
            1,
        ),
        (
            "the same bytes by a sample",
            paced().with(|profile| profile.etag = other()),
            0,
        ),
    ] {
        let (origin, new) = (leaving().start().await.unwrap(), new.start().await.unwrap());
        let under_way = begin(&origin, |request| request);
        under_way.waits().await;
        // Two, or three where the machine held up the first one for so long that it was asked twice.
        let asked = origin.log().request_count();
        under_way.handle.replace_url(&new.url("elsewhere.bin")).unwrap();
        let (_folder, witness, result) = under_way.end().await;
        assert_file_is(&result.unwrap().path, &new.content());
        assert_eq!(
            witness.count("Restarted"),
            restarts,
            "{name}: {:?}",
            witness.events()
        );
        assert_eq!(origin.log().request_count(), asked, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_does_not_go_on_from_an_address_of_another_file() {
    for new in [one_stream().size(SIZE + 1), paced().seed(99)] {
        let (origin, new) = (leaving().start().await.unwrap(), new.start().await.unwrap());
        let under_way = begin(&origin, |request| request);
        under_way.waits().await;
        under_way.handle.replace_url(&new.url("elsewhere.bin")).unwrap();
        let (folder, _, result) = under_way.end().await;
        assert_eq!(result.unwrap_err().code(), ErrorCode::Changed);
        assert_eq!(
            names_in(folder.path()),
            ["file.bin.part", "file.bin.part.journal"]
        );
    }
}

/// The first request waits for no address longer than its caller wants it to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_that_waits_with_its_first_request_goes_on_from_a_replaced_address() {
    let busy = paced().fault(When::Always, refuse(503, RetryAfter::Seconds(600)));
    let (origin, new) = (busy.start().await.unwrap(), paced().start().await.unwrap());
    let under_way = begin(&origin, |request| request);
    under_way.waits().await;
    under_way.handle.replace_url(&new.url("file.bin")).unwrap();
    let (_folder, _, result) = under_way.end().await;
    assert_file_is(&result.unwrap().path, &new.content());
}

/// A stream under way is not broken off for another address; the next try is made there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_given_while_a_stream_runs_is_used_for_the_next_try() {
    let (origin, new) = (
        breaking_off().start().await.unwrap(),
        one_stream().start().await.unwrap(),
    );
    let under_way = begin(&origin, |request| request);
    origin.wait_until(|log| log.bytes_sent() > 300_000).await.unwrap();
    under_way.handle.replace_url(&new.url("file.bin")).unwrap();
    let (_folder, witness, result) = under_way.end().await;
    assert_file_is(&result.unwrap().path, &new.content());
    assert_eq!(witness.count("Restarted"), 0, "{:?}", witness.events());
    assert_eq!(origin.log().request_count(), 1);
    assert_eq!(
        origin.log().bytes_sent(),
        1_000_000,
        "all of the first stream was of use"
    );
}

/// Case 46 without a digest: the mirror is used, and nothing of one host is mixed with another's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_added_to_a_stream_takes_the_place_of_an_address_that_fails() {
    for (mirror, failure) in [
        (one_stream(), Fault::Status(404)),
        (paced(), Fault::Status(410)),
        (paced(), Fault::ResetBeforeHeaders),
    ] {
        let origin = breaking_off()
            .fault(When::After(1), failure)
            .start()
            .await
            .unwrap();
        let mirror = mirror.seed(99).start().await.unwrap();
        let under_way = begin(&origin, |request| request.retry_for(Duration::from_millis(700)));
        origin.wait_until(|log| log.bytes_sent() > 300_000).await.unwrap();
        under_way.handle.add_mirror(&mirror.url("file.bin")).unwrap();
        let (_folder, witness, result) = under_way.end().await;
        assert_file_is(&result.unwrap().path, &mirror.content());
        let events = witness.events();
        // Who refuses is used no longer; who gives no answer stands back.
        let is_said = |event: &&String| {
            event.starts_with("MirrorDropped") || event.contains("the next address is asked")
        };
        assert_eq!(events.iter().filter(is_said).count(), 1, "{events:?}");
        assert_eq!(witness.count("Restarted"), 1, "{events:?}");
    }
}

/// Case 46 with a digest: what the first address brought is kept where the mirror has the same bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_goes_on_where_a_stream_ended_if_a_digest_will_tell() {
    let origin = breaking_off()
        .fault(When::After(1), Fault::Status(404))
        .start()
        .await
        .unwrap();
    let mirror = paced()
        .with(|profile| profile.etag = ETag::None)
        .start()
        .await
        .unwrap();
    let digest = format!("sha256:{}", origin.content().sha256_hex());
    let download = download_with(&origin, 4, |request| {
        request
            .checksum(&digest)
            .unwrap()
            .mirror(&mirror.url("file.bin"))
            .unwrap()
    })
    .await;
    assert_eq!(
        download.witness.count("Restarted"),
        0,
        "{:?}",
        download.witness.events()
    );
    download.whole(&origin.content());
}

/// A mirror of another length is none: the first address's failure counts, and what came is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_of_another_length_does_not_take_the_place_of_a_stream() {
    let origin = breaking_off()
        .fault(When::After(1), Fault::Status(404))
        .start()
        .await
        .unwrap();
    let mirror = paced().size(SIZE + 1).start().await.unwrap();
    let download = download_with(&origin, 4, |request| {
        request.mirror(&mirror.url("file.bin")).unwrap()
    })
    .await;
    assert!(mirror.log().request_count() > 0, "it was tried");
    assert_eq!(
        names_in(download.folder.path()),
        ["file.bin.part", "file.bin.part.journal"]
    );
    download.failed(ErrorCode::Refused);
}

/// A pause is the caller's own time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_paused_for_longer_than_its_patience_goes_on() {
    let origin = one_stream().rate_per_connection(2_000_000).start().await.unwrap();
    let patience = Duration::from_millis(300);
    let under_way = begin(&origin, |request| request.retry_for(patience));
    origin.wait_until(|log| log.bytes_sent() > 300_000).await.unwrap();
    under_way.handle.pause();
    wait_until("it is paused", || {
        let last = under_way.witness.last.lock().unwrap().clone();
        last.is_some_and(|last| last.phase == Phase::Paused)
    })
    .await;
    // paces: the pause has to be longer than the patience.
    tokio::time::sleep(2 * patience).await;
    under_way.handle.resume();
    let (_folder, _, result) = under_way.end().await;
    assert_file_is(&result.unwrap().path, &origin.content());
}

/// Case 40: a stream that has to begin at its first byte does not begin with a login page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_not_taken_for_a_stream_that_begins_anew() {
    for framing in [gannet_testkit::Framing::Length, gannet_testkit::Framing::Chunked] {
        let origin = breaking_off()
            .with(|profile| {
                profile.etag = ETag::None;
                profile.dates = Dates::NoLastModified;
                profile.framing = framing;
            })
            .fault(When::Only(2), Fault::Html)
            .fault(When::Only(3), Fault::Html)
            .start()
            .await
            .unwrap();
        download(&origin, 4).await.whole(&origin.content());
        assert_eq!(origin.log().request_count(), 4);
    }
}
