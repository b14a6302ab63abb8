//! What went wrong, and what mends it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a command was not carried out, or a download does not go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Failure {
    /// The machine's word; faces choose their words by it.
    pub code: FailureCode,
    /// What failed, on what, in English; without secrets.
    pub message: String,
    /// What mends it, where something does.
    pub remedy: Option<Remedy>,
}

impl Failure {
    /// A failure with the remedy that its code suggests.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            remedy: code.remedy(),
        }
    }
}

/// The machine's word for a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The request cannot be carried out (a bad address, an impossible option).
    InvalidRequest,
    /// No such download, queue or category.
    NotFound,
    /// The command does not fit where the download stands.
    WrongState,
    /// The folder is not beneath a configured one.
    OutsideRoots,
    /// A limit of the program is reached (downloads at all, links in a list).
    TooMany,
    /// The caller has not shown who he is.
    Unauthorized,
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
    /// The new link leads to another file.
    OtherFile,
    /// A fault of this program.
    Internal,
}

/// What mends a failure: the button in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Try again.
    Retry,
    /// Give a new address of the same file.
    NewLink,
    /// Choose another folder, or another name.
    OtherFolder,
    /// Free some space; it goes on by itself.
    FreeSpace,
    /// Drop what is there and fetch the new version.
    Restart,
    /// Say who asks.
    Credentials,
}

impl FailureCode {
    /// What usually mends it.
    pub const fn remedy(self) -> Option<Remedy> {
        Some(match self {
            Self::Refused | Self::Expired | Self::OtherFile | Self::Redirect => Remedy::NewLink,
            Self::GaveOut | Self::Protocol | Self::Certificate | Self::TargetBusy | Self::Internal => {
                Remedy::Retry
            }
            Self::Changed | Self::Integrity => Remedy::Restart,
            Self::TargetExists | Self::Disk => Remedy::OtherFolder,
            Self::DiskFull => Remedy::FreeSpace,
            Self::Unauthorized => Remedy::Credentials,
            Self::InvalidRequest | Self::NotFound | Self::WrongState | Self::OutsideRoots | Self::TooMany => {
                return None;
            }
        })
    }
}
