//! What was copied: read and written when somebody asks for it, and, where the person wants that, looked at whenever something new is
//! copied. A link to a file is asked about then, and never added by itself.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gannet_manager::kinds::file_kind;
use gannet_schema::FileKind;
use tauri::{AppHandle, Manager as _, Url};

pub(crate) use system::text;

use crate::desktop::come;
use crate::errands::{Errand, Errands};

/// Whoever copies more than that copied no links.
const TEXT_BYTES_MAX: usize = 64 * 1024;
const LINKS_MAX: usize = 100;
/// On Wayland a program is told what was copied elsewhere only when it gets the keyboard, around that very moment. Nobody
/// copies anything in our own window so soon after coming to it.
const JUST_CAME: Duration = Duration::from_millis(400);

/// What is known of what was copied.
#[derive(Debug, Default)]
pub(crate) struct Copied(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    watching: Watching,
    /// What was copied last, as far as that was seen.
    last: String,
    /// Since when our window has the keyboard, where it does.
    looked_at_since: Option<Instant>,
}

/// Whether it is watched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Watching {
    #[default]
    Off,
    /// What was in it before is still looked at.
    Beginning,
    On,
}

impl Copied {
    /// Our window got the keyboard, or lost it.
    pub(crate) fn looked_at(&self, is_looked_at: bool) {
        self.state().looked_at_since = is_looked_at.then(Instant::now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// It is to be watched from now on, or not any more. Whether what is in it is to be looked at, and given to
    /// [`State::begin`].
    fn want(&mut self, on: bool) -> bool {
        let begins = on && self.watching == Watching::Off;
        if begins {
            self.watching = Watching::Beginning;
        } else if !on {
            self.watching = Watching::Off;
        }
        begins
    }

    /// Watches from now on, unless it was switched off meanwhile. `there` was copied before, and is not asked about.
    fn begin(&mut self, there: Option<String>) {
        if let Some(there) = there {
            self.last = there;
        }
        if self.watching == Watching::Beginning {
            self.watching = Watching::On;
        }
    }

    /// Takes in what is in the clipboard now. Answers with the links in it that are to be asked about: such as were not
    /// there before and were copied elsewhere. Who copies in our own window, or has it before his eyes, can paste there.
    fn see(&mut self, text: &str, now: Instant) -> Option<String> {
        if self.last == text || text.len() > TEXT_BYTES_MAX {
            return None;
        }
        text.clone_into(&mut self.last);
        let is_ours = self
            .looked_at_since
            .is_some_and(|since| now.duration_since(since) >= JUST_CAME);
        if self.watching != Watching::On || is_ours {
            return None;
        }
        links_to_files(text)
    }
}

/// Puts a text into the clipboard. It is nothing to be asked about.
pub(crate) async fn put(app: &AppHandle, text: String) -> bool {
    text.clone_into(&mut app.state::<Copied>().state().last);
    system::put(app, text).await
}

/// Looks at what is copied, while it is switched on.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    app: AppHandle,
}

impl Watch {
    /// To be made where the windows live. It begins switched off.
    pub(crate) fn new(app: &AppHandle) -> Self {
        let (asks, sees) = (app.clone(), app.clone());
        system::watch(
            move || asks.state::<Copied>().state().watching == Watching::On,
            move |text, copied_at| {
                let links = sees.state::<Copied>().state().see(&text, copied_at);
                if let Some(text) = links {
                    sees.state::<Errands>().tell(Errand::Add { text });
                    come(&sees);
                }
            },
        );
        Self { app: app.clone() }
    }

    /// What was copied before it is switched on is not asked about.
    pub(crate) fn switch(&self, on: bool) {
        if !self.app.state::<Copied>().state().want(on) {
            return;
        }
        let app = self.app.clone();
        tauri::async_runtime::spawn(async move {
            let there = text(&app).await;
            app.state::<Copied>().state().begin(there);
        });
    }
}

/// The text where it is nothing but links to files; pages are copied too often to be asked about.
fn links_to_files(text: &str) -> Option<String> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let links: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let all = !links.is_empty() && links.len() <= LINKS_MAX && links.iter().all(|link| is_of_a_file(link));
    all.then(|| links.join("\n"))
}

fn is_of_a_file(link: &str) -> bool {
    let Ok(url) = Url::parse(link) else { return false };
    let name = url.path_segments().and_then(|mut segments| segments.next_back());
    let is_page = |name: &str| {
        let extension = name.rsplit('.').next().unwrap_or_default();
        extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm")
    };
    matches!(url.scheme(), "http" | "https")
        && name.is_some_and(|name| file_kind(name) != FileKind::Other && !is_page(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://example.org/a.zip";
    const OTHER: &str = "https://example.org/b.zip";

    fn watched() -> State {
        State {
            watching: Watching::On,
            ..State::default()
        }
    }

    #[test]
    fn a_link_that_is_copied_elsewhere_is_asked_about_once() {
        let (mut state, now) = (watched(), Instant::now());
        assert_eq!(state.see(LINK, now).as_deref(), Some(LINK));
        assert_eq!(state.see(LINK, now), None);
        assert_eq!(state.see("hello", now), None);
        assert_eq!(state.see(LINK, now).as_deref(), Some(LINK));
    }

    #[test]
    fn what_is_copied_before_our_own_window_is_not_asked_about_then_or_later() {
        let (mut state, now) = (watched(), Instant::now());
        state.looked_at_since = Some(now);
        assert_eq!(state.see(LINK, now + JUST_CAME), None);
        state.looked_at_since = None;
        assert_eq!(state.see(LINK, now + JUST_CAME * 2), None);
        assert_eq!(state.see(OTHER, now + JUST_CAME * 2).as_deref(), Some(OTHER));
    }

    #[test]
    fn what_was_copied_elsewhere_is_seen_when_the_window_gets_the_keyboard() {
        let (mut state, now) = (watched(), Instant::now());
        state.looked_at_since = Some(now);
        assert_eq!(state.see(LINK, now).as_deref(), Some(LINK));
    }

    #[test]
    fn what_was_copied_while_nobody_watched_is_not_asked_about() {
        let (mut state, now) = (State::default(), Instant::now());
        assert_eq!(state.see(LINK, now), None);
        state.watching = Watching::On;
        assert_eq!(state.see(LINK, now), None);
    }

    #[test]
    fn what_is_switched_off_before_it_began_stays_off() {
        let (mut state, now) = (State::default(), Instant::now());
        assert!(state.want(true), "what is there is looked at first");
        assert!(!state.want(true), "and once is enough");
        assert!(!state.want(false));
        state.begin(None);
        assert_eq!(state.see(LINK, now), None);

        assert!(state.want(true));
        state.begin(Some(LINK.to_owned()));
        assert_eq!(state.see(LINK, now), None, "it was there before");
        assert_eq!(state.see(OTHER, now).as_deref(), Some(OTHER));
        state.want(false);
        assert_eq!(state.see(LINK, now), None);
    }

    #[test]
    fn links_to_files_are_asked_about() {
        let one = "https://example.org/debian-12.iso?token=x";
        assert_eq!(links_to_files(one).as_deref(), Some(one));
        assert_eq!(
            links_to_files("  http://a.example/a.zip\n\nhttp://b.example/b.mkv \n").as_deref(),
            Some("http://a.example/a.zip\nhttp://b.example/b.mkv")
        );
    }

    #[test]
    fn anything_else_is_left_alone() {
        for text in [
            "",
            "hello",
            "https://example.org/",
            "https://example.org/article",
            "https://example.org/index.html",
            "see https://example.org/a.zip",
            "https://example.org/a.zip\nand more",
            "file:///etc/passwd.zip",
            "javascript:alert('a.zip')",
        ] {
            assert_eq!(links_to_files(text), None, "{text}");
        }
        assert_eq!(
            links_to_files(&"http://a.example/a.zip\n".repeat(LINKS_MAX + 1)),
            None
        );
    }
}
