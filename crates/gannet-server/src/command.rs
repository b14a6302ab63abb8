//! `POST /api/command`: one command in, its reply out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use gannet_schema::{Command, Failure, FailureCode, Reply};
use serde::de::DeserializeOwned;

use crate::auth::Caller;
use crate::house::{House, too_many};

/// Carries out a command. The reply stands in the body whatever the status; the status is for who looks no further.
pub(crate) async fn execute(
    _: Caller,
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(wait) = house.meters.commands.count(Instant::now()) {
        return too_many("too many commands", wait);
    }
    let Ok(_permit) = house.commands.try_acquire() else {
        return too_many("too many commands at once", Duration::from_secs(1));
    };
    let _turn = if is_large(&house, &headers) {
        // It is never closed.
        house.large_command.acquire().await.ok()
    } else {
        None
    };
    let command = match read::<Command>(&house, &headers, body, house.limits.body_bytes).await {
        Ok(command) => command,
        Err((status, message)) => return refuse(status, message),
    };
    // On a task of its own: a caller who goes away does not leave half of a command behind.
    let executing = tokio::spawn({
        let house = Arc::clone(&house);
        async move { house.manager.execute(command).await }
    });
    match executing.await {
        Ok(reply) => answer(status_of(&reply), &reply),
        Err(error) => {
            tracing::error!(%error, "a command was not carried out");
            let failure = Failure::new(
                FailureCode::Internal,
                "a fault of this program; its log tells more",
            );
            answer(StatusCode::INTERNAL_SERVER_ERROR, &Reply::Failed { failure })
        }
    }
}

/// The status, and why.
pub(crate) type Refusal = (StatusCode, String);

/// What the body holds, which is refused where it is longer than `most_bytes`.
pub(crate) async fn read<T: DeserializeOwned>(
    house: &House,
    headers: &HeaderMap,
    body: Body,
    most_bytes: usize,
) -> Result<T, Refusal> {
    if !is_json(headers) {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a command is sent as application/json".to_owned(),
        ));
    }
    let bytes = read_body(house, headers, body, most_bytes).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // The position without the text around it, in which secrets may stand.
        let what = match error.classify() {
            serde_json::error::Category::Data => "not a command that is known",
            _ => "not JSON",
        };
        (
            StatusCode::BAD_REQUEST,
            format!("{what} (line {}, column {})", error.line(), error.column()),
        )
    })
}

async fn read_body(
    house: &House,
    headers: &HeaderMap,
    body: Body,
    most_bytes: usize,
) -> Result<Bytes, Refusal> {
    let too_long = || {
        let message = format!("this has at most {} MiB", most_bytes >> 20);
        (StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    if announced_bytes(headers).is_some_and(|length| length > most_bytes as u64) {
        return Err(too_long());
    }
    match tokio::time::timeout(house.limits.body_time, to_bytes(body, most_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // Too long, or broken off; then nobody hears the difference.
        Ok(Err(_)) => Err(too_long()),
        Err(_) => Err((
            StatusCode::REQUEST_TIMEOUT,
            "the command took too long to arrive".to_owned(),
        )),
    }
}

/// One that does not say how long it is may be.
fn is_large(house: &House, headers: &HeaderMap) -> bool {
    announced_bytes(headers).is_none_or(|length| length > house.limits.large_body_bytes as u64)
}

fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Pages of other sites may send forms and plain text without asking first, but not this.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Says what is wrong with a request.
pub(crate) fn refuse(status: StatusCode, message: String) -> Response {
    let failure = Failure::new(FailureCode::InvalidRequest, message);
    answer(status, &Reply::Failed { failure })
}

/// A reply as a response.
pub(crate) fn answer(status: StatusCode, reply: &Reply) -> Response {
    json(status, reply)
}

/// Anything as a response in JSON.
pub(crate) fn json(status: StatusCode, value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            let kind = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
            (status, [kind], body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn status_of(reply: &Reply) -> StatusCode {
    let Reply::Failed { failure } = reply else {
        return StatusCode::OK;
    };
    match failure.code {
        FailureCode::InvalidRequest => StatusCode::BAD_REQUEST,
        FailureCode::NotFound => StatusCode::NOT_FOUND,
        FailureCode::WrongState | FailureCode::TargetExists | FailureCode::TargetBusy => StatusCode::CONFLICT,
        FailureCode::OutsideRoots => StatusCode::FORBIDDEN,
        FailureCode::TooMany => StatusCode::UNPROCESSABLE_ENTITY,
        FailureCode::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        FailureCode::Disk | FailureCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        // It is the server far away that wants to know who asks, not this one: 401 would log the page out.
        FailureCode::Unauthorized
        | FailureCode::Refused
        | FailureCode::Expired
        | FailureCode::GaveOut
        | FailureCode::Redirect
        | FailureCode::Certificate
        | FailureCode::Changed
        | FailureCode::Protocol
        | FailureCode::Integrity
        | FailureCode::OtherFile => StatusCode::BAD_GATEWAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_json() {
        let is = |value: &str| is_json(&HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]));
        assert!(is("application/json"));
        assert!(is("Application/JSON; charset=utf-8"));
        for other in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "application/json-patch",
            "text/plain; application/json",
            "",
        ] {
            assert!(!is(other), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
