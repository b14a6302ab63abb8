//! What is answered: a pure function of the profile, the request and the moment.
//!
//! First the right answer by RFC 9110 (§13.2.2 for the order of preconditions, §14 for ranges), then the faults.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::content::{Content, mix};
use crate::digests::{self, FileDigests};
use crate::lies;
use crate::profile::{Change, Dates, ETag, Fault, Profile, Ranges, Refusal, RetryAfter, When};
use crate::redirect::{Hops, Redirect, Target};
use crate::request::{RangeSpec, Request};
use crate::script::{End, Script};

/// The file as it is at the moment of an answer.
#[derive(Clone, Debug)]
pub(crate) struct File<'a> {
    /// Its bytes.
    pub(crate) content: Content,
    /// Which version of it, from 1.
    pub(crate) version: u64,
    /// Where the profile sends digests of the whole.
    pub(crate) digests: Option<&'a FileDigests>,
}

/// The moment of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Which answer of the site it is, from 1.
    pub(crate) answer: u64,
    /// The wall clock.
    pub(crate) now: SystemTime,
}

/// The addresses a redirect may lead to, without a trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) plain_port: u16,
    pub(crate) tls_port: Option<u16>,
}

/// The bytes of version `version` (from 1) of a profile's file.
pub(crate) fn content(seed: u64, version: u64, length: u64) -> Content {
    let seed = if version == 1 { seed } else { mix(seed, version) };
    Content::new(seed, length)
}

/// Which version the file has, by the profile alone.
pub(crate) fn version_by_profile(change: Change, answer: u64, since_start: Duration) -> u64 {
    match change {
        Change::AfterAnswers(answers) if answer > answers => 2,
        Change::After(time) if since_start >= time => 2,
        _ => 1,
    }
}

/// `401` where credentials are asked for and not given.
pub(crate) fn unauthorised(profile: &Profile, request: &Request) -> Option<Script> {
    let (user, password) = profile.basic_auth.as_ref()?;
    let expected = format!("Basic {}", BASE64.encode(format!("{user}:{password}")));
    (request.header("Authorization") != Some(&expected))
        .then(|| Script::text(401, "Who are you?\n").header("WWW-Authenticate", "Basic realm=\"origin\""))
}

/// The redirect that comes before the answer, where there is one. The hop is counted in the query.
pub(crate) fn redirected(profile: &Profile, request: &Request, addresses: &Addresses) -> Option<Script> {
    let redirect = profile.redirect.as_ref()?;
    let hop: u32 = request
        .query_value("hop")
        .and_then(|hop| hop.parse().ok())
        .unwrap_or(0);
    let next = match redirect.hops {
        Hops::Count(count) if hop >= count => return None,
        Hops::Count(_) => hop + 1,
        Hops::Loop => 1 + hop % 2,
    };
    let is_last = redirect.hops == Hops::Count(next);
    let base = if is_last {
        base(redirect, request, addresses)
    } else {
        String::new()
    };
    let token = profile
        .tokens
        .as_ref()
        .filter(|_| is_last)
        .map(|tokens| format!("&token={}", tokens.issue()));
    let location = format!("{base}{}?hop={next}{}", request.path, token.unwrap_or_default());
    Some(Script::text(redirect.status, "Elsewhere.\n").header("Location", location))
}

fn base(redirect: &Redirect, request: &Request, addresses: &Addresses) -> String {
    let own = request.header("Host").unwrap_or("127.0.0.1");
    let host = own.rsplit_once(':').map_or(own, |(host, _)| host);
    let tls_port = addresses.tls_port.unwrap_or(addresses.plain_port);
    match &redirect.to {
        Target::Same => String::new(),
        Target::Localhost => match request.scheme {
            crate::request::Scheme::Http => format!("http://localhost:{}", addresses.plain_port),
            crate::request::Scheme::Https => format!("https://localhost:{tls_port}"),
        },
        Target::Plain => format!("http://{host}:{}", addresses.plain_port),
        Target::Tls => format!("https://{host}:{tls_port}"),
        Target::Base(base) => base.clone(),
    }
}

/// The refusal as an answer.
pub(crate) fn refusal(refusal: &Refusal, now: SystemTime) -> Script {
    let script = Script::text(refusal.status, "Not now.\n");
    match &refusal.retry_after {
        RetryAfter::Absent => script,
        RetryAfter::Seconds(seconds) => script.header("Retry-After", seconds.to_string()),
        RetryAfter::Date(ahead) => script.header("Retry-After", httpdate::fmt_http_date(now + *ahead)),
        RetryAfter::Literal(text) => script.header("Retry-After", text),
    }
}

/// The answer to a request for the file, faults included.
pub(crate) fn answer(profile: &Profile, request: &Request, file: &File<'_>, moment: Moment) -> Script {
    let mut script = right_answer(profile, request, file, moment);
    for (index, (when, fault)) in profile.faults.iter().enumerate() {
        let chance = mix(mix(profile.seed, moment.answer), index as u64);
        if applies(*when, request, file.content.length(), moment.answer, chance) {
            apply(fault, &mut script, request, file, moment.now, mix(chance, 1));
        }
    }
    script
}

fn right_answer(profile: &Profile, request: &Request, file: &File<'_>, moment: Moment) -> Script {
    let length = file.content.length();
    let validators = Validators::of(profile, file, moment.now);
    if let Some(mut script) = validators.failed_precondition(request) {
        validators.add_to(&mut script);
        return script;
    }
    let announced = profile.ranges;
    let takes_ranges = match announced {
        Ranges::Honoured | Ranges::HonouredUnannounced => true,
        Ranges::Ignored | Ranges::Refused => false,
        Ranges::IgnoredAfter(answers) => moment.answer <= answers,
    };
    // A Range is for GET alone (RFC 9110 §14.2).
    let asked = request
        .range()
        .filter(|_| takes_ranges && request.method == "GET");
    let asked = asked.filter(|_| validators.if_range_holds(request));
    let mut script = match asked.map(|spec| spec.resolve(length)) {
        None => Script::new(200).content(file.content, 0..length),
        Some(Some(range)) => Script::partial(file.content, range),
        Some(None) => Script::text(416, "There is no such range.\n")
            .header("Content-Range", format!("bytes */{length}")),
    };
    if script.status != 416 {
        script.set_header("Content-Type", &profile.content_type);
        script.headers.extend(profile.headers.iter().cloned());
        script.framing = profile.framing;
        digests::add(&mut script, &profile.digests, file);
    }
    script.version = profile.http_version;
    match announced {
        Ranges::Honoured | Ranges::Ignored | Ranges::IgnoredAfter(_) => {
            script.set_header("Accept-Ranges", "bytes");
        }
        Ranges::Refused => script.set_header("Accept-Ranges", "none"),
        Ranges::HonouredUnannounced => {}
    }
    validators.add_to(&mut script);
    script
}

/// The validators of one version of the file (RFC 9110 §8.8).
struct Validators {
    etag: Option<String>,
    last_modified: Option<SystemTime>,
    date: SystemTime,
}

impl Validators {
    fn of(profile: &Profile, file: &File<'_>, now: SystemTime) -> Self {
        let tag = format!(
            "\"v{}-{:x}-{:x}\"",
            file.version,
            profile.seed,
            file.content.length()
        );
        let etag = match &profile.etag {
            ETag::Strong => Some(tag),
            ETag::Weak => Some(format!("W/{tag}")),
            ETag::None => None,
            ETag::Literal(text) => Some(text.clone()),
        };
        let modified = SystemTime::UNIX_EPOCH + FIRST_MODIFIED + Duration::from_secs(3600 * file.version);
        let (last_modified, date) = match profile.dates {
            Dates::LongAgo => (Some(modified), now),
            Dates::Apart(distance) => (Some(modified), modified + distance),
            Dates::NoLastModified => (None, now),
        };
        Self {
            etag,
            last_modified,
            date,
        }
    }

    fn add_to(&self, script: &mut Script) {
        script.set_header("Date", httpdate::fmt_http_date(self.date));
        if let Some(etag) = &self.etag {
            script.set_header("ETag", etag);
        }
        if let Some(modified) = self.last_modified {
            script.set_header("Last-Modified", httpdate::fmt_http_date(modified));
        }
    }

    /// The strong entity tag, if it is one.
    fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }

    /// `If-Range` compares strongly, and a date exactly (RFC 9110 §13.1.5).
    fn if_range_holds(&self, request: &Request) -> bool {
        let Some(condition) = request.header("If-Range") else {
            return true;
        };
        if condition.contains('"') {
            return self.strong_etag() == Some(condition);
        }
        let Ok(date) = httpdate::parse_http_date(condition) else {
            return false;
        };
        let is_strong = self
            .last_modified
            .is_some_and(|modified| modified + Duration::from_secs(1) <= self.date);
        is_strong && self.last_modified == Some(date)
    }

    /// `412` or `304`, in the order of RFC 9110 §13.2.2.
    fn failed_precondition(&self, request: &Request) -> Option<Script> {
        if let Some(condition) = request.header("If-Match") {
            let strong = self.strong_etag();
            if condition != "*" && !tags(condition).any(|tag| Some(tag) == strong) {
                return Some(Script::text(412, "It is another one by now.\n"));
            }
        } else if let Some(condition) = request.header("If-Unmodified-Since")
            && let Ok(date) = httpdate::parse_http_date(condition)
            && self.last_modified.is_some_and(|modified| modified > date)
        {
            return Some(Script::text(412, "It is another one by now.\n"));
        }
        if let Some(condition) = request.header("If-None-Match") {
            let own = self.etag.as_deref().map(|etag| etag.trim_start_matches("W/"));
            let matches = tags(condition).any(|tag| Some(tag.trim_start_matches("W/")) == own);
            return (condition == "*" || matches).then(|| Script::new(304));
        }
        let condition = request.header("If-Modified-Since")?;
        let date = httpdate::parse_http_date(condition).ok()?;
        self.last_modified
            .is_some_and(|modified| modified <= date)
            .then(|| Script::new(304))
    }
}

fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

fn applies(when: When, request: &Request, length: u64, answer: u64, chance: u64) -> bool {
    match when {
        When::Always => true,
        When::First(answers) => answer <= answers,
        When::After(answers) => answer > answers,
        When::Only(number) => answer == number,
        When::Every(n) => n > 0 && answer.is_multiple_of(n),
        When::EveryConnection(n) => n > 0 && request.connection.is_multiple_of(n),
        When::MidFile => match request.range() {
            Some(RangeSpec::FromTo(first, _) | RangeSpec::From(first)) => first > 0,
            Some(RangeSpec::Last(bytes)) => bytes < length,
            None => false,
        },
        When::Covering(offset) => request
            .range()
            .and_then(|spec| spec.resolve(length))
            .is_some_and(|range| range.contains(&offset)),
        When::Chance(probability) => (chance as f64) < probability * u64::MAX as f64,
    }
}

/// `random` is uniform over all of `u64`.
fn apply(
    fault: &Fault,
    script: &mut Script,
    request: &Request,
    file: &File<'_>,
    now: SystemTime,
    random: u64,
) {
    let somewhere = |script: &Script| match script.body_bytes() {
        0 => 0,
        bytes => random % bytes,
    };
    match fault {
        Fault::Slow { bytes_per_s } => script.rate_bytes_per_s = Some(*bytes_per_s),
        Fault::Late(delay) => script.delay += *delay,
        Fault::SilentBeforeHeaders => script.end = End::SilentBeforeHeaders,
        Fault::SilentAfterHeaders => script.end = End::SilentAfter(0),
        Fault::SilentAfter(bytes) => script.end = End::SilentAfter(*bytes),
        Fault::ResetBeforeHeaders => script.end = End::ResetBeforeHeaders,
        Fault::ResetAfter(bytes) => script.end = End::ResetAfter(*bytes),
        Fault::CutAfter(bytes) => script.end = End::CutAfter(*bytes),
        Fault::CutSomewhere => script.end = End::CutAfter(somewhere(script)),
        Fault::ResetSomewhere => script.end = End::ResetAfter(somewhere(script)),
        Fault::CloseAfter => script.end = End::CompleteThenCloseUnannounced,
        Fault::CompleteWithoutCloseNotify => script.end = End::CompleteWithoutCloseNotify,
        Fault::CutWithoutCloseNotify(bytes) => script.end = End::CutWithoutCloseNotify(*bytes),
        Fault::Refuse(how) => *script = refusal(how, now),
        Fault::Status(status) => *script = Script::text(*status, "This is not the file.\n"),
        Fault::PreconditionFailed => *script = Script::text(412, "It is another one by now.\n"),
        Fault::NotSatisfiable { complete } => {
            *script = Script::text(416, "There is no such range.\n");
            if let Some(complete) = complete {
                script.set_header("Content-Range", format!("bytes */{complete}"));
            }
        }
        Fault::Html => {
            *script = Script::new(200)
                .header("Content-Type", "text/html; charset=utf-8")
                .bytes(LOGIN_PAGE);
        }
        Fault::Range(lie) => lies::apply(lie, script, request, file.content),
        Fault::Framing(framing) => script.framing = *framing,
        Fault::ETag(text) => script.set_header("ETag", text),
        Fault::Header(name, value) => script.set_header(name, value),
        Fault::EarlyHints(name, value) => {
            script.preamble = format!("HTTP/1.1 103 Early Hints\r\n{name}: {value}\r\n\r\n").into_bytes();
        }
        Fault::Corrupt(offset) => lies::corrupt(script, *offset),
        Fault::OtherBytes => lies::replace_content(script, content(!random, 1, file.content.length())),
    }
}

const LOGIN_PAGE: &str = "<!doctype html><html><head><title>Sign in</title></head><body><form>Please sign in to \
    continue.</form></body></html>\n";

/// 2024-01-01T00:00:00Z.
const FIRST_MODIFIED: Duration = Duration::from_hours(473_352);
