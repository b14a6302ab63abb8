//! A window of Tauri's with next to nothing in it: what the benchmark subtracts to see what is ours.

// It draws as ours does.
#[cfg(target_os = "linux")]
#[path = "../src/drawing.rs"]
mod drawing;

use tauri::http::{Response, header};
use tauri::{WebviewUrl, WebviewWindowBuilder};

/// As large as our own window when it first comes.
const SIZE: (f64, f64) = (1180.0, 760.0);
/// A word, because without a page no process for pages is started.
const PAGE: &str = "<!doctype html><title>Bare</title><p>Bare";

fn main() -> tauri::Result<()> {
    #[cfg(target_os = "linux")]
    drawing::settle();
    let page = "bare://localhost/"
        .parse()
        .map_err(|_| tauri::Error::InvalidWebviewUrl("bare"))?;
    tauri::Builder::default()
        .register_uri_scheme_protocol("bare", |_, _| {
            let mut response = Response::new(PAGE.as_bytes().to_vec());
            let html = header::HeaderValue::from_static("text/html");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        })
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "bare", WebviewUrl::CustomProtocol(page))
                .title("Bare")
                .inner_size(SIZE.0, SIZE.1)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
