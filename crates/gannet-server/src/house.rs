//! What all requests share, and the second door.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use gannet_manager::Manager;
use gannet_schema::{Failure, FailureCode, Reply};
use tokio::sync::{Semaphore, watch};

use crate::auth::{Caller, Keys};
use crate::command::answer;
use crate::limits::Limits;
use crate::message_writer::MessageWriter;
use crate::rate::Meter;
use crate::site::{Approach, Sites};
use crate::time::now_ms;
use crate::window::Bell;

/// What all requests share.
pub(crate) struct House {
    pub(crate) manager: Manager,
    pub(crate) keys: Keys,
    pub(crate) sites: Sites,
    pub(crate) limits: Limits,
    pub(crate) meters: Meters,
    pub(crate) commands: Semaphore,
    /// Who reads a large command.
    pub(crate) large_command: Semaphore,
    pub(crate) listeners: Arc<Semaphore>,
    pub(crate) writer: MessageWriter,
    /// The window that shows the list, where there is one.
    pub(crate) window: Option<Bell>,
    /// Turns true when the server ends.
    pub(crate) closing: watch::Sender<bool>,
}

/// How often what happens.
pub(crate) struct Meters {
    pub(crate) commands: Meter,
    strangers: Meter,
}

impl House {
    pub(crate) fn new(
        manager: Manager,
        keys: Keys,
        sites: Sites,
        limits: Limits,
        window: Option<Bell>,
    ) -> Self {
        let now = Instant::now();
        Self {
            manager,
            keys,
            sites,
            limits,
            meters: Meters {
                commands: Meter::new(limits.command_rate, now),
                strangers: Meter::new(limits.stranger_rate, now),
            },
            commands: Semaphore::new(limits.commands),
            large_command: Semaphore::new(1),
            listeners: Arc::new(Semaphore::new(limits.listeners)),
            writer: MessageWriter::default(),
            window,
            closing: watch::Sender::new(false),
        }
    }

    /// Whether a request that changes nothing may be answered: a browser names no origin in those, and its cookie is
    /// kept from other sites by itself.
    pub(crate) fn may_look(&self, approach: Approach, headers: &HeaderMap) -> bool {
        if headers.contains_key(AUTHORIZATION) {
            self.keys.caller(headers, approach, now_ms()).is_some()
        } else {
            self.keys.browser(headers, now_ms()).is_some()
        }
    }

    /// Turns somebody away who has shown nothing valid; counted, so that guessing is slow. Those who show something
    /// valid are never counted: nobody can lock them out.
    pub(crate) fn turn_away(&self) -> Response {
        if let Err(wait) = self.meters.strangers.count(Instant::now()) {
            return too_many("too many requests without a valid token or session", wait);
        }
        let failure = Failure::new(
            FailureCode::Unauthorized,
            "log in with the link that `gannet serve --login-link` prints, or show the token",
        );
        let mut response = answer(StatusCode::UNAUTHORIZED, &Reply::Failed { failure });
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        response
    }
}

/// Says that something is too much now, and when it is not any more.
pub(crate) fn too_many(what: &str, wait: Duration) -> Response {
    let failure = Failure::new(FailureCode::TooMany, format!("{what}; try again in a moment"));
    let mut response = answer(StatusCode::TOO_MANY_REQUESTS, &Reply::Failed { failure });
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    response
}

/// How the caller came; [`crate::guard`] found it out.
impl FromRequestParts<Arc<House>> for Approach {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<House>) -> Result<Self, Response> {
        // A route without the guard lets nobody in.
        parts
            .extensions
            .get()
            .copied()
            .ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

/// Somebody who may ask for everything. Whoever may not is turned away before a byte of a body is read.
impl FromRequestParts<Arc<House>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Response> {
        let approach = Approach::from_request_parts(parts, house).await?;
        house
            .keys
            .caller(&parts.headers, approach, now_ms())
            .ok_or_else(|| house.turn_away())
    }
}
