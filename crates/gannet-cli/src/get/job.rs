//! What is to be downloaded: one job for each file, out of the arguments and the list.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gannet_engine::Error;
use url::Url;

use super::arguments::{GetArguments, RequestArguments};
use super::list::{self, Entry};

/// One file to download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    /// The line of its address, where it comes from a list.
    pub(crate) line: Option<usize>,
    /// Its address.
    pub(crate) url: String,
    /// Other addresses of it.
    pub(crate) mirrors: Vec<String>,
    /// Where it goes.
    pub(crate) sink: Sink,
    /// Digests that it must have, as `ALGORITHM:HEX`.
    pub(crate) checksums: Vec<String>,
    /// Headers for its origin, as `Name: value`.
    pub(crate) headers: Vec<String>,
    /// The page that its address was found on.
    pub(crate) referer: Option<String>,
}

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sink {
    /// Into a folder.
    File {
        /// The folder; none is the usual one.
        directory: Option<PathBuf>,
        /// The name, where the user chose one.
        name: Option<String>,
    },
    /// To standard output.
    StandardOutput {
        /// Where the temporary copy lies, where the user chose it.
        directory: Option<PathBuf>,
    },
}

/// The longest list that is read: about a million addresses.
const LIST_BYTES_MAX: u64 = 128 << 20;

/// What the command line says of files, whichever command it is.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Addresses, each one file.
    pub(crate) urls: &'a [String],
    /// A list of more.
    pub(crate) input_file: Option<&'a Path>,
    /// The file's name.
    pub(crate) output: Option<&'a Path>,
    /// The folder.
    pub(crate) dir: Option<&'a Path>,
    /// Other addresses of the one file.
    pub(crate) mirror: &'a [String],
    /// Its digests.
    pub(crate) checksum: &'a [String],
    /// How to ask.
    pub(crate) request: &'a RequestArguments,
}

impl<'a> From<&'a GetArguments> for Wanted<'a> {
    fn from(arguments: &'a GetArguments) -> Self {
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

/// The jobs, in the order given: those of the command line first, then the list's.
pub(crate) fn jobs<'a>(wanted: impl Into<Wanted<'a>>) -> Result<Vec<Job>, Error> {
    let wanted = wanted.into();
    let entries = match wanted.input_file {
        Some(path) => {
            let name = if path == Path::new("-") {
                "standard input".into()
            } else {
                path.to_string_lossy()
            };
            let text = read_list(path)
                .map_err(|reason| invalid(format!("cannot read the list {name}: {reason}")))?;
            list::parse(&text).map_err(|reason| invalid(format!("{name}, {reason}")))?
        }
        None => Vec::new(),
    };
    let jobs = plan(wanted, entries)?;
    if jobs.len() > 1
        && jobs
            .iter()
            .any(|job| matches!(job.sink, Sink::StandardOutput { .. }))
    {
        return Err(invalid(
            "standard output takes one file, and several are given".to_owned(),
        ));
    }
    if jobs.is_empty() {
        return Err(invalid("the list holds no address".to_owned()));
    }
    Ok(jobs)
}

fn read_list(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    source.take(LIST_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LIST_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is longer than 128 MiB",
        ));
    }
    Ok(text)
}

fn plan(wanted: Wanted<'_>, entries: Vec<Entry>) -> Result<Vec<Job>, Error> {
    let only_one = [
        ("--output", wanted.output.is_some()),
        ("--checksum", !wanted.checksum.is_empty()),
        ("--mirror", !wanted.mirror.is_empty()),
    ];
    if wanted.urls.len() + entries.len() > 1
        && let Some((option, _)) = only_one.iter().find(|(_, given)| *given)
    {
        return Err(invalid(format!(
            "{option} is about one file, and several are given; a list (-i) sets out=, checksum= and mirrors for each"
        )));
    }
    let given = wanted.urls.iter().map(|url| Entry {
        url: url.clone(),
        mirrors: wanted.mirror.to_vec(),
        checksums: wanted.checksum.to_vec(),
        ..Entry::default()
    });
    given.chain(entries).map(|entry| job(wanted, entry)).collect()
}

fn job(wanted: Wanted<'_>, entry: Entry) -> Result<Job, Error> {
    let output = entry
        .output
        .map(PathBuf::from)
        .or_else(|| wanted.output.map(Path::to_owned));
    let directory = entry
        .directory
        .map(PathBuf::from)
        .or_else(|| wanted.dir.map(Path::to_owned));
    let mut headers = wanted.request.header.clone();
    headers.extend(entry.headers);
    Ok(Job {
        line: entry.line,
        url: entry.url,
        mirrors: entry.mirrors,
        sink: sink(directory, output.as_deref())?,
        checksums: entry.checksums,
        headers,
        referer: entry.referer.or_else(|| wanted.request.referer.clone()),
    })
}

/// `output` may hold folders; they are taken from `directory` on.
fn sink(directory: Option<PathBuf>, output: Option<&Path>) -> Result<Sink, Error> {
    let Some(output) = output else {
        return Ok(Sink::File {
            directory,
            name: None,
        });
    };
    if output == Path::new("-") {
        return Ok(Sink::StandardOutput { directory });
    }
    let shown = output.display();
    if output
        .as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator)
    {
        return Err(invalid(format!(
            "{shown} is a folder; -o names a file, and -d a folder"
        )));
    }
    let name = output
        .file_name()
        .ok_or_else(|| invalid(format!("{shown:?} names no file")))?
        .to_str()
        .ok_or_else(|| invalid(format!("the name {shown} is not UTF-8")))?;
    let within = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = match (directory, within) {
        (Some(directory), Some(within)) => Some(directory.join(within)),
        (None, Some(within)) => Some(within.to_owned()),
        (directory, None) => directory,
    };
    Ok(Sink::File {
        directory,
        name: Some(name.to_owned()),
    })
}

/// A request that cannot be carried out.
pub(crate) fn invalid(what: String) -> Error {
    Error::InvalidRequest { what }
}

/// An address as it may be shown: without userinfo, query and fragment, where secrets travel.
pub(crate) fn shown(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url.trim()) else {
        // Whatever it is, a secret in it stays out of sight.
        return "(not an address)".to_owned();
    };
    // Both fail for addresses that bear neither.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.set_query(None);
    parsed.set_fragment(None);
    parsed.into()
}

/// The host of an address.
pub(crate) fn host(url: &str) -> Option<String> {
    Url::parse(url.trim()).ok()?.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Cli, Command};

    fn arguments(words: &[&str]) -> GetArguments {
        let line = ["gannet", "get"].iter().chain(words);
        let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"));
        match cli.command {
            Command::Get(arguments) => *arguments,
            _ => unreachable!("get was given"),
        }
    }

    fn sink_of(words: &[&str]) -> Sink {
        jobs(&arguments(words)).expect("jobs").remove(0).sink
    }

    fn file(directory: &str, name: Option<&str>) -> Sink {
        Sink::File {
            directory: Some(directory)
                .filter(|folder| !folder.is_empty())
                .map(PathBuf::from),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn folder_and_name_are_found_in_the_arguments() {
        assert_eq!(sink_of(&["http://h/a"]), file("", None));
        assert_eq!(sink_of(&["http://h/a", "-d", "d"]), file("d", None));
        assert_eq!(sink_of(&["http://h/a", "-o", "x"]), file("", Some("x")));
        assert_eq!(
            sink_of(&["http://h/a", "-d", "d", "-o", "x"]),
            file("d", Some("x"))
        );
        assert_eq!(
            sink_of(&["http://h/a", "-d", "d", "-o", "e/x"]),
            file("d/e", Some("x"))
        );
        assert_eq!(sink_of(&["http://h/a", "-o", "/t/x"]), file("/t", Some("x")));
        assert_eq!(
            sink_of(&["http://h/a", "-d", "d", "-o", "/t/x"]),
            file("/t", Some("x"))
        );
        assert_eq!(
            sink_of(&["http://h/a", "-o", "-"]),
            Sink::StandardOutput { directory: None }
        );
    }

    #[test]
    fn an_output_that_is_no_file_is_refused() {
        for output in ["d/", "..", "/"] {
            assert!(
                jobs(&arguments(&["http://h/a", "-o", output])).is_err(),
                "{output}"
            );
        }
    }

    #[test]
    fn options_about_one_file_are_refused_for_several() {
        for option in [["-o", "x"], ["--checksum", "md5:00"], ["--mirror", "http://m/a"]] {
            let mut words = vec!["http://h/a", "http://h/b"];
            words.extend(option);
            let error = jobs(&arguments(&words)).expect_err("refused");
            assert!(error.to_string().contains("about one file"), "{error}");
        }
    }

    #[test]
    fn a_list_adds_to_the_command_line() {
        let get = arguments(&["http://h/a", "-d", "d", "--header", "X-A: 1"]);
        let entries = list::parse("http://h/b\thttp://m/b\n  out=b\n  header=X-B: 2\nhttp://h/c\n  dir=e\n");
        let jobs = plan((&get).into(), entries.expect("a list")).expect("jobs");
        assert_eq!(jobs.len(), 3);
        assert_eq!(jobs[0].sink, file("d", None));
        assert_eq!(jobs[1].sink, file("d", Some("b")));
        assert_eq!(jobs[1].mirrors, ["http://m/b"]);
        assert_eq!(jobs[1].headers, ["X-A: 1", "X-B: 2"]);
        assert_eq!(jobs[2].sink, file("e", None));
    }

    #[test]
    fn shown_addresses_bear_no_secrets() {
        assert_eq!(shown("https://u:p@h/a?token=s#f"), "https://h/a");
        assert_eq!(shown("no address, secret"), "(not an address)");
    }
}
