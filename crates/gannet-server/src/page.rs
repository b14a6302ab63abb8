//! The page: embedded in the program, compressed when that was built.

use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::random::hex;

/// What `build.rs` put together.
#[derive(Embed)]
#[folder = "$OUT_DIR/page"]
struct Files;

const INDEX: &str = "index.html";
/// Files here bear a digest of their content in their names.
const HASHED_FOLDER: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EACH_TIME: &str = "no-cache";

/// Whether the page was there when the program was built.
pub fn is_built() -> bool {
    Files::get(INDEX).is_some()
}

/// A file of the page. Nobody has to be let in for it: it is the same for everybody, and what it shows is asked for.
pub(crate) async fn show(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if !is_built() {
        let html = (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        let body = include_str!("page/missing.html");
        return (StatusCode::SERVICE_UNAVAILABLE, [html], body).into_response();
    }
    let path = match uri.path().trim_start_matches('/') {
        "" => INDEX,
        path => path,
    };
    if Files::get(path).is_some() {
        return file(path, &headers);
    }
    // A place within the page, which finds its way by the address.
    let is_place = !path.starts_with("api/")
        && !path.rsplit('/').next().unwrap_or_default().contains('.')
        && headers
            .get(ACCEPT)
            .is_some_and(|accept| accept.to_str().is_ok_and(|text| text.contains("text/html")));
    if is_place {
        return file(INDEX, &headers);
    }
    StatusCode::NOT_FOUND.into_response()
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let Some((encoding, found)) = encoded(path, headers) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Each encoding has its own, as a strong one must.
    let tag = format!("\"{}\"", hex(&found.metadata.sha256_hash()[..16]));
    let caching = if path.starts_with(HASHED_FOLDER) {
        FOR_EVER
    } else {
        ASK_EACH_TIME
    };
    let mut response = if is_held(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = found.data.into_response();
        set(&mut response, CONTENT_TYPE, media_type(path));
        if let Some(encoding) = encoding {
            set(&mut response, CONTENT_ENCODING, encoding);
        }
        response
    };
    set(&mut response, CACHE_CONTROL, caching);
    set(&mut response, VARY, "accept-encoding");
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

/// The file in the best encoding that is there and wanted.
fn encoded(path: &str, headers: &HeaderMap) -> Option<(Option<&'static str>, EmbeddedFile)> {
    let compressed = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| takes(headers, encoding))
        .find_map(|(encoding, ending)| Some((Some(encoding), Files::get(&format!("{path}.{ending}"))?)));
    compressed.or_else(|| Some((None, Files::get(path)?)))
}

/// Whether `Accept-Encoding` names an encoding, and not to refuse it (RFC 9110, section 12.5.3).
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|choice| {
            let mut parts = choice.split(';').map(str::trim);
            let is_named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            is_named && quality.unwrap_or(1.0) > 0.0
        })
}

/// Whether the browser holds this very content (RFC 9110, section 13.1.2).
fn is_held(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|held| held.trim().trim_start_matches("W/"))
        .any(|held| held == tag || held == "*")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_taken_where_it_is_named_and_not_refused() {
        let takes = |accepted: &str, encoding| {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accepted.parse().unwrap())]);
            takes(&headers, encoding)
        };
        assert!(takes("gzip, deflate, br", "br"));
        assert!(takes("GZIP;q=0.5", "gzip"));
        assert!(!takes("gzip, br;q=0", "br"));
        assert!(!takes("identity", "gzip"));
        assert!(!takes("", "br"));
    }

    #[test]
    fn content_that_is_held_is_recognised() {
        let held = |value: &str| {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]);
            is_held(&headers, "\"abc\"")
        };
        assert!(held("\"abc\""));
        assert!(held("\"x\", W/\"abc\""));
        assert!(held("*"));
        assert!(!held("\"ab\""));
    }
}
