//! Too many, too big, too slow.

use std::time::Duration;

use futures_util::SinkExt as _;
use gannet_server::Rate;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::house::{House, close_code, next, refusal};
use crate::wire::{PATIENCE, read};

fn question() -> serde_json::Value {
    json!({"action": "list_finished", "page": {"offset": 0, "count": 1}})
}

#[tokio::test]
async fn a_command_that_is_too_long_is_refused_before_it_is_read() {
    let limit = 8 << 20;
    let house = House::bounded(|limits| limits.body_bytes = limit).await;
    let claimed = house
        .command(&question())
        .without("Content-Length")
        .header("Content-Length", (limit + 1).to_string());
    assert_eq!(house.send(claimed).await.status, 413);

    let mut chunked = TcpStream::connect(house.address).await.expect("a connection");
    let head = house
        .command(&question())
        .without("Content-Length")
        .header("Transfer-Encoding", "chunked")
        .header("Connection", "close");
    let head = head.bytes();
    let body_at = head
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head")
        + 4;
    chunked.write_all(&head[..body_at]).await.expect("sent");
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    for _ in 0..9 {
        // The server may refuse in the midst of it.
        if chunked.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let refused = tokio::time::timeout(PATIENCE, chunked.read_u8())
        .await
        .expect("in time");
    assert!(
        !matches!(refused, Ok(byte) if byte != b'H'),
        "an answer or an end"
    );

    let text = "x".repeat(limit / 2);
    let long = house.command(&json!({"action": "read_links", "text": text}));
    assert_ne!(house.send(long).await.status, 413);
}

/// As much as the manager takes in arrives, and one that is large holds up no small one.
#[tokio::test]
async fn a_list_of_64_mib_is_taken_in() {
    let house = House::new().await;
    let line = format!(
        r#"{{"url":"https://a.example/{}","name":"a","folder":"/","added_at_ms":1}}"#,
        "x".repeat(8_000)
    );
    let count = (63 << 20) / line.len();
    let text = format!(
        r#"{{"gannet_list":2,"downloads":[{}]}}"#,
        vec![line; count].join(",")
    );
    let import = house.command(&json!({ "action": "import", "text": text }));
    let mut slow = TcpStream::connect(house.address).await.expect("a connection");
    let bytes = import.header("Connection", "close").bytes();
    slow.write_all(&bytes[..bytes.len() / 2])
        .await
        .expect("half of it");
    assert_eq!(house.send(house.command(&question())).await.status, 200);
    slow.write_all(&bytes[bytes.len() / 2..]).await.expect("the rest");
    let answer = read(&mut slow).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json()["ids"].as_array().map(Vec::len),
        Some(1),
        "all are of one address"
    );
}

#[tokio::test]
async fn a_stranger_sends_no_body() {
    let house = House::new().await;
    let mut stream = TcpStream::connect(house.address).await.expect("a connection");
    let head = house
        .request("POST", "/api/command")
        .header("Content-Type", "application/json")
        .header("Content-Length", "8000000");
    stream.write_all(&head.bytes()).await.expect("sent");
    let mut status = [0; 12];
    let answered = tokio::time::timeout(PATIENCE, stream.read_exact(&mut status)).await;
    answered.expect("without a byte of the body").expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 401");
}

#[tokio::test]
async fn whoever_sends_a_head_byte_by_byte_is_let_go() {
    let house = House::bounded(|limits| {
        limits.head_time = Duration::from_millis(300);
        limits.connections = 4;
    })
    .await;
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(house.address).await.expect("a connection");
        stream.write_all(b"GET / HTTP/1.1\r\nHost:").await.expect("sent");
        slow.push(stream);
    }
    // Every place is taken, and the next request is answered all the same.
    assert_eq!(house.send(house.command(&question())).await.status, 200);
    for stream in &mut slow {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        ended.expect("closed").ok();
    }
}

#[tokio::test]
async fn whoever_sends_a_body_byte_by_byte_is_let_go() {
    let house = House::bounded(|limits| limits.body_time = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(house.address).await.expect("a connection");
    let head = house
        .command(&question())
        .without("Content-Length")
        .header("Content-Length", "1000")
        .header("Connection", "close");
    stream.write_all(&head.bytes()[..]).await.expect("sent");
    let answer = tokio::time::timeout(PATIENCE, read(&mut stream))
        .await
        .expect("in time");
    assert_eq!(answer.status, 408);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let house = House::new().await;
    let request = house.command(&question()).header("X-Long", "x".repeat(64 << 10));
    assert_eq!(house.send(request).await.status, 431);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_locks_nobody_out() {
    let house = House::bounded(|limits| {
        limits.stranger_rate = Rate {
            burst: 5,
            per_s: 0.001,
        };
    })
    .await;
    let guess = || {
        house
            .command(&question())
            .without("Authorization")
            .header("Authorization", format!("Bearer {}", "0".repeat(64)))
    };
    for _ in 0..5 {
        assert_eq!(house.send(guess()).await.status, 401);
    }
    let refused = house.send(guess()).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(house.send(house.command(&question())).await.status, 200);
    house.log_in().await;
}

#[tokio::test]
async fn commands_have_a_rate() {
    let house = House::bounded(|limits| {
        limits.command_rate = Rate {
            burst: 3,
            per_s: 0.001,
        };
    })
    .await;
    for _ in 0..3 {
        assert_eq!(house.send(house.command(&question())).await.status, 200);
    }
    let refused = house.send(house.command(&question())).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["failure"]["code"], "too_many");
}

#[tokio::test]
async fn listeners_are_counted() {
    let house = House::bounded(|limits| limits.listeners = 2).await;
    let bearer = format!("Bearer {}", house.token);
    let first = house.listen().await;
    let _second = house.listen().await;
    assert_eq!(
        refusal(house.listen_with(&[("Authorization", &bearer)]).await),
        429
    );
    drop(first);
    // The place is free when the server has noticed.
    tokio::time::timeout(PATIENCE, async {
        while house.listen_with(&[("Authorization", &bearer)]).await.is_err() {
            // polls: the end of another connection has no event here.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("a free place");
}

#[tokio::test]
async fn a_listener_that_says_what_it_must_not_is_let_go() {
    let house = House::new().await;
    let long = format!(r#"{{"kind":"watch","id":{}}}"#, "1".repeat(10_000));
    for (frame, code) in [
        (Frame::text("{}"), Some(1008)),
        (Frame::text(r#"{"action":"quit"}"#), Some(1008)),
        (Frame::binary(vec![0; 10]), Some(1008)),
        (Frame::text(long), None),
    ] {
        let mut socket = house.listen().await;
        next(&mut socket).await;
        socket.send(frame).await.expect("sent");
        let closed = close_code(&mut socket).await;
        assert!(closed == code || closed.is_none(), "{closed:?}");
    }
}
