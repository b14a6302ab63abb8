//! What went wrong, what to do about it, and the code to end with; for commands that talk to a server or are one.

use std::fmt::Display;
use std::io::{self, Write as _};

use gannet_schema::{Failure, FailureCode, Remedy};

use crate::exit::Exit;
use crate::format::plain;

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Trouble {
    what: String,
    hint: Option<String>,
    exit: Exit,
}

impl Trouble {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            exit,
        }
    }

    /// Something that the command line or the config file asks for and that cannot be.
    pub(crate) fn usage(what: impl Display) -> Self {
        Self::new(Exit::Usage, what.to_string())
    }

    /// Something that nobody foresaw.
    pub(crate) fn unexpected(what: impl Display) -> Self {
        Self::new(Exit::Unexpected, what.to_string())
    }

    /// With what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The status to end with.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Says it on standard error.
    pub(crate) fn tell(&self) -> Exit {
        let mut stderr = io::stderr().lock();
        // Nobody is left to tell where standard error is closed too.
        let _ = writeln!(stderr, "error: {}", plain(&self.what));
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "  {hint}");
        }
        self.exit
    }
}

impl From<gannet_engine::Error> for Trouble {
    fn from(error: gannet_engine::Error) -> Self {
        let trouble = Self::new(error.code().into(), error.to_string());
        match error.hint() {
            Some(hint) => trouble.hint(hint),
            None => trouble,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let trouble = Self::new(exit_of(failure.code), failure.message);
        match failure.remedy {
            Some(remedy) => trouble.hint(words(remedy)),
            None => trouble,
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Interrupted, "nobody reads the output any longer"),
            _ => Self::unexpected(error),
        }
    }
}

fn exit_of(code: FailureCode) -> Exit {
    match code {
        FailureCode::InvalidRequest
        | FailureCode::NotFound
        | FailureCode::WrongState
        | FailureCode::OutsideRoots
        | FailureCode::TooMany => Exit::Usage,
        FailureCode::GaveOut | FailureCode::Protocol => Exit::GaveOut,
        FailureCode::Unauthorized
        | FailureCode::Refused
        | FailureCode::Expired
        | FailureCode::Redirect
        | FailureCode::Certificate
        | FailureCode::OtherFile => Exit::Refused,
        FailureCode::DiskFull | FailureCode::Disk => Exit::Disk,
        FailureCode::Changed | FailureCode::Integrity => Exit::Integrity,
        FailureCode::TargetExists | FailureCode::TargetBusy => Exit::TargetExists,
        FailureCode::Internal => Exit::Unexpected,
    }
}

fn words(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Retry => "try again: gannet resume ID",
        Remedy::NewLink => "get a new address of the file",
        Remedy::OtherFolder => "choose another folder or name",
        Remedy::FreeSpace => "free some space; it goes on by itself",
        Remedy::Restart => "drop what is there, and fetch the new version",
        Remedy::Credentials => "say who asks",
    }
}
