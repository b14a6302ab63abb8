//! What a right server answers, and what validators, digests, names and redirects look like.

use std::sync::Arc;
use std::time::Duration;

use super::client::{Client, get};
use crate::{
    Change, Content, Dates, DigestField, DigestKind, ETag, Hops, Origin, Profile, Ranges, Redirect, Script,
    Target, Tokens, Truth,
};

#[tokio::test]
async fn ranges_are_answered_as_rfc_9110_says() {
    let origin = Origin::builder().size(100_000).seed(5).start().await.unwrap();
    let mut client = Client::connect(origin.address()).await;
    let cases = [
        (None, 200, None, 0..100_000),
        (Some("bytes=0-"), 206, Some("bytes 0-99999/100000"), 0..100_000),
        (
            Some("bytes=70000-70009"),
            206,
            Some("bytes 70000-70009/100000"),
            70_000..70_010,
        ),
        (
            Some("bytes=99990-200000"),
            206,
            Some("bytes 99990-99999/100000"),
            99_990..100_000,
        ),
        (
            Some("bytes=-10"),
            206,
            Some("bytes 99990-99999/100000"),
            99_990..100_000,
        ),
        (Some("bytes=0-1,5-6"), 200, None, 0..100_000),
    ];
    for (range, status, content_range, bytes) in cases {
        let headers: Vec<_> = range.map(|range| ("Range", range)).into_iter().collect();
        let answer = client.get("/file.bin", &headers).await.unwrap();
        assert_eq!(
            (answer.status, answer.header("Content-Range")),
            (status, content_range),
            "{range:?}"
        );
        assert_eq!(answer.header("Accept-Ranges"), Some("bytes"));
        assert_eq!(answer.body.len() as u64, bytes.end - bytes.start);
        assert_eq!(
            origin.content().check(bytes.start, &answer.body),
            Ok(()),
            "{range:?}"
        );
    }
    let answer = client
        .get("/file.bin", &[("Range", "bytes=100000-")])
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("Content-Range")),
        (416, Some("bytes */100000"))
    );
    assert_eq!(origin.log().connections(), 1, "keep-alive is honoured");
    assert_eq!(origin.log().request_count(), 7);
}

#[tokio::test]
async fn conditions_are_held_against_strong_validators_only() {
    const RANGE: (&str, &str) = ("Range", "bytes=5-9");
    let origin = Origin::builder().start().await.unwrap();
    let first = get(origin.address(), "/f", &[RANGE]).await.unwrap();
    let (etag, modified) = (
        first.header("ETag").unwrap(),
        first.header("Last-Modified").unwrap(),
    );
    for (condition, value, status) in [
        ("If-Range", etag, 206),
        ("If-Range", modified, 206),
        ("If-Range", "\"another\"", 200),
        ("If-Range", &format!("W/{etag}"), 200),
        ("If-Range", "Mon, 01 Jan 2001 00:00:00 GMT", 200),
        ("If-Match", etag, 206),
        ("If-Match", "\"another\"", 412),
        ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 412),
        ("If-None-Match", etag, 304),
        ("If-Modified-Since", modified, 304),
    ] {
        let answer = get(origin.address(), "/f", &[RANGE, (condition, value)])
            .await
            .unwrap();
        assert_eq!(answer.status, status, "{condition}: {value}");
    }

    let weak = Origin::builder()
        .with(|profile| profile.etag = ETag::Weak)
        .start()
        .await
        .unwrap();
    let first = get(weak.address(), "/f", &[RANGE]).await.unwrap();
    let etag = first.header("ETag").unwrap();
    assert!(etag.starts_with("W/"));
    assert_eq!(
        get(weak.address(), "/f", &[RANGE, ("If-Range", etag)])
            .await
            .unwrap()
            .status,
        200
    );
}

#[tokio::test]
async fn a_date_counts_as_strong_only_a_second_after_the_change() {
    for (apart, status) in [(Duration::ZERO, 200), (Duration::from_secs(1), 206)] {
        let builder = Origin::builder().with(|profile| {
            profile.etag = ETag::None;
            profile.dates = Dates::Apart(apart);
        });
        let origin = builder.start().await.unwrap();
        let first = get(origin.address(), "/f", &[]).await.unwrap();
        assert_eq!(first.header("ETag"), None);
        let modified = first.header("Last-Modified").unwrap();
        let condition = [("Range", "bytes=1-"), ("If-Range", modified)];
        assert_eq!(
            get(origin.address(), "/f", &condition).await.unwrap().status,
            status,
            "{apart:?}"
        );
    }
}

#[tokio::test]
async fn a_server_may_take_no_ranges_or_say_so_wrongly() {
    for (ranges, announced, status) in [
        (Ranges::Refused, Some("none"), 200),
        (Ranges::Ignored, Some("bytes"), 200),
        (Ranges::HonouredUnannounced, None, 206),
    ] {
        let origin = Origin::builder()
            .with(|profile| profile.ranges = ranges)
            .start()
            .await
            .unwrap();
        let answer = get(origin.address(), "/f", &[("Range", "bytes=1-")])
            .await
            .unwrap();
        assert_eq!(
            (answer.status, answer.header("Accept-Ranges")),
            (status, announced),
            "{ranges:?}"
        );
    }
}

#[tokio::test]
async fn an_empty_file_has_no_range() {
    let origin = Origin::builder().size(0).start().await.unwrap();
    let answer = get(origin.address(), "/f", &[("Range", "bytes=0-")])
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("Content-Range")),
        (416, Some("bytes */0"))
    );
    let answer = get(origin.address(), "/f", &[]).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

#[tokio::test]
async fn the_file_changes_by_count_and_by_hand() {
    let builder = Origin::builder().with(|profile| profile.change = Change::AfterAnswers(1));
    let origin = builder.start().await.unwrap();
    let before = get(origin.address(), "/f", &[]).await.unwrap();
    let after = get(origin.address(), "/f", &[]).await.unwrap();
    assert_eq!(origin.content_of(1).check(0, &before.body), Ok(()));
    assert_eq!(origin.content_of(2).check(0, &after.body), Ok(()));
    for validator in ["ETag", "Last-Modified"] {
        assert_ne!(before.header(validator), after.header(validator));
    }
    origin.set_version(1);
    let again = get(origin.address(), "/f", &[]).await.unwrap();
    assert_eq!(
        (again.body, again.headers.len()),
        (before.body, before.headers.len())
    );
}

#[tokio::test]
async fn digests_are_right_or_wrong_as_asked() {
    use base64::Engine as _;
    for truth in [Truth::Right, Truth::Wrong] {
        let origin = Origin::builder()
            .size(70_000)
            .with(|profile| {
                profile.digests = vec![DigestField {
                    kind: DigestKind::ReprSha256,
                    truth,
                }];
            })
            .start()
            .await
            .unwrap();
        let answer = get(origin.address(), "/f", &[("Range", "bytes=5-9")])
            .await
            .unwrap();
        let right = base64::engine::general_purpose::STANDARD.encode(origin.content().sha256());
        let is_right = answer.header("Repr-Digest") == Some(&format!("sha-256=:{right}:"));
        assert_eq!(is_right, truth == Truth::Right);
    }
}

#[tokio::test]
async fn a_path_can_name_a_size() {
    let origin = Origin::builder().size(77).start().await.unwrap();
    for (path, length) in [
        ("/f", "77"),
        ("/10kB/f", "10000"),
        ("/size/64KiB/f", "65536"),
        ("/size/7", "7"),
    ] {
        let answer = get(origin.address(), path, &[]).await.unwrap();
        assert_eq!(answer.header("Content-Length"), Some(length), "{path}");
    }
    assert_eq!(
        get(origin.address(), "/size/many/f", &[]).await.unwrap().status,
        404
    );
}

#[tokio::test]
async fn credentials_are_asked_for() {
    let builder =
        Origin::builder().with(|profile| profile.basic_auth = Some(("Aladdin".into(), "open sesame".into())));
    let origin = builder.start().await.unwrap();
    assert_eq!(get(origin.address(), "/f", &[]).await.unwrap().status, 401);
    let right = [("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")];
    assert_eq!(get(origin.address(), "/f", &right).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_redirect_hands_out_a_token_that_another_origin_asks_for() {
    let tokens = Tokens::valid_for(1, 410);
    let storage = Origin::builder()
        .with(|profile| profile.tokens = Some(tokens.clone()))
        .start()
        .await
        .unwrap();
    let base = storage.url("").trim_end_matches('/').to_owned();
    let front = Origin::builder()
        .with(|profile| {
            profile.redirect = Some(Redirect {
                status: 302,
                hops: Hops::Count(2),
                to: Target::Base(base.clone()),
            });
            profile.tokens = Some(tokens.clone());
        })
        .start()
        .await
        .unwrap();
    let first = get(front.address(), "/f", &[]).await.unwrap();
    assert_eq!((first.status, first.header("Location")), (302, Some("/f?hop=1")));
    let second = get(front.address(), "/f?hop=1", &[]).await.unwrap();
    let target = second
        .header("Location")
        .unwrap()
        .strip_prefix(&base)
        .unwrap()
        .to_owned();
    assert_eq!(get(storage.address(), &target, &[]).await.unwrap().status, 200);
    assert_eq!(get(storage.address(), &target, &[]).await.unwrap().status, 410);
    assert_eq!(tokens.issued(), 1);
}

#[tokio::test]
async fn a_loop_never_ends() {
    let redirect = Redirect {
        status: 301,
        hops: Hops::Loop,
        to: Target::Same,
    };
    let origin = Origin::builder()
        .with(|profile| profile.redirect = Some(redirect))
        .start()
        .await
        .unwrap();
    let mut path = "/f".to_owned();
    for _ in 0..30 {
        let answer = get(origin.address(), &path, &[]).await.unwrap();
        assert_eq!(answer.status, 301);
        path = answer.header("Location").unwrap().to_owned();
    }
}

#[tokio::test]
async fn a_test_scripts_single_requests_and_routes() {
    let other = Profile {
        size_bytes: 5,
        ..Profile::default()
    };
    let content = Content::new(9, 50);
    let origin = Origin::builder()
        .route("mirror/", other)
        .on_request(move |request, number| {
            assert_eq!(request.method, "GET");
            (number == 2).then(|| Script::partial(content, 10..20).header("X-Scripted", "yes"))
        })
        .start()
        .await
        .unwrap();
    assert_eq!(
        get(origin.address(), "/mirror/f", &[]).await.unwrap().body.len(),
        5
    );
    let scripted = get(origin.address(), "/f", &[]).await.unwrap();
    assert_eq!(
        (scripted.status, scripted.header("X-Scripted")),
        (206, Some("yes"))
    );
    assert_eq!(content.check(10, &scripted.body), Ok(()));
    assert_eq!(get(origin.address(), "/f", &[]).await.unwrap().status, 200);
}

#[tokio::test]
async fn tls_is_spoken_with_the_certificate_handed_out() {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let origin = Origin::builder().size(300_000).tls().start().await.unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(origin.ca_pem().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let url = origin.https_url("f");
    let address = url.strip_prefix("https://").unwrap().strip_suffix("/f").unwrap();
    let socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, socket).await.unwrap();
    stream
        .write_all(b"GET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let body = answer.len() - 300_000;
    assert_eq!(origin.content().check(0, &answer[body..]), Ok(()));
}
