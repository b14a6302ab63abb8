//! What can go wrong, on what, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a transfer ended without its file. What is kept of it is told by [`crate::Event::Kept`].
///
/// URLs in it bear neither userinfo nor query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request itself cannot be carried out (a bad URL, an impossible option).
    #[error("{what}")]
    InvalidRequest {
        /// What is wrong with it.
        what: String,
    },

    /// The server said no, for good.
    #[error("{url} was refused: {status}")]
    Refused {
        /// Which URL.
        url: String,
        /// The status line's code.
        status: u16,
    },

    /// The link worked before and does no longer; a new link goes on where this one stopped.
    #[error("the link to {url} has expired ({status})")]
    Expired {
        /// Which URL.
        url: String,
        /// The status line's code.
        status: u16,
    },

    /// No source delivered a byte for as long as the request allowed.
    #[error("nothing came from {url}: {reason}")]
    GaveOut {
        /// Which URL.
        url: String,
        /// The last thing that went wrong.
        reason: String,
    },

    /// A redirect that must not be followed.
    #[error("{reason}")]
    Redirect {
        /// Why, naming the hops.
        reason: String,
    },

    /// No TLS connection that both sides trust.
    #[error("no trusted connection to {url}: {reason}")]
    Certificate {
        /// Which URL.
        url: String,
        /// What the verifier said, or the server of the client's certificate.
        reason: String,
    },

    /// The file on the server is not the one that was begun, and the request says to fail then.
    #[error("the file at {url} changed while it was being downloaded: {reason}")]
    Changed {
        /// Which URL.
        url: String,
        /// How that was seen.
        reason: String,
        /// Why the new one is not begun.
        why: WhyNotAnew,
    },

    /// The server contradicts itself so that no correct file can come out of it.
    #[error("{url} answers in a way that cannot be right: {reason}")]
    Protocol {
        /// Which URL.
        url: String,
        /// What it did.
        reason: String,
    },

    /// All bytes came, and they are not the right ones. The part file was set aside.
    #[error("{digest} does not match: expected {expected}, the file has {actual}{}", Kept(set_aside.as_deref()))]
    Integrity {
        /// The algorithm.
        digest: String,
        /// The digest given or found.
        expected: String,
        /// The digest of what came.
        actual: String,
        /// Where the rejected bytes are now, if anywhere.
        set_aside: Option<PathBuf>,
    },

    /// A file bears the target's name and may not be replaced.
    #[error("{} exists already", path.display())]
    TargetExists {
        /// The target.
        path: PathBuf,
    },

    /// Another transfer is at work on this target.
    #[error("{} is being downloaded by {}", path.display(), holder.as_deref().unwrap_or("another process"))]
    TargetBusy {
        /// The target.
        path: PathBuf,
        /// Who holds it, where the system tells.
        holder: Option<String>,
    },

    /// The disk failed.
    #[error("cannot {operation} {}: {source}", path.display())]
    Disk {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The caller cancelled the transfer.
    #[error("cancelled")]
    Cancelled,

    /// A fault of this program.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Why a file that changed at its source is not simply begun anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyNotAnew {
    /// The request says to fail then.
    NotWanted,
    /// It was, and then it changed again.
    ChangedAgain,
    /// It is another file, at an address that the caller gave for this one.
    OtherAddress,
    /// Some of it was handed on already, and cannot be taken back.
    HandedOn,
}

/// The machine's word for an [`Error`]; faces key on it, never on the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The request cannot be carried out.
    InvalidRequest,
    /// The server refused for good.
    Refused,
    /// The link expired.
    Expired,
    /// Server or network gave out.
    GaveOut,
    /// A redirect that must not be followed.
    Redirect,
    /// The certificate cannot be trusted.
    Certificate,
    /// The file changed at the source.
    Changed,
    /// The server contradicts itself.
    Protocol,
    /// A digest does not match.
    Integrity,
    /// The target exists.
    TargetExists,
    /// The target is held by another transfer.
    TargetBusy,
    /// No space left.
    DiskFull,
    /// Any other failure of the disk.
    Disk,
    /// Cancelled.
    Cancelled,
    /// A fault of this program.
    Internal,
}

impl ErrorCode {
    /// The code as it crosses a process: `snake_case`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::GaveOut => "gave_out",
            Self::Redirect => "redirect",
            Self::Certificate => "certificate",
            Self::Changed => "changed",
            Self::Protocol => "protocol",
            Self::Integrity => "integrity",
            Self::TargetExists => "target_exists",
            Self::TargetBusy => "target_busy",
            Self::DiskFull => "disk_full",
            Self::Disk => "disk",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// The machine's word for it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidRequest { .. } => ErrorCode::InvalidRequest,
            Self::Refused { .. } => ErrorCode::Refused,
            Self::Expired { .. } => ErrorCode::Expired,
            Self::GaveOut { .. } => ErrorCode::GaveOut,
            Self::Redirect { .. } => ErrorCode::Redirect,
            Self::Certificate { .. } => ErrorCode::Certificate,
            Self::Changed { .. } => ErrorCode::Changed,
            Self::Protocol { .. } => ErrorCode::Protocol,
            Self::Integrity { .. } => ErrorCode::Integrity,
            Self::TargetExists { .. } => ErrorCode::TargetExists,
            Self::TargetBusy { .. } => ErrorCode::TargetBusy,
            Self::Disk { source, .. } if is_full(source) => ErrorCode::DiskFull,
            Self::Disk { .. } => ErrorCode::Disk,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// Whether it speaks of one address of the file, so that another may do better.
    pub(crate) fn is_of_source(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Expired { .. }
                | Self::GaveOut { .. }
                | Self::Redirect { .. }
                | Self::Certificate { .. }
                | Self::Protocol { .. }
        )
    }

    /// Whether the same request may end well another time, and then goes on from what is kept.
    pub fn may_go_on(&self) -> bool {
        match self {
            Self::Disk { source, .. } => !is_too_large(source),
            _ => matches!(self.code(), ErrorCode::Expired | ErrorCode::GaveOut),
        }
    }

    /// What a person can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.code() {
            ErrorCode::Refused => return Some(self.hint_to_refusal()),
            ErrorCode::Changed => return Some(self.hint_to_change()),
            ErrorCode::Expired => "Get a new link, and save it to the same file (-o).",
            ErrorCode::GaveOut => "Run the same command again later.",
            ErrorCode::Redirect => "Follow the link in a browser, and use the address it ends at.",
            ErrorCode::Certificate => {
                "Check the address and the clock; --cacert gives a private authority, --cert your own certificate."
            }
            ErrorCode::Protocol => "Try again with one connection (-x 1), or from another mirror.",
            ErrorCode::Integrity => "Compare the digest with the publisher's; then fetch the file again.",
            ErrorCode::TargetExists => {
                "Choose another name (-o), or --overwrite, --rename or --skip-existing."
            }
            ErrorCode::TargetBusy => "Wait for the other download, or choose another name (-o).",
            ErrorCode::DiskFull => "Free some space, and run the same command again.",
            ErrorCode::Disk if matches!(self, Self::Disk { source, .. } if is_too_large(source)) => {
                "Choose a folder on another file system (-d): FAT32, for one, ends at 4 GiB a file."
            }
            ErrorCode::Disk => {
                "Check that the folder exists and may be written, and run the same command again."
            }
            ErrorCode::InvalidRequest | ErrorCode::Cancelled | ErrorCode::Internal => return None,
        })
    }

    fn hint_to_refusal(&self) -> &'static str {
        match self {
            // 404 too: many a server hides what it will not give.
            Self::Refused {
                status: 401 | 403 | 404,
                ..
            } => "Check the link in a browser; it may need a login (--user, --cookies, --header).",
            Self::Refused { status: 407, .. } => {
                "The proxy wants a login: --proxy http://NAME:PASSWORD@HOST:PORT."
            }
            Self::Refused { status: 410, .. } => "The file is gone for good; look for another link.",
            _ => "Check the link in a browser.",
        }
    }

    fn hint_to_change(&self) -> &'static str {
        match self {
            Self::Changed {
                why: WhyNotAnew::ChangedAgain,
                ..
            } => "Somebody is at work on it: run the same command again when that is over.",
            Self::Changed {
                why: WhyNotAnew::OtherAddress,
                ..
            } => "Give an address of the same file, or begin that one as a download of its own.",
            Self::Changed {
                why: WhyNotAnew::HandedOn,
                ..
            } => "Run the same command again from its beginning, or download into a file (-o).",
            _ => "Run again with --on-change restart to fetch the new version.",
        }
    }

    pub(crate) fn disk(operation: &'static str, path: PathBuf, source: io::Error) -> Self {
        let source = if is_too_large(&source) {
            io::Error::new(source.kind(), "the file system cannot hold a file this large")
        } else {
            source
        };
        Self::Disk {
            operation,
            path,
            source,
        }
    }
}

/// Where rejected bytes are, at the end of a sentence.
struct Kept<'a>(Option<&'a Path>);

impl fmt::Display for Kept<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "; what came is kept in {}", path.display()),
            None => Ok(()),
        }
    }
}

/// Whether the system says that no space is left, or the quota is used up.
fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Whether the system says that no file may be as large as this.
fn is_too_large(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_for_its_file_system_is_no_full_disk() {
        let path = PathBuf::from("big.iso.part");
        let error = Error::disk("make room for", path.clone(), io::ErrorKind::FileTooLarge.into());
        assert_eq!(error.code(), ErrorCode::Disk);
        assert!(!error.may_go_on(), "no other day makes it smaller");
        let said = error.to_string();
        assert!(said.contains("cannot hold a file this large"), "{said}");
        assert!(error.hint().unwrap().contains("another file system"));
        let full = Error::disk("make room for", path, io::ErrorKind::StorageFull.into());
        assert_eq!(full.code(), ErrorCode::DiskFull);
        assert!(full.may_go_on());
    }

    #[test]
    fn who_asked_for_a_new_beginning_is_not_told_to_ask_for_it() {
        let hint = |why| {
            let (url, reason) = ("http://a/b".to_owned(), "length".to_owned());
            Error::Changed { url, reason, why }.hint().unwrap()
        };
        assert!(hint(WhyNotAnew::NotWanted).contains("--on-change restart"));
        for why in [
            WhyNotAnew::ChangedAgain,
            WhyNotAnew::OtherAddress,
            WhyNotAnew::HandedOn,
        ] {
            assert!(!hint(why).contains("--on-change"), "{why:?}");
        }
    }
}
