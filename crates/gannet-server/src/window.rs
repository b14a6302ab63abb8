//! `POST /api/window`: where the list is shown in a window of its own, programs that were started beside it ask for
//! that: a second start, a link that was clicked elsewhere, `gannet open`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::auth::Caller;
use crate::command::{read, refuse};
use crate::house::{House, too_many};

/// Summons that may wait for the window.
const WAITING_MAX: usize = 16;

/// What somebody wants of the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summons {
    /// Links that the person is to be asked about, as text; empty where the window is only to be seen.
    #[serde(default)]
    pub text: String,
    /// What was brought and gave no links, if anything: the person is told.
    #[serde(default)]
    pub unread: Option<Unread>,
    /// Whether nobody wants to see the window: the program was started with the session while it runs already.
    #[serde(default)]
    pub hidden: bool,
    /// The mark of the click that asks for it, by which the desktop lets the window come to the front.
    #[serde(default)]
    pub mark: Option<String>,
}

/// What somebody brought that gave no links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The first of it: a path or a link, shortened where it is long.
    pub name: String,
    /// Why that one gave none.
    pub why: WhyUnread,
    /// How many beside it gave none.
    pub others: usize,
}

/// Why something gave no links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnread {
    /// There is no such file.
    Missing,
    /// The system does not let it be read.
    Unreadable,
    /// No list of links is so large.
    TooLarge,
    /// It is not text in UTF-8.
    NotText,
    /// Nothing is in it.
    Empty,
    /// It is a link to what cannot be downloaded, or to nothing.
    NoLink,
}

/// The window's bell; given to the server in [`crate::ServeOptions::window`].
#[derive(Debug, Clone)]
pub struct Bell(mpsc::Sender<Summons>);

impl Bell {
    /// A bell, and where its ringing is heard.
    pub fn new() -> (Self, mpsc::Receiver<Summons>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self(sender), receiver)
    }
}

/// Rings.
pub(crate) async fn summon(
    _: Caller,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(Bell(window)) = &house.window else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Err(wait) = house.meters.commands.count(Instant::now()) {
        return too_many("too many summons", wait);
    }
    match read::<Summons>(&house, &headers, body, house.limits.large_body_bytes).await {
        Err((status, message)) => refuse(status, message),
        Ok(summons) => match window.try_send(summons) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(_) => too_many("the window does not answer", Duration::from_secs(1)),
        },
    }
}
