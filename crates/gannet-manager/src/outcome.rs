//! What an engine's error comes to: does it go on by itself, and what is a person told?

use std::io;

use gannet_engine::{Error, ErrorCode};
use gannet_schema::{Failure, FailureCode, WaitReason};

/// What an error comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Somebody stopped it.
    Stopped,
    /// It may pass: tried again, as often as the queue allows.
    MayPass(Failure),
    /// Something outside is missing; it goes on when that is back.
    Waits(WaitReason, Failure),
    /// It does not go on by itself.
    Fails(Failure),
}

/// What an error comes to. `new_address` says that the address was changed for bytes of another one.
pub(crate) fn outcome_of(error: &Error, new_address: bool) -> Outcome {
    let code = error.code();
    let failure = |code| Failure::new(code, error.to_string());
    match code {
        ErrorCode::Cancelled => Outcome::Stopped,
        ErrorCode::GaveOut => Outcome::MayPass(failure(FailureCode::GaveOut)),
        ErrorCode::TargetBusy => Outcome::MayPass(failure(FailureCode::TargetBusy)),
        ErrorCode::DiskFull => Outcome::Waits(WaitReason::DiskFull, failure(FailureCode::DiskFull)),
        ErrorCode::Disk if is_gone(error) => Outcome::Waits(WaitReason::DiskGone, failure(FailureCode::Disk)),
        ErrorCode::Changed if new_address => Outcome::Fails(Failure::new(
            FailureCode::OtherFile,
            "the new link leads to another file; what is there is kept",
        )),
        _ => Outcome::Fails(failure(code_of(error))),
    }
}

/// The word for it, where a command was refused by it.
pub(crate) fn failure_of(error: &Error) -> Failure {
    Failure::new(code_of(error), error.to_string())
}

fn code_of(error: &Error) -> FailureCode {
    match error.code() {
        ErrorCode::Refused => match error {
            Error::Refused {
                status: 401 | 407, ..
            } => FailureCode::Unauthorized,
            _ => FailureCode::Refused,
        },
        ErrorCode::InvalidRequest => FailureCode::InvalidRequest,
        ErrorCode::Expired => FailureCode::Expired,
        ErrorCode::GaveOut => FailureCode::GaveOut,
        ErrorCode::Redirect => FailureCode::Redirect,
        ErrorCode::Certificate => FailureCode::Certificate,
        ErrorCode::Changed => FailureCode::Changed,
        ErrorCode::Protocol => FailureCode::Protocol,
        ErrorCode::Integrity => FailureCode::Integrity,
        ErrorCode::TargetExists => FailureCode::TargetExists,
        ErrorCode::TargetBusy => FailureCode::TargetBusy,
        ErrorCode::DiskFull => FailureCode::DiskFull,
        ErrorCode::Disk => FailureCode::Disk,
        _ => FailureCode::Internal,
    }
}

/// Whether the disk, or the folder, is not there at all.
fn is_gone(error: &Error) -> bool {
    let Error::Disk { source, .. } = error else {
        return false;
    };
    is_gone_by(source)
}

/// Whether that is what the system says where a disk, or a folder, is not there at all.
pub(crate) fn is_gone_by(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::StaleNetworkFileHandle
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NotConnected
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(kind: io::ErrorKind) -> Error {
        Error::Disk {
            operation: "write",
            path: "/mnt/x".into(),
            source: kind.into(),
        }
    }

    #[test]
    fn what_may_come_back_waits_and_what_may_not_fails() {
        let full = outcome_of(&disk(io::ErrorKind::StorageFull), false);
        assert!(
            matches!(full, Outcome::Waits(WaitReason::DiskFull, _)),
            "{full:?}"
        );
        let gone = outcome_of(&disk(io::ErrorKind::NotFound), false);
        assert!(
            matches!(gone, Outcome::Waits(WaitReason::DiskGone, _)),
            "{gone:?}"
        );
        let denied = outcome_of(&disk(io::ErrorKind::PermissionDenied), false);
        assert!(
            matches!(
                denied,
                Outcome::Fails(Failure {
                    code: FailureCode::Disk,
                    ..
                })
            ),
            "{denied:?}"
        );
    }

    #[test]
    fn another_file_behind_a_new_link_is_told_from_a_change_at_the_source() {
        let changed = Error::Changed {
            url: "http://a/b".to_owned(),
            reason: "length".to_owned(),
            why: gannet_engine::WhyNotAnew::OtherAddress,
        };
        let code = |outcome| match outcome {
            Outcome::Fails(failure) => failure.code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code(outcome_of(&changed, false)), FailureCode::Changed);
        assert_eq!(code(outcome_of(&changed, true)), FailureCode::OtherFile);
    }

    #[test]
    fn who_is_asked_for_a_password_is_offered_to_give_one() {
        let refused = |status| {
            failure_of(&Error::Refused {
                url: "http://a/b".to_owned(),
                status,
            })
            .code
        };
        assert_eq!(refused(401), FailureCode::Unauthorized);
        assert_eq!(refused(404), FailureCode::Refused);
    }
}
