//! Who asks: a program that shows the token, or a page in a browser that has a session.

mod codes;
mod sessions;
mod token;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use sha2::{Digest as _, Sha256};

pub(crate) use codes::CODE_VALID;
use codes::Codes;
use sessions::SESSION_VALID;
use sessions::Sessions;
pub(crate) use sessions::{NewSession, Signal};
use token::Token;
pub use token::{TOKEN_FILE_NAME, read_token};

use crate::error::ServeError;
use crate::site::Approach;

/// What is kept instead of a secret that is to be recognised.
type Fingerprint = [u8; 32];

fn fingerprint(secret: &str) -> Fingerprint {
    Sha256::digest(secret.as_bytes()).into()
}

/// Who asks.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Somebody who knows the token.
    Program,
    /// A browser that was let in; the signal says when its session is over.
    Browser(Signal),
}

/// Everything that lets somebody in.
pub(crate) struct Keys {
    token: Token,
    /// Browsers send a cookie to every port of a host: its name tells two servers apart.
    cookie: String,
    sessions: Mutex<Sessions>,
    codes: Mutex<Codes>,
}

impl Keys {
    /// Reads the token, made where there is none yet, and the sessions of earlier runs.
    pub(crate) fn open(
        data_dir: &Path,
        token_file: &Path,
        port: u16,
        now_ms: u64,
    ) -> Result<Self, ServeError> {
        Ok(Self {
            token: Token::open(token_file)?,
            cookie: format!("gannet-{port}"),
            sessions: Mutex::new(Sessions::open(data_dir, now_ms)),
            codes: Mutex::default(),
        })
    }

    /// Who sends a request with these headers. A cookie counts only where the browser says that our own page sends it:
    /// by its origin.
    pub(crate) fn caller(&self, headers: &HeaderMap, approach: Approach, now_ms: u64) -> Option<Caller> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let shown = value.to_str().ok()?.strip_prefix("Bearer ")?;
            return self.token.is(shown).then_some(Caller::Program);
        }
        if !approach.has_origin {
            return None;
        }
        self.browser(headers, now_ms).map(Caller::Browser)
    }

    /// The session that the cookie names, whoever made the browser send it.
    pub(crate) fn browser(&self, headers: &HeaderMap, now_ms: u64) -> Option<Signal> {
        self.sessions().find(self.session_text(headers)?, now_ms)
    }

    /// A code that lets one browser in, within [`CODE_VALID`].
    pub(crate) fn new_code(&self, now: Instant) -> Result<String, getrandom::Error> {
        self.codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .make(now)
    }

    /// Takes a code, which is of no use afterwards, for a session.
    pub(crate) fn redeem(
        &self,
        code: &str,
        now: Instant,
        now_ms: u64,
    ) -> Result<Option<NewSession>, getrandom::Error> {
        let is_valid = self
            .codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(code, now);
        is_valid.then(|| self.sessions().begin(now_ms)).transpose()
    }

    /// Ends the session that the cookie names.
    pub(crate) fn end_session(&self, headers: &HeaderMap) {
        if let Some(text) = self.session_text(headers) {
            self.sessions().end(text);
        }
    }

    /// The cookie of a session, for as long as that is valid from now.
    pub(crate) fn cookie_of(&self, session: &NewSession, approach: Approach) -> String {
        self.cookie_with(&session.0, approach)
    }

    /// The cookie that these headers hold, to be kept anew: the session was just used, and ends later by that.
    pub(crate) fn cookie_again(&self, headers: &HeaderMap, approach: Approach) -> Option<String> {
        let text = self.session_text(headers)?;
        Some(self.cookie_with(text, approach))
    }

    /// What has a browser forget its cookie.
    pub(crate) fn no_cookie(&self) -> String {
        format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", self.cookie)
    }

    fn cookie_with(&self, session: &str, approach: Approach) -> String {
        let secure = if approach.secure { "; Secure" } else { "" };
        format!(
            "{}={session}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
            self.cookie,
            SESSION_VALID.as_secs()
        )
    }

    fn session_text<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.cookie)
            .map(|(_, text)| text)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
