//! The page: embedded in the program, compressed when that was built.

use std::io::{self, Read as _};

use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use flate2::read::GzDecoder;
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
    Stored::find(INDEX).is_some()
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
    if let Some(stored) = Stored::find(path) {
        return file(path, stored, &headers);
    }
    // A place within the page, which finds its way by the address.
    let is_place = !path.starts_with("api/")
        && !path.rsplit('/').next().unwrap_or_default().contains('.')
        && headers
            .get(ACCEPT)
            .is_some_and(|accept| accept.to_str().is_ok_and(|text| text.contains("text/html")));
    if is_place && let Some(index) = Stored::find(INDEX) {
        return file(INDEX, index, &headers);
    }
    StatusCode::NOT_FOUND.into_response()
}

fn file(path: &str, stored: Stored, headers: &HeaderMap) -> Response {
    let packed = stored.is_packed && takes(headers, "gzip");
    // Each encoding has its own, as a strong one must.
    let digest = hex(&stored.file.metadata.sha256_hash()[..16]);
    let tag = format!("\"{digest}{}\"", if packed { "" } else { "-plain" });
    let caching = if path.starts_with(HASHED_FOLDER) {
        FOR_EVER
    } else {
        ASK_EACH_TIME
    };
    let mut response = if is_held(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = if packed || !stored.is_packed {
            Ok(stored.file.data.into_response())
        } else {
            unpacked(&stored.file.data).map(axum::response::IntoResponse::into_response)
        };
        let Ok(mut response) = body else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        set(&mut response, CONTENT_TYPE, media_type(path));
        if packed {
            set(&mut response, CONTENT_ENCODING, "gzip");
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

/// A file as it lies in the program.
struct Stored {
    file: EmbeddedFile,
    is_packed: bool,
}

impl Stored {
    fn find(path: &str) -> Option<Self> {
        let packed = Files::get(&format!("{path}.gz")).map(|file| Self {
            file,
            is_packed: true,
        });
        packed.or_else(|| {
            Files::get(path).map(|file| Self {
                file,
                is_packed: false,
            })
        })
    }
}

/// For the rare client that takes no compression.
fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes)?;
    Ok(bytes)
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
