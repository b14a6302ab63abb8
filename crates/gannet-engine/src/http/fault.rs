//! Why a request brought no answer, told from what the HTTP library reports.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::proxy::{NamedBy, ProxyInUse};

/// Names in a certificate that are repeated; some are for hundreds.
const NAMES_SHOWN_MAX: usize = 4;

/// Why there is no answer, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// In words, without any URL.
    pub(crate) reason: String,
}

/// What to make of a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The host turned the connection away, or broke it before it answered.
    Rejected,
    /// There is no way to any host now.
    NetworkMissing,
    /// There is no way to this host.
    Unreachable,
    /// The name means nothing.
    UnknownHost,
    /// The certificate cannot be trusted, or ours is not.
    Certificate,
    /// The host speaks no protocol that was offered.
    NoCommonProtocol,
    /// It took too long.
    TimedOut,
    /// The connection broke in the middle, or what came was not HTTP.
    Broken,
}

impl FaultKind {
    /// Whether somebody was reached: then the network is there.
    pub(crate) fn shows_a_network(self) -> bool {
        match self {
            Self::Rejected | Self::Certificate | Self::NoCommonProtocol | Self::Broken => true,
            Self::NetworkMissing | Self::Unreachable | Self::UnknownHost | Self::TimedOut => false,
        }
    }

    /// Whether nobody answered at all: another address may well do.
    pub(crate) fn is_out_of_reach(self) -> bool {
        match self {
            Self::NetworkMissing
            | Self::Unreachable
            | Self::UnknownHost
            | Self::TimedOut
            | Self::Rejected => true,
            Self::Certificate | Self::NoCommonProtocol | Self::Broken => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Fault {
    /// A request was sent, and no answer came for too long.
    pub(crate) fn unanswered() -> Self {
        Self {
            kind: FaultKind::TimedOut,
            reason: "the request was not answered".to_owned(),
        }
    }

    /// The same, where there was no answer through this proxy: the host alone is not to blame.
    pub(super) fn at_proxy(self, proxy: &ProxyInUse) -> Self {
        let Self { kind, reason } = self;
        let reason = match kind {
            FaultKind::Rejected | FaultKind::Unreachable => reason.replacen("the host", "the proxy", 1),
            _ => reason,
        };
        let authority = &proxy.authority;
        let reason = match proxy.named_by {
            NamedBy::Caller => format!("{reason}; it goes through the proxy {authority}: check --proxy"),
            NamedBy::Environment => format!(
                "{reason}; it goes through the proxy {authority}, which the environment names: \
                 check http_proxy, https_proxy and all_proxy, or go without by --proxy direct"
            ),
        };
        Self { kind, reason }
    }

    /// The same, at a host that redirects led to.
    pub(super) fn after_redirect_to(self, authority: &str) -> Self {
        let Self { kind, reason } = self;
        let reason = format!("{reason}; that is {authority}, where it redirects to");
        Self { kind, reason }
    }

    /// The same, on a machine that has no network: then it is not the host's failure.
    pub(super) fn without_network(self) -> Self {
        match self.kind {
            FaultKind::Unreachable => Self {
                kind: FaultKind::NetworkMissing,
                reason: self
                    .reason
                    .replacen("there is no way to the host", "there is no network", 1),
            },
            _ => self,
        }
    }

    /// What the HTTP library's error means.
    pub(crate) fn from_reqwest(error: &reqwest::Error) -> Self {
        let kind = kind_of(error);
        // The outermost text of the library repeats the URL, with its secrets; the innermost says what happened.
        let innermost = sources(error)
            .last()
            .map_or_else(|| "no answer".to_owned(), ToString::to_string);
        let reason = match kind {
            FaultKind::Rejected => format!("the host turned the connection away ({innermost})"),
            FaultKind::NetworkMissing => format!("there is no network ({innermost})"),
            FaultKind::Unreachable => format!("there is no way to the host ({innermost})"),
            FaultKind::UnknownHost => "there is no host of this name".to_owned(),
            FaultKind::TimedOut => "it took too long to connect".to_owned(),
            FaultKind::NoCommonProtocol => "the host offers no protocol that is known here".to_owned(),
            FaultKind::Certificate if is_alert(error) => {
                format!("the host wants a client certificate that it trusts ({innermost})")
            }
            FaultKind::Certificate => certificate_in(error).map_or(innermost, in_words),
            FaultKind::Broken => format!("the connection broke ({innermost})"),
        };
        Self { kind, reason }
    }
}

fn kind_of(error: &reqwest::Error) -> FaultKind {
    let unanswered = error.is_connect() || error.is_request();
    for source in sources(error) {
        if let Some(tls) = source.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(_) => FaultKind::Certificate,
                rustls::Error::AlertReceived(alert) if is_about_our_certificate(*alert) => {
                    FaultKind::Certificate
                }
                rustls::Error::NoApplicationProtocol
                | rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
                    FaultKind::NoCommonProtocol
                }
                _ => FaultKind::Broken,
            };
        }
        if let Some(io) = source.downcast_ref::<io::Error>() {
            if io
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync + 'static>::is::<rustls::Error>)
            {
                continue;
            }
            if let Some(kind) = kind_of_io(io, unanswered) {
                return kind;
            }
        }
    }
    let text = sources(error)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    if text.contains("failed to lookup address") || text.contains("dns error") {
        return kind_of_lookup(&text);
    }
    match error {
        _ if error.is_timeout() => FaultKind::TimedOut,
        _ if error.is_connect() => FaultKind::Rejected,
        _ => FaultKind::Broken,
    }
}

/// What is wrong with a certificate.
fn certificate_in(error: &reqwest::Error) -> Option<&CertificateError> {
    sources(error).find_map(|source| match source.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::InvalidCertificate(error)) => Some(error),
        _ => None,
    })
}

fn in_words(error: &CertificateError) -> String {
    use CertificateError as Wrong;
    match error {
        Wrong::Expired | Wrong::ExpiredContext { .. } => "its certificate has expired".to_owned(),
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
            "its certificate is not valid yet".to_owned()
        }
        Wrong::Revoked => "its certificate was revoked".to_owned(),
        Wrong::UnknownIssuer => "nobody who is trusted here vouches for its certificate".to_owned(),
        Wrong::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names = presented[..presented.len().min(NAMES_SHOWN_MAX)].join(", ");
            format!("its certificate is for other names ({names})")
        }
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
            "its certificate is for another name".to_owned()
        }
        Wrong::InvalidPurpose | Wrong::InvalidPurposeContext { .. } => {
            "its certificate is not one for servers".to_owned()
        }
        Wrong::BadEncoding | Wrong::BadSignature => "its certificate is damaged".to_owned(),
        // As those are that `openssl req -x509` makes.
        Wrong::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate vouches for itself, and nobody who is trusted here does".to_owned()
        }
        other => format!("its certificate cannot be trusted ({other})"),
    }
}

fn is_alert(error: &reqwest::Error) -> bool {
    sources(error).any(|source| {
        matches!(
            source.downcast_ref::<rustls::Error>(),
            Some(rustls::Error::AlertReceived(_))
        )
    })
}

/// What a server says where it wants another certificate of ours than it got, or any (RFC 8446 §6.2).
fn is_about_our_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}

fn kind_of_io(error: &io::Error, unanswered: bool) -> Option<FaultKind> {
    use io::ErrorKind as Kind;
    match error.kind() {
        // Of one host, as far as this tells: it may have an address of a kind that there is no way to from here.
        Kind::NetworkUnreachable | Kind::HostUnreachable | Kind::NetworkDown => Some(FaultKind::Unreachable),
        Kind::TimedOut => Some(FaultKind::TimedOut),
        Kind::ConnectionRefused => Some(FaultKind::Rejected),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe if unanswered => {
            Some(FaultKind::Rejected)
        }
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
            Some(FaultKind::Broken)
        }
        _ => None,
    }
}

/// The resolver says in words alone whether the name is unknown or nobody could be asked. The latter is the usual sign of a
/// line that is down behind a router that is not, so it is taken for that, though a way out of the machine is known.
fn kind_of_lookup(text: &str) -> FaultKind {
    let nobody_to_ask = [
        "Temporary failure",
        "try again",
        "Try again",
        "nodename nor servname provided, or not known (offline)",
    ];
    if nobody_to_ask.iter().any(|words| text.contains(words)) {
        FaultKind::NetworkMissing
    } else {
        FaultKind::UnknownHost
    }
}

/// The error's sources, the outermost first, without the error itself. What an `io::Error` wraps is among them.
fn sources<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next: Option<&'a (dyn StdError + 'static)> = error.source();
    std::iter::from_fn(move || {
        let current = next?;
        next = match current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => current.source(),
        };
        Some(current)
    })
}
