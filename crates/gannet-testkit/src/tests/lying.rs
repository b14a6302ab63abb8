//! Lies about ranges, framing and content, one by one.

use super::client::{Answer, Client, get};
use crate::{Fault, Framing, Origin, RangeLie, When};

async fn answer_to(fault: Fault, headers: &[(&str, &str)]) -> (Origin, Answer) {
    let origin = Origin::builder()
        .size(1_000)
        .fault(When::Always, fault)
        .start()
        .await
        .unwrap();
    let headers: Vec<_> = headers.iter().copied().chain([("Connection", "close")]).collect();
    let answer = get(origin.address(), "/f", &headers).await.unwrap();
    (origin, answer)
}

#[tokio::test]
async fn every_lie_about_a_range_is_told_as_named() {
    let cases: [(RangeLie, Option<&str>, usize); 15] = [
        (RangeLie::NoContentRange, None, 10),
        (RangeLie::Shifted(5), Some("bytes 105-114/1000"), 10),
        (RangeLie::HeaderShifted(-5), Some("bytes 95-104/1000"), 10),
        (RangeLie::BodyShifted(5), Some("bytes 100-109/1000"), 10),
        (RangeLie::Shorter { bytes: 4 }, Some("bytes 100-103/1000"), 4),
        (RangeLie::CompleteLength(2_000), Some("bytes 100-109/2000"), 10),
        (RangeLie::UnknownComplete, Some("bytes 100-109/*"), 10),
        (RangeLie::Reversed, Some("bytes 110-100/1000"), 10),
        (RangeLie::CompleteTooSmall, Some("bytes 100-109/109"), 10),
        (RangeLie::OtherUnit, Some("items 100-109/1000"), 10),
        (RangeLie::EqualsSign, Some("bytes=100-109/1000"), 10),
        (RangeLie::LengthOff(3), Some("bytes 100-109/1000"), 13),
        (RangeLie::LengthOff(-3), Some("bytes 100-109/1000"), 7),
        (
            RangeLie::HugeNumbers,
            Some("bytes 100-99999999999999999998/99999999999999999999"),
            10,
        ),
        (RangeLie::Literal("nonsense".into()), Some("nonsense"), 10),
    ];
    for (lie, content_range, length) in cases {
        let (_origin, answer) = answer_to(Fault::Range(lie.clone()), &[("Range", "bytes=100-109")]).await;
        assert_eq!(
            (answer.status, answer.header("Content-Range")),
            (206, content_range),
            "{lie:?}"
        );
        assert_eq!(answer.body.len(), length, "{lie:?}");
    }
}

#[tokio::test]
async fn lies_without_a_range_and_about_its_form() {
    let (_origin, unasked) = answer_to(Fault::Range(RangeLie::Unasked), &[]).await;
    assert_eq!(
        (unasked.status, unasked.header("Content-Range")),
        (206, Some("bytes 0-999/1000"))
    );
    let (_origin, stray) = answer_to(Fault::Range(RangeLie::Stray), &[]).await;
    assert_eq!(
        (stray.status, stray.header("Content-Range")),
        (200, Some("bytes 0-999/1000"))
    );
    let (_origin, parts) = answer_to(Fault::Range(RangeLie::Multipart), &[("Range", "bytes=100-109")]).await;
    assert!(
        parts
            .header("Content-Type")
            .unwrap()
            .starts_with("multipart/byteranges")
    );
    let (_origin, on) = answer_to(Fault::Range(RangeLie::RunsOn(7)), &[("Range", "bytes=100-109")]).await;
    assert!(on.body.starts_with(b"11\r\n"), "17 bytes in one chunk");
    let lie = Fault::Range(RangeLie::RunsOnPastLength(7));
    let origin = Origin::builder().fault(When::Always, lie).start().await.unwrap();
    let mut client = Client::connect(origin.address()).await;
    let past = client
        .get("/f", &[("Range", "bytes=0-9"), ("Connection", "close")])
        .await
        .unwrap();
    assert_eq!(
        (past.header("Content-Length"), client.rest().await.unwrap().len()),
        (Some("10"), 7)
    );
}

#[tokio::test]
async fn framing_is_wrong_as_asked() {
    let (origin, chunked) = answer_to(Fault::Framing(Framing::Chunked), &[]).await;
    assert!(chunked.body.starts_with(b"3e8\r\n") && chunked.body.ends_with(b"\r\n0\r\n\r\n"));
    assert_eq!(origin.content().check(0, &chunked.body[5..1005]), Ok(()));
    let (_origin, unfinished) = answer_to(Fault::Framing(Framing::ChunkedUnfinished), &[]).await;
    assert_eq!(unfinished.body.len(), 5 + 1000 + 2);
    let (_origin, both) = answer_to(Fault::Framing(Framing::ChunkedAndLength), &[]).await;
    assert!(both.header("Transfer-Encoding").is_some() && both.header("Content-Length").is_some());
    let (_origin, until_close) = answer_to(Fault::Framing(Framing::UntilClose), &[]).await;
    assert_eq!(
        (until_close.header("Content-Length"), until_close.body.len()),
        (None, 1000)
    );
    let (_origin, short) = answer_to(Fault::Framing(Framing::WrongLength(1001)), &[]).await;
    assert_eq!(
        (short.body.len(), short.broken),
        (1000, Some(std::io::ErrorKind::UnexpectedEof))
    );
}

#[tokio::test]
async fn content_is_wrong_as_asked() {
    let (origin, answer) = answer_to(Fault::Corrupt(500), &[("Range", "bytes=400-599")]).await;
    assert_eq!(origin.content().check(400, &answer.body), Err(500));
    let (origin, answer) = answer_to(Fault::OtherBytes, &[]).await;
    assert!(origin.content().check(0, &answer.body).is_err());
    let (_origin, page) = answer_to(Fault::Html, &[("Range", "bytes=400-599")]).await;
    assert!(page.status == 200 && page.header("Content-Type").unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn early_hints_come_first() {
    let hints = Fault::EarlyHints("Content-Disposition".into(), "attachment; filename=wrong".into());
    let origin = Origin::builder()
        .fault(When::Always, hints)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(origin.address()).await;
    let early = client.get("/f", &[]).await.unwrap();
    assert_eq!(
        (early.status, early.header("Content-Disposition")),
        (103, Some("attachment; filename=wrong"))
    );
    let answer = client.read_answer().await.unwrap();
    assert_eq!((answer.status, answer.header("Content-Disposition")), (200, None));
}
