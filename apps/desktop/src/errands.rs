//! Links that reach the window from outside: as arguments, as `gannet:` links, as files, or from a second start of the
//! program. The page asks about them; nothing is added by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tauri::Url;
use tauri::ipc::Channel;

/// Errands that may wait for a page; whoever clicks more links meanwhile loses the first ones.
const WAITING_MAX: usize = 16;
/// A list of links is not larger; the manager takes no more either.
const LIST_BYTES_MAX: u64 = 8_000_000;

/// What the page is to do for somebody outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Errand {
    /// Ask whether these links are to be added.
    Add {
        /// One or many, as text.
        text: String,
    },
    /// Ask about what was copied.
    Paste,
    /// Show what can be set.
    Settings,
    /// Say that a newer version is there.
    Update {
        /// Which.
        version: String,
    },
}

/// Where errands go: to the page, or until there is one, nowhere.
#[derive(Default)]
pub(crate) struct Errands(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    page: Option<Channel<Errand>>,
    errands: Vec<Errand>,
}

impl Errands {
    /// Tells the page, or lets it wait for one.
    pub(crate) fn tell(&self, errand: Errand) {
        let mut waiting = self.waiting();
        if let Some(page) = &waiting.page
            && page.send(errand.clone()).is_ok()
        {
            return;
        }
        if waiting.errands.len() == WAITING_MAX {
            waiting.errands.remove(0);
        }
        waiting.errands.push(errand);
    }

    /// A page is there: it gets what waits.
    pub(crate) fn attend(&self, page: Channel<Errand>) {
        let mut waiting = self.waiting();
        for errand in waiting.errands.drain(..) {
            if let Err(error) = page.send(errand) {
                tracing::warn!(%error, "the page does not take a link");
            }
        }
        waiting.page = Some(page);
    }

    /// The page is gone.
    pub(crate) fn leave(&self) {
        self.waiting().page = None;
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The links that words of a command line mean, as text; empty where there are none.
pub(crate) fn text_of(words: &[String]) -> String {
    let texts: Vec<String> = words.iter().filter_map(|word| meaning(word)).collect();
    texts.join("\n")
}

fn meaning(word: &str) -> Option<String> {
    let url = match Url::parse(word) {
        // A drive letter is no scheme.
        Ok(url) if url.scheme().len() > 1 => url,
        _ => return content(Path::new(word)),
    };
    match url.scheme() {
        "http" | "https" => Some(url.into()),
        "gannet" => offered(&url),
        "file" => content(&url.to_file_path().ok()?),
        _ => {
            tracing::warn!(scheme = url.scheme(), "not a link that can be downloaded");
            None
        }
    }
}

/// The links in `gannet://add?url=…`. Anybody can write such a link: only the web's addresses are taken from it, no files.
fn offered(url: &Url) -> Option<String> {
    // `gannet:add` means the same.
    if url.host_str().unwrap_or(url.path()) != "add" {
        return None;
    }
    let links: Vec<String> = url
        .query_pairs()
        .filter(|(name, _)| name == "url")
        .filter_map(|(_, value)| Url::parse(&value).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(Into::into)
        .collect();
    (!links.is_empty()).then(|| links.join("\n"))
}

/// A list of links, or a Metalink file.
fn content(path: &Path) -> Option<String> {
    let read = || -> std::io::Result<String> {
        let length = fs::metadata(path)?.len();
        if length > LIST_BYTES_MAX {
            return Err(std::io::Error::other("it is too large for a list of links"));
        }
        fs::read_to_string(path)
    };
    read()
        .inspect_err(|error| {
            let path: PathBuf = path.into();
            tracing::warn!(path = %path.display(), %error, "a list of links cannot be read");
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        text_of(&words)
    }

    #[test]
    fn links_are_taken_as_they_are() {
        assert_eq!(
            text(&["https://example.org/a?b=c", "http://example.org/d"]),
            "https://example.org/a?b=c\nhttp://example.org/d"
        );
    }

    #[test]
    fn a_link_of_ours_offers_addresses_of_the_web_alone() {
        assert_eq!(
            text(&["gannet://add?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3Dc"]),
            "https://example.org/a?b=c"
        );
        assert_eq!(
            text(&["gannet:add?url=https://a.example/&url=https://b.example/"]),
            "https://a.example/\nhttps://b.example/"
        );
        for other in [
            "gannet://add?url=file:///etc/passwd",
            "gannet://add?url=javascript:alert(1)",
            "gannet://add?url=",
            "gannet://quit",
            "gannet://add/?other=https://example.org/",
            "ftp://example.org/a",
        ] {
            assert_eq!(text(&[other]), "", "{other}");
        }
    }

    #[test]
    fn a_file_of_links_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list.txt");
        fs::write(&list, "https://example.org/a\n").unwrap();
        assert_eq!(text(&[list.to_str().unwrap()]), "https://example.org/a\n");
        let url = Url::from_file_path(&list).unwrap();
        assert_eq!(text(&[url.as_str()]), "https://example.org/a\n");
        assert_eq!(text(&["no-such-file"]), "");
    }
}
