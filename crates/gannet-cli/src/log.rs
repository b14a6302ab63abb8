//! The log, on standard error.

use std::io;

use crate::printer::Palette;

/// Logs what `filter` names, unless `GANNET_LOG` says otherwise. The libraries below ours stay silent: what they log
/// may hold headers.
pub(crate) fn to_stderr(filter: &str, palette: Palette) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GANNET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(filter));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(palette == Palette::Colour)
        .with_writer(io::stderr)
        .init();
}
