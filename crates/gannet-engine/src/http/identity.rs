//! Who we say we are: the values of `User-Agent` (RFC 9110 §10.1.5) to choose from, beside one's own.

/// The default: current Chrome on Windows, in the reduced form that it sends itself. Many servers refuse what they do
/// not know.
///
/// The one line to change when Chrome moves on.
pub const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/155.0.0.0 Safari/537.36";

/// Our own name.
pub const GANNET: &str = concat!("Gannet/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_are_header_values() {
        assert!(CHROME.contains(" Chrome/") && GANNET.starts_with("Gannet/"));
        for name in [CHROME, GANNET] {
            assert!(http::HeaderValue::from_str(name).is_ok(), "{name}");
        }
    }
}
