//! `GET /api/events`: a WebSocket on which everything is told, first the whole state, then what changes it.
//!
//! Each listener has a task of its own and takes from a subscription that never waits for it: one that reads slowly gets
//! fewer snapshots, one that reads nothing or is gone is dropped. Others notice neither.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use gannet_manager::Subscription;
use gannet_schema::{ClientMessage, Message};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::auth::Caller;
use crate::command::json;
use crate::house::{House, too_many};
use crate::rate::Meter;
use crate::server::is_true;
use crate::site::Approach;
use crate::time::now_ms;

/// What a listener may say at once, in bytes: its messages are short.
const SAID_BYTES_MAX: usize = 4096;
/// Tells a page that its session is over, and that trying again does not help.
const CLOSED_UNAUTHORIZED: u16 = 4401;
/// Whoever answers none of so many pings is gone.
const UNANSWERED_PINGS_MAX: u32 = 2;
/// What waits to be sent to a listener before its task waits too, in bytes.
const WAITING_BYTES: usize = 128 << 10;

/// Opens the WebSocket.
pub(crate) async fn listen(
    approach: Approach,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        // A page asks plainly to learn why its WebSocket was refused: a browser does not tell it.
        Err(rejection) if house.may_look(approach, &headers) => return rejection.into_response(),
        Err(_) => return house.turn_away(),
    };
    let Some(caller) = house.keys.caller(&headers, approach, now_ms()) else {
        return house.turn_away();
    };
    let Ok(permit) = Arc::clone(&house.listeners).try_acquire_owned() else {
        return too_many("too many listeners", house.limits.ping_every);
    };
    // Each page that is opened moves the end of its session; its cookie has to last as long.
    let cookie = match caller {
        Caller::Browser(_) => house.keys.cookie_again(&headers, approach),
        Caller::Program => None,
    };
    let mut response = upgrade
        .max_message_size(SAID_BYTES_MAX)
        .max_frame_size(SAID_BYTES_MAX)
        .write_buffer_size(WAITING_BYTES)
        .on_upgrade(move |socket| async move {
            let listener = Listener {
                subscription: house.manager.subscribe(),
                closing: house.closing.subscribe(),
                meter: Meter::new(house.limits.listener_rate, Instant::now()),
                house,
                socket,
                caller,
                _permit: permit,
            };
            listener.serve().await;
        });
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// `GET /api/state`: the whole state once, for programs that do not listen.
pub(crate) async fn state(
    approach: Approach,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
) -> Response {
    if !house.may_look(approach, &headers) {
        return house.turn_away();
    }
    if let Err(wait) = house.meters.commands.count(Instant::now()) {
        return too_many("too many requests", wait);
    }
    match house.manager.subscribe().next().await {
        Some(Message::State { state, .. }) => json(StatusCode::OK, &state),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

struct Listener {
    house: Arc<House>,
    socket: WebSocket,
    subscription: Subscription,
    caller: Caller,
    closing: watch::Receiver<bool>,
    meter: Meter,
    _permit: OwnedSemaphorePermit,
}

/// Why a listener is let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is gone, or takes nothing: there is nobody to say a word to.
    Gone,
    /// The server ends.
    Closing,
    /// Its session is over.
    LoggedOut,
    /// It says what it must not.
    Misbehaved,
}

/// What a listener's task waits for.
enum Happening {
    /// There is something to tell; nothing comes any more after `None`.
    News(Option<Message>),
    /// The listener says something; it is gone after `None`.
    Said(Option<Result<Frame, axum::Error>>),
    /// It is time to ask whether the listener is there.
    PingDue,
}

impl Listener {
    async fn serve(mut self) {
        let end = self.tell().await;
        tracing::debug!(?end, "a listener is let go");
        let (code, reason) = match end {
            End::Gone => return,
            End::Closing => (close_code::AWAY, "Gannet ends"),
            End::LoggedOut => (CLOSED_UNAUTHORIZED, "logged out"),
            End::Misbehaved => (close_code::POLICY, "not understood"),
        };
        let farewell = Frame::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        }));
        let _ = timeout(self.house.limits.farewell, self.socket.send(farewell)).await;
    }

    /// Tells everything until there is a reason to end.
    async fn tell(&mut self) -> End {
        let mut pings = interval(self.house.limits.ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;
        loop {
            let happening = tokio::select! {
                message = self.subscription.next() => Happening::News(message),
                frame = self.socket.recv() => Happening::Said(frame),
                _ = pings.tick() => Happening::PingDue,
                () = over(&mut self.caller) => return End::LoggedOut,
                () = is_true(&mut self.closing) => return self.last_words().await,
            };
            let outcome = match happening {
                Happening::News(Some(message)) => self.send(&message).await,
                Happening::News(None) => Err(End::Closing),
                Happening::Said(frame) => {
                    unanswered = 0;
                    self.hear(frame)
                }
                Happening::PingDue if unanswered == UNANSWERED_PINGS_MAX => Err(End::Gone),
                Happening::PingDue => {
                    unanswered += 1;
                    self.send_frame(Frame::Ping(Bytes::new())).await
                }
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    /// Tells what waits when the server ends: that somebody quit it is among it. What comes after that is told to nobody.
    async fn last_words(&mut self) -> End {
        loop {
            let message = tokio::select! {
                biased;
                message = self.subscription.next() => message,
                () = std::future::ready(()) => None,
            };
            let Some(message) = message else {
                return End::Closing;
            };
            if let Err(end) = self.send(&message).await {
                return end;
            }
        }
    }

    async fn send(&mut self, message: &Message) -> Result<(), End> {
        match self.house.writer.write(message) {
            Ok(text) => self.send_frame(Frame::Text(text.into())).await,
            Err(error) => {
                tracing::error!(%error, "a message cannot be written as JSON");
                Err(End::Closing)
            }
        }
    }

    async fn send_frame(&mut self, frame: Frame) -> Result<(), End> {
        match timeout(self.house.limits.write_time, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }

    fn hear(&mut self, frame: Option<Result<Frame, axum::Error>>) -> Result<(), End> {
        let Some(Ok(frame)) = frame else {
            return Err(End::Gone);
        };
        if self.meter.count(Instant::now()).is_err() {
            return Err(End::Misbehaved);
        }
        match frame {
            Frame::Text(text) => match serde_json::from_str(&text) {
                Ok(ClientMessage::Watch { id }) => self.subscription.watch(id),
                Ok(ClientMessage::Look { looking }) => self.subscription.look(looking),
                Err(_) => return Err(End::Misbehaved),
            },
            Frame::Binary(_) => return Err(End::Misbehaved),
            Frame::Close(_) => return Err(End::Gone),
            Frame::Ping(_) | Frame::Pong(_) => {}
        }
        Ok(())
    }
}

/// Waits until the caller may not listen any more.
async fn over(caller: &mut Caller) {
    match caller {
        Caller::Program => std::future::pending().await,
        Caller::Browser(signal) => signal.over().await,
    }
}
