//! A window of Tauri's with nothing in it: what the benchmark subtracts to see what is ours.

use tauri::{WebviewUrl, WebviewWindowBuilder};

/// As large as our own window when it first comes.
const SIZE: (f64, f64) = (1180.0, 760.0);

fn main() -> tauri::Result<()> {
    let blank = "about:blank"
        .parse()
        .map_err(|_| tauri::Error::InvalidWebviewUrl("about:blank"))?;
    tauri::Builder::default()
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "bare", WebviewUrl::External(blank))
                .title("Bare")
                .inner_size(SIZE.0, SIZE.1)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
