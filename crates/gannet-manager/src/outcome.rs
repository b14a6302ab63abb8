//! What an engine's error comes to: does it go on by itself, and what is a person told?

use std::io;

use gannet_engine::{Error, ErrorCode};
use gannet_schema::{Failure, FailureCode, WaitReason};
#[cfg(unix)]
use rustix::io::Errno;

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
        ErrorCode::Disk if disk_said(error).is_some_and(is_gone_by) => {
            Outcome::Waits(WaitReason::DiskGone, failure(FailureCode::Disk))
        }
        ErrorCode::Disk if disk_said(error).is_some_and(may_be_going) => {
            Outcome::MayPass(failure(FailureCode::Disk))
        }
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

/// What the system said of the disk.
fn disk_said(error: &Error) -> Option<&io::Error> {
    match error {
        Error::Disk { source, .. } => Some(source),
        _ => None,
    }
}

/// Whether that is what the system says where a disk, or a folder, is not there at all.
pub(crate) fn is_gone_by(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::StaleNetworkFileHandle
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NotConnected
    ) || error.raw_os_error().is_some_and(|code| GONE.contains(&code))
}

/// Whether that is what the system says of a disk that is being pulled out, and of one that is broken: the next try,
/// which looks for the folder first, tells the one from the other.
fn may_be_going(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| GOING.contains(&code))
}

#[cfg(unix)]
const GONE: [i32; 2] = [Errno::NXIO.raw_os_error(), Errno::NODEV.raw_os_error()];
/// `ERROR_NOT_READY` and `ERROR_DEVICE_NOT_CONNECTED`.
#[cfg(windows)]
const GONE: [i32; 2] = [21, 1167];

#[cfg(unix)]
const GOING: [i32; 1] = [Errno::IO.raw_os_error()];
/// `ERROR_GEN_FAILURE` and `ERROR_IO_DEVICE`.
#[cfg(windows)]
const GOING: [i32; 2] = [31, 1117];

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

    #[cfg(unix)]
    #[test]
    fn a_disk_that_is_pulled_out_is_tried_again_and_waited_for() {
        let said = |errno: Errno| {
            let error = Error::Disk {
                operation: "write",
                path: "/mnt/x".into(),
                source: errno.into(),
            };
            outcome_of(&error, false)
        };
        let going = said(Errno::IO);
        assert!(
            matches!(
                going,
                Outcome::MayPass(Failure {
                    code: FailureCode::Disk,
                    ..
                })
            ),
            "{going:?}"
        );
        for errno in [Errno::NXIO, Errno::NODEV] {
            let gone = said(errno);
            assert!(
                matches!(gone, Outcome::Waits(WaitReason::DiskGone, _)),
                "{errno}: {gone:?}"
            );
        }
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
