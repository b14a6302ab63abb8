//! `gannet add`: gives downloads to the server, with the options of `gannet get` that a download in a list can have.

mod metalink;
mod not_here;

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use gannet_engine::CookieFile;
use gannet_schema::{
    Command, Credentials, DuplicateChoice, Link, NewDownload, OnChange, OnExisting, Reply, RequestOptions,
    Secret, Start,
};

use crate::exit::Exit;
use crate::get::identity::{Identity, read_cookies, split_header, user_agent};
use crate::get::job::{self, Job, Sink, Wanted, shown};
use crate::get::{ExistingArguments, OnChangeChoice, RequestArguments};
use crate::owner::{Owner, OwnerArguments, unfitting};
use crate::trouble::Trouble;
use crate::units::{Limit, parse_rate};
use not_here::NotHere;

/// Arguments of `gannet add`.
// No Debug: passwords and tokens are among the arguments.
#[derive(Args)]
pub(crate) struct AddArguments {
    /// Addresses to download, http or https, each one file; or Metalink files on this machine, *.meta4 or *.metalink
    #[arg(value_name = "URL", required_unless_present = "input_file")]
    urls: Vec<String>,

    /// Read addresses from FILE, `-` for standard input; the format is that of `gannet get`
    #[arg(short, long, value_name = "FILE", help_heading = TARGET, conflicts_with_all = ["output", "mirror", "checksum"])]
    input_file: Option<PathBuf>,

    /// Save as FILE instead of the name that the server gives
    #[arg(short, long, value_name = "FILE", help_heading = TARGET)]
    output: Option<PathBuf>,

    /// Save in DIR, beneath a folder that the server may use [default: what its settings say]
    ///
    /// With --server a relative DIR begins at that server's first download folder.
    #[arg(short, long, value_name = "DIR", help_heading = TARGET)]
    dir: Option<PathBuf>,

    #[command(flatten)]
    existing: ExistingArguments,

    /// What to do when the file on the server is no longer the one that was begun [default: what the settings say]
    #[arg(long, value_name = "CHOICE", help_heading = TARGET)]
    on_change: Option<OnChangeChoice>,

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

    #[command(flatten)]
    not_here: NotHere,
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
    arguments.not_here.refuse()?;
    let wanted = Adding::read(arguments)?;
    let owner = Owner::find(&arguments.owner)?;
    let downloads = wanted.downloads(&owner)?;
    let mut urls: Vec<String> = downloads.iter().map(|download| shown(&download.url)).collect();
    let reply = owner.execute(&Command::Add {
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
    } else {
        if ids.len() < urls.len() {
            let left_out: HashSet<&str> = duplicates
                .iter()
                .map(|duplicate| duplicate.url.as_str())
                .collect();
            urls.retain(|url| !left_out.contains(url.as_str()));
        }
        // Addresses that differ in their queries alone look alike here: then nobody can say which of them was left out.
        let is_known_which = ids.len() == urls.len();
        for (place, id) in ids.iter().enumerate() {
            match urls.get(place).filter(|_| is_known_which) {
                Some(url) => writeln!(stdout, "{}  {url}", id.0)?,
                None => writeln!(stdout, "{}", id.0)?,
            }
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

/// What the command line asks for, before a server was asked.
struct Adding<'a> {
    arguments: &'a AddArguments,
    identity: Identity,
    cookies: Option<CookieFile>,
    jobs: Vec<Job>,
    /// What Metalink files hold.
    metalinks: Vec<String>,
}

impl<'a> Adding<'a> {
    fn read(arguments: &'a AddArguments) -> Result<Self, Trouble> {
        let (files, urls): (Vec<&String>, Vec<&String>) =
            arguments.urls.iter().partition(|given| metalink::is_file(given));
        let metalinks = files
            .into_iter()
            .map(|path| metalink::read(Path::new(path)))
            .collect::<Result<Vec<_>, _>>()?;
        let urls: Vec<String> = urls.into_iter().cloned().collect();
        let jobs = if urls.is_empty() && arguments.input_file.is_none() {
            Vec::new()
        } else {
            job::jobs(arguments.wanted(&urls))?
        };
        let only_one =
            arguments.output.is_some() || !arguments.checksum.is_empty() || !arguments.mirror.is_empty();
        if !metalinks.is_empty() && only_one {
            return Err(Trouble::usage(
                "--output, --checksum and --mirror are about one file; a Metalink file says these itself",
            ));
        }
        Ok(Self {
            identity: Identity::read(&arguments.request)?,
            cookies: arguments
                .request
                .cookies
                .as_deref()
                .map(read_cookies)
                .transpose()?,
            arguments,
            jobs,
            metalinks,
        })
    }

    /// The downloads, those of Metalink files last.
    fn downloads(&self, owner: &Owner) -> Result<Vec<NewDownload>, Trouble> {
        let mut downloads = Vec::new();
        for job in &self.jobs {
            downloads.push(self.download(job, owner)?);
        }
        for text in &self.metalinks {
            for link in metalink::links(text, owner)? {
                let job = self.job_of(&link)?;
                let download = self.download(&job, owner)?;
                downloads.push(NewDownload {
                    name: Some(link.name),
                    pieces: link.pieces,
                    ..download
                });
            }
        }
        Ok(downloads)
    }

    fn job_of(&self, link: &Link) -> Result<Job, Trouble> {
        let urls = [link.url.clone()];
        let wanted = Wanted {
            input_file: None,
            mirror: &link.mirrors,
            checksum: &link.checksums,
            ..self.arguments.wanted(&urls)
        };
        Ok(job::jobs(wanted)?.remove(0))
    }

    fn download(&self, job: &Job, owner: &Owner) -> Result<NewDownload, Trouble> {
        let arguments = self.arguments;
        let Sink::File { directory, name } = &job.sink else {
            return Err(Trouble::usage(
                "standard output is not for a server to write to; gannet get streams",
            ));
        };
        let mirrors = job.mirrors.iter();
        Ok(NewDownload {
            name: name.clone(),
            folder: directory
                .as_deref()
                .map(|folder| owner.folder(folder))
                .transpose()?,
            category: None,
            queue: None,
            start: if arguments.paused {
                Start::Paused
            } else {
                Start::InTurn
            },
            connections: arguments.connections,
            limit_bytes_per_s: arguments.limit.and_then(|limit| limit.bytes_per_s),
            options: options(arguments, &self.identity, self.cookies.as_ref(), job)?,
            ticket: None,
            pieces: None,
            replace: false,
            on_existing: arguments.existing.given().map(on_existing),
            on_change: arguments.on_change.map(on_change),
            url: job.url.clone(),
            mirrors: mirrors.map(|mirror| self.identity.at_mirror(mirror)).collect(),
            checksums: job.checksums.clone(),
        })
    }
}

fn on_existing(choice: gannet_engine::OnExisting) -> OnExisting {
    match choice {
        gannet_engine::OnExisting::Rename => OnExisting::Rename,
        gannet_engine::OnExisting::Overwrite => OnExisting::Overwrite,
        gannet_engine::OnExisting::Skip | gannet_engine::OnExisting::Fail => OnExisting::Fail,
    }
}

/// A download in a list that stops offers to go on.
fn on_change(choice: OnChangeChoice) -> OnChange {
    match choice {
        OnChangeChoice::Restart => OnChange::Restart,
        OnChangeChoice::Fail => OnChange::Ask,
    }
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

impl AddArguments {
    fn wanted<'a>(&'a self, urls: &'a [String]) -> Wanted<'a> {
        Wanted {
            urls,
            input_file: self.input_file.as_deref(),
            output: self.output.as_deref(),
            dir: self.dir.as_deref(),
            mirror: &self.mirror,
            checksum: &self.checksum,
            request: &self.request,
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
