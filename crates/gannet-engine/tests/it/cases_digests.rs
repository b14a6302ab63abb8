//! Cases 32–36: content codings, and digests that servers send or callers give.

use std::time::Duration;

use gannet_engine::{DigestSource, ErrorCode, Verification};
use gannet_testkit::{
    Content, DigestField, DigestKind, Fault, Origin, OriginBuilder, RangeLie, Ranges, Truth, When,
};

use crate::support::{
    SIZE, at_each_count, download, download_from, download_into, download_with, interrupted, names_in, paced,
};

fn with_digest(builder: OriginBuilder, kind: DigestKind, truth: Truth) -> OriginBuilder {
    builder.with(|profile| profile.digests = vec![DigestField { kind, truth }])
}

fn coded(builder: OriginBuilder) -> OriginBuilder {
    builder.with(|profile| profile.headers = vec![("Content-Encoding".to_owned(), "gzip".to_owned())])
}

/// Case 32.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoded_part_is_no_part_of_the_file() {
    at_each_count(|connections| async move {
        let origin = coded(paced()).start().await.unwrap();
        download(&origin, connections).await.whole(&origin.content());
        assert_eq!(origin.log().peak_serving(), 1, "ranges count encoded bytes");
        assert_eq!(origin.log().request_count(), 1);
    })
    .await;
}

/// Case 32: an encoded form may be made anew for each answer, whatever its entity tag says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoded_form_that_breaks_off_is_begun_anew() {
    at_each_count(|connections| async move {
        let origin = coded(paced())
            .fault(When::First(1), Fault::OtherBytes)
            .fault(When::First(1), Fault::CutAfter(1_000_000))
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(download.witness.count("Restarted"), 1, "it says so");
        download.whole(&origin.content());
        assert_eq!(origin.log().request_count(), 2);
    })
    .await;
}

/// Case 32: what is held of an encoded form is of no use to a later run, and is not said to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_encoded_form_nothing_is_left_for_a_later_run() {
    at_each_count(|connections| async move {
        let origin = coded(paced())
            .fault(When::First(1), Fault::CutAfter(1_000_000))
            .fault(When::After(1), Fault::Status(404))
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert_eq!(names_in(download.folder.path()), [""; 0]);
        assert_eq!(download.witness.count("Kept"), 0);
        download.failed(ErrorCode::Refused);
    })
    .await;
}

/// Case 32: what an earlier run holds of the file is not gone on with by an encoded form of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoded_form_does_not_go_on_with_what_is_held_of_the_file() {
    let encoded = Fault::Header("Content-Encoding".to_owned(), "gzip".to_owned());
    let origin = interrupted()
        .fault(When::After(2), encoded)
        .fault(When::Only(2), Fault::Status(404))
        .start()
        .await
        .unwrap();
    let first = download(&origin, 1).await;
    let names = names_in(first.folder.path());
    assert_eq!(names, ["file.bin.part", "file.bin.part.journal"]);
    let second = download_into(first.folder, &origin.url("file.bin"), 1, |request| request).await;
    assert_eq!(
        second.witness.count("Restarted"),
        1,
        "{:?}",
        second.witness.events()
    );
    assert_eq!(second.whole(&origin.content()).bytes_resumed, 0);
}

/// Case 33.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_labelled_as_encoded_is_stored_as_it_comes() {
    at_each_count(|connections| async move {
        let origin = coded(paced())
            .with(|profile| profile.ranges = Ranges::Ignored)
            .start()
            .await
            .unwrap();
        let url = origin.url("archive.tar.gz");
        let finished = download_from(&url, connections, |request| request)
            .await
            .whole(&origin.content());
        assert!(finished.path.ends_with("archive.tar.gz"));
    })
    .await;
}

/// Case 34.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_digest_of_the_whole_fails_and_sets_the_bytes_aside() {
    at_each_count(|connections| async move {
        for kind in [
            DigestKind::ReprSha256,
            DigestKind::ReprSha512,
            DigestKind::LegacySha256,
        ] {
            let origin = with_digest(paced(), kind, Truth::Wrong).start().await.unwrap();
            let download = download(&origin, connections).await;
            assert_eq!(
                names_in(download.folder.path()),
                ["file.bin.rejected"],
                "{kind:?}"
            );
            let error = download.failed(ErrorCode::Integrity).to_string();
            assert!(error.contains("file.bin.rejected"), "{error}");
        }
    })
    .await;
}

/// Case 35.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_does_not_match_its_digest_is_fetched_again_alone() {
    at_each_count(|connections| async move {
        // A byte of the second answer is wrong, wherever that begins.
        let origin = with_digest(interrupted(), DigestKind::ContentSha256, Truth::Right)
            .fault(When::Only(2), Fault::OtherBytes)
            .start()
            .await
            .unwrap();
        let download = download(&origin, connections).await;
        assert!(
            download.witness.count("Retracted") > 0,
            "{:?}",
            download.witness.events()
        );
        let finished = download.whole(&origin.content());
        let wrong = origin.log().requests()[1].answered.clone().unwrap();
        let wrong_bytes = wrong.end - wrong.start;
        // The last bytes of all are raced for besides, where there is anybody to do it.
        let raced_bytes_max = if connections == 1 { 0 } else { SIZE / 8 };
        assert!(
            (1..=wrong_bytes + raced_bytes_max).contains(&finished.bytes_discarded),
            "{finished:?}, of {wrong_bytes} that were wrong"
        );
    })
    .await;
}

/// Case 35 where nobody reads the part to its end: its tail is stolen, or its answer breaks off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_whose_rest_others_brought_is_held_against_its_digest_too() {
    for interruption in [
        Fault::Slow { bytes_per_s: 150_000 },
        Fault::CutAfter(100_000),
        Fault::SilentAfter(100_000),
    ] {
        let origin = with_digest(paced(), DigestKind::ContentSha256, Truth::Right)
            .rate_per_connection(3_000_000)
            .fault(When::Only(2), Fault::OtherBytes)
            .fault(When::Only(2), interruption.clone())
            .start()
            .await
            .unwrap();
        let finished = download(&origin, 4).await.whole(&origin.content());
        assert!(
            (1..SIZE / 2).contains(&finished.bytes_discarded),
            "{interruption:?}: {finished:?}"
        );
    }
}

/// Case 35 where two raced for the same bytes: the right digest of the one that came second says nothing of what the first
/// one had written by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_racer_does_not_vouch_for_what_a_wrong_one_wrote() {
    // The second answer is slow and of wrong bytes. Whoever helps it waits so long for an answer that the slow one
    // writes some of what was asked for meanwhile.
    let origin = with_digest(
        Origin::builder().size(600_000),
        DigestKind::ContentSha256,
        Truth::Right,
    )
    .rate_per_connection(3_000_000)
    .with(|profile| {
        profile.pace.first_latency = Duration::from_millis(400);
        profile.pace.latency = Duration::from_millis(400);
    })
    .fault(When::Only(1), Fault::CutAfter(100_000))
    .fault(When::Only(2), Fault::Slow { bytes_per_s: 60_000 })
    .fault(When::Only(2), Fault::Range(RangeLie::BodyShifted(1_000)))
    .start()
    .await
    .unwrap();
    let download = download(&origin, 2).await;
    let twice = origin.log().bytes_asked_twice();
    assert!(twice > 0, "nobody raced: {:?}", origin.log().ranges());
    download.whole(&origin.content());
}

/// A part that is right is not fetched again, however its bytes came.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_parts_that_were_stolen_from_cost_nothing() {
    let origin = with_digest(paced(), DigestKind::ContentSha256, Truth::Right)
        .rate_per_connection(3_000_000)
        .fault(When::Every(2), Fault::Slow { bytes_per_s: 150_000 })
        .start()
        .await
        .unwrap();
    let download = download(&origin, 4).await;
    let events = download.witness.events();
    assert!(
        !events.iter().any(|event| event.contains("does not match")),
        "{events:?}"
    );
    download.whole(&origin.content());
}

/// Digests that are never right end the transfer, not the other way round.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_never_match_their_digests_are_not_fetched_for_ever() {
    at_each_count(|connections| async move {
        let origin = with_digest(interrupted(), DigestKind::ContentSha256, Truth::Wrong)
            .start()
            .await
            .unwrap();
        download(&origin, connections).await.failed(ErrorCode::Protocol);
        assert!(origin.log().request_count() < 100, "it does not loop");
    })
    .await;
}

/// Case 36.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_digest_is_a_word_and_no_proof() {
    at_each_count(|connections| async move {
        let advisory = |algorithm: Option<&str>| Verification::Unverified {
            advisory: algorithm.map(str::to_owned),
        };
        for kind in [DigestKind::LegacyMd5, DigestKind::GoogMd5] {
            let origin = with_digest(paced(), kind, Truth::Right).start().await.unwrap();
            let finished = download(&origin, connections).await.whole(&origin.content());
            assert_eq!(finished.verification, advisory(Some("md5")), "{kind:?}");

            let origin = with_digest(paced(), kind, Truth::Wrong).start().await.unwrap();
            let download = download(&origin, connections).await;
            assert_eq!(download.witness.count("Notice"), 1, "it is said");
            let finished = download.whole(&origin.content());
            assert_eq!(finished.verification, advisory(None), "{kind:?}");
        }
        // Of a 200 the body is the file.
        let whole = paced().with(|profile| profile.ranges = Ranges::Ignored);
        let origin = with_digest(whole, DigestKind::ContentMd5, Truth::Right)
            .start()
            .await
            .unwrap();
        let finished = download(&origin, connections).await.whole(&origin.content());
        assert_eq!(finished.verification, advisory(Some("md5")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strong_digests_that_servers_send_verify_the_file() {
    at_each_count(|connections| async move {
        for (kind, algorithm) in [
            (DigestKind::ReprSha256, "sha256"),
            (DigestKind::ReprSha512, "sha512"),
            (DigestKind::LegacySha256, "sha256"),
            (DigestKind::AmzSha256, "sha256"),
        ] {
            let origin = with_digest(paced(), kind, Truth::Right).start().await.unwrap();
            let finished = download(&origin, connections).await.whole(&origin.content());
            let expected = Verification::Verified {
                algorithm: algorithm.to_owned(),
                source: DigestSource::Found,
            };
            assert_eq!(finished.verification, expected, "{kind:?}");
        }
    })
    .await;
}

/// The checksum of an object in parts is no digest of it, and a weak one proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checksums_of_checksums_are_not_taken_for_digests() {
    let origin = with_digest(paced(), DigestKind::AmzCompositeSha256, Truth::Right)
        .start()
        .await
        .unwrap();
    let finished = download(&origin, 4).await.whole(&origin.content());
    assert_eq!(finished.verification, Verification::Unverified { advisory: None });
    for (kind, algorithm) in [
        (DigestKind::GoogCrc32c, "crc32c"),
        (DigestKind::AmzCrc32c, "crc32c"),
        (DigestKind::AmzSha1, "sha1"),
    ] {
        let origin = with_digest(paced(), kind, Truth::Right).start().await.unwrap();
        let finished = download(&origin, 4).await.whole(&origin.content());
        let expected = Verification::Unverified {
            advisory: Some(algorithm.to_owned()),
        };
        assert_eq!(finished.verification, expected, "{kind:?}");
    }
}

/// The digests of a file of 4,000,037 bytes from seed 1, by every algorithm that a caller may give.
fn given(content: &Content) -> Vec<(&'static str, String)> {
    use sha2::Digest as _;
    let bytes = content.bytes(0, content.length() as usize);
    let hex = gannet_testkit::content::hex;
    vec![
        ("sha256", content.sha256_hex()),
        ("sha512", hex(&sha2::Sha512::digest(&bytes))),
        ("sha1", hex(&sha1::Sha1::digest(&bytes))),
        ("md5", hex(&md5::Md5::digest(&bytes))),
        ("blake3", blake3::hash(&bytes).to_hex().to_string()),
        ("crc32c", hex(&crc32c::crc32c(&bytes).to_be_bytes())),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_digest_of_any_algorithm_verifies_the_file_or_fails() {
    let origin = paced().start().await.unwrap();
    for (algorithm, digits) in given(&origin.content()) {
        let right = format!("{algorithm}:{digits}");
        let finished = download_with(&origin, 4, |request| request.checksum(&right).unwrap())
            .await
            .whole(&origin.content());
        let expected = Verification::Verified {
            algorithm: algorithm.to_owned(),
            source: DigestSource::Given,
        };
        assert_eq!(finished.verification, expected);
    }
    for (algorithm, digits) in given(&Content::new(99, 10)) {
        let wrong = format!("{algorithm}:{digits}");
        let download = download_with(&origin, 4, |request| request.checksum(&wrong).unwrap()).await;
        assert_eq!(names_in(download.folder.path()), ["file.bin.rejected"]);
        download.failed(ErrorCode::Integrity);
    }
}

/// Where the length is unknown the digest is computed at the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_given_digest_is_checked_where_the_length_was_unknown() {
    let origin = paced()
        .with(|profile| {
            profile.ranges = Ranges::Refused;
            profile.framing = gannet_testkit::Framing::Chunked;
        })
        .start()
        .await
        .unwrap();
    let right = format!("sha256:{}", origin.content().sha256_hex());
    download_with(&origin, 4, |request| request.checksum(&right).unwrap())
        .await
        .whole(&origin.content());
    let wrong = format!("sha256:{}", "0".repeat(64));
    download_with(&origin, 4, |request| request.checksum(&wrong).unwrap())
        .await
        .failed(ErrorCode::Integrity);
}

/// Case 34, where the length is unknown: what the server says of the whole counts as much.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_found_digest_is_checked_where_the_length_was_unknown() {
    for truth in [Truth::Right, Truth::Wrong] {
        let endless = paced().with(|profile| {
            profile.ranges = Ranges::Refused;
            profile.framing = gannet_testkit::Framing::Chunked;
        });
        let origin = with_digest(endless, DigestKind::ReprSha256, truth)
            .start()
            .await
            .unwrap();
        let download = download(&origin, 4).await;
        if truth == Truth::Right {
            let finished = download.whole(&origin.content());
            assert!(matches!(finished.verification, Verification::Verified { .. }));
        } else {
            assert_eq!(names_in(download.folder.path()), ["file.bin.rejected"]);
            download.failed(ErrorCode::Integrity);
        }
    }
}
