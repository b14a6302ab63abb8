//! The log, on standard error.

use std::{env, io};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

const USUAL: &str = "gannet_desktop_lib=warn,gannet_manager=warn,gannet_server=warn,gannet_engine=warn";
const VERBOSE: &str = "gannet_desktop_lib=debug,gannet_manager=debug,gannet_server=debug,gannet_engine=info";

/// Logs what our own parts say, unless `GANNET_LOG` says otherwise. The libraries below stay silent: what they log may
/// hold headers.
pub(crate) fn to_stderr(verbose: bool) {
    let chosen = env::var("GANNET_LOG")
        .ok()
        .and_then(|chosen| chosen.parse::<Targets>().ok());
    let targets = chosen.unwrap_or_else(|| if verbose { VERBOSE } else { USUAL }.parse().unwrap_or_default());
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(io::stderr)
        .with_filter(targets);
    tracing_subscriber::registry().with(lines).init();
}
