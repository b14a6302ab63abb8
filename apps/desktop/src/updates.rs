//! Whether a newer version is there: asked once a day where the config file says where to look and whose word counts, and
//! nowhere otherwise. A note that is not signed by that key is not believed, and an older version is no news. Nothing is
//! fetched or installed by it: the person is told, and shown the page where it is.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use gannet_manager::Proxy;
use gannet_server::Updates;
use minisign_verify::{PublicKey, Signature};
use semver::Version;
use serde::Deserialize;
use tauri::{AppHandle, Manager as _, Url};

use crate::errands::{Errand, Errands};
use crate::works::Works;

const ASK_AGAIN: Duration = Duration::from_hours(24);
/// What was not answered is soon asked again: a machine that just began or woke up has no network yet.
const TRY_AGAIN: Duration = Duration::from_mins(15);
/// How often it is looked at whether it is time. Nothing else counts the time that a machine sleeps.
const LOOK_EVERY: Duration = Duration::from_mins(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// A note and a signature are some hundred bytes.
const BYTES_MAX: usize = 64 * 1024;

/// A version that is newer than this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Newer {
    version: Version,
    /// Where it is told about.
    page: Url,
}

/// Where to ask, and whom to believe.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Protected on its way.
    address: Url,
    key: PublicKey,
}

/// Why nobody can be asked there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WrongSource {
    #[error("{0:?}, the address of [updates], does not begin with https://")]
    Address(String),
    #[error(
        "{0:?}, the key of [updates], is none of minisign's. Take the second line of the file minisign.pub"
    )]
    Key(String),
}

/// The newest version that was heard of.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Option<Newer>>);

/// Why a note is not believed.
#[derive(Debug, thiserror::Error)]
enum Distrust {
    #[error("it cannot be fetched: {0}")]
    Fetch(#[from] reqwest::Error),
    /// It does not repeat the proxy's password.
    #[error("it cannot be fetched: {0}")]
    Proxy(String),
    #[error("it is larger than such a note is")]
    TooLarge,
    #[error("its signature is not right: {0}")]
    Signature(#[from] minisign_verify::Error),
    #[error("it says something else than a version and a page")]
    Note,
}

/// What became of the last time that it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// There was an answer, whatever it was.
    Answered,
    /// There was none.
    Silent,
}

/// What is signed.
#[derive(Debug, Deserialize)]
struct Note {
    version: Version,
    page: Url,
}

impl Source {
    /// What the config file says, where that can be.
    pub(crate) fn of(updates: &Updates) -> Result<Self, WrongSource> {
        let address = Url::parse(&updates.address).ok().filter(is_protected);
        Ok(Self {
            address: address.ok_or_else(|| WrongSource::Address(updates.address.clone()))?,
            key: PublicKey::from_base64(&updates.key).map_err(|_| WrongSource::Key(updates.key.clone()))?,
        })
    }
}

impl Heard {
    /// The page of what was heard of.
    pub(crate) fn page(&self) -> Option<Url> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.as_ref().map(|newer| newer.page.clone())
    }

    /// Keeps it; says whether it is news.
    fn is_news(&self, newer: &Newer) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = heard.as_ref().is_none_or(|before| before.version < newer.version);
        if is_news {
            *heard = Some(newer.clone());
        }
        is_news
    }
}

/// Asks again and again, and tells the page what is new.
pub(crate) async fn watch(app: AppHandle, source: Source) {
    let ours: Version = match env!("CARGO_PKG_VERSION").parse() {
        Ok(ours) => ours,
        Err(error) => return tracing::error!(%error, "our own version is none"),
    };
    loop {
        let asked_at = SystemTime::now();
        let proxy = app.state::<Works>().manager().proxy().await;
        let answer = ask(&source, &ours, &proxy).await;
        let last = Last::of(&answer);
        match answer {
            Ok(Some(newer)) if app.state::<Heard>().is_news(&newer) => {
                let version = newer.version.to_string();
                app.state::<Errands>().tell(Errand::Update { version });
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the note about the newest version is not believed"),
        }
        while !is_time(last, asked_at, SystemTime::now()) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Whether to ask once more, by the clock on the wall.
fn is_time(last: Last, asked_at: SystemTime, now: SystemTime) -> bool {
    let wait = match last {
        Last::Answered => ASK_AGAIN,
        Last::Silent => TRY_AGAIN,
    };
    // A clock that was put back says nothing of how long it is.
    now.duration_since(asked_at).map_or(true, |passed| passed >= wait)
}

impl Last {
    fn of(answer: &Result<Option<Newer>, Distrust>) -> Self {
        match answer {
            Err(Distrust::Fetch(_) | Distrust::Proxy(_)) => Self::Silent,
            // What is not right now is not right in a moment either.
            Err(Distrust::TooLarge | Distrust::Signature(_) | Distrust::Note) | Ok(_) => Self::Answered,
        }
    }
}

async fn ask(source: &Source, ours: &Version, proxy: &Proxy) -> Result<Option<Newer>, Distrust> {
    let Source { address, key } = source;
    let client = client(proxy)?;
    let note = fetch(&client, address.as_str()).await?;
    let signature = fetch(&client, &format!("{address}.minisig")).await?;
    judge(&note, &String::from_utf8_lossy(&signature), key, ours)
}

/// What a note says, once it is believed.
fn judge(note: &[u8], signature: &str, key: &PublicKey, ours: &Version) -> Result<Option<Newer>, Distrust> {
    let old_format_too = false;
    key.verify(note, &Signature::decode(signature)?, old_format_too)?;
    let Note { version, page } = serde_json::from_slice(note).map_err(|_| Distrust::Note)?;
    if !is_protected(&page) {
        return Err(Distrust::Note);
    }
    // Whoever has a finished version is not offered a try-out.
    let is_for_us = version.pre.is_empty() || !ours.pre.is_empty();
    Ok((version > *ours && is_for_us).then_some(Newer { version, page }))
}

/// Nobody between can read or change it: https, or this very machine.
fn is_protected(address: &Url) -> bool {
    match address.scheme() {
        "https" => true,
        "http" => address
            .host_str()
            .is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]")),
        _ => false,
    }
}

/// By the way that downloads take.
fn client(proxy: &Proxy) -> Result<reqwest::Client, Distrust> {
    // Without a provider there is no TLS, and without that no client; the engine brings the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .timeout(ANSWER_WITHIN)
        .user_agent(concat!("Gannet/", env!("CARGO_PKG_VERSION")));
    let builder = proxy
        .apply_to(builder)
        .map_err(|error| Distrust::Proxy(error.to_string()))?;
    Ok(builder.build()?)
}

async fn fetch(client: &reqwest::Client, address: &str) -> Result<Vec<u8>, Distrust> {
    let mut response = client.get(address).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > BYTES_MAX {
            return Err(Distrust::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use gannet_manager::{DesktopProxies, Manager, ManagerOptions};
    use gannet_schema::{Command, ProxyChoice, Reply};
    use minisign::KeyPair;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;

    const OURS: Version = Version::new(1, 2, 0);

    /// Who has a note and its signature, whichever host is asked for.
    struct Served {
        address: SocketAddr,
        /// What it was asked.
        heads: Arc<Mutex<Vec<String>>>,
        _serving: JoinSet<()>,
    }

    async fn serve(note: &'static str, signer: &KeyPair) -> Served {
        let signature = minisign::sign(None, &signer.sk, note.as_bytes(), None, None)
            .unwrap()
            .into_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::default());
        let kept: Arc<Mutex<Vec<String>>> = Arc::clone(&heads);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 2048];
                let length = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let body = if head.contains(".minisig ") {
                    &signature
                } else {
                    note
                };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                kept.lock().unwrap().push(head);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Served {
            address,
            heads,
            _serving: serving,
        }
    }

    /// Asks about a note that is served on loopback.
    async fn asked(
        note: &'static str,
        signer: &KeyPair,
        trusted: &KeyPair,
    ) -> Result<Option<Newer>, Distrust> {
        let served = serve(note, signer).await;
        let address = format!("http://{}/gannet.json", served.address);
        ask(&source(&address, trusted), &OURS, &Proxy::Direct).await
    }

    fn source(address: &str, trusted: &KeyPair) -> Source {
        let updates = Updates {
            address: address.to_owned(),
            key: trusted.pk.to_base64(),
        };
        Source::of(&updates).unwrap()
    }

    fn key_pair() -> KeyPair {
        KeyPair::generate_unencrypted_keypair().unwrap()
    }

    #[tokio::test]
    async fn a_newer_version_that_the_key_has_signed_is_news() {
        let key = key_pair();
        let note = r#"{"version": "1.10.0", "page": "https://example.org/gannet"}"#;
        let newer = asked(note, &key, &key).await.unwrap().unwrap();
        assert_eq!(newer.version, Version::new(1, 10, 0));
        assert_eq!(newer.page.as_str(), "https://example.org/gannet");
    }

    #[tokio::test]
    async fn the_note_is_fetched_by_the_way_that_downloads_take() {
        let key = key_pair();
        let note = r#"{"version": "1.10.0", "page": "https://example.org/gannet"}"#;
        let proxy = serve(note, &key).await;
        // Nobody is there.
        let updates = source("http://127.0.0.1:1/gannet.json", &key);
        let folder = tempfile::tempdir().unwrap();
        let options = ManagerOptions::new(folder.path().join("data"), folder.path().join("downloads"));
        let manager = Manager::open(options).await.unwrap();
        let desktop = DesktopProxies {
            plain: Some("http://proxy:3128".to_owned()),
            ..DesktopProxies::default()
        };
        manager.desktop_proxies(desktop.clone()).await.unwrap();
        assert!(matches!(manager.proxy().await, Proxy::Desktop(said) if said == desktop));

        let mut settings = Box::new(manager.settings().await);
        settings.network.proxy = ProxyChoice::Url {
            url: format!("http://ann:hunter2@{}", proxy.address),
            has_password: false,
        };
        let changed = manager.execute(Command::ChangeSettings { settings }).await;
        assert_eq!(changed, Reply::Done);
        let newer = ask(&updates, &OURS, &manager.proxy().await).await;
        assert!(matches!(newer, Ok(Some(_))), "{newer:?}");
        let head = proxy.heads.lock().unwrap().concat().to_lowercase();
        // What comes out of settings is without the password.
        assert!(
            head.contains("proxy-authorization: basic yw5uomh1bnrlcji="),
            "{head}"
        );
    }

    #[tokio::test]
    async fn what_another_key_has_signed_is_not_believed() {
        let note = r#"{"version": "9.0.0", "page": "https://example.org/"}"#;
        let answer = asked(note, &key_pair(), &key_pair()).await;
        assert!(matches!(answer, Err(Distrust::Signature(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn an_older_or_equal_version_is_no_news() {
        let key = key_pair();
        for note in [
            r#"{"version": "1.1.9", "page": "https://example.org/"}"#,
            r#"{"version": "1.2.0", "page": "https://example.org/"}"#,
            r#"{"version": "1.3.0-beta.1", "page": "https://example.org/"}"#,
        ] {
            assert_eq!(asked(note, &key, &key).await.unwrap(), None, "{note}");
        }
    }

    #[test]
    fn a_changed_note_is_not_believed() {
        let key = key_pair();
        let signed = minisign::sign(None, &key.sk, b"{}".as_slice(), None, None)
            .unwrap()
            .into_string();
        let trusted = PublicKey::from_base64(&key.pk.to_base64()).unwrap();
        let changed = br#"{"version": "9.0.0", "page": "https://example.org/"}"#;
        assert!(matches!(
            judge(changed, &signed, &trusted, &OURS),
            Err(Distrust::Signature(_))
        ));
        assert!(matches!(
            judge(b"{}", &signed, &trusted, &OURS),
            Err(Distrust::Note)
        ));
    }

    #[test]
    fn a_page_that_could_be_forged_on_the_way_is_not_shown() {
        let key = key_pair();
        let trusted = PublicKey::from_base64(&key.pk.to_base64()).unwrap();
        for page in ["http://example.org/", "file:///etc/passwd", "javascript:alert(1)"] {
            let note = format!(r#"{{"version": "9.0.0", "page": "{page}"}}"#);
            let signed = minisign::sign(None, &key.sk, note.as_bytes(), None, None)
                .unwrap()
                .into_string();
            let answer = judge(note.as_bytes(), &signed, &trusted, &OURS);
            assert!(matches!(answer, Err(Distrust::Note)), "{page}");
        }
    }

    #[tokio::test]
    async fn who_does_not_answer_is_asked_again_soon_and_who_does_the_next_day() {
        // Nobody is there.
        let updates = source("http://127.0.0.1:1/gannet.json", &key_pair());
        let silent = Last::of(&ask(&updates, &OURS, &Proxy::Direct).await);
        assert_eq!(silent, Last::Silent);
        let note = r#"{"version": "1.2.0", "page": "https://example.org/"}"#;
        let key = key_pair();
        let answered = Last::of(&asked(note, &key, &key).await);
        assert_eq!(answered, Last::Answered);
        let not_believed = Last::of(&asked(note, &key, &key_pair()).await);
        assert_eq!(not_believed, Last::Answered);

        let asked_at = SystemTime::UNIX_EPOCH + ASK_AGAIN;
        let moment = Duration::from_secs(1);
        for (last, wait) in [(silent, TRY_AGAIN), (answered, ASK_AGAIN)] {
            assert!(!is_time(last, asked_at, asked_at));
            assert!(!is_time(last, asked_at, asked_at + wait - moment));
            assert!(is_time(last, asked_at, asked_at + wait));
            assert!(
                is_time(last, asked_at, asked_at - moment),
                "the clock was put back"
            );
        }
    }

    #[test]
    fn an_unprotected_address_is_no_source_and_neither_is_a_key_of_another_kind() {
        let source = |address: &str, key: String| {
            let address = address.to_owned();
            Source::of(&Updates { address, key })
        };
        let address = "https://example.org/gannet.json";
        assert!(source(address, key_pair().pk.to_base64()).is_ok());
        let unprotected = source("http://example.org/gannet.json", key_pair().pk.to_base64());
        assert!(matches!(unprotected, Err(WrongSource::Address(_))));
        let no_key = source(address, "c2VjcmV0".to_owned());
        assert!(matches!(no_key, Err(WrongSource::Key(_))));
    }

    #[test]
    fn the_same_version_is_told_once() {
        let heard = Heard::default();
        let newer = |version: &str| Newer {
            version: version.parse().unwrap(),
            page: Url::parse("https://example.org/").unwrap(),
        };
        assert!(heard.is_news(&newer("1.3.0")));
        assert!(!heard.is_news(&newer("1.3.0")));
        assert!(!heard.is_news(&newer("1.2.5")));
        assert!(heard.is_news(&newer("1.4.0")));
    }
}
