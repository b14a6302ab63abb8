//! Texts that nobody guesses.

use std::fmt::Write as _;

/// 256 bits.
const BYTES: usize = 32;
/// How long such a text is.
pub(crate) const SECRET_TEXT_LENGTH: usize = BYTES * 2;

/// 256 random bits of the system's, in hexadecimal.
///
/// # Errors
/// Where the system has no randomness to give.
pub(crate) fn secret_text() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// In hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_comes_twice() {
        let (one, other) = (secret_text().unwrap(), secret_text().unwrap());
        assert_eq!(one.len(), SECRET_TEXT_LENGTH);
        assert_ne!(one, other);
    }
}
