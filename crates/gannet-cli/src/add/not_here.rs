//! Options of `gannet get` that a download in a list cannot have: known, so that it can be said what is there instead.

use clap::Args;

use crate::trouble::Trouble;

/// Options that are refused, with the reason.
// No Debug, as everything that is given on the command line.
#[derive(Args)]
pub(crate) struct NotHere {
    #[arg(long, hide = true, value_name = "FILE")]
    cacert: Vec<String>,
    #[arg(long, hide = true, value_name = "FILE")]
    cert: Option<String>,
    #[command(flatten)]
    switches: Switches,
    #[arg(long, hide = true, value_name = "DURATION")]
    connect_timeout: Option<String>,
    #[arg(long, hide = true, value_name = "DURATION")]
    retry_for: Option<String>,
    #[arg(short, long, hide = true, value_name = "N")]
    jobs: Option<String>,
}

#[derive(Args)]
struct Switches {
    #[arg(long, hide = true)]
    insecure: bool,
    #[arg(long, hide = true)]
    allow_downgrade: bool,
    #[arg(long, hide = true)]
    no_resume: bool,
    #[arg(long, hide = true)]
    sequential: bool,
}

const CERTIFICATES: &str = "only gannet get takes it: the server checks certificates as its system does";
const SETTING: &str = "it is one of the server's settings, for all its downloads";

impl NotHere {
    /// Says of the first one that was given why it cannot be.
    pub(super) fn refuse(&self) -> Result<(), Trouble> {
        let switches = &self.switches;
        let given = [
            ("--cacert", !self.cacert.is_empty(), CERTIFICATES),
            ("--cert", self.cert.is_some(), CERTIFICATES),
            ("--insecure", switches.insecure, CERTIFICATES),
            ("--allow-downgrade", switches.allow_downgrade, SETTING),
            ("--connect-timeout", self.connect_timeout.is_some(), SETTING),
            ("--retry-for", self.retry_for.is_some(), SETTING),
            (
                "--jobs",
                self.jobs.is_some(),
                "how many run at once is set for the server and each queue",
            ),
            (
                "--no-resume",
                switches.no_resume,
                "what is added begins at the first byte anyway",
            ),
            (
                "--sequential",
                switches.sequential,
                "only gannet get fetches from the front to the back",
            ),
        ];
        match given.iter().find(|(_, is_given, _)| *is_given) {
            Some((option, _, reason)) => {
                Err(Trouble::usage(format_args!("gannet add has no {option}")).hint(*reason))
            }
            None => Ok(()),
        }
    }
}
