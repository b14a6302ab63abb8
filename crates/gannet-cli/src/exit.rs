//! The codes that `gannet` ends with. `docs/cli.md` lists them for users.

use std::process::ExitCode;

use gannet_engine::ErrorCode;

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Done,
    /// A fault of this program, or of something that nobody foresaw.
    Unexpected,
    /// The command line asks for something that cannot be.
    Usage,
    /// Server or network gave out; trying again later may help.
    GaveOut,
    /// Refused for good: trying again does not help.
    Refused,
    /// The disk failed or is full.
    Disk,
    /// The bytes are not the right ones.
    Integrity,
    /// The target exists, or is held by another transfer.
    TargetExists,
    /// No server runs, or it does not answer.
    NoServer,
    /// The user stopped it, or who read its output went away.
    Interrupted,
}

impl Exit {
    /// The process's exit status.
    pub(crate) const fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::GaveOut => 3,
            Self::Refused => 4,
            Self::Disk => 5,
            Self::Integrity => 6,
            Self::TargetExists => 7,
            Self::NoServer => 8,
            Self::Interrupted => 130,
        }
    }
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidRequest => Self::Usage,
            ErrorCode::GaveOut | ErrorCode::Protocol => Self::GaveOut,
            ErrorCode::Refused | ErrorCode::Expired | ErrorCode::Redirect | ErrorCode::Certificate => {
                Self::Refused
            }
            ErrorCode::DiskFull | ErrorCode::Disk => Self::Disk,
            ErrorCode::Changed | ErrorCode::Integrity => Self::Integrity,
            ErrorCode::TargetExists | ErrorCode::TargetBusy => Self::TargetExists,
            ErrorCode::Cancelled => Self::Interrupted,
            // Internal, and what a later engine may add.
            _ => Self::Unexpected,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../../docs/cli.md");

    /// Every code there is, and the status it ends with.
    const TABLE: [(ErrorCode, u8); 15] = [
        (ErrorCode::InvalidRequest, 2),
        (ErrorCode::Refused, 4),
        (ErrorCode::Expired, 4),
        (ErrorCode::GaveOut, 3),
        (ErrorCode::Redirect, 4),
        (ErrorCode::Certificate, 4),
        (ErrorCode::Changed, 6),
        (ErrorCode::Protocol, 3),
        (ErrorCode::Integrity, 6),
        (ErrorCode::TargetExists, 7),
        (ErrorCode::TargetBusy, 7),
        (ErrorCode::DiskFull, 5),
        (ErrorCode::Disk, 5),
        (ErrorCode::Cancelled, 130),
        (ErrorCode::Internal, 1),
    ];

    #[test]
    fn every_error_code_has_its_exit_status() {
        for (code, status) in TABLE {
            assert_eq!(Exit::from(code).status(), status, "{code}");
        }
    }

    #[test]
    fn the_manual_lists_each_error_code_beside_its_status() {
        for (code, status) in TABLE {
            let row = MANUAL
                .lines()
                .find(|line| line.starts_with(&format!("| {status} |")))
                .unwrap_or_else(|| panic!("docs/cli.md has no row for {status}"));
            assert!(row.contains(&format!("`{code}`")), "{code} is missing in: {row}");
        }
    }
}
