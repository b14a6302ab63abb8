//! Sleep on Windows and macOS. Their battery and line are not asked for yet: a machine there is never spared.

use super::Machine;

/// Nothing is known.
pub(super) fn look() -> Machine {
    Machine::default()
}

/// The machine stays awake while this is there.
pub(crate) struct Awake {
    _held: Option<keepawake::KeepAwake>,
}

impl Awake {
    /// Keeps it awake; `why` is what the system shows of the reason.
    pub(crate) fn keep(why: &'static str) -> Self {
        let held = keepawake::Builder::default()
            .idle(true)
            .sleep(true)
            .reason(why)
            .app_name("Gannet")
            .app_reverse_domain("dev.gannet.desktop")
            .create();
        if let Err(error) = &held {
            tracing::debug!(%error, "nobody keeps the machine awake");
        }
        Self { _held: held.ok() }
    }
}
