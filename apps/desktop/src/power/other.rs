//! Sleep on Windows and macOS. Their battery and line are not asked for yet: a machine there is never spared.

use super::Machine;

/// Nothing is known.
pub(super) fn look() -> Machine {
    Machine::default()
}

/// Keeps it awake; dropped, which has to be on the same thread, it is let go. `why` is what the system shows of the reason.
pub(super) fn keep_awake(why: &'static str) -> Option<keepawake::KeepAwake> {
    keepawake::Builder::default()
        // A person's own order to sleep is nobody's business.
        .idle(true)
        .reason(why)
        .app_name("Gannet")
        .app_reverse_domain("dev.gannet.desktop")
        .create()
        .inspect_err(|error| tracing::debug!(%error, "the machine is not kept awake"))
        .ok()
}
