//! Letting browsers in and out.
//!
//! A login link bears a code that is good once, within a minute: it may end up in a history or a log without harm. The
//! browser gets a session for it, in a cookie that no script reads and no other site's request bears.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use gannet_schema::{Reply, SCHEMA_VERSION};
use serde::{Deserialize, Serialize};

use crate::auth::{CODE_VALID, Caller};
use crate::command::{answer, json};
use crate::house::House;
use crate::site::Approach;
use crate::time::now_ms;

/// A link that lets one browser in, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginLink {
    /// The path with the code, to be put behind the address that the caller knows the server by.
    pub path: String,
    /// For how many seconds it is valid.
    pub valid_s: u64,
}

impl LoginLink {
    pub(crate) fn make(house: &House) -> Result<Self, getrandom::Error> {
        Ok(Self {
            path: format!("/login?code={}", house.keys.new_code(Instant::now())?),
            valid_s: CODE_VALID.as_secs(),
        })
    }

    /// The whole link, beneath an address such as `http://127.0.0.1:6900`.
    pub fn beneath(&self, address: &str) -> String {
        format!("{}{}", address.trim_end_matches('/'), self.path)
    }
}

/// `POST /api/login-link`: for programs that know the token; a session makes no further ones.
pub(crate) async fn make_link(caller: Caller, State(house): State<Arc<House>>) -> Response {
    if !matches!(caller, Caller::Program) {
        return house.turn_away();
    }
    match LoginLink::make(&house) {
        Ok(link) => json(StatusCode::OK, &link),
        Err(error) => no_randomness(error),
    }
}

#[derive(Deserialize)]
pub(crate) struct Login {
    #[serde(default)]
    code: String,
}

/// `GET /login?code=…`: takes the code for a session.
pub(crate) async fn log_in(
    approach: Approach,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Query(login): Query<Login>,
) -> Response {
    match house.keys.redeem(&login.code, Instant::now(), now_ms()) {
        Ok(Some(session)) => {
            let cookie = house.keys.cookie_of(&session, approach);
            (StatusCode::SEE_OTHER, [(LOCATION, "/"), (SET_COOKIE, &cookie)]).into_response()
        }
        // Somebody who is in already and opens the link once more.
        Ok(None) if house.keys.browser(&headers, now_ms()).is_some() => {
            (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response()
        }
        Ok(None) => {
            let refusal = house.turn_away();
            if refusal.status() == StatusCode::TOO_MANY_REQUESTS {
                return refusal;
            }
            let html = (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            (StatusCode::FORBIDDEN, [html], include_str!("login/spent.html")).into_response()
        }
        Err(error) => no_randomness(error),
    }
}

/// `POST /api/logout`: ends the session and whatever listens by it.
pub(crate) async fn log_out(_: Caller, State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    house.keys.end_session(&headers);
    let mut response = answer(StatusCode::OK, &Reply::Done);
    if let Ok(value) = HeaderValue::from_str(&house.keys.no_cookie()) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
    response
}

/// Who serves.
#[derive(Serialize)]
struct Session {
    program_version: &'static str,
    schema_version: u32,
}

/// `GET /api/session`: whether this browser (or program) is let in; a WebSocket cannot tell its page.
pub(crate) async fn session(
    approach: Approach,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
) -> Response {
    if !house.may_look(approach, &headers) {
        return house.turn_away();
    }
    let session = Session {
        program_version: env!("CARGO_PKG_VERSION"),
        schema_version: SCHEMA_VERSION,
    };
    json(StatusCode::OK, &session)
}

fn no_randomness(error: getrandom::Error) -> Response {
    tracing::error!(%error, "the system gives no random numbers");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

impl fmt::Display for LoginLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
