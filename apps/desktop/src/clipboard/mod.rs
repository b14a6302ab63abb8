//! What was copied: read and written when somebody asks for it, and, where the person wants that, looked at whenever something new is
//! copied. A link to a file is asked about then, and never added by itself.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gannet_manager::kinds::file_kind;
use gannet_schema::FileKind;
use tauri::{AppHandle, Manager as _, Url};

pub(crate) use system::{put, text};

use crate::come;
use crate::errands::{Errand, Errands};
use crate::window::MAIN;

/// Whoever copies more than that copied no links.
const TEXT_BYTES_MAX: usize = 64 * 1024;
const LINKS_MAX: usize = 100;

/// Looks at what is copied, while it is switched on.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    on: Arc<AtomicBool>,
}

impl Watch {
    /// To be made where the windows live. It begins switched off.
    pub(crate) fn new(app: &AppHandle) -> Self {
        let on = Arc::new(AtomicBool::new(false));
        let (app, is_on) = (app.clone(), Arc::clone(&on));
        let last = Mutex::new(String::new());
        system::watch(Arc::clone(&on), move |text| {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if !is_on.load(Ordering::Relaxed) || is_looked_at(&app) || *last == text {
                return;
            }
            if let Some(links) = links_to_files(&text) {
                app.state::<Errands>().tell(Errand::Add { text: links });
                come(&app);
            }
            *last = text;
        });
        Self { on }
    }

    pub(crate) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }
}

/// Who copies in our own window, or has it before his eyes, can paste there.
fn is_looked_at(app: &AppHandle) -> bool {
    app.get_webview_window(MAIN)
        .is_some_and(|window| window.is_focused().unwrap_or(false))
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
