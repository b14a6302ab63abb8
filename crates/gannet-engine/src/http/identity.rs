//! Who we say we are.

/// The browser whose name opens doors: current Chrome on Windows, in the reduced form that it sends itself.
///
/// The one line to change when Chrome moves on.
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/155.0.0.0 Safari/537.36";

/// Our own name.
const GANNET: &str = concat!("Gannet/", env!("CARGO_PKG_VERSION"));

/// What is sent as `User-Agent` (RFC 9110 §10.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum UserAgent {
    /// Current Chrome on Windows: many servers refuse what they do not know.
    #[default]
    Browser,
    /// `Gannet/VERSION`.
    Gannet,
    /// The user's own words.
    Custom(String),
}

impl UserAgent {
    /// The value of the header. Of [`UserAgent::Custom`] nobody has checked yet that it can be one.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Browser => BROWSER,
            Self::Gannet => GANNET,
            Self::Custom(own) => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_we_look_like_a_browser() {
        assert!(UserAgent::default().as_str().contains(" Chrome/"));
        assert!(UserAgent::Gannet.as_str().starts_with("Gannet/0."));
        assert_eq!(UserAgent::Custom("own/1".to_owned()).as_str(), "own/1");
        for agent in [UserAgent::Browser, UserAgent::Gannet] {
            assert!(http::HeaderValue::from_str(agent.as_str()).is_ok());
        }
    }
}
