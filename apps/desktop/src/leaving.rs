//! A window that is closed where no tray shows that the program is still there: then everything would end with it. While
//! something is being downloaded the person is asked first.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gannet_schema::Standing;
use tauri::{AppHandle, Manager as _};
use tokio::sync::Notify;

use crate::errands::{Errand, Errands};
use crate::notices;
use crate::tray;
use crate::window::MAIN;

/// What is known of it.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    state: Mutex<State>,
    alone: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Whether downloads would go on.
    is_at_work: bool,
    /// The person wants them to, without the window.
    goes_on: bool,
    /// The question that the page was given.
    asked: Option<u64>,
}

impl Leaving {
    /// Whether downloads would go on if the program did.
    pub(crate) fn at_work(&self, is_at_work: bool) {
        self.state().is_at_work = is_at_work;
    }

    /// Whether the program stays without window and tray.
    pub(crate) fn goes_on(&self) -> bool {
        self.state().goes_on
    }

    /// The window went, and the program stays without it.
    pub(crate) fn is_alone(&self) {
        self.alone.notify_one();
    }

    /// Returns when that happens.
    pub(crate) async fn left_alone(&self) {
        self.alone.notified().await;
    }

    /// There is a window again.
    pub(crate) fn is_back(&self) {
        let mut state = self.state();
        state.goes_on = false;
        state.asked = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a download goes on by itself, so that an end would keep it from doing so. One that waits for its turn does
/// not count: another one is at work then, or its queue was stopped.
pub(crate) const fn needs_the_program(standing: &Standing) -> bool {
    matches!(
        standing,
        Standing::Scheduled { .. }
            | Standing::Probing
            | Standing::Downloading
            | Standing::Verifying
            | Standing::Waiting { .. }
    )
}

/// Whether the window is to stay for now, since the page asks. A page that did not take the question cannot keep the
/// window open.
pub(crate) fn asks(app: &AppHandle) -> bool {
    let errands = app.state::<Errands>();
    let mut state = app.state::<Leaving>().inner().state();
    if !state.is_at_work || state.goes_on {
        return false;
    }
    let does_not_answer = state.asked.is_some_and(|number| errands.is_open(number));
    if does_not_answer || !errands.is_attended() || tray::is_seen(app) {
        return false;
    }
    state.asked = Some(errands.tell(Errand::Leave));
    true
}

/// Closes the window, and lets everything go on without it: a second start brings it back. Once all is done, it ends.
pub(crate) async fn go_on(app: &AppHandle) {
    let is_at_work = {
        let mut state = app.state::<Leaving>().inner().state();
        state.goes_on = true;
        state.is_at_work
    };
    if let Some(window) = app.get_webview_window(MAIN)
        && let Err(error) = window.close()
    {
        tracing::warn!(%error, "the window does not close");
    }
    if is_at_work {
        notices::tell_goes_on(app).await;
    }
}
