//! Reading the files in which users keep credentials: small ones, and of nothing but text.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A larger file is not a credential file but a mistake.
const CREDENTIAL_FILE_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Why a credential file cannot be used. It never quotes the file.
#[derive(Debug, thiserror::Error)]
pub enum CredentialFileError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is larger than any such file.
    #[error("{} is larger than 4 MiB, which no file of cookies or passwords is", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A line is not what it should be.
    #[error("{}, line {line}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// A line that cannot be understood, before it is known which file it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct MalformedLine {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Reads `path` and hands its text to `parse`. Blocks: not for the network's threads.
pub(crate) fn load<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, MalformedLine>,
) -> Result<T, CredentialFileError> {
    let unreadable = |source| CredentialFileError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(CREDENTIAL_FILE_MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > CREDENTIAL_FILE_MAX_BYTES {
        return Err(CredentialFileError::TooLarge {
            path: path.to_owned(),
        });
    }
    let text = String::from_utf8_lossy(&bytes);
    parse(text.strip_prefix('\u{feff}').unwrap_or(&text)).map_err(|MalformedLine { line, reason }| {
        CredentialFileError::Malformed {
            path: path.to_owned(),
            line,
            reason,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_file_and_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("netrc");
        std::fs::write(&path, "\u{feff}text").unwrap();
        assert_eq!(load(&path, |text| Ok(text.to_owned())).unwrap(), "text");
        let error = load(&path, |_| {
            Err::<(), _>(MalformedLine {
                line: 3,
                reason: "no",
            })
        })
        .unwrap_err();
        assert!(error.to_string().ends_with("netrc, line 3: no"), "{error}");
        let missing = load(&folder.path().join("missing"), |_| Ok(())).unwrap_err();
        assert!(
            matches!(missing, CredentialFileError::Unreadable { .. }),
            "{missing}"
        );
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film");
        File::create(&path)
            .unwrap()
            .set_len(CREDENTIAL_FILE_MAX_BYTES + 1)
            .unwrap();
        assert!(matches!(
            load(&path, |_| Ok(())),
            Err(CredentialFileError::TooLarge { .. })
        ));
    }
}
