//! `gannet add`: gives downloads to the server, with the options of `gannet get`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use gannet_engine::CookieFile;
use gannet_schema::{
    Command, Credentials, DuplicateChoice, NewDownload, Reply, RequestOptions, Secret, Start,
};

use crate::exit::Exit;
use crate::get::RequestArguments;
use crate::get::identity::{Identity, read_cookies, split_header, user_agent};
use crate::get::job::{self, Job, Sink, Wanted, shown};
use crate::owner::{Owner, OwnerArguments, unfitting};
use crate::trouble::Trouble;
use crate::units::{Limit, parse_rate};

/// Arguments of `gannet add`.
// No Debug: passwords and tokens are among the arguments.
#[derive(Args)]
pub(crate) struct AddArguments {
    /// Addresses to download, http or https; each is one file
    #[arg(value_name = "URL", required_unless_present = "input_file")]
    urls: Vec<String>,

    /// Read addresses from FILE, `-` for standard input; the format is that of `gannet get`
    #[arg(short, long, value_name = "FILE", help_heading = TARGET, conflicts_with = "output")]
    input_file: Option<PathBuf>,

    /// Save as FILE instead of the name that the server gives
    #[arg(short, long, value_name = "FILE", help_heading = TARGET)]
    output: Option<PathBuf>,

    /// Save in DIR, beneath a folder that the server may use [default: what its settings say]
    #[arg(short, long, value_name = "DIR", help_heading = TARGET)]
    dir: Option<PathBuf>,

    /// What to do with an address that the list holds already
    #[arg(long, value_name = "CHOICE", default_value = "refuse", help_heading = TARGET)]
    if_listed: IfListed,

    /// Begin only when somebody resumes it
    #[arg(long, help_heading = TARGET)]
    paused: bool,

    /// Connections for each file, 1 to 64 [default: what the server's settings say]
    #[arg(
        short = 'x',
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(gannet_engine::CONNECTIONS_MAX)),
        help_heading = SPEED
    )]
    connections: Option<u32>,

    /// At most RATE bytes per second for each file: 500k, 5M, 1.5Gi
    #[arg(long, value_name = "RATE", value_parser = parse_rate, help_heading = SPEED)]
    limit: Option<Limit>,

    /// Another address of the same file; may be given several times
    #[arg(long, value_name = "URL", help_heading = SPEED)]
    mirror: Vec<String>,

    /// The digest that the file must have: sha256, sha512, sha1, md5, blake3 or crc32c, a colon, and hex digits
    #[arg(long, value_name = "ALGO:HEX", help_heading = "Trust")]
    checksum: Vec<String>,

    #[command(flatten)]
    request: RequestArguments,

    /// Print the server's reply as one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,

    #[command(flatten)]
    owner: OwnerArguments,
}

const TARGET: &str = "Target";
const SPEED: &str = "Speed";

/// `--if-listed`.
#[derive(Clone, Copy, ValueEnum)]
enum IfListed {
    /// Add nothing of it, and end with status 7
    Refuse,
    /// Add it once more, under another name
    Add,
    /// Leave it out
    Skip,
}

/// Runs the command.
pub(crate) fn run(arguments: &AddArguments) -> Result<Exit, Trouble> {
    let downloads = downloads(arguments)?;
    let urls: Vec<String> = downloads.iter().map(|download| shown(&download.url)).collect();
    let reply = Owner::find(&arguments.owner)?.execute(&Command::Add {
        downloads,
        duplicates: arguments.if_listed.into(),
    })?;
    let Reply::Added { ids, duplicates } = &reply else {
        return Err(unfitting());
    };
    let mut stdout = io::stdout().lock();
    if arguments.json {
        serde_json::to_writer(&mut stdout, &reply).map_err(io::Error::from)?;
        writeln!(stdout)?;
    } else if ids.len() == urls.len() {
        for (id, url) in ids.iter().zip(&urls) {
            writeln!(stdout, "{}  {url}", id.0)?;
        }
    } else {
        for id in ids {
            writeln!(stdout, "{}", id.0)?;
        }
    }
    for duplicate in duplicates {
        let standing = if duplicate.finished {
            "finished"
        } else {
            "not finished"
        };
        // Nobody is left to tell where standard error is closed too.
        let _ = writeln!(
            io::stderr(),
            "in the list already: {}  {} ({standing})",
            duplicate.id.0,
            crate::format::plain(&duplicate.url)
        );
    }
    if duplicates.is_empty() || !matches!(arguments.if_listed, IfListed::Refuse) {
        return Ok(Exit::Done);
    }
    let _ = writeln!(io::stderr(), "  --if-listed add adds it once more");
    Ok(Exit::TargetExists)
}

fn downloads(arguments: &AddArguments) -> Result<Vec<NewDownload>, Trouble> {
    let identity = Identity::read(&arguments.request)?;
    let cookies = arguments
        .request
        .cookies
        .as_deref()
        .map(read_cookies)
        .transpose()?;
    job::jobs(arguments)?
        .into_iter()
        .map(|job| download(arguments, &identity, cookies.as_ref(), job))
        .collect()
}

fn download(
    arguments: &AddArguments,
    identity: &Identity,
    cookies: Option<&CookieFile>,
    job: Job,
) -> Result<NewDownload, Trouble> {
    let Sink::File { directory, name } = &job.sink else {
        return Err(Trouble::usage(
            "standard output is not for a server to write to; gannet get streams",
        ));
    };
    let folder = directory
        .as_ref()
        .map(|folder| std::path::absolute(folder).map(|folder| folder.to_string_lossy().into_owned()))
        .transpose()?;
    Ok(NewDownload {
        name: name.clone(),
        folder,
        category: None,
        queue: None,
        start: if arguments.paused {
            Start::Paused
        } else {
            Start::InTurn
        },
        connections: arguments.connections,
        limit_bytes_per_s: arguments.limit.and_then(|limit| limit.bytes_per_s),
        options: options(arguments, identity, cookies, &job)?,
        ticket: None,
        pieces: None,
        replace: false,
        on_existing: None,
        on_change: None,
        url: job.url,
        mirrors: job
            .mirrors
            .iter()
            .map(|mirror| identity.at_mirror(mirror))
            .collect(),
        checksums: job.checksums,
    })
}

fn options(
    arguments: &AddArguments,
    identity: &Identity,
    cookies: Option<&CookieFile>,
    job: &Job,
) -> Result<RequestOptions, Trouble> {
    let headers = job
        .headers
        .iter()
        .enumerate()
        .map(|(index, header)| {
            let (name, value) = split_header(header, index + 1)?;
            Ok((name.to_owned(), Secret::new(value)))
        })
        .collect::<Result<_, gannet_engine::Error>>()?;
    let cookies = cookies.and_then(|file| {
        let header = file.header_for(&job.url.parse().ok()?, SystemTime::now())?;
        Some(Secret::new(header.to_str().ok()?))
    });
    Ok(RequestOptions {
        headers,
        cookies,
        referer: job.referer.clone(),
        credentials: identity.for_url(&job.url).map(credentials),
        proxy: arguments.request.proxy.as_deref().map(Secret::new),
        user_agent: arguments
            .request
            .user_agent
            .as_deref()
            .map(|name| user_agent(name).to_owned()),
    })
}

fn credentials(credentials: gannet_engine::Credentials) -> Credentials {
    match credentials {
        gannet_engine::Credentials::Basic { user, password } => Credentials::Basic {
            user,
            password: Secret::new(password.expose()),
        },
        gannet_engine::Credentials::Bearer(token) => Credentials::Bearer {
            token: Secret::new(token.expose()),
        },
    }
}

impl<'a> From<&'a AddArguments> for Wanted<'a> {
    fn from(arguments: &'a AddArguments) -> Self {
        Self {
            urls: &arguments.urls,
            input_file: arguments.input_file.as_deref(),
            output: arguments.output.as_deref(),
            dir: arguments.dir.as_deref(),
            mirror: &arguments.mirror,
            checksum: &arguments.checksum,
            request: &arguments.request,
        }
    }
}

impl From<IfListed> for DuplicateChoice {
    fn from(choice: IfListed) -> Self {
        match choice {
            IfListed::Refuse => Self::Ask,
            IfListed::Add => Self::Add,
            IfListed::Skip => Self::Skip,
        }
    }
}
