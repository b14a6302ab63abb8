//! What the page is told by itself.
//!
//! Tauri's channel takes whatever it is given and keeps it until the page reads it. So the page says what it has heard,
//! and nothing more is sent while too much is unheard: then snapshots wait in the manager's line, where only the last
//! one stays.

use gannet_manager::Subscription;
use gannet_schema::{ClientMessage, Message};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that may be on their way. The page says at every fourth one how far it is.
const UNHEARD_MAX: u64 = 16;
/// Words of the page that may wait; whoever says more waits himself.
const WORDS_MAX: usize = 16;

/// A page that listens. Dropped, it is told nothing any more.
#[derive(Debug)]
pub(crate) struct Listener {
    words: mpsc::Sender<Word>,
    telling: JoinHandle<()>,
}

/// What a page says on the way that messages come.
#[derive(Debug)]
pub(crate) enum Word {
    /// What it wants to be told.
    Said(ClientMessage),
    /// It has read everything up to the message of this number.
    Heard(u64),
}

/// The page is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Listener {
    /// Tells everything to `tell` until it says that nobody is there.
    pub(crate) fn begin(
        subscription: Subscription,
        tell: impl Fn(Message) -> Result<(), Gone> + Send + 'static,
    ) -> Self {
        let (words, said) = mpsc::channel(WORDS_MAX);
        Self {
            words,
            telling: tokio::spawn(tell_all(subscription, said, tell)),
        }
    }

    /// How to say something to it. What nobody hears any more may be dropped.
    pub(crate) fn words(&self) -> mpsc::Sender<Word> {
        self.words.clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.telling.abort();
    }
}

async fn tell_all(
    mut subscription: Subscription,
    mut words: mpsc::Receiver<Word>,
    tell: impl Fn(Message) -> Result<(), Gone>,
) {
    let (mut told, mut heard) = (0, 0);
    loop {
        tokio::select! {
            message = subscription.next(), if told - heard < UNHEARD_MAX => {
                let Some(message) = message else { return };
                told = sequence(&message);
                if tell(message) == Err(Gone) {
                    return;
                }
            }
            word = words.recv() => match word {
                Some(Word::Said(ClientMessage::Watch { id })) => subscription.watch(id),
                Some(Word::Said(ClientMessage::Look { looking })) => subscription.look(looking),
                // A page cannot have heard what was not told.
                Some(Word::Heard(sequence)) => heard = sequence.clamp(heard, told),
                None => return,
            },
        }
    }
}

fn sequence(message: &Message) -> u64 {
    match message {
        Message::State { sequence, .. }
        | Message::Snapshot { sequence, .. }
        | Message::Event { sequence, .. } => *sequence,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gannet_manager::{Manager, ManagerOptions};
    use gannet_schema::{Command, Reply};

    use super::*;

    async fn manager(folder: &tempfile::TempDir) -> Manager {
        let options = ManagerOptions::new(folder.path().join("data"), folder.path().join("downloads"));
        Manager::open(options).await.unwrap()
    }

    fn listen(manager: &Manager) -> (Listener, mpsc::UnboundedReceiver<Message>) {
        let (told, messages) = mpsc::unbounded_channel();
        let listener = Listener::begin(manager.subscribe(), move |message| {
            told.send(message).map_err(|_| Gone)
        });
        (listener, messages)
    }

    /// Causes one event.
    async fn change(manager: &Manager) {
        let state = manager.subscribe().next().await;
        let Some(Message::State { state, .. }) = state else {
            panic!("the whole state comes first, not {state:?}");
        };
        let mut settings = Box::new(state.settings);
        settings.network.retry_for_s += 1;
        assert_eq!(
            manager.execute(Command::ChangeSettings { settings }).await,
            Reply::Done
        );
    }

    #[tokio::test]
    async fn the_whole_state_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let manager = manager(&folder).await;
        let (_listener, mut messages) = listen(&manager);
        assert!(matches!(
            messages.recv().await,
            Some(Message::State { sequence: 1, .. })
        ));
    }

    #[tokio::test]
    async fn a_page_that_hears_nothing_is_told_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let manager = manager(&folder).await;
        let (listener, mut messages) = listen(&manager);
        for _ in 0..UNHEARD_MAX * 2 {
            change(&manager).await;
        }
        for number in 1..=UNHEARD_MAX {
            assert_eq!(sequence(&messages.recv().await.unwrap()), number);
        }
        let further = tokio::time::timeout(Duration::from_millis(100), messages.recv());
        assert!(further.await.is_err(), "it is told more than it hears");

        listener.words().send(Word::Heard(UNHEARD_MAX)).await.unwrap();
        assert_eq!(sequence(&messages.recv().await.unwrap()), UNHEARD_MAX + 1);
    }

    #[tokio::test]
    async fn who_is_dropped_is_told_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let manager = manager(&folder).await;
        let (listener, mut messages) = listen(&manager);
        drop(listener);
        while messages.recv().await.is_some() {}
    }
}
