//! One address of the file: how to ask it, and what may be sent along.
//!
//! Redirects are followed once and the final address is kept for all workers. When it expires, the first to notice
//! resolves the original address anew, and the others wait for that (HTTP.md, case 39).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, IF_RANGE, RANGE,
    SET_COOKIE, USER_AGENT,
};
use reqwest::cookie::{CookieStore, Jar};
use url::Url;

use super::client::{HttpClient, Protocol, authority};
use super::content_range::{range_from, range_of};
use super::cookies::CookieFile;
use super::digest_headers::WANT_REPR_DIGEST;
use super::fault::{Fault, FaultKind};
use super::redirect::{Downgrade, HeaderScope, RedirectChain, RedirectError, redact};
use super::response::{KnownFile, ResponseHead, Verdict, judge_probe};
use crate::clock::SteadyClock;
use crate::error::Error;
use crate::request::Credentials;

/// How long others wait for the one who resolves the address for all.
const RESOLVING_ALONE_MAX: Duration = Duration::from_secs(3);

/// An address of the file. Shared by the workers that ask it.
pub(crate) struct Source {
    id: usize,
    start: Url,
    client: HttpClient,
    outfit: Outfit,
    downgrade: Downgrade,
    clock: SteadyClock,
    /// Cookies that the hops of this very transfer set.
    jar: Jar,
    resolved: Mutex<Resolved>,
    /// What this very address told of the file, by which its later answers are judged.
    known: Mutex<Option<Arc<KnownFile>>>,
    /// Held while the original address is resolved, so that it happens once.
    resolving: tokio::sync::Mutex<()>,
}

/// What requests bear besides their range.
#[derive(Clone, Default)]
pub(crate) struct Outfit {
    /// Headers for the original origin only, credentials among them.
    pub(crate) private: HeaderMap,
    /// Cookies with their own rules about where they may go.
    pub(crate) cookies: Option<Arc<CookieFile>>,
}

#[derive(Default)]
struct Resolved {
    /// Where it led when it was last resolved.
    chain: Option<RedirectChain>,
    /// Whether that is over, and it has to be resolved anew.
    has_expired: bool,
    epoch: Epoch,
}

impl Resolved {
    /// Where requests go without resolving it.
    fn valid(&self) -> Option<&RedirectChain> {
        self.chain.as_ref().filter(|_| !self.has_expired)
    }
}

/// How many times an address was resolved: an answer tells which resolution it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(crate) struct Epoch(u32);

/// What one request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) range: Option<HeaderValue>,
    pub(crate) if_range: Option<HeaderValue>,
    /// Whether a digest of the whole is asked for too (RFC 9530 §4).
    pub(crate) want_digest: bool,
}

/// An answer's head, its body still to come.
pub(crate) struct Answer {
    pub(crate) response: reqwest::Response,
    pub(crate) epoch: Epoch,
}

/// Why there is no answer to judge.
#[derive(Debug)]
pub(crate) enum AskError {
    Fault(Fault),
    Redirect(RedirectError),
    /// The client itself could not be made.
    Setup(Error),
}

impl Source {
    pub(crate) fn new(id: usize, url: Url, client: HttpClient, outfit: Outfit, downgrade: Downgrade) -> Self {
        Self {
            id,
            start: url,
            clock: SteadyClock::new(client.wall_now(), Instant::now()),
            client,
            outfit,
            downgrade,
            jar: Jar::default(),
            resolved: Mutex::default(),
            known: Mutex::default(),
            resolving: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn id(&self) -> usize {
        self.id
    }

    /// The address as it was given.
    pub(crate) fn original(&self) -> &Url {
        &self.start
    }

    /// The address that answers, or that did until it expired; the one that was given while none has.
    pub(crate) fn current(&self) -> Url {
        self.resolved()
            .chain
            .as_ref()
            .map_or_else(|| self.start.clone(), |chain| chain.current().clone())
    }

    /// The address that answers, fit to be shown.
    pub(crate) fn shown(&self) -> String {
        redact(&self.current())
    }

    /// `host:port` of the address that answers.
    pub(crate) fn authority(&self) -> String {
        authority(&self.current())
    }

    /// Which resolution of the address is in use.
    pub(crate) fn epoch(&self) -> Epoch {
        self.resolved().epoch
    }

    /// What time it is, for dates that its server speaks of.
    pub(crate) fn time_of_day(&self) -> SystemTime {
        self.clock.shows(Instant::now())
    }

    /// How long a connection to its server may take to come about.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.client.connect_timeout()
    }

    /// Whether this address was ever reached, and meant well.
    pub(crate) fn has_answered(&self) -> bool {
        self.resolved().chain.is_some()
    }

    /// What this address told of the file.
    pub(crate) fn known(&self) -> Option<Arc<KnownFile>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets what later answers of this address are judged by.
    pub(crate) fn set_known(&self, known: Arc<KnownFile>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    /// Whether the address that answers was reached by redirects, so that resolving again may help.
    pub(crate) fn is_redirected(&self) -> bool {
        self.resolved()
            .valid()
            .is_some_and(|chain| chain.current() != &self.start)
    }

    /// The answers of `epoch` say that the final address has expired: the next request resolves the original one.
    /// Returns whether that is news.
    pub(crate) fn expire(&self, epoch: Epoch) -> bool {
        let mut resolved = self.resolved();
        let news = resolved.epoch == epoch && resolved.valid().is_some();
        if news {
            resolved.has_expired = true;
            resolved.epoch.0 += 1;
        }
        news
    }

    /// The answers of `epoch` are a page, a portal's or a login's: where redirects led there, the next request begins at the
    /// original address, which may lead to the file again.
    pub(crate) fn resolve_again(&self, epoch: Epoch) {
        if self.is_redirected() {
            self.expire(epoch);
        }
    }

    /// Asks, and follows redirects to the answer.
    pub(crate) async fn ask(&self, asking: &Asking) -> Result<Answer, AskError> {
        if let (Some(chain), epoch) = self.resolution() {
            return self.follow(chain, epoch, asking).await;
        }
        // One resolves for all, unless that one is stuck.
        let _alone = tokio::time::timeout(RESOLVING_ALONE_MAX, self.resolving.lock()).await;
        // Somebody else may have resolved it in the meantime.
        self.ask_beside(asking).await
    }

    /// As [`Source::ask`], without waiting for one who resolves the address already: that one has no answer.
    pub(crate) async fn ask_beside(&self, asking: &Asking) -> Result<Answer, AskError> {
        let (chain, epoch) = self.resolution();
        let chain = chain.unwrap_or_else(|| RedirectChain::new(self.start.clone(), self.downgrade));
        self.follow(chain, epoch, asking).await
    }

    async fn follow(
        &self,
        mut chain: RedirectChain,
        epoch: Epoch,
        asking: &Asking,
    ) -> Result<Answer, AskError> {
        loop {
            let response = self.send(&chain, asking).await?;
            let head = ResponseHead {
                status: response.status(),
                version: response.version(),
                headers: response.headers(),
            };
            self.jar
                .set_cookies(&mut head.headers.get_all(SET_COOKIE).iter(), chain.current());
            if let Verdict::Redirect { location, .. } = judge_probe(head) {
                chain.follow(&location).map_err(AskError::Redirect)?;
            } else {
                if head.status.is_success() {
                    self.settle(chain.settled(), epoch);
                }
                return Ok(Answer { response, epoch });
            }
        }
    }

    async fn send(&self, chain: &RedirectChain, asking: &Asking) -> Result<reqwest::Response, AskError> {
        let url = chain.current();
        let headers = self.headers(url, chain.scope(), asking);
        let protocol = self.client.spoken_at(url);
        match self.send_in(protocol, url, headers.clone()).await {
            Err(AskError::Fault(fault)) if fault.kind == FaultKind::NoCommonProtocol => {}
            result => return result,
        }
        self.client.note_not_spoken(protocol, url);
        self.send_in(protocol.other(), url, headers).await
    }

    async fn send_in(
        &self,
        protocol: Protocol,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<reqwest::Response, AskError> {
        let client = self.client.speaking(protocol, url).map_err(AskError::Setup)?;
        let attempt = client.get(url.clone()).headers(headers).send().await;
        attempt.map_err(|error| AskError::Fault(self.fault(&error, url)))
    }

    fn fault(&self, error: &reqwest::Error, url: &Url) -> Fault {
        let mut fault = Fault::from_reqwest(error);
        if fault.kind == FaultKind::Unreachable && !self.client.has_network() {
            fault = fault.without_network();
        }
        let asked = authority(url);
        if asked != self.authority() {
            // Errors name the address that is known to answer, and this one is not it.
            fault = fault.after_redirect_to(&asked);
        }
        match self.client.proxy_for(url) {
            Some(proxy) => fault.at_proxy(&proxy),
            None => fault,
        }
    }

    fn headers(&self, url: &Url, scope: HeaderScope, asking: &Asking) -> HeaderMap {
        let mut headers = match scope {
            HeaderScope::Original => self.outfit.private.clone(),
            HeaderScope::Foreign => HeaderMap::new(),
        };
        let agent = HeaderValue::from_str(self.client.user_agent());
        if let (false, Ok(agent)) = (headers.contains_key(USER_AGENT), agent) {
            headers.insert(USER_AGENT, agent);
        }
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        // Ranges count encoded bytes (RFC 9110 §14.1.2): only the identity can be put at offsets.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(cookie) = self.cookie(url, scope, headers.get(COOKIE)) {
            headers.insert(COOKIE, cookie);
        }
        let optional = [(RANGE, &asking.range), (IF_RANGE, &asking.if_range)];
        for (name, value) in optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)))
        {
            headers.insert(name, value);
        }
        if asking.want_digest {
            let name = HeaderName::from_static("want-repr-digest");
            headers.insert(name, HeaderValue::from_static(WANT_REPR_DIGEST));
        }
        headers
    }

    /// The user's own `Cookie` header, those of the file and those set on the way, in one.
    ///
    /// Cookies of the file go where their domain says (RFC 6265 §5.4), but for one case: cookies know no ports, and what
    /// another port of the same host sent us to is another origin.
    fn cookie(&self, url: &Url, scope: HeaderScope, own: Option<&HeaderValue>) -> Option<HeaderValue> {
        let left_home = scope == HeaderScope::Foreign && url.host() == self.start.host();
        let file = self
            .outfit
            .cookies
            .as_ref()
            .filter(|_| !left_home)
            .and_then(|file| file.header_for(url, self.time_of_day()));
        let set = self.jar.cookies(url);
        let parts: Vec<&[u8]> = [own, file.as_ref(), set.as_ref()]
            .into_iter()
            .flatten()
            .map(HeaderValue::as_bytes)
            .collect();
        if parts.is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_bytes(&parts.join(&b"; "[..])).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn resolution(&self) -> (Option<RedirectChain>, Epoch) {
        let resolved = self.resolved();
        (resolved.valid().cloned(), resolved.epoch)
    }

    fn settle(&self, chain: RedirectChain, epoch: Epoch) {
        let mut resolved = self.resolved();
        if resolved.epoch == epoch {
            resolved.chain = Some(chain);
            resolved.has_expired = false;
        }
    }

    fn resolved(&self) -> MutexGuard<'_, Resolved> {
        self.resolved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outfit {
    /// The outfit for a request to `url`: the user's headers, and credentials from the request or else from the URL.
    pub(crate) fn new(
        url: &Url,
        headers: &HeaderMap,
        credentials: Option<&Credentials>,
        cookies: Option<Arc<CookieFile>>,
    ) -> Result<Self, Error> {
        let mut private = headers.clone();
        let authorization = match credentials {
            Some(Credentials::Basic { user, password }) => Some(basic(user, password.expose())),
            Some(Credentials::Bearer(token)) => Some(format!("Bearer {}", token.expose())),
            None => login_of(url),
        };
        if let Some(authorization) = authorization {
            let mut value = HeaderValue::from_str(&authorization).map_err(|_| Error::InvalidRequest {
                what: "the credentials hold characters that no header can carry".to_owned(),
            })?;
            value.set_sensitive(true);
            private.insert(AUTHORIZATION, value);
        }
        Ok(Self { private, cookies })
    }

    /// The same, but with the login that an address bears itself, where it bears one.
    pub(crate) fn with_login_of(mut self, url: &Url) -> Self {
        let login = login_of(url).and_then(|login| HeaderValue::from_str(&login).ok());
        if let Some(mut value) = login {
            value.set_sensitive(true);
            self.private.insert(AUTHORIZATION, value);
        }
        self
    }

    /// What of it may go to another origin: cookies, which have their own rules.
    pub(crate) fn for_other_origin(&self) -> Self {
        Self {
            private: HeaderMap::new(),
            cookies: self.cookies.clone(),
        }
    }
}

/// The login in an address, as `Authorization` has it.
fn login_of(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    Some(basic(
        &decode(url.username()),
        &decode(url.password().unwrap_or_default()),
    ))
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

impl Asking {
    /// The first request: everything from `start` on, and a digest of the whole.
    pub(crate) fn from(start: u64, if_range: Option<HeaderValue>) -> Self {
        Self {
            range: Some(range_from(start)),
            if_range,
            want_digest: true,
        }
    }

    /// Exactly this range.
    pub(crate) fn range(range: crate::range::ByteRange, if_range: Option<HeaderValue>) -> Self {
        Self {
            range: Some(range_of(range)),
            if_range,
            want_digest: false,
        }
    }

    /// The whole file, without a range.
    pub(crate) fn whole() -> Self {
        Self {
            range: None,
            if_range: None,
            want_digest: true,
        }
    }
}
