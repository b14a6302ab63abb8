//! The first door: requests that believe to be elsewhere go no further, and every answer tells the browser what our
//! pages may do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::house::House;
use crate::site::Stray;

/// Scripts, fonts and pictures are ours alone, nobody frames the page, and it talks to nobody else. Styles may stand
/// in elements, since React's parts set them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; \
                      worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Lets a request in, with the [`crate::site::Approach`] by which it came, or turns it away.
pub(crate) async fn guard(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(Authority::as_str);
    let mut response = match house.sites.admit(request.headers(), authority) {
        Ok(_) if is_lured(request.method(), request.headers()) => refuse_origin(),
        Ok(approach) => {
            request.extensions_mut().insert(approach);
            next.run(request).await
        }
        Err(Stray::Host) => (
            StatusCode::MISDIRECTED_REQUEST,
            "Gannet is not known by this name. Start it with --allow-host NAME, or add the name to `hosts` in its \
             config file.\n",
        )
            .into_response(),
        Err(Stray::Origin) => refuse_origin(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    // Only what says otherwise may be kept by anybody.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refuse_origin() -> Response {
    (
        StatusCode::FORBIDDEN,
        "The page that sends this request is not one of Gannet's.\n",
    )
        .into_response()
}

/// Whether a browser says that another site's page sends this. To follow a link to our page is all that may do.
fn is_lured(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|said| said == value);
    let by_another = says("sec-fetch-site", "cross-site") || says("sec-fetch-site", "same-site");
    let follows_a_link = method == Method::GET
        && says("sec-fetch-mode", "navigate")
        && (says("sec-fetch-dest", "document") || !headers.contains_key("sec-fetch-dest"));
    by_another && !follows_a_link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lured(method: &Method, site: &'static str, mode: &'static str, dest: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("sec-fetch-site", site),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", dest),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        is_lured(method, &headers)
    }

    #[test]
    fn another_site_may_link_to_the_page_and_do_nothing_else() {
        assert!(!lured(&Method::GET, "cross-site", "navigate", "document"));
        assert!(lured(&Method::POST, "cross-site", "navigate", "document"));
        assert!(lured(&Method::GET, "cross-site", "navigate", "iframe"));
        assert!(lured(&Method::GET, "cross-site", "no-cors", "image"));
        assert!(lured(&Method::GET, "same-site", "websocket", "websocket"));
        assert!(!lured(&Method::GET, "same-origin", "cors", "empty"));
        assert!(!lured(&Method::GET, "none", "navigate", "document"));
        assert!(
            !is_lured(&Method::GET, &HeaderMap::new()),
            "programs say nothing of the kind"
        );
    }
}
