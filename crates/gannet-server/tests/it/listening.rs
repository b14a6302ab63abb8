//! Listeners, many and dead.

use std::time::{Duration, Instant};

use futures_util::SinkExt as _;
use gannet_schema::{Command, DuplicateChoice, Event, Message, Notice, Reply, Start};
use tokio::io::AsyncReadExt as _;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::attacks::download;
use crate::house::{House, Socket, close_code, next};
use crate::wire::PATIENCE;

fn paused(name: &str) -> Command {
    let mut download = download(&format!("http://127.0.0.1:1/{name}"), None);
    download.start = Start::Paused;
    Command::Add {
        downloads: vec![download],
        duplicates: DuplicateChoice::Add,
    }
}

/// Waits until the listener was told of the download of this name, and checks that the numbers have no gap.
async fn hears_of(socket: &mut Socket, name: &str) {
    let mut last = None;
    loop {
        let (number, knows) = match next(socket).await {
            Message::State { sequence, state } => {
                last = None;
                (sequence, state.rows.iter().any(|row| row.name == name))
            }
            Message::Event { sequence, event } => {
                let knows =
                    matches!(&*event, Event::Changed { rows, .. } if rows.iter().any(|row| row.name == name));
                (sequence, knows)
            }
            Message::Snapshot { sequence, .. } => (sequence, false),
        };
        assert!(
            last.is_none_or(|last| number == last + 1),
            "{last:?} and {number}"
        );
        if knows {
            return;
        }
        last = Some(number);
    }
}

#[tokio::test]
async fn a_dead_listener_does_not_matter_to_nineteen_others() {
    let house = House::bounded(|limits| {
        limits.write_time = Duration::from_millis(500);
        limits.ping_every = Duration::from_millis(500);
    })
    .await;
    // It never reads a byte.
    let mut dead = house.listen().await;
    let mut living = Vec::new();
    for _ in 0..19 {
        living.push(house.listen().await);
    }
    for socket in &mut living {
        assert!(matches!(next(socket).await, Message::State { sequence: 1, .. }));
    }
    for index in 0..20 {
        house.execute(&paused(&format!("{index}.bin"))).await;
    }
    let asked = Instant::now();
    for socket in &mut living {
        hears_of(socket, "19.bin").await;
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    // It is let go after two pings that nobody answered: reading the bare connection answers none.
    let ended = tokio::time::timeout(PATIENCE, dead.get_mut().read_to_end(&mut Vec::new())).await;
    assert!(ended.is_ok(), "still held");
    house.stop().await;
}

#[tokio::test]
async fn a_listener_that_answers_pings_stays() {
    let house = House::bounded(|limits| limits.ping_every = Duration::from_millis(50)).await;
    let mut socket = house.listen().await;
    next(&mut socket).await;
    let name = "late.bin";
    // Reading answers the pings; twenty of them are more than a silent one survives.
    let add = async {
        // paces: what is tested is that pings are answered for a while.
        tokio::time::sleep(Duration::from_secs(1)).await;
        house.execute(&paused(name)).await
    };
    tokio::join!(hears_of(&mut socket, name), add);
}

#[tokio::test]
async fn a_listener_may_watch_and_look_away() {
    let house = House::new().await;
    let mut socket = house.listen().await;
    next(&mut socket).await;
    for text in [
        r#"{"kind":"watch","id":1}"#,
        r#"{"kind":"look","looking":false}"#,
        r#"{"kind":"watch","id":null}"#,
    ] {
        socket.send(Frame::text(text)).await.expect("sent");
    }
    house.execute(&paused("a.bin")).await;
    hears_of(&mut socket, "a.bin").await;
}

#[tokio::test]
async fn everybody_hears_that_the_server_ends() {
    let house = House::new().await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = house.listen().await;
        next(&mut socket).await;
        sockets.push(socket);
    }
    let stopped = tokio::spawn(house.stop());
    for socket in &mut sockets {
        assert_eq!(close_code(socket).await, Some(1001));
    }
    stopped.await.expect("it ends");
}

/// A page that is open beside the one that quit must not take it for a lost connection. Whether the notice or the closing is
/// seen first was a matter of chance: so more than once.
#[tokio::test]
async fn everybody_hears_that_somebody_quit_before_the_server_closes() {
    for _ in 0..8 {
        let house = House::new().await;
        let mut sockets = Vec::new();
        for _ in 0..4 {
            let mut socket = house.listen().await;
            next(&mut socket).await;
            sockets.push(socket);
        }
        assert_eq!(house.execute(&Command::Quit).await, Reply::Done);
        let stopped = tokio::spawn(house.stop());
        for socket in &mut sockets {
            loop {
                if let Message::Event { event, .. } = next(socket).await
                    && matches!(
                        *event,
                        Event::Notice {
                            notice: Notice::Quitting
                        }
                    )
                {
                    break;
                }
            }
            assert_eq!(close_code(socket).await, Some(1001));
        }
        stopped.await.expect("it ends");
    }
}
