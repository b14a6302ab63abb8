//! What is brought from outside: as arguments, as `gannet:` links, as files, to a first start of the program or a second one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use gannet_manager::links::TEXT_MAX_BYTES;
use gannet_server::{Unread, WhyUnread};
use tauri::Url;

/// So much of a name tells which one it is.
const NAME_CHARS_MAX: usize = 120;

/// What words of a command line, or the system, brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// Links, as text; empty where there are none.
    pub(crate) text: String,
    /// What gave none.
    pub(crate) unread: Option<Unread>,
}

impl Brought {
    /// Reads what words mean.
    pub(crate) fn of(words: &[String]) -> Self {
        let mut texts = Vec::new();
        let mut unread: Option<Unread> = None;
        for word in words {
            match meaning(word) {
                Ok(text) => texts.push(text),
                Err(why) => match &mut unread {
                    Some(unread) => unread.others += 1,
                    None => {
                        unread = Some(Unread {
                            name: shortened(word),
                            why,
                            others: 0,
                        });
                    }
                },
            }
        }
        Self {
            text: texts.join("\n"),
            unread,
        }
    }

    /// Whether there is nothing to be asked about or said.
    #[cfg(desktop)]
    pub(crate) const fn is_nothing(&self) -> bool {
        self.text.is_empty() && self.unread.is_none()
    }
}

/// Links that the system hands over by itself.
#[cfg(any(target_os = "macos", mobile))]
pub(crate) fn bring(app: &tauri::AppHandle, urls: Vec<Url>) {
    use tauri::Manager as _;

    let words: Vec<String> = urls.into_iter().map(Into::into).collect();
    app.state::<crate::errands::Errands>().bring(Brought::of(&words));
}

fn meaning(word: &str) -> Result<String, WhyUnread> {
    let url = match Url::parse(word) {
        // A drive letter is no scheme.
        Ok(url) if url.scheme().len() > 1 => url,
        _ => return content(Path::new(word)),
    };
    match url.scheme() {
        "http" | "https" => Ok(url.into()),
        "gannet" => offered(&url).ok_or(WhyUnread::NoLink),
        "file" => content(&url.to_file_path().map_err(|()| WhyUnread::Missing)?),
        _ => Err(WhyUnread::NoLink),
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
fn content(path: &Path) -> Result<String, WhyUnread> {
    let bytes = read(path).map_err(|error| {
        tracing::warn!(path = %path.display(), %error, "a list of links cannot be read");
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => WhyUnread::Missing,
            _ => WhyUnread::Unreadable,
        }
    })?;
    if bytes.len() > TEXT_MAX_BYTES {
        return Err(WhyUnread::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| WhyUnread::NotText)?;
    if text.trim().is_empty() {
        return Err(WhyUnread::Empty);
    }
    Ok(text)
}

/// As much of a file as shows whether it is too much.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(TEXT_MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of a path tells more than its middle.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let half = NAME_CHARS_MAX / 2;
    let start: String = name.chars().take(half).collect();
    let end: String = name.chars().skip(length - half).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn brought(words: &[&str]) -> Brought {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        Brought::of(&words)
    }

    fn text(words: &[&str]) -> String {
        brought(words).text
    }

    fn why(word: &str) -> Option<WhyUnread> {
        let brought = brought(&[word]);
        assert_eq!(brought.text, "", "{word}");
        brought.unread.map(|unread| unread.why)
    }

    #[test]
    fn links_are_taken_as_they_are() {
        assert_eq!(
            text(&["https://example.org/a?b=c", "http://example.org/d"]),
            "https://example.org/a?b=c\nhttp://example.org/d"
        );
        assert!(brought(&[]).is_nothing());
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
            "magnet:?xt=urn:btih:0",
        ] {
            assert_eq!(why(other), Some(WhyUnread::NoLink), "{other}");
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
    }

    #[test]
    fn a_file_that_gives_no_links_is_said_to_give_none_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let file = folder.path().join(name);
            fs::write(&file, content).unwrap();
            file.into_os_string().into_string().unwrap()
        };
        assert_eq!(why("no-such-file"), Some(WhyUnread::Missing));
        assert_eq!(why(folder.path().to_str().unwrap()), Some(WhyUnread::Unreadable));
        assert_eq!(why(&file("latin1", b"caf\xe9")), Some(WhyUnread::NotText));
        assert_eq!(why(&file("empty", b" \n")), Some(WhyUnread::Empty));
        let most = vec![b'a'; TEXT_MAX_BYTES];
        assert_eq!(text(&[&file("most", &most)]).len(), TEXT_MAX_BYTES);
        assert_eq!(
            why(&file("more", &[most, vec![b'a']].concat())),
            Some(WhyUnread::TooLarge)
        );
    }

    #[test]
    fn many_that_give_no_links_are_said_as_one() {
        let long = format!("magnet:?xt={}", "ü".repeat(500));
        let brought = brought(&[
            &long,
            "https://example.org/a",
            "ftp://example.org/",
            "no-such-file",
        ]);
        assert_eq!(brought.text, "https://example.org/a");
        let unread = brought.unread.unwrap();
        assert_eq!((unread.why, unread.others), (WhyUnread::NoLink, 2));
        assert_eq!(unread.name.chars().count(), NAME_CHARS_MAX + 1);
        assert!(unread.name.starts_with("magnet:?xt=ü") && unread.name.ends_with("ü"));
    }
}
