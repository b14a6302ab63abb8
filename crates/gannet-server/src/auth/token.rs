//! The token: 256 bits in a file that only its owner may read.

use std::io;
use std::path::Path;

use subtle::ConstantTimeEq as _;

use crate::error::ServeError;
use crate::private_file;
use crate::random::{self, SECRET_TEXT_LENGTH};

/// The token's file in the data folder, where no other was chosen.
pub const TOKEN_FILE_NAME: &str = "token";

/// More than a token needs.
const FILE_BYTES_MAX: u64 = 4096;

/// What a program shows.
pub(super) struct Token(String);

impl Token {
    /// Reads the token; makes one where there is no file.
    pub(super) fn open(path: &Path) -> Result<Self, ServeError> {
        let failed = |source| ServeError::File {
            path: path.to_owned(),
            source,
        };
        let made = random::secret_text()?;
        match private_file::create(path, format!("{made}\n").as_bytes()) {
            Ok(()) => return Ok(Self(made)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        if private_file::close_to_others(path).map_err(failed)? {
            tracing::warn!(path = %path.display(), "others could read the token file; they cannot any more");
        }
        read_token(path)
            .map_err(failed)?
            .map(Self)
            .ok_or_else(|| ServeError::Token {
                path: path.to_owned(),
            })
    }

    /// Whether `shown` is the token, in a time that tells nothing about how much of it is right.
    pub(super) fn is(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }
}

/// The token in a file; `None` where the file holds something else.
pub fn read_token(path: &Path) -> io::Result<Option<String>> {
    let text = private_file::read(path, FILE_BYTES_MAX)?;
    let token = text.trim();
    let is_token = token.len() == SECRET_TEXT_LENGTH && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(is_token.then(|| token.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_token_is_made_once_and_read_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let made = Token::open(&path).unwrap();
        let read = Token::open(&path).unwrap();
        assert!(made.is(&read.0));
        assert!(!made.is(""));
        assert!(!made.is(&"0".repeat(SECRET_TEXT_LENGTH)));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        Token::open(&path).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        Token::open(&path).unwrap();
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn a_file_without_a_token_is_no_open_door() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for content in ["", "\n", "hunter2"] {
            fs::write(&path, content).unwrap();
            assert!(
                matches!(Token::open(&path), Err(ServeError::Token { .. })),
                "{content:?}"
            );
        }
    }
}
