//! Which path leads where.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::house::House;
use crate::server::Page;
use crate::{command, events, guard, login, window};

/// Everything that can be asked for.
pub(crate) fn routes(house: Arc<House>, page: Page) -> Router {
    let mut routes = Router::new()
        .route("/api/command", post(command::execute))
        .route("/api/state", get(events::state))
        .route("/api/events", get(events::listen))
        .route("/api/window", post(window::summon))
        .route("/healthz", get(async || "ok\n"));
    routes = match page {
        Page::Shown => with_page(routes),
        // Without a page no browser is let in.
        Page::Hidden => routes.fallback(async || StatusCode::NOT_FOUND),
    };
    routes
        .layer(middleware::from_fn_with_state(Arc::clone(&house), guard::guard))
        .with_state(house)
}

fn with_page(routes: Router<Arc<House>>) -> Router<Arc<House>> {
    let routes = routes
        .route("/api/session", get(login::session))
        .route("/api/login-link", post(login::make_link))
        .route("/api/logout", post(login::log_out))
        .route("/login", get(login::log_in));
    #[cfg(feature = "page")]
    let routes = routes.fallback(crate::page::show);
    routes
}
