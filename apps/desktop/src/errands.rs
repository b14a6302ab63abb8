//! What the page is to do for somebody outside: ask about the links that reach the window, which nothing adds by itself, and
//! say what it should know.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gannet_server::Unread;
use serde::Serialize;
use tauri::ipc::Channel;

use crate::brought::Brought;

/// Errands that may be open; whoever clicks more links meanwhile loses the first ones.
const WAITING_MAX: usize = 16;
/// Whoever types more than that in a dialog has a list of links, and that somewhere else too.
const DRAFT_BYTES_MAX: usize = 1_000_000;
/// Of what is not done by a word, but kept as long as the page says so.
const NO_NUMBER: u64 = 0;

/// What the page is to do for somebody outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(
    mobile,
    expect(
        dead_code,
        reason = "a phone has no menu, no tray and no session; links reach it all the same"
    )
)]
pub(crate) enum Errand {
    /// Ask whether these links are to be added.
    Add {
        /// One or many, as text.
        text: String,
    },
    /// Take what is in files that the person dropped onto the window, where the webview gives the page none.
    #[cfg(target_os = "linux")]
    Dropped {
        /// All of it.
        text: String,
    },
    /// Say that something was brought which gave no links.
    Unread(Unread),
    /// Ask about what was copied.
    Paste,
    /// Go on where the page before was left in the middle of a dialog.
    Draft {
        /// What was typed there, as that page wrote it down.
        draft: Draft,
    },
    /// Show what can be set.
    Settings,
    /// Ask whether everything is to end with the window.
    Leave,
    /// Say that the system does not let it be changed whether the program starts with the session.
    LoginRefused,
    /// Say that a finished file that was asked for is not where it was put.
    FileMissing,
    /// Say that the system has no program for a file that was asked for.
    FileRefused,
    /// Say that a newer version is there.
    Update {
        /// Which.
        version: String,
    },
}

/// What was typed in a dialog and not sent yet. It may hold passwords: it is kept in memory alone, and not told to any log.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Draft(String);

impl fmt::Debug for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.0.len())
    }
}

/// An errand with its number, by which the page says that it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    number: u64,
    #[serde(flatten)]
    errand: Errand,
}

/// Where errands go: to the page, and where that goes before it has done them, to the next one.
#[derive(Default)]
pub(crate) struct Errands(Mutex<Open>);

#[derive(Default)]
struct Open {
    page: Option<Channel<Told>>,
    /// What no page has done yet, in the order that it came.
    errands: VecDeque<Told>,
    last: u64,
    /// What the page would lose if it went now.
    draft: Option<Draft>,
}

impl Errands {
    /// Tells the page, or lets it wait for one. Answers with the errand's number.
    pub(crate) fn tell(&self, errand: Errand) -> u64 {
        let mut open = self.open();
        // Of newer versions only the newest is news, and of it the person is told until there is an answer.
        if matches!(errand, Errand::Update { .. }) {
            open.errands
                .retain(|told| !matches!(told.errand, Errand::Update { .. }));
        }
        open.last += 1;
        let told = Told {
            number: open.last,
            errand,
        };
        if let Some(page) = &open.page {
            send(page, told.clone());
        }
        if open.errands.len() == WAITING_MAX {
            open.errands.pop_front();
        }
        open.errands.push_back(told);
        open.last
    }

    /// Tells what was brought: its links are asked about, and what gave none is said.
    pub(crate) fn bring(&self, brought: Brought) {
        self.tell_of(brought, |text| Errand::Add { text });
    }

    /// The same for what the person at the screen dropped onto the window: nobody else brought it.
    #[cfg(target_os = "linux")]
    pub(crate) fn drop_in(&self, brought: Brought) {
        self.tell_of(brought, |text| Errand::Dropped { text });
    }

    fn tell_of(&self, brought: Brought, errand: impl FnOnce(String) -> Errand) {
        let Brought { text, unread } = brought;
        if !text.is_empty() {
            self.tell(errand(text));
        }
        if let Some(unread) = unread {
            self.tell(Errand::Unread(unread));
        }
    }

    /// Whether a page is there.
    #[cfg(desktop)]
    pub(crate) fn is_attended(&self) -> bool {
        self.open().page.is_some()
    }

    /// Whether no page has done the errand of this number yet.
    #[cfg(desktop)]
    pub(crate) fn is_open(&self, number: u64) -> bool {
        self.open().errands.iter().any(|told| told.number == number)
    }

    /// A page is there: it gets what no other has done.
    pub(crate) fn attend(&self, page: Channel<Told>) {
        let mut open = self.open();
        // What others bring waits until the person is done with it.
        if let Some(draft) = &open.draft {
            let errand = Errand::Draft { draft: draft.clone() };
            send(
                &page,
                Told {
                    number: NO_NUMBER,
                    errand,
                },
            );
        }
        for told in &open.errands {
            send(&page, told.clone());
        }
        open.page = Some(page);
    }

    /// What is typed in the page's dialog, for the page that comes after it; none once that dialog is closed.
    pub(crate) fn keep_draft(&self, draft: Option<String>) {
        self.open().draft = draft.filter(|draft| draft.len() <= DRAFT_BYTES_MAX).map(Draft);
    }

    /// The page has done the errand of this number, or the person thought better of it.
    pub(crate) fn done(&self, number: u64) {
        self.open().errands.retain(|told| told.number != number);
    }

    /// The page is gone.
    pub(crate) fn leave(&self) {
        let mut open = self.open();
        open.page = None;
        // It was about that page's window.
        open.errands.retain(|told| told.errand != Errand::Leave);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What does not reach this page waits for the next one.
fn send(page: &Channel<Told>, told: Told) {
    if let Err(error) = page.send(told) {
        tracing::warn!(%error, "the page does not take an errand");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use gannet_server::WhyUnread;
    use serde_json::{Value, json};

    use super::*;

    /// A page, and the errands that it is told.
    fn page() -> (Channel<Told>, mpsc::Receiver<Value>) {
        let (told, errands) = mpsc::channel();
        let page = Channel::new(move |body| {
            told.send(body.deserialize()?).unwrap();
            Ok(())
        });
        (page, errands)
    }

    fn add(text: &str) -> Errand {
        Errand::Add {
            text: text.to_owned(),
        }
    }

    #[test]
    fn what_a_page_has_not_done_the_next_one_gets() {
        let errands = Errands::default();
        errands.tell(add("first"));
        let (one, told_one) = page();
        errands.attend(one);
        errands.tell(add("second"));
        let said = |number: u64, text: &str| json!({"number": number, "kind": "add", "text": text});
        assert_eq!(
            told_one.try_iter().collect::<Vec<_>>(),
            [said(1, "first"), said(2, "second")]
        );
        errands.done(1);
        errands.leave();
        errands.tell(add("third"));
        let (other, told_other) = page();
        errands.attend(other);
        assert_eq!(
            told_other.try_iter().collect::<Vec<_>>(),
            [said(2, "second"), said(3, "third")]
        );
        assert_eq!(told_one.try_iter().count(), 0);
    }

    #[test]
    fn what_gave_no_links_is_told_beside_those_that_others_gave() {
        let errands = Errands::default();
        let (page, told) = page();
        errands.attend(page);
        errands.bring(Brought {
            text: "https://example.org/a".to_owned(),
            unread: Some(Unread {
                name: "list.txt".to_owned(),
                why: WhyUnread::NotText,
                others: 2,
            }),
        });
        errands.bring(Brought::default());
        assert_eq!(
            told.try_iter().collect::<Vec<_>>(),
            [
                json!({"number": 1, "kind": "add", "text": "https://example.org/a"}),
                json!({"number": 2, "kind": "unread", "name": "list.txt", "why": "not_text", "others": 2})
            ]
        );
    }

    #[test]
    fn what_was_being_typed_comes_before_all_else_to_the_next_page_until_it_is_sent() {
        let errands = Errands::default();
        let (one, told_one) = page();
        errands.attend(one);
        errands.tell(add("first"));
        errands.keep_draft(Some("{\"password\":\"hunter2\"}".to_owned()));
        errands.leave();
        assert_eq!(
            told_one.try_iter().count(),
            1,
            "the page that types it is not told of it"
        );
        for _ in 0..2 {
            let (next, told) = page();
            errands.attend(next);
            let told: Vec<Value> = told.try_iter().collect();
            assert_eq!(
                told[0],
                json!({"number": 0, "kind": "draft", "draft": "{\"password\":\"hunter2\"}"})
            );
            assert_eq!(told[1]["text"], "first");
        }
        assert!(!format!("{:?}", errands.open().draft).contains("hunter2"));

        errands.keep_draft(Some("x".repeat(DRAFT_BYTES_MAX + 1)));
        assert_eq!(errands.open().draft, None, "too much to keep");
        errands.keep_draft(Some("{}".to_owned()));
        errands.keep_draft(None);
        let (next, told) = page();
        errands.attend(next);
        assert_eq!(told.try_iter().count(), 1);
    }

    #[test]
    fn a_newer_version_is_told_to_each_page_until_there_is_an_answer_and_only_the_newest() {
        let errands = Errands::default();
        let update = |version: &str| Errand::Update {
            version: version.to_owned(),
        };
        errands.tell(update("1.1.0"));
        let number = errands.tell(update("1.2.0"));
        for _ in 0..2 {
            let (page, told) = page();
            errands.attend(page);
            assert_eq!(
                told.try_iter().collect::<Vec<_>>(),
                [json!({"number": number, "kind": "update", "version": "1.2.0"})]
            );
            errands.leave();
        }
        errands.done(number);
        let (page, told) = page();
        errands.attend(page);
        assert_eq!(told.try_iter().count(), 0);
    }

    #[test]
    fn few_errands_are_kept() {
        let errands = Errands::default();
        for _ in 0..WAITING_MAX + 3 {
            errands.tell(Errand::Settings);
        }
        let (page, told) = page();
        errands.attend(page);
        let numbers: Vec<_> = told.try_iter().map(|told| told["number"].clone()).collect();
        assert_eq!(numbers.len(), WAITING_MAX);
        assert_eq!(numbers[0], 4);
    }
}
