//! The arguments of `gannet get`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use gannet_engine::{OnChange, OnExisting, Order, Resume};

use crate::units::{Limit, parse_patience, parse_rate};

/// Arguments of `gannet get`.
// No Debug: passwords and tokens are among the arguments.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct GetArguments {
    /// Addresses to download, http or https; each is one file
    #[arg(value_name = "URL", required_unless_present = "input_file")]
    pub(crate) urls: Vec<String>,

    /// Read addresses from FILE, `-` for standard input
    ///
    /// One file a line; several addresses on one line, apart by tabs, are mirrors of one file. Blank lines and
    /// lines that begin with # are skipped. Indented lines below an address set options of that file: out=,
    /// dir=, checksum=, header=, referer=.
    #[arg(short, long, value_name = "FILE", help_heading = TARGET, conflicts_with_all = ["output", "mirror", "checksum"])]
    pub(crate) input_file: Option<PathBuf>,

    /// Save as FILE instead of the name that the server gives; `-` streams to standard output
    #[arg(short, long, value_name = "FILE", help_heading = TARGET)]
    pub(crate) output: Option<PathBuf>,

    /// Save in DIR, made where it is missing [default: the current folder]
    ///
    /// With `-o -` it says where the temporary copy lies; the system's temporary folder by default.
    #[arg(short, long, value_name = "DIR", help_heading = TARGET)]
    pub(crate) dir: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) existing: ExistingArguments,

    /// What to do when the file on the server is no longer the one that was begun
    #[arg(long, value_name = "CHOICE", default_value = "restart", help_heading = TARGET)]
    pub(crate) on_change: OnChangeChoice,

    /// Start from the first byte, and drop what an earlier run left
    #[arg(long, help_heading = TARGET)]
    pub(crate) no_resume: bool,

    /// Connections for each file, 1 to 64
    #[arg(
        short = 'x',
        long,
        value_name = "N",
        default_value_t = gannet_engine::CONNECTIONS_DEFAULT,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(gannet_engine::CONNECTIONS_MAX)),
        help_heading = SPEED
    )]
    pub(crate) connections: u32,

    /// Files at once, 1 to 64
    #[arg(
        short,
        long,
        value_name = "N",
        default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(1..=64),
        help_heading = SPEED
    )]
    pub(crate) jobs: u32,

    /// At most RATE bytes per second for all files together: 500k, 5M, 1.5Gi; 0 is no limit
    ///
    /// k, M, G and T are powers of 1000; Ki, Mi, Gi and Ti are powers of 1024.
    #[arg(long, value_name = "RATE", value_parser = parse_rate, help_heading = SPEED)]
    pub(crate) limit: Option<Limit>,

    /// Fetch from the front to the back, for watching while it arrives
    #[arg(long, help_heading = SPEED)]
    pub(crate) sequential: bool,

    /// Another address of the same file; may be given several times
    #[arg(long, value_name = "URL", help_heading = SPEED)]
    pub(crate) mirror: Vec<String>,

    /// The digest that the file must have: sha256, sha512, sha1, md5, blake3 or crc32c, a colon, and hex digits
    ///
    /// May be given several times; all must agree, and so must the digests in the server's answer.
    #[arg(long, value_name = "ALGO:HEX", help_heading = TRUST)]
    pub(crate) checksum: Vec<String>,

    /// Trust the certificate authorities in FILE (PEM) too; may be given several times
    #[arg(long, value_name = "FILE", help_heading = TRUST)]
    pub(crate) cacert: Vec<PathBuf>,

    /// Show the client certificate and key in FILE (PEM)
    #[arg(long, value_name = "FILE", help_heading = TRUST)]
    pub(crate) cert: Option<PathBuf>,

    /// Do not check the certificates of the hosts in the given addresses; anybody may then pose as them
    ///
    /// Other hosts, to which a redirect leads, are checked all the same.
    #[arg(long, help_heading = TRUST)]
    pub(crate) insecure: bool,

    /// Follow redirects from https to http
    #[arg(long, help_heading = TRUST)]
    pub(crate) allow_downgrade: bool,

    #[command(flatten)]
    pub(crate) request: RequestArguments,

    /// Wait this long for a connection: 5s, 500ms [default: 15s]
    ///
    /// Never longer than --retry-for says.
    #[arg(long, value_name = "DURATION", value_parser = parse_patience, help_heading = NETWORK)]
    pub(crate) connect_timeout: Option<Duration>,

    /// Keep trying this long while no byte arrives: 30s, 5min, 1h
    ///
    /// Waits that a server orders (Retry-After) do not count, nor does a missing network: that is waited for by itself,
    /// for ten minutes.
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "60s",
        value_parser = parse_patience,
        help_heading = NETWORK
    )]
    pub(crate) retry_for: Duration,

    /// Print one JSON object a line on standard output, for programs
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,

    /// Print nothing but errors
    #[arg(short, long, help_heading = OUTPUT, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print what happens, in lines instead of bars
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) verbose: bool,

    /// Print results, but no progress
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) no_progress: bool,
}

/// How to ask, for `get` and `add` alike.
// No Debug: passwords and tokens are among the arguments.
#[derive(Args)]
pub(crate) struct RequestArguments {
    /// Send a header, `Name: value`, to the address's own host only; may be given several times
    #[arg(short = 'H', long, value_name = "K: V", help_heading = IDENTITY)]
    pub(crate) header: Vec<String>,

    /// Pose as NAME; `gannet` tells the truth [default: a current browser, since many servers refuse others]
    #[arg(long, value_name = "NAME", help_heading = IDENTITY)]
    pub(crate) user_agent: Option<String>,

    /// Name the page that the address was found on
    #[arg(long, value_name = "URL", help_heading = IDENTITY)]
    pub(crate) referer: Option<String>,

    /// Log in with name and password; others on this machine can read them in the list of processes
    ///
    /// --netrc keeps them off the command line.
    #[arg(long, value_name = "U:P", conflicts_with = "netrc", help_heading = IDENTITY)]
    pub(crate) user: Option<String>,

    /// Take name and password from the file that $NETRC names, or ~/.netrc
    #[arg(long, help_heading = IDENTITY)]
    pub(crate) netrc: bool,

    /// Send the cookies in FILE (Netscape format, as browsers' add-ons export it)
    #[arg(long, value_name = "FILE", help_heading = IDENTITY)]
    pub(crate) cookies: Option<PathBuf>,

    /// Go through a proxy, http, https or socks5; `direct` uses none [default: from the environment]
    #[arg(long, value_name = "URL", help_heading = NETWORK)]
    pub(crate) proxy: Option<String>,
}

/// What to do where a file of that name exists.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct ExistingArguments {
    /// Replace a file of the same name, at the very end and at once
    #[arg(long, help_heading = TARGET)]
    overwrite: bool,

    /// Leave a file of the same name as it is, and download nothing
    #[arg(long, help_heading = TARGET)]
    skip_existing: bool,

    /// Take the next free name beside a file of the same name, as in `NAME (1)`; what `get` does by itself
    #[arg(long, help_heading = TARGET)]
    rename: bool,
}

/// `--on-change`.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OnChangeChoice {
    /// Start again with the new file
    Restart,
    /// Stop, and keep what is there
    Fail,
}

const TARGET: &str = "Target";
const SPEED: &str = "Speed";
const TRUST: &str = "Trust";
const IDENTITY: &str = "Identity";
const NETWORK: &str = "Network";
const OUTPUT: &str = "Output";

const AFTER_HELP: &str = "\
Exit status:
  0    all files are there
  1    unexpected
  2    the command line asks for something that cannot be
  3    server or network gave out; try again later
  4    refused by the server for good
  5    the disk failed or is full
  6    the bytes are not the right ones
  7    the target exists and may not be replaced
  130  interrupted
Of several failures the first file's decides, in the order given.

Environment:
  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY   proxies, unless --proxy is given
  NETRC                                          the file that --netrc reads
  NO_COLOR                                       no colours
  GANNET_LOG                                     what --verbose logs, such as gannet_engine=trace";

impl ExistingArguments {
    pub(crate) fn choice(&self) -> OnExisting {
        self.given().unwrap_or(OnExisting::Rename)
    }

    /// What was said, if anything was.
    pub(crate) fn given(&self) -> Option<OnExisting> {
        if self.overwrite {
            Some(OnExisting::Overwrite)
        } else if self.skip_existing {
            Some(OnExisting::Skip)
        } else {
            self.rename.then_some(OnExisting::Rename)
        }
    }
}

impl GetArguments {
    pub(crate) fn order(&self) -> Order {
        if self.sequential {
            Order::Sequential
        } else {
            Order::Fastest
        }
    }

    pub(crate) fn resume(&self) -> Resume {
        if self.no_resume {
            Resume::StartOver
        } else {
            Resume::Continue
        }
    }
}

impl From<OnChangeChoice> for OnChange {
    fn from(choice: OnChangeChoice) -> Self {
        match choice {
            OnChangeChoice::Restart => Self::Restart,
            OnChangeChoice::Fail => Self::Fail,
        }
    }
}
