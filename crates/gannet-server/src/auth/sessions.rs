//! Sessions of browsers: a random text in a cookie, of which only the fingerprint is kept.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{Fingerprint, fingerprint};
use crate::{private_file, random};

/// A session that is not used for so long is over.
pub(crate) const SESSION_VALID: Duration = Duration::from_hours(30 * 24);
const SESSION_VALID_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Browsers let in at once; the one that was not used for longest makes room.
const SESSIONS_MAX: usize = 64;
/// How much of a session's use may be forgotten by a crash, so that not each request writes a file.
const WRITTEN_EVERY_MS: u64 = 24 * 60 * 60 * 1000;
const FILE_NAME: &str = "sessions.json";
const FILE_BYTES_MAX: u64 = 64 << 10;

/// The text for a browser's cookie.
pub(crate) struct NewSession(pub(crate) String);

/// Says when a session is over.
#[derive(Debug, Clone)]
pub(crate) struct Signal(watch::Receiver<()>);

impl Signal {
    /// Waits until the session is over.
    pub(crate) async fn over(&mut self) {
        // Nothing is ever sent: what ends is the sender, with its session.
        while self.0.changed().await.is_ok() {}
    }
}

pub(super) struct Sessions {
    file: PathBuf,
    known: HashMap<Fingerprint, Session>,
}

struct Session {
    used_at_ms: u64,
    /// The use that the file tells of.
    written_at_ms: u64,
    alive: watch::Sender<()>,
}

/// A session in the file.
#[derive(Serialize, Deserialize)]
struct Record {
    fingerprint: Fingerprint,
    used_at_ms: u64,
}

impl Sessions {
    /// Reads the sessions of earlier runs. A file that cannot be read is none: its browsers log in anew.
    pub(super) fn open(data_dir: &Path, now_ms: u64) -> Self {
        let file = data_dir.join(FILE_NAME);
        let records: Vec<Record> = private_file::read(&file, FILE_BYTES_MAX)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let known = records
            .into_iter()
            .take(SESSIONS_MAX)
            .filter(|record| is_valid(record.used_at_ms, now_ms))
            .map(|record| (record.fingerprint, Session::new(record.used_at_ms)))
            .collect();
        Self { file, known }
    }

    pub(super) fn begin(&mut self, now_ms: u64) -> Result<NewSession, getrandom::Error> {
        let text = random::secret_text()?;
        self.known
            .retain(|_, session| is_valid(session.used_at_ms, now_ms));
        if self.known.len() >= SESSIONS_MAX
            && let Some(oldest) = self.known.iter().min_by_key(|(_, session)| session.used_at_ms)
        {
            let oldest = *oldest.0;
            self.known.remove(&oldest);
        }
        self.known.insert(fingerprint(&text), Session::new(now_ms));
        self.write();
        Ok(NewSession(text))
    }

    /// Finds a session, which is used by that.
    pub(super) fn find(&mut self, text: &str, now_ms: u64) -> Option<Signal> {
        let key = fingerprint(text);
        let session = self.known.get_mut(&key)?;
        if !is_valid(session.used_at_ms, now_ms) {
            self.known.remove(&key);
            self.write();
            return None;
        }
        session.used_at_ms = session.used_at_ms.max(now_ms);
        let signal = Signal(session.alive.subscribe());
        if now_ms.saturating_sub(session.written_at_ms) >= WRITTEN_EVERY_MS {
            self.write();
        }
        Some(signal)
    }

    pub(super) fn end(&mut self, text: &str) {
        if self.known.remove(&fingerprint(text)).is_some() {
            self.write();
        }
    }

    fn write(&mut self) {
        let records: Vec<Record> = self
            .known
            .iter_mut()
            .map(|(fingerprint, session)| {
                session.written_at_ms = session.used_at_ms;
                Record {
                    fingerprint: *fingerprint,
                    used_at_ms: session.used_at_ms,
                }
            })
            .collect();
        let written = serde_json::to_vec(&records)
            .map_err(std::io::Error::from)
            .and_then(|content| private_file::replace(&self.file, &content));
        if let Err(error) = written {
            tracing::warn!(%error, "sessions cannot be written down; after a restart browsers log in anew");
        }
    }
}

impl Session {
    fn new(used_at_ms: u64) -> Self {
        Self {
            used_at_ms,
            written_at_ms: used_at_ms,
            alive: watch::Sender::new(()),
        }
    }
}

fn is_valid(used_at_ms: u64, now_ms: u64) -> bool {
    now_ms.saturating_sub(used_at_ms) < SESSION_VALID_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_700_000_000_000;

    fn sessions() -> (tempfile::TempDir, Sessions) {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(folder.path(), NOW_MS);
        (folder, sessions)
    }

    #[test]
    fn a_session_lasts_while_it_is_used() {
        let (_folder, mut sessions) = sessions();
        let NewSession(text) = sessions.begin(NOW_MS).unwrap();
        let later = NOW_MS + SESSION_VALID_MS - 1;
        assert!(sessions.find(&text, later).is_some());
        assert!(sessions.find(&text, later + SESSION_VALID_MS - 1).is_some());
        assert!(sessions.find(&text, later + 3 * SESSION_VALID_MS).is_none());
        assert!(sessions.find("", NOW_MS).is_none());
    }

    #[test]
    fn a_restart_keeps_sessions_and_never_the_text() {
        let (folder, mut sessions) = sessions();
        let NewSession(text) = sessions.begin(NOW_MS).unwrap();
        let NewSession(ended) = sessions.begin(NOW_MS).unwrap();
        sessions.end(&ended);
        let written = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
        assert!(!written.contains(&text));
        let mut again = Sessions::open(folder.path(), NOW_MS + 1);
        assert!(again.find(&text, NOW_MS + 1).is_some());
        assert!(again.find(&ended, NOW_MS + 1).is_none());
    }

    #[test]
    fn the_number_of_sessions_is_bounded() {
        let (_folder, mut sessions) = sessions();
        let texts: Vec<String> = (0..=SESSIONS_MAX as u64)
            .map(|index| sessions.begin(NOW_MS + index).unwrap().0)
            .collect();
        let now_ms = NOW_MS + 1000;
        assert!(sessions.find(&texts[0], now_ms).is_none(), "the oldest made room");
        assert!(
            texts[1..]
                .iter()
                .all(|text| sessions.find(text, now_ms).is_some())
        );
    }

    #[tokio::test]
    async fn whoever_listens_hears_that_a_session_is_over() {
        let (_folder, mut sessions) = sessions();
        let NewSession(text) = sessions.begin(NOW_MS).unwrap();
        let mut signal = sessions.find(&text, NOW_MS).unwrap();
        sessions.end(&text);
        signal.over().await;
    }
}
