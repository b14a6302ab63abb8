//! The log, on standard error.

use std::{env, io};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::printer::Palette;

/// Logs what `targets` names, unless `GANNET_LOG` says otherwise. The libraries below ours stay silent: what they log
/// may hold headers.
pub(crate) fn to_stderr(targets: &str, palette: Palette) {
    let chosen = env::var("GANNET_LOG")
        .ok()
        .and_then(|chosen| chosen.parse::<Targets>().ok());
    let targets = chosen.unwrap_or_else(|| targets.parse().unwrap_or_default());
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(palette == Palette::Colour)
        .with_writer(io::stderr)
        .with_filter(targets);
    tracing_subscriber::registry().with(lines).init();
}
