//! Stopping everything: by Ctrl-C, or because nobody reads the output any longer.

use std::sync::Arc;

use tokio::sync::watch;

use crate::exit::Exit;

/// Why everything stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// The user, or the system, asked for it.
    Interrupted,
    /// Who read the output went away, as `| head` does: nothing to say, and nobody to say it to.
    ReaderGone,
}

/// The word to stop. Clones share it; the first reason stays.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    reason: Arc<watch::Sender<Option<StopReason>>>,
}

impl Stop {
    /// Nothing stops yet.
    pub(crate) fn new() -> Self {
        Self {
            reason: Arc::new(watch::Sender::new(None)),
        }
    }

    /// Stops everything.
    pub(crate) fn request(&self, why: StopReason) {
        self.reason.send_if_modified(|reason| {
            let first = reason.is_none();
            reason.get_or_insert(why);
            first
        });
    }

    /// Why everything stops, if it does.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        *self.reason.borrow()
    }

    /// Waits for the word.
    pub(crate) async fn requested(&self) -> StopReason {
        let mut changes = self.reason.subscribe();
        loop {
            if let Some(reason) = *changes.borrow_and_update() {
                return reason;
            }
            // The sender lives as long as `self`: this cannot fail.
            let _ = changes.changed().await;
        }
    }
}

/// Turns the first Ctrl-C (or the system's request to end) into a stop, and the second into an end at once.
pub(crate) async fn on_signals(stop: Stop) {
    let Ok(signals) = Signals::listen() else {
        // Then the system's own way remains: the process ends, and the journal knows what is there.
        return;
    };
    let end_at_once = || std::process::exit(i32::from(Exit::Interrupted.status()));
    heed(signals, &stop, end_at_once).await;
}

/// Stops at the first signal, and ends at the second, whatever the stopping has come to.
async fn heed(mut signals: impl Asks, stop: &Stop, end_at_once: impl FnOnce()) {
    signals.next().await;
    stop.request(StopReason::Interrupted);
    signals.next().await;
    end_at_once();
}

/// Who asks for an end.
trait Asks {
    /// Waits until it is asked for, once more.
    fn next(&mut self) -> impl Future<Output = ()> + Send;
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }
}

#[cfg(unix)]
impl Asks for Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    shutdown: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_c, ctrl_close};
        Ok(Self {
            interrupt: ctrl_c()?,
            shutdown: ctrl_close()?,
        })
    }
}

#[cfg(windows)]
impl Asks for Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    impl Asks for mpsc::Receiver<()> {
        async fn next(&mut self) {
            self.recv().await.expect("a signal");
        }
    }

    #[tokio::test]
    async fn the_first_reason_stays() {
        let stop = Stop::new();
        assert_eq!(stop.reason(), None);
        stop.request(StopReason::ReaderGone);
        stop.clone().request(StopReason::Interrupted);
        assert_eq!(stop.requested().await, StopReason::ReaderGone);
    }

    #[tokio::test]
    async fn the_first_signal_stops_and_the_second_ends() {
        let (signal, signals) = mpsc::channel(1);
        let stop = Stop::new();
        let ended = Arc::new(watch::Sender::new(false));
        let heeding = tokio::spawn({
            let (stop, ended) = (stop.clone(), Arc::clone(&ended));
            async move {
                let end_at_once = || {
                    ended.send_replace(true);
                };
                heed(signals, &stop, end_at_once).await;
            }
        });
        assert_eq!((stop.reason(), *ended.borrow()), (None, false));
        signal.send(()).await.expect("heard");
        assert_eq!(stop.requested().await, StopReason::Interrupted);
        assert!(!*ended.borrow(), "the first one leaves time to stop well");
        signal.send(()).await.expect("heard");
        heeding.await.expect("no panic");
        assert!(*ended.borrow());
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let stop = Stop::new();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.requested().await }
        });
        tokio::task::yield_now().await;
        stop.request(StopReason::Interrupted);
        assert_eq!(waiting.await.expect("no panic"), StopReason::Interrupted);
    }
}
